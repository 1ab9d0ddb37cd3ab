"""What stands in the rows of a projection, for all who read them, compiled."""

from __future__ import annotations

from engine.backends.numba_cpu.counting import LINE
from engine.backends.numba_cpu.pointers import get, internal, prefetch
from engine.backends.numba_cpu.random import type_as
from engine.backends.numba_cpu.sources import I64, U8, U16, U32


@internal
def weight_of(projection, k, zero):
    """The weight of synapse ``k``."""
    if projection.weights == 0:
        return type_as(projection.weight, zero)
    return get(projection.weights, k, zero)


@internal
def target_of(projection, k):
    """The target of synapse ``k``."""
    if projection.wide != 0:
        return I64 + get(projection.targets, k, U32)
    return I64 + get(projection.targets, k, U16)


@internal
def delay_of(projection, k):
    """The delay of synapse ``k``, where each has its own."""
    if projection.narrow != 0:
        return I64 + get(projection.delays, k, U8)
    return I64 + get(projection.delays, k, U16)


@internal
def fetch_rows(projection, rows, senders, place, count, index):
    """Ask for what the next senders need: rows lie anywhere, and waiting for them is what costs."""
    row_first, row_last, targets = rows
    if place + 2 < count:
        sender = projection.row_parts * (I64 + get(senders, place + 2, U32))
        prefetch(row_first + 8 * sender)
        prefetch(row_last + 8 * sender)
    if place + 1 < count:
        begin = get(row_first, projection.row_parts * (I64 + get(senders, place + 1, U32)), I64)
        size = 4 if projection.wide != 0 else 2
        prefetch(targets + size * begin)
        prefetch(targets + size * begin + LINE)
        if projection.weights != 0:
            prefetch(projection.weights + 4 * begin)
