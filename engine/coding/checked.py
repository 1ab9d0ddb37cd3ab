"""What encoders and decoders accept: values between 0 and 1, signals, whole numbers, choices."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError, near

Floats = NDArray[np.floating]
OUTSIDE = ("refuse", "clip")  # what to do with values outside of their range


def array(values: ArrayLike, what: str) -> Floats:
    """``values`` as finite float64 of any shape; DataError otherwise."""
    try:
        found = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        raise DataError(f"`{what}` must be an array of numbers; give one number an entry") from None
    if not np.isfinite(found).all():
        place = int(np.argmin(np.isfinite(found).ravel()))
        raise DataError(f"`{what}` holds {found.ravel()[place]} at place {place}; remove it")
    return found


def within(
    values: ArrayLike, outside: str, low: float = 0.0, high: float = 1.0, what: str = "values"
) -> Floats:
    """``values`` of any shape within ``low`` to ``high``.

    Those outside raise DataError, or with ``outside`` "clip" become the nearer end.
    """
    found, rule = array(values, what), choice(outside, "outside", OUTSIDE)
    wrong = (found < low) | (found > high)
    if wrong.any() and rule == "refuse":
        place = int(np.argmax(wrong.ravel()))
        raise DataError(
            f"`{what}` holds {found.ravel()[place]:g} at place {place}, outside of {low:g} to "
            f'{high:g}; scale the values, or say outside="clip"'
        )
    return np.clip(found, low, high)


def signal(values: ArrayLike, least: int = 1) -> Floats:
    """A signal [T, ...], time first, of at least ``least`` samples."""
    found = array(values, "signal")
    if found.ndim < 1 or len(found) < least:
        shown = " x ".join(map(str, found.shape)) or "a single number"
        raise DataError(
            f"`signal` must be samples in time, [T] or [T, channels], at least {least}, not {shown}"
        )
    return found


def whole(value: Any, what: str, least: int) -> int:
    """``value`` as a whole number of at least ``least``; DataError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise DataError(f"`{what}` must be a whole number, not {value!r}; give a whole number")
    if value < least:
        raise DataError(f"`{what}` must be at least {least}, it is {value}; give a larger one")
    return int(value)


def number(value: Any, what: str) -> float:
    """``value`` as a finite number; DataError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise DataError(f"`{what}` must be a number, not {value!r}; give a number")
    if not math.isfinite(value):
        raise DataError(f"`{what}` is {value}; give a finite number")
    return float(value)


def positive_number(value: Any, what: str, unit: str = "") -> float:
    """``value`` as a finite number above 0; DataError otherwise."""
    found = number(value, what)
    if found <= 0:
        shown = f" {unit}" if unit else ""
        raise DataError(f"`{what}` must be more than 0{shown}, it is {found:g}; give a larger one")
    return found


def at_least(value: Any, what: str, least: float, unit: str = "") -> float:
    """``value`` as a finite number of at least ``least``; DataError otherwise."""
    found = number(value, what)
    if found < least:
        shown = f" {unit}" if unit else ""
        raise DataError(
            f"`{what}` must be at least {least:g}{shown}, it is {found:g}; give a larger one"
        )
    return found


def share(value: Any, what: str) -> float:
    """``value`` strictly between 0 and 1; DataError otherwise."""
    found = number(value, what)
    if not 0.0 < found < 1.0:
        raise DataError(f"`{what}` must lie between 0 and 1, it is {found:g}; give such a number")
    return found


def choice(value: Any, what: str, choices: Iterable[str]) -> str:
    """``value`` if it is one of ``choices``; DataError with near names otherwise."""
    known = tuple(choices)
    if value not in known:
        remedy = near(value, known) or f"choose one of {', '.join(known)}"
        raise DataError(f"`{what}` is {value!r}, which it cannot be; {remedy}")
    return value
