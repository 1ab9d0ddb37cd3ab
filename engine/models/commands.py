"""The command of a voltage clamp: levels and the times at which they begin, in steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError
from engine.models.course import Fault, fault_of_steps

MOST_STEPS = 50_000_000  # before the last level: 400 MB
LEVELS, TIMES = "levels", "times"  # the parameters of a source that commands


def command_fault(levels: ArrayLike, times: ArrayLike, dt: float) -> Fault | None:
    """Why levels and times [ms] are no command, or one of very many steps of ``dt`` ms."""
    heights, begins = (np.asarray(each, np.float64).ravel() for each in (levels, times))
    fault = fault_of_steps(begins, heights, TIMES, LEVELS)
    if fault is not None:
        return fault
    if begins[0] != 0:
        return TIMES, f"the first level begins at {begins[0]:g} ms", "let it begin at 0"
    steps = _steps(begins, dt)
    if steps[-1] >= MOST_STEPS:
        message = f"{begins[-1]:g} ms are {steps[-1]:,.0f} steps, more than {MOST_STEPS:,}"
        return TIMES, message, "let the last level begin sooner"
    return None


def command(levels: ArrayLike, times: ArrayLike, dt: float) -> NDArray[np.float64]:
    """What is held in each step of ``dt`` ms until the last level begins, and that one last.

    A level begins at the step whose beginning is nearest to its time [ms].  Raises DataError for
    levels and times that do not fit.
    """
    fault = command_fault(levels, times, dt)
    if fault is not None:
        raise DataError("; ".join(fault[1:]))
    steps = _steps(np.asarray(times, np.float64).ravel(), dt)
    held = np.searchsorted(steps, np.arange(int(steps[-1]) + 1), "right") - 1
    return np.asarray(levels, np.float64).ravel()[held]


def _steps(times: NDArray[np.float64], dt: float) -> NDArray[np.float64]:
    return np.floor(times / dt + 0.5)
