"""The live line in every node: mean potential of a population, spikes or current of a source.

A Poisson source with too many spikes to record them has the line of its expected rate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.backends import philox
from engine.runtime.plan import SourcePlan
from workbench.live.axis import TimeAxis
from workbench.live.frames import Body
from workbench.live.recording import LiveRecording, Member
from workbench.live.traces import envelope, settled

COLUMNS = 80  # points of a line: two device pixels each on the canvas of a node


def take(
    recording: LiveRecording, window: float, since: int | None, body: Body
) -> dict[str, object]:
    """Add the columns from ``since`` on of every node's line and the current rates.

    ``nodes.line`` is float32[nodes, columns], NaN where there is nothing to draw.
    """
    axis = TimeAxis(window, COLUMNS, recording.dt)
    first, stop = axis.shown(recording.steps)
    first = first if since is None else min(stop, max(first, since))
    lines = [_line(recording, member, axis, first, stop) for member in recording.members]
    if lines:
        body.add("nodes.line", np.stack(lines).astype(np.float32))
    rates = recording.rates() | _expected_rates(recording)
    return {
        "first": first,
        "stop": stop,
        "settled": _settled(recording, axis, stop),
        "columns": COLUMNS,
        "rates": [_rounded(rates.get(member.id)) for member in recording.members],
    }


def kind(member: Member) -> str:
    """How a line is drawn: "trace", or "spikes" for a source that emits them."""
    return "spikes" if not member.population and member.emitter is not None else "trace"


def _settled(recording: LiveRecording, axis: TimeAxis, stop: int) -> int:
    places = [settled(signal, axis, stop) for signal in recording.means.values()]
    places.append(axis.column(recording.counts.complete * recording.counts.bin_steps - 1))
    return max(0, min(stop - 1, *places))


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 2)


def _line(
    recording: LiveRecording, member: Member, axis: TimeAxis, first: int, stop: int
) -> NDArray[np.floating]:
    if member.id in recording.means:
        low, high = envelope(recording.means[member.id], axis, first, stop)
        return (low[:, 0] + high[:, 0]) / 2
    if member.emitter is not None:
        return _spike_counts(recording, member, axis, first, stop)
    source = None if member.source is None else recording.sources[member.source]
    if source is None:
        return np.full(stop - first, np.nan)
    if source.kind == "current":
        return _current(recording, source, axis, first, stop)
    return np.full(stop - first, np.mean(source.rate))


def _spike_counts(
    recording: LiveRecording, member: Member, axis: TimeAxis, first: int, stop: int
) -> NDArray[np.floating]:
    """Spikes in each column."""
    counts = recording.counts
    emitting = [item.id for item in recording.members if item.emitter is not None]
    place = emitting.index(member.id)
    begin = max(counts.start, axis.first_step(first) // counts.bin_steps)
    values = counts.between(begin, counts.complete)[:, place]
    ends = (np.arange(begin, begin + len(values)) + 1) * counts.bin_steps - 1
    column = axis.columns_of(ends) - first
    inside = (column >= 0) & (column < stop - first)
    return np.bincount(column[inside], weights=values[inside], minlength=stop - first)


def _expected_rates(recording: LiveRecording) -> dict[str, float]:
    """Rates in Hz of the Poisson sources whose spikes are not recorded."""
    return {
        member.id: float(np.mean(recording.sources[member.source].rate)) / recording.dt * 1e3
        for member in recording.members
        if member.source is not None
        and member.emitter is None
        and recording.sources[member.source].kind == "poisson"
    }


def _current(
    recording: LiveRecording, source: SourcePlan, axis: TimeAxis, first: int, stop: int
) -> NDArray[np.floating]:
    """The current of the first member at the beginning of every column."""
    steps = (np.arange(first, stop) * axis.width / axis.dt).astype(np.int64)
    on = (steps >= source.start) & (steps < source.stop)
    values = source.mean + source.amplitude * on
    if source.trace is not None:
        inside = steps < len(source.trace)
        values[inside] += source.trace[steps[inside]]
    if source.noise_std:
        draws = steps // max(1, source.noise_every)
        noise = [philox.normals(recording.seed, source.stream, int(n), 1)[0] for n in draws]
        values = values + source.noise_std * np.array(noise)
    return values
