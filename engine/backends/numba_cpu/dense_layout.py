"""The arrays of projections that take a dense form, see `dense.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.backends.numba_cpu import kernels
from engine.backends.numba_cpu import layout as tables
from engine.backends.numba_cpu.counting import BLOCK, MOST, PLANES_AT, REST
from engine.backends.numba_cpu.dense import targets_left_out
from engine.backends.numba_cpu.pointers import PLANES, SEVEN
from engine.runtime.plan import Connections

if TYPE_CHECKING:
    from engine.backends.numba_cpu.network import Layout

MOST_REST = 1 / 4  # share of synapses beyond the first of their pair up to which bits are used
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
    if used > rest.size:
        return tables.LIST_ROWS
    most = most_spikes(rest[:used], targets, layout.source_of(int(record["source"])) is None)
    if most < SEVEN:
        return tables.LIST_ROWS
    record["bits"] = layout.keep("projection", place, "bits", bits)
    record["bit_stride"] = 8 * words
    shape = (layout.parts, PLANES_AT + PLANES * 8 * words + 64 * words + TRASH)
    record["room"] = layout.room("projection", place, "room", shape, np.uint8)
    record["room_step"], record["most"] = shape[1], most
    record["few"] = int(FEW_SPIKES * connections.sources * targets / connections.synapses)
    if used:
        _lay_rest(layout, place, again, rest[:used], 64 * words)
    return tables.LIST_COUNTS


def most_spikes(rest: np.ndarray, targets: int, once: bool) -> int:
    """How many spikes can be counted together such that no count runs over a byte.

    ``rest`` holds the further synapses of all pairs, row by row; ``once`` says that a source spikes
    at most once a step.
    """
    begins = np.flatnonzero(np.diff(rest, prepend=~rest[:1]))  # of the synapses of a pair
    often = np.diff(begins, append=rest.size)
    room = 255 - MOST
    if once:
        # A target gets no more than all there are, and none that do not exceed the usual.
        usual = room // MOST
        excess = np.bincount(rest[begins], np.maximum(often - usual, 0), targets)
        every = np.bincount(rest, minlength=targets)
        if np.minimum(every, excess + usual * MOST).max(initial=0) <= room:
            return MOST
    return min(MOST, room // int(often.max(initial=1)))


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
