"""The functions of `engine/backends/philox.py`, compiled, and rows of numbers made with them."""

from __future__ import annotations

import numpy as np
from numba import types
from numba.extending import overload

from engine.backends import philox
from engine.backends.numba_cpu.pointers import (
    bits_of,
    climb,
    float_of,
    get,
    inlined,
    internal,
    lowest_bit,
    put,
    select,
)

U64 = np.uint64
U16, U32 = np.uint16(0), np.uint32(0)
DRAWN = 4096  # members whose words are drawn before they are counted: they stay in the first cache
SIXTEEN, LOW_HALF = np.uint32(16), np.uint32(0xFFFF)


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


@overload(philox.single)
def _single(value):
    if isinstance(value, types.Integer):
        # Every word fits a signed number, which processors convert and unsigned ones they do not.
        return lambda value: np.float32(np.int64(value))
    return lambda value: np.float32(value)


@overload(philox.single_bits)
def _single_bits(value):
    return lambda value: np.int64(bits_of(value))


@overload(philox.single_real)
def _single_real(value):
    return lambda value: float_of(np.int32(value))


for _function in philox.DESCRIBED:
    inlined(_function)


@internal
def escape_row(out, first, last, step, purpose, seed, stream, like):
    """Logarithms of exponential numbers of members [first, last) (multiples of 4) into ``out``."""
    at = U64(step)
    for block in range(first // 4, last // 4):
        n0, n1, n2, n3 = four_escapes(U64(block), at, U64(purpose), seed, stream, like)
        k = 4 * block
        put(out, k, n0)
        put(out, k + 1, n1)
        put(out, k + 2, n2)
        put(out, k + 3, n3)


@internal
def normal_row(out, first, last, step, purpose, seed, stream, like):
    """Standard normal numbers of members [first, last) (multiples of 4) into row ``out``."""
    at = U64(step)
    for block in range(first // 4, last // 4):
        n0, n1, n2, n3 = four_normals(U64(block), at, U64(purpose), seed, stream, like)
        k = 4 * block
        put(out, k, n0)
        put(out, k + 1, n1)
        put(out, k + 2, n2)
        put(out, k + 3, n3)


@internal
def relaxed_row(out, first, last, step, purpose, seed, stream, decay, share, like):
    """As `normal_row`, for ``share`` times these plus ``decay`` times the numbers before."""
    at = U64(step)
    kept, fresh = type_as(decay, like), type_as(share, like)
    for block in range(first // 4, last // 4):
        n0, n1, n2, n3 = four_normals(U64(block), at, U64(purpose), seed, stream, like)
        k = 4 * block
        put(out, k, kept * get(out, k, like) + fresh * n0)
        put(out, k + 1, kept * get(out, k + 1, like) + fresh * n1)
        put(out, k + 2, kept * get(out, k + 2, like) + fresh * n2)
        put(out, k + 3, kept * get(out, k + 3, like) + fresh * n3)


def four_normals(block, step, purpose, seed, stream, like):
    """`philox.normal_block`, or `philox.single_block` where ``like`` is float32."""
    return philox.normal_block(block, step, purpose, seed, stream)


@overload(four_normals, jit_options={"forceinline": True})
def _four_normals(block, step, purpose, seed, stream, like):
    if like == types.float32:
        return lambda block, step, purpose, seed, stream, like: philox.single_block(
            block, step, purpose, seed, stream
        )
    return lambda block, step, purpose, seed, stream, like: philox.normal_block(
        block, step, purpose, seed, stream
    )


def four_escapes(block, step, purpose, seed, stream, like):
    """`philox.escape_block`, or `philox.single_escape_block` where ``like`` is float32."""
    return philox.escape_block(block, step, purpose, seed, stream)


@overload(four_escapes, jit_options={"forceinline": True})
def _four_escapes(block, step, purpose, seed, stream, like):
    if like == types.float32:
        return lambda block, step, purpose, seed, stream, like: philox.single_escape_block(
            block, step, purpose, seed, stream
        )
    return lambda block, step, purpose, seed, stream, like: philox.escape_block(
        block, step, purpose, seed, stream
    )


def one_normal(member, step, purpose, seed, stream, like):
    """`philox.normal_of`, or `philox.single_normal_of` where ``like`` is float32."""
    return philox.normal_of(member, step, purpose, seed, stream)


@overload(one_normal, jit_options={"forceinline": True})
def _one_normal(member, step, purpose, seed, stream, like):
    if like == types.float32:
        return lambda member, step, purpose, seed, stream, like: philox.single_normal_of(
            member, step, purpose, seed, stream
        )
    return lambda member, step, purpose, seed, stream, like: philox.normal_of(
        member, step, purpose, seed, stream
    )


def one_uniform(member, step, purpose, seed, stream, like):
    """`philox.uniform_of`, or `philox.single_uniform_of` where ``like`` is float32."""
    return philox.uniform_of(member, step, purpose, seed, stream)


@overload(one_uniform, jit_options={"forceinline": True})
def _one_uniform(member, step, purpose, seed, stream, like):
    if like == types.float32:
        return lambda member, step, purpose, seed, stream, like: philox.single_uniform_of(
            member, step, purpose, seed, stream
        )
    return lambda member, step, purpose, seed, stream, like: philox.uniform_of(
        member, step, purpose, seed, stream
    )


def type_as(value, like):
    """``value`` in the float type of ``like``."""
    return value


@overload(type_as)
def _type_as(value, like):
    if like == types.float32:
        return lambda value, like: np.float32(value)
    return lambda value, like: np.float64(value)


@internal
def size_of(zero):
    """Bytes of a number of the type of ``zero``."""
    return 8 if type_as(1.0 / 3.0, zero) == 1.0 / 3.0 else 4


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
def count_row(source, counts, words, first, last, step):
    """Poisson counts of members [first, last) (multiples of 64) into the uint16 row ``counts``.

    ``source`` is a record of `layout.SOURCE`; ``words`` an address of room for 16 bits a member.
    """
    for part in range(source.parts):
        purpose = philox.POISSON + part
        for low in range(first, last, DRAWN):
            high = min(low + DRAWN, last)
            word_row(words, low // 2, high // 2, step, purpose, source.seed, source.stream)
            _climb_all(source, counts, words, low, high, part, step)
    if source.large != 0:
        _large_counts(source, counts, first, last, step)


@internal
def _climb_all(source, counts, words, first, last, part, step):
    """Add to the counts of members [first, last) what part ``part`` of their words gives."""
    for block in range(first // 64, last // 64):
        tied = climb(
            words, counts, part == 0, source.high, source.usual_rungs, source.high_rungs,
            source.threshold_stride, block, source.unit,
        )  # fmt: skip
        while tied != U64(0):
            member = 64 * block + lowest_bit(tied)
            tied &= tied - U64(1)
            _decide(words, counts, source, part, member, step)


@internal
def _decide(words, counts, source, part, member, step):
    """Compare the lower half of a word with the thresholds that its upper half equals."""
    high = np.uint32(get(words, member, U16))
    low = _low_half(source, part, member, step)
    own = source.threshold_stride != 0
    for rung in range(source.rungs):
        place = rung * source.threshold_stride + member if own else rung
        rise = get(source.thresholds, place, U32)
        if rise >> SIXTEEN == high and low > rise & LOW_HALF:
            put(counts, member, np.uint16(get(counts, member, U16) + np.uint16(1)))


@internal
def _low_half(source, part, member, step):
    at, purpose = U64(step), U64(philox.POISSON_LOW + part)
    low, high = at & philox.WORD, at >> philox.SHIFT
    four = philox.philox(U64(member // 8), low, high, purpose, source.seed, source.stream)
    word = four[member % 8 // 2]
    return np.uint32(word >> philox.HALF_SHIFT if member % 2 else word & philox.HALF)


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
