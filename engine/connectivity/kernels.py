"""Compiled loops that write the targets of a rule straight into compressed rows.

Each kernel does a range of rows (or targets) a call, so that the caller can report progress and be
cancelled between calls.  ``skip_self`` leaves out the pair (i, i); it is used when source and
target are one population.  They are called through `compiled.loop`.
"""

from __future__ import annotations

import numpy as np
from numba import njit, types

from engine.backends import philox
from engine.connectivity.draws import CURSOR_SIZE, next_below, next_uniform, rewind

_I64, _U64, _F64, _BOOL = types.int64, types.uint64, types.float64, types.boolean
_ROWS = types.Array(_I64, 1, "C")


def _signatures(index: types.Type) -> dict[str, tuple[types.Type, ...]]:
    target = types.Array(index, 1, "C")
    delay = types.Array(types.uint16, 1, "C")
    span, key = (_I64, _I64), (_U64, _U64)
    choice = (*span, _I64, _I64, _BOOL, _BOOL, *key)
    return {
        "bernoulli_rows": (*span, _I64, _F64, _BOOL, *key, _ROWS, target, _I64),
        "full_rows": (*span, _I64, _BOOL, _ROWS, target),
        "indegree_count": (*choice, _ROWS),
        "indegree_fill": (*choice, _ROWS, target),
        "outdegree_rows": (*choice, target),
        "sort_rows_by_delay": (*span, _ROWS, target, delay),
    }


# Type of the targets -> kernel -> types of its arguments.
SIGNATURES = {"uint16": _signatures(types.uint16), "uint32": _signatures(types.uint32)}


@njit
def bernoulli_rows(
    first, last, targets, log_q, skip_self, seed, stream, row, target, filled
):  # pragma: no cover - compiled
    """Pairs that each exist with probability p, by geometric skips; log_q = log(1 - p).

    Writes ``target`` from ``filled`` on and ``row[first + 1 : last + 1]``; returns the new fill and
    the row to go on with, which is below ``last`` if ``target`` is too small for the next row.
    """
    cursor = np.empty(CURSOR_SIZE, np.uint32)
    for source in range(first, last):
        if filled + targets > target.size:
            # A row longer than what is left is possible; count it before writing past the end.
            needed = bernoulli_count(source, targets, log_q, skip_self, seed, stream, cursor)
            if filled + needed > target.size:
                return filled, source
        rewind(cursor, source)
        column = -1
        while True:
            skip = np.floor(philox.logarithm(next_uniform(cursor, seed, stream)) / log_q)
            if skip >= targets - column - 1:
                break
            column += 1 + np.int64(skip)
            if not (skip_self and column == source):
                target[filled] = column
                filled += 1
        row[source + 1] = filled
    return filled, last


@njit
def bernoulli_count(source, targets, log_q, skip_self, seed, stream, cursor):
    """Length of the row that ``bernoulli_rows`` would write for ``source``."""
    rewind(cursor, source)
    column = -1
    count = 0
    while True:
        skip = np.floor(philox.logarithm(next_uniform(cursor, seed, stream)) / log_q)
        if skip >= targets - column - 1:
            return count
        column += 1 + np.int64(skip)
        if not (skip_self and column == source):
            count += 1


@njit
def full_rows(first, last, targets, skip_self, row, target):
    """Every target for every source."""
    for source in range(first, last):
        filled = row[source]
        for column in range(targets):
            if not (skip_self and column == source):
                target[filled] = column
                filled += 1
        row[source + 1] = filled


@njit
def draw_members(member, pool, n, multapses, skip_self, stamps, cursor, seed, stream, chosen):
    """Choose ``n`` of ``pool`` for ``member`` into ``chosen``; distinct unless ``multapses``.

    Distinct members come from Floyd's algorithm (Bentley & Floyd 1987): n draws, whatever n.
    ``stamps`` is zero or holds numbers other than member + 1.
    """
    rewind(cursor, member)
    size = pool - 1 if skip_self else pool
    for k in range(n):
        if multapses:
            pick = next_below(cursor, np.uint64(size), seed, stream)
        else:
            last = size - n + k
            pick = next_below(cursor, np.uint64(last + 1), seed, stream)
            if stamps[pick] == member + 1:
                pick = last
            stamps[pick] = member + 1
        if skip_self and pick >= member:
            pick += 1
        chosen[k] = pick


@njit
def indegree_count(first, last, pool, n, multapses, skip_self, seed, stream, row):
    """Add to ``row[s + 1]`` how often targets first..last draw the source s."""
    cursor = np.empty(CURSOR_SIZE, np.uint32)
    stamps = np.zeros(pool, np.uint32)
    chosen = np.empty(n, np.int64)
    for member in range(first, last):
        draw_members(member, pool, n, multapses, skip_self, stamps, cursor, seed, stream, chosen)
        for k in range(n):
            row[chosen[k] + 1] += 1


@njit
def indegree_fill(first, last, pool, n, multapses, skip_self, seed, stream, place, target):
    """Write targets first..last at ``place[s]`` of each source s they draw, and move it on.

    Targets come in ascending order, so every row comes out sorted.
    """
    cursor = np.empty(CURSOR_SIZE, np.uint32)
    stamps = np.zeros(pool, np.uint32)
    chosen = np.empty(n, np.int64)
    for member in range(first, last):
        draw_members(member, pool, n, multapses, skip_self, stamps, cursor, seed, stream, chosen)
        for k in range(n):
            source = chosen[k]
            target[place[source]] = member
            place[source] += 1


@njit
def outdegree_rows(first, last, pool, n, multapses, skip_self, seed, stream, target):
    """Rows of ``n`` targets each, sorted."""
    cursor = np.empty(CURSOR_SIZE, np.uint32)
    stamps = np.zeros(pool, np.uint32)
    chosen = np.empty(n, np.int64)
    for member in range(first, last):
        draw_members(member, pool, n, multapses, skip_self, stamps, cursor, seed, stream, chosen)
        chosen.sort()
        for k in range(n):
            target[member * n + k] = chosen[k]


@njit
def sort_rows_by_delay(first, last, row, target, delay):
    """Sort each row, already sorted by target, by (delay, target), in place."""
    longest = 0
    for source in range(first, last):
        longest = max(longest, row[source + 1] - row[source])
    keys = np.empty(longest, np.uint64)
    for source in range(first, last):
        start, size = row[source], row[source + 1] - row[source]
        for k in range(size):
            keys[k] = (np.uint64(delay[start + k]) << np.uint64(32)) | np.uint64(target[start + k])
        ordered = np.sort(keys[:size])
        for k in range(size):
            delay[start + k] = ordered[k] >> np.uint64(32)
            target[start + k] = ordered[k] & np.uint64(0xFFFFFFFF)
