"""Do cells fire together?  Cross-correlograms of spikes and correlations of binned counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis.checked import train
from engine.analysis.rates import counts_by_cell
from engine.checked import Floats, positive
from engine.errors import LimitError

MOST_PAIRS = 200_000_000
MOST_BINS = 10_000_000


def cross_correlogram(
    first: ArrayLike, second: ArrayLike, reach: float = 50.0, width: float = 1.0
) -> tuple[Floats, NDArray[np.integer]]:
    """(lag [ms], pairs): how many spikes of ``second`` follow those of ``first`` by each lag.

    Bins of ``width`` ms, the middle one around lag 0, out to ``reach`` ms either side; positive
    lags: ``second`` fires later.  Pairs / (number of ``first`` * width) is the rate of ``second``
    around a spike of ``first``.  Perkel, Gerstein & Moore 1967, Biophys. J. 7:419.
    """
    a, b = train(first, "first"), train(second, "second")
    reach, width = positive(reach, "reach", "ms"), positive(width, "width", "ms")
    if reach / width > MOST_BINS:
        raise LimitError(
            f"{reach / width:,.0f} bins are more than are counted at once ({MOST_BINS:,}); "
            "shorten the reach or widen the bins"
        )
    bins = int(reach / width + 1e-9)
    # Differences of times on a grid must not fall either side of a bin's edge by rounding.
    edge, grain = (bins + 0.5) * width, 1e-9 * width
    low, high = np.searchsorted(b, a - edge + grain), np.searchsorted(b, a + edge - grain)
    pairs = int((high - low).sum())
    if pairs > MOST_PAIRS:
        raise LimitError(
            f"{pairs:,} pairs of spikes are more than are counted at once ({MOST_PAIRS:,}); "
            "shorten the reach or the trains"
        )
    sender = np.repeat(np.arange(len(a)), high - low)
    partner = np.arange(pairs) - np.repeat(np.cumsum(high - low) - (high - low), high - low)
    lags = b[partner + low[sender]] - a[sender]
    # Halves go to the bin nearer to 0, so that exchanging the trains mirrors the correlogram.
    place = np.sign(lags) * np.ceil(np.abs(lags) / width - 0.5 - 1e-9)
    pairs_at = np.bincount(place.astype(np.int64) + bins, minlength=2 * bins + 1)
    return np.arange(-bins, bins + 1) * width, pairs_at.astype(np.int64)


def auto_correlogram(
    times: ArrayLike, reach: float = 50.0, width: float = 1.0
) -> tuple[Floats, NDArray[np.integer]]:
    """``cross_correlogram`` of a train with itself, without the pairs of a spike and itself."""
    lag, pairs = cross_correlogram(times, times, reach, width)
    pairs[len(pairs) // 2] -= len(train(times))
    return lag, pairs


def correlation_matrix(
    times: ArrayLike,
    senders: ArrayLike,
    cells: int,
    start: float,
    stop: float,
    width: float = 5.0,
) -> Floats:
    """Pearson correlation [cells, cells] of the cells' spike counts in bins of ``width`` ms.

    Rows and columns of cells whose count never changes are NaN.
    """
    binned = counts_by_cell(times, senders, cells, start, stop, width).astype(np.float64)
    if not binned.shape[1]:
        return np.full((len(binned), len(binned)), np.nan)
    binned -= binned.mean(axis=1, keepdims=True)
    norm = np.sqrt((binned**2).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return (binned @ binned.T) / np.outer(norm, norm)


def mean_correlation(
    times: ArrayLike,
    senders: ArrayLike,
    cells: int,
    start: float,
    stop: float,
    width: float = 5.0,
) -> float:
    """Mean of ``correlation_matrix`` over all pairs of cells that say something; NaN if none."""
    matrix = correlation_matrix(times, senders, cells, start, stop, width)
    pairs = matrix[np.triu_indices(len(matrix), 1)]
    pairs = pairs[np.isfinite(pairs)]
    return float(pairs.mean()) if pairs.size else float("nan")
