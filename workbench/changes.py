"""What an edit means to a run that is under way: applied at once, or only by building anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.document import Document, Edge, Node
from engine.document.heard import HEARD
from engine.document.lookup import model_of, parameters_of
from engine.document.normalising import NORMALISE
from workbench.locale import text
from workbench.naming import wire_name

# Sources that are read when they are built: another file or train is another source.
_BUILT_IN = ("spike_times", "spike_file")
_READ_AT_ONCE = ("numbers", "text", "choice")  # lists belong together and change one by one

# What a network is built from; for each there is a string "change.<part>.<field>".
_SETTINGS = ("dt", "seed", "device", "precision", "threads")
_NODE_FIELDS = ("kind", "model", "size", "ports", "solver", "geometry", "initial")
_EDGE_FIELDS = ("source", "target", "port", "rule", "delay", "synapse")


@dataclass
class LiveChange:
    """The difference between two documents, as a run sees it."""

    parameters: list[tuple[str, str, Any]] = field(default_factory=list)  # node, name, value
    weights: list[str] = field(default_factory=list)  # edges with a new weight
    learning: list[str] = field(default_factory=list)  # edges that learn otherwise, or no longer
    reasons: list[str] = field(default_factory=list)  # why the network must be built anew

    @property
    def rebuild(self) -> bool:
        """Whether the network must be built anew."""
        return bool(self.reasons)

    @property
    def nothing(self) -> bool:
        """Whether a run need not notice."""
        return not (self.parameters or self.weights or self.learning or self.reasons)


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
    _presence(
        change, "node", {n.id: n.title for n in old.nodes}, {n.id: n.title for n in new.nodes}
    )
    for node in new.nodes:
        before = old.node(node.id)
        if before is not None and before is not node:
            _node(change, before, node, new)
    _presence(change, "edge", _wires(old), _wires(new))
    for edge in new.edges:
        former = old.edge(edge.id)
        if former is not None and former is not edge:
            _edge(change, former, edge, new)
    return change


def _wires(document: Document) -> dict[str, str]:
    return {edge.id: wire_name(document, edge) for edge in document.edges}


def _presence(change: LiveChange, part: str, old: dict[str, str], new: dict[str, str]) -> None:
    """What came and what went; ``old`` and ``new`` are id -> name, in order."""
    for key, here, there in (("new", new, old), ("gone", old, new)):
        names = [name for item, name in here.items() if item not in there]
        change.reasons += [text(f"change.{part}.{key}", name=name) for name in names]
    if old.keys() == new.keys() and list(old) != list(new):
        change.reasons.append(text(f"change.{part}.order"))  # in which order input is summed


def _fields(
    change: LiveChange, part: str, names: tuple[str, ...], old: Any, new: Any, called: str
) -> None:
    for name in names:
        if getattr(old, name) != getattr(new, name):
            change.reasons.append(text(f"change.{part}.{name}", name=called))


def _node(change: LiveChange, old: Node, new: Node, document: Document) -> None:
    _fields(change, "node", _NODE_FIELDS, old, new, new.title)
    if old.model != new.model:
        return
    names = [*new.parameters, *(name for name in old.parameters if name not in new.parameters)]
    altered = [name for name in names if new.parameters.get(name) != old.parameters.get(name)]
    known = parameters_of(document, new)
    read = {name for name in altered if name in known and known[name].kind in _READ_AT_ONCE}
    if read or (altered and new.model in _BUILT_IN):
        change.reasons.append(text("change.node.spikes", name=new.title))
    elif set(altered) & set(getattr(model_of(document, new), "options", ())):
        change.reasons.append(text("change.node.options", name=new.title))
    else:
        change.parameters += [(new.id, name, new.parameters.get(name)) for name in altered]


def _edge(change: LiveChange, old: Edge, new: Edge, document: Document) -> None:
    called = wire_name(document, new)
    _fields(change, "edge", _EDGE_FIELDS, old, new, called)
    if old.plasticity != new.plasticity:
        _learning(change, old, new, called)
    if old.weight != new.weight:
        if _one_number(old.weight) and _one_number(new.weight):
            change.weights.append(new.id)
        else:
            change.reasons.append(text("change.edge.weight", name=called))


def _learning(change: LiveChange, old: Edge, new: Edge, called: str) -> None:
    """A run takes other parameters of a rule, and that synapses stop learning; no other rule."""
    change.learning.append(new.id)
    if not same_rule(old, new):
        change.reasons.append(text("change.edge.plasticity", name=called))


def same_rule(built: Edge, edge: Edge) -> bool:
    """Whether a network built with ``built`` can learn as ``edge`` says, or stop learning."""
    was, now = built.plasticity, edge.plasticity
    if was is None or now is None:
        return now is None
    return all(was.get(name) == now.get(name) for name in ("model", "delay", *HEARD, NORMALISE))


def _one_number(weight: Any) -> bool:
    return not isinstance(weight, dict | list)
