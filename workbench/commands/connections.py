"""Edits of connections and recorders."""

from __future__ import annotations

from typing import Any

from engine.document import Document, Edge, Recorder, lookup, replace
from engine.document.reading import form_problems
from engine.document.text import describe, near, one_of, unique_id
from engine.document.validate import check_edge, check_recorder, port_reason
from workbench.commands.registry import command, node_of, refusal, require, require_no_new

EDGE_FIELDS = ("rule", "weight", "delay", "plasticity", "port", "source", "target")
RECORDER_FIELDS = ("variable", "members", "interval")
PROBABILITY = 0.1  # of a new wire between populations
DELAY = 1.5  # ms

# Weight of a new wire by the unit of its port: excitatory, and what an inhibitory one is.
WEIGHTS = {
    "pA": (20.0, -20.0),
    "nS": (6.0, 60.0),
    "mV": (0.5, -0.5),
    "mS/cm^2": (0.1, 0.5),
    "1": (1.0, -1.0),
}


@command
def connect(
    document: Document,
    source: str,
    target: str,
    port: str | None = None,
    id: str | None = None,
    **fields: Any,
) -> Document:
    """Draw a wire; the rule, weight and delay that are not given are chosen to suit the port.

    It learns only if it is given ``plasticity``.
    """
    ends = node_of(document, source), node_of(document, target)
    ports = lookup.ports_of(document, ends[1])
    chosen = lookup.default_port(document, *ends) if port is None else str(port)
    # Where there is none, what keeps the wire from the first port is said.
    asked = next(iter(ports), "") if chosen is None else chosen
    reason = port_reason(document, source, target, asked)
    if reason:
        raise refusal("", reason)
    if chosen not in ports:  # there is a choice, or the model is unknown
        raise refusal("", f"say which port of {describe(target)} the wire goes to")
    name = unique_id(id or f"{source[:30]}-{target[:30]}", document.ids, "-")
    for field in fields:
        if field not in EDGE_FIELDS[:4]:
            raise refusal(f"edges/{name}", f"{describe(field)} of a connection cannot be set")
    edge = _with(_usual_edge(document, name, source, target, chosen), fields)
    added = replace(document, edges=(*document.edges, edge))
    require(form_problems(edge))
    require(check_edge(added, edge))
    return added


def _usual_edge(document: Document, name: str, source: str, target: str, port: str) -> Edge:
    """A wire with the rule, weight and delay that a new one usually has."""
    nodes = document.nodes_by_id
    where = lookup.ports_of(document, nodes[target])[port]
    dt = document.simulation.dt
    return Edge(
        name,
        source,
        target,
        port,
        _usual_rule(document, source, target),
        usual_weight(where.unit, port),
        max(1, round(DELAY / dt)) * dt if dt > 0 else DELAY,
    )


def usual_weight(unit: str, port: str) -> float:
    """The weight of a new wire to a port that takes weights in ``unit``."""
    excites, inhibits = WEIGHTS.get(unit, (1.0, -1.0))
    return inhibits if port.startswith(lookup.INHIBITORY) else excites


def _usual_rule(document: Document, source: str, target: str) -> dict[str, Any]:
    sender, receiver = document.nodes_by_id[source], document.nodes_by_id[target]
    if sender.size == 1 or receiver.size == 1:
        return {"kind": "all_to_all"}
    if sender.kind == "source" and sender.size == receiver.size:
        return {"kind": "one_to_one"}
    return {"kind": "probability", "p": PROBABILITY, "self_connections": source != target}


@command
def set_edge(document: Document, id: str, field: str, value: Any) -> Document:
    """Change the rule, weight, delay, learning rule, port, source or target of a connection."""
    found = document.edge(id) if isinstance(id, str) else None
    if found is None:
        remedy = near(str(id), document.edges_by_id)
        raise refusal("", f"there is no connection {describe(id)}", remedy)
    if field not in EDGE_FIELDS:
        remedy = near(str(field), EDGE_FIELDS) or f"it has {one_of(EDGE_FIELDS)}"
        raise refusal(f"edges/{id}", f"{describe(field)} of a connection cannot be set", remedy)
    changed = _with(found, {field: value})
    require(form_problems(changed))
    require_no_new(check_edge, document, found, changed)
    edges = tuple(changed if edge.id == id else edge for edge in document.edges)
    return replace(document, edges=edges)


def _with(edge: Edge, fields: dict[str, Any]) -> Edge:
    if not isinstance(fields.get("rule", {}), dict):
        message = f"a rule must be an object, not {describe(fields['rule'])}"
        raise refusal(f"edges/{edge.id}/rule", message)
    return replace(edge, **fields)


@command
def add_recorder(
    document: Document,
    node: str,
    variable: str,
    members: Any = None,
    interval: float | None = None,
    id: str | None = None,
) -> Document:
    """Record spikes, the rate or a state of a node, or the weights of a connection that learns."""
    if not (isinstance(node, str) and node in document.edges_by_id):
        node_of(document, node)
    taken = document.ids
    name = id or next(f"rec-{n}" for n in range(1, len(taken) + 2) if f"rec-{n}" not in taken)
    if name in taken:
        raise refusal("", f"the id {describe(name)} is taken", "choose another")
    recorder = Recorder(name, node, variable, members, interval)
    require(form_problems(recorder))
    require(check_recorder(document, recorder))
    return replace(document, recorders=(*document.recorders, recorder))


@command
def set_recorder(document: Document, id: str, field: str, value: Any = None) -> Document:
    """Change the variable, members or interval of a recorder."""
    found = _recorder(document, id)
    if field not in RECORDER_FIELDS:
        remedy = f"it has {one_of(RECORDER_FIELDS)}"
        raise refusal(f"recorders/{id}", f"{describe(field)} of a recorder cannot be set", remedy)
    changed = replace(found, **{field: value})
    require(form_problems(changed))
    require_no_new(check_recorder, document, found, changed)
    recorders = tuple(changed if item.id == id else item for item in document.recorders)
    return replace(document, recorders=recorders)


@command
def remove_recorder(document: Document, id: str) -> Document:
    """Remove a recorder."""
    found = _recorder(document, id)
    recorders = tuple(item for item in document.recorders if item is not found)
    return replace(document, recorders=recorders)


def _recorder(document: Document, name: Any) -> Recorder:
    found = document.recorder(name) if isinstance(name, str) else None
    if found is None:
        remedy = near(str(name), document.recorders_by_id)
        raise refusal("", f"there is no recorder {describe(name)}", remedy)
    return found
