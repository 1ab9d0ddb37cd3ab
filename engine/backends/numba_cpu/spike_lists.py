"""The lists into which compiled code writes spikes: room, history, and what is handed out."""

from __future__ import annotations

import numpy as np

from engine.backends.numba_cpu import layout as tables
from engine.backends.numba_cpu.layout import address, shares
from engine.backends.numba_cpu.network import Layout

FIRST_CAPACITY = 4096  # spikes that a list can take before it first grows

Spikes = tuple[np.ndarray, np.ndarray]


class SpikeLists:
    """The lists into which every thread writes the spikes of its own neurons.

    During a slice that begins at step b, entry k of ``starts`` is where the spikes of step
    b - history + k begin; so the spikes that are still on their way stand at the front.
    """

    def __init__(self, layout: Layout, threads: int) -> None:
        self._layout, self._threads = layout, threads
        plan = layout.plan
        self._populations = len(plan.populations)
        recorded = (self._populations + source for source in plan.record_sources)
        self.reported = (*range(self._populations), *recorded)
        lists = len(layout.sizes) * threads
        self.records = np.zeros(lists, tables.EMITTER)
        self._senders = [np.zeros(0, np.uint32) for _ in range(lists)]
        self._starts = [np.zeros(layout.history + 1, np.int64) for _ in range(lists)]
        for emitter in range(self._populations):
            bounds = shares(layout.sizes[emitter], threads)
            self._set_most(emitter, np.diff(bounds) * layout.block)
        for source in range(len(plan.sources)):
            self.set_most(source)

    def _set_most(self, emitter: int, most: np.ndarray) -> None:
        self.records["most"][emitter * self._threads : (emitter + 1) * self._threads] = most

    def set_most(self, source: int) -> None:
        """Tell how many spikes a block of a source can bring, after its values changed."""
        layout = self._layout
        if layout.plan.sources[source].kind == "poisson" and layout.sources[source]["listed"]:
            members = np.diff(shares(layout.plan.sources[source].size, self._threads))
            most = members * layout.most_spikes(source) * layout.block
            self._set_most(self._populations + source, most)

    def begin(self, step: int, steps: int) -> None:
        """Lengthen ``starts`` for a slice of ``steps`` from ``step`` on."""
        history = self._layout.history
        for k, starts in enumerate(self._starts):
            longer = np.zeros(history + steps + 1, np.int64)
            longer[: history + 1] = starts
            self._starts[k] = longer
            self.records[k]["starts"] = address(longer)

    def make_room(self, step: int, end: int) -> None:
        """See to it that every list can take another block (recorded spikes: all till ``end``)."""
        slot = step - int(self._layout.network[0]["base"])
        for k, record in enumerate(self.records):
            needed = int(self._starts[k][slot] + record["most"]) + self._coming(k, step, end)
            if needed > record["capacity"] or not record["senders"]:
                senders = np.empty(max(FIRST_CAPACITY, 2 * needed), np.uint32)
                used = self._starts[k][slot]
                senders[:used] = self._senders[k][:used]
                self._senders[k] = senders
                record["senders"], record["capacity"] = address(senders), senders.size

    def _coming(self, place: int, step: int, end: int) -> int:
        """Recorded spikes that a list will be given from ``step`` till ``end``."""
        source = self._layout.source_of(place // self._threads)
        if source is None or place % self._threads:
            return 0
        if self._layout.plan.sources[source].kind != "spikes":
            return 0
        steps = self._layout.array("source", source, "steps")
        return int(np.diff(np.searchsorted(steps, (step, end)))[0])

    def take(self, step: int, steps: int) -> dict[int, Spikes]:
        """The spikes of the slice, and only those still on their way are kept."""
        history = self._layout.history
        taken = {e: self._gather(e, history, history + steps, step) for e in self.reported}
        for k, starts in enumerate(self._starts):
            kept = starts[steps : steps + history + 1]
            spikes = self._senders[k][kept[0] : kept[-1]].copy()
            self._senders[k][: spikes.size] = spikes
            self._starts[k] = kept - kept[0]
        return taken

    def _gather(self, emitter: int, first: int, last: int, step: int) -> Spikes:
        """Spikes of slots [first, last) of all threads; slot ``first`` is step ``step``."""
        times, senders = [], []
        for k in range(emitter * self._threads, (emitter + 1) * self._threads):
            starts = self._starts[k][first : last + 1]
            times.append(np.repeat(np.arange(step, step + last - first), np.diff(starts)))
            senders.append(self._senders[k][starts[0] : starts[-1]])
        if len(times) == 1:
            return times[0], senders[0].copy()
        joined = np.concatenate(times)
        order = np.argsort(joined, kind="stable")
        return joined[order], np.concatenate(senders)[order]

    def history(self, emitter: int, step: int) -> Spikes:
        """The spikes of an emitter that are still on their way before ``step``."""
        history = self._layout.history
        return self._gather(emitter, 0, history, step - history)

    def set_history(self, emitter: int, step: int, steps: np.ndarray, senders: np.ndarray) -> None:
        """Put back what `history` gave."""
        history = self._layout.history
        bounds = shares(self._layout.sizes[emitter], self._threads)
        for thread in range(self._threads):
            k = emitter * self._threads + thread
            own = (bounds[thread] <= senders) & (senders < bounds[thread + 1])
            slots = np.bincount(steps[own] - (step - history), minlength=history)[:history]
            self._starts[k] = np.concatenate([[0], np.cumsum(slots)]).astype(np.int64)
            self._senders[k] = np.ascontiguousarray(senders[own], np.uint32)
            self.records[k]["senders"] = 0  # room is made anew by the next advance
