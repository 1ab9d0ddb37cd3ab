"""The lists into which compiled code writes spikes: room, history, and what is handed out."""

from __future__ import annotations

import numpy as np

from engine.backends.numba_cpu import layout as tables
from engine.backends.numba_cpu.layout import address, aligned
from engine.backends.numba_cpu.network import Layout

FIRST_CAPACITY = 4096  # spikes that a list can take before it first grows
LINE = 16  # int64: lists of two threads do not share a pair of cache lines

Spikes = tuple[np.ndarray, np.ndarray]


class SpikeLists:
    """The lists into which every thread writes the spikes of its own neurons.

    During a slice that begins at step b, entry k of ``starts`` is where the spikes of step
    b - history + k begin; so the spikes that are still on their way stand at the front.  There are
    lists for as many threads as the layout has parts; those beyond the threads at work are empty.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout, self._parts = layout, layout.parts
        plan = layout.plan
        self._populations = len(plan.populations)
        recorded = (self._populations + source for source in plan.record_sources)
        self.reported = (*range(self._populations), *recorded)
        lists = len(layout.sizes) * self._parts
        self.records = np.zeros(lists, tables.EMITTER)
        self._senders = [np.zeros(0, np.uint32) for _ in range(lists)]
        self._lengthen(0)
        self._recorded = [
            self._populations + place
            for place, source in enumerate(plan.sources)
            if source.kind == "spikes"
        ]
        self.share()

    def share(self) -> None:
        """Set the room that blocks need to the threads of the layout; the lists must be empty."""
        for emitter in range(self._populations):
            self._set_most(emitter, 1)
        for source in range(len(self._layout.plan.sources)):
            self.set_most(source)

    def _set_most(self, emitter: int, spikes: int) -> None:
        """A member emits at most so many spikes a step."""
        members = np.zeros(self._parts, np.int64)
        own = np.diff(self._bounds(emitter))
        members[: own.size] = own
        first = emitter * self._parts
        self.records["most"][first : first + self._parts] = members * spikes * self._layout.block

    def _bounds(self, emitter: int) -> np.ndarray:
        source = self._layout.source_of(emitter)
        table = ("population", emitter) if source is None else ("source", source)
        return self._layout.array(*table, "bounds")[: self._threads + 1]

    @property
    def _threads(self) -> int:
        return int(self._layout.network[0]["threads"])

    def set_most(self, source: int) -> None:
        """Tell how many spikes a block of a source can bring, after its values changed."""
        layout = self._layout
        if layout.plan.sources[source].kind == "poisson" and layout.sources[source]["listed"]:
            self._set_most(self._populations + source, layout.most_spikes(source))

    def _lengthen(self, steps: int) -> None:
        """Make ``starts`` long enough for slices of ``steps``."""
        length = self._layout.history + steps + 1
        length += -length % LINE
        starts = aligned((self.records.size, length), np.int64)
        if steps:
            kept = self._layout.history + 1
            starts[:, :kept] = self._starts[:, :kept]
        self._starts = starts
        self.records["starts"] = address(starts) + starts.strides[0] * np.arange(len(starts))

    def begin(self, steps: int) -> None:
        """See to it that ``starts`` has room for a slice of ``steps``."""
        if self._layout.history + steps + 1 > self._starts.shape[1]:
            self._lengthen(steps)

    def make_room(self, step: int, end: int) -> None:
        """See to it that every list can take another block (recorded spikes: all till ``end``)."""
        used = self._starts[:, step - int(self._layout.network[0]["base"])]
        needed = used + self.records["most"]
        for emitter in self._recorded:
            needed[emitter * self._parts] += self._coming(emitter, step, end)
        for k in np.nonzero((needed > self.records["capacity"]) | (self.records["senders"] == 0))[
            0
        ]:
            senders = np.empty(max(FIRST_CAPACITY, 2 * int(needed[k])), np.uint32)
            senders[: used[k]] = self._senders[k][: used[k]]
            self._senders[k] = senders
            self.records[k]["senders"], self.records[k]["capacity"] = address(senders), senders.size

    def _coming(self, emitter: int, step: int, end: int) -> int:
        """Recorded spikes that the first thread's list will be given from ``step`` till ``end``."""
        source = emitter - self._populations
        steps = self._layout.array("source", source, "steps")
        return int(np.diff(np.searchsorted(steps, (step, end)))[0])

    def take(self, step: int, steps: int) -> dict[int, Spikes]:
        """The spikes of the slice, and only those still on their way are kept."""
        history = self._layout.history
        taken = {e: self._gather(e, history, history + steps, step) for e in self.reported}
        kept = self._starts[:, steps : steps + history + 1].copy()
        for k, (first, last) in enumerate(kept[:, (0, -1)].tolist()):
            if first and last > first:
                self._senders[k][: last - first] = self._senders[k][first:last].copy()
        self._starts[:, : history + 1] = kept - kept[:, :1]
        return taken

    def _gather(self, emitter: int, first: int, last: int, step: int) -> Spikes:
        """Spikes of slots [first, last) of all threads; slot ``first`` is step ``step``."""
        lists = range(emitter * self._parts, emitter * self._parts + self._threads)
        starts = self._starts[lists.start : lists.stop, first : last + 1]
        counts = np.diff(starts)
        times = np.repeat(np.arange(step, step + last - first), counts.sum(0))
        if len(lists) == 1:
            return times, self._senders[lists[0]][starts[0, 0] : starts[0, -1]].copy()
        # Step by step one thread's after the other's, as the neurons stand in order.
        before = np.cumsum(counts.T).reshape(counts.T.shape).T - counts
        senders = np.empty(times.size, np.uint32)
        for row, k in enumerate(lists):
            spikes = self._senders[k][starts[row, 0] : starts[row, -1]]
            shift = np.repeat(before[row] - (starts[row, :-1] - starts[row, 0]), counts[row])
            senders[shift + np.arange(spikes.size)] = spikes
        return times, senders

    def history(self, emitter: int, step: int) -> Spikes:
        """The spikes of an emitter that are still on their way before ``step``."""
        history = self._layout.history
        return self._gather(emitter, 0, history, step - history)

    def set_history(self, emitter: int, step: int, steps: np.ndarray, senders: np.ndarray) -> None:
        """Put back what `history` gave, perhaps with another number of threads."""
        history, bounds = self._layout.history, self._bounds(emitter)
        for thread in range(self._parts):
            k = emitter * self._parts + thread
            own = np.zeros(senders.size, bool)
            if thread < self._threads:
                own = (bounds[thread] <= senders) & (senders < bounds[thread + 1])
            slots = np.bincount(steps[own] - (step - history), minlength=history)[:history]
            self._starts[k, : history + 1] = np.concatenate([[0], np.cumsum(slots)])
            self._senders[k] = np.ascontiguousarray(senders[own], np.uint32)
            self.records[k]["senders"] = 0  # room is made anew by the next advance
