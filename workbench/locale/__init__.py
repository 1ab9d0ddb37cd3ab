"""Every visible string of the page, by key; one JSON file a language.

``text("status.neurons", count=4000)`` fills the named places of a string with ``str.format``.  The
strings are ours, the values may be anybody's: a value is only ever inserted, never interpreted.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

LANGUAGE = "en"


@cache
def table(language: str = LANGUAGE) -> dict[str, str]:
    """All strings of a language, key -> string."""
    path = Path(__file__).parent / f"{language}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def text(key: str, /, *, language: str = LANGUAGE, **values: object) -> str:
    """The string ``key`` with its places filled; KeyError for a key that no table has."""
    return table(language)[key].format(**values)


def counted(key: str, number: int, shown: str, /, **values: object) -> str:
    """The string ``key`` with ``shown`` as its {count}; ``key.one`` where ``number`` is 1."""
    return text(f"{key}.one" if number == 1 else key, count=shown, **values)


def strings(*prefixes: str, language: str = LANGUAGE) -> dict[str, str]:
    """Strings whose key starts with one of ``prefixes`` and a dot, unfilled, for the browser."""
    starts = tuple(f"{prefix}." for prefix in prefixes)
    return {key: value for key, value in table(language).items() if key.startswith(starts)}
