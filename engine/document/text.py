"""Small pieces of sentences that every check of a document needs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from engine.checked import told
from engine.errors import near as near

ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")


def one_of(names: Iterable[str], limit: int = 12) -> str:
    """A readable list of names, cut after ``limit``."""
    listed = list(names)
    shown = ", ".join(f"`{name}`" for name in listed[:limit])
    return shown + (f" and {len(listed) - limit} more" if len(listed) > limit else "")


def number_problem(value: object, name: str) -> str | None:
    """Why ``value`` is not a finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"`{name}` must be a number, not {describe(value)}"
    if isinstance(value, int):
        return None if abs(value) < 2**63 else f"`{name}` is too large a number"
    return None if math.isfinite(value) else f"`{name}` must be a finite number, not {value}"


def describe(value: object) -> str:
    """``value`` short enough for a sentence."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    return told(value)


def id_problem(name: object) -> str | None:
    """Why ``name`` cannot be an id, or None."""
    if isinstance(name, str) and ID.fullmatch(name):
        return None
    return (
        f"{describe(name)} cannot be an id: 1 to 64 letters, digits, `_`, `-` or `.`, "
        "not beginning with `-` or `.`"
    )


def unique_id(wanted: str, taken: Iterable[str], separator: str = "_") -> str:
    """``wanted``, or ``wanted_2``, ``wanted_3`` ... whichever is free first.

    A number that stands behind already is counted on: after ``read_2`` comes ``read_3``.
    """
    taken = set(taken)
    head, _, tail = wanted.rpartition(separator)
    counted = bool(head) and len(tail) < 7 and tail.isdecimal()
    base, number = (head, int(tail) + 1) if counted else (wanted, 2)
    candidate, base = wanted, base[:56]
    while candidate in taken:
        candidate, number = f"{base}{separator}{number}", number + 1
    return candidate
