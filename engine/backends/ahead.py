"""What the host tells an executor of its sources while it runs: courses and trains, ahead of time.

They are asked for in pieces of ``PIECE`` steps whose ends no cut of a run moves, so the numbers
are the same however the time is divided, and a call of a few steps rarely asks at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from engine.backends import philox
from engine.backends.checkpoints import Saved, step_of
from engine.errors import BackendError
from engine.runtime.plan import Course, Floats, SourcePlan, Train

PIECE = 1024  # steps
MANY = 4096  # spikes of a member in a step where nothing says how many: units of drives allow them
Spikes = tuple[NDArray[np.int64], NDArray[np.uint32]]


class CourseAhead:
    """The values of a course in a window of steps."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self.first = 0
        self.values: NDArray[np.float64] = np.zeros(0)

    def cover(self, first: int, end: int) -> bool:
        """See that steps [first, end) lie in the window; True if it moved."""
        if self.first <= first and end <= self.first + len(self.values):
            return False
        begins = range(first // PIECE * PIECE, end, PIECE)
        parts = [np.asarray(self._course(np.arange(k, k + PIECE)), np.float64) for k in begins]
        self.first, self.values = begins[0], np.concatenate(parts)
        return True


class RatesAhead(CourseAhead):
    """The ladders by which a Poisson source counts in a window of steps."""

    def __init__(self, plan: SourcePlan) -> None:
        assert plan.course is not None
        super().__init__(plan.course)
        self._id = plan.id
        self.parts = np.zeros(0, np.int64)  # [steps]
        self.thresholds = np.zeros((0, 0), np.uint32)  # [steps, rungs]

    def cover(self, first: int, end: int) -> bool:
        """See that steps [first, end) lie in the window; True if it moved."""
        moved = super().cover(first, end)
        if moved:
            try:
                self.parts, self.thresholds = philox.ladders(self.values)
            except ValueError as error:
                self.values = np.zeros(0)  # nothing is covered: the next call must not go on
                message = f'source "{self._id}": its {error}; lower them, or use a smaller dt'
                raise BackendError(message) from None
        return moved


class TrainAhead:
    """The spikes of a train, and the state that it goes on from."""

    def __init__(self, train: Train, size: int) -> None:
        self._train = train
        self._first, self._end = 0, 0  # the piece at hand, of which ``_before`` is the state
        self._before = self._after = train.begin(size)
        self._steps, self._senders = np.zeros(0, np.int64), np.zeros(0, np.uint32)

    def spikes(self, first: int, end: int) -> Spikes:
        """The spikes of steps [first, end), which follow on those asked for before."""
        parts = list(self._parts(first, end))
        if len(parts) == 1:
            return parts[0]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    def _parts(self, first: int, end: int) -> Iterator[Spikes]:
        while first < end:
            if first >= self._end:
                self._make(self._after, first)
            stop = min(end, self._end)
            low, high = np.searchsorted(self._steps, (first, stop))
            yield self._steps[low:high], self._senders[low:high]
            first = stop

    def _make(self, state: Floats, first: int) -> None:
        """Make the piece from ``first`` on."""
        self._before, self._first, self._end = state, first, (first // PIECE + 1) * PIECE
        made = self._train.advance(state, first, self._end)
        self._steps, self._senders, self._after = made

    def change(self, train: Train, step: int) -> None:
        """Go on as another train from ``step`` on."""
        state = self._after
        if step < self._end:
            state = self._before
            if step > self._first:
                state = self._train.advance(state, self._first, step)[2]
        self._train = train
        self._make(state, step)

    def saved(self, name: str, step: int) -> dict[str, np.ndarray]:
        """What `restore` needs to go on at ``step``."""
        inside = step < self._end
        first, state = (self._first, self._before) if inside else (step, self._after)
        return {f"{name}/first": np.array(first, np.int64), f"{name}/state": state.copy()}

    def restore(self, name: str, saved: Mapping[str, np.ndarray]) -> None:
        """Go on from what `saved` gave."""
        state = np.array(saved[f"{name}/state"], np.float64)
        self._make(state, int(saved[f"{name}/first"]))


def exchanged(saved: Saved, place: int, plan: SourcePlan) -> dict[str, np.ndarray]:
    """A checkpoint as if the source at ``place`` had become ``plan`` at its step.

    A train begins there, and what a former one remembered is gone.
    """
    name = f"train/{place}"
    kept = {key: array for key, array in saved.items() if not key.startswith(f"{name}/")}
    if plan.train is not None:
        kept |= TrainAhead(plan.train, plan.size).saved(name, step_of(saved))
    return kept


def courses_of(sources: list[SourcePlan]) -> dict[int, CourseAhead]:
    """The courses of currents, by place."""
    return {place: CourseAhead(plan.course) for place, plan in enumerate(sources)
            if plan.kind == "current" and plan.course is not None}  # fmt: skip


def rates_of(sources: list[SourcePlan]) -> dict[int, RatesAhead]:
    """The rates of Poisson sources that change with time, by place."""
    return {place: RatesAhead(plan) for place, plan in enumerate(sources)
            if plan.kind == "poisson" and plan.course is not None}  # fmt: skip


def trains_of(sources: list[SourcePlan]) -> dict[int, TrainAhead]:
    """The trains, by place."""
    return {place: TrainAhead(plan.train, plan.size) for place, plan in enumerate(sources)
            if plan.kind == "spikes" and plan.train is not None}  # fmt: skip
