"""Random numbers of encoders: a function of seed, stream, member and step, nothing else.

So a value is encoded by the same spikes alone, in a batch, or with its time cut into pieces.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.backends.philox import SHIFT, STEP_32, WORD, key, philox
from engine.random import NOISE
from engine.random import stream as named

CODE = 1 << 20  # the purpose of a draw; those below are of neurons, sources and trains
ORDER = named("order of items", NOISE)
CODING = named("coding", NOISE)  # the stream of encoders that are called as functions


def uniforms(
    seed: int, stream: int, start: int, steps: int, first: int, members: int
) -> NDArray[np.float64]:
    """Numbers in (0, 1), [steps, members], of steps from ``start`` and members from ``first`` on.

    As `philox.uniforms`, all steps at once.
    """
    block = np.arange(first // 4, -(-(first + members) // 4), dtype=np.uint64)[None, :]
    step = np.arange(start, start + steps, dtype=np.uint64)[:, None]
    k0, k1 = key(seed, stream)
    four = philox(block, step & WORD, step >> SHIFT, np.uint64(CODE), k0, k1)
    words = np.stack([np.broadcast_to(word, (steps, block.size)) for word in four], 2)
    flat = words.reshape(steps, -1)[:, first % 4 : first % 4 + members]
    return (flat.astype(np.float64) + 0.5) * STEP_32


def shuffled(size: int, seed: int) -> NDArray[np.int64]:
    """The numbers 0 .. size - 1 in an order that depends on ``size`` and ``seed`` alone."""
    return np.argsort(uniforms(seed, ORDER, 0, 1, 0, size)[0], kind="stable")
