"""How a preset is shown: its input as data, and what the published figure was computed with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.equations.units import is_number

ENDS = ("()", "[)", "(]", "[]")
SAMPLED = ("middle", "start")
MOST_PIECES = 100
_EDGE = 1e-9  # ms: two times closer than this are the same


@dataclass(frozen=True)
class Piece:
    """A stretch of current: ``value + slope (t - start)`` from ``start`` to ``stop``, else 0.

    ``ends`` says whether the ends belong to it, as in mathematics: "[)" has the first alone.
    """

    start: float  # ms
    stop: float  # ms
    value: float  # in the model's unit of current
    slope: float = 0.0  # of that unit a ms
    ends: str = "[)"

    def __call__(self, t: NDArray[np.floating]) -> NDArray[np.floating]:
        """The current at the times ``t`` [ms]."""
        before = self.start - t > (-_EDGE if self.ends[0] == "(" else _EDGE)
        after = t - self.stop > (-_EDGE if self.ends[1] == ")" else _EDGE)
        return np.where(before | after, 0.0, self.value + self.slope * (t - self.start))


@dataclass(frozen=True)
class Protocol:
    """An experiment on one neuron: ``engine.response(model, preset=name)`` runs it.

    ``current`` is a number, or pieces that add up.  ``dt``, ``solver`` and ``initial`` are those of
    the published figure where it depends on them; None leaves them to the caller and the equations.
    ``sampled`` says when in a step that figure's code reads its input; other solvers read it in the
    middle.  ``note`` tells what to see, and what is true under the published scheme alone.
    """

    current: float | tuple[Piece, ...] = 0.0
    duration: float = 1000.0  # ms
    dt: float | None = None  # ms
    solver: str | None = None
    initial: Mapping[str, float] = field(default_factory=dict)
    sampled: str = "middle"
    note: str = ""

    def trace(self, steps: int, dt: float, solver: str | None = None) -> NDArray[np.floating]:
        """The current of each of ``steps`` steps of ``dt`` ms, as ``solver`` reads it."""
        own = self.sampled == "start" and solver in (None, self.solver)
        times = (np.arange(steps) + (0.0 if own else 0.5)) * dt
        if not isinstance(self.current, tuple):
            return np.full(steps, float(self.current))
        return sum((piece(times) for piece in self.current), np.zeros(steps))


def step(start: float, value: float, stop: float = inf) -> tuple[Piece, ...]:
    """A current of ``value`` from ``start`` to ``stop`` ms."""
    return (Piece(start, stop, value),)


def to_json(protocol: Protocol) -> dict[str, Any]:
    """``protocol`` as plain data, defaults left out; a piece is [start, stop, value, slope, ends],
    its stop null where it has none."""
    plain, found = Protocol(), {}
    for entry in fields(Protocol):
        value = getattr(protocol, entry.name)
        if value != getattr(plain, entry.name):
            found[entry.name] = value
    if isinstance(protocol.current, tuple):
        found["current"] = [
            [p.start, p.stop if isfinite(p.stop) else None, p.value, p.slope, p.ends]
            for p in protocol.current
        ]
    if protocol.initial:
        found["initial"] = dict(protocol.initial)
    return found


def from_json(data: object) -> Protocol:
    """What ``to_json`` made ``data`` of.  Raises ``ValueError`` saying what is wrong."""
    if not isinstance(data, Mapping):
        raise ValueError("it must be an object with a current and a duration")
    known = {entry.name for entry in fields(Protocol)}
    if unknown := [key for key in data if key not in known]:
        raise ValueError(f"`{str(unknown[0])[:40]}` is not a field of a protocol")
    current, initial = data.get("current", 0.0), data.get("initial", {})
    if isinstance(current, list) and len(current) <= MOST_PIECES:
        current = tuple(map(_piece, current))
    elif not is_number(current):
        raise ValueError(f"`current` must be a number or at most {MOST_PIECES} pieces")
    if not isinstance(initial, Mapping) or not all(map(is_number, initial.values())):
        raise ValueError("`initial` must be an object of numbers")
    _check_plain(data)
    return Protocol(**{**data, "current": current, "initial": dict(initial)})


def _check_plain(data: Mapping[str, Any]) -> None:
    for name in ("duration", "dt"):
        if not (is_number(value := data.get(name, 1.0)) and value > 0):
            raise ValueError(f"`{name}` must be a time in ms above 0")
    for name in ("solver", "note"):
        if not isinstance(data.get(name, ""), str):
            raise ValueError(f"`{name}` must be a text")
    if data.get("sampled", "middle") not in SAMPLED:
        raise ValueError(f"`sampled` must be {' or '.join(SAMPLED)}")


def _piece(data: object) -> Piece:
    if isinstance(data, list) and 3 <= len(data) <= 5:
        start, stop, value, slope, ends = [*data, *(0.0, "[)")[len(data) - 3 :]]
        stop = inf if stop is None else stop
        numbers = all(map(is_number, (start, value, slope))) and isinstance(stop, (int, float))
        if numbers and stop >= start and ends in ENDS:
            return Piece(start, stop, value, slope, ends)
    raise ValueError("a piece of current is [start, stop or null, value, slope, ends]")
