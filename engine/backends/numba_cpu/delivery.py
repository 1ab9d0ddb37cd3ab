"""How spikes and currents reach the drive of their targets, compiled.

A row of drive is added to in one fixed order: first what the ring holds (by the step of the spike,
then projection, source), then projection by projection what arrives now (by source, target).  Every
thread adds for its own range of targets only, so the order holds for any number of threads.
"""

from __future__ import annotations

from engine.backends.numba_cpu.counting import count_rows
from engine.backends.numba_cpu.gaps import gap_rows
from engine.backends.numba_cpu.layout import (
    COUNT_ONE,
    CURRENT_ONE,
    CURRENT_ROWS,
    CURRENT_TOTAL,
    GAP_ROWS,
    LIST_COUNTS,
    LIST_FULL,
    LIST_ONE,
    LIST_ROWS,
)
from engine.backends.numba_cpu.pointers import get, internal, put
from engine.backends.numba_cpu.random import type_as
from engine.backends.numba_cpu.records import emitter_at, source_at
from engine.backends.numba_cpu.rows import delay_of, fetch_rows, target_of, weight_of
from engine.backends.numba_cpu.sources import I64, U16, U32, level


@internal
def deliver(network, projection, sources, emitters, thread, first, last, step, drive, zero):
    """Add to row ``drive``, targets [first, last), what ``projection`` brings at ``step``."""
    kind = projection.kind
    if kind == LIST_ROWS:
        _list_rows(network, projection, emitters, thread, step, drive, zero)
    elif kind == LIST_COUNTS:
        _list_counts(network, projection, emitters, thread, first, last, step, drive, zero)
    elif kind == LIST_FULL:
        _list_full(network, projection, emitters, thread, first, last, step, drive, zero)
    elif kind == LIST_ONE:
        _list_one(network, projection, emitters, thread, first, last, step, drive, zero)
    elif kind == COUNT_ONE:
        source = source_at(sources, projection.current)
        _count_one(projection, source, first, last, step, drive, zero)
    elif kind == CURRENT_ONE:
        source = source_at(sources, projection.current)
        _current_one(projection, source, thread, first, last, step, drive, zero)
    elif kind == CURRENT_TOTAL:
        source = source_at(sources, projection.current)
        _current_total(projection, source, first, last, step, drive, zero)
    elif kind == GAP_ROWS:
        gap_rows(network, projection, thread, step, drive, zero)
    elif kind == CURRENT_ROWS:
        source = source_at(sources, projection.current)
        _current_rows(network, projection, source, thread, step, drive, zero)


@internal
def _slot(network, projection, step):
    """Where the spikes that arrive at ``step`` stand in the lists; negative for nowhere."""
    at = step - projection.delay
    return -1 if at < max(projection.since, network.base) else at - network.base


@internal
def _list_rows(network, projection, emitters, thread, step, drive, zero):
    slot = _slot(network, projection, step)
    if slot < 0:
        return
    _all_rows(network, projection, emitters, thread, slot, drive, zero)


@internal
def _all_rows(network, projection, emitters, thread, slot, drive, zero):
    """Add the weights of the rows of all that spiked in ``slot``, the thread's parts of them.

    The parts of row s begin at ``row_first[s * parts]`` and the following; the last one ends where
    the next row begins.
    """
    row_first = projection.row_first + 8 * get(network.cuts, thread, I64)
    row_last = projection.row_first + 8 * get(network.cuts, thread + 1, I64)
    emitter = emitter_at(emitters, projection.source * network.parts + thread)
    first = get(emitter.starts, slot, I64)
    last = get(emitter.starts, slot + 1, I64)
    if first < last:
        senders = emitter.senders + 4 * first
        rows = (row_first, row_last, projection.targets)
        if projection.wide != 0:
            _add_rows(projection, rows, senders, last - first, drive, U32, zero)
        else:
            _add_rows(projection, rows, senders, last - first, drive, U16, zero)


@internal
def _add_rows(projection, rows, senders, count, drive, index, zero):
    """Add the weights of the rows of ``count`` senders; ``index`` has the targets' type."""
    row_first, row_last, targets = rows
    weights, parts = projection.weights, projection.row_parts
    weight = type_as(projection.weight, zero)
    for place in range(count):
        fetch_rows(projection, rows, senders, place, count, index)
        sender = I64 + get(senders, place, U32)
        begin, end = get(row_first, parts * sender, I64), get(row_last, parts * sender, I64)
        if weights == 0:
            for k in range(begin, end):
                target = I64 + get(targets, k, index)
                put(drive, target, get(drive, target, zero) + weight)
        else:
            for k in range(begin, end):
                target = I64 + get(targets, k, index)
                put(drive, target, get(drive, target, zero) + get(weights, k, zero))


@internal
def _list_counts(network, projection, emitters, thread, first, last, step, drive, zero):
    slot = _slot(network, projection, step)
    if slot < 0:
        return
    emitter = emitter_at(emitters, projection.source * network.parts + thread)
    spikes = get(emitter.starts, slot + 1, I64) - get(emitter.starts, slot, I64)
    if spikes > projection.few:
        count_rows(network, projection, emitters, thread, slot, first, last, drive, zero)
    elif spikes > 0:
        _all_rows(network, projection, emitters, thread, slot, drive, zero)


@internal
def _list_full(network, projection, emitters, thread, low, high, step, drive, zero):
    slot = _slot(network, projection, step)
    if slot < 0:
        return
    high = min(high, projection.targets_in_row + projection.without_self)
    emitter = emitter_at(emitters, projection.source * network.parts + thread)
    for place in range(get(emitter.starts, slot, I64), get(emitter.starts, slot + 1, I64)):
        sender = I64 + get(emitter.senders, place, U32)
        begin = sender * projection.targets_in_row
        if projection.without_self == 0:
            _add_run(projection.weights, begin, low, high, drive, zero)
        else:
            _add_run(projection.weights, begin, low, min(high, sender), drive, zero)
            _add_run(projection.weights, begin - 1, max(low, sender + 1), high, drive, zero)


@internal
def _add_run(weights, begin, low, high, drive, zero):
    """Add the weights of targets [low, high); that of target k has number ``begin`` + k."""
    for k in range(low, high):
        put(drive, k, get(drive, k, zero) + get(weights, begin + k, zero))


@internal
def _list_one(network, projection, emitters, thread, low, high, step, drive, zero):
    slot = _slot(network, projection, step)
    if slot < 0:
        return
    emitter = emitter_at(emitters, projection.source * network.parts + thread)
    for place in range(get(emitter.starts, slot, I64), get(emitter.starts, slot + 1, I64)):
        target = I64 + get(emitter.senders, place, U32)
        if low <= target < high:
            weight = weight_of(projection, target, zero)
            put(drive, target, get(drive, target, zero) + weight)


@internal
def _count_one(projection, source, first, last, step, drive, zero):
    at = step - projection.delay
    if at < projection.since:
        return
    counts = source.counts + 2 * (at % source.count_rows) * source.stride
    if projection.weights == 0:
        weight = type_as(projection.weight, zero)
        for k in range(first, last):
            here = get(drive, k, zero)
            count = type_as(get(counts, k, U16), zero)
            put(drive, k, here + weight * count)
    else:
        for k in range(first, last):
            here = get(drive, k, zero)
            count = type_as(get(counts, k, U16), zero)
            put(drive, k, here + get(projection.weights, k, zero) * count)


@internal
def _current_one(projection, source, thread, first, last, step, drive, zero):
    shared = type_as(level(source, step), zero)
    if source.noise_std == 0.0:
        if shared != zero:
            _add_weighted(projection, first, last, drive, shared, zero)
        return
    std = type_as(source.noise_std, zero)
    numbers = source.numbers + thread * source.numbers_step
    if projection.weights == 0:
        weight = type_as(projection.weight, zero)
        for k in range(first, last):
            value = shared + std * get(numbers, k, zero)
            put(drive, k, get(drive, k, zero) + weight * value)
    else:
        for k in range(first, last):
            value = shared + std * get(numbers, k, zero)
            put(drive, k, get(drive, k, zero) + get(projection.weights, k, zero) * value)


@internal
def _add_weighted(projection, first, last, drive, value, zero):
    if projection.weights == 0:
        added = type_as(projection.weight, zero) * value
        for k in range(first, last):
            put(drive, k, get(drive, k, zero) + added)
    else:
        for k in range(first, last):
            put(drive, k, get(drive, k, zero) + get(projection.weights, k, zero) * value)


@internal
def _current_total(projection, source, first, last, step, drive, zero):
    shared = type_as(level(source, step), zero)
    if shared == zero:
        return
    for k in range(first, last):
        here = get(drive, k, zero)
        put(drive, k, here + get(projection.totals, k, zero) * shared)


@internal
def _current_rows(network, projection, source, thread, step, drive, zero):
    shared = type_as(level(source, step), zero)
    std = type_as(source.noise_std, zero)
    numbers = source.numbers + thread * source.numbers_step
    parts = projection.row_parts
    row_first = projection.row_first + 8 * get(network.cuts, thread, I64)
    row_last = projection.row_first + 8 * get(network.cuts, thread + 1, I64)
    for sender in range(projection.sources):
        value = shared + std * get(numbers, sender, zero)
        for k in range(get(row_first, parts * sender, I64), get(row_last, parts * sender, I64)):
            target = target_of(projection, k)
            weight = weight_of(projection, k, zero)
            put(drive, target, get(drive, target, zero) + weight * value)


@internal
def push(network, projection, population, emitters, thread, step, zero):
    """Add the spikes of ``step`` to the ring, for synapses that have delays of their own."""
    if projection.wide != 0:
        _push_rows(network, projection, population, emitters, thread, step, U32, zero)
    else:
        _push_rows(network, projection, population, emitters, thread, step, U16, zero)


@internal
def _push_rows(network, projection, population, emitters, thread, step, index, zero):
    ring = get(population.rings, projection.port, I64)
    low, high = get(population.bounds, thread, I64), get(population.bounds, thread + 1, I64)
    rows = projection.row_first  # whole ones: they are sorted by delay first
    now, slot = step % network.ring, step - network.base
    emitter = emitter_at(emitters, projection.source * network.parts + thread)
    for place in range(get(emitter.starts, slot, I64), get(emitter.starts, slot + 1, I64)):
        sender = I64 + get(emitter.senders, place, U32)
        for k in range(get(rows, sender, I64), get(rows, sender + 1, I64)):
            target = I64 + get(projection.targets, k, index)
            if low <= target < high:
                row = now + delay_of(projection, k)
                row = row - network.ring if row >= network.ring else row
                where = row * population.stride + target
                weight = weight_of(projection, k, zero)
                put(ring, where, get(ring, where, zero) + weight)
