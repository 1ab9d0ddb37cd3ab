"""One neuron to try a model on: a document of its own, so that the inspector's forms serve it."""

from __future__ import annotations

from typing import Any

from engine.document import Document, Node
from engine.document.lookup import is_shipped, model_of, parameters_of
from engine.errors import DocumentError, Problem, WorkbenchError
from engine.models.declaration import NO_BOUNDS, NeuronModel, to_json
from workbench.commands import apply
from workbench.editor.forms.defaults import representative
from workbench.editor.forms.edits import commands_for
from workbench.editor.forms.node import (
    initial_rows,
    own_parameter_rows,
    port_parameter_rows,
    preset_rows,
)
from workbench.editor.forms.rows import Row, section, without_empty
from workbench.locale import text
from workbench.modelpage.drive import Case, Drive, with_protocol

ID = "neuron"
VARIED = ("parameters", "initial", "preset", "solver", "ports")  # what an edit may begin with


def specimen_of(model: NeuronModel, before: Document | None = None) -> Document:
    """A neuron of ``model``, with what was varied of it ``before`` as far as it still fits."""
    own = () if is_shipped(model.name) else (to_json(model),)
    fresh = Document(models=own, nodes=(Node(id=ID, kind="population", model=model.name, size=1),))
    if before is None:
        return fresh
    node = before.nodes[0]
    edits: list[tuple[str, Any]] = [(f"ports/{port}", kind) for port, kind in node.ports.items()]
    edits += [(f"parameters/{name}", value) for name, value in node.parameters.items()]
    edits += [(f"initial/{state}", value) for state, value in node.initial.items()]
    edits += [("solver", node.solver)] if node.solver else []
    for path, value in edits:
        fresh = _tried(fresh, path, value)
    return fresh


def _tried(document: Document, path: str, value: Any) -> Document:
    try:
        return varied(document, path, value)
    except WorkbenchError:
        return document


def taken_from(model: NeuronModel, node: Node) -> Document:
    """A neuron like the members of ``node``: distributions and lists by one number."""
    fresh = specimen_of(model)
    for port, synapse in node.ports.items():
        fresh = _tried(fresh, f"ports/{port}", synapse)
    known = parameters_of(fresh, fresh.nodes[0])
    for name, value in node.parameters.items():
        if name in known:
            number = representative(value, known[name].unit)
            fresh = _tried(fresh, f"parameters/{name}", number)
    return _tried(fresh, "solver", node.solver)


def varied(document: Document, path: str, value: Any) -> Document:
    """The specimen after an edit.  Raises DocumentError with what stands under the field."""
    head, *rest = path.split("/")
    if head not in VARIED or len(rest) > 1:
        message = "this cannot be varied here"
        raise DocumentError(Problem(path, "refused", message, "use the fields of the page"))
    for command in commands_for(document, (ID,), path, value):
        document = apply(document, command)
    return document


def neuron(document: Document) -> tuple[Node, NeuronModel]:
    """The one node of a specimen, and its model."""
    node = document.nodes[0]
    model = model_of(document, node)
    assert isinstance(model, NeuronModel)
    return node, model


def numbers(document: Document) -> dict[str, float]:
    """The parameters that are varied, as numbers in their units."""
    node, model = neuron(document)
    return {
        name: number
        for name, value in node.parameters.items()
        if name in model.parameters
        and (number := representative(value, model.parameters[name].unit)) is not None
    }


def case_of(document: Document, drive: Drive) -> Case:
    """What is to be computed: the specimen under a drive."""
    node, model = neuron(document)
    initial = {state: value for state, value in node.initial.items() if state in model.initial}
    return Case(model, numbers(document), initial, drive, document)


def with_preset(document: Document, drive: Drive, name: str) -> tuple[Document, Drive]:
    """Specimen and drive at a preset: its parameters, and its experiment where it has one."""
    _, model = neuron(document)
    document = specimen_of(model)
    if name in model.presets:
        document = varied(document, "preset", name)
    drive = with_protocol(drive, model.protocols.get(name))
    return varied(document, "solver", drive.solver), drive


def _preset_rows(document: Document, drive: Drive) -> list[Row]:
    """Presets as chips, with the experiments that need no other parameters."""
    node, model = neuron(document)
    rows = preset_rows(node, model)
    items = [item for row in rows for item in row["items"]]
    for item in items:
        protocol = model.protocols.get(item["value"])
        if protocol is not None and protocol != drive.protocol:
            item["active"] = False
    items += [
        {"value": name, "label": name, "active": drive.protocol == protocol}
        for name, protocol in model.protocols.items()
        if name not in model.presets
    ]
    name = text("inspector.presets")
    return [{"kind": "chips", "path": "preset", "name": name, "items": items}] if items else []


def parameter_sections(document: Document, drive: Drive) -> list[Row]:
    """Presets, parameters and initial values as the inspector's rows, for one neuron."""
    node, model = neuron(document)
    rows = [_single(row) for row in own_parameter_rows(document, node, model)]
    return without_empty(
        [
            section(text("inspector.presets"), _preset_rows(document, drive)),
            section(text("inspector.parameters"), [_ranged(row, model) for row in rows]),
            section(text("model.synapse", port=drive.port), _synapse_rows(document, drive)),
            section(
                text("inspector.initial"),
                [_single(row) for row in initial_rows(document, node, model) if _own(row, model)],
            ),
        ]
    )


def _synapse_rows(document: Document, drive: Drive) -> list[Row]:
    """The parameters of the synapse that spikes arrive at."""
    if not drive.by_spikes:
        return []
    node, model = neuron(document)
    return [_single(row) for row in port_parameter_rows(document, node, model, drive.port)]


def _own(row: Row, model: NeuronModel) -> bool:
    return row["path"].partition("/")[2] in model.initial


def _single(row: Row) -> Row:
    """A row for one neuron that nobody runs: no distribution, no hint about a running network."""
    return {key: value for key, value in row.items() if key != "spread"} | {"live": None}


def _ranged(row: Row, model: NeuronModel) -> Row:
    """A parameter without bounds is sought on its side of zero."""
    parameter = model.parameters[row["path"].partition("/")[2]]
    slider = row.get("slider")
    if parameter.bounds == NO_BOUNDS and slider and parameter.unit != "mV" and slider["high"] > 0:
        value = row.get("value") or 0.0
        if value > 0 and slider["low"] < 0:
            return row | {"slider": slider | {"low": 0.0}}
    return row
