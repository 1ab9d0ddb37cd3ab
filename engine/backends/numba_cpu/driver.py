"""The step loop, compiled once for all networks: it knows populations by the address of a kernel.

Threads share the work by ranges of neurons and meet once a block.  A block is at most as long as
the shortest delay, so inside it nobody needs what another thread is about to write: a thread reads
the spikes of earlier blocks, adds to the drive of its own targets, advances its own neurons, and
appends their spikes to lists of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import from_dtype, types

from engine.backends.numba_cpu import layout
from engine.backends.numba_cpu.delivery import deliver, push
from engine.backends.numba_cpu.layout import PLASTIC_ROWS, RING_ROWS, STATE, TILE
from engine.backends.numba_cpu.plastic_events import arrive, settle_posts
from engine.backends.numba_cpu.pointers import (
    atomic_add,
    atomic_get,
    atomic_put,
    call_kernel,
    call_plain,
    get,
    internal,
    put,
)
from engine.backends.numba_cpu.random import normal_row, type_as
from engine.backends.numba_cpu.sources import I64, U8, U64, emit, refresh_noise
from engine.backends.philox import NORMAL

SPINS = 2000  # looks at the barrier before the processor is offered to others


def _signature(zero: types.Float) -> Any:
    tables = (
        layout.NETWORK,
        layout.POPULATION,
        layout.SOURCE,
        layout.EMITTER,
        layout.PROJECTION,
        layout.MONITOR,
    )
    arrays = [types.Array(from_dtype(table), 1, "C") for table in tables]
    return types.int64(*arrays, types.int64, zero)


SIGNATURES = {"float64": _signature(types.float64), "float32": _signature(types.float32)}


@internal
def advance(networks, populations, sources, emitters, projections, monitors, thread, zero):
    """Advance from ``step`` to ``end`` and return the step reached.

    It returns early, between two blocks, where a list of spikes has no room for another block.
    """
    network = networks[0]
    step = network.step
    fresh = True
    while step < network.end:
        steps = min(network.block, network.end - step)
        emit(network, sources, emitters, thread, step, steps)
        for k in range(steps):
            refresh_noise(sources, thread, step + k, fresh)
            fresh = False
            for place in range(populations.size):
                _fill_drive(
                    network, populations[place], projections, sources, emitters, thread,
                    step, k, zero,
                )  # fmt: skip
        for place in range(populations.size):
            population = populations[place]
            _integrate(network, population, monitors, thread, step, steps, zero)
            _collect(network, population, emitters, thread, step, steps)
        # With an axonal rule a block is one step, and these are its spikes.
        settle_posts(network, projections, PLASTIC_ROWS, emitters, thread, step, _size(zero))
        if not _has_room(network, emitters, thread, step + steps):
            atomic_put(network.stop, step + steps)
        _meet(network)
        for k in range(steps):
            for place in range(projections.size):
                projection = projections[place]
                if projection.kind == RING_ROWS:
                    target = populations[projection.target]
                    push(network, projection, target, emitters, thread, step + k, zero)
        step += steps
        if atomic_get(network.stop) == step:
            break
    return step


@internal
def _fill_drive(
    network, population, projections, sources, emitters, thread, step, k, zero
):  # fmt: skip
    """Drive row ``k`` of the block that begins at ``step``, for the thread's neurons."""
    first, last = get(population.bounds, thread, I64), get(population.bounds, thread + 1, I64)
    size = _size(zero)
    rows = population.inputs + population.normals
    drive = population.drive + k * rows * population.stride * size
    for port in range(population.inputs):
        ring = get(population.rings, port, I64)
        row = drive + port * population.stride * size
        if ring != 0:
            ring += (step + k) % network.ring * population.stride * size
            for neuron in range(first, last):
                put(row, neuron, get(ring, neuron, zero))
                put(ring, neuron, zero)
        elif get(population.used, port, I64) != 0:
            for neuron in range(first, last):
                put(row, neuron, zero)
    for place in range(population.first_projection, population.last_projection):
        projection = projections[place]
        row = drive + projection.port * population.stride * size
        if projection.kind == PLASTIC_ROWS:
            arrive(network, projection, emitters, thread, first, last, step + k, row, _size(zero))
            continue
        deliver(network, projection, sources, emitters, thread, first, last, step + k, row, zero)
    for number in range(population.normals):
        row = drive + (population.inputs + number) * population.stride * size
        normal_row(
            row, first, last, step + k, NORMAL + number, population.seed, population.stream, zero
        )


@internal
def _size(zero):
    """Bytes of a number of the network's float type."""
    return 8 if type_as(1.0 / 3.0, zero) == 1.0 / 3.0 else 4


@internal
def _integrate(network, population, monitors, thread, step, steps, zero):
    """Let the kernel take ``steps`` steps, stopping where a monitor looks."""
    first, last = get(population.bounds, thread, I64), get(population.bounds, thread + 1, I64)
    rows = population.inputs + population.normals
    done = 0
    while done < steps:
        count = steps - done
        for k in range(population.first_monitor, population.last_monitor):
            every = monitors[k].every
            count = min(count, every - (step + done) % every)
        call_kernel(
            population.kernel,
            (
                count,
                first,
                last,
                step + done,
                network.dt,
                population.state,
                population.stride,
                population.drive + done * rows * population.stride * _size(zero),
                rows,
                population.fixed,
                population.varied,
                population.spiked + done * population.stride,
            ),
        )
        done += count
        for k in range(population.first_monitor, population.last_monitor):
            if (step + done) % monitors[k].every == 0:
                _sample(network, population, monitors[k], first, last, step + done, zero)


@internal
def _sample(network, population, monitor, first, last, steps, zero):
    """Keep what ``monitor`` asks of neurons [first, last) after ``steps`` steps in all."""
    row = population.state + monitor.row * population.stride * _size(zero)
    sample = steps // monitor.every - network.slice // monitor.every - 1
    if monitor.kind == STATE:
        for k in range(monitor.count):
            neuron = get(monitor.indices, k, I64)
            if first <= neuron < last:
                put(monitor.out, sample * monitor.count + k, get(row, neuron, zero))
        return
    for tile in range(first // TILE, last // TILE):
        stop = min((tile + 1) * TILE, population.size)
        put(monitor.out, sample * monitor.tiles + tile, _sum(row, tile * TILE, stop, zero))


@internal
def _sum(row, first, last, zero):
    """Sum of row[first:last] by four running sums, in a fixed order."""
    a = b = c = d = 0.0
    k = first
    while k + 4 <= last:
        a += get(row, k, zero)
        b += get(row, k + 1, zero)
        c += get(row, k + 2, zero)
        d += get(row, k + 3, zero)
        k += 4
    while k < last:
        a += get(row, k, zero)
        k += 1
    return (a + b) + (c + d)


@internal
def _collect(network, population, emitters, thread, step, steps):
    """Append the neurons that spiked to the thread's list, step by step."""
    if population.spikes == 0:
        return
    first, last = get(population.bounds, thread, I64), get(population.bounds, thread + 1, I64)
    limit = min(last, population.size)
    emitter = emitters[population.emitter * network.threads + thread]
    slot = step - network.base
    used = get(emitter.starts, slot, I64)
    for k in range(steps):
        flags = population.spiked + k * population.stride
        for group in range(first // 8, last // 8):
            if get(flags, group, U64) != U64:
                for neuron in range(8 * group, min(8 * group + 8, limit)):
                    if get(flags, neuron, U8) != U8:
                        put(emitter.senders, used, np.uint32(neuron))
                        used += 1
        put(emitter.starts, slot + k + 1, used)


@internal
def _has_room(network, emitters, thread, step):
    """Whether every list of the thread can take another block after ``step``."""
    for place in range(thread, emitters.size, network.threads):
        emitter = emitters[place]
        if get(emitter.starts, step - network.base, I64) + emitter.most > emitter.capacity:
            return False
    return True


@internal
def _meet(network):
    """Wait until all threads have come here."""
    if network.threads == 1:
        return
    phase = atomic_get(network.phase)
    if atomic_add(network.arrived, 1) == network.threads - 1:
        atomic_put(network.arrived, 0)
        atomic_put(network.phase, phase + 1)
        return
    spins = 0
    while atomic_get(network.phase) == phase:
        spins += 1
        if spins > SPINS:
            call_plain(network.give_way)
