"""Membrane potentials of a few neurons: least and greatest value in every column of pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.live.axis import TimeAxis
from workbench.live.frames import Body
from workbench.live.recording import LiveRecording, Signal


def envelope(
    signal: Signal, axis: TimeAxis, first: int, stop: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(least, greatest) [columns, signals] of the columns ``first`` to ``stop``.

    A column narrower than the sampling interval takes the value that follows it; columns without
    any sample yet, or no longer held, are NaN.
    """
    width = signal.history.width
    low = np.full((stop - first, width), np.nan, np.float32)
    high = low.copy()
    wanted = axis.first_step(first) // signal.every
    begin = max(wanted, signal.history.start)
    values = signal.history.between(begin, signal.history.stop)
    steps = (np.arange(begin, begin + len(values)) + 1) * signal.every - 1
    column = axis.columns_of(steps) - first
    inside = np.searchsorted(column, stop - first)
    if not inside:
        return low, high
    values, column = values[:inside], column[:inside]
    starts = np.searchsorted(column, np.arange(stop - first))
    known = starts < len(values)
    if begin > wanted:
        known &= np.arange(stop - first) >= column[0]
    low[known] = _reduced(np.minimum, values, starts[known])
    high[known] = _reduced(np.maximum, values, starts[known])
    return low, high


def settled(signal: Signal, axis: TimeAxis, stop: int) -> int:
    """The first column to ask for the next time: that of the newest sample, or the newest."""
    step = signal.history.stop * signal.every - 1
    return max(0, min(stop - 1, axis.column(step)))


def _reduced(
    ufunc: np.ufunc, values: NDArray[np.float32], starts: NDArray[np.intp]
) -> NDArray[np.float32]:
    return ufunc.reduceat(values, starts, axis=0) if starts.size else values[:0]


def take(
    recording: LiveRecording, node: str, axis: TimeAxis, since: int | None, body: Body
) -> dict[str, object] | None:
    """Add the columns from ``since`` on of the traced neurons of ``node``; None without traces.

    ``traces.low`` and ``traces.high`` are float32[columns, neurons]; ``traces.spike`` is
    uint8[columns, neurons], 1 where the neuron spiked.
    """
    signal = recording.traces.get(node)
    if signal is None:
        return None
    first, stop = axis.shown(recording.steps)
    first = first if since is None else min(stop, max(first, since))
    low, high = envelope(signal, axis, first, stop)
    body.add("traces.low", low)
    body.add("traces.high", high)
    body.add("traces.spike", _spikes(recording, node, low.shape, axis, first))
    return {
        "first": first,
        "stop": stop,
        "settled": settled(signal, axis, stop),
        "count": low.shape[1],
    }


def _spikes(
    recording: LiveRecording, node: str, shape: tuple[int, ...], axis: TimeAxis, first: int
) -> NDArray[np.uint8]:
    marks = np.zeros(shape, np.uint8)
    place = next(i for i, member in enumerate(recording.members) if member.id == node)
    offset = int(recording.spikes.offsets[place])
    steps, neurons = recording.spikes.since(axis.first_step(first))
    wanted = (neurons >= offset) & (neurons < offset + shape[1])
    marks[axis.columns_of(steps[wanted]) - first, neurons[wanted] - offset] = 1
    return marks
