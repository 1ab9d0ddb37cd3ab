"""What the neuron on the model page is driven with, and what to begin with for a model."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analysis.f_i import rheobase
from engine.equations.language import parse_equations
from engine.errors import DataError, WorkbenchError
from engine.models.declaration import NeuronModel

DURATIONS = {"conductance-based": 200.0, "discrete": 100.0}  # ms, of a group; steps of 1 ms
USUAL_DURATION = 500.0
LONGEST, SHORTEST = 20_000.0, 1.0  # ms
FINEST, COARSEST = 0.001, 10.0  # ms
MOST_STEPS = 500_000
BEFORE, BEHIND = 0.1, 0.9  # shares of the duration between which the current flows
LEAST = {"pA": 1.0, "nA": 1e-3}  # a current that is hardly seen, by unit
EXACT = 0.02  # share of itself by which the weakest current may be missed
ABOVE = 1.5  # the current to begin with, in multiples of the weakest that makes a spike


@dataclass(frozen=True)
class Drive:
    """A step of current; ``current`` None: find one at which the model fires."""

    current: float | None = None
    chosen: bool = False  # whether a person said how strong it is
    duration: float = USUAL_DURATION
    dt: float = 0.1
    solver: str | None = None

    @property
    def steps(self) -> int:
        """Steps of the whole drawing."""
        return max(1, round(self.duration / self.dt))

    @property
    def window(self) -> tuple[float, float]:
        """When the current flows, ms."""
        return BEFORE * self.duration, BEHIND * self.duration

    def waveform(self) -> NDArray[np.float64]:
        """The current of every step, in the model's unit."""
        trace = np.zeros(self.steps)
        first, last = (round(time / self.dt) for time in self.window)
        trace[first:last] = self.current or 0.0
        return trace


def is_discrete(model: NeuronModel) -> bool:
    """Whether steps are what the model counts, not milliseconds."""
    try:
        return any(equation.discrete for equation in parse_equations(model.equations))
    except WorkbenchError:
        return False


def usual_drive(model: NeuronModel) -> Drive:
    """What to begin with; the current is sought by ``rousing_current``."""
    if is_discrete(model):
        return Drive(duration=DURATIONS["discrete"], dt=1.0)
    return Drive(duration=DURATIONS.get(model.group, USUAL_DURATION))


def rousing_current(
    model: NeuronModel, parameters: Mapping[str, Any], drive: Drive
) -> Generator[None, None, float]:
    """Half as much again as the weakest current that makes ``model`` fire, with two digits.

    0 for a model that fires by itself; for one that never fires, a current that is seen.
    """
    yield
    try:
        # Twice: many models answer the beginning of any step with one spike.
        least = rheobase(
            model, drive.duration, 2, None, drive.dt, EXACT, parameters, solver=drive.solver
        )
    except DataError:
        return 100 * LEAST.get(model.current_unit, 0.01)
    return _two_digits(ABOVE * least) if least > 0 else 0.0


def _two_digits(value: float) -> float:
    return round(value, 1 - math.floor(math.log10(value)))
