"""The form of every field of a document: what type and shape its value must have.

A check takes a value and the name of its field and answers what is wrong, or None.  Whether a value
means something (a parameter that exists, a port that takes it) is judged by ``validate``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.document.structure import AUTO, PRECISIONS, TILES
from engine.document.text import describe, id_problem, number_problem
from engine.document.values import distribution_problems, is_distribution
from engine.equations.units import quantity
from engine.errors import DocumentError

MAX_TEXT = {"id": 64, "name": 200, "label": 200, "description": 20_000, "text": 20_000}
MAX_STRING = 200_000  # any other text; an equation has its own, smaller limit

Check = Callable[[Any, str], "str | None"]  # value, field name -> what is wrong


def _string(value: Any, name: str) -> str | None:
    if not isinstance(value, str):
        return f"`{name}` must be a text, not {describe(value)}"
    limit = MAX_TEXT.get(name, MAX_STRING)
    return f"`{name}` is longer than {limit:,} characters" if len(value) > limit else None


def _id(value: Any, name: str) -> str | None:
    return id_problem(value)


def _whole_number(value: Any, name: str) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return f"`{name}` must be a whole number, not {describe(value)}"
    return None


def _threads(value: Any, name: str) -> str | None:
    if value == AUTO or _whole_number(value, name) is None:
        return None
    return f'`{name}` must be a whole number or "{AUTO}", not {describe(value)}'


def _choice(*choices: str) -> Check:
    def check(value: Any, name: str) -> str | None:
        if isinstance(value, str) and value in choices:
            return None
        return f"`{name}` must be {' or '.join(choices)}, not {describe(value)}"

    return check


def _optional(check: Check) -> Check:
    return lambda value, name: None if value is None else check(value, name)


def _map(item: Check) -> Check:
    def check(value: Any, name: str) -> str | None:
        if not isinstance(value, dict):
            return f"`{name}` must be an object of names and values, not {describe(value)}"
        wrong = (item(entry, key) for key, entry in value.items())
        return next((sentence for sentence in wrong if sentence), None)

    return check


def _list(item: Check) -> Check:
    def check(value: Any, name: str) -> str | None:
        if not isinstance(value, list):
            return f"`{name}` must be a list, not {describe(value)}"
        return next((wrong for entry in value if (wrong := item(entry, name))), None)

    return check


def _value(value: Any, name: str) -> str | None:
    """A number, a quantity, a list of numbers, or a distribution."""
    if isinstance(value, str):
        return None
    if isinstance(value, list):
        wrong = (number_problem(entry, name) for entry in value)
        return next((f"{sentence} (in its list)" for sentence in wrong if sentence), None)
    if is_distribution(value):
        problems = distribution_problems(value, name)
        return f"`{name}`: {problems[0].message}; {problems[0].remedy}" if problems else None
    if isinstance(value, dict):
        return f"`{name}` is an object but not a distribution; give it the field `distribution`"
    return number_problem(value, name)


def _time(value: Any, name: str) -> str | None:
    """A number of ms; of a text, why it was not read as one."""
    if not isinstance(value, str):
        return number_problem(value, name)
    try:
        quantity(value, "ms", name)
    except DocumentError as error:
        return str(error)
    return f"`{name}` must be a number of ms here, not {describe(value)}"


def _members(value: Any, name: str) -> str | None:
    if isinstance(value, dict):
        whole = all(type(value.get(key)) is int for key in ("start", "stop"))
        if set(value) == {"start", "stop"} and whole:
            return None
    elif isinstance(value, list):
        if all(type(entry) is int for entry in value):
            return None
    return '`members` must be null (all), {"start": 0, "stop": 5} or a list of whole numbers'


def _point(value: Any, name: str) -> str | None:
    if isinstance(value, list) and len(value) == 2:
        return number_problem(value[0], name) or number_problem(value[1], name)
    return f"the position of `{name}` must be two numbers [x, y]"


def _colour(value: Any, name: str) -> str | None:
    if isinstance(value, str) and len(value) == 7 and value[0] == "#":
        if all(letter in "0123456789abcdefABCDEF" for letter in value[1:]):
            return None
    return f"the colour of `{name}` must be written as #rrggbb, not {describe(value)}"


def _note(value: Any, name: str) -> str | None:
    if not isinstance(value, dict) or not set(value) <= {"text", "position"}:
        return 'a note must be an object {"text": ..., "position": [x, y]}'
    wrong = _string(value.get("text"), "text")
    return wrong or _optional(_point)(value.get("position"), "note")


def _rule(value: Any, name: str) -> str | None:
    return None if isinstance(value, dict) else f"`rule` must be an object, not {describe(value)}"


def _plasticity(value: Any, name: str) -> str | None:
    """The name of a learning rule, or an object that is judged where the edge is."""
    return None if isinstance(value, str) else _optional(_json_object)(value, name)


_json_object = _map(lambda value, name: None)

NODE: dict[str, Check] = {
    "id": _id,
    "model": _string,
    "size": _whole_number,
    "kind": _choice("population", "source"),
    "label": _string,
    "parameters": _map(_value),
    "initial": _map(_value),
    "ports": _map(_string),
    "solver": _optional(_string),
    "geometry": _optional(_json_object),
}
EDGE: dict[str, Check] = {
    "id": _id,
    "source": _string,
    "target": _string,
    "port": _string,
    "rule": _rule,
    "weight": _value,
    "delay": _value,
    "synapse": _optional(_json_object),
    "plasticity": _plasticity,
}
RECORDER: dict[str, Check] = {
    "id": _id,
    "node": _string,
    "variable": _string,
    "members": _optional(_members),
    "interval": _optional(_time),
}
SETTINGS: dict[str, Check] = {
    "dt": _time,
    "seed": _whole_number,
    "duration": _time,
    "device": _string,
    "precision": _choice(*PRECISIONS),
    "threads": _threads,
}
LAYOUT: dict[str, Check] = {
    "positions": _map(_point),
    "colours": _map(_colour),
    "notes": _list(_note),
    "tiles": _list(_choice(*TILES)),
}
HEADER: dict[str, Check] = {"name": _string, "description": _string}
