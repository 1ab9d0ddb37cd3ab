"""Values drawn from a distribution: weights and delays of synapses, initial values of neurons.

Number k of row r comes from the Philox block (k // 4, r) of its stream, so it depends on nothing
but the seed, the stream and the place.  A list of N values is one row.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from engine.backends import philox
from engine.backends.numba_cpu.pointers import internal
from engine.connectivity.compiled import loop
from engine.connectivity.draws import BATCH, fill_words
from engine.connectivity.work import Work

UNIFORM, NORMAL, LOGNORMAL, EXPONENTIAL = range(4)
LARGEST_NORMAL = 6.8  # of `philox.normal_pair`
LARGEST_EXPONENTIAL = 33 * math.log(2.0)  # of a word: -log(2**-33)


def _signature(out: types.Type, *unit: types.Type) -> tuple[types.Type, ...]:
    rows, values = types.Array(types.int64, 1, "C"), types.Array(out, 1, "C")
    law = types.int64, *4 * (types.float64,), *2 * (types.uint64,)
    return types.int64, types.int64, rows, values, *unit, *law


# Type of the values -> loop -> types of its arguments.
SIGNATURES = {
    "float64": {"fill_values": _signature(types.float64)},
    "float32": {"fill_values": _signature(types.float32)},
    "uint16": {"fill_steps": _signature(types.uint16, types.float64)},
    "uint8": {"fill_steps": _signature(types.uint8, types.float64)},
}


@internal
def fill_values(first, last, row, values, kind, a, b, low, high, seed, stream):
    """Draw ``values[row[r] : row[r + 1]]`` for rows first..last.

    Uniform between a and b; normal with mean a and standard deviation b; lognormal with these of
    the logarithm; exponential with mean a.  What lies outside [low, high] is moved to the bound.
    """
    words, batch = np.empty(BATCH, np.uint64), np.empty(BATCH, np.float64)
    for r in range(first, last):
        begin, size = row[r], row[r + 1] - row[r]
        for start in range(0, size, BATCH):
            count = min(BATCH, size - start)
            draw_batch(batch, words, count, start // 4, r, kind, a, b, seed, stream)
            for k in range(count):
                values[begin + start + k] = min(max(batch[k], low), high)


@internal
def fill_steps(first, last, row, steps, dt, kind, a, b, low, high, seed, stream):
    """As `fill_values`, in whole steps of ``dt``, at least one; returns the largest value.

    Where that is more than ``steps`` can hold its entries are wrong, and it must be refused.
    """
    words, batch = np.empty(BATCH, np.uint64), np.empty(BATCH, np.float64)
    longest = 0.0
    for r in range(first, last):
        begin, size = row[r], row[r + 1] - row[r]
        for start in range(0, size, BATCH):
            count = min(BATCH, size - start)
            draw_batch(batch, words, count, start // 4, r, kind, a, b, seed, stream)
            for k in range(count):
                value = min(max(batch[k], low), high)
                longest = max(longest, value)
                steps[begin + start + k] = np.int32(min(max(value / dt + 0.5, 1.0), 65535.0))
    return longest


@internal
def draw_batch(batch, words, count, block, row, kind, a, b, seed, stream):
    """``count`` values of the distribution (room for whole blocks) from Philox ``block`` on."""
    blocks = (count + 3) // 4
    fill_words(words, blocks, block, row, 0, seed, stream)
    if kind == UNIFORM:
        for k in range(4 * blocks):
            batch[k] = a + (b - a) * ((words[k] + 0.5) * philox.STEP_32)
    elif kind == EXPONENTIAL:
        for k in range(4 * blocks):
            # In (0, 1), never an end, so that the logarithm is finite.
            batch[k] = -a * philox.logarithm((words[k] + 0.5) * philox.STEP_32)
    else:
        for k in range(2 * blocks):
            first, second = philox.normal_pair(words[2 * k], words[2 * k + 1])
            batch[2 * k] = a + b * first
            batch[2 * k + 1] = a + b * second
        if kind == LOGNORMAL:
            for k in range(4 * blocks):
                batch[k] = math.exp(batch[k])


def numbers_of(distribution: Mapping[str, Any]) -> tuple[int, float, float, float, float]:
    """(kind, a, b, low, high) of ``fill_rows`` for a distribution of the document."""
    low, high = distribution.get("low"), distribution.get("high")
    clip = (-math.inf if low is None else float(low), math.inf if high is None else float(high))
    match distribution["distribution"]:
        case "uniform":
            return UNIFORM, clip[0], clip[1], -math.inf, math.inf
        case "normal":
            return NORMAL, float(distribution["mean"]), float(distribution["std"]), *clip
        case "exponential":
            return EXPONENTIAL, float(distribution["mean"]), 0.0, *clip
        case "lognormal":
            mean, std = float(distribution["mean"]), float(distribution["std"])
            variance = math.log1p((std / mean) ** 2) if mean > 0 else 0.0
            centre = math.log(mean) - variance / 2 if mean > 0 else -math.inf
            return LOGNORMAL, centre, math.sqrt(variance), *clip
    raise KeyError(distribution["distribution"])


def largest(distribution: Mapping[str, Any]) -> float:
    """The largest value that can be drawn: the tails of our numbers end somewhere."""
    kind, a, b, _, high = numbers_of(distribution)
    if kind == UNIFORM:
        return b
    if kind == EXPONENTIAL:
        return min(a * LARGEST_EXPONENTIAL, high)
    most = a + LARGEST_NORMAL * abs(b)
    return min(math.exp(min(most, 700.0)) if kind == LOGNORMAL else most, high)


def draw_rows(
    row: NDArray[np.int64],
    distribution: Mapping[str, Any],
    seed: int,
    stream: int,
    dtype: np.dtype | type = np.float64,
    work: Work | None = None,
) -> NDArray[np.floating]:
    """One value for each place of the compressed rows ``row``; ``work`` shares them out."""
    values = np.empty(int(row[-1]), dtype)
    fill = loop("distributions", "fill_values", values.dtype)
    fixed = row, values, *numbers_of(distribution), *philox.key(seed, stream)
    rows = row.size - 1
    if work is None:
        fill(0, rows, *fixed)
    else:
        work.rows(fill, rows, values.size / max(rows, 1), *fixed)
    return values


def draw_steps(
    row: NDArray[np.int64],
    distribution: Mapping[str, Any],
    seed: int,
    stream: int,
    dt: float,
    work: Work,
) -> tuple[Any, float]:
    """Whole steps of ``dt`` for each place of ``row``, in 8 bits if they fit; the longest value."""
    narrow = largest(distribution) / dt + 0.5 < 256
    steps = np.empty(int(row[-1]), np.uint8 if narrow else np.uint16)
    fill = loop("distributions", "fill_steps", steps.dtype)
    fixed = row, steps, dt, *numbers_of(distribution), *philox.key(seed, stream)
    rows = row.size - 1
    longest = work.rows(fill, rows, steps.size / max(rows, 1), *fixed)
    return steps, max(longest, default=0.0)


def draw(
    distribution: Mapping[str, Any],
    size: int,
    seed: int,
    stream: int,
    dtype: np.dtype | type = np.float64,
) -> NDArray[np.floating]:
    """``size`` independent values of a distribution of the document."""
    return draw_rows(np.array([0, size], np.int64), distribution, seed, stream, dtype)
