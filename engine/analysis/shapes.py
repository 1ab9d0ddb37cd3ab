"""The shape of an action potential: threshold, peak, width, after-hyperpolarisation, slopes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from engine.analysis.checked import numbers
from engine.checked import Floats, finite
from engine.errors import DataError


@dataclass(frozen=True)
class SpikeShape:
    """One action potential; times in ms, potentials in mV, slopes in mV/ms.

    NaN stands for what the trace does not show (no onset as steep as asked, no return).
    """

    time: float  # upward crossing of the level
    threshold: float  # v where dv/dt first reaches the slope that counts as onset
    threshold_time: float
    peak: float
    peak_time: float
    half_level: float  # half way between base and peak
    half_width: float  # time above it
    width: float  # time above the level
    trough: float  # lowest v between this spike and the next, or the end
    trough_time: float
    ahp: float  # threshold - trough
    max_slope: float
    min_slope: float


def spike_shapes(
    t: ArrayLike,
    v: ArrayLike,
    level: float = -20.0,
    onset: float = 20.0,
    base: float | None = None,
) -> tuple[SpikeShape, ...]:
    """The shape of every upward crossing of ``level`` [mV] in the trace ``v`` [mV] at ``t`` [ms].

    Crossings are interpolated linearly, extrema by a parabola through three samples.  ``onset`` is
    the slope [mV/ms] at which a spike begins (20 mV/ms: Azouz & Gray 2000); the half width is
    taken half way from ``base`` (the threshold, if None) to the peak.  DataError for traces that
    do not fit together.
    """
    t, v = numbers(t, "t"), numbers(v, "v")
    if len(t) != len(v) or len(t) < 3 or not np.all(np.diff(t) > 0):
        raise DataError(
            f"{len(v):,} potentials stand at {len(t):,} times; give as many of both, at least 3, "
            "with times that ascend"
        )
    level, onset = finite(level, "level", "mV"), finite(onset, "onset", "mV/ms")
    base = None if base is None else finite(base, "base", "mV")
    slope = np.gradient(v, t)
    starts = [int(place) for place in np.flatnonzero((v[:-1] < level) & (v[1:] >= level))]
    found: list[SpikeShape] = []
    begin = 0  # of what belongs to a spike: the trough of the one before it
    for start, end in pairwise([*starts, len(v) - 1]):
        found.append(_shape(t, v, slope, (begin, start, end), level, onset, base))
        begin = start + 1 + int(np.argmin(v[start + 1 : end + 1]))
    return tuple(found)


def _shape(
    t: Floats,
    v: Floats,
    slope: Floats,
    place: tuple[int, int, int],
    level: float,
    onset: float,
    base: float | None,
) -> SpikeShape:
    begin, start, end = place
    down = _first(v[start + 1 : end + 1] < level, start + 1, end)
    top = start + 1 + int(np.argmax(v[start + 1 : down + 1]))
    bottom = top + int(np.argmin(v[top : end + 1]))
    peak_time, peak = _vertex(t, v, top)
    trough_time, trough = _vertex(t, v, bottom)
    threshold_time, threshold = _onset(t, v, slope, (begin, start), onset)
    lowest = threshold if base is None else base
    half = 0.5 * (lowest + peak)
    rise = slope[begin : top + 1]
    return SpikeShape(
        time=_crossing(t, v, start, level),
        threshold=threshold,
        threshold_time=threshold_time,
        peak=peak,
        peak_time=peak_time,
        half_level=half,
        half_width=_width(t, v, (begin, top, end), half),
        width=_width(t, v, (begin, top, end), level),
        trough=trough,
        trough_time=trough_time,
        ahp=threshold - trough,
        max_slope=float(rise.max()),
        min_slope=float(slope[top : bottom + 1].min()),
    )


def _first(condition: np.ndarray, offset: int, otherwise: int) -> int:
    return offset + int(np.argmax(condition)) if condition.any() else otherwise


def _crossing(t: Floats, v: Floats, place: int, level: float) -> float:
    """The time between samples ``place`` and ``place`` + 1 at which v is at ``level``."""
    change = v[place + 1] - v[place]
    share = (level - v[place]) / change if change else 0.0
    return float(t[place] + share * (t[place + 1] - t[place]))


def _vertex(t: Floats, v: Floats, place: int) -> tuple[float, float]:
    """(time, value) of the parabola through the samples around an extremum."""
    if not 0 < place < len(v) - 1:
        return float(t[place]), float(v[place])
    left, right = t[place - 1] - t[place], t[place + 1] - t[place]
    a, b = (v[place - 1] - v[place]) / left, (v[place + 1] - v[place]) / right
    curve = (b - a) / (right - left)
    if curve == 0:
        return float(t[place]), float(v[place])
    tilt = a - curve * left
    shift = float(np.clip(-tilt / (2 * curve), left, right))
    return float(t[place] + shift), float(v[place] + (tilt + curve * shift) * shift)


def _onset(
    t: Floats, v: Floats, slope: Floats, place: tuple[int, int], onset: float
) -> tuple[float, float]:
    """(time, v) where dv/dt passes ``onset`` for the last time before the crossing."""
    begin, start = place
    steep = slope[begin : start + 2] >= onset
    if not steep[-1] or steep.all():
        return float("nan"), float("nan")
    before = begin + len(steep) - 2 - int(np.argmin(steep[-2::-1]))
    share = (onset - slope[before]) / (slope[before + 1] - slope[before])
    time = t[before] + share * (t[before + 1] - t[before])
    return float(time), float(v[before] + share * (v[before + 1] - v[before]))


def _width(t: Floats, v: Floats, place: tuple[int, int, int], level: float) -> float:
    """Time above ``level`` around the peak; NaN if v is not below it on both sides."""
    begin, top, end = place
    below, after = v[begin:top] < level, v[top : end + 1] < level
    if not (below.any() and after.any() and v[top] >= level):
        return float("nan")
    up = top - 1 - int(np.argmax(below[::-1]))
    down = top + int(np.argmax(after)) - 1
    return _crossing(t, v, down, level) - _crossing(t, v, up, level)
