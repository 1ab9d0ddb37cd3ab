"""Random numbers of the connection kernels: a cursor over one row's Philox stream.

Every row (a source or a target) has a stream of its own: key (seed, stream), counter (block, row,
0, 0).  What a row draws therefore depends on nothing but the seed, the edge and the row.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# Importing it teaches numba to compile the functions of `philox`.
from engine.backends import philox
from engine.backends.numba_cpu import random as _compiled_philox  # noqa: F401

# A cursor is uint64[7]: four words, the number of words used, the next block, the row.
USED, BLOCK, ROW = 4, 5, 6
CURSOR_SIZE = 7
TWO_53 = 2.0**-53
ZERO, ONE = np.uint64(0), np.uint64(1)
LOW_WORD = np.uint64(0xFFFFFFFF)


@njit
def rewind(cursor, row):
    """Set ``cursor`` to the beginning of the stream of ``row``."""
    cursor[USED] = 4
    cursor[BLOCK] = 0
    cursor[ROW] = row


@njit
def next_word(cursor, seed, stream):
    """The next 32 random bits of the cursor's row, as uint64."""
    used = cursor[USED]
    if used == 4:
        words = philox.philox(cursor[BLOCK], cursor[ROW], ZERO, ZERO, seed, stream)
        cursor[0], cursor[1], cursor[2], cursor[3] = words
        cursor[BLOCK] += ONE
        used = ZERO
    cursor[USED] = used + ONE
    return cursor[used]


@njit
def next_uniform(cursor, seed, stream):
    """A number in (0, 1] with 53 random bits (never 0, so that its logarithm is finite)."""
    high = next_word(cursor, seed, stream) >> np.uint64(5)
    low = next_word(cursor, seed, stream) >> np.uint64(6)
    return (high * 67108864.0 + low + 1.0) * TWO_53


@njit
def next_below(cursor, bound, seed, stream):
    """A whole number in [0, bound), unbiased (Lemire 2019, doi 10.1145/3230636)."""
    product = next_word(cursor, seed, stream) * bound
    if product & LOW_WORD < bound:
        floor = (LOW_WORD + ONE - bound) % bound
        while product & LOW_WORD < floor:
            product = next_word(cursor, seed, stream) * bound
    return np.int64(product >> np.uint64(32))
