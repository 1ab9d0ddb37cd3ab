"""Random numbers that are a function of where they are used: Philox4x32-10 and what is made of it.

Philox (Salmon et al. 2011, doi 10.1145/2063384.2063405) maps a counter of four words and a key of
two to four words of 32 random bits.  Here the key is (seed, stream) and the counter

    (member // 4, step, step >> 32, purpose),

and the member takes word ``member % 4``.  So a number depends on nothing but its place, and every
backend, thread and block length draws the same.  Poisson counts take words of which a member's
upper half is from one draw and its lower half from another, see `halves`: the lower one is needed
once in some thousand draws, so a draw serves eight members.

The functions in ``DESCRIBED`` use nothing but arithmetic, `choose`, and the two views between
floats and their bits.  Called with arrays they are the oracle; `numba_cpu/random.py` compiles the
very same functions for single numbers.  They use only operations that IEEE 754 rounds exactly (no
library function), so both give the same values to the last bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

WORD = np.uint64(0xFFFFFFFF)
SHIFT = np.uint64(32)
M0, M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
W0, W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
ROUNDS = 10

# Purposes: the fourth word of the counter.  The n-th normal number of a step has purpose
# NORMAL + n, the n-th number of an escape ESCAPE + n, the n-th part of a Poisson count POISSON + n
# (upper half of its word) and POISSON_LOW + n (lower half).  Those of synapses that learn begin at
# LEARNT, see `chance.py`.
POISSON = 0
POISSON_LOW = 1 << 12
LARGE_POISSON = 1 << 16
NORMAL = 1 << 17
ESCAPE = 1 << 18
LEARNT = 1 << 19

STEP_32 = 2.0**-32
SQRT_HALF = math.sqrt(0.5)
LN2_HIGH = 6.93147180369123816490e-01  # 33 bits, so that its product with an exponent is exact
LN2_LOW = 1.90821492927058770002e-10
EXPONENT_BITS = np.int64(52)
EXPONENT_BIAS = np.int64(1023)
MANTISSA = np.int64(0x000FFFFFFFFFFFFF)
ONE_BITS = np.int64(0x3FF0000000000000)
HALF = np.uint64(0xFFFF)
HALF_SHIFT = np.uint64(16)
ONE, TWO = np.uint64(1), np.uint64(2)

HALF_TURN = np.uint64(0x80000000)
F_HALF, F_ONE, F_TWO = np.float32(0.5), np.float32(1.0), np.float32(2.0)
F_MINUS_TWO, F_SQRT_2 = np.float32(-2.0), np.float32(math.sqrt(2.0))
F_STEP_23 = np.float32(2.0**-23)
NINE = np.uint64(9)
F_STEP_32, F_ANGLE = np.float32(2.0**-32), np.float32(2.0 * math.pi * 2.0**-32)
F_LN2_HIGH, F_LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
F_MANTISSA, F_ONE_BITS = np.int64(0x007FFFFF), np.int64(0x3F800000)
F_EXPONENT_BITS, F_EXPONENT_BIAS = np.int64(23), np.int64(127)
F_ATANH = tuple(np.float32(1.0 / k) for k in (1, 3, 5, 7, 9, 11))
F_SINE = tuple(np.float32(c) for c in (-1.0 / 6.0, 1.0 / 120.0, -1.0 / 5040.0))
F_COSINE = tuple(np.float32(c) for c in (-0.5, 1.0 / 24.0, -1.0 / 720.0, 1.0 / 40320.0))

LARGEST_LADDER = 16.0  # expected spikes a step that one ladder counts
MOST_PARTS = 16  # ladders whose sum makes a larger count; above, a normal number is rounded


def choose(condition: Any, then: Any, otherwise: Any) -> Any:
    """``then`` where the condition holds, else ``otherwise``."""
    return np.where(condition, then, otherwise)


def bits(value: Any) -> Any:
    """The bits of float64 as int64."""
    return np.asarray(value, np.float64).view(np.int64)


def real(value: Any) -> Any:
    """The float64 whose bits are an int64."""
    return np.asarray(value, np.int64).view(np.float64)


def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    """Four words of 32 random bits of a counter and a key; all words are uint64 below 2**32.

    64-bit words everywhere because numba makes uint64 of a product of uint32 anyway: here that is
    said, and the masks make it right.
    """
    for _ in range(ROUNDS):
        p0 = M0 * c0
        p1 = M1 * c2
        c0, c1, c2, c3 = (p1 >> SHIFT) ^ c1 ^ k0, p1 & WORD, (p0 >> SHIFT) ^ c3 ^ k1, p0 & WORD
        k0 = (k0 + W0) & WORD
        k1 = (k1 + W1) & WORD
    return c0, c1, c2, c3


def logarithm(x: Any) -> Any:
    """ln x for normal x > 0, error below 1e-15 relative to max(1, |ln x|)."""
    raw = bits(x)
    mantissa = real((raw & MANTISSA) | ONE_BITS)  # [1, 2)
    exponent = (raw >> EXPONENT_BITS) - EXPONENT_BIAS
    large = mantissa > 2.0 * SQRT_HALF
    mantissa = choose(large, 0.5 * mantissa, mantissa)
    scale = choose(large, exponent + np.int64(1), exponent) * 1.0
    # ln m = 2 artanh s with s = (m - 1) / (m + 1), |s| < 0.1716: its series.
    s = (mantissa - 1.0) / (mantissa + 1.0)
    z = s * s
    series = 1.0 / 21.0
    series = series * z + 1.0 / 19.0
    series = series * z + 1.0 / 17.0
    series = series * z + 1.0 / 15.0
    series = series * z + 1.0 / 13.0
    series = series * z + 1.0 / 11.0
    series = series * z + 1.0 / 9.0
    series = series * z + 1.0 / 7.0
    series = series * z + 1.0 / 5.0
    series = series * z + 1.0 / 3.0
    tail = 2.0 * s * z * series + scale * LN2_LOW
    return scale * LN2_HIGH + (2.0 * s + tail)


def in_quarter(quarter: Any, sine: Any, cosine: Any) -> Any:
    """Cosine and sine of an angle: ``quarter`` quarter turns, and the rest, whose own are given."""
    odd = (quarter & np.uint64(1)) == np.uint64(1)
    first = choose(odd, sine, cosine)
    second = choose(odd, cosine, sine)
    turned = (quarter + np.uint64(1)) & np.uint64(2)  # cosine is negative in quarters 1 and 2
    lower = quarter & np.uint64(2)  # sine is negative in quarters 2 and 3
    return (
        choose(turned == np.uint64(2), -first, first),
        choose(lower == np.uint64(2), -second, second),
    )


def circle(word: Any) -> Any:
    """Cosine and sine of the angle 2 pi (word + 1/2) / 2**32, by their series on an eighth turn."""
    turn = ((word * 1.0) + 0.5) * STEP_32
    quarter = (word + np.uint64(0x20000000)) >> np.uint64(30)  # nearest quarter turn, 0..4
    x = 2.0 * math.pi * (turn - (quarter * 1.0) * 0.25)  # |x| <= pi / 4
    z = x * x
    sine = -1.0 / 1307674368000.0
    sine = sine * z + 1.0 / 6227020800.0
    sine = sine * z - 1.0 / 39916800.0
    sine = sine * z + 1.0 / 362880.0
    sine = sine * z - 1.0 / 5040.0
    sine = sine * z + 1.0 / 120.0
    sine = sine * z - 1.0 / 6.0
    sine = x + x * z * sine
    cosine = -1.0 / 87178291200.0
    cosine = cosine * z + 1.0 / 479001600.0
    cosine = cosine * z - 1.0 / 3628800.0
    cosine = cosine * z + 1.0 / 40320.0
    cosine = cosine * z - 1.0 / 720.0
    cosine = cosine * z + 1.0 / 24.0
    cosine = cosine * z - 0.5
    cosine = 1.0 + z * cosine
    return in_quarter(quarter, sine, cosine)


def normal_pair(radius: Any, angle: Any) -> Any:
    """Two standard normal numbers of two words (Box and Muller 1958); at most 6.8 in size."""
    size = np.sqrt(-2.0 * logarithm(((radius * 1.0) + 0.5) * STEP_32))
    cosine, sine = circle(angle)
    return size * cosine, size * sine


def normal_block(block: Any, step: Any, purpose: Any, seed: Any, stream: Any) -> Any:
    """Standard normal numbers of members 4 block .. 4 block + 3 at ``step``."""
    w0, w1, w2, w3 = philox(block, step & WORD, step >> SHIFT, purpose, seed, stream)
    n0, n1 = normal_pair(w0, w1)
    n2, n3 = normal_pair(w2, w3)
    return n0, n1, n2, n3


def normal_of(member: Any, step: Any, purpose: Any, seed: Any, stream: Any) -> Any:
    """The standard normal number of one member, as `normal_block` has it."""
    w0, w1, w2, w3 = philox(member >> TWO, step & WORD, step >> SHIFT, purpose, seed, stream)
    later = (member & TWO) == TWO
    first, second = normal_pair(choose(later, w2, w0), choose(later, w3, w1))
    return choose((member & ONE) == ONE, second, first)


def uniform_of(member: Any, step: Any, purpose: Any, seed: Any, stream: Any) -> Any:
    """The number in (0, 1) of one member, a multiple of 2**-32 plus a half."""
    return ((word_of(member, step, purpose, seed, stream) * 1.0) + 0.5) * STEP_32


def word_of(member: Any, step: Any, purpose: Any, seed: Any, stream: Any) -> Any:
    """The 32 random bits of one member."""
    w0, w1, w2, w3 = philox(member >> TWO, step & WORD, step >> SHIFT, purpose, seed, stream)
    odd = (member & ONE) == ONE
    return choose((member & TWO) == TWO, choose(odd, w3, w2), choose(odd, w1, w0))


def large_count(rate: Any, number: Any) -> Any:
    """A Poisson count of a rate above 256 a step, by its normal limit (skewness below 0.0625)."""
    count = np.floor(rate + np.sqrt(rate) * number + 0.5)
    return choose(count < 0.0, 0.0, choose(count > 65535.0, 65535.0, count))


def single(value: Any) -> Any:
    """``value``, a whole number of at most 32 bits or a float, as the nearest float32."""
    return np.asarray(value).astype(np.float32)


def single_bits(value: Any) -> Any:
    """The bits of float32 as a whole number."""
    return np.asarray(value, np.float32).view(np.int32).astype(np.int64)


def single_real(value: Any) -> Any:
    """The float32 with these bits."""
    return np.asarray(value).astype(np.int32).view(np.float32)


def single_logarithm(word: Any) -> Any:
    """ln of (word + 1/2) / 2**32 in float32, to 2e-7 of its value.

    Above a half the distance from 1 is taken, which is exact where the quotient is not.
    """
    high = word >= HALF_TURN
    mirrored = choose(high, WORD - word, word)
    share = (single(mirrored) + F_HALF) * F_STEP_32
    mantissa, scale = single_parts(share)
    # ln(1 - share) for words above a half, which has share <= 1/2 and no exponent.
    near = single_near(choose(high, -share, mantissa - F_ONE))
    return choose(high, near, scale * F_LN2_HIGH + (near + scale * F_LN2_LOW))


def single_parts(x: Any) -> Any:
    """A float32 x > 0 as (mantissa between sqrt(1/2) and sqrt(2), exponent), both float32."""
    raw = single_bits(x)
    mantissa = single_real((raw & F_MANTISSA) | F_ONE_BITS)  # [1, 2)
    large = mantissa > F_SQRT_2
    exponent = (raw >> F_EXPONENT_BITS) - F_EXPONENT_BIAS
    scale = single(choose(large, exponent + np.int64(1), exponent))
    return choose(large, F_HALF * mantissa, mantissa), scale


def single_near(above: Any) -> Any:
    """ln(1 + above) in float32, for |above| <= 1/2."""
    s = above / (above + F_TWO)
    z = s * s
    series = F_ATANH[5]
    series = series * z + F_ATANH[4]
    series = series * z + F_ATANH[3]
    series = series * z + F_ATANH[2]
    series = series * z + F_ATANH[1]
    tail = F_TWO * s * z * series
    return F_TWO * s + tail


def single_circle(word: Any) -> Any:
    """As `circle`, in float32 and to 2e-7."""
    quarter = (word + np.uint64(0x20000000)) >> np.uint64(30)
    # The rest within a quarter turn is a whole number below 2**29 in size: exact before it is made
    # a float.
    rest = np.int64(1) * word - (np.int64(1) * quarter) * np.int64(0x40000000)
    x = (single(rest) + F_HALF) * F_ANGLE
    z = x * x
    sine = x + x * z * (((F_SINE[2] * z + F_SINE[1]) * z) + F_SINE[0])
    cosine = F_COSINE[3]
    cosine = cosine * z + F_COSINE[2]
    cosine = cosine * z + F_COSINE[1]
    cosine = F_ONE + z * (cosine * z + F_COSINE[0])
    return in_quarter(quarter, sine, cosine)


def single_pair(radius: Any, angle: Any) -> Any:
    """`normal_pair` in float32: the same numbers to about 1e-6."""
    size = np.sqrt(F_MINUS_TWO * single_logarithm(radius))
    cosine, sine = single_circle(angle)
    return size * cosine, size * sine


def single_block(block: Any, step: Any, purpose: Any, seed: Any, stream: Any) -> Any:
    """`normal_block` in float32, for networks of that precision."""
    w0, w1, w2, w3 = philox(block, step & WORD, step >> SHIFT, purpose, seed, stream)
    n0, n1 = single_pair(w0, w1)
    n2, n3 = single_pair(w2, w3)
    return n0, n1, n2, n3


def single_normal_of(member: Any, step: Any, purpose: Any, seed: Any, stream: Any) -> Any:
    """`normal_of` in float32, for networks of that precision."""
    w0, w1, w2, w3 = philox(member >> TWO, step & WORD, step >> SHIFT, purpose, seed, stream)
    later = (member & TWO) == TWO
    first, second = single_pair(choose(later, w2, w0), choose(later, w3, w1))
    return choose((member & ONE) == ONE, second, first)


def single_uniform_of(member: Any, step: Any, purpose: Any, seed: Any, stream: Any) -> Any:
    """`uniform_of` in float32, from 23 bits: with more of them some would round to 1."""
    word = word_of(member, step, purpose, seed, stream)
    return (single(word >> NINE) + F_HALF) * F_STEP_23


def log_exponential(word: Any) -> Any:
    """ln E of an exponential number E = -ln((word + 1/2) / 2**32), from -23 to 3.2."""
    return logarithm(-logarithm(((word * 1.0) + 0.5) * STEP_32))


def escape_block(block: Any, step: Any, purpose: Any, seed: Any, stream: Any) -> Any:
    """ln E for members 4 block .. 4 block + 3 at ``step``."""
    w0, w1, w2, w3 = philox(block, step & WORD, step >> SHIFT, purpose, seed, stream)
    return log_exponential(w0), log_exponential(w1), log_exponential(w2), log_exponential(w3)


def single_log_exponential(word: Any) -> Any:
    """`log_exponential` in float32: the same numbers to about 1e-6."""
    mantissa, scale = single_parts(-single_logarithm(word))
    near = single_near(mantissa - F_ONE)
    return scale * F_LN2_HIGH + (near + scale * F_LN2_LOW)


def single_escape_block(block: Any, step: Any, purpose: Any, seed: Any, stream: Any) -> Any:
    """`escape_block` in float32, for networks of that precision."""
    w0, w1, w2, w3 = philox(block, step & WORD, step >> SHIFT, purpose, seed, stream)
    return (
        single_log_exponential(w0),
        single_log_exponential(w1),
        single_log_exponential(w2),
        single_log_exponential(w3),
    )


DESCRIBED = (
    philox,
    logarithm,
    in_quarter,
    circle,
    normal_pair,
    normal_block,
    log_exponential,
    escape_block,
    large_count,
    single_parts,
    single_near,
    single_logarithm,
    single_circle,
    single_pair,
    single_block,
    single_log_exponential,
    single_escape_block,
    word_of,
    normal_of,
    uniform_of,
    single_normal_of,
    single_uniform_of,
)


def key(seed: int, stream: int) -> tuple[np.uint64, np.uint64]:
    """The key of a stream.  A seed above 32 bits is folded."""
    folded = (seed ^ (seed >> 32)) & 0xFFFFFFFF
    return np.uint64(folded), np.uint64(stream & 0xFFFFFFFF)


def _blocks(members: int) -> NDArray[np.uint64]:
    return np.arange(-(-members // 4), dtype=np.uint64)


def words(seed: int, stream: int, step: int, members: int, purpose: int) -> NDArray[np.uint64]:
    """32 random bits for every member, [members]."""
    first, second = key(seed, stream)
    at = np.uint64(step)
    block = _blocks(members)
    four = philox(block, at & WORD, at >> SHIFT, np.uint64(purpose), first, second)
    return np.stack([np.broadcast_to(word, block.shape) for word in four], 1).reshape(-1)[:members]


def uniforms(seed: int, stream: int, step: int, members: int, purpose: int) -> NDArray[np.float64]:
    """Numbers in (0, 1) for every member, [members], multiples of 2**-32 plus a half."""
    return (words(seed, stream, step, members, purpose).astype(np.float64) + 0.5) * STEP_32


def normals(
    seed: int, stream: int, step: int, members: int, index: int = 0, dtype: Any = np.float64
) -> NDArray[Any]:
    """A standard normal number for every member, [members]; ``index`` tells several apart.

    Those of dtype float32 are computed in it, so they differ from the others by about 1e-6.
    """
    first, second = key(seed, stream)
    block = single_block if np.dtype(dtype) == np.float32 else normal_block
    four = block(_blocks(members), np.uint64(step), np.uint64(NORMAL + index), first, second)
    return np.stack(four, 1).reshape(-1)[:members]


def escapes(
    seed: int, stream: int, step: int, members: int, index: int = 0, dtype: Any = np.float64
) -> NDArray[Any]:
    """The logarithm of an exponential number of mean 1 for every member, [members].

    ``index`` tells several apart; those of dtype float32 are computed in it.
    """
    first, second = key(seed, stream)
    block = single_escape_block if np.dtype(dtype) == np.float32 else escape_block
    four = block(_blocks(members), np.uint64(step), np.uint64(ESCAPE + index), first, second)
    return np.stack(four, 1).reshape(-1)[:members]


def halves(seed: int, stream: int, step: int, members: int, purpose: int) -> NDArray[np.uint64]:
    """16 random bits for every member, [members].

    Member m takes the lower (m even) or upper (m odd) half of word m // 2 of `words`.
    """
    word = words(seed, stream, step, -(-members // 2), purpose)
    return np.stack([word & HALF, word >> HALF_SHIFT], 1).reshape(-1)[:members]


def count_words(seed: int, stream: int, step: int, members: int, part: int) -> NDArray[np.uint64]:
    """The words that part ``part`` of Poisson counts compares with its ladder, [members]."""
    high = halves(seed, stream, step, members, POISSON + part)
    low = halves(seed, stream, step, members, POISSON_LOW + part)
    return (high << HALF_SHIFT) | low


def normals_of_first(seed: int, stream: int, steps: NDArray[np.int64]) -> NDArray[np.float64]:
    """The standard normal numbers that member 0 has at ``steps``, [steps]."""
    first, second = key(seed, stream)
    at = np.asarray(steps).astype(np.uint64)
    return normal_block(np.uint64(0), at, np.uint64(NORMAL), first, second)[0]


@dataclass(frozen=True)
class Ladder:
    """How a Poisson source counts: the thresholds that a random word is compared with.

    A count is the sum over ``parts`` words of the number of thresholds that the word exceeds, so
    there is no branch.  ``large`` holds the rates above what ladders can count and 0 elsewhere.
    """

    parts: int
    thresholds: NDArray[np.uint32]  # [rungs, 1 or members]
    large: NDArray[np.float64]  # [1 or members]

    @property
    def scalar(self) -> bool:
        """All members have one rate."""
        return self.large.size == 1


def ladder(rate: float | NDArray[np.floating]) -> Ladder:
    """Thresholds for ``rate`` expected spikes a step, a scalar or [members]; rates are >= 0."""
    rates = np.atleast_1d(np.asarray(rate, np.float64))
    many = rates > LARGEST_LADDER * MOST_PARTS
    small = np.where(many, 0.0, rates)
    parts = max(1, math.ceil(float(small.max(initial=0.0)) / LARGEST_LADDER))
    thresholds = _rungs(small / parts)
    return Ladder(parts, thresholds, np.where(many, rates, 0.0))


def ladders(rates: NDArray[np.floating]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """The ladders of steps with these rates: parts [steps] and thresholds [steps, rungs].

    Raises ValueError for a rate that no ladder counts or that is not a number.
    """
    parts = np.maximum(np.ceil(rates / LARGEST_LADDER), 1.0)
    if not (np.all(rates >= 0.0) and np.all(parts <= MOST_PARTS)):
        raise ValueError(f"rates are from {rates.min():g} to {rates.max():g} spikes a step")
    return parts.astype(np.int64), np.ascontiguousarray(_rungs(rates / parts).T)


def _rungs(mean: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Rung k is 2**32 P(X <= k) - 1, rounded, so that a word exceeds it with P(X > k)."""
    term = np.exp(-mean)
    left = -np.expm1(-mean)  # P(X > k), kept apart so that small rates lose no digits
    rungs = []
    k = 0
    while (left * 2.0**32 >= 0.5).any():
        rungs.append(np.rint((1.0 - left) * 2.0**32) - 1.0)
        k += 1
        term = term * mean / k
        left = np.maximum(left - term, 0.0)
    return np.array(rungs, np.float64).reshape(len(rungs), mean.size).astype(np.uint32)


def counts(seed: int, stream: int, step: int, members: int, steps: Ladder) -> NDArray[np.uint16]:
    """Spikes of every member of a Poisson source in one step, [members]."""
    total = np.zeros(members, np.uint64)
    for part in range(steps.parts):
        word = count_words(seed, stream, step, members, part)
        total += (word > steps.thresholds).sum(0, dtype=np.uint64)
    if steps.large.any():
        number = normals(seed, stream, step, members, LARGE_POISSON - NORMAL)
        counted = large_count(steps.large, number).astype(np.uint64)
        total = np.where(steps.large > 0, counted, total)
    return np.minimum(total, 65535).astype(np.uint16)
