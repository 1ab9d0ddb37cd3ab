"""Gap junctions in the step loop: what flows between membranes, compiled with the driver.

A block is one step then.  After a step every population that is joined shows its membrane in one
of two rows, by whether the next step is odd.  While that goes on, all threads read the row and
nobody writes it; the neurons' own rows are being written by whoever is ahead.
"""

from __future__ import annotations

from engine.backends.numba_cpu.pointers import get, internal, put
from engine.backends.numba_cpu.random import size_of
from engine.backends.numba_cpu.rows import target_of, weight_of
from engine.backends.numba_cpu.sources import I64


@internal
def show(population, thread, step, zero):
    """Show the membranes of the thread's neurons as they are when ``step`` begins."""
    if population.shown == 0:
        return
    size = size_of(zero)
    row = population.state + population.membrane * population.stride * size
    shown = population.shown + step % 2 * population.stride * size
    first, last = get(population.bounds, thread, I64), get(population.bounds, thread + 1, I64)
    for k in range(first, last):
        put(shown, k, get(row, k, zero))


@internal
def gap_rows(network, projection, thread, step, drive, zero):
    """Add what flows into the thread's targets during ``step``."""
    theirs = projection.theirs + step % 2 * projection.theirs_step
    own = projection.own + step % 2 * projection.own_step
    parts = projection.row_parts
    row_first = projection.row_first + 8 * get(network.cuts, thread, I64)
    row_last = projection.row_first + 8 * get(network.cuts, thread + 1, I64)
    for sender in range(projection.sources):
        potential = get(theirs, sender, zero)
        for k in range(get(row_first, parts * sender, I64), get(row_last, parts * sender, I64)):
            target = target_of(projection, k)
            across = potential - get(own, target, zero)
            flows = weight_of(projection, k, zero) * across
            put(drive, target, get(drive, target, zero) + flows)
