"""How far a population is from what its teacher shows it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.analysis.checked import spikes_of, window
from engine.analysis.distances import MOST_CELLS, van_rossum_of_cells
from engine.analysis.rates import bins_of
from engine.checked import Floats, Whole, positive, whole

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
    then nothing was asked.  Raises DataError, LimitError.
    """
    length, size = positive(length, "length", "ms"), whole(size, "size", 1, MOST_CELLS)
    start, stop = window(start, stop)
    count = bins_of(stop - start, length)
    a, b = (_by_window(spikes_of(each, what, size), start, length, count)
            for each, what in ((spikes, "spikes"), (teacher, "teacher")))  # fmt: skip
    found = np.full(count, np.nan)
    for k in np.flatnonzero(np.diff(b.ends)).tolist():  # windows in which a teacher spikes
        found[k] = van_rossum_of_cells(a.of(k), b.of(k), size, tau).mean()
    return found


class _Windows(NamedTuple):
    """Spikes in order of their windows, and where each window ends, [windows + 1]."""

    times: Floats
    cells: Whole
    ends: Whole

    def of(self, window: int) -> tuple[Floats, Whole]:
        """Times and cells of the spikes of one window."""
        inside = slice(self.ends[window], self.ends[window + 1])
        return self.times[inside], self.cells[inside]


def _by_window(spikes: tuple[Floats, Whole], start: float, length: float, count: int) -> _Windows:
    """``spikes`` by ``count`` windows: one at the end of a window still belongs to it."""
    times, cells = spikes
    place = np.ceil((times - start) / length - 1e-9)
    order = np.argsort(place, kind="stable")
    ends = np.searchsorted(place[order], np.arange(count + 1), "right")
    return _Windows(times[order], cells[order], ends)
