"""The arrays of projections that take a dense form, see `dense.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.backends.numba_cpu import kernels
from engine.backends.numba_cpu import layout as tables
from engine.backends.numba_cpu.counting import BLOCK, COUNTS_AT, MOST, REST
from engine.backends.numba_cpu.dense import targets_left_out
from engine.runtime.plan import Connections

if TYPE_CHECKING:
    from engine.backends.numba_cpu.network import Layout

MOST_REST = 1 / 4  # share of synapses beyond the first of their pair up to which bits are used
MOST_COUNTED = 2**16 - 1 - MOST  # in the whole numbers that count them, beside what bits count
TRASH = 64  # columns past the end, of which the first one takes what fills groups
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
    if used > rest.size or _most_often(rest[:used]) * MOST > MOST_COUNTED:
        return tables.LIST_ROWS
    counts = 2 * (64 * words + TRASH)
    record["bits"] = layout.keep("projection", place, "bits", bits)
    record["bit_stride"] = 8 * words
    room = layout.room("projection", place, "room", (layout.parts, COUNTS_AT + counts), np.uint8)
    record["room"], record["room_step"] = room, COUNTS_AT + counts
    record["few"] = int(FEW_SPIKES * connections.sources * targets / connections.synapses)
    if used:
        _lay_rest(layout, place, again, rest[:used], 64 * words)
    return tables.LIST_COUNTS


def _most_often(rest: np.ndarray) -> int:
    """Length of the longest run of one and the same target."""
    ends = np.flatnonzero(np.diff(rest.astype(np.int64), prepend=-1, append=-1))
    return int(np.diff(ends).max(initial=0))


def _lay_rest(layout: Layout, place: int, again: np.ndarray, rest: np.ndarray, trash: int) -> None:
    """Rows of further synapses, every part of them made whole groups by the target ``trash``."""
    record = layout.projections[place]
    begins = layout.divide_rows(place, again, rest)
    lengths = np.diff(begins)
    first = np.zeros(begins.size, np.int64)
    np.cumsum(-(-lengths // REST), out=first[1:])
    wide = trash > np.iinfo(np.uint16).max
    targets = np.full(first[-1] * REST, trash, np.uint32 if wide else np.uint16)
    targets[np.arange(rest.size) + np.repeat(REST * first[:-1] - begins[:-1], lengths)] = rest
    record["rest_first"] = layout.keep("projection", place, "rest_first", first.astype(np.uint32))
    record["rest_targets"] = layout.keep("projection", place, "rest_targets", targets)
    record["rest_wide"] = wide
