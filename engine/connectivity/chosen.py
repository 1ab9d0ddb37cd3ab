"""A fixed number of partners by distance: those who win a race in which the likely run faster.

Everyone near draws an exponential number with the rate that its distance gives, from a word of its
own (Philox block (partner // 4, chooser)); the n that come first are chosen.  That is drawing one
after the other, each time with probabilities in the ratio of the profile, without taking anyone
twice (Efraimidis & Spirakis 2006, doi 10.1016/j.ipl.2005.11.003).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from engine.backends import philox
from engine.backends.numba_cpu.pointers import internal
from engine.connectivity.between import Between, law_of
from engine.connectivity.boxes import BOXES, boxes_of, first_box
from engine.connectivity.compiled import loop
from engine.connectivity.draws import fill_words
from engine.connectivity.kernels import KEY, SPAN
from engine.connectivity.spatial import LAW, WHERE, falling, within
from engine.connectivity.work import Work

_I64, _F64, _BOOL = types.int64, types.float64, types.boolean
_COUNTS = types.Array(_I64, 1, "C")


def _signatures(index: types.Type) -> dict[str, tuple[types.Type, ...]]:
    table = types.Array(index, 2, "C")
    choice = (*SPAN, *WHERE, *LAW, _I64, _BOOL, *KEY, *BOXES, table, _COUNTS)
    return {"choose_near": choice}


def _turning(chosen: types.Type, chooser: types.Type) -> dict[str, tuple[types.Type, ...]]:
    return {"by_partner": (types.Array(chosen, 2, "C"), _COUNTS, types.Array(chooser, 1, "C"))}


# Types of who is chosen (and of who chooses) -> loop -> types of its arguments.
SIGNATURES = {
    "uint16": _signatures(types.uint16),
    "uint32": _signatures(types.uint32),
    **{
        f"{one}_{other}": _turning(getattr(types, one), getattr(types, other))
        for one in ("uint16", "uint32")
        for other in ("uint16", "uint32")
    },
}


@internal
def sink(keys, members, size):
    """Put the root of a heap (largest key on top) where it belongs."""
    at = 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and keys[child + 1] > keys[child]:
            child += 1
        if keys[at] >= keys[child]:
            return
        keys[at], keys[child] = keys[child], keys[at]
        members[at], members[child] = members[child], members[at]
        at = child


@internal
def rise(keys, members, at):
    """Put the last of a heap where it belongs."""
    while at > 0 and keys[(at - 1) // 2] < keys[at]:
        above = (at - 1) // 2
        keys[at], keys[above] = keys[above], keys[at]
        members[at], members[above] = members[above], members[at]
        at = above


@internal
def choose_near(
    first, last, places, others, period, law, n, skip_self, seed, stream, member, start, low, side,
    reach, count, closes, table, found,
):  # fmt: skip
    """Of ``others``, ``n`` for each of first..last into ``table[each]``; how many there were."""
    words, keys, members = np.empty(4, np.uint64), np.empty(n), np.empty(n, np.int64)
    for each in range(first, last):
        x, nx = first_box(places[0, each], low[0], side[0], reach[0], count[0], closes[0])
        y, ny = first_box(places[1, each], low[1], side[1], reach[1], count[1], closes[1])
        z, nz = first_box(places[2, each], low[2], side[2], reach[2], count[2], closes[2])
        size, held = 0, -1
        for place in range(nx * ny * nz):
            i, j, l = place // (ny * nz), place // nz % ny, place % nz  # noqa: E741
            box = (((x + i) % count[0]) * count[1] + (y + j) % count[1]) * count[2]
            box += (z + l) % count[2]
            for k in range(start[box], start[box + 1]):
                other = member[k]
                square = within(places, each, others, other, period, law)
                if square < 0.0 or (skip_self and other == each):
                    continue
                rate = falling(law[0], law[1], law[2], law[3], square)
                if not rate > 0.0:
                    continue
                if other // 4 != held:
                    held = other // 4
                    fill_words(words, 1, held, each, 0, seed, stream)
                key = -np.log((words[other % 4] + 0.5) * philox.STEP_32) / rate
                if size < n:
                    keys[size], members[size] = key, other
                    rise(keys, members, size)
                    size += 1
                elif key < keys[0]:
                    keys[0], members[0] = key, other
                    sink(keys, members, n)
        found[each] = size
        for k in range(size):
            table[each, k] = members[k]


@internal
def by_partner(table, place, chooser):
    """Who was chosen by whom: members that chose s from ``place[s]`` on, in order."""
    for each in range(table.shape[0]):
        for k in range(table.shape[1]):
            partner = table[each, k]
            chooser[place[partner]] = each
            place[partner] += 1


def choose(
    between: Between, rule: Mapping[str, Any], n: int, skip_self: bool, key: tuple[Any, Any],
    index: type, work: Work,
) -> tuple[Any, NDArray[np.int64]]:  # fmt: skip
    """[members of the source, ``n``] of the target for each, and how many each found near."""
    places, others, period = between.arguments()
    chosen = np.empty((len(between.source), n), index)
    found, law = np.zeros(len(chosen), np.int64), law_of(rule)
    if not n:
        return chosen, found
    boxes = boxes_of(others, period, law)
    act = loop("chosen", "choose_near", chosen.dtype)
    fixed = (places, others, period, tuple(law), n, skip_self, *key, *boxes, chosen, found)
    work.rows(act, len(chosen), others.shape[1] / 4, *fixed)
    return chosen, found


def turned(chosen: Any, partners: int, index: type) -> tuple[NDArray[np.int64], Any]:
    """Rows by the partner that was chosen, of those who chose."""
    row = np.zeros(partners + 1, np.int64)
    np.cumsum(np.bincount(chosen.ravel(), minlength=partners), out=row[1:])
    chooser = np.empty(chosen.size, index)
    loop("chosen", "by_partner", chosen.dtype, chooser.dtype)(chosen, row[:-1].copy(), chooser)
    return row, chooser
