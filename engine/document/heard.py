"""Nodes that a learning rule hears of besides the two ends of its edge: who rewards, who teaches.

``{"model": "r_stdp", "reward": "node id"}``: every spike of that node is a reward of 1;
``{"model": "resume", "teacher": "node id"}``: member i of that node teaches member i of the target.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.document import lookup
from engine.document.structure import Document, Edge, Node
from engine.document.text import near
from engine.errors import Problem
from engine.models.declaration import PlasticityModel

# Field of a learning rule -> the statements of the rule that need it.
HEARD = {"reward": "on_reward", "teacher": "on_teacher"}


def heard_by(edge: Edge) -> dict[str, str]:
    """The nodes that the rule of an edge names, by field."""
    rule = edge.plasticity if isinstance(edge.plasticity, dict) else {}
    return {name: rule[name] for name in HEARD if isinstance(rule.get(name), str)}


def fields_of(model: PlasticityModel) -> tuple[str, ...]:
    """The fields of `HEARD` that a rule has a use for."""
    return tuple(name for name, program in HEARD.items() if getattr(model, program).strip())


def candidates(document: Document, edge: Edge, field: str) -> list[Node]:
    """The nodes that may stand at ``field`` of the rule of ``edge``."""
    return [node for node in document.nodes if not _unfit(document, edge, field, node)]


def with_heard(edge: Edge, named: Callable[[str], str | None]) -> Edge:
    """``edge`` with the nodes that its rule hears of called ``named(id)``; None takes one out."""
    old = heard_by(edge)
    new = {name: named(node) for name, node in old.items()}
    if old == new:
        return edge
    rule = {name: value for name, value in (edge.plasticity or {}).items() if name not in old}
    return replace(edge, plasticity=rule | {k: node for k, node in new.items() if node is not None})


def heard_problems(
    document: Document, edge: Edge, model: PlasticityModel, path: str
) -> list[Problem]:
    """What is wrong with who rewards and teaches, and hints where nobody does."""
    found, given = [], heard_by(edge)
    for name in HEARD:
        where = f"{path}/{name}"
        if name not in fields_of(model):
            if name in given:
                message = f"{model.name} has no use for a {name}"
                found.append(Problem(where, "unused", message, "leave it out"))
        elif name not in given:
            found.append(_missing(model, name, where))
        else:
            found += _wrong(document, edge, name, given[name], where)
    return found


def _missing(model: PlasticityModel, name: str, path: str) -> Problem:
    if name == "reward":
        message = f"{model.name} learns from rewards, and no node gives any"
        remedy = "name one, or give rewards while it runs"
    else:
        message = f"{model.name} learns from a teacher, and there is none"
        remedy = "name a node of the size of the target"
    return Problem(path, f"no-{name}", message, remedy, "hint")


def _wrong(document: Document, edge: Edge, name: str, given: str, path: str) -> list[Problem]:
    node = document.node(given)
    if node is None:
        remedy = near(given, document.nodes_by_id) or "add it, or choose another"
        return [Problem(path, "unknown-node", f'there is no node "{given[:64]}"', remedy)]
    reason = _unfit(document, edge, name, node)
    if reason:
        return [Problem(path, *reason)]
    return [_silent(node, name, path)] if never_spikes(document, node) else []


def never_spikes(document: Document, node: Node) -> bool:
    """Whether nothing can make a node spike, as far as a look at the document tells."""
    if node.kind == "population":
        return not any(edge.target == node.id for edge in document.edges)
    if node.model == "spike_times":
        return not node.parameters.get("times")
    return node.model == "poisson" and node.parameters.get("rate") == 0


def _silent(node: Node, name: str, path: str) -> Problem:
    message = f'"{node.title}" is to give the {name}, and nothing makes it spike'
    remedy = "connect something to it" if node.kind == "population" else "give it spikes or a rate"
    return Problem(path, f"silent-{name}", message, f"{remedy}, or choose another", "hint")


def _unfit(document: Document, edge: Edge, name: str, node: Node) -> tuple[str, str, str] | None:
    """(code, what is wrong, what to do) about a node at a field, or None."""
    role = "a reward" if name == "reward" else "a teacher"
    if lookup.output_of(document, node) != "spikes":
        message = f'"{node.title}" gives a current, and {role} needs spikes'
        return "no-spikes", message, "choose a node that spikes"
    target = document.node(edge.target)
    if name == "teacher" and target is not None and node.size != target.size:
        message = f'the teacher "{node.title}" has {node.size:,} members, "{target.title}" has '
        return "sizes", f"{message}{target.size:,}", "make them equally many"
    return None
