"""The division of a projection's rows into parts, compiled where there is more than one."""

from __future__ import annotations

from numba import njit, types

_I64 = types.Array(types.int64, 1, "C")
SIGNATURES = [
    types.boolean(_I64, types.Array(index, 1, "C"), _I64, _I64)
    for index in (types.uint16, types.uint32)
]


@njit
def split_rows(row, target, bounds, begins):
    """Where every part of every row begins: ``begins[source * parts + part]``, and the end of all.

    Part p of a row holds the targets from ``bounds[p]`` on, below ``bounds[p + 1]``.  False if a
    row is not sorted by target, which the division rests on.
    """
    parts = bounds.size - 1
    for source in range(row.size - 1):
        place, end = row[source], row[source + 1]
        for k in range(place + 1, end):
            if target[k] < target[k - 1]:
                return False
        for part in range(parts):
            while place < end and target[place] < bounds[part]:
                place += 1
            begins[source * parts + part] = place
    begins[(row.size - 1) * parts] = row[row.size - 1]
    return True
