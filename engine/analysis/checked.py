"""What the functions of this package accept beside numbers: spike trains, senders and windows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.checked import Floats, Whole, array, finite, integers, sized
from engine.errors import DataError


def numbers(values: ArrayLike, what: str) -> Floats:
    """``values`` as a list of finite numbers, which may be empty; DataError otherwise."""
    found = array(values, what)
    if found.ndim != 1:
        raise DataError(f"`{what}` must be a list of numbers, not {sized(found.shape)}; flatten it")
    return found


def train(times: ArrayLike, what: str = "times") -> Floats:
    """Spike times [ms] in ascending order; DataError if they are no list of finite numbers."""
    return np.sort(numbers(times, what))


def cells_of(times: Floats, senders: ArrayLike | None) -> Whole:
    """``senders`` as whole numbers, one a spike; all 0 if there are none."""
    if senders is None:
        return np.zeros(len(times), np.int64)
    found = integers(senders, "senders")
    if found.shape != times.shape:
        raise DataError(
            f"{sized(found.shape)} senders stand beside {len(times):,} spike times; give one "
            "sender a spike"
        )
    return found


def window(start: float, stop: float) -> tuple[float, float]:
    """(start, stop] in ms with start before stop; DataError otherwise."""
    begin, end = finite(start, "start", "ms"), finite(stop, "stop", "ms")
    if not end > begin:
        raise DataError(
            f"the window from {begin:g} to {end:g} ms holds no time; let `stop` be after `start`"
        )
    return begin, end
