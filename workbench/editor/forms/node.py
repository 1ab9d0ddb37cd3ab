"""The form of a population or a source: every parameter at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.document import Document, Node
from engine.document.lookup import (
    model_of,
    own_models,
    parameters_of,
    ports_of,
    recordable,
    state_units,
)
from engine.equations.latex import name_mathml
from engine.models import registry
from engine.models.declaration import NeuronModel, Parameter, SourceModel
from workbench.editor.forms.code import code_rows, encodes
from workbench.editor.forms.defaults import default_values
from workbench.editor.forms.equation import equation_rows, solver_row
from workbench.editor.forms.geometry import geometry_rows, is_measured, may_be_cell
from workbench.editor.forms.rows import (
    Form,
    Row,
    choice,
    help_of,
    members_text,
    number_of,
    quantity_rows,
    section,
    shown_unit,
    without_empty,
)
from workbench.editor.graph import count, figure
from workbench.locale import counted, text
from workbench.theme import POPULATIONS, SOURCE_COLOUR

OPEN_MODEL = "open_model"  # the path of what leads to the model page
MAX_SLIDER_SIZE = 10_000  # members; more can be typed
Model = NeuronModel | SourceModel
Of = Callable[[str], str]


def node_form(
    document: Document, node: Node, colour_of: Of, sign_of: Of, folder: Path | None = None
) -> Form:
    """Everything about ``node``; ``folder`` is where the files lie that the document names."""
    model = model_of(document, node)
    sections = [section(_first_title(node), _population_rows(document, node, model))]
    if model is not None:
        sections += _model_sections(document, node, model, folder)
    rows = geometry_rows(document, node, colour_of(node.id), folder)
    places = section(text("inspector.geometry"), rows)
    # Where there is something to see it comes first; what could be, after what is.
    seen = node.geometry is not None or may_be_cell(document, node)
    sections.insert(1 if seen else len(sections), places)
    sections.append(section(text("inspector.record"), record_rows(document, node)))
    if isinstance(model, NeuronModel):
        rows = [*equation_rows(document, node), _solver_row(document, node)]
        sections.append(section(text("inspector.equation"), rows))
    return {
        "key": f"nodes:{node.id}",
        "title": _title(node, colour_of(node.id), sign_of(node.id)),
        "chips": _chips(document, node, model),
        "actions": actions(),
        "sections": without_empty(sections),
    }


def _solver_row(document: Document, node: Node) -> Row:
    if not node.is_cell:
        return solver_row(document, node)
    return {"kind": "sentence", "text": text("geometry.solver")}


def _first_title(node: Node) -> str:
    return text("inspector.source" if node.kind == "source" else "inspector.population")


def _title(node: Node, colour: str, sign: str) -> Row:
    swatch = {
        "colour": colour,
        "round": node.kind == "population" and sign == "inhibitory",
        "path": "colour",
        "choices": [*POPULATIONS, SOURCE_COLOUR],
    }
    return {"text": node.title, "path": "label", "placeholder": node.id, "swatch": swatch}


def actions() -> list[Row]:
    """What can be done with the selection besides editing it."""
    return [
        {"path": "duplicate", "label": text("inspector.duplicate"), "end": "Ctrl D"},
        {"path": "remove", "label": text("inspector.delete"), "end": text("keys.delete")},
    ]


def _chips(document: Document, node: Node, model: Model | None) -> list[Row]:
    chips: list[Row] = [
        {"text": model.title if model is not None else node.model, "title": node.model}
    ]
    if isinstance(model, NeuronModel):
        chips[0] |= {"path": OPEN_MODEL, "title": text("inspector.open_model")}
    known, defaults = parameters_of(document, node), default_values(document, node)
    names = [
        name
        for name in node.parameters
        if name not in known or _differs(node, name, known[name].unit, defaults.get(name))
    ]
    if names:
        words = counted("inspector.changed", len(names), count(len(names)))
        chips.append({"text": words, "title": ", ".join(names)})
    return chips


def _population_rows(document: Document, node: Node, model: Model | None) -> list[Row]:
    rows = quantity_rows(
        "size",
        text("inspector.size"),
        node.size,
        "1",
        live=False,
        integer=True,
        spread=False,
        help=help_of(text("help.size")),
    )
    high = max(MAX_SLIDER_SIZE, node.size)
    rows[0]["slider"] = {"low": 1, "high": high, "log": True, "step": 1}
    rows[0]["locked"] = encodes(node)  # what it encodes decides
    if node.geometry is not None:
        rows[0]["name"] = text("geometry.size") if node.is_cell else rows[0]["name"]
        rows[0]["locked"] = is_measured(node) or encodes(node)  # its file decides
    same_kind = registry.source_models() if node.kind == "source" else _neurons(document)
    options = [{"value": name, "label": found.title} for name, found in same_kind.items()]
    help_text = help_of(text("help.model"), source=getattr(model, "source", ""))
    more = {"live": False, "help": help_text}
    return [*rows, choice("model", text("inspector.model"), node.model, options, **more)]


def _neurons(document: Document) -> dict[str, NeuronModel]:
    return {**registry.neuron_models(), **own_models(document)}


def _model_sections(document: Document, node: Node, model: Model, folder: Path | None) -> list[Row]:
    parameters = parameters_of(document, node)
    defaults = default_values(document, node)
    rows = {
        name: _parameter_rows(node, name, parameter, defaults.get(name), model)
        for name, parameter in parameters.items()
    }
    own = [row for name in model.parameters if name in rows for row in rows[name]]
    if isinstance(model, SourceModel):
        code = code_rows(document, node, folder) if encodes(node) else []
        shown = [section(text("inspector.code"), code)] if code else []
        return [*shown, section(text("inspector.parameters"), own)]
    return [
        section(text("inspector.membrane"), [*preset_rows(node, model), *own]),
        section(text("inspector.ports"), _port_rows(document, node, model, rows)),
        section(text("inspector.initial"), initial_rows(document, node, model)),
    ]


def own_parameter_rows(document: Document, node: Node, model: Model) -> list[Row]:
    """A row for every parameter of the model itself, those of its synapses left out."""
    known, defaults = parameters_of(document, node), default_values(document, node)
    return [
        row
        for name in model.parameters
        if name in known
        for row in _parameter_rows(node, name, known[name], defaults.get(name), model)
    ]


def _parameter_rows(
    node: Node, name: str, parameter: Parameter, default: Any, model: Model
) -> list[Row]:
    path, changed = f"parameters/{name}", _differs(node, name, parameter.unit, default)
    value = node.parameters.get(name, default)
    if parameter.kind in ("text", "numbers", "choice"):
        return [_words_row(path, name, value, parameter, changed, model)]
    if name in getattr(model, "options", ()) and (rows := _option_rows(node, name, parameter)):
        return rows
    unit = parameter.unit
    words = "" if default is None else f"{figure(default)} {shown_unit(unit)}".strip()
    if isinstance(parameter.default, str) and words:
        words = f"{words} = {parameter.default}"
    return quantity_rows(
        path,
        name,
        value,
        unit,
        default=default,
        bounds=parameter.bounds,
        changed=changed,
        integer=parameter.kind == "integer",
        spread=node.kind == "population",
        help=help_of(parameter.doc, words, model.source, parameter.bounds),
        symbol=name_mathml(name) if node.kind == "population" else "",
    )


def _option_rows(node: Node, name: str, parameter: Parameter) -> list[Row]:
    """What chooses among equations: words to choose from, or a switch; none if members differ."""
    default = parameter.default
    value = number_of(node.parameters.get(name, default), parameter.unit)
    if value is None or not value.is_integer():
        return []
    path, label = f"parameters/{name}", name.replace("_", " ")
    changed = value != default
    common = {"changed": changed, "live": False, "help": help_of(f"{name}: {parameter.doc}")}
    if parameter.choices:
        listed = [{"value": str(k), "label": words} for k, words in enumerate(parameter.choices)]
        return [choice(path, label, str(int(value)), listed, **common)]
    if parameter.bounds == (0, 1):
        return [{"kind": "switch", "path": path, "name": label, "value": value == 1, **common}]
    return []


def _differs(node: Node, name: str, unit: str, default: Any) -> bool:
    """Whether a parameter is set, and to something else than its default."""
    if name not in node.parameters:
        return False
    value = node.parameters[name]
    number = number_of(value, unit)
    if number is None or not isinstance(default, int | float):
        return value != default
    return not math.isclose(number, default, rel_tol=1e-12)


def _words_row(
    path: str, name: str, value: Any, parameter: Parameter, changed: bool, model: Model
) -> Row:
    """A parameter that is not one number: a file name, a list of times, one of some choices.

    A source that reads its spikes when it is built takes none of these while it runs.
    """
    note = help_of(parameter.doc, words_of(parameter.default), model.source)
    common = {"changed": changed, "live": False, "help": note}
    if parameter.kind == "choice":
        return choice(path, name, value, parameter.choices, **common)
    return {"kind": "text", "path": path, "name": name, "value": words_of(value), **common}


def words_of(value: Any) -> str:
    """A text, or numbers as the user writes them: "10, 20.5"."""
    if isinstance(value, list | tuple):
        return ", ".join(f"{number:.10g}" for number in value)
    return "" if value is None else str(value)


def preset_rows(node: Node, model: NeuronModel) -> list[Row]:
    """The model's presets as chips, the one that the node is at pressed; none without presets."""
    if not model.presets:
        return []
    items = [
        {"value": name, "label": name, "active": _is_preset(node, model, name)}
        for name in model.presets
    ]
    name = text("inspector.presets")
    return [{"kind": "chips", "path": "preset", "name": name, "items": items}]


def _is_preset(node: Node, model: NeuronModel, name: str) -> bool:
    wanted = model.presets[name]
    units = {key: parameter.unit for key, parameter in model.parameters.items()}
    return bool(wanted) and all(
        key in units
        and number_of(node.parameters.get(key), units[key]) == number_of(value, units[key])
        for key, value in wanted.items()
    )


def _port_rows(
    document: Document, node: Node, model: NeuronModel, rows: dict[str, list[Row]]
) -> list[Row]:
    synapses = [
        {"value": name, "label": found.title} for name, found in registry.synapse_models().items()
    ]
    listed: list[Row] = []
    for name, port in ports_of(document, node).items():
        if port.synapse is None:
            continue
        note = help_of(text("help.port", port=name), model.ports.get(name, ""))
        more = {"changed": name in node.ports, "live": False, "help": note}
        listed.append(choice(f"ports/{name}", name, port.synapse, synapses, **more))
        for parameter, made in rows.items():
            if parameter in model.parameters or not parameter.endswith(f"_{name}"):
                continue
            short = parameter.removesuffix(f"_{name}")
            made[0] |= {"name": f"{name} · {short}", "symbol": name_mathml(short)}
            made[0]["before"] = f"{name} · "
            listed += made
    return listed


def port_parameter_rows(document: Document, node: Node, model: NeuronModel, port: str) -> list[Row]:
    """A row for every parameter of the synapse on ``port``."""
    known, defaults = parameters_of(document, node), default_values(document, node)
    rows: list[Row] = []
    for name, parameter in known.items():
        if name not in model.parameters and name.endswith(f"_{port}"):
            made = _parameter_rows(node, name, parameter, defaults.get(name), model)
            made[0]["symbol"] = name_mathml(name.removesuffix(f"_{port}"))
            rows += made
    return rows


def initial_rows(document: Document, node: Node, model: NeuronModel) -> list[Row]:
    """A row for the value of every state at time 0."""
    rows: list[Row] = []
    for state, unit in state_units(document, node).items():
        default = str(model.initial.get(state, "0"))
        rows += quantity_rows(
            f"initial/{state}",
            state,
            node.initial.get(state),
            unit,
            changed=state in node.initial,
            live=False,
            placeholder=default,
            help=help_of(text("help.initial", state=state), default),
            symbol=name_mathml(state),
        )
    return rows


def record_rows(document: Document, node: Node) -> list[Row]:
    """What can be recorded as chips, and what is recorded of single members as rows."""
    variables = recordable(document, node)
    recorders = [each for each in document.recorders if each.node == node.id]
    kept = {each.variable for each in recorders}
    states = state_units(document, node)
    items = [
        {"value": name, "label": name, "active": name in kept}
        | ({"symbol": name_mathml(name)} if name in states else {})
        for name in variables
    ]
    rows: list[Row] = []
    if items:
        name = text("inspector.record")
        rows.append({"kind": "chips", "path": "record", "name": name, "items": items})
    for each in recorders:
        if each.variable in ("spikes", "rate"):
            continue
        note = help_of(text("help.members", size=count(node.size)))
        rows.append(
            {
                "kind": "text",
                "path": f"recorders/{each.id}/members",
                "name": text("inspector.members", variable=each.variable),
                "value": members_text(each.members),
                "placeholder": text("inspector.all"),
                "help": note,
            }
        )
    return rows
