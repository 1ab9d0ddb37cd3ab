"""Counting spikes instead of adding weights: dense projections whose synapses share one weight.

A source's targets are a row of bits.  The rows of the sources that spiked are added up column by
column with full adders, seven rows and 512 columns at a time, into counts whose bits lie in planes
of their own; then every target gets its count times the weight, once.  A synapse costs a bit to
read and a fraction of an instruction, where adding weights one by one costs an index and about
three.  A pair with several synapses has all but the first in rows of their own, see `bits.py`.

Counts are exact, so the sum does not depend on the order of the sources; it is rounded as count
times weight.  With few spikes in a step their synapses are added one by one instead.
"""

from __future__ import annotations

from engine.backends.numba_cpu.layout import COUNTED, LIST_COUNTS, TILE
from engine.backends.numba_cpu.pointers import (
    PLANES,
    add_counts,
    count_seven,
    get,
    internal,
    prefetch,
    put,
)
from engine.backends.numba_cpu.random import type_as
from engine.backends.numba_cpu.records import emitter_at, population_at, projection_at
from engine.backends.numba_cpu.sources import I64, U32, U64

SEVEN = 7  # rows that are added together
MOST = 2**PLANES - 1  # rows that a count can hold
AHEAD = 2 * SEVEN  # rows that are asked for a step early
LINE = 64  # bytes of a cache line
BLOCK = COUNTED * TILE  # columns that are counted together


@internal
def count_rows(network, projection, emitters, thread, slot, first, last, drive, zero):
    """Add weight times number of spikes to targets [first, last), for the spikes of ``slot``."""
    queue, planes = _scratch(projection, thread)
    weight = type_as(projection.weight, zero)
    used = 0
    emitter = emitter_at(emitters, projection.source * network.parts + thread)
    for place in range(get(emitter.starts, slot, I64), get(emitter.starts, slot + 1, I64)):
        sender = I64 + get(emitter.senders, place, U32)
        put(queue, used, projection.bits + sender * projection.bit_stride)
        used += 1
        if used == MOST:
            _add(projection, queue, planes, used, first, last, drive, weight)
            used = 0
    if used > 0:
        _add(projection, queue, planes, used, first, last, drive, weight)


@internal
def ask_ahead(network, populations, projections, emitters, thread, now, step):
    """Ask for the first rows that will be counted at ``step``, if they are known at ``now``.

    The rest are asked for while these are counted; nothing else would be done while waiting for
    the first ones, and half a row is short, so threads would wait most.
    """
    for place in range(network.projections_count):
        projection = projection_at(projections, place)
        at = step - projection.delay
        if projection.kind != LIST_COUNTS or at >= now or at < network.base:
            continue
        bounds = population_at(populations, projection.target).bounds
        low = get(bounds, thread, I64) // BLOCK
        high = (get(bounds, thread + 1, I64) + BLOCK - 1) // BLOCK
        emitter = emitter_at(emitters, projection.source * network.parts + thread)
        begin = get(emitter.starts, at - network.base, I64)
        end = get(emitter.starts, at - network.base + 1, I64)
        for k in range(begin, min(end, begin + AHEAD)):
            row = projection.bits + (I64 + get(emitter.senders, k, U32)) * projection.bit_stride
            for block in range(low, high):
                prefetch(row + LINE * block)


@internal
def _scratch(projection, thread):
    """Addresses of the thread's room for row addresses and for planes."""
    queue = projection.planes + thread * projection.plane_step
    return queue, queue + 8 * (MOST + 1)


@internal
def _add(projection, queue, planes, used, first, last, drive, weight):
    """Count the ``used`` rows in the queue and add the counts times ``weight`` to the drive."""
    stride = projection.bit_stride
    low, high = first // BLOCK, (last + BLOCK - 1) // BLOCK
    none = projection.bits + projection.sources * stride  # a row without a bit
    for k in range(used, (used + SEVEN - 1) // SEVEN * SEVEN):
        put(queue, k, none)
    for plane in range(PLANES):
        for word in range(8 * low, 8 * high):
            put(planes + plane * stride, word, U64)
    for k in range(0, used, SEVEN):
        for block in range(low, high):
            if k + SEVEN < used:
                for row in range(k + SEVEN, k + 2 * SEVEN):
                    prefetch(get(queue, row, I64) + LINE * block)
            count_seven(queue + 8 * k, block, planes, stride)
    for group in range(first // TILE, last // TILE):
        add_counts(drive, group, planes, stride, weight)
