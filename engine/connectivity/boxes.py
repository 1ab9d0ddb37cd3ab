"""Members of a population sorted into boxes: who is near is found without looking at everybody."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from engine.backends.numba_cpu.pointers import internal
from engine.connectivity.between import Law
from engine.geometry.space import Floats, Three

FINE = 2.0  # boxes in a reach
ROOM = 1 + 1e-6  # of a reach, so that rounding hides nobody behind the side of a box
WORTH = 0.25  # of all boxes: where more are near, all members are looked at in order
FEW = 512  # members that are looked at in order

_I64, _F64 = types.int64, types.float64
THREE = types.UniTuple(_F64, 3)
# Members by box, where boxes begin, and of each axis: where it begins, a side, how far to look, how
# many boxes there are, and whether the last is beside the first.
BOXES = (types.Array(_I64, 1, "C"), types.Array(_I64, 1, "C"), THREE, THREE, THREE,
         types.UniTuple(_I64, 3), types.UniTuple(types.boolean, 3))  # fmt: skip


class Boxes(NamedTuple):
    """Members sorted into boxes, in order within each; see `BOXES`."""

    member: NDArray[np.int64]
    start: NDArray[np.int64]
    low: Three
    side: Three
    reach: Three
    count: tuple[int, int, int]
    closes: tuple[bool, bool, bool]


def boxes_of(places: Floats, period: Three, law: Law) -> Boxes:
    """The members at ``places`` [3, N] in boxes that suit how far pairs may be apart."""
    size, low = places.shape[1], places.min(axis=1)
    reach = [min(law.reach, half) * ROOM for half in (law.across, law.up, law.deep)]
    extent = np.where(np.array(period) > 0, period, np.ptp(places, axis=1))
    count = np.ones(3, np.int64)
    for axis in range(3):
        if extent[axis] > 0 and reach[axis] < extent[axis]:
            count[axis] = int(min(size, FINE * extent[axis] / max(reach[axis], 1e-300)))
    many = np.prod(count, dtype=np.float64) / size
    if many > 1:  # no more boxes than members
        count = np.maximum(1, (count / many ** (1 / np.count_nonzero(count > 1))).astype(np.int64))
    side = np.where(extent > 0, extent / count, 1.0)
    at = np.zeros(size, np.int64)
    for axis in range(3):
        along = places[axis] - low[axis]
        along = along % period[axis] if period[axis] > 0 else along
        inside = np.clip((along / side[axis]).astype(np.int64), 0, count[axis] - 1)
        at = at * count[axis] + inside
    start = np.zeros(int(count.prod()) + 1, np.int64)
    np.cumsum(np.bincount(at, minlength=len(start) - 1), out=start[1:])
    member = np.argsort(at, kind="stable")
    return Boxes(member, start, _three(low), _three(side), _three(reach),
                 tuple(int(n) for n in count), tuple(length > 0 for length in period))  # pyright: ignore # fmt: skip


def _three(values: Any) -> Three:
    x, y, z = (float(value) for value in values)
    return x, y, z


def are_worth(boxes: Boxes) -> bool:
    """Whether boxes leave out enough: what lies around a place is a small part of them all."""
    share = 1.0
    for side, reach, count in zip(boxes.side, boxes.reach, boxes.count, strict=True):
        share *= min(1.0, (2 * reach / side + 1) / count) if math.isfinite(reach) else 1.0
    return len(boxes.member) > FEW and share < WORTH


@internal
def first_box(x, low, side, reach, count, closes):
    """The first box of one axis that lies around ``x``, and how many do, from it on."""
    if count == 1:
        return 0, 1
    begin = np.int64(np.floor((x - reach - low) / side))
    end = np.int64(np.floor((x + reach - low) / side))
    if closes:
        return begin, min(count, end - begin + 1)
    begin = max(begin, 0)
    return begin, max(0, min(end, count - 1) - begin + 1)
