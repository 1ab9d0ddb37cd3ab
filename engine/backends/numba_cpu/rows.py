"""What stands in the rows of a projection, one synapse at a time, compiled."""

from __future__ import annotations

from engine.backends.numba_cpu.pointers import get, internal
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
