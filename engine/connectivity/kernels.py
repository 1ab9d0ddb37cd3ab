"""Compiled loops that write the targets of a rule straight into compressed rows.

Each does a range of rows a call, so that ranges can be shared between threads and the caller can
report progress and be cancelled between calls.  ``skip_self`` leaves out the pair (i, i); it is
used when source and target are one population.  They are called through `compiled.loop`.
"""

from __future__ import annotations

import numpy as np
from numba import types

from engine.backends import philox
from engine.backends.numba_cpu.pointers import internal
from engine.connectivity.draws import BATCH, fill_words, pick_members

_I64, _U64, _F64, _BOOL = types.int64, types.uint64, types.float64, types.boolean
_ROWS = types.Array(_I64, 1, "C")
SPAN, KEY = (_I64, _I64), (_U64, _U64)
LARGEST_SKIP = 2.0e9  # more than any row has places, and an int32
DIGITS = 256  # buckets of one pass of the radix sort


def _signatures(index: types.Type) -> dict[str, tuple[types.Type, ...]]:
    target = types.Array(index, 1, "C")
    return {
        "bernoulli_rows": (
            *SPAN, _I64, _F64, _I64, _BOOL, _BOOL, *KEY, _ROWS, target, _I64, _I64
        ),
        "full_rows": (*SPAN, _I64, _BOOL, target),
        "outdegree_rows": (*SPAN, _I64, _I64, _BOOL, _BOOL, *KEY, target),
        "count_total": (*SPAN, _I64, _I64, *KEY, _ROWS),
        "total_rows": (*SPAN, _I64, _BOOL, *KEY, _ROWS, target),
    }  # fmt: skip


def _sort_signature(index: types.Type, delay: types.Type) -> dict[str, tuple[types.Type, ...]]:
    arrays = types.Array(index, 1, "C"), types.Array(delay, 1, "C")
    return {"sort_rows_by_delay": (*SPAN, _ROWS, *arrays)}


# Types of the arrays (targets, or targets and delays) -> loop -> types of its arguments.
SIGNATURES = {
    "uint16": _signatures(types.uint16),
    "uint32": _signatures(types.uint32),
    "uint16_uint8": _sort_signature(types.uint16, types.uint8),
    "uint16_uint16": _sort_signature(types.uint16, types.uint16),
    "uint32_uint8": _sort_signature(types.uint32, types.uint8),
    "uint32_uint16": _sort_signature(types.uint32, types.uint16),
}


@internal
def bernoulli_rows(
    first, last, targets, scale, batch, fine, skip_self, seed, stream, row, target, filled, room
):  # pragma: no cover - compiled
    """Pairs that each exist with probability p, by geometric skips; scale = 1 / log(1 - p).

    Writes ``target`` from ``filled`` on and the lengths of the rows to ``row[1:]``; returns the new
    fill, or -1 if the space up to ``room`` is too small.  Words are drawn ``batch`` at a time; with
    ``fine`` a skip takes 64 random bits in place of 32, which a small p needs.
    """
    words, more = np.empty(BATCH, np.uint64), np.zeros(BATCH, np.uint64)
    steps = np.empty(BATCH, np.int32)
    for source in range(first, last):
        begin, column, block = filled, -1, 0
        while column < targets:
            if filled + batch > room:
                return -1
            fill_words(words, batch // 4, block, source, 0, seed, stream)
            if fine:
                fill_words(more, batch // 4, block, source, 1, seed, stream)
            _skips(words, more, batch, scale, steps)
            block += batch // 4
            for k in range(batch):
                column += steps[k]
                if column >= targets:
                    break
                target[filled] = column
                filled += not (skip_self and column == source)
        row[source + 1] = filled - begin
    return filled


@internal
def _skips(words, more, batch, scale, steps):
    """Distances between neighbours that exist: 1 + floor(log(u) / log(1 - p)), u in (0, 1]."""
    for k in range(batch):
        low = (more[k] + 0.5) * philox.STEP_32
        share = (words[k] + low) * philox.STEP_32
        steps[k] = 1 + np.int32(min(philox.logarithm(share) * scale, LARGEST_SKIP))


@internal
def full_rows(first, last, targets, skip_self, target):
    """Every target for every source."""
    length = targets - 1 if skip_self else targets
    for source in range(first, last):
        begin = source * length
        stop = source if skip_self else targets
        for column in range(stop):
            target[begin + column] = column
        for column in range(stop + 1, targets):
            target[begin + column - 1] = column


@internal
def outdegree_rows(first, last, pool, n, multapses, skip_self, seed, stream, target):
    """Rows of ``n`` targets each, sorted."""
    words, sums = np.empty(BATCH, np.uint64), np.empty(n + 1, np.float64)
    stamps = np.zeros(0 if multapses else pool, np.uint32)
    chosen, ends = np.empty(n, np.uint32), np.empty(n + 1, np.int64)
    for source in range(first, last):
        if multapses:
            _ordered_picks(
                source, pool, n, skip_self, words, sums, target, source * n, seed, stream
            )  # fmt: skip
        else:
            pick_members(source, pool, n, False, skip_self, stamps, words, chosen, 0, seed, stream)
            _sort_spread(chosen, n, pool, ends, target, source * n)


@internal
def _ordered_picks(source, pool, n, skip_self, words, sums, target, place, seed, stream):
    """``n`` independent picks in ascending order from ``place`` on, by sums of exponential numbers.

    The sums of n + 1 of them over their total are n uniform numbers in order (Devroye 1986, V.3.1).
    """
    for start in range(0, n + 1, BATCH):
        count = min(BATCH, n + 1 - start)
        fill_words(words, (count + 3) // 4, start // 4, source, 0, seed, stream)
        for k in range(count):
            sums[start + k] = -philox.logarithm((words[k] + 0.5) * philox.STEP_32)
    total = 0.0
    for k in range(n + 1):
        total += sums[k]
        sums[k] = total
    size = pool - 1 if skip_self else pool
    scale = size / total
    for k in range(n):
        pick = min(np.int64(sums[k] * scale), size - 1)
        target[place + k] = pick + (skip_self and pick >= source)


@internal
def count_total(first, last, synapses, pool, seed, stream, counts):
    """Add to ``counts[s]`` how many of a number of synapses begin at the source s.

    They are drawn BATCH at a time; ``first`` to ``last`` are batches.
    """
    words, chosen = np.empty(BATCH, np.uint64), np.empty(BATCH, np.uint32)
    stamps = np.zeros(0, np.uint32)
    for batch in range(first, last):
        count = min(BATCH, synapses - batch * BATCH)
        pick_members(batch, pool, count, True, False, stamps, words, chosen, 0, seed, stream)
        for k in range(count):
            counts[chosen[k]] += 1


@internal
def total_rows(first, last, pool, skip_self, seed, stream, row, target):
    """Rows of as many targets as ``row`` says, drawn independently, sorted."""
    longest = 0
    for source in range(first, last):
        longest = max(longest, row[source + 1] - row[source])
    words, sums = np.empty(BATCH, np.uint64), np.empty(longest + 1, np.float64)
    for source in range(first, last):
        begin, n = row[source], row[source + 1] - row[source]
        _ordered_picks(source, pool, n, skip_self, words, sums, target, begin, seed, stream)


@internal
def _sort_spread(values, n, pool, ends, target, place):
    """Sort ``n`` numbers that are spread evenly over [0, pool) into target[place : place + n].

    As many buckets as numbers bring each within a few places of its own; insertion does the rest.
    """
    scale = n / pool
    ends[:] = 0
    for k in range(n):
        ends[min(np.int64(values[k] * scale), n - 1) + 1] += 1
    for k in range(n):
        ends[k + 1] += ends[k]
    for k in range(n):
        bucket = min(np.int64(values[k] * scale), n - 1)
        target[place + ends[bucket]] = values[k]
        ends[bucket] += 1
    for k in range(place + 1, place + n):
        value, hole = target[k], k
        while hole > place and target[hole - 1] > value:
            target[hole] = target[hole - 1]
            hole -= 1
        target[hole] = value


@internal
def sort_rows_by_delay(first, last, row, target, delay):
    """Sort each row, already sorted by target, by (delay, target), in place: a radix sort."""
    longest = 0
    for source in range(first, last):
        longest = max(longest, row[source + 1] - row[source])
    targets, delays = np.empty(longest, target.dtype), np.empty(longest, delay.dtype)
    ends = np.empty(DIGITS + 1, np.int64)
    for source in range(first, last):
        begin, end = row[source], row[source + 1]
        for shift in range(0, 8 * delay.itemsize, 8):
            _sort_by_digit(begin, end, shift, target, delay, targets, delays, ends)


@internal
def _sort_by_digit(begin, end, shift, target, delay, targets, delays, ends):
    """One stable pass over 8 bits of the delays; nothing to do where all have the same ones."""
    ends[:] = 0
    for k in range(begin, end):
        ends[((delay[k] >> shift) & (DIGITS - 1)) + 1] += 1
    for digit in range(DIGITS):
        if ends[digit + 1] == end - begin:
            return
        ends[digit + 1] += ends[digit]
    for k in range(begin, end):
        digit = (delay[k] >> shift) & (DIGITS - 1)
        targets[ends[digit]], delays[ends[digit]] = target[k], delay[k]
        ends[digit] += 1
    for k in range(end - begin):
        target[begin + k], delay[begin + k] = targets[k], delays[k]
