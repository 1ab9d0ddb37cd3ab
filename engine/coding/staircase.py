"""Signals from spikes up and down: what the codes of change have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.checked import array, sized
from engine.coding.spikes import Spikes, heard
from engine.errors import DataError


def staircase(spikes: Spikes, height: ArrayLike, begin: ArrayLike) -> NDArray[np.floating]:
    """``begin`` plus ``height`` for every spike up to a sample, less it for every -1, [T, ...]."""
    first, step = array(begin, "begin"), array(height, "threshold")
    found = np.cumsum(heard(spikes).dense(np.float64), 0)
    for what, given in (("begin", first), ("threshold", step)):
        if given.ndim and given.shape != spikes.shape:
            raise DataError(
                f"`{what}` has {sized(given.shape)} values for senders of {sized(spikes.shape)}; "
                "give one a sender, or one for all"
            )
    return first + step * found


def first_sample(signal: ArrayLike, _: object = None) -> dict[str, NDArray[np.floating]]:
    """What a staircase must be told of a signal: where it begins."""
    return {"begin": array(signal, "signal")[0]}
