"""What the functions of this package accept: spike trains, windows and positive numbers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError

Floats = NDArray[np.floating]


def numbers(values: ArrayLike, what: str) -> Floats:
    """``values`` as a one-dimensional array of finite numbers; DataError otherwise."""
    try:
        found = np.asarray(values, np.float64)
    except (TypeError, ValueError, OverflowError):
        raise DataError(f"`{what}` must be a list of numbers; give one number an entry") from None
    if found.ndim != 1:
        shape = " x ".join(map(str, found.shape)) or "a single number"
        raise DataError(f"`{what}` must be a list of numbers, not {shape}; flatten it")
    if not np.isfinite(found).all():
        place = int(np.argmin(np.isfinite(found)))
        raise DataError(f"`{what}` holds {found[place]} at place {place}; remove it")
    return found


def train(times: ArrayLike, what: str = "times") -> Floats:
    """Spike times [ms] in ascending order; DataError if they are no list of finite numbers."""
    return np.sort(numbers(times, what))


def cells_of(times: Floats, senders: ArrayLike | None) -> NDArray[np.integer]:
    """``senders`` as whole numbers, one a spike; all 0 if there are none."""
    if senders is None:
        return np.zeros(len(times), np.int64)
    found = np.asarray(senders)
    if found.shape != times.shape:
        given = " x ".join(map(str, found.shape)) or "one"
        raise DataError(
            f"{given} senders stand beside {len(times):,} spike times; give one sender a spike"
        )
    if found.dtype.kind in "iu" or not found.size:
        return found.astype(np.int64)
    if found.dtype.kind != "f" or not np.all(found == np.floor(found)):
        raise DataError("`senders` must be whole numbers; give the index of the cell of each spike")
    return found.astype(np.int64)


def cells_below(times: Floats, senders: ArrayLike, size: int) -> NDArray[np.integer]:
    """`cells_of` numbered from 0 to ``size`` - 1; DataError if there are others."""
    found = cells_of(times, senders)
    if found.size and not 0 <= found.min() <= found.max() < size:
        raise DataError(
            f"there is a spike of cell {found.max() if found.min() >= 0 else found.min():,} and "
            f"`size` is {size:,}; give the number of cells"
        )
    return found


def positive(value: float, what: str, unit: str = "") -> float:
    """``value`` as a finite number above 0; DataError otherwise."""
    shown = f" {unit}" if unit else ""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise DataError(f"`{what}` must be a number above 0{shown}, not {value!r}; give a number")
    found = finite(value, what)
    if found <= 0:
        raise DataError(f"`{what}` must be more than 0{shown}, it is {value:g}; give a larger one")
    return found


def finite(value: float, what: str) -> float:
    """``value`` as a finite number; DataError otherwise."""
    try:
        found = float(value) if isinstance(value, int | float | np.number) else math.nan
    except OverflowError:
        found = math.inf
    if not math.isfinite(found) or isinstance(value, bool):
        raise DataError(f"`{what}` must be a finite number, not {value!r:.40}; give a number")
    return found


def window(start: float, stop: float) -> tuple[float, float]:
    """(start, stop] in ms with start before stop; DataError otherwise."""
    if not (math.isfinite(start) and math.isfinite(stop) and stop > start):
        raise DataError(
            f"the window from {start:g} to {stop:g} ms holds no time; let `stop` be after `start`"
        )
    return float(start), float(stop)
