"""Firing rates: mean, binned, smoothed, and how much a population's count varies."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def mean_rate(times: ArrayLike, size: int, start: float, stop: float) -> float:
    """Mean rate [Hz] of ``size`` cells over spikes with start < t <= stop (ms).

    A spike of the step that ends at t is stamped t, hence the half-open interval.
    """
    if stop <= start or size < 1:
        return float("nan")
    times = np.asarray(times)
    spikes = np.count_nonzero((times > start) & (times <= stop))
    return 1000.0 * spikes / (size * (stop - start))


def counts(times: ArrayLike, start: float, stop: float, width: float) -> NDArray[np.int64]:
    """Spikes in each whole bin (t0, t0 + width] of (start, stop], all in ms."""
    bins = int((stop - start) / width + 1e-9)
    # A time on the grid must not fall either side of a bin's edge by rounding.
    place = np.ceil((np.asarray(times, np.float64) - start) / width - 1e-9).astype(np.int64) - 1
    inside = place[(place >= 0) & (place < bins)]
    return np.bincount(inside, minlength=bins).astype(np.int64)


def population_rate(
    times: ArrayLike, size: int, start: float, stop: float, width: float = 1.0
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """(middle of each bin [ms], mean rate of the population in it [Hz])."""
    binned = counts(times, start, stop, width)
    middle = start + width * (np.arange(len(binned)) + 0.5)
    return middle, binned * (1000.0 / (size * width))


def smoothed_rate(
    times: ArrayLike, size: int, start: float, stop: float, sigma: float = 5.0, width: float = 1.0
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """``population_rate`` smoothed by a Gaussian of standard deviation ``sigma`` ms.

    The kernel is cut at the ends of the record and normalised there, so the ends are not low.
    """
    middle, rate = population_rate(times, size, start, stop, width)
    if not rate.size:
        return middle, rate
    reach = max(1, min(int(4 * sigma / width), len(rate) - 1))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * width / sigma) ** 2)
    smooth = np.convolve(rate, kernel)[reach : reach + len(rate)]
    weight = np.convolve(np.ones_like(rate), kernel)[reach : reach + len(rate)]
    return middle, smooth / weight


def fano(times: ArrayLike, start: float, stop: float, width: float = 1.0) -> float:
    """Variance over mean of the population's spike count in bins of ``width`` ms; NaN if silent."""
    binned = counts(times, start, stop, width)
    mean = binned.mean() if binned.size else 0.0
    return float(binned.var() / mean) if mean > 0 else float("nan")
