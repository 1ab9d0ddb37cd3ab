"""What the functions of this package accept beside numbers: arrays that are not empty, classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine import checked
from engine.checked import Shape, Whole
from engine.errors import DataError, LimitError

Floats = NDArray[np.float64]
MOST_NUMBERS = 500_000_000


def array(values: ArrayLike, what: str, shape: Shape, silent: bool = False) -> Floats:
    """`engine.checked.array` of a ``shape``, with something in it; DataError otherwise."""
    found = checked.array(values, what, shape, silent=silent)
    if not found.size:
        raise DataError(f"`{what}` is empty; give at least one")
    return found


def sizes(values: object, what: str, least: int = 1) -> tuple[int, ...]:
    """``values`` as whole numbers in order, each of at least ``least``; DataError otherwise."""
    if not isinstance(values, Sequence | np.ndarray) or isinstance(values, str):
        raise DataError(f"`{what}` must be a list of whole numbers, not {checked.told(values)}")
    return tuple(checked.whole(one, what, least) for one in values)


def layers(values: object, what: str, shapes: Sequence[Shape]) -> list[Floats]:
    """``values`` as one array a layer, of these ``shapes``; DataError otherwise."""
    given = list(values) if isinstance(values, Sequence) and not isinstance(values, str) else None
    if given is None or len(given) != len(shapes):
        raise DataError(
            f"`{what}` must be {len(shapes)} arrays, one a layer, not {checked.told(values)}"
        )
    return [array(one, what, shape) for one, shape in zip(given, shapes, strict=True)]


def require_room(count: int, what: str) -> None:
    """LimitError for more numbers than are kept at once."""
    if count > MOST_NUMBERS:
        raise LimitError(f"{what} take {count:,} numbers, of which at most {MOST_NUMBERS:,} are "
                         "kept; make it smaller")  # fmt: skip


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
