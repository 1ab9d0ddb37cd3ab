"""Edits of populations and sources."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.document import Document, Layout, Node, Recorder, lookup, replace
from engine.document.heard import with_heard
from engine.document.reading import form_problems
from engine.document.text import describe, near, one_of, unique_id
from engine.document.validate import check_node, parameter_problems
from engine.errors import WorkbenchError
from workbench.colours import colours_of
from workbench.commands.drawing import move
from workbench.commands.registry import command, node_of, refusal, require, require_no_new, texts

POPULATION_SIZE = 100  # of a new population
POISSON_SIZE = 100  # of a new source of spikes
FIELDS = ("label", "size", "model", "solver", "ports", "initial", "geometry")


@command
def add_node(
    document: Document,
    model: str,
    position: Iterable[float] | None = None,
    size: int | None = None,
    parameters: dict[str, Any] | None = None,
    label: str = "",
    id: str | None = None,
    *,
    folder: Path | None = None,
) -> Document:
    """Add a population or a source of ``model`` at a place on the canvas."""
    name = unique_id(model if id is None else id, document.ids) if isinstance(model, str) else ""
    node = Node(id=name, model=model, label=label, parameters=parameters or {})
    require(form_problems(node))
    kind = "source" if lookup.is_source(document, node) else "population"
    node = replace(
        node, kind=kind, size=_usual_size(document, kind, node, folder) if size is None else size
    )
    added = replace(document, nodes=(*document.nodes, node))
    require(form_problems(node))
    require(check_node(added, node))
    return added if position is None else move(added, {name: position})


def _usual_size(document: Document, kind: str, node: Node, folder: Path | None) -> int:
    if kind == "population":
        return POPULATION_SIZE
    return POISSON_SIZE if node.model == "poisson" else _needed_size(document, node, folder) or 1


def _needed_size(document: Document, node: Node, folder: Path | None) -> int | None:
    """The members that a source needs for what it encodes; None for one that has no need, or that
    cannot encode yet."""
    from engine.runtime.sources import members_of

    with suppress(WorkbenchError):
        return members_of(document, node, folder)
    return None


@command
def remove(document: Document, ids: Iterable[str]) -> Document:
    """Remove nodes, connections and recorders, with whatever hangs on a removed node."""
    gone = set(texts(ids))
    for name in sorted(gone - document.ids):
        raise refusal("", f"there is nothing called {describe(name)}", near(name, document.ids))
    edges = (
        with_heard(edge, lambda node: None if node in gone else node)
        for edge in document.edges
        if not gone & {edge.id, edge.source, edge.target}
    )
    kept = replace(
        document,
        nodes=tuple(node for node in document.nodes if node.id not in gone),
        edges=tuple(edges),
    )
    kept = replace(kept, recorders=_recorders_of_rest(kept, gone))
    return replace(kept, layout=_layout_of_rest(document, kept))


def _recorders_of_rest(document: Document, gone: set[str]) -> tuple[Recorder, ...]:
    """The recorders that still have something to record."""
    ends = {*document.nodes_by_id, *document.edges_by_id}
    return tuple(r for r in document.recorders if r.id not in gone and r.node in ends)


def _layout_of_rest(before: Document, after: Document) -> Layout:
    """The drawing of what remains, each population in the colour it had."""
    layout, remaining = before.layout, after.nodes_by_id
    positions = {name: at for name, at in layout.positions.items() if name in remaining}
    chosen = {name: colour for name, colour in layout.colours.items() if name in remaining}
    pruned = replace(layout, positions=positions, colours=chosen)
    had, has = colours_of(before), colours_of(replace(after, layout=pruned))
    if all(has[name] == had[name] for name in has):
        return pruned
    kept = {node.id: had[node.id] for node in after.populations}
    return replace(pruned, colours=kept | chosen)


@command
def set_parameter(
    document: Document, node: str, name: str, value: Any = None, size: int | None = None
) -> Document:
    """Give a node's parameter a value; None goes back to the model's default.

    ``size`` is that of a source whose members follow from what it encodes.
    """
    found = node_of(document, node)
    found = found if size is None else replace(found, size=size)
    if value is None:
        if name not in {*found.parameters, *lookup.parameters_of(document, found)}:
            require(parameter_problems(document, found, name, value))
        return _changed(document, found, parameters=_without(found.parameters, name))
    parameters = found.parameters | {name: value}
    require(form_problems(replace(found, parameters={name: value})))
    require(parameter_problems(document, found, name, value))
    return _changed(document, found, parameters=parameters)


@command
def set_parameters(document: Document, node: str, values: dict[str, Any]) -> Document:
    """Give several parameters their values at once, as a preset does; None is the default."""
    found = node_of(document, node)
    if not isinstance(values, dict):
        raise refusal(f"nodes/{node}", f"parameters must be an object, not {describe(values)}")
    merged = found.parameters | values
    kept = {name: value for name, value in merged.items() if value is not None}
    return _changed(document, found, parameters=kept)


@command
def set_initial(document: Document, node: str, state: str, value: Any = None) -> Document:
    """Give a state its initial value; None goes back to the model's."""
    found = node_of(document, node)
    initial = _without(found.initial, state)
    return _changed(document, found, initial=initial if value is None else initial | {state: value})


@command
def set_port(document: Document, node: str, port: str, synapse: str | None = None) -> Document:
    """Choose the synapse model of a port, or add a port; None goes back to the model's own."""
    found = node_of(document, node)
    ports = _without(found.ports, port)
    return set_node(document, node, "ports", ports if synapse is None else ports | {port: synapse})


@command
def set_geometry(
    document: Document, node: str, geometry: dict[str, Any] | None = None, size: int | None = None
) -> Document:
    """Make the members of a node compartments of one cell, or give them places, or neither.

    ``size`` is how many there are from now on; as many as before if None.
    """
    found = node_of(document, node)
    fields: dict[str, Any] = (
        {"geometry": geometry}
        if size is None
        else {
            "geometry": geometry,
            "size": size,
        }
    )
    if replace(found, geometry=geometry).is_cell:
        fields["solver"] = None  # a cell has one of its own
    return _changed(document, found, **fields)


@command
def set_node(
    document: Document, id: str, field: str, value: Any = None, *, folder: Path | None = None
) -> Document:
    """Change one field of a node: label, size, model, solver, ports or initial values.

    A new model keeps the parameters and initial values that both models understand alike.
    """
    found = node_of(document, id)
    if field not in FIELDS:
        remedy = near(str(field), FIELDS) or f"it has {one_of(FIELDS)}"
        raise refusal(f"nodes/{id}", f"{describe(field)} of a node cannot be set", remedy)
    fields = {field: value}
    if field in ("model", "ports"):
        changed = replace(found, **fields)
        require(form_problems(changed))
        fields |= _still_known(document, found, changed)
        known = replace(changed, parameters=fields["parameters"])
        needed = _needed_size(document, known, folder)
        fields |= {} if needed is None else {"size": needed}
    return _changed(document, found, **fields)


def _still_known(document: Document, before: Node, node: Node) -> dict[str, Any]:
    """The parameters and initial values of ``before`` that ``node`` understands alike."""
    if lookup.model_of(document, node) is None:
        return {}
    old, new = lookup.parameters_of(document, before), lookup.parameters_of(document, node)
    parameters = {
        name: value
        for name, value in node.parameters.items()
        if name in new
        and (name not in old or old[name].unit == new[name].unit)
        and not parameter_problems(document, node, name, value)
    }
    states = lookup.state_units(document, node)
    initial = {state: value for state, value in node.initial.items() if state in states}
    solver = node.solver if node.model == before.model else None
    return {"parameters": parameters, "initial": initial, "solver": solver}


def _without(entries: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in entries.items() if key != name}


def _changed(document: Document, node: Node, **fields: Any) -> Document:
    changed = replace(node, **fields)
    require(form_problems(changed))
    require_no_new(check_node, document, node, changed)
    nodes = tuple(changed if other.id == node.id else other for other in document.nodes)
    return replace(document, nodes=nodes)
