"""JSON to document: strict, and never at the first mistake.

``loads`` and ``from_json`` raise one ``DocumentError`` that lists every problem of form.  ``read``
gives the problems together with whatever could be understood, so that the checks of meaning
(``validate.check``) can add theirs to the list.
"""

from __future__ import annotations

import json
import math
from typing import Any, TypeVar

from engine.document.fields import (
    EDGE,
    HEADER,
    LAYOUT,
    MAX_STRING,
    NODE,
    RECORDER,
    SETTINGS,
    Check,
)
from engine.document.memo import remembered
from engine.document.migrate import migrate
from engine.document.shorthand import written_out
from engine.document.structure import (
    Document,
    Edge,
    Layout,
    Node,
    Recorder,
    RunSettings,
    field_names,
    replace,
)
from engine.document.text import describe, id_problem, near, number_problem, one_of
from engine.errors import DocumentError, Problem

MAX_BYTES = 8_000_000
MAX_DEPTH = 32
MAX_ITEMS = {"nodes": 10_000, "edges": 100_000, "recorders": 10_000, "models": 200, "notes": 1_000}

T = TypeVar("T")


def loads(text: str | bytes) -> Document:
    """The document in ``text``.  Raises DocumentError with every problem of form."""
    return from_json(parse(text))


def from_json(data: Any) -> Document:
    """The document in ``data`` (what ``json`` gives).  Raises DocumentError with every problem."""
    document, problems = read(data)
    if problems:
        raise DocumentError(problems)
    return document


def parse(text: str | bytes) -> Any:
    """Text to plain JSON data; refuses what JSON does not allow and what is too much."""
    if not isinstance(text, str | bytes):
        message = f"a document is read from a text, not from {describe(text)}"
        raise DocumentError(Problem("", "type", message, "give the content of its file"))
    if len(text) > MAX_BYTES:
        message = (
            f"the document has {len(text) / 1e6:.1f} MB, the limit is {MAX_BYTES / 1e6:.0f} MB"
        )
        raise DocumentError(Problem("", "limit", message, "use rules instead of long lists"))
    strange: list[str] = []  # numbers that are none, as they are written

    def number(written: str) -> float:
        value = float(written)
        if not math.isfinite(value):
            strange.append(written[:40])
        return value

    try:
        data = json.loads(
            text if isinstance(text, str) else text.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_constant=number,
            parse_float=number,
            parse_int=lambda written: int(written) if len(written) <= 19 else number(written),
        )
        if strange:
            message = f"{strange[0]} is not a number that JSON allows"
            raise DocumentError(
                Problem(_strange_place(data), "not-finite", message, "write a finite number")
            )
        return data
    except DocumentError:
        raise
    except RecursionError:
        raise _too_deep() from None
    except UnicodeDecodeError:
        raise DocumentError(
            Problem("", "not-json", "the file is not text (UTF-8)", _WANTED)
        ) from None
    except json.JSONDecodeError as error:
        message = f"this is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise DocumentError(Problem("", "not-json", message, _WANTED)) from None


_WANTED = "choose a document saved by Spiking Workbench"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        message = f"the field {describe(twice)} stands twice in one object"
        raise DocumentError(Problem("", "duplicate-field", message, "keep one of them"))
    return found


def _strange_place(data: Any) -> str:
    """The path of the first number in ``data`` that is not finite, with ids where there are any."""
    inside: Any = ()
    if isinstance(data, dict):
        inside = data.items()
    elif isinstance(data, list):
        named = (entry.get("id") if isinstance(entry, dict) else None for entry in data)
        inside = zip((name or place for place, name in enumerate(named)), data, strict=True)
    for step, value in inside:
        if isinstance(value, float) and not math.isfinite(value):
            return str(step)
        rest = _strange_place(value)
        if rest:
            return f"{step}/{rest}"
    return ""


def _too_deep() -> DocumentError:
    message = f"the document is nested more than {MAX_DEPTH} levels deep"
    return DocumentError(Problem("", "limit", message, "no part of a document needs that"))


def read(data: Any) -> tuple[Document, list[Problem]]:
    """What could be understood of ``data``, and every problem of form."""
    try:
        data = migrate(_plain(data, 0))
    except DocumentError as error:
        return Document(), error.problems
    reader = _Reader()
    fields = {name: value for name, value in data.items() if name not in ("format", "version")}
    document = reader.document(written_out(fields))
    return document, reader.problems


def _plain(value: Any, depth: int) -> Any:
    """A copy of JSON data as lists, dicts, texts and finite numbers; raises for anything else."""
    if depth > MAX_DEPTH:
        raise _too_deep()
    if isinstance(value, dict):
        return {_text(name): _plain(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return value
    wrong = number_problem(value, "value")
    if wrong:
        message = f"{describe(value)} is not something that JSON can hold"
        raise DocumentError(Problem("", "not-json", message, "use finite numbers, texts and lists"))
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        message = f"the name of a field must be a text, not {describe(value)}"
        raise DocumentError(Problem("", "type", message))
    if len(value) > MAX_STRING:
        message = f"a text of {len(value):,} characters is too long (limit {MAX_STRING:,})"
        raise DocumentError(Problem("", "limit", message, "shorten it"))
    if not value.isprintable() and any(_forbidden(letter) for letter in value):
        message = f"the text {describe(value)} holds a control character"
        raise DocumentError(Problem("", "text", message, "take it out"))
    return value


def _forbidden(letter: str) -> bool:
    return (letter < " " and letter not in "\n\t\r") or "\ud800" <= letter <= "\udfff"


_REQUIRED = {
    Node: ("id", "model"),
    Edge: ("id", "source", "target", "port"),
    Recorder: ("id", "node", "variable"),
}


_CHECKS: dict[type, tuple[str, dict[str, Check]]] = {
    Node: ("nodes", NODE),
    Edge: ("edges", EDGE),
    Recorder: ("recorders", RECORDER),
    RunSettings: ("simulation", SETTINGS),
    Layout: ("layout", LAYOUT),
    Document: ("", HEADER),
}


def form_problems(item: Node | Edge | Recorder | RunSettings | Layout | Document) -> list[Problem]:
    """What is wrong with the form of one part of a document, however it was made."""
    return list(remembered(item, "form", (), lambda: _form_problems(item)))


def _form_problems(item: Any) -> list[Problem]:
    section, checks = _CHECKS[type(item)]
    own = getattr(item, "id", None)
    path = f"{section}/{own}" if isinstance(own, str) else section
    reader = _Reader()
    for name, check in checks.items():
        value = getattr(item, name)
        where = f"{path}/{name}".lstrip("/")
        try:
            _plain(value, 0)
        except DocumentError as error:
            reader.problems += [replace(problem, path=where) for problem in error.problems]
        else:
            reader.refused(check(value, name), where)
    return reader.problems


class _Reader:
    """Turns plain data into document objects and collects what is wrong on the way."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def document(self, data: dict[str, Any]) -> Document:
        """The whole document; parts that cannot be understood are left at their defaults."""
        self.unknown_fields(data, field_names(Document), "", "the document")
        found: dict[str, Any] = {}
        for name, check in HEADER.items():
            if name in data and not self.refused(check(data[name], name), name):
                found[name] = data[name]
        found["nodes"] = self.items(Node, NODE, data, "nodes")
        found["edges"] = self.items(Edge, EDGE, data, "edges")
        found["recorders"] = self.items(Recorder, RECORDER, data, "recorders")
        found["simulation"] = self.part(RunSettings, SETTINGS, data, "simulation")
        found["models"] = tuple(item for _, item in self.listed(data, "models"))
        found["layout"] = self.part(Layout, LAYOUT, data, "layout")
        return Document(**found)

    def refused(self, sentence: str | None, path: str, code: str = "value") -> bool:
        """Note ``sentence`` as a problem at ``path``; whether there was one."""
        if sentence:
            message, _, remedy = sentence.partition("; ")
            self.problems.append(Problem(path, code, message, remedy))
        return bool(sentence)

    def unknown_fields(
        self, data: dict[str, Any], known: tuple[str, ...], path: str, what: str
    ) -> None:
        for name in data:
            if name not in known:
                remedy = near(name, known) or f"known fields are {one_of(known)}"
                message = f"`{name[:64]}` is not a field of {what}"
                where = f"{path}/{name[:64]}".lstrip("/")
                self.problems.append(Problem(where, "unknown-field", message, remedy))

    def listed(self, data: dict[str, Any], name: str) -> list[tuple[int, dict[str, Any]]]:
        """The objects of the list ``data[name]`` and their places in it."""
        value = data.get(name, [])
        if not isinstance(value, list):
            self.refused(f"`{name}` must be a list, not {describe(value)}", name, "type")
            return []
        if len(value) > MAX_ITEMS[name]:
            limit = f"{MAX_ITEMS[name]:,}"
            self.refused(f"{len(value):,} {name} are too many; the limit is {limit}", name, "limit")
            return []
        kept = []
        for place, item in enumerate(value):
            if isinstance(item, dict):
                kept.append((place, item))
            else:
                self.refused(f"must be an object, not {describe(item)}", f"{name}/{place}", "type")
        return kept

    def items(
        self, cls: type[T], checks: dict[str, Check], data: dict[str, Any], name: str
    ) -> tuple[T, ...]:
        """The nodes, edges or recorders, each with an id of its own."""
        found: dict[str, T] = {}
        for place, item in self.listed(data, name):
            own = item.get("id")
            path = f"{name}/{place if id_problem(own) else own}"
            made = self.made(cls, checks, item, path)
            if made is not None:
                if own in found:
                    message = f"the id {describe(own)} is used twice; give each its own"
                    self.refused(message, path, "duplicate-id")
                found.setdefault(item["id"], made)
        return tuple(found.values())

    def part(self, cls: type[T], checks: dict[str, Check], data: dict[str, Any], name: str) -> T:
        """A section that is one object."""
        item = data.get(name, {})
        if not isinstance(item, dict):
            self.refused(f"`{name}` must be an object, not {describe(item)}", name, "type")
            return cls()
        if isinstance(item.get("notes"), list) and len(item["notes"]) > MAX_ITEMS["notes"]:
            limit = f"{MAX_ITEMS['notes']:,}"
            self.refused(
                f"there are more than {limit} notes; delete some", f"{name}/notes", "limit"
            )
        return self.made(cls, checks, item, name) or cls()

    def made(
        self, cls: type[T], checks: dict[str, Check], item: dict[str, Any], path: str
    ) -> T | None:
        """An object of ``cls``, or None where a field that it cannot be without is missing."""
        self.unknown_fields(item, tuple(checks), path, f"a {cls.__name__.lower()}")
        missing = [name for name in _REQUIRED.get(cls, ()) if name not in item]
        for name in missing:
            sentence = f"`{name}` is missing; every {cls.__name__.lower()} has one"
            self.refused(sentence, path, "missing-field")
        kept: dict[str, Any] = {}
        before = len(self.problems)
        for name, check in checks.items():
            if name in item and not self.refused(check(item[name], name), f"{path}/{name}"):
                kept[name] = item[name]
        if any(name not in kept for name in _REQUIRED.get(cls, ())):
            return None
        made = cls(**kept)
        if len(self.problems) == before:
            remembered(made, "form", (), list)  # looked through just now, nothing found
        return made
