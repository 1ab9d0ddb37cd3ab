"""Synapses that tire, in the step loop: what every spike releases, compiled with the driver.

The share of its weight that a spike delivers is known when it is emitted, so such projections add
to the ring of their port at the end of a block, whatever their delays, and blocks stay long.  The
driver knows one by the address of a record of whole numbers, ``RECORD``, and calls the generated
function of its rule (`release_printer.py`) by its address.  Every thread keeps the states of all
sources for itself, so that nobody waits for anybody.
"""

from __future__ import annotations

from numba import types

from engine.backends.numba_cpu.pointers import caller, get, internal, put
from engine.backends.numba_cpu.random import size_of, type_as
from engine.backends.numba_cpu.records import emitter_at
from engine.backends.numba_cpu.rows import delay_of, fetch_rows, target_of, weight_of
from engine.backends.numba_cpu.sources import I64, U16, U32

RELEASE = types.float64(
    types.int64,  # sender
    types.float64,  # ms since its last spike
    types.int64,  # state: address of float64 [states, stride]
    types.int64,  # stride
    types.int64,  # fixed: address of the constants, float64
)
# The record of a projection that releases, int64[len(RECORD)]: addresses, but where something else
# is said.
RECORD = (
    "program",
    "on",  # 0 or 1
    "fixed",
    "state",  # float64 [threads, states, stride]
    "states",  # how many
    "stride",
    "last",  # int64 [threads, stride]: the step of every source's last spike
)
FIELD = {name: place for place, name in enumerate(RECORD)}
PROGRAM, ON, FIXED, STATE, STATES, STRIDE, LAST = range(len(RECORD))


_call_release = caller(RELEASE)


@internal
def _field(projection, place):
    return get(projection.release, place, I64)


@internal
def release(network, projection, population, emitters, thread, step, zero):
    """Add what the spikes of ``step`` release to the ring, for the thread's targets."""
    slot = step - network.base
    emitter = emitter_at(emitters, projection.source * network.parts + thread)
    begin, end = get(emitter.starts, slot, I64), get(emitter.starts, slot + 1, I64)
    stride = _field(projection, STRIDE)
    state = _field(projection, STATE) + 8 * thread * _field(projection, STATES) * stride
    last = _field(projection, LAST) + 8 * thread * stride
    ring = get(population.rings, projection.port, I64)
    ring += (step + projection.delay) % network.ring * population.stride * size_of(zero)
    row_first = projection.row_first + 8 * get(network.cuts, thread, I64)
    row_last = projection.row_first + 8 * get(network.cuts, thread + 1, I64)
    senders = emitter.senders + 4 * begin
    for place in range(begin, end):
        sender = I64 + get(emitter.senders, place, U32)
        elapsed = (step - get(last, sender, I64)) * network.dt
        put(last, sender, step)
        share = _call_release(
            _field(projection, PROGRAM),
            (sender, elapsed, state, stride, _field(projection, FIXED)),
        )
        if _field(projection, ON) == 0:
            share = 1.0
        share = type_as(share, zero)
        if projection.delays != 0:
            _add_own(network, projection, population, thread, sender, step, share, zero)
            continue
        rows = (row_first, row_last, projection.targets)
        if projection.wide != 0:
            fetch_rows(projection, rows, senders, place - begin, end - begin, U32)
            _add_row(projection, rows, ring, sender, share, U32, zero)
        else:
            fetch_rows(projection, rows, senders, place - begin, end - begin, U16)
            _add_row(projection, rows, ring, sender, share, U16, zero)


@internal
def _add_row(projection, rows, ring, sender, share, index, zero):
    """The thread's part of a row whose synapses have one delay: one row of the ring."""
    row_first, row_last, targets = rows
    weights, place = projection.weights, projection.row_parts * sender
    begin, end = get(row_first, place, I64), get(row_last, place, I64)
    released = type_as(projection.weight, zero) * share
    if weights == 0:
        for k in range(begin, end):
            target = I64 + get(targets, k, index)
            put(ring, target, get(ring, target, zero) + released)
    else:
        for k in range(begin, end):
            target = I64 + get(targets, k, index)
            put(ring, target, get(ring, target, zero) + get(weights, k, zero) * share)


@internal
def _add_own(network, projection, population, thread, sender, step, share, zero):
    """A whole row, sorted by delay: of it what ends at the thread's targets."""
    ring = get(population.rings, projection.port, I64)
    low, high = get(population.bounds, thread, I64), get(population.bounds, thread + 1, I64)
    row = projection.row_first + 8 * sender
    for k in range(get(row, 0, I64), get(row, 1, I64)):
        target = target_of(projection, k)
        if low <= target < high:
            at = (step + delay_of(projection, k)) % network.ring * population.stride + target
            released = weight_of(projection, k, zero) * share
            put(ring, at, get(ring, at, zero) + released)
