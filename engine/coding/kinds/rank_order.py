"""Rank-order code: only who spikes before whom says anything."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.checked import array, finite, positive
from engine.coding.checked import share
from engine.coding.declaration import STEP, VALUES, Code
from engine.coding.spikes import Spikes, by_time, heard
from engine.errors import DataError
from engine.models.declaration import Parameter

Floats = NDArray[np.floating]


def ranks(values: ArrayLike) -> NDArray[np.int64]:
    """Place of every value along the last axis, 0 for the largest; equal ones keep their order."""
    found = array(values, "values")
    if found.ndim < 1:
        raise DataError("`values` is one number, which has no rank; give a list")
    return places(-found)


def places(found: Floats) -> NDArray[np.int64]:
    """Place of every number along the last axis, 0 for the least; equal ones keep their order."""
    order = np.argsort(found, axis=-1, kind="stable")
    place = np.empty(found.shape, np.int64)
    np.put_along_axis(place, order, np.broadcast_to(np.arange(found.shape[-1]), found.shape), -1)
    return place


def rank_order(values: ArrayLike, threshold: float = 0.0, dt: float = 1.0) -> Spikes:
    """One spike a value in the order of their size along the last axis, one a step of ``dt`` ms.

    Values of ``threshold`` or less stay silent.  The window has a step for each value.
    """
    found = array(values, "values")
    place = ranks(found)
    dt = positive(dt, "dt", "ms")
    times = np.where(found > finite(threshold, "threshold"), place * dt, np.inf)
    return by_time(times.ravel(), found.shape, max(1, found.shape[-1]), dt)


def decode_rank_order(spikes: Spikes, mod: float = 0.5) -> Floats:
    """What a sender contributes, mod^rank by the order of first spikes along the last axis.

    Silent senders contribute 0; senders of one step have the same rank.
    """
    factor, first = share(mod, "mod"), heard(spikes).first()
    last = first.reshape(-1, first.shape[-1]) if first.ndim else first.reshape(1, 1)
    before = np.empty(last.shape, np.int64)
    for row, times in enumerate(last):
        before[row] = np.searchsorted(np.sort(times), times)
    return np.where(np.isfinite(last), factor**before, 0.0).reshape(first.shape)


CODE = Code(
    name="rank_order",
    title="Rank-order code",
    takes=VALUES,
    encode=rank_order,
    decode=decode_rank_order,
    parameters={
        "threshold": Parameter(unit="1", bounds=(-1e6, 1e6), doc="values up to it stay silent"),
        "mod": Parameter(
            unit="1", bounds=(1e-3, 0.999), doc="what a rank counts less than the one before"
        ),
        "dt": STEP,
    },
    source="Thorpe & Gautrais 1998, in Computational Neuroscience: Trends in Research, 113",
    doc="The largest value spikes first, then the next, one a step; a decoder weighs the spike of "
    "rank k by mod^k.",
    synonyms=("ROC", "Thorpe"),
    good_for="recognition that does not depend on contrast: any growing scale leaves it alone",
    conventions="Values of the same size keep their order in the array.",
    range=None,
)
