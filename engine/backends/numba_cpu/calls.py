"""What a call of the driver does before and after its steps, compiled: a short one costs little.

A network driven from Python in short calls would spend its time on unpacking arrays, so the driver
is called with whole numbers only, one of them the address of the network's record; it finds the
tables, moves the lists of spikes on, and says where the spikes of the slice stand.
"""

from __future__ import annotations

import numpy as np
from numba import types

from engine.backends.numba_cpu.meeting import PHASE, cell
from engine.backends.numba_cpu.pointers import get, internal, put
from engine.backends.numba_cpu.records import emitter_at, network_at
from engine.backends.numba_cpu.sources import I64, U32

NOT_YET = np.int64(-1)  # how far a thread has come before its first block
SPIKES_SIGNATURE = types.void(
    types.int64, types.int64[::1], types.int64, types.int64[::1], types.uint32[::1]
)


@internal
def begin(network, order, start, step, end):
    """Write down a new order; nobody else looks before it is given."""
    network.order, network.slice = order, start
    network.step, network.end = step, end
    base = start - network.history
    network.shift, network.base = base - network.base, base
    for thread in range(network.threads):
        put(cell(network, thread, PHASE), 0, NOT_YET)
        put(cell(network, thread, PHASE + 1), 0, NOT_YET)


@internal
def shift_lists(network, emitters, thread):
    """Keep only what is still on its way in the thread's lists, at their front."""
    shift = network.shift
    if shift == 0:
        return
    for place in range(thread, network.emitters_count, network.parts):
        emitter = emitter_at(emitters, place)
        first = get(emitter.starts, shift, I64)
        last = get(emitter.starts, shift + network.history, I64)
        for slot in range(network.history + 1):
            put(emitter.starts, slot, get(emitter.starts, shift + slot, I64) - first)
        if first > 0:
            for k in range(first, last):
                put(emitter.senders, k - first, get(emitter.senders, k, U32))


@internal
def tell_found(network, emitters, reached):
    """Say where in the first thread's lists the spikes from the slice's start till now stand."""
    for place in range(0, network.emitters_count, network.parts):
        emitter, pair = emitter_at(emitters, place), 2 * (place // network.parts)
        put(network.found, pair, get(emitter.starts, network.slice - network.base, I64))
        put(network.found, pair + 1, get(emitter.starts, reached - network.base, I64))


@internal
def fill_spikes(address, reported, start, steps, senders):
    """Write step and sender of every spike of a slice, one reported emitter after the other.

    ``address`` is that of the network's record; the slice began at ``start`` and is done.
    """
    network = network_at(address)
    used = 0
    for k in range(reported.size):
        emitter = emitter_at(network.emitters, reported[k] * network.parts)
        slot = start - network.base
        place = get(network.found, 2 * reported[k], I64)
        end = get(network.found, 2 * reported[k] + 1, I64)
        while place < end:
            slot += 1
            until = min(get(emitter.starts, slot, I64), end)
            while place < until:
                steps[used] = network.base + slot - 1
                senders[used] = get(emitter.senders, place, U32)
                place += 1
                used += 1
