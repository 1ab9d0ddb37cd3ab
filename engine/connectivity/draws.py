"""Random words of the connection loops, a batch at a time, so that drawing vectorises.

Every row (a source or a target) has a stream of its own: key (seed, stream), counter (block, row,
again, 0), four words a block.  What a row draws therefore depends on nothing but the seed, the edge
and the row, and any thread may draw it.
"""

from __future__ import annotations

import numpy as np

# Importing it teaches numba to compile the functions of `philox`.
from engine.backends import philox
from engine.backends.numba_cpu import random as _compiled_philox  # noqa: F401
from engine.backends.numba_cpu.pointers import internal

BATCH = 64  # words drawn at a time; a multiple of 4
U64 = np.uint64
ZERO = np.uint64(0)
SHIFT = np.uint64(32)
LOW_WORD = np.uint64(0xFFFFFFFF)
RANGE = np.uint64(1 << 32)


@internal
def fill_words(words, blocks, first, row, again, seed, stream):
    """Blocks first .. first + blocks of ``row``: 4 words of 32 bits each into uint64 ``words``."""
    at, turn = U64(row), U64(again)
    for block in range(blocks):
        w0, w1, w2, w3 = philox.philox(U64(first + block), at, turn, ZERO, seed, stream)
        k = 4 * block
        words[k] = w0
        words[k + 1] = w1
        words[k + 2] = w2
        words[k + 3] = w3


@internal
def pick_members(
    member, pool, n, multapses, skip_self, stamps, words, chosen, place, seed, stream
):  # fmt: skip
    """Choose ``n`` of ``pool`` for ``member`` into chosen[place : place + n] (uint32).

    Distinct unless ``multapses``, by Floyd's algorithm (Bentley & Floyd 1987): n draws, whatever n.
    ``stamps`` is zero or holds numbers other than member + 1; ``words`` is room for a batch.
    """
    size = pool - 1 if skip_self else pool
    for start in range(0, n, BATCH):
        count = min(BATCH, n - start)
        fill_words(words, (count + 3) // 4, start // 4, member, 0, seed, stream)
        # Bound of the first number of the batch, and by how much it grows from one to the next.
        lowest, grows = (size, 0) if multapses else (size - n + 1 + start, 1)
        if _scale_words(words, count, lowest, grows, chosen, place + start):
            _pick_again(words, count, lowest, grows, chosen, place, start, member, seed, stream)
    if not multapses:
        for k in range(n):
            last = size - n + k
            pick = np.int64(chosen[place + k])
            if stamps[pick] == member + 1:
                pick = last
                chosen[place + k] = pick
            stamps[pick] = member + 1
    if skip_self:
        for k in range(place, place + n):
            chosen[k] += np.uint32(chosen[k] >= member)


@internal
def _scale_words(words, count, lowest, grows, chosen, place):
    """Words to numbers in [0, bound) (Lemire 2019, doi 10.1145/3230636); whether any is in doubt.

    The doubtful are one in 2**32 / bound; the rest is unbiased once these are drawn anew.
    """
    doubtful = 0
    for k in range(count):
        bound = U64(lowest + grows * k)
        product = words[k] * bound
        chosen[place + k] = product >> SHIFT
        doubtful += (product & LOW_WORD) < bound
    return doubtful > 0


@internal
def _pick_again(words, count, lowest, grows, chosen, place, start, member, seed, stream):
    """Draw anew what may be biased, from the same place with ``again`` = 1, 2 and so on."""
    four = np.empty(4, np.uint64)
    for k in range(count):
        bound = U64(lowest + grows * k)
        product = words[k] * bound
        if product & LOW_WORD < bound:
            unfair, again = (RANGE - bound) % bound, 0
            while product & LOW_WORD < unfair:
                again += 1
                fill_words(four, 1, (start + k) // 4, member, again, seed, stream)
                product = four[(start + k) % 4] * bound
            chosen[place + start + k] = product >> SHIFT
