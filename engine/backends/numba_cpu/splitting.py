"""The division of a projection's rows between threads, compiled where there is more than one."""

from __future__ import annotations

from numba import njit, types

_I64 = types.Array(types.int64, 1, "C")
SIGNATURES = [
    types.boolean(_I64, types.Array(index, 1, "C"), _I64, types.Array(types.int64, 2, "C"))
    for index in (types.uint16, types.uint32)
]


@njit
def split_rows(row, target, bounds, splits):
    """Where in each row the targets of every thread begin: splits[thread, source].

    The last line of ``splits`` holds the ends.  False if a row is not sorted by target, which the
    division rests on.
    """
    for source in range(row.size - 1):
        place, end = row[source], row[source + 1]
        for k in range(place + 1, end):
            if target[k] < target[k - 1]:
                return False
        for thread in range(bounds.size - 1):
            while place < end and target[place] < bounds[thread]:
                place += 1
            splits[thread, source] = place
        splits[bounds.size - 1, source] = end
    return True
