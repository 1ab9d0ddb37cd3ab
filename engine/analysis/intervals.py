"""Inter-spike intervals and their coefficient of variation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEAST_SPIKES = 5  # of a cell whose CV is counted: four intervals; fewer say nothing


def intervals(
    times: ArrayLike, senders: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.integer]]:
    """All inter-spike intervals [ms] and the cell of each, ordered by cell, then time.

    ``times`` [spikes] in ms in any order, ``senders`` [spikes].
    """
    times, senders = np.asarray(times, np.float64), np.asarray(senders)
    order = np.lexsort((times, senders))
    times, senders = times[order], senders[order]
    same = senders[1:] == senders[:-1]
    return np.diff(times)[same], senders[1:][same]


def cv_of_cells(
    times: ArrayLike, senders: ArrayLike, least: int = LEAST_SPIKES
) -> NDArray[np.float64]:
    """Coefficient of variation of the intervals of each cell with at least ``least`` spikes."""
    interval, cell = intervals(times, senders)
    _, place, number = np.unique(cell, return_inverse=True, return_counts=True)
    mean = np.bincount(place, interval) / np.maximum(number, 1)
    variance = np.bincount(place, (interval - mean[place]) ** 2) / np.maximum(number, 1)
    enough = (number >= max(least - 1, 1)) & (mean > 0)
    return np.sqrt(variance[enough]) / mean[enough]


def cv_isi(times: ArrayLike, senders: ArrayLike, least: int = LEAST_SPIKES) -> float:
    """Mean of ``cv_of_cells``; NaN if no cell has enough spikes."""
    cells = cv_of_cells(times, senders, least)
    return float(cells.mean()) if cells.size else float("nan")
