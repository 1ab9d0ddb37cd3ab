"""The lists into which compiled code writes spikes: room, history, and what is handed out."""

from __future__ import annotations

import numpy as np

from engine.backends.numba_cpu import kernels
from engine.backends.numba_cpu import layout as tables
from engine.backends.numba_cpu.layout import address, aligned
from engine.backends.numba_cpu.network import Layout

FIRST_CAPACITY = 4096  # spikes that a list can take before it first grows
LINE = 16  # int64: what two threads write does not share a pair of cache lines

Spikes = tuple[np.ndarray, np.ndarray]
_NONE: Spikes = np.empty(0, np.int64), np.empty(0, np.uint32)


class SpikeLists:
    """The lists of all spikes, which every thread keeps for itself, and the boxes of `mail.py`.

    Entry k of ``starts`` is where the spikes of step ``base`` + k begin, where ``base`` is the
    first step whose spikes were still on their way when the last slice began.  The next call moves
    the lists on.  Lists of different threads are equal; of threads that are not at work they are
    out of date.
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
        self._found = np.zeros((emitters, 2), np.int64)
        self._wanted = np.array(self.reported, np.int64)
        self._fill_spikes = kernels.spike_filler(layout.dtype)
        self._tables = address(layout.network)
        record = layout.network[0]
        record["history"], record["base"] = layout.history, -layout.history
        record["found"] = address(self._found)
        record["emitters"], record["emitters_count"] = address(self.records), self.records.size
        self._starts = aligned((*self._records.shape, 0), np.int64)
        self._lengthen(0)
        self._make_boxes()
        for emitter in range(self._populations):
            self._set_mailed(emitter, layout.sizes[emitter])
        for source in range(len(plan.sources)):
            self.set_most(source)

    def _set_most(self, emitter: int, spikes: int) -> None:
        """An emitter emits at most so many spikes a block."""
        most = self._records["most"][emitter]
        np.maximum(most, spikes, out=most)

    def _set_mailed(self, emitter: int, spikes: int) -> None:
        """An emitter whose spikes threads tell each other emits at most so many a step."""
        self._records["mailed"][emitter] = 1
        before = int(self._most[emitter])
        self._set_most(emitter, spikes * self._layout.block)
        if self._most[emitter] > before:
            self._make_boxes()

    def _make_boxes(self) -> None:
        """Boxes for the mail between threads that cannot run over."""
        emitters, parts = self._records.shape
        if parts == 1:
            return
        mailed = self._records["mailed"][:, 0] != 0
        words = emitters * self._layout.block + int(self._most[mailed].sum())
        self._boxes = aligned((parts, 2, words + -words % (2 * LINE)), np.uint32)
        self._reads = aligned((parts, parts + LINE // 2, 2), np.int64)
        record = self._layout.network[0]
        record["boxes"], record["box_step"] = address(self._boxes), self._boxes.strides[1]
        record["reads"] = address(self._reads)

    @property
    def _threads(self) -> int:
        return int(self._layout.network[0]["threads"])

    @property
    def _base(self) -> int:
        return int(self._layout.network[0]["base"])

    def set_most(self, source: int) -> None:
        """Tell how many spikes a block of a source can bring, after its values changed."""
        layout, emitter = self._layout, self._populations + source
        kind = layout.plan.sources[source].kind
        if kind == "poisson" and layout.sources[source]["listed"]:
            self._set_mailed(emitter, layout.sizes[emitter] * layout.emitting.most_spikes(source))
        elif kind == "spikes":
            steps = layout.array("source", source, "steps")
            blocks = np.searchsorted(steps, steps + layout.block) - np.arange(steps.size)
            self._set_most(emitter, int(blocks.max(initial=0)))

    def share(self, step: int) -> None:
        """Give every thread at work the lists of the first one, between two slices."""
        slot = step - self._base
        self._starts[:, 1:] = self._starts[:, :1]
        for emitter, senders in enumerate(self._senders):
            used = int(self._starts[emitter, 0, slot])
            for thread in range(1, self._threads):
                copied = np.empty_like(senders[0])
                copied[:used] = senders[0][:used]
                self._put(emitter, thread, copied)

    def _put(self, emitter: int, thread: int, senders: np.ndarray) -> None:
        """Let a thread use ``senders`` as its list."""
        self._senders[emitter][thread] = senders
        record = self._records[emitter, thread]
        record["senders"], record["capacity"] = address(senders), senders.size

    def _lengthen(self, steps: int) -> None:
        """Make ``starts`` long enough for slices of ``steps``."""
        length = self._layout.history + steps + 1
        length += -length % LINE
        starts = aligned((*self._records.shape, length), np.int64)
        starts[:, :, : self._starts.shape[2]] = self._starts
        self._starts = starts
        begins = address(starts) + 8 * length * np.arange(self.records.size)
        self.records["starts"] = begins
        self._longest = length - self._layout.history - 1

    def begin(self, steps: int) -> None:
        """See to it that ``starts`` has room for a slice of ``steps``."""
        if steps > self._longest:
            self._lengthen(steps)

    def make_room(self, step: int) -> None:
        """See to it that every list can take the block after ``step``, of the slice going on."""
        used = self._starts[:, 0, step - self._base]
        needed = used + self._most
        for emitter in np.flatnonzero(needed > self._capacity).tolist():
            capacity = max(FIRST_CAPACITY, 2 * int(needed[emitter]))
            for thread in range(self._threads):
                senders = np.empty(capacity, np.uint32)
                senders[: used[emitter]] = self._senders[emitter][thread][: used[emitter]]
                self._put(emitter, thread, senders)

    def take(self, start: int) -> dict[int, Spikes]:
        """The spikes of the slice that began at ``start`` and is done."""
        found = self._found.tolist()
        total = sum([found[emitter][1] - found[emitter][0] for emitter in self.reported])
        if total == 0:
            return dict.fromkeys(self.reported, _NONE)
        steps, senders = np.empty(total, np.int64), np.empty(total, np.uint32)
        self._fill_spikes(self._tables, self._wanted, start, steps, senders)
        taken, place = {}, 0
        for emitter in self.reported:
            first, last = found[emitter]
            end = place + last - first
            taken[emitter] = steps[place:end], senders[place:end]
            place = end
        return taken

    def history(self, emitter: int, step: int) -> Spikes:
        """The spikes of an emitter that are still on their way before ``step``."""
        slot = step - self._base
        starts = self._starts[emitter, 0, slot - self._layout.history : slot + 1]
        steps = np.arange(step - self._layout.history, step).repeat(starts[1:] - starts[:-1])
        return steps, self._senders[emitter][0][starts[0] : starts[-1]].copy()

    def set_history(self, step: int, histories: list[Spikes]) -> None:
        """Put back, before ``step``, what `history` gave of every emitter."""
        history = self._layout.history
        base = self._layout.network[0]["base"] = step - history
        for emitter, (steps, senders) in enumerate(histories):
            slots = np.bincount(steps - base, minlength=history)[:history]
            self._starts[emitter, :, : history + 1] = np.concatenate([[0], np.cumsum(slots)])
            for thread in range(self._parts):
                self._put(emitter, thread, np.array(senders, np.uint32))
