"""How far a population is from what its teacher shows it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.analysis.checked import cells_below, numbers, window
from engine.analysis.distances import van_rossum_of_cells
from engine.checked import Floats, positive, whole

WINDOW = 200.0  # ms of spikes that are compared at once
TAU = 10.0  # ms, the time scale of the comparison


def teaching_error(
    spikes: tuple[ArrayLike, ArrayLike],
    teacher: tuple[ArrayLike, ArrayLike],
    size: int,
    stop: float,
    start: float = 0.0,
    length: float = WINDOW,
    tau: float = TAU,
) -> Floats:
    """Distance of the spikes of ``size`` cells from their teacher's, one number a window.

    ``spikes`` and ``teacher`` are (times [ms], senders), member i of one teaching cell i.  Windows
    of ``length`` ms, (start, start + length] and on, that are whole by ``stop``.  A number is the
    mean over cells of van Rossum's distance (``tau`` in ms, no unit) of the spikes in the window:
    0 where all coincide, 0.71 for one spike too many or too few.  NaN where no teacher spikes:
    then nothing was asked.  Raises DataError.
    """
    length, size = positive(length, "length", "ms"), whole(size, "size")
    start, stop = window(start, stop)
    # A window that a time such as 0.3 leaves open by a rounding is whole.
    count = int((stop - start) / length + 1e-9)
    both = [_by_window(each, size, start, length) for each in (spikes, teacher)]
    found = np.full(count, np.nan)
    for k in np.unique(both[1][2]):
        if 0 <= k < count:
            a, b = ((times[at == k], cells[at == k]) for times, cells, at in both)
            found[k] = van_rossum_of_cells(a, b, size, tau).mean()
    return found


def _by_window(
    spikes: tuple[ArrayLike, ArrayLike], size: int, start: float, length: float
) -> tuple[Floats, np.ndarray, np.ndarray]:
    """Times, cells, and the window of each spike: a spike at its end still belongs to it."""
    times = numbers(spikes[0], "times")
    cells = cells_below(times, spikes[1], size)
    return times, cells, np.ceil((times - start) / length - 1e-9).astype(np.int64) - 1
