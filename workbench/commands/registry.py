"""The list of commands, how one is applied, and what they share."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from engine.document import Document, Edge, Node, Recorder
from engine.document.text import describe, near
from engine.errors import DocumentError, Problem

Edit = TypeVar("Edit", bound=Callable[..., Document])
Part = TypeVar("Part", Node, Edge, Recorder)
FOLDER = "folder"  # the argument of a command that `apply` fills in: where a document's files lie
COMMANDS: dict[str, Callable[..., Document]] = {}


@dataclass(frozen=True)
class Command:
    """One edit as data: what the history lists and a journal can write down."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


def command(edit: Edit) -> Edit:
    """Register an edit under its own name."""
    COMMANDS[edit.__name__] = edit
    return edit


def apply(document: Document, done: Command, folder: Path | None = None) -> Document:
    """``document`` after a command; ``folder`` is where the files lie that it names.

    Raises DocumentError, with the sentence to show, when what it would make cannot be meant.
    """
    edit = COMMANDS.get(done.name)
    if edit is None:
        raise refusal("", f"there is no command {describe(done.name)}", near(done.name, COMMANDS))
    signature = inspect.signature(edit)
    arguments = dict(done.arguments)
    try:
        if FOLDER in arguments:
            raise TypeError(f"got an unexpected keyword argument '{FOLDER}'")
        if FOLDER in signature.parameters:
            arguments[FOLDER] = folder
        signature.bind(document, **arguments)
    except TypeError as error:
        raise refusal("", f"the command {done.name} cannot be called so ({error})") from None
    for name, value in done.arguments.items():
        parameter = signature.parameters.get(name)
        if parameter is not None and not _fits(parameter.annotation, value):
            message = f"`{name}` of the command {done.name} must be a text, not {describe(value)}"
            raise refusal("", message)
    return edit(document, **arguments)


def _fits(annotation: Any, value: Any) -> bool:
    """Whether a value from a browser can stand where a name is wanted; other checks follow."""
    if annotation not in ("str", "str | None"):
        return True
    return isinstance(value, str) or (value is None and annotation != "str")


def refusal(path: str, message: str, remedy: str = "") -> DocumentError:
    """The error of an edit that cannot be done."""
    return DocumentError(Problem(path, "refused", message, remedy))


def require(problems: list[Problem]) -> None:
    """Raise DocumentError if there is an error among the problems."""
    found = [problem for problem in problems if problem.severity == "error"]
    if found:
        raise DocumentError(found)


def require_no_new(
    check: Callable[[Document, Part], list[Problem]], document: Document, old: Part, new: Part
) -> None:
    """Raise DocumentError if changing a part makes an error that it did not have before.

    So a document that was opened with mistakes can be put right one by one.
    """
    before = check(document, old)
    require([problem for problem in check(document, new) if problem not in before])


def node_of(document: Document, name: Any) -> Node:
    """The node called ``name``; raises DocumentError if there is none."""
    found = document.node(name) if isinstance(name, str) else None
    if found is None:
        remedy = near(str(name), document.nodes_by_id)
        raise refusal("", f"there is no node {describe(name)}", remedy)
    return found


def texts(values: Any) -> list[str]:
    """``values`` as a list of names; raises DocumentError if it is none."""
    if isinstance(values, Iterable) and not isinstance(values, str | dict):
        found = list(values)
        if all(isinstance(value, str) for value in found):
            return found
    raise refusal("", f"a list of names is needed, not {describe(values)}")
