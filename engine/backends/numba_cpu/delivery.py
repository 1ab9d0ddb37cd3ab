"""How spikes and currents reach the drive of their targets, compiled.

A row of drive is added to in one fixed order: first what the ring holds (by the step of the spike,
then projection, source), then projection by projection what arrives now (by source, target).  Every
thread adds for its own range of targets only, so the order holds for any number of threads.
"""

from __future__ import annotations

from engine.backends.numba_cpu.layout import (
    COUNT_ONE,
    CURRENT_ONE,
    CURRENT_TOTAL,
    LIST_ONE,
    LIST_ROWS,
    RING_ROWS,
)
from engine.backends.numba_cpu.pointers import get, internal, put
from engine.backends.numba_cpu.random import type_as
from engine.backends.numba_cpu.sources import I64, U8, U16, U32, level


@internal
def deliver(network, projection, sources, emitters, thread, first, last, step, drive, zero):
    """Add to row ``drive``, targets [first, last), what ``projection`` brings at ``step``."""
    kind = projection.kind
    if kind == LIST_ROWS:
        _list_rows(network, projection, emitters, thread, step, drive, zero)
    elif kind == LIST_ONE:
        _list_one(network, projection, emitters, first, last, step, drive, zero)
    elif kind == COUNT_ONE:
        _count_one(projection, sources[projection.current], first, last, step, drive, zero)
    elif kind == CURRENT_ONE:
        source = sources[projection.current]
        _current_one(projection, source, thread, first, last, step, drive, zero)
    elif kind == CURRENT_TOTAL:
        _current_total(projection, sources[projection.current], first, last, step, drive, zero)
    elif kind != RING_ROWS:
        _current_rows(projection, sources[projection.current], thread, step, drive, zero)


@internal
def _list_rows(network, projection, emitters, thread, step, drive, zero):
    at = step - projection.delay
    if at < max(projection.since, network.base):
        return
    slot = at - network.base
    for part in range(network.threads):
        emitter = emitters[projection.source * network.threads + part]
        first = get(emitter.starts, slot, I64)
        last = get(emitter.starts, slot + 1, I64)
        if first < last:
            if projection.wide != 0:
                _add_rows(projection, thread, emitter.senders, first, last, drive, U32, zero)
            else:
                _add_rows(projection, thread, emitter.senders, first, last, drive, U16, zero)


@internal
def _add_rows(projection, thread, senders, first, last, drive, index, zero):
    """Add the weights of the rows of senders[first:last]; ``index`` has the targets' type."""
    row_first = projection.row_first + thread * projection.row_step
    row_last = projection.row_last + thread * projection.row_step
    targets, weights = projection.targets, projection.weights
    weight = type_as(projection.weight, zero)
    for place in range(first, last):
        sender = I64 + get(senders, place, U32)
        begin, end = get(row_first, sender, I64), get(row_last, sender, I64)
        if weights == 0:
            for k in range(begin, end):
                target = I64 + get(targets, k, index)
                put(drive, target, get(drive, target, zero) + weight)
        else:
            for k in range(begin, end):
                target = I64 + get(targets, k, index)
                put(drive, target, get(drive, target, zero) + get(weights, k, zero))


@internal
def _list_one(network, projection, emitters, low, high, step, drive, zero):
    at = step - projection.delay
    if at < max(projection.since, network.base):
        return
    slot = at - network.base
    for part in range(network.threads):
        emitter = emitters[projection.source * network.threads + part]
        for place in range(get(emitter.starts, slot, I64), get(emitter.starts, slot + 1, I64)):
            target = I64 + get(emitter.senders, place, U32)
            if low <= target < high:
                weight = _weight(projection, target, zero)
                put(drive, target, get(drive, target, zero) + weight)


@internal
def _weight(projection, k, zero):
    if projection.weights == 0:
        return type_as(projection.weight, zero)
    return get(projection.weights, k, zero)


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
    shared = level(source, step)
    if source.noise_std == 0.0:
        if shared == 0.0:
            return
        for k in range(first, last):
            here = get(drive, k, zero)
            put(drive, k, here + _weight(projection, k, zero) * type_as(shared, zero))
        return
    numbers = source.numbers + 8 * thread * source.stride
    for k in range(first, last):
        value = shared + source.noise_std * get(numbers, k, 0.0)
        here = get(drive, k, zero)
        put(drive, k, here + _weight(projection, k, zero) * type_as(value, zero))


@internal
def _current_total(projection, source, first, last, step, drive, zero):
    shared = type_as(level(source, step), zero)
    if shared == zero:
        return
    for k in range(first, last):
        here = get(drive, k, zero)
        put(drive, k, here + get(projection.totals, k, zero) * shared)


@internal
def _current_rows(projection, source, thread, step, drive, zero):
    shared = level(source, step)
    numbers = source.numbers + 8 * thread * source.stride
    row_first = projection.row_first + thread * projection.row_step
    row_last = projection.row_last + thread * projection.row_step
    for sender in range(projection.sources):
        value = type_as(shared + source.noise_std * get(numbers, sender, 0.0), zero)
        for k in range(get(row_first, sender, I64), get(row_last, sender, I64)):
            target = _target(projection, k)
            weight = _weight(projection, k, zero)
            put(drive, target, get(drive, target, zero) + weight * value)


@internal
def _target(projection, k):
    if projection.wide != 0:
        return I64 + get(projection.targets, k, U32)
    return I64 + get(projection.targets, k, U16)


@internal
def _delay(projection, k):
    if projection.narrow != 0:
        return I64 + get(projection.delays, k, U8)
    return I64 + get(projection.delays, k, U16)


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
    row_first = projection.row_first + thread * projection.row_step
    row_last = projection.row_last + thread * projection.row_step
    low, high = get(population.bounds, thread, I64), get(population.bounds, thread + 1, I64)
    now, slot = step % network.ring, step - network.base
    for part in range(network.threads):
        emitter = emitters[projection.source * network.threads + part]
        for place in range(get(emitter.starts, slot, I64), get(emitter.starts, slot + 1, I64)):
            sender = I64 + get(emitter.senders, place, U32)
            for k in range(get(row_first, sender, I64), get(row_last, sender, I64)):
                target = I64 + get(projection.targets, k, index)
                if low <= target < high:
                    row = now + _delay(projection, k)
                    row = row - network.ring if row >= network.ring else row
                    where = row * population.stride + target
                    weight = _weight(projection, k, zero)
                    put(ring, where, get(ring, where, zero) + weight)
