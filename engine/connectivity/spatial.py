"""Synapses by distance: who is connected, and values that follow how far apart two members are.

Every pair has a random word of its own, by Philox block (target // 4, source), so a pair exists or
not whatever else does, whoever draws it, and however far others are.  Where a reach is short, only
members in boxes around a source are looked at; else all of them, in order.
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
from engine.connectivity.between import AFFINE, Between, law_of
from engine.connectivity.between import falling as _falling
from engine.connectivity.boxes import BOXES, are_worth, boxes_of, first_box
from engine.connectivity.compiled import loop
from engine.connectivity.draws import BATCH, fill_words
from engine.connectivity.work import Work
from engine.document.values import PROFILES, length

MM = 1e-3  # of a um: a slope is that of a mm
WORD = 64  # bits of a word that remembers who is met

_I64, _F64, _BOOL = types.int64, types.float64, types.boolean
_SPAN, _KEY = (_I64, _I64), (types.uint64, types.uint64)
_ROWS, _PLACES = types.Array(_I64, 1, "C"), types.Array(_F64, 2, "C")
WHERE = _PLACES, _PLACES, types.UniTuple(_F64, 3)  # both ends [3, N], and the periods
LAW = (types.UniTuple(_F64, 9),)


def _signatures(index: types.Type) -> dict[str, tuple[types.Type, ...]]:
    target, common = types.Array(index, 1, "C"), (*_SPAN, *WHERE, *LAW, _BOOL, *_KEY, _ROWS)
    return {
        "count_near": common,
        "near_rows": (*common, target),
        "count_around": (*common, *BOXES),
        "around_rows": (*common, *BOXES, target),
    }


def _value_signatures(index: types.Type, value: types.Type) -> dict[str, tuple[types.Type, ...]]:
    arrays = types.Array(index, 1, "C"), types.Array(value, 1, "C")
    law = _I64, _F64, _F64, _F64, _F64
    return {"values_by_distance": (*_SPAN, *WHERE, _ROWS, *arrays, *law)}


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
def gap(one, other, period):
    """How far apart two places are on an axis, the shortest way where it has a period."""
    apart = abs(one - other)
    if period > 0.0:
        apart = apart - period * math.floor(apart / period)
        apart = min(apart, period - apart)
    return apart


@internal
def squared_distance(places, a, others, b, period):
    """Of member ``a`` from member ``b``, the shortest way where an axis has a period."""
    x = gap(places[0, a], others[0, b], period[0])
    y = gap(places[1, a], others[1, b], period[1])
    z = gap(places[2, a], others[2, b], period[2])
    return x * x + y * y + z * z


@internal
def within(places, a, others, b, period, law):
    """The squared distance of two members, or -1 if no pair can be so far apart, or so near."""
    x = gap(places[0, a], others[0, b], period[0])
    y = gap(places[1, a], others[1, b], period[1])
    z = gap(places[2, a], others[2, b], period[2])
    square = x * x + y * y + z * z
    inside = square <= law[4] * law[4] and square >= law[5] * law[5]
    inside = inside and x <= law[6] and y <= law[7] and z <= law[8]
    return square if inside else -1.0


@internal
def near_of(
    source, begin, count, places, others, period, law, skip_self, seed, stream, words, chosen
):  # fmt: skip
    """Which of ``count`` targets from ``begin`` (a multiple of 4) on ``source`` meets; how many.

    Writes them to ``chosen`` in order.
    """
    near = False
    for k in range(count):
        near = near or within(places, source, others, begin + k, period, law) >= 0.0
    if not near:
        return 0
    fill_words(words, (count + 3) // 4, begin // 4, source, 0, seed, stream)
    found = 0
    for k in range(count):
        square = within(places, source, others, begin + k, period, law)
        meets = square >= 0.0 and not (skip_self and begin + k == source)
        share = (words[k] + 0.5) * philox.STEP_32
        if meets and share < falling(law[0], law[1], law[2], law[3], square):
            chosen[found] = begin + k
            found += 1
    return found


@internal
def count_near(first, last, places, others, period, law, skip_self, seed, stream, row):
    """The lengths of rows first..last to ``row[1:]``, all members looked at in order."""
    words, chosen = np.empty(BATCH, np.uint64), np.empty(BATCH, np.int64)
    targets = others.shape[1]
    for source in range(first, last):
        length = 0
        for begin in range(0, targets, BATCH):
            length += near_of(
                source, begin, min(BATCH, targets - begin), places, others, period, law, skip_self,
                seed, stream, words, chosen,
            )  # fmt: skip
        row[source + 1] = length


@internal
def near_rows(first, last, places, others, period, law, skip_self, seed, stream, row, target):
    """The targets of rows first..last, where ``row`` says that they begin."""
    words, chosen = np.empty(BATCH, np.uint64), np.empty(BATCH, np.int64)
    targets = others.shape[1]
    for source in range(first, last):
        at = row[source]
        for begin in range(0, targets, BATCH):
            found = near_of(
                source, begin, min(BATCH, targets - begin), places, others, period, law, skip_self,
                seed, stream, words, chosen,
            )  # fmt: skip
            for k in range(found):
                target[at + k] = chosen[k]
            at += found


@internal
def around_of(
    source, places, others, period, law, skip_self, seed, stream, member, start, low, side, reach,
    count, closes, words, chosen,
):  # fmt: skip
    """The targets that ``source`` meets in the boxes around it, box by box, to ``chosen``."""
    x, nx = first_box(places[0, source], low[0], side[0], reach[0], count[0], closes[0])
    y, ny = first_box(places[1, source], low[1], side[1], reach[1], count[1], closes[1])
    z, nz = first_box(places[2, source], low[2], side[2], reach[2], count[2], closes[2])
    found, held = 0, -1
    for i in range(x, x + nx):
        for j in range(y, y + ny):
            for l in range(z, z + nz):  # noqa: E741
                box = ((i % count[0]) * count[1] + j % count[1]) * count[2] + l % count[2]
                for k in range(start[box], start[box + 1]):
                    target = member[k]
                    square = within(places, source, others, target, period, law)
                    if square < 0.0 or (skip_self and target == source):
                        continue
                    if target // 4 != held:
                        held = target // 4
                        fill_words(words, 1, held, source, 0, seed, stream)
                    share = (words[target % 4] + 0.5) * philox.STEP_32
                    if share < falling(law[0], law[1], law[2], law[3], square):
                        chosen[found] = target
                        found += 1
    return found


@internal
def count_around(
    first, last, places, others, period, law, skip_self, seed, stream, row, member, start, low,
    side, reach, count, closes,
):  # fmt: skip
    """The lengths of rows first..last to ``row[1:]``, by boxes."""
    words, chosen = np.empty(4, np.uint64), np.empty(others.shape[1], np.int64)
    for source in range(first, last):
        row[source + 1] = around_of(
            source, places, others, period, law, skip_self, seed, stream, member, start, low, side,
            reach, count, closes, words, chosen,
        )  # fmt: skip


@internal
def around_rows(
    first, last, places, others, period, law, skip_self, seed, stream, row, member, start, low,
    side, reach, count, closes, target,
):  # fmt: skip
    """The targets of rows first..last, by boxes; a bit for each puts them in order."""
    words, chosen = np.empty(4, np.uint64), np.empty(others.shape[1], np.int64)
    bits = np.zeros(others.shape[1] // WORD + 1, np.uint64)
    one = np.uint64(1)
    for source in range(first, last):
        found = around_of(
            source, places, others, period, law, skip_self, seed, stream, member, start, low, side,
            reach, count, closes, words, chosen,
        )  # fmt: skip
        lowest, highest = bits.size, -1
        for k in range(found):
            word = chosen[k] // WORD
            bits[word] |= one << np.uint64(chosen[k] % WORD)
            lowest, highest = min(lowest, word), max(highest, word)
        at = row[source]
        for word in range(lowest, highest + 1):
            left = bits[word]
            bits[word] = np.uint64(0)
            place = word * WORD
            while left:
                if left & one:
                    target[at] = place
                    at += 1
                left >>= one
                place += 1


@internal
def values_by_distance(
    first, last, places, others, period, row, target, values, profile, a, b, low, high
):  # fmt: skip
    """Values of the synapses of rows first..last: a + b d, or a profile with peak a and scale b."""
    for source in range(first, last):
        for k in range(row[source], row[source + 1]):
            square = squared_distance(places, source, others, target[k], period)
            if profile == AFFINE:
                value = a + b * math.sqrt(square)
            else:
                value = falling(profile, a, b, 1.0, square)
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
    row, law = np.zeros(sources + 1, np.int64), law_of(rule)
    places, others, period = between.arguments()
    boxes = boxes_of(others, period, law)
    by_box = are_worth(boxes)
    fixed = (places, others, period, tuple(law), skip_self, *key, row, *(boxes if by_box else ()))
    names = ("count_around", "around_rows") if by_box else ("count_near", "near_rows")
    dtype, cost = np.dtype(target_type), targets / (64 if by_box else 4)
    work.rows(loop("spatial", names[0], dtype), sources, cost, *fixed)
    np.cumsum(row, out=row)
    target = np.empty(int(row[-1]), target_type)
    work.rows(loop("spatial", names[1], dtype), sources, cost, *fixed, target)
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
        law = AFFINE, float(value["offset"]), float(value["slope"]) * MM
    else:
        law = PROFILES.index(kind), float(value["peak"]), length(value["scale"], 0.0)
    fill = loop("spatial", "values_by_distance", target.dtype, values.dtype)
    fixed = (*between.arguments(), row, target, values, *law, *clip)
    rows = len(row) - 1
    if work is None:
        fill(0, rows, *fixed)
    else:
        work.rows(fill, rows, values.size / max(rows, 1), *fixed)
    return values
