"""What the functions of this package accept: arrays of a shape, numbers within bounds, seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


def array(
    values: ArrayLike, what: str, shape: Sequence[int | None], silent: bool = False
) -> Floats:
    """``values`` as float64 of ``shape`` (None: any length), finite; with ``silent`` also inf.

    Infinity among spike times is a neuron that does not fire.  Raises DataError.
    """
    try:
        found = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        raise DataError(f"`{what}` must be numbers in rows of one length; look at them") from None
    wanted = " x ".join("any" if size is None else f"{size:,}" for size in shape)
    fits = found.ndim == len(shape) and all(
        size is None or size == there for size, there in zip(shape, found.shape, strict=True)
    )
    if fits and not found.size:
        raise DataError(f"`{what}` is empty; give at least one")
    if not fits:
        given = " x ".join(f"{size:,}" for size in found.shape) or "a single number"
        raise DataError(f"`{what}` must be {wanted} numbers, not {given}; give it that shape")
    good = np.isfinite(found) | (np.isposinf(found) if silent else False)
    if not np.all(good):
        place = ", ".join(map(str, np.argwhere(~good)[0]))
        value = found[tuple(np.argwhere(~good)[0])]
        raise DataError(f"`{what}` holds {value} at place {place}; remove or replace it")
    return found


def number(
    value: Any, what: str, low: float, high: float = math.inf, open_low: bool = True
) -> float:
    """``value`` as a finite number in (low, high], or [low, high]; DataError otherwise."""
    above = "more than" if open_low else "at least"
    bounds = f"{above} {low:g}" + (f" and at most {high:g}" if math.isfinite(high) else "")
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise DataError(
            f"`{what}` must be a number {bounds}, not {str(value)[:40]!r}; give a number"
        )
    inside = value > low if open_low else value >= low
    if not (math.isfinite(value) and inside and value <= high):
        raise DataError(f"`{what}` must be {bounds}, it is {value:g}; give such a number")
    return float(value)


def count(value: Any, what: str, low: int = 1) -> int:
    """``value`` as a whole number of at least ``low``; DataError otherwise."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < low:
        raise DataError(f"`{what}` must be a whole number of at least {low}, it is {value!r}")
    return int(value)


def labels(values: ArrayLike, what: str, size: int) -> Whole:
    """``values`` as ``size`` whole numbers of at least 0; DataError otherwise."""
    found = np.asarray(values)
    if found.shape != (size,) or found.dtype.kind not in "iub":
        raise DataError(f"`{what}` must be {size:,} whole numbers, one a sample; give as many")
    if size and int(found.min()) < 0:
        raise DataError(f"`{what}` holds {int(found.min())}; number the classes from 0")
    return found.astype(np.int64)
