"""Random numbers of the connection kernels: a cursor over one row's Philox stream.

Every row (a source, a target or a single list) has a stream of its own: key (seed, stream), counter
(block, row, 0, 0).  What a row draws therefore depends on nothing but the seed, the edge and the row.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def philox4x32(c0, c1, c2, c3, k0, k1):
    m = np.uint64(0xFFFFFFFF)
    for _ in range(10):
        p0 = np.uint64(0xD2511F53) * np.uint64(c0)
        p1 = np.uint64(0xCD9E8D57) * np.uint64(c2)
        c0, c1, c2, c3 = (
            np.uint32(((p1 >> np.uint64(32)) & m) ^ np.uint64(c1) ^ np.uint64(k0)),
            np.uint32(p1 & m),
            np.uint32(((p0 >> np.uint64(32)) & m) ^ np.uint64(c3) ^ np.uint64(k1)),
            np.uint32(p0 & m),
        )
        k0 = np.uint32((np.uint64(k0) + np.uint64(0x9E3779B9)) & m)
        k1 = np.uint32((np.uint64(k1) + np.uint64(0xBB67AE85)) & m)
    return c0, c1, c2, c3


TWO_32 = 2.0**-32
TWO_53 = 2.0**-53

# A cursor is uint32[7]: four words, the number of words used, the next block, the row.
USED, BLOCK, ROW = 4, 5, 6
CURSOR_SIZE = 7


@njit(cache=True, nogil=True)
def rewind(cursor: np.ndarray, row: int) -> None:
    """Set ``cursor`` to the beginning of the stream of ``row``."""
    cursor[USED] = 4
    cursor[BLOCK] = 0
    cursor[ROW] = row


@njit(cache=True, nogil=True)
def next_word(cursor: np.ndarray, seed: np.uint32, stream: np.uint32) -> np.uint32:
    """The next 32 random bits of the cursor's row."""
    used = cursor[USED]
    if used == 4:
        zero = np.uint32(0)
        words = philox4x32(cursor[BLOCK], cursor[ROW], zero, zero, seed, stream)
        cursor[0], cursor[1], cursor[2], cursor[3] = words
        cursor[BLOCK] += np.uint32(1)
        used = np.uint32(0)
    cursor[USED] = used + np.uint32(1)
    return cursor[used]


@njit(cache=True, nogil=True)
def next_uniform(cursor: np.ndarray, seed: np.uint32, stream: np.uint32) -> float:
    """A number in (0, 1] with 53 random bits (never 0, so that its logarithm is finite)."""
    high = np.uint64(next_word(cursor, seed, stream)) >> np.uint64(5)
    low = np.uint64(next_word(cursor, seed, stream)) >> np.uint64(6)
    return (float(high) * 67108864.0 + float(low) + 1.0) * TWO_53


@njit(cache=True, nogil=True)
def next_below(cursor: np.ndarray, bound: np.uint64, seed: np.uint32, stream: np.uint32) -> int:
    """A whole number in [0, bound), unbiased (Lemire 2019, doi 10.1145/3230636)."""
    mask = np.uint64(0xFFFFFFFF)
    product = np.uint64(next_word(cursor, seed, stream)) * bound
    low = product & mask
    if low < bound:
        floor = (mask + np.uint64(1) - bound) % bound
        while low < floor:
            product = np.uint64(next_word(cursor, seed, stream)) * bound
            low = product & mask
    return np.int64(product >> np.uint64(32))
