"""Sources on a device: Poisson spikes, recorded spikes, currents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from engine.backends import philox
from engine.backends.ahead import MANY, PIECE, CourseAhead, RatesAhead, TrainAhead
from engine.backends.cuda.device import Launch, Memory, blocks_for
from engine.backends.cuda.frame import Frame, Spikes, unpacked
from engine.errors import BackendError
from engine.runtime.plan import SourcePlan

NEVER = np.iinfo(np.int64).max  # a step


class _Source:
    """What most sources have nothing to do for."""

    def look_ahead(self, first: int, end: int) -> bool:
        """Get ready for a slice; True if memory lies elsewhere now."""
        return False

    def saved(self, step: int) -> dict[str, np.ndarray]:
        """What it remembers before ``step``."""
        return {}

    def restore(self, checkpoint: Mapping[str, np.ndarray], step: int) -> None:
        """Go back to what `saved` gave."""


class PoissonSource(_Source):
    """Counts every member's spikes of a step; an entry of its list holds a member and its count."""

    def __init__(self, frame: Frame, place: int, plan: SourcePlan) -> None:
        self.frame, self.place = frame, place
        self.emitter = len(frame.plan.populations) + place
        self.kept = place in frame.plan.record_sources
        self.needed = self.kept or frame.is_heard(self.emitter)
        entries = plan.size * (frame.slice if self.kept else frame.block) if self.needed else 1
        self.list: Memory = frame.device.zeros(max(1, entries), np.uint64)
        self.set(plan, 0)

    def set(self, plan: SourcePlan, step: int) -> None:
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


class VaryingSource(PoissonSource):
    """The same with a rate that changes with time, whose thresholds the host knows ahead."""

    def set(self, plan: SourcePlan, step: int) -> None:
        """Another course of the rate."""
        self.plan, self._rates = plan, RatesAhead(plan)
        self._make_room(1)

    def _make_room(self, rungs: int) -> None:
        device, self._rungs = self.frame.device, rungs
        steps = known_ahead(self.frame)
        self._parts = device.zeros(steps, np.int64)
        self._thresholds = device.zeros((steps, rungs), np.uint32)
        self._first = device.zeros(1, np.int64)

    @property
    def most(self) -> int:
        """Spikes of a member in a step for which units leave room, whatever the rate becomes."""
        return MANY

    def look_ahead(self, first: int, end: int) -> bool:
        """The thresholds of a slice."""
        rates, device = self._rates, self.frame.device
        if not rates.cover(first, end):
            return False
        steps, rungs = rates.thresholds.shape
        moved = rungs > self._rungs
        if moved:
            self._make_room(rungs)
        thresholds = np.full(self._thresholds.shape, 0xFFFFFFFF, np.uint32)
        thresholds[:steps, :rungs] = rates.thresholds
        parts = np.zeros(len(thresholds), np.int64)
        parts[:steps] = rates.parts
        device.overwrite(self._thresholds, thresholds)
        device.overwrite(self._parts, parts)
        device.overwrite(self._first, np.array([rates.first], np.int64))
        return moved

    def launches(self) -> Iterator[Launch]:
        """Emit the spikes of a block."""
        if not self.needed:
            return
        plan, frame = self.plan, self.frame
        seed, stream = (int(word) for word in philox.key(frame.plan.seed, plan.stream))
        yield frame.kernels.ready(
            "emit_varying", blocks_for(-(-plan.size // 8) * frame.block), 128,
            [frame.clock, plan.size, seed, stream, self._parts, self._rungs, self._thresholds,
             self._first, self.list, frame.cells_of(self.emitter)],
        )  # fmt: skip


class RecordedSource(_Source):
    """Spikes that were given; the host knows them, the device looks for those of a block."""

    kept = False  # the host hands out its own

    def __init__(self, frame: Frame, place: int, plan: SourcePlan) -> None:
        self.frame = frame
        self.emitter = len(frame.plan.populations) + place
        self.set(plan, 0)

    def set(self, plan: SourcePlan, step: int) -> None:
        """Other spikes; raises `BackendError` for a sender that is not there."""
        steps = np.asarray(plan.steps if plan.steps is not None else (), np.int64)
        senders = np.asarray(plan.senders if plan.senders is not None else (), np.uint32)
        if steps.shape != senders.shape or (senders.size and senders.max() >= plan.size):
            raise BackendError(f'source "{plan.id}": a sender is not below its size {plan.size}')
        order = np.lexsort((senders, steps))
        self.plan, self._steps, self._senders = plan, steps[order], senders[order]
        given = at, _, times = folded(self._steps, self._senders)
        self.most = int(times.max(initial=1))  # spikes of a member in a step
        device = self.frame.device
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


class TrainSource(_Source):
    """Spikes that the host makes slice by slice, in memory that grows when it must."""

    kept = False  # the host hands out its own

    def __init__(self, frame: Frame, place: int, plan: SourcePlan) -> None:
        self.frame, self.place = frame, place
        self.emitter = len(frame.plan.populations) + place
        assert plan.train is not None
        self._train = TrainAhead(plan.train, plan.size)
        self.plan, self.most = plan, plan.train.most
        self._make_room(PIECE, PIECE)

    def _make_room(self, entries: int, in_block: int) -> None:
        zeros = self.frame.device.zeros
        self._room, self._most_in_block = entries, in_block
        self._given = [zeros(entries, kind) for kind in (np.int64, np.uint32, np.uint32)]
        self.list: Memory = zeros(in_block, np.uint64)

    def set(self, plan: SourcePlan, step: int) -> None:
        """Another train from ``step`` on."""
        assert plan.train is not None
        self._train.change(plan.train, step)
        self.plan, self.most = plan, plan.train.most

    def look_ahead(self, first: int, end: int) -> bool:
        """Make the spikes of a slice."""
        self._steps, self._senders = self._train.spikes(first, end)
        at, senders, times = folded(self._steps, self._senders)
        ends = np.searchsorted(at, at + self.frame.block)
        in_block = int((ends - np.arange(at.size)).max(initial=1))
        moved = at.size > self._room or in_block > self._most_in_block
        if moved:
            room = max(self._room, 2 * at.size)
            self._make_room(room, max(self._most_in_block, 2 * in_block))
        for held, values, rest in zip(
            self._given, (at, senders, times), (NEVER, 0, 1), strict=True
        ):
            padded = np.full(self._room, rest, held.dtype)
            padded[: values.size] = values
            self.frame.device.overwrite(held, padded)
        return moved

    def launches(self) -> Iterator[Launch]:
        """Emit the spikes of a block."""
        if self.frame.is_heard(self.emitter):
            yield self.frame.kernels.ready(
                "emit_recorded", blocks_for(self._most_in_block), 128,
                [self.frame.clock, self._room, *self._given, self.list,
                 self.frame.cells_of(self.emitter)],
            )  # fmt: skip

    def spikes(self, first: int, last: int, count: int) -> Spikes:
        """Spikes of steps [first, last), those of the slice."""
        return self._steps, self._senders

    def saved(self, step: int) -> dict[str, np.ndarray]:
        """What the train remembers before ``step``."""
        return self._train.saved(f"train/{self.place}", step)

    def restore(self, checkpoint: Mapping[str, np.ndarray], step: int) -> None:
        """Go on from the checkpoint."""
        self._train.restore(f"train/{self.place}", checkpoint)


class CurrentSource(_Source):
    """A level that all members share, and the numbers of its noise."""

    kept = False
    most = 0
    list = None

    def __init__(self, frame: Frame, place: int, plan: SourcePlan) -> None:
        self.frame, self.place = frame, place
        self.emitter = len(frame.plan.populations) + place
        # The last numbers of noise that remembers; white noise brings them up to date when asked.
        self._state: Memory = frame.device.zeros(plan.size, frame.dtype)
        self.numbers: Memory | None = None
        self.set(plan, 0)

    def set(self, plan: SourcePlan, step: int) -> None:
        """Other values."""
        self._remember(step)
        self.plan = plan
        self._course = None if plan.course is None else CourseAhead(plan.course)
        device, every = self.frame.device, max(1, plan.noise_every)
        self.values = device.upload(np.array([plan.mean, plan.amplitude, plan.noise_std], float))
        trace = None if plan.trace is None else np.asarray(plan.trace, np.float64)
        if self._course is not None:
            trace = np.zeros(known_ahead(self.frame))
        length = 0 if trace is None else trace.size
        self.trace = device.upload(trace) if trace is not None and length else None
        self.window = device.upload(np.array([plan.start, plan.stop, length, every, 0], np.int64))
        self.numbers = None
        if plan.noise_std:
            draws = self.frame.block // every + 2
            self.numbers = device.zeros((draws, plan.size), self.frame.dtype)

    def look_ahead(self, first: int, end: int) -> bool:
        """The values of the course in a slice."""
        course, device = self._course, self.frame.device
        if course is not None and course.cover(first, end):
            plan, every = self.plan, max(1, self.plan.noise_every)
            values = np.zeros(known_ahead(self.frame))
            values[: len(course.values)] = course.values
            window = [plan.start, plan.stop, len(course.values), every, course.first]
            device.overwrite(self.trace, values)
            device.overwrite(self.window, np.array(window, np.int64))
        return False

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
        if plan.noise_decay:
            yield frame.kernels.ready(
                "relax_noise", blocks_for(plan.size // 4 + 1), 128,
                [frame.clock, plan.size, philox.NORMAL, seed, stream, every, plan.noise_decay,
                 plan.noise_share, self._state, self.numbers],
            )  # fmt: skip
            return
        yield frame.kernels.ready(
            "draw_noise", blocks_for(self.numbers.size // 4 + 1), 128,
            [frame.clock, plan.size, philox.NORMAL, seed, stream, every, self.numbers],
        )  # fmt: skip

    def spikes(self, first: int, last: int, count: int) -> Spikes:
        """None: a current does not spike."""
        return np.zeros(0, np.int64), np.zeros(0, np.uint32)

    def _remember(self, step: int) -> None:
        """Let the state be the numbers of the step before ``step``, also of white noise."""
        if self.numbers is None or self.plan.noise_decay or not step:
            return
        device = self.frame.device
        # The clock is set anew when the run goes on.
        device.overwrite(self.frame.clock, np.array([step - 1, step - 1, 1], np.int64))
        device.sequence(list(self.launches()))(1)
        device.overwrite(self._state, device.download(self.numbers, 1)[0])

    def saved(self, step: int) -> dict[str, np.ndarray]:
        """The noise before ``step``."""
        self._remember(step)
        return {f"noise/{self.place}": self.frame.device.download(self._state)}

    def restore(self, checkpoint: Mapping[str, np.ndarray], step: int) -> None:
        """Go on from the noise of the checkpoint."""
        noise = np.asarray(checkpoint[f"noise/{self.place}"], self.frame.dtype)
        self.frame.device.overwrite(self._state, noise)


Source = PoissonSource | RecordedSource | TrainSource | CurrentSource
_KINDS = {"poisson": PoissonSource, "spikes": RecordedSource, "current": CurrentSource}


def source_on_device(frame: Frame, place: int) -> Source:
    """The source ``place`` of the plan, of its kind."""
    plan = frame.plan.sources[place]
    if plan.train is not None:
        return TrainSource(frame, place, plan)
    if plan.kind == "poisson" and plan.course is not None:
        return VaryingSource(frame, place, plan)
    return _KINDS[plan.kind](frame, place, plan)


def known_ahead(frame: Frame) -> int:
    """Steps that a window of whole pieces may have: a slice, and a piece on each side."""
    return frame.slice + 2 * PIECE


def folded(steps: np.ndarray, senders: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sorted spikes such that a member stands in a step once, with the number of its spikes."""
    if not steps.size:
        return steps, senders, np.zeros(0, np.uint32)
    same = (np.diff(steps) == 0) & (np.diff(senders.astype(np.int64)) == 0)
    first = np.flatnonzero(np.concatenate([[True], ~same]))
    times = np.minimum(np.diff(np.append(first, steps.size)), 65535).astype(np.uint32)
    return steps[first], senders[first], times
