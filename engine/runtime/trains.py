"""Spike trains that the host makes as a run goes on: with a memory, or at times that are known.

Random numbers come from Philox like all others, counted by member and by draw, so a train is the
same on every backend.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.backends import philox
from engine.backends.ahead import MANY
from engine.runtime.plan import FOREVER, Constant, Course, Floats

Spikes = tuple[NDArray[np.int64], NDArray[np.uint32]]
# The fourth word of the counter, beyond those of `philox`: (member, draw, draw >> 32, purpose).
WAITING, SCATTER = 1 << 18, 1 << 19
WIDEST = 7.0  # standard deviations; a normal number here is at most 6.8


@dataclass(frozen=True)
class DeadTimeTrain:
    """A Poisson process of which a spike suppresses all others for ``dead`` steps.

    Its rate is r/(1 + r d), the coefficient of variation of its intervals 1/(1 + r d) (Cox 1962,
    Renewal Theory).  ``rate`` is r in spikes a step: a number, one a member, or a course, which is
    constant during each step; spikes lie anywhere in a step.  The state is, by member, when the
    next spike may come [steps] and how often was drawn.  Waiting has no memory, so at every piece
    those who wait draw afresh, and a rate that was changed acts at once.
    """

    seed: int
    stream: int
    rate: Constant | Course
    dead: float  # steps

    @property
    def most(self) -> int:
        """Most spikes of a member in one step."""
        return 1 if self.dead >= 1.0 else MANY

    def begin(self, size: int) -> Floats:
        """All may spike at once."""
        return np.zeros((2, size))

    def advance(
        self, state: Floats, first: int, end: int
    ) -> tuple[NDArray[np.int64], NDArray[np.uint32], Floats]:
        """See `engine.runtime.plan.Train`."""
        state = state.copy()
        ready, draws = state
        hazard, shares = self._hazard(np.arange(first, end), len(ready))
        passed = np.concatenate([[0.0], np.cumsum(hazard)])  # expected spikes since ``first``
        steps: list[NDArray[np.int64]] = []
        members: list[NDArray[np.int64]] = []
        who = np.flatnonzero((ready < end) & (shares > 0.0))
        while who.size:
            waits = self._waits(who, draws[who])
            draws[who] += 1
            for turn in range(4):
                at = np.maximum(ready[who] - first, 0.0)
                goal = _level(passed, hazard, at) + waits[:, turn] / shares[who]
                inside = goal < passed[-1]
                who, waits = who[inside], waits[inside]
                step, at = _reached(passed, hazard, goal[inside])
                steps.append(first + step)
                members.append(who)
                ready[who] = first + at + self.dead
                ongoing = ready[who] < end
                who, waits = who[ongoing], waits[ongoing]
        return *_sorted(steps, members), state

    def _hazard(self, steps: NDArray[np.int64], size: int) -> tuple[Floats, Floats]:
        """Expected spikes in every step, and by what each member has them."""
        if callable(self.rate):
            return np.maximum(self.rate(steps), 0.0), np.ones(size)
        return np.ones(len(steps)), np.broadcast_to(self.rate, (size,))

    def _waits(self, members: NDArray[np.int64], draws: Floats) -> Floats:
        """Four exponential numbers of mean 1 for each of ``members``, [members, 4]."""
        words = np.stack(_words(self, members, draws.astype(np.uint64), WAITING), 1)
        return -philox.logarithm((words.astype(np.float64) + 0.5) * philox.STEP_32)


@dataclass(frozen=True)
class RegularTrain:
    """Spike k of a member at start + k/rate, each moved by ``jitter`` times a normal number."""

    seed: int
    stream: int
    rate: Constant  # spikes a ms
    start: Constant  # ms
    jitter: float  # ms
    number: int  # spikes of each member, 0 for no end
    dt: float

    @property
    def most(self) -> int:
        """Most spikes of a member in one step."""
        if self.jitter > 0.0:
            return MANY
        return int(np.max(self.rate) * self.dt) + 2

    def begin(self, size: int) -> Floats:
        """Nothing but the number of members is remembered."""
        return np.zeros((1, size))

    def advance(
        self, state: Floats, first: int, end: int
    ) -> tuple[NDArray[np.int64], NDArray[np.uint32], Floats]:
        """See `engine.runtime.plan.Train`."""
        size = state.shape[1]
        rate, start = np.broadcast_to(self.rate, (size,)), np.broadcast_to(self.start, (size,))
        reach = WIDEST * self.jitter + self.dt
        low = np.maximum(np.floor((first * self.dt - reach - start) * rate), 0.0)
        high = np.ceil((end * self.dt + reach - start) * rate) + 1.0
        if self.number:
            high = np.minimum(high, float(self.number))
        counts = np.maximum(high - low, 0.0).astype(np.int64)
        members = np.repeat(np.arange(size), counts)
        before = np.cumsum(counts) - counts
        k = np.arange(len(members)) - before[members] + low[members]
        times = start[members] + k / rate[members]
        if self.jitter > 0.0:
            times = times + self.jitter * _normals(self, members, k.astype(np.uint64))
        return *_within(times, members, first, end, self.dt), state


@dataclass(frozen=True)
class PacketTrain:
    """Every member once around each of ``times`` [ms], with standard deviation ``std`` [ms]."""

    seed: int
    stream: int
    times: Floats  # ascending
    std: float
    dt: float

    @property
    def most(self) -> int:
        """Most spikes of a member in one step."""
        return min(MANY, max(1, len(self.times)))

    def begin(self, size: int) -> Floats:
        """Nothing but the number of members is remembered."""
        return np.zeros((1, size))

    def advance(
        self, state: Floats, first: int, end: int
    ) -> tuple[NDArray[np.int64], NDArray[np.uint32], Floats]:
        """See `engine.runtime.plan.Train`."""
        size, reach = state.shape[1], WIDEST * self.std + self.dt
        ends = (first * self.dt - reach, end * self.dt + reach)
        low, high = np.searchsorted(self.times, ends)
        packets = np.repeat(np.arange(low, high), size)
        members = np.tile(np.arange(size), high - low)
        times = self.times[packets]
        if self.std > 0.0:
            times = times + self.std * _normals(self, members, packets.astype(np.uint64))
        return *_within(times, members, first, end, self.dt), state


Keyed = DeadTimeTrain | RegularTrain | PacketTrain


def step_of(times: Floats, dt: float) -> NDArray[np.int64]:
    """The step that ends nearest to each of ``times``; the first for those before its end."""
    nearest = np.minimum(np.floor(times / dt + 0.5), float(FOREVER))
    return np.maximum(nearest.astype(np.int64) - 1, 0)


def _words(train: Keyed, members: NDArray[np.int64], draws: NDArray[np.uint64], purpose: int):
    """Four words of random bits for each member and draw."""
    seed, stream = philox.key(train.seed, train.stream)
    low, high = draws & philox.WORD, draws >> philox.SHIFT
    return philox.philox(members.astype(np.uint64), low, high, np.uint64(purpose), seed, stream)


def _normals(train: Keyed, members: NDArray[np.int64], draws: NDArray[np.uint64]) -> Floats:
    """A standard normal number for each member and draw."""
    radius, angle, _, _ = _words(train, members, draws, SCATTER)
    return philox.normal_pair(radius, angle)[0]


def _level(passed: Floats, hazard: Floats, at: Floats) -> Floats:
    """What has ``passed`` at ``at`` steps."""
    step = np.minimum(at.astype(np.int64), len(hazard) - 1)
    return passed[step] + (at - step) * hazard[step]


def _reached(passed: Floats, hazard: Floats, goal: Floats) -> tuple[NDArray[np.int64], Floats]:
    """The step in which ``goal`` has passed, and where in it [steps]."""
    step = np.searchsorted(passed, goal, "right") - 1
    return step, np.minimum(step + (goal - passed[step]) / hazard[step], step + 1.0)


def _sorted(steps: list[NDArray[np.int64]], members: list[NDArray[np.int64]]) -> Spikes:
    if not steps:
        return np.zeros(0, np.int64), np.zeros(0, np.uint32)
    at, who = np.concatenate(steps), np.concatenate(members)
    order = np.lexsort((who, at))
    return at[order], who[order].astype(np.uint32)


def _within(times: Floats, members: NDArray[np.int64], first: int, end: int, dt: float) -> Spikes:
    """The spikes whose steps lie in [first, end), sorted; there is none before time 0."""
    steps = step_of(times, dt)
    inside = (steps >= first) & (steps < end) & (times >= 0.0)
    return _sorted([steps[inside]], [members[inside]])
