"""The step loop, compiled once for all networks: it knows populations by the address of a kernel.

Workers (threads) share the work by ranges of neurons and meet once a block.  A block is at most as
long as the shortest delay, so inside it nobody needs what another thread is about to write: a
thread reads the spikes of earlier blocks, adds to the drive of its own targets, advances its own
neurons, and appends their spikes to lists of its own.
"""

from __future__ import annotations

import numpy as np
from numba import types

from engine.backends.numba_cpu.calls import begin, shift_lists, tell_found
from engine.backends.numba_cpu.counting import ask_ahead
from engine.backends.numba_cpu.delivery import deliver, push
from engine.backends.numba_cpu.gaps import show
from engine.backends.numba_cpu.layout import (
    PLASTIC_ROWS,
    RELEASE_ROWS,
    RING_ROWS,
    STATE,
    TILE,
)
from engine.backends.numba_cpu.mail import box_of, claim_own, first_word, receive, send
from engine.backends.numba_cpu.meeting import (
    ASLEEP,
    LOST,
    attend,
    gather,
    meet,
    report,
    summon,
)
from engine.backends.numba_cpu.plastic_events import arrive, settle_posts
from engine.backends.numba_cpu.pointers import (
    call_kernel,
    flags_of,
    get,
    internal,
    lowest_bit,
    put,
)
from engine.backends.numba_cpu.random import escape_row, normal_row, size_of
from engine.backends.numba_cpu.records import (
    emitter_at,
    monitor_at,
    network_at,
    population_at,
    projection_at,
)
from engine.backends.numba_cpu.release_events import release
from engine.backends.numba_cpu.sources import I64, U64, emit, refresh_noise
from engine.backends.philox import ESCAPE, NORMAL

ONE = np.uint64(1)


# tables, thread, order, start, step, end
SIGNATURE = types.int64(*[types.int64] * 6)


@internal
def work(tables, thread, order, start, step, end, zero):
    """As thread 0: let all advance, and return the step reached, or what `meeting.py` says.

    ``tables`` is the address of the network's record.  The slice began at ``start`` and goes on
    from ``step`` to ``end``; ``order`` is the number of this call.  The other threads serve: they
    do one order after the other, the last one done being ``order``, and return when there has been
    none for a while.
    """
    network = network_at(tables)
    emitters = network.emitters
    if thread == 0 and network.order != order:
        begin(network, order, start, step, end)
    while True:
        if thread == 0:
            asleep = summon(network)
            if asleep != 0:
                return ASLEEP - asleep
        else:
            order = attend(network, thread, order)
            if order < 0:
                return order
        shift_lists(network, emitters, thread)
        reached = _advance(network, thread, zero)
        if thread == 0:
            if not gather(network):
                return LOST
            tell_found(network, emitters, reached)
            return reached
        report(network, thread, order)


@internal
def _advance(network, thread, zero):
    """Advance from ``step`` to ``end`` and return the step reached.

    It returns early, before a block, where a list of spikes has no room for it.
    """
    populations, projections, monitors = network.populations, network.projections, network.monitors
    sources, emitters = network.sources, network.emitters
    step, turn = network.step, 0
    alone, fresh = network.threads == 1, True
    while step < network.end and _has_room(network, emitters, thread, step):
        steps = min(network.block, network.end - step)
        box = I64 if alone else box_of(network, thread, turn)
        word = first_word(network)
        if not alone:
            claim_own(network, populations, thread, turn, size_of(zero))
        for k in range(steps):
            refresh_noise(network, sources, thread, step + k, fresh, zero)
            fresh = False
            for place in range(network.populations_count):
                _fill_drive(
                    network, population_at(populations, place), projections, sources, emitters,
                    thread, step, k, zero,
                )  # fmt: skip
            ask_ahead(network, populations, projections, emitters, thread, step, step + k + 1)
        for place in range(network.populations_count):
            population = population_at(populations, place)
            _integrate(network, population, monitors, thread, step, steps, zero)
            show(population, thread, step + steps, zero)
            word = _collect(network, population, emitters, thread, step, steps, box, word)
        for place in range(network.populations_count):
            population = population_at(populations, place)
            if population.late_ports != 0:  # then the block is one step
                _add_late(network, population, projections, sources, emitters, thread, step, zero)
                _sample_due(network, population, monitors, thread, step + 1, zero)
        word = emit(network, sources, emitters, thread, step, steps, box, word)
        if not alone and not _exchange(network, emitters, thread, turn, step, steps, word):
            return LOST
        _settle_posts(network, populations, projections, emitters, thread, step, zero)
        _push(network, populations, emitters, projections, thread, step, steps, zero)
        step, turn = step + steps, 1 - turn
    return step


@internal
def _exchange(network, emitters, thread, turn, step, steps, words):
    """Meet the others and learn which neurons spiked; False if one of them does not come."""
    send(network, thread, turn, step + steps, words)
    if not meet(network, thread, turn, step + steps):
        return False
    receive(network, emitters, thread, turn, step, steps)
    return True


@internal
def _settle_posts(network, populations, projections, emitters, thread, step, zero):
    """With an axonal rule a block is one step, whose spikes are known now: end their instant."""
    for place in range(network.projections_count):
        projection = projection_at(projections, place)
        if projection.kind == PLASTIC_ROWS:
            bounds = population_at(populations, projection.target).bounds
            first, last = get(bounds, thread, I64), get(bounds, thread + 1, I64)
            settle_posts(network, projection, emitters, thread, first, last, step, size_of(zero))


@internal
def _push(network, populations, emitters, projections, thread, step, steps, zero):
    """Send the spikes of ``steps`` steps on where synapses have delays of their own, or tire."""
    for k in range(steps):
        for place in range(network.projections_count):
            projection = projection_at(projections, place)
            if projection.kind == RING_ROWS:
                target = population_at(populations, projection.target)
                push(network, projection, target, emitters, thread, step + k, zero)
            elif projection.kind == RELEASE_ROWS:
                target = population_at(populations, projection.target)
                release(network, projection, target, emitters, thread, step + k, zero)


@internal
def _fill_drive(
    network, population, projections, sources, emitters, thread, step, k, zero
):  # fmt: skip
    """Drive row ``k`` of the block that begins at ``step``, for the thread's neurons.

    It is 0 so far: kernels leave it so.
    """
    first, last = get(population.bounds, thread, I64), get(population.bounds, thread + 1, I64)
    size = size_of(zero)
    rows = population.inputs + population.normals + population.escapes
    drive = population.drive + thread * population.drive_step + k * rows * population.stride * size
    for port in range(population.inputs):
        ring = get(population.rings, port, I64)
        row = drive + port * population.stride * size
        if ring != 0 and get(population.late, port, I64) < 0:
            ring += (step + k) % network.ring * population.stride * size
            for neuron in range(first, last):
                put(row, neuron, get(ring, neuron, zero))
                put(ring, neuron, zero)
    for place in range(population.first_projection, population.first_late):
        projection = projection_at(projections, place)
        row = drive + projection.port * population.stride * size
        _bring(network, projection, sources, emitters, thread, first, last, step + k, row, zero)
    for number in range(population.normals):
        row = drive + (population.inputs + number) * population.stride * size
        normal_row(
            row, first, last, step + k, NORMAL + number, population.seed, population.stream, zero
        )
    for number in range(population.escapes):
        row = drive + (rows - population.escapes + number) * population.stride * size
        escape_row(
            row, first, last, step + k, ESCAPE + number, population.seed, population.stream, zero
        )


@internal
def _bring(network, projection, sources, emitters, thread, first, last, step, row, zero):
    """Add to ``row``, targets [first, last), what ``projection`` brings at ``step``."""
    if projection.kind == PLASTIC_ROWS:
        arrive(network, projection, emitters, thread, first, last, step, row, size_of(zero))
    else:
        deliver(network, projection, sources, emitters, thread, first, last, step, row, zero)


@internal
def _add_late(network, population, projections, sources, emitters, thread, step, zero):
    """Add to the state what arrives at late ports at the end of ``step``, which is done."""
    first, last = get(population.bounds, thread, I64), get(population.bounds, thread + 1, I64)
    row_size = population.stride * size_of(zero)
    for port in range(population.inputs):
        ring, late = get(population.rings, port, I64), get(population.late, port, I64)
        if ring != 0 and late >= 0:
            ring += step % network.ring * row_size
            _empty_ring(ring, population.state + late * row_size, first, last, zero)
    for place in range(population.first_late, population.last_projection):
        projection = projection_at(projections, place)
        row = population.state + get(population.late, projection.port, I64) * row_size
        _bring(network, projection, sources, emitters, thread, first, last, step, row, zero)


@internal
def _empty_ring(ring, row, first, last, zero):
    """Add a row of a ring to ``row`` and leave 0 in it, for neurons [first, last)."""
    for neuron in range(first, last):
        put(row, neuron, get(row, neuron, zero) + get(ring, neuron, zero))
        put(ring, neuron, zero)


@internal
def _integrate(network, population, monitors, thread, step, steps, zero):
    """Let the kernel take ``steps`` steps, stopping where a monitor looks.

    With late ports the state is not complete yet, and nobody looks.
    """
    first, last = get(population.bounds, thread, I64), get(population.bounds, thread + 1, I64)
    rows = population.inputs + population.normals + population.escapes
    done = 0
    while done < steps:
        count = steps - done
        for k in range(population.first_monitor, population.last_monitor):
            every = monitor_at(monitors, k).every
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
                population.drive
                + thread * population.drive_step
                + done * rows * population.stride * size_of(zero),
                rows,
                population.fixed,
                population.varied,
                population.spiked + thread * population.spiked_step + done * population.stride,
            ),
        )
        done += count
        if population.late_ports == 0:
            _sample_due(network, population, monitors, thread, step + done, zero)


@internal
def _sample_due(network, population, monitors, thread, steps, zero):
    """Let the monitors look that do so after ``steps`` steps in all."""
    first, last = get(population.bounds, thread, I64), get(population.bounds, thread + 1, I64)
    for k in range(population.first_monitor, population.last_monitor):
        monitor = monitor_at(monitors, k)
        if steps % monitor.every == 0:
            _sample(network, population, monitor, first, last, steps, zero)


@internal
def _sample(network, population, monitor, first, last, steps, zero):
    """Keep what ``monitor`` asks of neurons [first, last) after ``steps`` steps in all."""
    row = population.state + monitor.row * population.stride * size_of(zero)
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
def _collect(network, population, emitters, thread, step, steps, box, word):
    """Append the neurons that spiked, step by step, to the thread's list, or to ``box``.

    They begin at ``word`` of the box; returns the next free one.
    """
    if population.spikes == 0:
        return word
    first, last = get(population.bounds, thread, I64), get(population.bounds, thread + 1, I64)
    emitter = emitter_at(emitters, population.emitter * network.parts + thread)
    slot = step - network.base
    senders, used = emitter.senders, get(emitter.starts, slot, I64)
    if box != 0:
        senders, used = box, word
    for k in range(steps):
        before = used
        flags = population.spiked + thread * population.spiked_step + k * population.stride
        for group in range(first // TILE, last // TILE):
            spiked = flags_of(flags, group)
            while spiked != U64:
                neuron = TILE * group + lowest_bit(spiked)
                spiked &= spiked - ONE
                if neuron < population.size:  # padding is a copy of the last neuron
                    put(senders, used, np.uint32(neuron))
                    used += 1
        if box == 0:
            put(emitter.starts, slot + k + 1, used)
        else:
            put(box, population.emitter * network.block + k, np.uint32(used - before))
    return word if box == 0 else used


@internal
def _has_room(network, emitters, thread, step):
    """Whether every list of the thread can take another block after ``step``."""
    for place in range(thread, network.emitters_count, network.parts):
        emitter = emitter_at(emitters, place)
        if get(emitter.starts, step - network.base, I64) + emitter.most > emitter.capacity:
            return False
    return True
