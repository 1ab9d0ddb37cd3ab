"""The time axis of a tile: which column of pixels a moment belongs to.

Columns are counted from the beginning of the run, so a column means the same moments in every frame
and a picture that scrolls moves by whole pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Guards the division against a time such as 0.3 that a float holds a little below its column.
ROUNDING = 1e-9


@dataclass(frozen=True)
class TimeAxis:
    """``columns`` device pixels over ``window`` ms, for steps of ``dt`` ms."""

    window: float
    columns: int
    dt: float

    @property
    def width(self) -> float:
        """Milliseconds a column."""
        return self.window / self.columns

    def column(self, step: int) -> int:
        """The column of what happens at the end of ``step``."""
        return int((step + 1) * self.dt / self.width + ROUNDING)

    def columns_of(self, steps: NDArray[np.int64]) -> NDArray[np.int64]:
        """``column`` for an array of steps."""
        return ((steps + 1) * (self.dt / self.width) + ROUNDING).astype(np.int64)

    def first_step(self, column: int) -> int:
        """The first step whose end lies in ``column`` or later."""
        step = max(0, int(column * self.width / self.dt) - 2)
        while self.column(step) < column:
            step += 1
        return step

    def shown(self, steps_done: int) -> tuple[int, int]:
        """(first, stop) columns of the window that ends after ``steps_done`` steps.

        Before the window is full it begins at time 0 and fills to the right.
        """
        stop = self.column(steps_done - 1) + 1
        return max(0, stop - self.columns), stop
