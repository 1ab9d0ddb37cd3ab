"""Power spectra of spike trains, of population activity and of any signal."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis.checked import numbers
from engine.analysis.rates import counts
from engine.checked import Floats, finite, positive
from engine.errors import DataError


def population_spectrum(
    times: ArrayLike, start: float, stop: float, width: float = 1.0, segment: float = 250.0
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """(frequency [Hz], power) of the population's spike count in bins of ``width`` ms.

    Welch's method: Hann windows of ``segment`` ms, half overlapping, the mean of each taken out,
    powers averaged.  The power is relative to that of a Poisson process of the same rate.
    """
    binned = counts(times, start, stop, width).astype(np.float64)
    frequency, power, window = _welch(binned, width, positive(segment, "segment", "ms"))
    scale = binned.mean() * window if binned.size else 0.0
    return frequency, power / scale if scale > 0 else power


def train_spectrum(
    times: ArrayLike, start: float, stop: float, width: float = 1.0, segment: float = 250.0
) -> tuple[Floats, Floats]:
    """(frequency [Hz], power [Hz]) of one spike train, two-sided.

    Windows as in ``population_spectrum``.  At high frequencies it tends to the mean rate (for a
    Poisson process it is the rate everywhere), at low ones to rate * CV^2 of a renewal process.
    Gabbiani & Koch 1998, Methods in Neuronal Modeling, chapter 9.
    """
    binned = counts(times, start, stop, width).astype(np.float64)
    frequency, power, window = _welch(binned, width, positive(segment, "segment", "ms"))
    return frequency, power / (window * width / 1000.0) if window > 0 else power


def power_spectrum(signal: ArrayLike, dt: float, segment: float = 500.0) -> tuple[Floats, Floats]:
    """(frequency [Hz], one-sided power density [unit^2/Hz]) of a signal sampled every ``dt`` ms.

    Welch's method with Hann windows of ``segment`` ms, half overlapping, means taken out: what
    ``scipy.signal.welch`` gives for that window.  DataError if the signal is shorter than 4
    samples.
    """
    values, dt = numbers(signal, "signal"), positive(dt, "dt", "ms")
    if len(values) < 4:
        raise DataError(f"{len(values)} samples have no spectrum; give 4 or more")
    frequency, power, window = _welch(values, dt, positive(segment, "segment", "ms"))
    density = power * dt / 1000.0 / window
    length = _length(values, dt, segment)
    density[1 : -1 if length % 2 == 0 else None] *= 2.0  # negative frequencies
    return frequency, density


def _welch(values: Floats, step: float, segment: float) -> tuple[Floats, Floats, float]:
    """(frequency [Hz], mean |FFT|^2 of the windowed pieces, sum of the squared window)."""
    length = _length(values, step, segment)
    if length < 4:
        return np.empty(0), np.empty(0), 0.0
    window = np.hanning(length)
    starts = range(0, len(values) - length + 1, max(1, length // 2))
    pieces = np.stack([values[first : first + length] for first in starts])
    pieces = (pieces - pieces.mean(axis=1, keepdims=True)) * window
    power = (np.abs(np.fft.rfft(pieces, axis=1)) ** 2).mean(axis=0)
    return np.fft.rfftfreq(length, step / 1000.0), power, float((window**2).sum())


def _length(values: Floats, step: float, segment: float) -> int:
    """Samples of a piece."""
    return min(max(4, int(segment / step)), len(values))


def band_power(
    frequency: ArrayLike, power: ArrayLike, low: float = 0.0, high: float = np.inf
) -> float:
    """Integral of ``power`` over the frequencies [Hz] of [low, high]; 0 if none is in it."""
    frequency, power, inside = _band(frequency, power, low, high)
    if len(frequency) < 2 or not inside.any():
        return 0.0
    return float(power[inside].sum() * (frequency[1] - frequency[0]))


def spectral_peak(
    frequency: ArrayLike, power: ArrayLike, low: float = 0.0, high: float = np.inf
) -> float:
    """The frequency [Hz] of greatest power within [low, high]; NaN if there is none."""
    frequency, power, inside = _band(frequency, power, low, high)
    inside &= frequency > 0
    if not inside.any():
        return float("nan")
    return float(frequency[inside][np.argmax(power[inside])])


def _band(
    frequency: ArrayLike, power: ArrayLike, low: float, high: float
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Both as arrays of one length, and which of them lie within [low, high]."""
    at, found = numbers(frequency, "frequency"), numbers(power, "power")
    if len(at) != len(found):
        raise DataError(
            f"{len(found):,} powers stand at {len(at):,} frequencies; give one a frequency"
        )
    below = finite(low, "low", "Hz")
    above = np.inf if isinstance(high, float) and high == np.inf else finite(high, "high", "Hz")
    return at, found, (at >= below) & (at <= above)
