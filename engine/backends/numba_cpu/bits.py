"""Rows of synapses as rows of bits, compiled; what they are for is told in `counting.py`."""

from __future__ import annotations

from numba import njit, types

_I64, _U64 = types.Array(types.int64, 1, "C"), types.Array(types.uint64, 2, "C")
SIGNATURES = [
    types.int64(_I64, types.Array(index, 1, "C"), _U64, _I64, types.Array(index, 1, "C"))
    for index in (types.uint16, types.uint32)
]


@njit
def fill_bits(row, target, bits, again, rest):
    """Set a bit of ``bits`` [sources, words] for every pair that is connected.

    Further synapses of a pair go into rows of their own: ``rest``, with row bounds ``again``.
    Returns their number; those that have no room in ``rest`` are only counted.
    """
    one = bits.dtype.type(1)
    used = 0
    for source in range(row.size - 1):
        again[source] = used
        for k in range(row[source], row[source + 1]):
            column = target[k]
            word, bit = column >> 6, one << (bits.dtype.type(column) & bits.dtype.type(63))
            if bits[source, word] & bit:
                if used < rest.size:
                    rest[used] = column
                used += 1
            else:
                bits[source, word] |= bit
    again[row.size - 1] = used
    return used
