"""What a live run keeps of its last seconds, in bounded memory: spikes, samples and counts.

All times are whole steps.  A history answers for any stretch that it still holds, as often as it is
asked, so a view that missed a frame, was resized or came back loses nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.runtime.plan import Chunk

MOST_SPIKES = 1 << 20  # 12 MB
SMALL = 512  # spikes: blocks below this are joined, so that slow runs do not pile up tiny ones


@dataclass
class _Block:
    """Spikes of the steps [start, stop), in no particular order."""

    start: int
    stop: int
    step: NDArray[np.int64]
    row: NDArray[np.uint32]


class SpikeHistory:
    """The last spikes of several populations as (step, row); rows are stacked by population."""

    def __init__(self, sizes: list[int], keep: int, most: int = MOST_SPIKES) -> None:
        """``sizes``: members of each emitter in order; ``keep``: steps to hold."""
        self.offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self._keep, self._most = keep, most
        self._blocks: deque[_Block] = deque()
        self._held = 0

    def feed(self, chunk: Chunk) -> None:
        """Take over the spikes of ``chunk``, which follows the one before."""
        steps, rows = [np.empty(0, np.int64)], [np.empty(0, np.uint32)]
        for emitter in range(len(self.offsets) - 1):
            if emitter in chunk.spikes:
                step, sender = chunk.spikes[emitter]
                steps.append(np.asarray(step, np.int64))
                rows.append((sender + self.offsets[emitter]).astype(np.uint32))
        stop = chunk.start + chunk.steps
        block = _Block(chunk.start, stop, np.concatenate(steps), np.concatenate(rows))
        self._held += block.step.size
        if self._blocks and block.step.size < SMALL and self._blocks[-1].step.size < SMALL:
            block = _joined(self._blocks.pop(), block)
        self._blocks.append(block)
        while len(self._blocks) > 1 and self._too_much(stop):
            self._held -= self._blocks.popleft().step.size

    def since(self, step: int) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """(steps, rows) of all spikes held whose step is at least ``step``."""
        chosen: list[_Block] = []
        for block in reversed(self._blocks):
            if block.stop <= step:
                break
            chosen.append(block)
        if not chosen:
            return np.empty(0, np.int64), np.empty(0, np.uint32)
        steps = np.concatenate([block.step for block in reversed(chosen)])
        rows = np.concatenate([block.row for block in reversed(chosen)])
        if chosen[-1].start >= step:
            return steps, rows
        wanted = steps >= step
        return steps[wanted], rows[wanted]

    def _too_much(self, stop: int) -> bool:
        return self._held > self._most or self._blocks[0].stop < stop - self._keep


def _joined(first: _Block, second: _Block) -> _Block:
    return _Block(
        first.start,
        second.stop,
        np.concatenate([first.step, second.step]),
        np.concatenate([first.row, second.row]),
    )


class SampleHistory:
    """The last ``keep`` samples of ``width`` signals, contiguous: float32[samples, width]."""

    def __init__(self, width: int, keep: int) -> None:
        self.width = width
        self._keep = keep
        self._data = np.empty((2 * keep, width), np.float32)
        self._used = 0
        self.stop = 0  # number of the next sample, counted from the beginning of the run

    @property
    def start(self) -> int:
        """Number of the oldest sample held."""
        return self.stop - self._used

    def feed(self, samples: NDArray[np.floating]) -> None:
        """Append [samples, width] (or [samples] where width is 1)."""
        samples = samples.reshape(-1, self._data.shape[1])
        self.stop += len(samples)
        samples = samples[-self._keep :]
        if self._used + len(samples) > len(self._data):
            # Slide the newest part to the front: a copy once in ``keep`` samples.
            kept = self._keep - len(samples)
            self._data[:kept] = self._data[self._used - kept : self._used]
            self._used = kept
        self._data[self._used : self._used + len(samples)] = samples
        self._used += len(samples)

    def between(self, start: int, stop: int) -> NDArray[np.float32]:
        """A view of samples number ``start`` to ``stop``, clipped to what is held."""
        first = self.start
        low, high = max(0, start - first), max(0, min(stop, self.stop) - first)
        return self._data[low:high]


class CountHistory:
    """Spikes of each emitter counted in bins of whole steps, the last ``keep`` bins."""

    def __init__(self, emitters: list[int], bin_steps: int, keep: int) -> None:
        """``emitters``: which of the chunk's emitters to count, in the order of the columns."""
        self.bin_steps = bin_steps
        self._emitters = emitters
        self._keep = keep
        self._counts = np.zeros((keep, len(emitters)), np.int64)
        self.steps = 0  # steps seen

    @property
    def complete(self) -> int:
        """Number of bins that are full; the bin of this number is still filling."""
        return self.steps // self.bin_steps

    @property
    def start(self) -> int:
        """Number of the oldest bin held."""
        return max(0, self.complete - self._keep + 1)

    def feed(self, chunk: Chunk) -> None:
        """Count the spikes of ``chunk``, which follows the one before."""
        stop = chunk.start + chunk.steps
        last = -(-stop // self.bin_steps)  # bins touched so far, the last perhaps in part
        fresh = np.arange(max(-(-self.steps // self.bin_steps), last - self._keep), last)
        self._counts[fresh % self._keep] = 0
        self.steps = stop
        for column, emitter in enumerate(self._emitters):
            if emitter not in chunk.spikes:
                continue
            bins = np.asarray(chunk.spikes[emitter][0]) // self.bin_steps
            bins = bins[bins >= last - self._keep]
            if bins.size:
                low = int(bins.min())
                counts = np.bincount(bins - low)
                self._counts[np.arange(low, low + counts.size) % self._keep, column] += counts

    def between(self, start: int, stop: int) -> NDArray[np.int64]:
        """Counts [bins, emitters] of the complete bins ``start`` to ``stop``, clipped to those."""
        start, stop = max(start, self.start), min(stop, self.complete)
        return self._counts[np.arange(start, max(start, stop)) % self._keep]
