"""Codes by name: what lies in ``kinds/``."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from numpy.typing import ArrayLike

from engine.checked import WIDEST, told
from engine.coding.declaration import Code
from engine.coding.spikes import Spikes
from engine.errors import DataError, near


@cache
def all_codes() -> dict[str, Code]:
    """Every code by name, in alphabetical order."""
    package = import_module("engine.coding.kinds")
    names = sorted(module.name for module in iter_modules(package.__path__))
    found = [import_module(f"{package.__name__}.{name}").CODE for name in names]
    return {code.name: code for code in found}


def get(name: str) -> Code:
    """The code called ``name``; DataError with near names."""
    known = all_codes()
    if not isinstance(name, str) or name not in known:
        remedy = near(name, known) or f"there are {', '.join(known)}"
        shown = f"`{name[:WIDEST]}`" if isinstance(name, str) else told(name)
        raise DataError(f"{shown} is not a code; {remedy}")
    return known[name]


def codes() -> dict[str, dict[str, Any]]:
    """Every code by name, as plain data.

    ``{name: {title, takes, range, signed, random, source, doc, good_for, conventions, parameters:
    {name: {default, unit, bounds, doc, kind, choices}}}}``.
    """
    texts = ("title", "takes", "range", "signed", "random", "source", "doc", "good_for",
             "conventions")  # fmt: skip
    parts = ("default", "unit", "bounds", "doc", "kind", "choices")
    return {
        name: {text: getattr(code, text) for text in texts}
        | {
            "parameters": {
                key: {part: getattr(entry, part) for part in parts}
                for key, entry in code.parameters.items()
            }
        }
        for name, code in all_codes().items()
    }


def encode(code: str, values: ArrayLike, **parameters: Any) -> Spikes:
    """``values`` in the code called ``code``: `codes` says what it takes and its parameters.

    Raises DataError for values or parameters it cannot take.
    """
    found = get(code)
    _require_known(found, parameters, (*found.parameters, *found.encoding(parameters)))
    return found.encode(values, **found.encoding(parameters))


def decode(code: str, spikes: Spikes, **parameters: Any) -> Any:
    """What ``spikes`` stand for in the code called ``code``, with the encoder's parameters."""
    found = get(code)
    _require_known(found, parameters, (*found.parameters, *found.decoding(parameters)))
    return found.decode(spikes, **found.decoding(parameters))


def _require_known(code: Code, parameters: dict[str, Any], known: tuple[str, ...]) -> None:
    for name in parameters:
        if name not in known:
            remedy = near(name, known) or f"it has {', '.join(code.parameters)}"
            raise DataError(f"`{name}` is not a parameter of the code {code.name}; {remedy}")
