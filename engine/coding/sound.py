"""Sound as channels: how strong each band of frequencies is, frame by frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.checked import array, positive, whole
from engine.errors import DataError

LOWEST = 100.0  # Hz, of the first band
MOST_BANDS = 10_000
RANGE = 50.0  # dB below the loudest that still count


def bands(
    sound: ArrayLike, interval: float, count: int = 32, frame: float = 10.0
) -> NDArray[np.floating]:
    """Loudness, 0 to 1, of ``count`` bands in frames of ``frame`` ms, [frames, count].

    ``sound`` [T] has a sample every ``interval`` ms.  Bands are triangles evenly spaced in mel
    (Stevens et al. 1937: 2595 log10(1 + f/700 Hz)) from 100 Hz to half the sampling rate, over the
    power of Hann windows of two frames; 1 is the loudest band there is, 0 what lies 50 dB below.
    """
    wave = array(sound, "sound")
    if wave.ndim != 1 or not wave.size:
        raise DataError("`sound` must be a list of samples, [T]; mix its channels first")
    rate = 1000.0 / positive(interval, "interval", "ms")
    hop = max(1, round(positive(frame, "frame", "ms") * rate / 1000.0))
    if rate < 4 * LOWEST:
        raise DataError(
            f"a sound of {rate:g} samples a second has no bands above {LOWEST:g} Hz; "
            "sample it at least 400 times a second"
        )
    if hop > wave.size:
        raise DataError(
            f"a frame of {frame:g} ms is longer than the sound, {wave.size * interval:g} ms; "
            "shorten it"
        )
    frames = -(-wave.size // hop)
    padded = np.concatenate([wave, np.zeros((frames + 1) * hop - wave.size)])
    pieces = padded[np.arange(frames)[:, None] * hop + np.arange(2 * hop)]
    power = np.abs(np.fft.rfft(pieces * np.hanning(2 * hop), axis=1)) ** 2
    found = power @ _triangles(whole(count, "count", 1, MOST_BANDS), 2 * hop, rate).T
    loudest = found.max()
    if loudest <= 0:
        return np.zeros_like(found)
    decibel = 10.0 * np.log10(np.maximum(found / loudest, 1e-12))
    return np.clip(1.0 + decibel / RANGE, 0.0, 1.0)


def _triangles(count: int, window: int, rate: float) -> NDArray[np.floating]:
    """Weights of the frequencies of a window in every band, [count, window // 2 + 1]."""
    ends = 2595.0 * np.log10(1.0 + np.array([LOWEST, rate / 2.0]) / 700.0)
    edge = 700.0 * (10.0 ** (np.linspace(ends[0], ends[1], count + 2) / 2595.0) - 1.0)
    frequency = np.fft.rfftfreq(window, 1.0 / rate)
    # A band narrower than the grid still sees the frequency it stands at.
    low, middle, high = (edge[k : k + count, None] for k in range(3))
    width = rate / window
    rising = (frequency - low) / np.maximum(middle - low, width)
    falling = (high - frequency) / np.maximum(high - middle, width)
    return np.clip(np.minimum(rising, falling), 0.0, 1.0)
