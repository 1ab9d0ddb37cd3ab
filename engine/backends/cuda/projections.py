"""Projections on a device: spikes into a ring of drives, currents into rows of a block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.backends.cuda.device import Launch, Memory, blocks_for
from engine.backends.cuda.frame import Frame
from engine.backends.cuda.populations import Population
from engine.backends.cuda.sources import CurrentSource
from engine.backends.numba_cpu.checks import delays_of
from engine.errors import BackendError
from engine.runtime.plan import Connections, Constant

COUNTED_AT_ONCE = 1 << 22  # synapses whose targets are counted in one piece
GRID = 1024  # blocks that share the spikes of a block of steps


def checked_weight(frame: Frame, index: int, weight: Constant) -> Any:
    """``weight`` in the network's float type, a number or an array of the right length.

    Raises `BackendError` for another length and for what is not a finite number.
    """
    plan = frame.plan.projections[index]
    rows = None if plan.one_to_one else plan.connections
    count = frame.sizes[plan.target] if rows is None else rows.synapses
    if np.ndim(weight) and np.shape(weight) != (count,):
        raise BackendError(f'projection "{plan.id}": {np.shape(weight)} weights, not ({count},)')
    values = np.asarray(weight, frame.dtype)
    if not np.isfinite(values).all():
        raise BackendError(f'projection "{plan.id}": a weight is not a finite number')
    return values if np.ndim(weight) else values[()]


class SpikeProjection:
    """Adds the weights of an emitter's spikes to the ring of its target."""

    kernel = "add_rows"  # of those in `kernels.cu`, for rows of synapses

    def __init__(self, frame: Frame, index: int, target: Population) -> None:
        self.frame, self.index, self.target = frame, index, target
        self.plan = frame.plan.projections[index]
        self.most = 1  # spikes of a member in a step, as its emitter says
        self._rows = None if self.plan.one_to_one else self.plan.connections
        if self._rows is not None:
            self._incoming = largest_sum(self._rows, None)
            self._lay_rows(self._rows)
        given = self.plan.weight if self._rows is None else self._rows.weight
        self.set_weight(given)

    def _lay_rows(self, rows: Connections) -> None:
        upload = self.frame.device.upload
        self._row, self._targets = upload(rows.row.astype(np.int64)), upload(rows.target)
        self._delays, self._delay_bytes, longest = None, 1, delays_of(self.plan)[1]
        if isinstance(rows.delay, np.ndarray):
            narrow = np.uint8 if longest < 256 else np.uint16
            self._delays = upload(rows.delay.astype(narrow))
            self._delay_bytes = np.dtype(narrow).itemsize

    def set_weight(self, weight: Constant) -> None:
        """New weights; the spikes on their way are in the ring and keep theirs."""
        values = checked_weight(self.frame, self.index, weight)
        self._value = 0.0 if np.ndim(values) else float(values)
        self._weights = self.frame.device.upload(values) if np.ndim(values) else None
        if self._rows is None:
            self._largest = float(np.abs(values).max(initial=0.0))
        elif np.ndim(values):
            self._largest = largest_sum(self._rows, values)
        else:
            self._largest = abs(self._value) * self._incoming

    @property
    def bound(self) -> float:
        """The most that a target can receive from this projection in one step, in size."""
        return self._largest * self.most

    def launches(self, source_list: Memory) -> Iterator[Launch]:
        """Deliver the spikes of a block from the list of the emitter."""
        frame, plan, target = self.frame, self.plan, self.target
        scale = 2.0 ** target.exponents[plan.port]
        weight = round(self._value * scale)
        place = target.slot_of(plan.port) * target.plan.size
        ring = [target.ring, frame.ring_rows, target.pitch, place]
        first = [frame.clock, source_list, frame.cells_of(plan.source)]
        delay = delays_of(plan)[0]
        if self._rows is None:
            yield frame.kernels.ready(
                "add_pairs", blocks_for(frame.sizes[plan.source]), 128,
                [*first, self._weights, scale, weight, delay, *ring],
            )  # fmt: skip
        elif self._rows.synapses:
            wide = self._rows.target.dtype.itemsize
            yield frame.kernels.ready(
                f"{self.kernel}_{wide}_{self._delay_bytes}", GRID,
                threads_for(self._rows.synapses, self._rows.sources),
                [*first, self._row, self._targets, self._weights, scale, weight, self._delays,
                 delay, *ring, *self.shares],
            )  # fmt: skip

    @property
    def shares(self) -> list[Memory]:
        """What the spikes of the block deliver of their weights, and a row's length: all of it."""
        return [None, 0]


def threads_for(synapses: int, rows: int) -> int:
    """Threads of a block that takes a row of synapses: whole warps, as many as its mean length."""
    mean = synapses / max(1, rows)
    return int(min(256, max(32, 32 * np.ceil(mean / 32))))


def largest_sum(rows: Connections, weights: np.ndarray | None) -> float:
    """The largest sum of the sizes of ``weights`` (of ones, if None) that one target has."""
    sums = np.zeros(rows.targets)
    for start in range(0, rows.target.size, COUNTED_AT_ONCE):
        part = slice(start, start + COUNTED_AT_ONCE)
        sizes = None if weights is None else np.abs(weights[part]).astype(np.float64)
        sums += np.bincount(rows.target[part], sizes, rows.targets)
    return float(sums.max(initial=0.0))


class CurrentProjection:
    """Adds a current source to the rows of currents of a block, target by target."""

    def __init__(self, frame: Frame, index: int, target: Population) -> None:
        self.frame, self.index, self.target = frame, index, target
        self.plan = frame.plan.projections[index]
        self._rows = None if self.plan.one_to_one else self.plan.connections
        if self._rows is not None:
            self._lay_columns(self._rows)
        given = self.plan.weight if self._rows is None else self._rows.weight
        self.set_weight(given)

    def _lay_columns(self, rows: Connections) -> None:
        """The synapses by target, within it by source."""
        self._order = np.argsort(rows.target, kind="stable")
        counts = np.bincount(rows.target, None, rows.targets)
        upload = self.frame.device.upload
        self._column = upload(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))
        sources = np.repeat(np.arange(rows.sources, dtype=np.uint32), np.diff(rows.row))
        self._from = upload(np.append(sources[self._order], np.uint32(0)))

    def set_weight(self, weight: Constant) -> None:
        """New weights."""
        values = checked_weight(self.frame, self.index, weight)
        upload = self.frame.device.upload
        self._value = 0.0 if np.ndim(values) else float(values)
        self._weights = None
        if self._rows is None:
            self._weights = upload(values) if np.ndim(values) else None
            return
        if np.ndim(values):
            self._weights = upload(np.append(values[self._order], values.dtype.type(0)))
        weighted = values.astype(np.float64) if np.ndim(values) else None
        totals = np.bincount(self._rows.target, weighted, self._rows.targets)
        self._totals = self.frame.reals(totals * (1.0 if np.ndim(values) else self._value))

    def launches(self, source: CurrentSource, fresh: bool) -> Iterator[Launch]:
        """The currents of a block; ``fresh`` for the first that reaches its port."""
        frame, size = self.frame, self.target.plan.size
        first = [frame.clock, size, *source.arguments]
        slot = self.target.current_slot_of(self.plan.port)
        last = [int(fresh), slot, self.target.current_slots, self.target.currents]
        if self._rows is None:
            kernel, middle = "current_pairs", [source.numbers, self._value, self._weights]
        elif source.numbers is None:
            kernel, middle = "current_total", [self._totals]
        else:
            kernel = "current_rows"
            columns = [self._rows.sources, self._column, self._from]
            middle = [source.numbers, *columns, self._value, self._weights]
        grid = blocks_for(size * frame.block)
        yield frame.kernels.ready(kernel, grid, 128, [*first, *middle, *last])


class GapProjection(CurrentProjection):
    """Adds what flows between the membranes of two populations; a block is one step then."""

    def between(self, source: Population, fresh: bool) -> Iterator[Launch]:
        """What flows during the step; ``fresh`` for the first that reaches its port."""
        frame, target = self.frame, self.target
        ends = [end.state[end.plan.membrane] for end in (source, target)]
        slot = target.current_slot_of(self.plan.port)
        yield frame.kernels.ready(
            "gap_rows", blocks_for(target.plan.size), 128,
            [frame.clock, target.plan.size, *ends, self._column, self._from, self._value,
             self._weights, int(fresh), slot, target.currents],
        )  # fmt: skip
