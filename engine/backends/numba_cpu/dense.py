"""Which projections take a dense form, and the arrays that it needs.

Projections whose synapses share a delay are added row by row of those sources that spiked.  Where
the rows are dense there is something better than an index for every synapse: with one weight for
all, a bit for every pair (`counting.py`); with a weight for each and every target in every row, no
index at all.  Which it is depends on the plan alone, so that sums round alike for any threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.backends.numba_cpu import kernels
from engine.backends.numba_cpu import layout as tables
from engine.backends.numba_cpu.counting import BLOCK, MOST
from engine.backends.numba_cpu.layout import aligned
from engine.backends.numba_cpu.pointers import PLANES
from engine.runtime.plan import Connections, Constant

if TYPE_CHECKING:
    from engine.backends.numba_cpu.network import Layout

LEAST_DENSITY = 1 / 16  # synapses a pair: from here on a bit a pair is less than 16 bits a synapse
MOST_REST = 1 / 4  # share of synapses beyond the first of their pair up to which bits are used
FEW_SPIKES = 0.2  # spikes a step, times density, up to which synapses are added one by one
MOST_ROW_CHECK = 1 << 22  # synapses compared at a time


def form(connections: Connections, weight: Constant) -> int:
    """The kind of a projection with one delay: `LIST_ROWS`, `LIST_COUNTS` or `LIST_FULL`."""
    pairs = connections.sources * connections.targets
    if np.ndim(weight):
        return tables.LIST_ROWS if targets_left_out(connections) is None else tables.LIST_FULL
    return (
        tables.LIST_COUNTS
        if connections.synapses >= LEAST_DENSITY * pairs > 0
        else tables.LIST_ROWS
    )


def targets_left_out(connections: Connections) -> int | None:
    """0 if every row has every target, 1 if all but that of the source's own number, else None."""
    sources, targets = connections.sources, connections.targets
    for left_out in (0, 1):
        length = targets - left_out
        if (
            length > 0
            and connections.synapses == sources * length
            and (not left_out or sources == targets)
        ):
            return left_out if _all_in_order(connections, length) else None
    return None


def _all_in_order(connections: Connections, length: int) -> bool:
    rows = connections.target.reshape(connections.sources, length)
    if (np.diff(connections.row) != length).any():
        return False
    columns = np.arange(length)
    at_once = max(1, MOST_ROW_CHECK // length)
    for first in range(0, connections.sources, at_once):
        part = rows[first : first + at_once]
        expected = columns
        if length < connections.targets:
            own = np.arange(first, first + len(part))[:, None]
            expected = columns + (columns >= own)
        if not np.array_equal(part, np.broadcast_to(expected, part.shape)):
            return False
    return True


def lay(layout: Layout, place: int, connections: Connections, kind: int) -> int:
    """Fill in what the record of a projection needs for ``kind``; returns the kind it takes."""
    record = layout.projections[place]
    if kind == tables.LIST_FULL:
        left_out = targets_left_out(connections) or 0
        record["targets_in_row"] = connections.targets - left_out
        record["without_self"] = left_out
    elif kind == tables.LIST_COUNTS and not record["bits"]:
        return _lay_bits(layout, place, connections)
    return kind


def _lay_bits(layout: Layout, place: int, connections: Connections) -> int:
    record, targets = layout.projections[place], connections.targets
    words = -(-targets // BLOCK) * BLOCK // 64
    bits = aligned((connections.sources + 1, words), np.uint64)
    again = np.zeros(connections.sources + 1, np.int64)
    row, target = np.ascontiguousarray(connections.row, np.int64), connections.target
    rest = np.empty(int(MOST_REST * connections.synapses), target.dtype)
    used = kernels.bit_filler()(row, np.ascontiguousarray(target), bits, again, rest)
    if used > rest.size:
        return tables.LIST_ROWS
    room = 8 * (MOST + 1) + PLANES * words * 8  # addresses, then planes
    record["bits"] = layout.keep("projection", place, "bits", bits)
    record["bit_stride"] = 8 * words
    record["planes"] = layout.room(
        "projection", place, "planes", (layout.parts, room // 8), np.uint64
    )
    record["plane_step"] = room
    record["few"] = int(FEW_SPIKES * connections.sources * targets / connections.synapses)
    if used:
        layout.lay_rows(place, again, rest[:used].copy(), "rest")
    return tables.LIST_COUNTS
