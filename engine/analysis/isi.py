"""Inter-spike intervals and how irregular they are, over a whole train or from one to the next."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis.checked import cells_of, numbers
from engine.checked import whole

LEAST_SPIKES = 5  # of a cell whose CV is counted: four intervals; fewer say nothing


def intervals(
    times: ArrayLike, senders: ArrayLike | None = None
) -> tuple[NDArray[np.floating], NDArray[np.integer]]:
    """All inter-spike intervals [ms] and the cell of each, ordered by cell, then time.

    ``times`` [spikes] in ms in any order, ``senders`` [spikes]; without them it is one cell.
    """
    times = numbers(times, "times")
    senders = cells_of(times, senders)
    order = np.lexsort((times, senders))
    times, senders = times[order], senders[order]
    same = senders[1:] == senders[:-1]
    return np.diff(times)[same], senders[1:][same]


def cv_of_cells(
    times: ArrayLike, senders: ArrayLike | None = None, least: int = LEAST_SPIKES
) -> NDArray[np.floating]:
    """Coefficient of variation of the intervals of each cell with at least ``least`` spikes."""
    least = whole(least, "least", 0)
    interval, cell = intervals(times, senders)
    _, place, number = np.unique(cell, return_inverse=True, return_counts=True)
    mean = np.bincount(place, interval) / np.maximum(number, 1)
    variance = np.bincount(place, (interval - mean[place]) ** 2) / np.maximum(number, 1)
    enough = (number >= max(least - 1, 1)) & (mean > 0)
    return np.sqrt(variance[enough]) / mean[enough]


def cv_isi(times: ArrayLike, senders: ArrayLike | None = None, least: int = LEAST_SPIKES) -> float:
    """Mean of ``cv_of_cells``; NaN if no cell has enough spikes."""
    cells = cv_of_cells(times, senders, least)
    return float(cells.mean()) if cells.size else float("nan")


def cv2_of_cells(
    times: ArrayLike, senders: ArrayLike | None = None, least: int = LEAST_SPIKES
) -> NDArray[np.floating]:
    """CV2 of each cell with at least ``least`` spikes: mean of 2 |y - x| / (x + y) over all pairs
    of intervals x, y that follow one another.

    1 for a Poisson process whatever its rate does slowly, 0 for a clock.
    Holt et al. 1996, J. Neurophysiol. 75:1806.
    """
    return _mean_over_pairs(times, senders, least, lambda share: 2.0 * np.abs(share))


def cv2(times: ArrayLike, senders: ArrayLike | None = None, least: int = LEAST_SPIKES) -> float:
    """Mean of ``cv2_of_cells``; NaN if no cell has enough spikes."""
    cells = cv2_of_cells(times, senders, least)
    return float(cells.mean()) if cells.size else float("nan")


def lv_of_cells(
    times: ArrayLike, senders: ArrayLike | None = None, least: int = LEAST_SPIKES
) -> NDArray[np.floating]:
    """Local variation of each cell with at least ``least`` spikes: mean of
    3 ((x - y) / (x + y))^2 over all pairs of intervals x, y that follow one another.

    1 for a Poisson process, 0 for a clock.  Shinomoto et al. 2003, Neural Comput. 15:2823.
    """
    return _mean_over_pairs(times, senders, least, lambda share: 3.0 * share**2)


def lv(times: ArrayLike, senders: ArrayLike | None = None, least: int = LEAST_SPIKES) -> float:
    """Mean of ``lv_of_cells``; NaN if no cell has enough spikes."""
    cells = lv_of_cells(times, senders, least)
    return float(cells.mean()) if cells.size else float("nan")


def _mean_over_pairs(
    times: ArrayLike,
    senders: ArrayLike | None,
    least: int,
    measure: Callable[[NDArray[np.floating]], NDArray[np.floating]],
) -> NDArray[np.floating]:
    """Mean over each cell's pairs of adjacent intervals of a ``measure`` of (y - x) / (x + y)."""
    least = whole(least, "least", 0)
    interval, cell = intervals(times, senders)
    same = cell[1:] == cell[:-1]
    first, second = interval[:-1][same], interval[1:][same]
    total = first + second
    share = np.divide(second - first, total, out=np.zeros_like(total), where=total > 0)
    _, place, number = np.unique(cell[1:][same], return_inverse=True, return_counts=True)
    mean = np.bincount(place, measure(share)) / np.maximum(number, 1)
    return mean[number >= max(least - 2, 1)]
