"""The functions of `engine/backends/philox.py`, compiled, and rows of numbers made with them."""

from __future__ import annotations

import numpy as np
from numba import types
from numba.extending import overload

from engine.backends import philox
from engine.backends.numba_cpu.pointers import (
    bits_of,
    float_of,
    get,
    inlined,
    internal,
    put,
    select,
)

U64 = np.uint64
LANES = 256  # members whose words are kept in the first cache while the ladder is climbed


@overload(philox.choose)
def _choose(condition, then, otherwise):
    return lambda condition, then, otherwise: select(condition, then, otherwise)


@overload(philox.bits)
def _bits(value):
    return lambda value: bits_of(value)


@overload(philox.real)
def _real(value):
    if value == types.int64:
        return lambda value: float_of(value)
    return lambda value: float_of(np.int64(value))


for _function in philox.DESCRIBED:
    inlined(_function)


@internal
def normal_row(out, first, last, step, purpose, seed, stream, like):
    """Standard normal numbers of members [first, last) (multiples of 4) into row ``out``."""
    at = U64(step)
    for block in range(first // 4, last // 4):
        n0, n1, n2, n3 = philox.normal_block(U64(block), at, U64(purpose), seed, stream)
        k = 4 * block
        put(out, k, type_as(n0, like))
        put(out, k + 1, type_as(n1, like))
        put(out, k + 2, type_as(n2, like))
        put(out, k + 3, type_as(n3, like))


def type_as(value, like):
    """``value`` in the float type of ``like``."""
    return value


@overload(type_as)
def _type_as(value, like):
    if like == types.float32:
        return lambda value, like: np.float32(value)
    return lambda value, like: np.float64(value)


@internal
def word_row(out, first, last, step, purpose, seed, stream):
    """32 random bits of members [first, last) (multiples of 4) into the uint32 row ``out``."""
    at = U64(step)
    low, high = at & philox.WORD, at >> philox.SHIFT
    for block in range(first // 4, last // 4):
        w0, w1, w2, w3 = philox.philox(U64(block), low, high, U64(purpose), seed, stream)
        k = 4 * block
        put(out, k, np.uint32(w0))
        put(out, k + 1, np.uint32(w1))
        put(out, k + 2, np.uint32(w2))
        put(out, k + 3, np.uint32(w3))


@internal
def _climb(words, counts, thresholds, rungs, stride, first, last):
    """Add to uint16 ``counts`` the number of thresholds that each word exceeds.

    ``stride`` is the length of a row of thresholds, or 0 where all members share one.
    """
    u32 = np.uint32(0)
    for start in range(first, last, LANES):
        stop = min(start + LANES, last)
        for rung in range(rungs):
            if stride == 0:
                rise = get(thresholds, rung, u32)
                for k in range(start, stop):
                    more = np.uint16(get(words, k, u32) > rise)
                    now = get(counts, k, np.uint16(0))
                    put(counts, k, np.uint16(now + more))
            else:
                row = thresholds + 4 * rung * stride
                for k in range(start, stop):
                    more = np.uint16(get(words, k, u32) > get(row, k, u32))
                    now = get(counts, k, np.uint16(0))
                    put(counts, k, np.uint16(now + more))


@internal
def count_row(source, counts, words, first, last, step):
    """Poisson counts of members [first, last) (multiples of 4) into the uint16 row ``counts``.

    ``source`` is a record of `layout.SOURCE`; ``words`` an address of room for a uint32 a member.
    """
    for k in range(first, last):
        put(counts, k, np.uint16(0))
    for part in range(source.parts):
        purpose = philox.POISSON + part
        word_row(words, first, last, step, purpose, source.seed, source.stream)
        _climb(words, counts, source.thresholds, source.rungs, source.threshold_stride, first, last)
    if source.large != 0:
        _large_counts(source, counts, first, last, step)


@internal
def _large_counts(source, counts, first, last, step):
    at = U64(step)
    purpose = U64(philox.LARGE_POISSON)
    for block in range(first // 4, last // 4):
        four = philox.normal_block(U64(block), at, purpose, source.seed, source.stream)
        for lane in range(4):
            k = 4 * block + lane
            rate = get(source.large, k, 0.0)
            if rate > 0.0:
                put(counts, k, np.uint16(philox.large_count(rate, four[lane])))
