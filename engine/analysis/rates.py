"""Firing rates: mean, binned, smoothed, and how much a population's count varies."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis.checked import cells_of, numbers, train, window
from engine.checked import at_least, finite, positive, whole
from engine.errors import DataError, LimitError

MOST_COUNTS = 100_000_000  # bins of all cells together, 0.8 GB


def bins_of(length: float, width: float, cells: int = 1) -> int:
    """How many whole bins of ``width`` ms ``length`` ms have; LimitError for too many."""
    bins = length / width + 1e-9
    if cells * bins > MOST_COUNTS:
        raise LimitError(
            f"{bins:,.0f} bins of {cells:,} are more than are counted at once ({MOST_COUNTS:,}); "
            "widen the bins, or take less of it"
        )
    return int(bins)


def mean_rate(times: ArrayLike, size: int, start: float, stop: float) -> float:
    """Mean rate [Hz] of ``size`` cells over spikes with start < t <= stop (ms).

    A spike of the step that ends at t is stamped t, hence the half-open interval.
    """
    start, stop = finite(start, "start", "ms"), finite(stop, "stop", "ms")
    times = numbers(times, "times")
    if whole(size, "size", 0) == 0 or stop <= start:
        return float("nan")
    spikes = np.count_nonzero((times > start) & (times <= stop))
    return 1000.0 * spikes / (size * (stop - start))


def counts(times: ArrayLike, start: float, stop: float, width: float) -> NDArray[np.integer]:
    """Spikes in each whole bin (t0, t0 + width] of (start, stop], all in ms."""
    start, stop = finite(start, "start", "ms"), finite(stop, "stop", "ms")
    bins = bins_of(max(0.0, stop - start), positive(width, "width", "ms"))
    # A time on the grid must not fall either side of a bin's edge by rounding.
    place = np.ceil((numbers(times, "times") - start) / width - 1e-9).astype(np.int64) - 1
    inside = place[(place >= 0) & (place < bins)]
    return np.bincount(inside, minlength=bins).astype(np.int64)


def population_rate(
    times: ArrayLike, size: int, start: float, stop: float, width: float = 1.0
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """(middle of each bin [ms], mean rate of the population in it [Hz])."""
    binned, size = counts(times, start, stop, width), whole(size, "size")
    middle = start + width * (np.arange(len(binned)) + 0.5)
    return middle, binned * (1000.0 / (size * width))


def smoothed_rate(
    times: ArrayLike, size: int, start: float, stop: float, sigma: float = 5.0, width: float = 1.0
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """``population_rate`` smoothed by a Gaussian of standard deviation ``sigma`` ms.

    The kernel is cut at the ends of the record and normalised there, so the ends are not low.
    """
    sigma = positive(sigma, "sigma", "ms")
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


def counts_by_cell(
    times: ArrayLike, senders: ArrayLike, cells: int, start: float, stop: float, width: float
) -> NDArray[np.integer]:
    """Spikes [cells, bins] of each of the cells 0 ... ``cells`` - 1 in the bins of ``counts``."""
    spikes = numbers(times, "times")
    senders = cells_of(spikes, senders)
    start, stop = window(start, stop)
    cells = whole(cells, "cells")
    if senders.size and not (senders.min() >= 0 and senders.max() < cells):
        outside = int(senders.max() if senders.max() >= cells else senders.min())
        raise DataError(f"cell {outside} is not one of {cells:,} cells; give as many as there are")
    bins = bins_of(stop - start, positive(width, "width", "ms"), cells)
    place = np.ceil((spikes - start) / width - 1e-9).astype(np.int64) - 1
    inside = (place >= 0) & (place < bins)
    found = np.bincount(senders[inside] * bins + place[inside], minlength=cells * bins)
    return found.reshape(cells, bins).astype(np.int64)


def fano_of_cells(
    times: ArrayLike,
    senders: ArrayLike,
    cells: int,
    start: float,
    stop: float,
    width: float = 100.0,
) -> NDArray[np.float64]:
    """Fano factor [cells]: variance over mean of each cell's count in windows of ``width`` ms.

    1 for a Poisson process, 0 for a clock; NaN for a silent cell.
    """
    binned = counts_by_cell(times, senders, cells, start, stop, width)
    if not binned.shape[1]:
        return np.full(len(binned), np.nan)
    with np.errstate(invalid="ignore"):
        return binned.var(axis=1) / binned.mean(axis=1)


def psth(
    times: ArrayLike,
    events: ArrayLike,
    before: float = 50.0,
    after: float = 200.0,
    width: float = 5.0,
    cells: int = 1,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Peri-stimulus time histogram: (time from the event [ms], rate of a cell [Hz]).

    ``times`` are the spikes of ``cells`` cells [ms], ``events`` the stimuli [ms].  Bins
    (t, t + width] from ``before`` ms before each event to ``after`` ms after it, one edge at the
    event itself, averaged over events and cells.
    """
    spikes, events = train(times), train(events, "events")
    width = positive(width, "width", "ms")
    if not len(events):
        raise DataError("there are no events to align the spikes with; give one time at least")
    before, after = at_least(before, "before", 0.0, "ms"), at_least(after, "after", 0.0, "ms")
    if before + after < width:
        raise DataError(f"no bin of {width:g} ms lies between; give a longer `before` or `after`")
    below, above = bins_of(before, width, len(events)), bins_of(after, width, len(events))
    edges = np.arange(-below, above + 1) * width
    # Spikes up to an edge, summed over events: a difference of edges is a bin.
    reached = [np.searchsorted(spikes, events + edge + 1e-9 * width, "right") for edge in edges]
    found = np.diff(np.sum(reached, axis=1))
    scale = 1000.0 / (width * len(events) * whole(cells, "cells"))
    return 0.5 * (edges[1:] + edges[:-1]), found * scale
