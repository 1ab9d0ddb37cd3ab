"""What a run keeps: counts and intervals of every population, and whatever has a recorder.

Fed with chunks, in order; nothing here depends on how the run was cut into chunks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.analysis.isi import LEAST_SPIKES
from engine.document import Recorder
from engine.runtime.plan import Chunk, Floats, MonitorPlan
from engine.runtime.result import Spikes, Trace


class Intervals:
    """Count and the first two moments of inter-spike intervals of each of ``size`` cells.

    The same numbers as ``analysis.cv_isi`` of all spikes, in memory that does not grow.
    """

    def __init__(self, size: int) -> None:
        self.total = 0
        self.spikes = np.zeros(size, np.int64)
        self.last = np.zeros(size, np.int64)  # step of the last spike, where there was one
        self.sum = np.zeros(size)
        self.squares = np.zeros(size)

    def take(self, steps: NDArray[np.int64], senders: NDArray[np.uint32]) -> None:
        """Count spikes, given in order of time."""
        self.total += len(steps)
        order = np.argsort(senders, kind="stable")
        cell, step = senders[order], steps[order]
        first = np.ones(len(cell), bool)
        first[1:] = cell[1:] != cell[:-1]
        before = np.empty_like(step)
        before[1:] = step[:-1]
        before[first] = self.last[cell[first]]
        known = ~first | (self.spikes[cell] > 0)
        interval = (step - before)[known].astype(np.float64)
        self.sum += np.bincount(cell[known], interval, self.sum.size)
        self.squares += np.bincount(cell[known], interval**2, self.sum.size)
        self.spikes += np.bincount(cell, minlength=self.spikes.size)
        final = np.ones(len(cell), bool)
        final[:-1] = first[1:]
        self.last[cell[final]] = step[final]

    def cv(self) -> float:
        """Mean CV over cells with at least five spikes; NaN if there are none."""
        enough = (self.spikes >= LEAST_SPIKES) & (self.sum > 0)
        number = self.spikes[enough] - 1
        if not number.size:
            return math.nan
        mean = self.sum[enough] / number
        variance = np.maximum(self.squares[enough] / number - mean**2, 0.0)
        return float((np.sqrt(variance) / mean).mean())


@dataclass
class SpikeKeeper:
    """Spikes of the members that a recorder names, in order of time."""

    size: int
    members: NDArray[np.int64] | None  # None: all
    steps: list[NDArray[np.int64]] = field(default_factory=list)
    senders: list[NDArray[np.uint32]] = field(default_factory=list)
    wanted: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        if self.members is not None:
            self.wanted = np.zeros(self.size, bool)
            self.wanted[self.members] = True

    def take(self, steps: NDArray[np.int64], senders: NDArray[np.uint32]) -> None:
        """Keep what is wanted of a chunk's spikes."""
        if self.wanted is not None:
            inside = self.wanted[senders]
            steps, senders = steps[inside], senders[inside]
        self.steps.append(np.array(steps, np.int64))
        self.senders.append(np.array(senders, np.uint32))

    def result(self, dt: float) -> Spikes:
        """All spikes kept; a spike of step n is stamped (n + 1) dt."""
        steps = np.concatenate([np.empty(0, np.int64), *self.steps])
        senders = np.concatenate([np.empty(0, np.uint32), *self.senders])
        return Spikes(grid_times(steps + 1, dt), senders)


@dataclass
class RateKeeper:
    """Spikes of a whole population counted in bins of ``every`` steps."""

    size: int
    every: int
    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    steps: int = 0

    def take(self, steps: NDArray[np.int64], end: int) -> None:
        """Count the spikes of a chunk that ends before step ``end``."""
        self.steps = end
        bins = -(-end // self.every)
        if bins > len(self.counts):
            grown = np.zeros(max(bins, 2 * len(self.counts)), np.int64)
            grown[: len(self.counts)] = self.counts
            self.counts = grown
        self.counts += np.bincount(steps // self.every, minlength=len(self.counts))

    def result(self, dt: float, first: int = 0) -> Trace:
        """Rate [Hz] in every whole bin from step ``first`` on, stamped with the end of the bin."""
        bins = self.steps // self.every
        values = self.counts[:bins] * (1000.0 / (self.size * self.every * dt))
        times = grid_times(first + np.arange(1, bins + 1) * self.every, dt)
        return Trace(times, values[:, None], np.empty(0, np.int64))


@dataclass
class StateKeeper:
    """Samples of a monitor of the plan."""

    monitor: MonitorPlan
    place: int  # of the monitor in the plan
    size: int
    pieces: list[Floats] = field(default_factory=list)

    def take(self, chunk: Chunk) -> None:
        """Keep the samples of a chunk."""
        self.pieces.append(np.array(chunk.monitors[self.place]))

    def result(self, dt: float, first: int = 0) -> Trace:
        """All samples, taken in steps from ``first`` on; that of the end of step n is stamped
        (n + 1) dt."""
        members = self.monitor.indices
        if members is None:
            members = np.arange(self.size)
        columns = len(members) if self.monitor.kind == "state" else 1
        pieces = [piece.reshape(-1, columns) for piece in self.pieces]
        values = np.concatenate(pieces) if pieces else np.empty((0, columns))
        every = self.monitor.every
        samples = np.arange(1, len(values) + 1) + first // every
        return Trace(grid_times(samples * every, dt), values, members)


def grid_times(steps: NDArray[np.integer], dt: float) -> NDArray[np.float64]:
    """Times [ms] of whole ``steps``, each the float nearest to a decimal fraction.

    3 * 0.1 is 0.30000000000000004; a person who looks for 0.3 should find it.
    """
    return np.round(steps.astype(np.float64) * dt, 9)


def sample_every(recorder: Recorder, dt: float, default: float | None = None) -> int:
    """Steps between the samples of a recorder; ``default`` is an interval in ms."""
    interval = recorder.interval if recorder.interval is not None else default
    return 1 if interval is None else max(1, math.floor(interval / dt + 0.5))
