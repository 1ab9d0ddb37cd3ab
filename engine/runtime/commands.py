"""The command of a voltage clamp: levels and the times at which they begin, in steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

MOST_STEPS = 50_000_000  # before the last level: 400 MB


class CommandFault(Exception):
    """Why levels and times are no command: which of them is wrong, what, and the remedy."""

    def __init__(self, parameter: str, message: str, remedy: str) -> None:
        self.parameter, self.message, self.remedy = parameter, message, remedy
        super().__init__(f"{message}; {remedy}")


def command(levels: ArrayLike, times: ArrayLike, dt: float) -> NDArray[np.float64]:
    """What is held in each step of ``dt`` ms until the last level begins, and that one last.

    A level begins at the step whose beginning is nearest to its time [ms].  Raises ``CommandFault``
    for levels and times that do not fit, or that take very many steps.
    """
    heights, begins = (np.asarray(each, np.float64).ravel() for each in (levels, times))
    if len(heights) != len(begins) or not len(begins):
        message = f"{len(heights):,} levels stand beside {len(begins):,} times"
        raise CommandFault("levels", message, "give each level the time it begins")
    if begins[0] != 0:
        message = f"the first level begins at {begins[0]:g} ms"
        raise CommandFault("times", message, "let it begin at 0")
    falling = np.flatnonzero(np.diff(begins) <= 0)
    if falling.size:
        place = int(falling[0])
        message = f"{begins[place + 1]:g} ms follows on {begins[place]:g} ms"
        raise CommandFault("times", message, "put the times in order, each once")
    steps = np.floor(begins / dt + 0.5)
    if steps[-1] >= MOST_STEPS:
        message = f"{begins[-1]:g} ms are {steps[-1]:,.0f} steps, more than {MOST_STEPS:,}"
        raise CommandFault("times", message, "let the last level begin sooner")
    return heights[np.searchsorted(steps, np.arange(int(steps[-1]) + 1), "right") - 1]
