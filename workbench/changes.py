"""What an edit means to a run that is under way: applied at once, or only by building anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.document import Document, Edge, Node
from workbench.locale import text

# Sources that are read when they are built: another file or train is another source.
_BUILT_IN = ("spike_times", "spike_file")

# What a network is built from; for each there is a string "change.<part>.<field>".
_SETTINGS = ("dt", "seed", "device", "precision", "threads")
_NODE_FIELDS = ("kind", "model", "size", "ports", "solver", "geometry", "initial")
_EDGE_FIELDS = ("source", "target", "port", "rule", "delay", "synapse", "plasticity")


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
        change.reasons.append(text("change.models"))
    for name in _SETTINGS:
        if getattr(old.simulation, name) != getattr(new.simulation, name):
            change.reasons.append(text(f"change.setting.{name}"))
    _presence(change, "node", [n.id for n in old.nodes], [n.id for n in new.nodes])
    for node in new.nodes:
        before = old.node(node.id)
        if before is not None and before is not node:
            _node(change, before, node)
    _presence(change, "edge", [e.id for e in old.edges], [e.id for e in new.edges])
    for edge in new.edges:
        former = old.edge(edge.id)
        if former is not None and former is not edge:
            _edge(change, former, edge)
    return change


def _presence(change: LiveChange, part: str, old: list[str], new: list[str]) -> None:
    before, after = set(old), set(new)
    change.reasons += [text(f"change.{part}.new", name=name) for name in new if name not in before]
    change.reasons += [text(f"change.{part}.gone", name=name) for name in old if name not in after]
    if before == after and old != new:  # the order decides in which order input is summed
        change.reasons.append(text(f"change.{part}.order"))


def _fields(change: LiveChange, part: str, names: tuple[str, ...], old: Any, new: Any) -> None:
    called = getattr(new, "title", new.id)
    for name in names:
        if getattr(old, name) != getattr(new, name):
            change.reasons.append(text(f"change.{part}.{name}", name=called))


def _node(change: LiveChange, old: Node, new: Node) -> None:
    _fields(change, "node", _NODE_FIELDS, old, new)
    if old.model != new.model:
        return
    names = [*new.parameters, *(name for name in old.parameters if name not in new.parameters)]
    altered = [name for name in names if new.parameters.get(name) != old.parameters.get(name)]
    if altered and new.model in _BUILT_IN:
        change.reasons.append(text("change.node.spikes", name=new.title))
    else:
        change.parameters += [(new.id, name, new.parameters.get(name)) for name in altered]


def _edge(change: LiveChange, old: Edge, new: Edge) -> None:
    _fields(change, "edge", _EDGE_FIELDS, old, new)
    if old.weight != new.weight:
        if _one_number(old.weight) and _one_number(new.weight):
            change.weights.append(new.id)
        else:
            change.reasons.append(text("change.edge.weight", name=new.id))


def _one_number(weight: Any) -> bool:
    return not isinstance(weight, dict | list)
