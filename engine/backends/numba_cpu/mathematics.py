"""Elementary functions without a branch or a library call, so that loops over neurons vectorise.

exp: x = k ln 2 + r with |r| <= ln 2 / 2 (k ln 2 taken off in two pieces), exp(r) = 1 + r q(r), and
2**k put together from its bits.  q is the interpolation of (exp(r) - 1) / r at Chebyshev nodes that
keeps q(0) = 1; relative error 1.2e-15 (float64) and 1.0e-8 (float32) before rounding.  What ends
near 0 (exprel, expm1, tanh, sinh) is built on r q(r), so nothing cancels.

Every function takes float64 or float32 and returns the same type.  NaN stays NaN.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from engine.backends import philox
from engine.backends.numba_cpu import random as _compiled_philox  # noqa: F401 (lets numba compile philox)
from engine.backends.numba_cpu.pointers import bits_of, float_of, floor, fma, inlined, select

Q64 = (
    1.0,
    0.5,
    0.16666666666648156,
    0.041666666666651246,
    0.008333333353839834,
    0.0013888888905973543,
    0.0001984120851210209,
    2.480153620505534e-05,
    2.7625237795740734e-06,
    2.761390867578486e-07,
)
Q32 = tuple(
    np.float32(c)
    for c in (
        1.0,
        0.5,
        0.16666576666119928,
        0.04166655421298415,
        0.008363232883682618,
        0.0013926250831497611,
    )
)

LOG2_E = 1.4426950408889634
# Adding 1.5 * 2**mantissa rounds to a whole number and leaves it in the low bits of the sum.
ROUND64, ROUND32 = 1.5 * 2.0**52, np.float32(1.5 * 2.0**23)
LOG2_E_32 = np.float32(LOG2_E)
LN2_HIGH_32, LN2_LOW_32 = np.float32(0.69140625), np.float32(0.0017409305599453094)
ONE32_BITS = np.int32(0x3F800000)
# Where 2**k is a normal number; below exp is 0, above it is infinite.
LOWEST64, HIGHEST64 = -708.3, 709.4
LOWEST32, HIGHEST32 = np.float32(-87.3), np.float32(88.3)


@inlined
def _reduced64(x):
    """2**k and r q(r), with x limited to where 2**k is normal."""
    x = select(x < LOWEST64, LOWEST64, x)
    x = select(x > HIGHEST64, HIGHEST64, x)
    shifted = fma(x, LOG2_E, ROUND64)
    k = shifted - ROUND64
    r = fma(-k, philox.LN2_LOW, fma(-k, philox.LN2_HIGH, x))
    # Estrin's order: the terms in pairs, which do not wait for one another.
    square = r * r
    fourth = square * square
    low = fma(fma(Q64[3], r, Q64[2]), square, fma(Q64[1], r, Q64[0]))
    middle = fma(fma(Q64[7], r, Q64[6]), square, fma(Q64[5], r, Q64[4]))
    high = fma(fma(Q64[9], r, Q64[8]), fourth, middle)
    q = fma(high, fourth, low)
    return float_of((bits_of(shifted) << philox.EXPONENT_BITS) + philox.ONE_BITS), r * q, q, k


@inlined
def _reduced32(x):
    x = select(x < LOWEST32, LOWEST32, x)
    x = select(x > HIGHEST32, HIGHEST32, x)
    shifted = fma(x, LOG2_E_32, ROUND32)
    k = shifted - ROUND32
    r = fma(-k, LN2_LOW_32, fma(-k, LN2_HIGH_32, x))
    square = r * r
    low = fma(fma(Q32[3], r, Q32[2]), square, fma(Q32[1], r, Q32[0]))
    q = fma(fma(Q32[5], r, Q32[4]), square * square, low)
    # << makes an int64 of an int32 in numba; only the low half is meant.
    power = np.int32((np.int64(bits_of(shifted)) << np.int64(23)) + np.int64(ONE32_BITS))
    return float_of(power), r * q, q, k


def _reduced(x: Any) -> Any:
    """As `_reduced64` or `_reduced32`, by the type of ``x``; for compiled code only."""
    raise TypeError("only compiled code can reduce an argument")


@overload(_reduced)
def _reduced_typed(x):
    if x == types.float32:
        return lambda x: _reduced32(x)
    return lambda x: _reduced64(x)


def number(value, like):
    """``value``, a literal, in the float type of ``like``."""
    return value


@overload(number)
def _number(value, like):
    if like == types.float32:
        return lambda value, like: np.float32(value)
    return lambda value, like: np.float64(value)


@inlined
def exp(x):
    """e**x; 0 below -708.3 (-87.3 in float32), infinite above 709.4 (88.3)."""
    scale, rest, _, _ = _reduced(x)
    value = fma(scale, rest, scale)
    value = select(x < limit_low(x), number(0.0, x), value)
    return select(x > limit_high(x), number(math.inf, x), value)


def limit_low(x):
    """Below this exp is 0."""
    return LOWEST64


def limit_high(x):
    """Above this exp is infinite."""
    return HIGHEST64


@overload(limit_low)
def _limit_low(x):
    if x == types.float32:
        return lambda x: LOWEST32
    return lambda x: LOWEST64


@overload(limit_high)
def _limit_high(x):
    if x == types.float32:
        return lambda x: HIGHEST32
    return lambda x: HIGHEST64


@inlined
def expm1(x):
    """e**x - 1, without cancellation near 0."""
    scale, rest, _, _ = _reduced(x)
    value = fma(scale, rest, scale - number(1.0, x))
    return select(x > limit_high(x), number(math.inf, x), value)


@inlined
def exprel(x):
    """(e**x - 1) / x, and 1 at 0."""
    scale, rest, q, k = _reduced(x)
    zero = number(0.0, x)
    safe = select(k == zero, number(1.0, x), x)
    value = fma(scale, rest, scale - number(1.0, x)) / safe
    value = select(k == zero, q, value)
    return select(x > limit_high(x), number(math.inf, x), value)


@inlined
def over_exprel(x):
    """1 / exprel(x) = x / (e**x - 1), in one division where the quotient takes two."""
    scale, rest, q, k = _reduced(x)
    one = number(1.0, x)
    near = k == number(0.0, x)
    value = select(near, one, x) / select(near, q, fma(scale, rest, scale - one))
    return select(x > limit_high(x), number(0.0, x), value)


@inlined
def tanh(x):
    """Hyperbolic tangent."""
    twice = x + x
    bound = number(80.0, x)  # tanh is 1 to the last bit long before; keeps em1 finite
    twice = select(twice > bound, bound, twice)
    twice = select(twice < -bound, -bound, twice)
    less = expm1(twice)
    return less / (less + number(2.0, x))


@inlined
def sinh(x):
    """Hyperbolic sine."""
    size = abs(x)
    less = expm1(size)
    one = number(1.0, x)
    value = number(0.5, x) * (less + less / (less + one))
    value = select(size > limit_high(x), size * number(math.inf, x), value)
    return select(x < number(0.0, x), -value, value)


@inlined
def cosh(x):
    """Hyperbolic cosine."""
    grown = exp(abs(x))
    return number(0.5, x) * (grown + number(1.0, x) / grown)


def log(x):
    """Natural logarithm; -infinite at 0, NaN below."""
    return math.log(x)


@inlined
def _log64(x):
    tiny = x < 2.2250738585072014e-308
    scaled = select(tiny, x * 2.0**54, x)
    value = philox.logarithm(scaled)
    value = select(tiny, value - 54.0 * math.log(2.0), value)
    value = select(x == math.inf, math.inf, value)
    value = select(x == 0.0, -math.inf, value)
    value = select(x < 0.0, math.nan, value)
    return select(x == x, value, x)


@overload(log)
def _log(x):
    if x == types.float32:
        return lambda x: np.float32(_log64(np.float64(x)))
    return lambda x: _log64(x)


@inlined
def power(x, y):
    """x**y as the C library defines it, to some 1e-15 |y ln x|."""
    size = exp(y * log(abs(x)))
    half = number(0.5, x) * y
    whole = floor(y) == y
    odd = (floor(half) != half) & whole
    negative = select(odd, -size, size)
    negative = select(whole, negative, number(math.nan, x))
    value = select(x < number(0.0, x), negative, size)
    return select(y == number(0.0, x), number(1.0, x), value)


@inlined
def minimum(a, b):
    """The smaller; NaN if either is."""
    return select((a < b) | (a != a), a, b)


@inlined
def maximum(a, b):
    """The larger; NaN if either is."""
    return select((a > b) | (a != a), a, b)


@inlined
def clip(x, low, high):
    """x limited to [low, high]; NaN if any of them is."""
    return minimum(maximum(x, low), high)
