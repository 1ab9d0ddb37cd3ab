"""How threads tell each other which neurons spiked, compiled.

Every thread keeps whole lists of all spikes, so that it reads no memory of another one's while it
delivers.  What spiked among its own neurons in a block it writes into a box: how many spikes of
every emitter in every step, then who.  When the threads meet, each puts the boxes together, those
of the first neurons first, so lists do not depend on how many threads there are.  Fetching a line
of memory from another processor costs as much as integrating a hundred neurons; so a short message
travels on the very line by which the threads meet.

There are two of every box, used in turn: who is late may still read the one of the block before.
A thread alone has no boxes, it writes into its lists.
"""

from __future__ import annotations

from engine.backends.numba_cpu.atomics import atomic_put
from engine.backends.numba_cpu.layout import SHORT
from engine.backends.numba_cpu.meeting import phase_cell
from engine.backends.numba_cpu.pointers import claim, get, internal, prefetch, put
from engine.backends.numba_cpu.sources import I64, U32

LINE = 64  # bytes
FETCHED = 6  # lines that a processor fetches past the end of a row


@internal
def box_of(network, thread, turn):
    """Address of a box: uint32 counts [emitters, block], then senders in the same order."""
    return network.boxes + (2 * thread + turn) * network.box_step


@internal
def first_word(network):
    """Where in a box the senders begin."""
    return network.emitters_count // network.parts * network.block


@internal
def claim_own(network, populations, thread, turn, size):
    """Ask for what other threads have looked at and this one is about to write.

    Processors fetch lines ahead of a loop, also past its end: the first neurons of a thread have
    been fetched by the thread before it, if they lie on the same rows.  ``size`` is that of a
    number in bytes.
    """
    claim(phase_cell(network, thread, turn))
    for line in range(min(FETCHED, network.box_step // LINE)):
        claim(box_of(network, thread, turn) + LINE * line)
    for place in range(populations.size):
        population = populations[place]
        first = population.state + size * get(population.bounds, thread, I64)
        for row in range(population.states):
            for line in range(FETCHED):
                claim(first + size * row * population.stride + LINE * line)


@internal
def send(network, thread, turn, step, words):
    """Tell the others that the thread has come to ``step``, with the ``words`` of its box."""
    cell = phase_cell(network, thread, turn)
    box = box_of(network, thread, turn)
    put(cell, 1, words)
    for k in range(SHORT // 2):
        put(cell, 2 + k, get(box, k, I64))
    atomic_put(cell, step)


@internal
def receive(network, emitters, thread, turn, step, steps):
    """Put all boxes together into the thread's lists; everybody has sent."""
    reads = network.reads + 8 * 2 * thread * (network.parts + 8)
    first = first_word(network)
    for other in range(network.threads):
        cell = phase_cell(network, other, turn)
        message = cell + 16
        if get(cell, 1, I64) > SHORT:
            message = box_of(network, other, turn)
            for line in range(min(8, (4 * get(cell, 1, I64)) // LINE + 1)):
                prefetch(message + LINE * line)
        put(reads, 2 * other, message)
        put(reads, 2 * other + 1, first)
    for place in range(network.emitters_count // network.parts):
        emitter = emitters[place * network.parts + thread]
        if emitter.mailed != 0:
            _append(network, emitter, reads, place * network.block, step - network.base, steps)


@internal
def _append(network, emitter, reads, entry, slot, steps):
    """Append to one list what the boxes say, step by step, the first neurons' box first."""
    used = get(emitter.starts, slot, I64)
    for k in range(steps):
        for other in range(network.threads):
            message, word = get(reads, 2 * other, I64), get(reads, 2 * other + 1, I64)
            count = I64 + get(message, entry + k, U32)
            for place in range(count):
                put(emitter.senders, used + place, get(message, word + place, U32))
            used += count
            put(reads, 2 * other + 1, word + count)
        put(emitter.starts, slot + k + 1, used)
