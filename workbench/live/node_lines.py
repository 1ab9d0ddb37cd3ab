"""The live line in every node: mean potential of a population, spikes or current of a source.

A source with too many spikes to record them has the line of its expected rate.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from engine.backends import philox
from engine.runtime.plan import SourcePlan
from workbench.live.axis import TimeAxis
from workbench.live.frames import Body
from workbench.live.recording import LiveRecording, Member
from workbench.live.traces import envelope, settled

FORGOTTEN = 0.01  # share of a number that noise still remembers
LONGEST_MEMORY = 50_000  # draws
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
    return source.expected(_steps(axis, first, stop))


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
    """Rates in Hz, now, of the sources whose spikes are not recorded."""
    now = np.array([recording.steps])
    return {
        member.id: float(recording.sources[member.source].expected(now)[0]) / recording.dt * 1e3
        for member in recording.members
        if member.source is not None
        and member.emitter is None
        and recording.sources[member.source].kind != "current"
    }


def _steps(axis: TimeAxis, first: int, stop: int) -> NDArray[np.int64]:
    """The steps in which columns [first, stop) begin."""
    return (np.arange(first, stop) * axis.width / axis.dt).astype(np.int64)


def _current(
    recording: LiveRecording, source: SourcePlan, axis: TimeAxis, first: int, stop: int
) -> NDArray[np.floating]:
    """The current of the first member at the beginning of every column."""
    steps = _steps(axis, first, stop)
    on = (steps >= source.start) & (steps < source.stop)
    values = source.mean + source.amplitude * on
    if source.trace is not None:
        inside = steps < len(source.trace)
        values[inside] += source.trace[steps[inside]]
    if source.course is not None:
        values = values + source.course(steps)
    if source.noise_std and len(steps):
        draws = steps // max(1, source.noise_every)
        values = values + source.noise_std * noise_of_first(recording.seed, source, draws)
    return values


def noise_of_first(seed: int, source: SourcePlan, draws: NDArray[np.int64]) -> NDArray[np.floating]:
    """The first member's normal number in each of ``draws``, which ascend.

    Noise that remembers is followed from so long before that the rest is a hundredth.
    """
    if source.noise_decay == 0.0:
        return philox.normals_of_first(seed, source.stream, draws)
    before = min(LONGEST_MEMORY, int(math.log(FORGOTTEN) / math.log(source.noise_decay)) + 1)
    start = max(0, int(draws[0]) - before)
    fresh = philox.normals_of_first(seed, source.stream, np.arange(start, int(draws[-1]) + 1))
    share = math.sqrt(1.0 - source.noise_decay**2)
    past = [(1.0 - share) * fresh[0]]
    relaxed, _ = lfilter([share], [1.0, -source.noise_decay], fresh, zi=past)
    return relaxed[draws - start]
