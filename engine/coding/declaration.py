"""A code as data: what it is called, what it takes, its parameters, and its two functions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.models.declaration import Parameter

VALUES, SIGNAL, SPIKES = "values", "signal", "spikes"  # what a code takes
UNIT_RANGE = Parameter(
    doc="values outside of the range: an error, or set to the nearer end",
    kind="choice",
    choices=("refuse", "clip"),
)
STEPS = Parameter(unit="1", bounds=(1, 1e6), doc="steps that a value is shown", kind="integer")
STEP = Parameter(unit="ms", bounds=(1e-3, 1e6), doc="length of one step of the code")


@dataclass(frozen=True)
class Code:
    """One code, in a file of its own in ``kinds/``.

    ``encode(values, ...)`` gives `Spikes`, ``decode(spikes, ...)`` what they stand for.  The
    defaults of ``parameters`` are those of the functions' signatures, which alone hold them.
    ``takes``: "values" (any shape, in ``range``), "signal" ([T, ...], time first) or "spikes".
    """

    name: str
    title: str
    takes: str
    encode: Callable[..., Any]
    decode: Callable[..., Any]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    source: str = ""
    doc: str = ""  # how it works, in a sentence or two
    good_for: str = ""
    conventions: str = ""  # where papers and libraries differ, and what is done here
    range: tuple[float, float] | None = (0.0, 1.0)
    synonyms: tuple[str, ...] = ()  # what else people call it
    signed: bool = False  # has spikes of both signs: twice the senders in a network
    random: bool = False  # takes seed, stream, first, start
    # (values, parameters) -> what its decoder must be told of the values, such as where they begin
    told: Callable[[Any, Mapping[str, Any]], dict[str, Any]] | None = None

    def __post_init__(self) -> None:
        known = {**_defaults(self.decode), **_defaults(self.encode)}
        filled = {
            name: replace(parameter, default=known[name])
            for name, parameter in self.parameters.items()
        }
        object.__setattr__(self, "parameters", filled)

    def encoding(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Those of ``values`` that the encoder reads."""
        return {name: value for name, value in values.items() if name in _defaults(self.encode)}

    def decoding(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Those of ``values`` that the decoder reads."""
        return {name: value for name, value in values.items() if name in _defaults(self.decode)}


def _defaults(function: Callable[..., Any]) -> dict[str, Any]:
    """Parameter -> default, of those that have one."""
    return {
        name: entry.default
        for name, entry in inspect.signature(function).parameters.items()
        if entry.default is not inspect.Parameter.empty
    }
