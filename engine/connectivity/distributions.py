"""Values drawn from a distribution: weights and delays of synapses, initial values of neurons.

Number k of row r comes from the Philox block (k // 4, r) of its stream, so it depends on nothing
but the seed, the stream and the place.  A list of N values is one row.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from engine.backends import philox
from engine.connectivity.compiled import loop
from engine.connectivity.draws import ZERO

UNIFORM, NORMAL, LOGNORMAL, EXPONENTIAL = range(4)


def _signature(value: types.Type) -> tuple[types.Type, ...]:
    row, values = types.Array(types.int64, 1, "C"), types.Array(value, 1, "C")
    return row, values, types.int64, *4 * (types.float64,), *2 * (types.uint64,)


# Type of the values -> loop -> types of its arguments.
SIGNATURES = {
    "float64": {"fill_rows": _signature(types.float64)},
    "float32": {"fill_rows": _signature(types.float32)},
}


@njit
def fill_rows(row, values, kind, a, b, low, high, seed, stream):
    """Draw ``values[row[r] : row[r + 1]]`` for every row r.

    Uniform between a and b; normal with mean a and standard deviation b; lognormal with these of
    the logarithm; exponential with mean a.  What lies outside [low, high] is moved to the bound.
    """
    block = np.empty(4, np.float64)
    for r in range(row.size - 1):
        for k in range(row[r + 1] - row[r]):
            if k % 4 == 0:
                draw_block(block, k // 4, r, kind, a, b, seed, stream)
            values[row[r] + k] = min(max(block[k % 4], low), high)


@njit
def draw_block(block, number, row, kind, a, b, seed, stream):
    """Four values of the distribution from Philox block ``number`` of ``row``."""
    words = philox.philox(np.uint64(number), np.uint64(row), ZERO, ZERO, seed, stream)
    if kind == UNIFORM or kind == EXPONENTIAL:
        for lane in range(4):
            # In (0, 1), never an end, so that the logarithm is finite.
            share = (words[lane] + 0.5) * philox.STEP_32
            block[lane] = a + (b - a) * share if kind == UNIFORM else -a * philox.logarithm(share)
    else:
        first = philox.normal_pair(words[0], words[1])
        second = philox.normal_pair(words[2], words[3])
        block[0], block[1] = a + b * first[0], a + b * first[1]
        block[2], block[3] = a + b * second[0], a + b * second[1]
        if kind == LOGNORMAL:
            for lane in range(4):
                block[lane] = math.exp(block[lane])


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


def draw_rows(
    row: NDArray[np.int64],
    distribution: Mapping[str, Any],
    seed: int,
    stream: int,
    dtype: np.dtype | type = np.float64,
) -> NDArray[np.floating]:
    """One value for each place of the compressed rows ``row``."""
    values = np.empty(int(row[-1]), dtype)
    fill = loop("distributions", "fill_rows", values.dtype)
    fill(row, values, *numbers_of(distribution), *philox.key(seed, stream))
    return values


def draw(
    distribution: Mapping[str, Any],
    size: int,
    seed: int,
    stream: int,
    dtype: np.dtype | type = np.float64,
) -> NDArray[np.floating]:
    """``size`` independent values of a distribution of the document."""
    return draw_rows(np.array([0, size], np.int64), distribution, seed, stream, dtype)


def mean_of(value: float | Mapping[str, Any] | list[float]) -> float:
    """The mean of a number, a list, or a distribution (before it is clipped)."""
    if isinstance(value, Mapping):
        if value["distribution"] == "uniform":
            return (value["low"] + value["high"]) / 2
        return float(value["mean"])
    return float(np.mean(value))
