"""The lists into which compiled code writes spikes: room, history, and what is handed out."""

from __future__ import annotations

import numpy as np

from engine.backends.numba_cpu import layout as tables
from engine.backends.numba_cpu.layout import address, aligned
from engine.backends.numba_cpu.network import Layout

FIRST_CAPACITY = 4096  # spikes that a list can take before it first grows
LINE = 16  # int64: what two threads write does not share a pair of cache lines

Spikes = tuple[np.ndarray, np.ndarray]


class SpikeLists:
    """The lists of all spikes, which every thread keeps for itself, and the boxes of `mail.py`.

    During a slice that begins at step b, entry k of ``starts`` is where the spikes of step
    b - history + k begin; so the spikes that are still on their way stand at the front.  Lists of
    different threads are equal; of threads that are not at work they are out of date.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout, self._parts = layout, layout.parts
        plan = layout.plan
        self._populations = len(plan.populations)
        recorded = (self._populations + source for source in plan.record_sources)
        self.reported = (*range(self._populations), *recorded)
        emitters = len(layout.sizes)
        self.records = np.zeros(emitters * self._parts, tables.EMITTER)
        self._records = self.records.reshape(emitters, self._parts)
        # Of the first thread; the others' are the same.  No capacity: room has to be made anew.
        self._most, self._capacity = (self._records[name][:, 0] for name in ("most", "capacity"))
        self._senders = [[np.zeros(0, np.uint32)] * self._parts for _ in range(emitters)]
        self._lengthen(0)
        self._recorded = [
            self._populations + place
            for place, source in enumerate(plan.sources)
            if source.kind == "spikes"
        ]
        self._make_boxes()
        for emitter in range(self._populations):
            self._set_most(emitter, 1)
        for source in range(len(plan.sources)):
            self.set_most(source)

    def _set_most(self, emitter: int, spikes: int) -> None:
        """A member emits at most so many spikes a step."""
        most = self._layout.sizes[emitter] * spikes * self._layout.block
        if self._records["most"][emitter].max(initial=0) < most:
            self._records["most"][emitter] = most
            self._make_boxes()
        self._records["mailed"][emitter] = 1

    def _make_boxes(self) -> None:
        """Boxes for the mail between threads that cannot run over."""
        emitters, parts = self._records.shape
        if parts == 1:
            return
        words = emitters * self._layout.block + int(self._records["most"][:, 0].sum())
        self._boxes = aligned((parts, 2, words + -words % (2 * LINE)), np.uint32)
        self._reads = aligned((parts, parts + LINE // 2, 2), np.int64)
        record = self._layout.network[0]
        record["boxes"], record["box_step"] = address(self._boxes), self._boxes.strides[1]
        record["reads"], record["emitters"] = address(self._reads), emitters

    @property
    def _threads(self) -> int:
        return int(self._layout.network[0]["threads"])

    def set_most(self, source: int) -> None:
        """Tell how many spikes a block of a source can bring, after its values changed."""
        layout = self._layout
        if layout.plan.sources[source].kind == "poisson" and layout.sources[source]["listed"]:
            self._set_most(self._populations + source, layout.most_spikes(source))

    def share(self) -> None:
        """Give every thread at work the lists of the first one."""
        kept = self._layout.history + 1
        for emitter, senders in enumerate(self._senders):
            starts = self._starts[emitter, :, :kept]
            starts[1:] = starts[0]
            self._records["capacity"][emitter] = 0
            senders[1:] = [senders[0]] * (self._parts - 1)

    def _lengthen(self, steps: int) -> None:
        """Make ``starts`` long enough for slices of ``steps``."""
        length = self._layout.history + steps + 1
        length += -length % LINE
        starts = aligned((*self._records.shape, length), np.int64)
        if steps:
            kept = self._layout.history + 1
            starts[:, :, :kept] = self._starts[:, :, :kept]
        self._starts = starts
        self.records["starts"] = address(starts) + 8 * length * np.arange(self.records.size)

    def begin(self, steps: int) -> None:
        """See to it that ``starts`` has room for a slice of ``steps``."""
        if self._layout.history + steps + 1 > self._starts.shape[2]:
            self._lengthen(steps)

    def make_room(self, step: int, end: int) -> None:
        """See to it that every list can take another block (recorded spikes: all till ``end``)."""
        slot = step - int(self._layout.network[0]["base"])
        used = self._starts[:, 0, slot]
        needed = used + self._most
        for emitter in self._recorded:
            needed[emitter] += self._coming(emitter, step, end)
        full = needed >= self._capacity
        if not full.any():
            return
        for emitter in np.flatnonzero(full):
            capacity = max(FIRST_CAPACITY, 2 * int(needed[emitter]))
            for thread in range(self._threads):
                senders = np.empty(capacity, np.uint32)
                senders[: used[emitter]] = self._senders[emitter][thread][: used[emitter]]
                self._senders[emitter][thread] = senders
                self._records["senders"][emitter, thread] = address(senders)
            self._records["capacity"][emitter] = capacity

    def _coming(self, emitter: int, step: int, end: int) -> int:
        """Recorded spikes that the lists will be given from ``step`` till ``end``."""
        source = emitter - self._populations
        steps = self._layout.array("source", source, "steps")
        return int(np.diff(np.searchsorted(steps, (step, end)))[0])

    def take(self, step: int, steps: int) -> dict[int, Spikes]:
        """The spikes of the slice, and only those still on their way are kept."""
        history = self._layout.history
        taken = {e: self._part(e, history, history + steps, step) for e in self.reported}
        threads = self._threads
        kept = self._starts[:, 0, steps : steps + history + 1].copy()
        for emitter, (first, last) in enumerate(kept[:, (0, -1)].tolist()):
            if last > first > 0:
                for senders in self._senders[emitter][:threads]:
                    senders[: last - first] = senders[first:last].copy()
        self._starts[:, :threads, : history + 1] = (kept - kept[:, :1])[:, None]
        return taken

    def _part(self, emitter: int, first: int, last: int, step: int) -> Spikes:
        """Spikes of slots [first, last); slot ``first`` is step ``step``."""
        starts = self._starts[emitter, 0, first : last + 1]
        times = np.arange(step, step + last - first).repeat(starts[1:] - starts[:-1])
        return times, self._senders[emitter][0][starts[0] : starts[-1]].copy()

    def history(self, emitter: int, step: int) -> Spikes:
        """The spikes of an emitter that are still on their way before ``step``."""
        history = self._layout.history
        return self._part(emitter, 0, history, step - history)

    def set_history(self, emitter: int, step: int, steps: np.ndarray, senders: np.ndarray) -> None:
        """Put back what `history` gave."""
        history = self._layout.history
        slots = np.bincount(steps - (step - history), minlength=history)[:history]
        self._starts[emitter, :, : history + 1] = np.concatenate([[0], np.cumsum(slots)])
        self._senders[emitter] = [np.ascontiguousarray(senders, np.uint32)] * self._parts
        self._records["capacity"][emitter] = 0
