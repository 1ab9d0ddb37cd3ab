"""What the functions of this package accept beside numbers: arrays that are not empty, classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine import checked
from engine.checked import Shape, Whole
from engine.errors import DataError

Floats = NDArray[np.float64]


def array(values: ArrayLike, what: str, shape: Shape, silent: bool = False) -> Floats:
    """`engine.checked.array` of a ``shape``, with something in it; DataError otherwise."""
    found = checked.array(values, what, shape, silent=silent)
    if not found.size:
        raise DataError(f"`{what}` must be {checked.sized(shape)} numbers, not none; give some")
    return found


def labels(values: ArrayLike, what: str, size: int | None = None, least: int = 0) -> Whole:
    """``values`` as ``size`` whole numbers (None: as many as they are) of at least ``least``, 0 or
    -1: none; DataError otherwise."""
    found = checked.integers(values, what)
    if found.ndim != 1 or size not in (None, len(found)):
        many = f"{size:,} " if size is not None else ""
        raise DataError(f"`{what}` must be {many}whole numbers, one a sample; give as many")
    if found.size and found.min() < least:
        none = ", and say -1 for none" if least < 0 else ""
        raise DataError(f"`{what}` holds {found.min()}; number the classes from 0{none}")
    return found
