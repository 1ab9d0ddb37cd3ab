"""What an edit means to a run that is under way: applied at once, or only by building anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.document import Document, Edge, Node

# Sources that are read when they are built: another file or train is another source.
_BUILT_IN = ("spike_times", "spike_file")

_NODE_REASONS = {
    "kind": "another kind of node",
    "model": "another model",
    "size": "another size",
    "ports": "other synapses",
    "solver": "another solver",
    "geometry": "other places of its neurons",
    "initial": "other initial values",
}
_EDGE_REASONS = {
    "source": "another source",
    "target": "another target",
    "port": "another port",
    "rule": "another rule",
    "delay": "another delay",
    "synapse": "another synapse",
    "plasticity": "another learning rule",
}
_SETTING_REASONS = {
    "dt": "another dt",
    "seed": "another seed",
    "device": "another device",
    "precision": "another precision",
    "threads": "another number of threads",
}


@dataclass
class LiveChange:
    """The difference between two documents, as a run sees it."""

    parameters: list[tuple[str, str, Any]] = field(default_factory=list)  # node, name, value
    weights: list[str] = field(default_factory=list)  # edges with a new weight
    reasons: list[str] = field(default_factory=list)  # why the network must be built anew

    @property
    def rebuild(self) -> bool:
        """Whether the network must be built anew."""
        return bool(self.reasons)

    @property
    def nothing(self) -> bool:
        """Whether a run need not notice."""
        return not (self.parameters or self.weights or self.reasons)


def what_changed(old: Document, new: Document) -> LiveChange:
    """Which changes from ``old`` to ``new`` a run can take at once, and which need building anew.

    A value None among the parameters means the model's default.  Names, words, drawing, recorders
    and the duration mean nothing to a live run.
    """
    change = LiveChange()
    if old is new:
        return change
    if old.models != new.models:
        change.reasons.append("another model of the document")
    for name, reason in _SETTING_REASONS.items():
        if getattr(old.simulation, name) != getattr(new.simulation, name):
            change.reasons.append(reason)
    _presence(change, "node", [n.id for n in old.nodes], [n.id for n in new.nodes])
    for node in new.nodes:
        before = old.node(node.id)
        if before is not None and before is not node:
            _node(change, before, node)
    _presence(change, "connection", [e.id for e in old.edges], [e.id for e in new.edges])
    for edge in new.edges:
        former = old.edge(edge.id)
        if former is not None and former is not edge:
            _edge(change, former, edge)
    return change


def _presence(change: LiveChange, noun: str, old: list[str], new: list[str]) -> None:
    before, after = set(old), set(new)
    change.reasons += [f'the new {noun} "{name}"' for name in new if name not in before]
    change.reasons += [f'the {noun} "{name}" is gone' for name in old if name not in after]
    if before == after and old != new:  # the order decides in which order input is summed
        change.reasons.append(f"another order of the {noun}s")


def _node(change: LiveChange, old: Node, new: Node) -> None:
    for name, reason in _NODE_REASONS.items():
        if getattr(old, name) != getattr(new, name):
            change.reasons.append(f'{reason} of "{new.title}"')
    if old.model != new.model:
        return
    names = [*new.parameters, *(name for name in old.parameters if name not in new.parameters)]
    for name in names:
        value = new.parameters.get(name)
        if value == old.parameters.get(name):
            continue
        if new.model in _BUILT_IN:
            change.reasons.append(f'other spikes of "{new.title}"')
        else:
            change.parameters.append((new.id, name, value))


def _edge(change: LiveChange, old: Edge, new: Edge) -> None:
    for name, reason in _EDGE_REASONS.items():
        if getattr(old, name) != getattr(new, name):
            change.reasons.append(f'{reason} of "{new.id}"')
    if old.weight != new.weight:
        if _one_number(old.weight) and _one_number(new.weight):
            change.weights.append(new.id)
        else:
            change.reasons.append(f'other weights of "{new.id}"')


def _one_number(weight: Any) -> bool:
    return not isinstance(weight, dict | list)
