"""Firing rate of every population, counted in bins and smoothed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.live.frames import Body
from workbench.live.recording import LiveRecording

KERNEL = 5.0  # ms, standard deviation of the Gaussian kernel
REACH = 3.0  # standard deviations on each side


def smoothed(counts: NDArray[np.int64], bin_ms: float) -> NDArray[np.float64]:
    """Counts [bins, emitters] through the kernel, in spikes a second; at the ends of the data the
    kernel is cut and normalised, so a constant rate stays constant."""
    sd = KERNEL / bin_ms
    reach = max(1, round(REACH * sd))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sd) ** 2)
    bins = len(counts)
    weight = np.convolve(np.ones(bins), kernel)[reach : reach + bins]
    columns = [np.convolve(column, kernel)[reach : reach + bins] for column in counts.T]
    return np.stack(columns, axis=1) / weight[:, None] / (bin_ms * 1e-3)


def take(
    recording: LiveRecording, window: float, columns: int, since: int | None, body: Body
) -> dict[str, object]:
    """Add the rates of all populations, in Hz, of the bins from ``since`` on.

    The curve ends one ``KERNEL`` ago: nearer to now, too much of its kernel is still to come.

    ``rates.hz`` is float32[points, populations]; point p is the mean of ``stride`` bins beginning
    with bin p * stride.  The last points change while their kernel fills: ``settled`` is the
    first point to ask for the next time.
    """
    counts = recording.counts
    bin_ms = counts.bin_steps * recording.dt
    stride = max(1, round(window / bin_ms / max(1, columns)))
    reach = max(1, round(REACH * KERNEL / bin_ms))
    stop = max(0, counts.complete - round(KERNEL / bin_ms)) // stride
    shown = int(np.ceil(window / (bin_ms * stride))) + 1
    first = max(0, stop - shown)
    first = first if since is None else min(stop, max(first, since))
    values = _points(recording, first, stop, stride, reach)
    body.add("rates.hz", values)
    settled = max(0, (counts.complete - reach) // stride)
    return {
        "first": first,
        "stop": first + len(values),
        "settled": settled,
        "interval": bin_ms * stride,
        "count": values.shape[1],
    }


def _points(
    recording: LiveRecording, first: int, stop: int, stride: int, reach: int
) -> NDArray[np.float32]:
    sizes = np.array([member.size for member in recording.populations], float)
    if stop <= first or not sizes.size:
        return np.empty((0, sizes.size), np.float32)
    counts = recording.counts
    begin = max(counts.start, first * stride - reach)
    raw = counts.between(begin, min(stop * stride + reach, counts.complete))[:, : sizes.size]
    bin_ms = counts.bin_steps * recording.dt
    skip = first * stride - begin
    rate = smoothed(raw, bin_ms)[skip : skip + (stop - first) * stride] / sizes
    return rate.reshape(stop - first, stride, sizes.size).mean(axis=1).astype(np.float32)
