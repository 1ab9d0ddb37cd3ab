"""Every edit of a document: a named pure function, document and JSON arguments to document.

Undo, the journal, the keyboard, the canvas and the inspector all go through ``apply``.  A command
raises DocumentError, with the sentence to show, when what it would make cannot be meant.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from engine.document import (
    Document,
    Edge,
    Layout,
    Node,
    Recorder,
    RunSettings,
    lookup,
    replace,
)
from engine.document.reading import form_problems
from engine.document.text import describe, near, one_of, unique_id
from engine.document.validate import (
    check_edge,
    check_node,
    check_recorder,
    check_settings,
    parameter_problems,
    port_reason,
)
from engine.errors import DocumentError, Problem
from workbench.colours import colours_of
from workbench.defaults import default_edge, default_size

Edit = Callable[..., Document]
COMMANDS: dict[str, Edit] = {}


@dataclass(frozen=True)
class Command:
    """One edit as data: what the history lists and a journal can write down."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


def apply(document: Document, command: Command) -> Document:
    """``document`` after ``command``.  Raises DocumentError if it cannot be done."""
    edit = COMMANDS.get(command.name)
    if edit is None:
        raise _refused("", f"there is no command {describe(command.name)}", near(command.name, COMMANDS))
    try:
        inspect.signature(edit).bind(document, **command.arguments)
    except TypeError as error:
        raise _refused("", f"the command {command.name} was called wrongly: {error}") from None
    return edit(document, **command.arguments)


def _command(edit: Edit) -> Edit:
    COMMANDS[edit.__name__] = edit
    return edit


def _refused(path: str, message: str, remedy: str = "") -> DocumentError:
    return DocumentError(Problem(path, "refused", message, remedy))


# Nodes


@_command
def add_node(
    document: Document,
    model: str,
    position: Iterable[float] | None = None,
    size: int | None = None,
    parameters: dict[str, Any] | None = None,
    label: str = "",
    id: str | None = None,
) -> Document:
    """Add a population or a source of ``model`` at a place on the canvas."""
    taken = {*document.nodes_by_id, *document.edges_by_id}
    name = unique_id(model if id is None else id, taken) if isinstance(model, str) else ""
    node = Node(id=name, model=model, label=label, parameters=parameters or {})
    kind = "source" if lookup.is_source(document, node) else "population"
    node = replace(node, kind=kind, size=default_size(document, node) if size is None else size)
    added = replace(document, nodes=(*document.nodes, node))
    _require(form_problems(node), check_node(added, node))
    return added if position is None else move(added, {name: list(position)})


@_command
def remove(document: Document, ids: Iterable[str]) -> Document:
    """Remove nodes, connections and recorders, with whatever hangs on a removed node."""
    gone = set(ids)
    known = {*document.nodes_by_id, *document.edges_by_id, *document.recorders_by_id}
    for name in gone - known:
        raise _refused("", f"there is nothing called {describe(name)}", near(str(name), known))
    nodes = tuple(node for node in document.nodes if node.id not in gone)
    edges = tuple(
        edge for edge in document.edges if not gone & {edge.id, edge.source, edge.target}
    )
    recorders = tuple(item for item in document.recorders if not gone & {item.id, item.node})
    kept = replace(document, nodes=nodes, edges=edges, recorders=recorders)
    return replace(kept, layout=_layout_without(document, kept))


def _layout_without(before: Document, after: Document) -> Layout:
    """The drawing of what remains, each population in the colour it had."""
    layout, remaining = before.layout, after.nodes_by_id
    positions = {name: at for name, at in layout.positions.items() if name in remaining}
    chosen = {name: colour for name, colour in layout.colours.items() if name in remaining}
    pruned = replace(layout, positions=positions, colours=chosen)
    had, has = colours_of(before), colours_of(replace(after, layout=pruned))
    moved = {name: had[name] for name in has if has[name] != had[name]}
    return replace(pruned, colours=chosen | {name: had[name] for name in moved})


@_command
def set_parameter(document: Document, node: str, name: str, value: Any = None) -> Document:
    """Give a node's parameter a value; None goes back to the model's default."""
    found = _node(document, node)
    parameters = {key: entry for key, entry in found.parameters.items() if key != name}
    if value is not None:
        parameters[name] = value
        _require(_value_form(found, "parameters", name, value))
        _require(parameter_problems(document, found, name, value))
    elif name not in found.parameters and name not in lookup.parameters_of(document, found):
        _require(parameter_problems(document, found, name, value))
    changed = replace(found, parameters=parameters)
    _require_no_new(document, found, changed, check_node)
    return _with_node(document, changed)


@_command
def set_initial(document: Document, node: str, state: str, value: Any = None) -> Document:
    """Give a state its initial value; None goes back to the model's."""
    found = _node(document, node)
    initial = {key: entry for key, entry in found.initial.items() if key != state}
    if value is not None:
        initial[state] = value
    return _change_node(document, found, initial=initial)


@_command
def set_port(document: Document, node: str, port: str, synapse: str | None = None) -> Document:
    """Choose the synapse model of a port, or add a port; None goes back to the model's own."""
    found = _node(document, node)
    ports = {key: entry for key, entry in found.ports.items() if key != port}
    if synapse is not None:
        ports[port] = synapse
    return _change_node(document, _fitted(document, replace(found, ports=ports)))


@_command
def set_node(document: Document, id: str, field: str, value: Any = None) -> Document:
    """Change the label, size, model, solver, ports or initial values of a node.

    A new model keeps the parameters and initial values that both models understand alike.
    """
    found = _node(document, id)
    allowed = ("label", "size", "model", "solver", "ports", "initial", "geometry")
    if field not in allowed:
        remedy = near(str(field), allowed) or f"it has {one_of(allowed)}"
        raise _refused(f"nodes/{id}", f"{describe(field)} of a node cannot be set", remedy)
    changed = replace(found, **{field: value})
    if field not in ("model", "ports"):
        return _change_node(document, changed)
    _require(form_problems(changed))
    if field == "model":
        changed = replace(changed, solver=None)
    return _change_node(document, _fitted(document, changed, found))


def _fitted(document: Document, node: Node, before: Node | None = None) -> Node:
    """``node`` without the parameters and initial values that its model or ports do not know."""
    known, states = lookup.parameters_of(document, node), lookup.state_units(document, node)
    old = lookup.parameters_of(document, before) if before is not None else known
    parameters = {
        name: value
        for name, value in node.parameters.items()
        if name in known
        and (name not in old or old[name].unit == known[name].unit)
        and not parameter_problems(document, node, name, value)
    }
    initial = {state: value for state, value in node.initial.items() if state in states}
    return replace(node, parameters=parameters, initial=initial)


def _change_node(document: Document, node: Node, **fields: Any) -> Document:
    before = _node(document, node.id)
    changed = replace(node, **fields)
    _require(form_problems(changed))
    _require_no_new(document, before, changed, check_node)
    return _with_node(document, changed)


# Connections


@_command
def connect(
    document: Document, source: str, target: str, port: str | None = None, **fields: Any
) -> Document:
    """Draw a wire; the rule, weight and delay that are not given are chosen to suit the port."""
    _node(document, source), _node(document, target)
    if port is None:
        port = lookup.default_port(document, document.nodes_by_id[source], document.nodes_by_id[target])
    reason = port_reason(document, source, target, port)
    if reason:
        raise _refused(f"edges/{source}-{target}", reason)
    taken = {*document.nodes_by_id, *document.edges_by_id}
    name = unique_id(fields.pop("id", None) or f"{source[:30]}-{target[:30]}", taken, "-")
    edge = default_edge(document, name, source, target, port)
    unknown = sorted(set(fields) - {"rule", "weight", "delay"})
    if unknown:
        raise _refused(f"edges/{name}", f"{describe(unknown[0])} of a connection cannot be set")
    edge = _edge_with(edge, fields)
    added = replace(document, edges=(*document.edges, edge))
    _require(form_problems(edge), check_edge(added, edge))
    return added


@_command
def set_edge(document: Document, id: str, field: str, value: Any) -> Document:
    """Change the rule, weight, delay, port, source or target of a connection."""
    found = document.edge(id)
    if found is None:
        raise _refused("", f"there is no connection {describe(id)}", near(str(id), document.edges_by_id))
    allowed = ("rule", "weight", "delay", "port", "source", "target")
    if field not in allowed:
        remedy = near(str(field), allowed) or f"it has {one_of(allowed)}"
        raise _refused(f"edges/{id}", f"{describe(field)} of a connection cannot be set", remedy)
    changed = _edge_with(found, {field: value})
    _require(form_problems(changed))
    _require_no_new(document, found, changed, check_edge)
    edges = tuple(changed if edge.id == id else edge for edge in document.edges)
    return replace(document, edges=edges)


def _edge_with(edge: Edge, fields: dict[str, Any]) -> Edge:
    rule = fields.get("rule", edge.rule)
    if not isinstance(rule, dict):
        raise _refused(f"edges/{edge.id}/rule", f"a rule must be an object, not {describe(rule)}")
    return replace(edge, **fields)


# Recorders


@_command
def add_recorder(
    document: Document,
    node: str,
    variable: str,
    members: Any = None,
    interval: float | None = None,
    id: str | None = None,
) -> Document:
    """Record spikes, the rate or a state of a node."""
    _node(document, node)
    names = document.recorders_by_id
    name = id or next(f"rec-{n}" for n in range(1, len(names) + 2) if f"rec-{n}" not in names)
    if name in names:
        raise _refused(f"recorders/{name}", "there is a recorder of this id", "choose another id")
    recorder = Recorder(name, node, variable, members, interval)
    _require(form_problems(recorder))
    _require(check_recorder(document, recorder))
    return replace(document, recorders=(*document.recorders, recorder))


@_command
def set_recorder(document: Document, id: str, field: str, value: Any = None) -> Document:
    """Change the variable, members or interval of a recorder."""
    found = document.recorder(id)
    if found is None:
        raise _refused("", f"there is no recorder {describe(id)}")
    if field not in ("variable", "members", "interval"):
        raise _refused(f"recorders/{id}", f"{describe(field)} of a recorder cannot be set")
    changed = replace(found, **{field: value})
    _require(form_problems(changed))
    _require_no_new(document, found, changed, check_recorder)
    recorders = tuple(changed if item.id == id else item for item in document.recorders)
    return replace(document, recorders=recorders)


@_command
def remove_recorder(document: Document, id: str) -> Document:
    """Remove a recorder."""
    if document.recorder(id) is None:
        raise _refused("", f"there is no recorder {describe(id)}")
    return replace(document, recorders=tuple(r for r in document.recorders if r.id != id))


# The document as a whole


@_command
def set_document(document: Document, field: str, value: str) -> Document:
    """Change the name or the description."""
    if field not in ("name", "description"):
        raise _refused("", f"{describe(field)} of the document cannot be set")
    changed = replace(document, **{field: value})
    _require(form_problems(changed))
    return changed


@_command
def set_simulation(document: Document, **fields: Any) -> Document:
    """Change dt, seed, duration, device, precision or threads."""
    known = RunSettings.__dataclass_fields__
    for name in fields:
        if name not in known:
            raise _refused("simulation", f"{describe(name)} is no run setting", near(name, known))
    settings = replace(document.simulation, **fields)
    _require(form_problems(settings), check_settings(settings))
    return replace(document, simulation=settings)


# The drawing


@_command
def move(document: Document, positions: dict[str, Iterable[float]]) -> Document:
    """Put nodes at places on the canvas, in pixels."""
    if not isinstance(positions, dict):
        raise _refused("layout", f"positions must be an object, not {describe(positions)}")
    for name in positions:
        _node(document, name)
    placed = {name: list(at) if isinstance(at, list | tuple) else at for name, at in positions.items()}
    return _with_layout(document, positions=document.layout.positions | placed)


@_command
def set_colour(document: Document, id: str, colour: str | None = None) -> Document:
    """Choose a node's colour, "#rrggbb"; None goes back to the palette's."""
    _node(document, id)
    chosen = {name: value for name, value in document.layout.colours.items() if name != id}
    return _with_layout(document, colours=chosen if colour is None else chosen | {id: colour})


@_command
def set_notes(document: Document, notes: list[dict[str, Any]]) -> Document:
    """Replace the notes on the canvas."""
    return _with_layout(document, notes=notes)


def _with_layout(document: Document, **fields: Any) -> Document:
    layout = replace(document.layout, **fields)
    _require(form_problems(layout))
    return replace(document, layout=layout)


# Copies


def copy(document: Document, ids: Iterable[str]) -> dict[str, Any]:
    """The named nodes, the wires between them and their recorders, as JSON for ``paste``."""
    from engine.document import to_json

    chosen = set(ids) & set(document.nodes_by_id)
    part = replace(
        document,
        nodes=tuple(node for node in document.nodes if node.id in chosen),
        edges=tuple(edge for edge in document.edges if {edge.source, edge.target} <= chosen),
        recorders=tuple(item for item in document.recorders if item.node in chosen),
        layout=Layout({n: at for n, at in document.layout.positions.items() if n in chosen}),
    )
    return to_json(part)
