"""Counting spikes instead of adding weights: dense projections whose synapses share one weight.

A source's targets are a row of bits.  The rows of the sources that spiked are added up column by
column with full adders, seven rows and 512 columns at a time, into counts whose bits lie in planes
of their own; then every target gets its count times the weight, once.  A synapse costs a bit to
read and a fraction of an instruction, where adding weights one by one costs an index and about
three.  A pair with several synapses has all but the first in rows of their own, see `bits.py`:
these are counted first, one by one, in a row of bytes.

Counts are exact, so the sum does not depend on the order of the sources; it is rounded as count
times weight.  With few spikes in a step their synapses are added one by one instead.
"""

from __future__ import annotations

import numpy as np

from engine.backends.numba_cpu.layout import COUNTED, LIST_COUNTS, TILE
from engine.backends.numba_cpu.pointers import (
    PLANES,
    SEVEN,
    add_counts,
    count_block,
    get,
    internal,
    prefetch,
    put,
)
from engine.backends.numba_cpu.random import type_as
from engine.backends.numba_cpu.records import emitter_at, population_at, projection_at
from engine.backends.numba_cpu.sources import I64, U8, U16, U32

MOST = 2**PLANES - 1  # rows that a count can hold, a multiple of SEVEN
LINE = 64  # bytes of a cache line
BLOCK = COUNTED * TILE  # columns that are counted together
EARLY = 4  # blocks of a row that are asked for before they are counted
REST = 8  # synapses in a group of the rest of a row
# A thread's room, in bytes: addresses of rows, groups of the rest of rows, planes of all blocks,
# and counts of the rest.
GROUPS_AT = 8 * (MOST + 1)
PLANES_AT = GROUPS_AT + 8 * (MOST + 1)
ONE = np.uint8(1)


@internal
def count_rows(network, projection, emitters, thread, slot, first, last, drive, zero):
    """Add weight times number of spikes to targets [first, last), for the spikes of ``slot``."""
    room = projection.room + thread * projection.room_step
    weight = type_as(projection.weight, zero)
    rest = 0
    if projection.rest_targets != 0:
        rest = _rest_counts(projection, room)
    emitter = emitter_at(emitters, projection.source * network.parts + thread)
    place, end = get(emitter.starts, slot, I64), get(emitter.starts, slot + 1, I64)
    while place < end:
        used = min(end - place, projection.most)
        senders = emitter.senders + 4 * place
        _queue_rows(projection, senders, used, room)
        if rest != 0:
            low, high = get(network.cuts, thread, I64), get(network.cuts, thread + 1, I64)
            _count_rest(projection, senders, used, room, low, high)
        _add(projection, room, used, rest, first, last, drive, weight)
        place += used


@internal
def _queue_rows(projection, senders, used, room):
    """Write down where the rows of ``used`` senders begin, and whole groups of them."""
    for k in range(used):
        sender = I64 + get(senders, k, U32)
        put(room, k, projection.bits + sender * projection.bit_stride)
    none = projection.bits + projection.sources * projection.bit_stride  # a row without a bit
    for k in range(used, (used + SEVEN - 1) // SEVEN * SEVEN):
        put(room, k, none)


@internal
def _count_rest(projection, senders, used, room, low, high):
    """Count the synapses beyond the first of their pair, those of parts [low, high) of rows."""
    groups, parts = room + GROUPS_AT, projection.row_parts
    size = 4 if projection.rest_wide != 0 else 2
    for k in range(used):
        at = parts * (I64 + get(senders, k, U32))
        begin = get(projection.rest_first, at + low, U32)
        end = get(projection.rest_first, at + high, U32)
        put(groups, 2 * k, begin)
        put(groups, 2 * k + 1, end)
        lines = projection.rest_targets + size * REST * (I64 + begin)
        prefetch(lines)
        prefetch(lines + LINE)
        prefetch(lines + 2 * LINE)
    counts = _rest_counts(projection, room)
    if projection.rest_wide != 0:
        _count_groups(groups, used, projection.rest_targets, counts, U32)
    else:
        _count_groups(groups, used, projection.rest_targets, counts, U16)


@internal
def _count_groups(groups, used, targets, counts, index):
    """Count the targets of runs of groups; ``index`` has their type."""
    for k in range(used):
        for group in range(I64 + get(groups, 2 * k, U32), I64 + get(groups, 2 * k + 1, U32)):
            for lane in range(REST):
                target = I64 + get(targets, REST * group + lane, index)
                put(counts, target, np.uint8(get(counts, target, U8) + ONE))


@internal
def _add(projection, room, used, rest, first, last, drive, weight):
    """Count the ``used`` rows that are written down and add their counts times ``weight``."""
    groups = (used + SEVEN - 1) // SEVEN
    planes = room + PLANES_AT
    low, high = first // BLOCK, (last + BLOCK - 1) // BLOCK
    upper = False
    # What was stored lately is slow to read in pieces: so all blocks first.
    for block in range(low, high):
        ahead = min(block + EARLY, high - 1)
        upper = count_block(room, groups, block, ahead, planes) or upper
    for group in range(first // TILE, last // TILE):
        add_counts(drive, group, planes, upper, rest, weight)


@internal
def _rest_counts(projection, room):
    """Address of the bytes that count what stands beside the bits."""
    return room + PLANES_AT + PLANES * projection.bit_stride


@internal
def ask_ahead(network, populations, projections, emitters, thread, now, step):
    """Ask for the first blocks of the rows that will be counted at ``step``, if known at ``now``.

    The others are asked for while these are counted; nothing else would be done while waiting for
    the first ones, and half a row is short, so threads would wait most.
    """
    for place in range(network.projections_count):
        projection = projection_at(projections, place)
        at = step - projection.delay
        if projection.kind != LIST_COUNTS or at >= now or at < network.base:
            continue
        bounds = population_at(populations, projection.target).bounds
        low = get(bounds, thread, I64) // BLOCK
        high = min((get(bounds, thread + 1, I64) + BLOCK - 1) // BLOCK, low + EARLY)
        emitter = emitter_at(emitters, projection.source * network.parts + thread)
        begin = get(emitter.starts, at - network.base, I64)
        end = get(emitter.starts, at - network.base + 1, I64)
        for k in range(begin, min(end, begin + MOST)):
            row = projection.bits + (I64 + get(emitter.senders, k, U32)) * projection.bit_stride
            for block in range(low, high):
                prefetch(row + LINE * block)
