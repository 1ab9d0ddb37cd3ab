"""Power spectrum of population activity."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis.rates import counts


def population_spectrum(
    times: ArrayLike, start: float, stop: float, width: float = 1.0, segment: float = 250.0
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """(frequency [Hz], power) of the population's spike count in bins of ``width`` ms.

    Welch's method: Hann windows of ``segment`` ms, half overlapping, the mean of each taken out,
    powers averaged.  The power is relative to that of a Poisson process of the same rate.
    """
    binned = counts(times, start, stop, width).astype(np.float64)
    length = min(int(segment / width), len(binned))
    if length < 4:
        return np.empty(0), np.empty(0)
    window = np.hanning(length)
    starts = range(0, len(binned) - length + 1, max(1, length // 2))
    pieces = np.stack([binned[first : first + length] for first in starts])
    pieces = (pieces - pieces.mean(axis=1, keepdims=True)) * window
    power = (np.abs(np.fft.rfft(pieces, axis=1)) ** 2).mean(axis=0)
    scale = binned.mean() * (window**2).sum()
    return np.fft.rfftfreq(length, width / 1000.0), power / scale if scale > 0 else power


def spectral_peak(
    frequency: ArrayLike, power: ArrayLike, low: float = 0.0, high: float = np.inf
) -> float:
    """The frequency [Hz] of greatest power within [low, high]; NaN if there is none."""
    frequency, power = np.asarray(frequency), np.asarray(power)
    inside = (frequency >= low) & (frequency <= high) & (frequency > 0)
    if not inside.any():
        return float("nan")
    return float(frequency[inside][np.argmax(power[inside])])
