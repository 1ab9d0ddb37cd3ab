"""The records of a network by the addresses of their tables, for compiled code.

A table is an address, not an array: an array is seven words to pass and counts its users, and in
a network of a few thousand neurons that is a tenth of a step and more.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.np.numpy_support import from_dtype

from engine.backends.numba_cpu.layout import (
    EMITTER,
    MONITOR,
    NETWORK,
    POPULATION,
    PROJECTION,
    SOURCE,
)
from engine.backends.numba_cpu.pointers import internal, intrinsic


def _reader(table: np.dtype) -> Any:
    """``at(address, place)`` for compiled code: that record of the ``table`` at ``address``."""
    record: Any = from_dtype(table)

    @intrinsic
    def at(_typing: Any, address: Any, place: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            offset = builder.mul(arguments[1], ir.IntType(64)(table.itemsize))
            here = builder.add(arguments[0], offset)
            return builder.inttoptr(here, context.get_value_type(record))

        return record(types.int64, types.int64), code

    return at


_network_at = _reader(NETWORK)
population_at = _reader(POPULATION)
source_at = _reader(SOURCE)
emitter_at = _reader(EMITTER)
projection_at = _reader(PROJECTION)
monitor_at = _reader(MONITOR)


@internal
def network_at(address):
    """The record of the network at ``address``."""
    return _network_at(address, 0)
