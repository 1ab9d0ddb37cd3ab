"""What encoders and decoders accept beside numbers: values in a range, signals, shares."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.checked import Floats, array, choice, finite, sized
from engine.errors import DataError

OUTSIDE = ("refuse", "clip")  # what to do with values outside of their range


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
        raise DataError(
            f"`signal` must be samples in time, [T] or [T, channels], at least {least}, "
            f"not {sized(found.shape)}"
        )
    return found


def share(value: Any, what: str) -> float:
    """``value`` strictly between 0 and 1; DataError otherwise."""
    found = finite(value, what)
    if not 0.0 < found < 1.0:
        raise DataError(f"`{what}` must lie between 0 and 1, it is {found:g}; give such a number")
    return found
