"""Edits of the document's own models: declarations that travel with it."""

from __future__ import annotations

from typing import Any

from engine.document import Document, Node, lookup, replace
from engine.document.text import describe, near
from engine.document.validate import check
from engine.errors import Problem
from engine.models.declaration import from_json
from workbench.commands.registry import command, refusal, require


@command
def add_model(document: Document, declaration: dict[str, Any]) -> Document:
    """Add a neuron model of one's own."""
    _require_free(document, from_json(declaration).name)
    return replace(document, models=(*document.models, declaration))


@command
def set_model(document: Document, name: str, declaration: dict[str, Any]) -> Document:
    """Put another declaration in the place of the model ``name``.

    With another name in it the model is renamed, also where nodes use it.  Parameters and initial
    values that the model no longer has are taken off the nodes that set them.
    """
    require_own(document, name)
    new = from_json(declaration).name
    if new != name:
        _require_free(document, new)
    models = (declaration if each.get("name") == name else each for each in document.models)
    changed = replace(document, models=tuple(models))
    nodes = (_following(changed, n, new) if n.model == name else n for n in document.nodes)
    changed = replace(changed, nodes=tuple(nodes))
    _require_no_new_mistakes(document, changed)
    return changed


@command
def remove_model(document: Document, name: str) -> Document:
    """Remove a model that no node uses."""
    require_own(document, name)
    users = users_of(document, name)
    if users:
        used = ", ".join(describe(title) for title in users[:3])
        more = f" and {len(users) - 3} more" if len(users) > 3 else ""
        message = f"the model {describe(name)} is used by {used}{more}"
        raise refusal("models", message, "choose another model there first")
    kept = tuple(each for each in document.models if each.get("name") != name)
    return replace(document, models=kept)


def users_of(document: Document, name: str) -> list[str]:
    """The nodes that use a model, as they are called."""
    return [node.title for node in document.nodes if node.model == name]


def free_name(document: Document, wanted: str) -> str:
    """``wanted``, or with a number behind it where a model of that name exists."""
    taken = {each.get("name") for each in document.models}
    number, name = 1, wanted
    while name in taken or lookup.is_shipped(name):
        number += 1
        name = f"{wanted}_{number}"
    return name


def require_own(document: Document, name: str) -> dict[str, Any]:
    """The declaration of the document's own model ``name``; DocumentError if there is none."""
    for declaration in document.models:
        if declaration.get("name") == name:
            return declaration
    known = [str(each.get("name")) for each in document.models]
    message = f"this document has no model {describe(name)} of its own"
    raise refusal("models", message, near(name, known) or "copy the shipped one first")


def _require_free(document: Document, name: str) -> None:
    if free_name(document, name) != name:
        message = f"the name {describe(name)} is taken by another model"
        raise refusal("models", message, "choose another")


def _following(document: Document, node: Node, model: str) -> Node:
    """``node`` with the model's new name, and without what the model no longer has."""
    node = replace(node, model=model)
    known, states = lookup.parameters_of(document, node), lookup.state_units(document, node)
    return replace(
        node,
        parameters={name: value for name, value in node.parameters.items() if name in known},
        initial={state: value for state, value in node.initial.items() if state in states},
    )


def _require_no_new_mistakes(before: Document, after: Document) -> None:
    """Raise DocumentError if nodes or wires that were right cannot be with the changed model."""
    old = {str(problem) for problem in check(before)}
    found = [problem for problem in check(after) if str(problem) not in old]
    placed = [_titled(after, problem) for problem in found if problem.severity == "error"]
    require(placed)


def _titled(document: Document, problem: Problem) -> Problem:
    """A problem that says in words which node it is about: the editor is elsewhere."""
    kind, _, rest = problem.path.partition("/")
    node = document.node(rest.partition("/")[0]) if kind == "nodes" else None
    if node is None:
        return problem
    return replace(problem, message=f"{describe(node.title)}: {problem.message}")
