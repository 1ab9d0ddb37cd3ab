"""What sources emit, compiled: Poisson counts, recorded spikes, level and noise of a current."""

from __future__ import annotations

import numpy as np

from engine.backends import philox
from engine.backends.numba_cpu.layout import CURRENT, POISSON
from engine.backends.numba_cpu.pointers import get, internal, put
from engine.backends.numba_cpu.random import count_row, normal_row, relaxed_row
from engine.backends.numba_cpu.records import emitter_at, source_at

I64, U32, U16 = np.int64(0), np.uint32(0), np.uint16(0)
U8, U64 = np.uint8(0), np.uint64(0)


@internal
def emit(network, sources, emitters, thread, step, steps, box, word):
    """Let every spiking source emit the spikes of ``steps`` steps from ``step`` on.

    They go into the thread's lists, or to ``word`` of its ``box``; returns the next free word.
    """
    for k in range(network.sources_count):
        source = source_at(sources, k)
        if source.kind == CURRENT:
            continue
        emitter = emitter_at(emitters, source.emitter * network.parts + thread)
        if source.kind == POISSON:
            for at in range(step, step + steps):
                entry = source.emitter * network.block + at - step
                word = _emit_counts(network, source, emitter, thread, at, box, entry, word)
        else:
            _emit_recorded(network, source, emitter, step, steps)
    return word


@internal
def _emit_counts(network, source, emitter, thread, step, box, entry, word):
    first = get(source.bounds, thread, I64)
    last = get(source.bounds, thread + 1, I64)
    counts = source.counts + 2 * (step % source.count_rows) * source.stride
    if source.ladders == 0:
        count_row(source, counts, source.words, first, last, step)
    else:
        own = source_at(source.ladders, step - source.ladders_first)
        count_row(own, counts, source.words, first, last, step)
    if source.listed == 0:
        return word
    slot = step - network.base
    senders, before = emitter.senders, get(emitter.starts, slot, I64)
    if box != 0:
        senders, before = box, word
    used = before
    limit = min(last, source.size)
    for four in range(first // 4, last // 4):
        if get(counts, four, U64) != U64:
            for k in range(4 * four, min(4 * four + 4, limit)):
                for _ in range(get(counts, k, U16)):
                    put(senders, used, np.uint32(k))
                    used += 1
    if box != 0:
        put(box, entry, np.uint32(used - before))
        return used
    put(emitter.starts, slot + 1, used)
    return word


@internal
def _emit_recorded(network, source, emitter, step, steps):
    """Every thread puts all of them into its lists: there are few, and their order is theirs."""
    place = _first_at(source.steps, source.spikes, step)
    for at in range(step, step + steps):
        slot = at - network.base
        used = get(emitter.starts, slot, I64)
        while place < source.spikes and get(source.steps, place, I64) == at:
            put(emitter.senders, used, get(source.senders, place, U32))
            used += 1
            place += 1
        put(emitter.starts, slot + 1, used)


@internal
def _first_at(steps, count, step):
    """Place of the first of ``count`` ascending numbers that is not below ``step``."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if get(steps, middle, I64) < step:
            low = middle + 1
        else:
            high = middle
    return low


@internal
def level(source, step):
    """The part of a current that all members share."""
    value = source.mean
    if source.start <= step < source.stop:
        value += source.amplitude
    at = step - source.trace_first
    if 0 <= at < source.trace_steps:
        value += get(source.trace, at, 0.0)
    return value


@internal
def refresh_noise(network, sources, thread, step, fresh, zero):
    """Draw the normal numbers of currents where ``step`` begins a new interval, or all if fresh.

    Those of coloured noise are kept from call to call and follow on one another.
    """
    for k in range(network.sources_count):
        source = source_at(sources, k)
        if source.kind != CURRENT or source.noise_std == 0.0:
            continue
        begins = step % source.noise_every == 0
        if not begins and (source.noise_decay != 0.0 or not fresh):
            continue
        first, last = 0, source.stride
        if source.whole == 0:
            first = get(source.bounds, thread, I64)
            last = get(source.bounds, thread + 1, I64)
        out = source.numbers + thread * source.numbers_step
        draw = step // source.noise_every
        if source.noise_decay == 0.0 or draw == 0:
            normal_row(out, first, last, draw, philox.NORMAL, source.seed, source.stream, zero)
        else:
            relaxed_row(
                out, first, last, draw, philox.NORMAL, source.seed, source.stream,
                source.noise_decay, source.noise_share, zero,
            )  # fmt: skip
