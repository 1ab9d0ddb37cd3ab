"""How far apart two spike trains are.  Times in ms, in any order; every distance is symmetric."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.analysis.checked import spikes_of, train, window
from engine.checked import Floats, at_least, positive, whole

MOST_CELLS = 10_000_000  # that are compared at once


def victor_purpura(first: ArrayLike, second: ArrayLike, cost: float = 0.1) -> float:
    """Least cost of turning one train into the other (no unit).

    Deleting or adding a spike costs 1, moving it by t ms costs ``cost`` * t (``cost`` in 1/ms):
    spikes further apart than 2/cost are no longer moved.  At cost 0 the difference of the counts
    remains.  A metric.  Victor & Purpura 1996, J. Neurophysiol. 76:1310.
    """
    a, b = train(first, "first"), train(second, "second")
    cost = at_least(cost, "cost", 0.0, "per ms")
    place = np.arange(len(b) + 1.0)
    row = place.copy()  # of turning no spike of a into the first j of b
    for time in a:
        here = row + 1.0
        here[1:] = np.minimum(here[1:], row[:-1] + cost * np.abs(b - time))
        # Adding spikes of b along the row: row[j] = min over k <= j of here[k] + (j - k).
        row = place + np.minimum.accumulate(here - place)
    return float(row[-1])


def van_rossum(first: ArrayLike, second: ArrayLike, tau: float = 10.0) -> float:
    """Distance of the trains after each spike became exp(-t/tau) (no unit).

    D = sqrt(1/tau * integral of (f - g)^2): sqrt(1/2) for one spike more, sqrt(1 - exp(-d/tau))
    for two single spikes d apart.  A metric.  van Rossum 2001, Neural Comput. 13:751.
    """
    a, b = train(first, "first"), train(second, "second")
    return float(_van_rossum((a, np.zeros(len(a), int)), (b, np.zeros(len(b), int)), 1, tau)[0])


def van_rossum_of_cells(
    first: tuple[ArrayLike, ArrayLike],
    second: tuple[ArrayLike, ArrayLike],
    size: int,
    tau: float = 10.0,
) -> Floats:
    """`van_rossum` [size] of each cell's two trains; ``first`` and ``second`` are (times, senders).

    Senders are numbers from 0 on, below ``size``.  Raises DataError.
    """
    size = whole(size, "size", 1, MOST_CELLS)
    a, b = spikes_of(first, "first", size), spikes_of(second, "second", size)
    return _van_rossum(a, b, size, tau)


def _van_rossum(
    a: tuple[Floats, np.ndarray], b: tuple[Floats, np.ndarray], size: int, tau: float
) -> Floats:
    """sqrt(1/2 sum over pairs of spikes of a cell of s_i s_j exp(-|t_i - t_j|/tau)), s = 1 for the
    spikes of ``a`` and -1 for those of ``b``: the integral, written out, in one pass."""
    tau = positive(tau, "tau", "ms")
    times, cells = (np.concatenate(each) for each in zip(a, b, strict=True))
    sign = np.repeat([1.0, -1.0], [len(a[0]), len(b[0])])
    order = np.lexsort((times, cells))
    times, cells, sign = times[order], cells[order], sign[order]
    # Spikes that both trains have cancel before anything is rounded: equal trains are 0 apart.
    begins = np.ones(len(times), np.bool_)
    begins[1:] = (np.diff(times) != 0) | (np.diff(cells) != 0)
    sign = np.bincount(np.cumsum(begins) - 1, sign) if len(sign) else sign
    times, cells = times[begins][sign != 0], cells[begins][sign != 0]
    sign = sign[sign != 0]
    # What is left at each spike of those of its cell before it, fading from one to the next.
    fades = np.zeros(len(times))
    same = np.flatnonzero(cells[1:] == cells[:-1]) + 1
    with np.errstate(over="ignore"):  # what is infinitely many time constants ago is forgotten
        fades[same] = np.exp(-(times[same] - times[same - 1]) / tau)
    left, trace, last = np.empty(len(times)), 0.0, 0.0
    for place, (now, fade) in enumerate(zip(sign.tolist(), fades.tolist(), strict=True)):
        trace = (trace + last) * fade
        left[place], last = trace, now
    squared = np.bincount(cells, sign * (sign + 2.0 * left), size)
    return np.sqrt(np.maximum(0.0, 0.5 * squared))


def isi_distance(first: ArrayLike, second: ArrayLike, start: float, stop: float) -> float:
    """Mean over time of how much the current intervals of two trains differ, from 0 to 1.

    At each instant |x - y| / max(x, y) of the two intervals around it; needs no time scale.  The
    interval before the first spike lasts from ``start``, or is the first interval if that is
    longer; likewise after the last.  Spikes outside [start, stop] (ms) are left out.
    Kreuz et al. 2007, J. Neurosci. Methods 165:151.
    """
    start, stop = window(start, stop)
    a, b = _inside(first, "first", start, stop), _inside(second, "second", start, stop)
    edges = np.unique(np.concatenate([[start, stop], a, b]))
    middle = 0.5 * (edges[1:] + edges[:-1])
    x, y = (_intervals(spikes, start, stop)[np.searchsorted(spikes, middle)] for spikes in (a, b))
    share = np.abs(x - y) / np.maximum(x, y)
    return float(np.sum(share * np.diff(edges)) / (stop - start))


def spike_synchronization(first: ArrayLike, second: ArrayLike) -> float:
    """Share of spikes that have a partner in the other train, from 0 to 1 (1: all of them).

    Two spikes are partners if they are closer than half of the shortest interval beside either;
    needs no time scale.  Two silent trains are in perfect synchrony.
    Kreuz et al. 2015, J. Neurophysiol. 113:3432, eqs. 1-4.
    """
    a, b = train(first, "first"), train(second, "second")
    if not len(a) + len(b):
        return 1.0
    if not (len(a) and len(b)):
        return 0.0
    met = np.count_nonzero(_partnered(a, b)) + np.count_nonzero(_partnered(b, a))
    return met / (len(a) + len(b))


def _inside(times: ArrayLike, what: str, start: float, stop: float) -> Floats:
    spikes = np.unique(train(times, what))
    return spikes[(spikes >= start) & (spikes <= stop)]


def _intervals(spikes: Floats, start: float, stop: float) -> Floats:
    """The interval that counts before, between and after ``spikes``, [spikes + 1]."""
    if not len(spikes):
        return np.array([stop - start])
    between = np.diff(spikes)
    before, after = spikes[0] - start, stop - spikes[-1]
    if len(between):
        before, after = max(before, between[0]), max(after, between[-1])
    return np.concatenate([[before], between, [after]])


def _partnered(a: Floats, b: Floats) -> np.ndarray:
    """Whether each spike of ``a`` has a partner in ``b``."""
    right = np.clip(np.searchsorted(b, a), 1, len(b) - 1) if len(b) > 1 else np.zeros(len(a), int)
    left = np.maximum(right - 1, 0)
    nearest = np.where(np.abs(a - b[left]) <= np.abs(a - b[right]), left, right)
    reach = 0.5 * np.minimum(_shortest_beside(a), _shortest_beside(b)[nearest])
    return np.abs(a - b[nearest]) < reach


def _shortest_beside(spikes: Floats) -> Floats:
    gaps = np.concatenate([[np.inf], np.diff(spikes), [np.inf]])
    return np.minimum(gaps[1:], gaps[:-1])
