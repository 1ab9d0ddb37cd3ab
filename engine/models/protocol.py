"""How a preset is shown: its input as data, and what the published figure was computed with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

ENDS = ("()", "[)", "(]", "[]")
SAMPLED = ("middle", "start")
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

    def __call__(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
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

    def trace(self, steps: int, dt: float, solver: str | None = None) -> NDArray[np.float64]:
        """The current of each of ``steps`` steps of ``dt`` ms, as ``solver`` reads it."""
        own = self.sampled == "start" and solver in (None, self.solver)
        times = (np.arange(steps) + (0.0 if own else 0.5)) * dt
        if not isinstance(self.current, tuple):
            return np.full(steps, float(self.current))
        return sum((piece(times) for piece in self.current), np.zeros(steps))


def step(start: float, value: float, stop: float = np.inf) -> tuple[Piece, ...]:
    """A current of ``value`` from ``start`` to ``stop`` ms."""
    return (Piece(start, stop, value),)
