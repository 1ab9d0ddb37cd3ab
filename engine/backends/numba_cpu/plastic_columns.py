"""The synapses of a projection by target: what a spike of a target has to visit, compiled."""

from __future__ import annotations

from typing import Any

from numba import njit, types


def _signature(target: types.Type, source: types.Type) -> Any:
    counts = types.Array(types.int64, 1, "C")
    targets, sources = types.Array(target, 1, "C"), types.Array(source, 1, "C")
    return types.void(counts, targets, counts, sources, types.Array(types.uint32, 1, "C"))


_INDICES = (types.uint16, types.uint32)
SIGNATURES = [_signature(target, source) for target in _INDICES for source in _INDICES]


@njit
def fill_columns(row, target, column, source, synapse):
    """Source and number of every synapse, ordered by target and there by number.

    ``column`` [targets + 1] comes in as zeros and goes out as the places where columns begin.
    """
    for k in range(target.size):
        column[target[k] + 1] += 1
    for j in range(1, column.size):
        column[j] += column[j - 1]
    for i in range(row.size - 1):
        for k in range(row[i], row[i + 1]):
            place = column[target[k]]
            source[place] = i
            synapse[place] = k
            column[target[k]] = place + 1
    for j in range(column.size - 1, 0, -1):  # every place has moved on to where the next begins
        column[j] = column[j - 1]
    column[0] = 0
