"""How the threads of a network wait for each other, compiled.

Every thread has cells of its own in memory, each on a cache line of its own: the number of the last
order given to it, how far it has come, and the last order it has done.  A thread is the only one to
write how far it has come, so a meeting costs one line sent to each of the others and none that two
write.  Whoever waits looks many times, then offers its processor to others, then naps: a thread
that lost its processor is not kept from getting one by those who wait for it.
"""

from __future__ import annotations

from engine.backends.numba_cpu.atomics import (
    atomic_get,
    atomic_put,
    atomic_replace,
    atomic_swap,
    call_plain,
    relax,
)
from engine.backends.numba_cpu.pointers import internal

CELL = 16  # int64 between two cells: two cache lines, as neighbours are fetched in pairs
ORDER, DONE, PHASE = 0, 1, 2  # the cells of a thread; two of the last, used in turn
COLUMNS = 4

PARKED = -1  # an order: the thread has left compiled code and must be woken
LEAVE = -2  # an order: leave compiled code
LOST = -3  # returned instead of a step: a thread did not come
ASLEEP = -4  # ASLEEP - k returned instead of a step: thread k has to be woken first

SPINS = 2000  # looks before the processor is offered to others, some 20 us
YIELDS = 2400  # looks before a nap is taken, or by a thread without an order before it parks


@internal
def cell(network, thread, which):
    """Address of a cell of ``thread``."""
    return network.cells + 8 * CELL * (COLUMNS * thread + which)


@internal
def phase_cell(network, thread, turn):
    """Address of how far ``thread`` has come, in blocks of this turn (0 or 1); then its mail."""
    return cell(network, thread, PHASE + turn)


@internal
def meet(network, thread, turn, step):
    """Wait until all others have come to ``step``; False if one of them does not come."""
    for other in range(network.threads):
        if other != thread and not _wait(network, phase_cell(network, other, turn), step):
            return False
    return True


@internal
def summon(network):
    """Give all other threads the order ``network.order``; the number of one to be woken, or 0.

    When that one has been woken, it is called again with the same order.  By then a thread that
    had little to do may have done it and gone to sleep: it must not get the order again.
    """
    for thread in range(1, network.threads):
        where = cell(network, thread, ORDER)
        given = atomic_get(where) == network.order
        if not given and atomic_get(cell(network, thread, DONE)) != network.order:
            if atomic_swap(where, network.order) == PARKED:
                return thread
    return 0


@internal
def attend(network, thread, done):
    """The next order after ``done``; `PARKED` when none has come for a while, or `LEAVE`."""
    where = cell(network, thread, ORDER)
    looks = 0
    while True:
        order = atomic_get(where)
        if order != done:
            return order
        looks += 1
        if looks < SPINS:
            relax()
        elif looks < YIELDS:
            call_plain(network.give_way, 0)
        elif atomic_replace(where, done, PARKED):
            return PARKED


@internal
def report(network, thread, order):
    """Say that ``order`` is done."""
    atomic_put(cell(network, thread, DONE), order)


@internal
def gather(network):
    """Wait until all other threads have done the order; False if one does not come."""
    for thread in range(1, network.threads):
        if not _wait(network, cell(network, thread, DONE), network.order):
            return False
    return True


@internal
def _wait(network, where, least):
    """Wait until the number at ``where`` is ``least`` or more; False if that takes too long."""
    looks = 0
    while atomic_get(where) < least:
        looks += 1
        if looks < SPINS:
            relax()
        elif looks < YIELDS:
            call_plain(network.give_way, 0)
        elif looks < YIELDS + network.patience:
            call_plain(network.nap, network.nap_length)
        else:
            return False
    return True
