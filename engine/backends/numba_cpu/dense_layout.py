"""The arrays of projections that take a dense form, see `dense.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.backends.numba_cpu import kernels
from engine.backends.numba_cpu import layout as tables
from engine.backends.numba_cpu.counting import BLOCK, MOST
from engine.backends.numba_cpu.dense import targets_left_out
from engine.backends.numba_cpu.pointers import PLANES
from engine.runtime.plan import Connections

if TYPE_CHECKING:
    from engine.backends.numba_cpu.network import Layout

MOST_REST = 1 / 4  # share of synapses beyond the first of their pair up to which bits are used
FEW_SPIKES = 0.2  # spikes a step, times density, up to which synapses are added one by one


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
    bits = tables.aligned((connections.sources + 1, words), np.uint64)
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
