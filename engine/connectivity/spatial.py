"""Synapses by distance: who is connected, and values that follow how far apart two members are.

Every pair has a random word of its own, by Philox block (target // 4, source), so a pair exists or
not whatever else does, whoever draws it, and however far others are.
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
from engine.connectivity.between import LINEAR, Between, law_of
from engine.connectivity.between import falling as _falling
from engine.connectivity.compiled import loop
from engine.connectivity.draws import BATCH, fill_words
from engine.connectivity.work import Work
from engine.document.values import PROFILES

MM = 1e-3  # of a um: a slope is that of a mm

_I64, _F64, _BOOL = types.int64, types.float64, types.boolean
_SPAN, _KEY = (_I64, _I64), (types.uint64, types.uint64)
_ROWS, _PLACES = types.Array(_I64, 1, "C"), types.Array(_F64, 2, "C")
_WHERE = _PLACES, _PLACES, _F64, _F64  # both ends [2, N], and the periods
_LAW = _I64, _F64, _F64, _F64  # profile, peak, scale, reach


def _signatures(index: types.Type) -> dict[str, tuple[types.Type, ...]]:
    target = types.Array(index, 1, "C")
    return {
        "count_near": (*_SPAN, *_WHERE, *_LAW, _BOOL, *_KEY, _ROWS),
        "near_rows": (*_SPAN, *_WHERE, *_LAW, _BOOL, *_KEY, _ROWS, target),
    }


def _value_signatures(index: types.Type, value: types.Type) -> dict[str, tuple[types.Type, ...]]:
    arrays = types.Array(index, 1, "C"), types.Array(value, 1, "C")
    law = _I64, _F64, _F64, _F64, _F64
    return {"values_by_distance": (*_SPAN, *_WHERE, _ROWS, *arrays, *law)}


# Types of the arrays (targets, or targets and values) -> loop -> types of its arguments.
SIGNATURES = {
    "uint16": _signatures(types.uint16),
    "uint32": _signatures(types.uint32),
    "uint16_float32": _value_signatures(types.uint16, types.float32),
    "uint16_float64": _value_signatures(types.uint16, types.float64),
    "uint32_float32": _value_signatures(types.uint32, types.float32),
    "uint32_float64": _value_signatures(types.uint32, types.float64),
}


falling = internal(_falling)


@internal
def squared_distance(places, a, others, b, across, along):
    """Of member ``a`` from member ``b``, the shortest way where an axis has a period."""
    x, y = abs(places[0, a] - others[0, b]), abs(places[1, a] - others[1, b])
    if across > 0.0:
        x = x - across * math.floor(x / across)
        x = min(x, across - x)
    if along > 0.0:
        y = y - along * math.floor(y / along)
        y = min(y, along - y)
    return x * x + y * y


@internal
def near_of(
    source, begin, count, places, others, across, along, profile, peak, scale, reach, skip_self,
    seed, stream, words, chosen,
):  # fmt: skip
    """Which of ``count`` targets from ``begin`` (a multiple of 4) on ``source`` meets; how many.

    Writes them to ``chosen`` in order.
    """
    near = False
    for k in range(count):
        square = squared_distance(places, source, others, begin + k, across, along)
        near = near or square <= reach * reach
    if not near:
        return 0
    fill_words(words, (count + 3) // 4, begin // 4, source, 0, seed, stream)
    found = 0
    for k in range(count):
        square = squared_distance(places, source, others, begin + k, across, along)
        meets = square <= reach * reach and not (skip_self and begin + k == source)
        share = (words[k] + 0.5) * philox.STEP_32
        if meets and share < falling(profile, peak, scale, square):
            chosen[found] = begin + k
            found += 1
    return found


@internal
def count_near(
    first, last, places, others, across, along, profile, peak, scale, reach, skip_self, seed,
    stream, row,
):  # fmt: skip
    """The lengths of rows first..last to ``row[1:]``."""
    words, chosen = np.empty(BATCH, np.uint64), np.empty(BATCH, np.int64)
    targets = others.shape[1]
    for source in range(first, last):
        length = 0
        for begin in range(0, targets, BATCH):
            length += near_of(
                source, begin, min(BATCH, targets - begin), places, others, across, along, profile,
                peak, scale, reach, skip_self, seed, stream, words, chosen,
            )  # fmt: skip
        row[source + 1] = length


@internal
def near_rows(
    first, last, places, others, across, along, profile, peak, scale, reach, skip_self, seed,
    stream, row, target,
):  # fmt: skip
    """The targets of rows first..last, where ``row`` says that they begin."""
    words, chosen = np.empty(BATCH, np.uint64), np.empty(BATCH, np.int64)
    targets = others.shape[1]
    for source in range(first, last):
        at = row[source]
        for begin in range(0, targets, BATCH):
            found = near_of(
                source, begin, min(BATCH, targets - begin), places, others, across, along, profile,
                peak, scale, reach, skip_self, seed, stream, words, chosen,
            )  # fmt: skip
            for k in range(found):
                target[at + k] = chosen[k]
            at += found


@internal
def values_by_distance(
    first, last, places, others, across, along, row, target, values, profile, a, b, low, high
):
    """``values`` of the synapses of rows first..last, within [low, high].

    ``a`` + ``b`` d if linear, else ``a`` falling with the scale ``b``.
    """
    for source in range(first, last):
        for k in range(row[source], row[source + 1]):
            square = squared_distance(places, source, others, target[k], across, along)
            if profile == LINEAR:
                value = a + b * math.sqrt(square)
            else:
                value = falling(profile, a, b, square)
            values[k] = min(max(value, low), high)


def rows_by_distance(
    between: Between,
    rule: Mapping[str, Any],
    skip_self: bool,
    key: tuple[Any, Any],
    target_type: type,
    work: Work,
) -> tuple[NDArray[np.int64], Any]:
    """Row pointers and targets of the rule ``distance``: counted first, then written."""
    sources, targets = len(between.source), len(between.target)
    row = np.zeros(sources + 1, np.int64)
    fixed = (*between.arguments(), *law_of(rule), skip_self, *key, row)
    dtype = np.dtype(target_type)
    work.rows(loop("spatial", "count_near", dtype), sources, targets / 4, *fixed)
    np.cumsum(row, out=row)
    target = np.empty(int(row[-1]), target_type)
    work.rows(loop("spatial", "near_rows", dtype), sources, targets / 4, *fixed, target)
    return row, target


def draw_by_distance(
    between: Between,
    value: Mapping[str, Any],
    row: NDArray[np.int64],
    target: NDArray[np.integer],
    dtype: np.dtype | type,
    work: Work | None = None,
) -> NDArray[np.floating]:
    """One value a synapse, by the distance of its ends."""
    values = np.empty(int(row[-1]), dtype)
    low, high = value.get("low"), value.get("high")
    clip = -math.inf if low is None else float(low), math.inf if high is None else float(high)
    kind = value["distribution"].removeprefix("distance_")
    if kind == "linear":
        law = LINEAR, float(value["offset"]), float(value["slope"]) * MM
    else:
        law = PROFILES.index(kind), float(value["peak"]), float(value["scale"])
    fill = loop("spatial", "values_by_distance", target.dtype, values.dtype)
    fixed = (*between.arguments(), row, target, values, *law, *clip)
    rows = len(row) - 1
    if work is None:
        fill(0, rows, *fixed)
    else:
        work.rows(fill, rows, values.size / max(rows, 1), *fixed)
    return values
