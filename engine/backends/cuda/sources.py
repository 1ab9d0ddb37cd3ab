"""Sources on a device: Poisson spikes, recorded spikes, currents."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.backends import philox
from engine.backends.cuda.device import Launch, Memory, blocks_for
from engine.backends.cuda.frame import Frame, Spikes, unpacked
from engine.errors import BackendError
from engine.runtime.plan import SourcePlan


class PoissonSource:
    """Counts every member's spikes of a step; an entry of its list holds a member and its count."""

    def __init__(self, frame: Frame, place: int, plan: SourcePlan) -> None:
        self.frame, self.place = frame, place
        self.emitter = len(frame.plan.populations) + place
        self.kept = place in frame.plan.record_sources
        self.needed = self.kept or frame.is_heard(self.emitter)
        entries = plan.size * (frame.slice if self.kept else frame.block) if self.needed else 1
        self.list: Memory = frame.device.zeros(max(1, entries), np.uint64)
        self.set(plan)

    def set(self, plan: SourcePlan) -> None:
        """New rates; raises `BackendError` for rates that are none."""
        if np.ndim(plan.rate) and np.shape(plan.rate) != (plan.size,):
            raise BackendError(f'source "{plan.id}": its rates are not one for each of {plan.size}')
        if not np.all(np.isfinite(plan.rate)) or np.any(np.asarray(plan.rate) < 0):
            raise BackendError(f'source "{plan.id}": a rate is negative or not a number')
        self.plan = plan
        self.ladder = philox.ladder(plan.rate)
        upload = self.frame.device.upload
        rungs = np.zeros(1, np.uint32)
        self._thresholds = upload(self.ladder.thresholds if self.ladder.thresholds.size else rungs)
        large = np.broadcast_to(self.ladder.large, (plan.size,))
        self._large = upload(large) if large.any() else None

    @property
    def most(self) -> int:
        """Most spikes that a member can emit in a step."""
        most = self.ladder.parts * len(self.ladder.thresholds)
        rate = float(self.ladder.large.max())
        if rate > 0.0:
            most = max(most, int(rate + 7.0 * rate**0.5 + 1.0))  # a normal here is at most 6.8
        return max(1, min(most, 65535))

    def launches(self) -> Iterator[Launch]:
        """Emit the spikes of a block."""
        if not self.needed:
            return
        plan, frame = self.plan, self.frame
        seed, stream = (int(word) for word in philox.key(frame.plan.seed, plan.stream))
        width = 0 if self.ladder.scalar else plan.size
        work = -(-plan.size // 8) * frame.block
        yield frame.kernels.ready(
            "emit_poisson", blocks_for(work), 128,
            [frame.clock, plan.size, seed, stream, self.ladder.parts, len(self.ladder.thresholds),
             self._thresholds, width, self._large, philox.LARGE_POISSON,
             self.list, frame.cells_of(self.emitter)],
        )  # fmt: skip

    def spikes(self, first: int, last: int, count: int) -> Spikes:
        """Spikes of steps [first, last), ``count`` entries of the list."""
        return unpacked(self.frame.device.download(self.list, count), first)


class RecordedSource:
    """Spikes that were given; the host knows them, the device looks for those of a block."""

    kept = False  # the host hands out its own

    def __init__(self, frame: Frame, place: int, plan: SourcePlan) -> None:
        self.frame = frame
        self.emitter = len(frame.plan.populations) + place
        self.set(plan)

    def set(self, plan: SourcePlan) -> None:
        """Other spikes; raises `BackendError` for a sender that is not there."""
        steps = np.asarray(plan.steps if plan.steps is not None else (), np.int64)
        senders = np.asarray(plan.senders if plan.senders is not None else (), np.uint32)
        if steps.shape != senders.shape or (senders.size and senders.max() >= plan.size):
            raise BackendError(f'source "{plan.id}": a sender is not below its size {plan.size}')
        order = np.lexsort((senders, steps))
        self.plan, self._steps, self._senders = plan, steps[order], senders[order]
        # A member stands in a step once, with the number of its spikes.
        same = (np.diff(self._steps) == 0) & (np.diff(self._senders.astype(np.int64)) == 0)
        first = np.flatnonzero(np.concatenate([[True], ~same])) if steps.size else order
        times = np.minimum(np.diff(np.append(first, steps.size)), 65535).astype(np.uint32)
        self.most = int(times.max(initial=1))  # spikes of a member in a step
        at, device = self._steps[first], self.frame.device
        given = (at, self._senders[first], times)
        self._given = [device.upload(part) for part in given] if steps.size else None
        ends = np.searchsorted(at, at + self.frame.block)
        self._most_in_block = int((ends - np.arange(at.size)).max(initial=1))
        self.list = device.zeros(self._most_in_block, np.uint64)

    def launches(self) -> Iterator[Launch]:
        """Emit the spikes of a block."""
        if self._given is not None and self.frame.is_heard(self.emitter):
            yield self.frame.kernels.ready(
                "emit_recorded", blocks_for(self._most_in_block), 128,
                [self.frame.clock, self._given[0].size, *self._given, self.list,
                 self.frame.cells_of(self.emitter)],
            )  # fmt: skip

    def spikes(self, first: int, last: int, count: int) -> Spikes:
        """Spikes of steps [first, last)."""
        begin, end = np.searchsorted(self._steps, (first, last))
        return self._steps[begin:end].copy(), self._senders[begin:end].copy()


class CurrentSource:
    """A level that all members share, and the numbers of its noise."""

    kept = False
    most = 0
    list = None

    def __init__(self, frame: Frame, place: int, plan: SourcePlan) -> None:
        self.frame = frame
        self.emitter = len(frame.plan.populations) + place
        self.set(plan)

    def set(self, plan: SourcePlan) -> None:
        """Other values."""
        self.plan = plan
        device, every = self.frame.device, max(1, plan.noise_every)
        self.values = device.upload(np.array([plan.mean, plan.amplitude, plan.noise_std], float))
        trace = None if plan.trace is None else np.asarray(plan.trace, np.float64)
        length = 0 if trace is None else trace.size
        self.trace = device.upload(trace) if trace is not None and length else None
        self.window = device.upload(np.array([plan.start, plan.stop, length, every], np.int64))
        self.numbers: Memory | None = None
        if plan.noise_std:
            draws = self.frame.block // every + 2
            self.numbers = device.zeros((draws, plan.size), self.frame.dtype)

    @property
    def arguments(self) -> list[Memory]:
        """What the kernels of currents ask first."""
        return [self.values, self.window, self.trace]

    def launches(self) -> Iterator[Launch]:
        """Draw the noise of a block."""
        if self.numbers is None:
            return
        plan, frame = self.plan, self.frame
        seed, stream = (int(word) for word in philox.key(frame.plan.seed, plan.stream))
        every = max(1, plan.noise_every)
        yield frame.kernels.ready(
            "draw_noise", blocks_for(self.numbers.size // 4 + 1), 128,
            [frame.clock, plan.size, philox.NORMAL, seed, stream, every, self.numbers],
        )  # fmt: skip

    def spikes(self, first: int, last: int, count: int) -> Spikes:
        """None: a current does not spike."""
        return np.zeros(0, np.int64), np.zeros(0, np.uint32)


Source = PoissonSource | RecordedSource | CurrentSource
_KINDS = {"poisson": PoissonSource, "spikes": RecordedSource, "current": CurrentSource}


def source_on_device(frame: Frame, place: int) -> Source:
    """The source ``place`` of the plan, of its kind."""
    plan = frame.plan.sources[place]
    return _KINDS[plan.kind](frame, place, plan)
