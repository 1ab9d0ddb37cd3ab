"""What callers give, as numbers and arrays of numbers; whatever is neither is told in a sentence.

The packages that work on arrays (`analysis`, `coding`, `learning`) build on this; what only one of
them knows, such as a spike train, stands in a module of the same name there.  Booleans, texts and
complex numbers are no numbers here; an array of booleans is one of 0 and 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError, near

Floats = NDArray[np.floating]
Whole = NDArray[np.int64]
Shape = Sequence[int | None]  # None: any length

WIDEST = 40  # letters of a value that a sentence quotes
GREATEST = 2**63 - 1  # whole number: what an int64 holds
REAL = (int, float, np.integer, np.floating)


def told(value: object) -> str:
    """``value`` as a sentence quotes it: on one line, and short."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # an int of more digits than Python writes
        return "a number of thousands of digits"
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 3]}..."


def finite(value: object, what: str, unit: str = "") -> float:
    """``value`` as a finite number; DataError otherwise."""
    shown = f" in {unit}" if unit else ""
    if isinstance(value, bool) or not isinstance(value, REAL):
        raise DataError(f"`{what}` must be a number{shown}, not {told(value)}; give a number")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise DataError(f"`{what}` must be a finite number{shown}, not {told(value)}; give one")
    return found


def positive(value: object, what: str, unit: str = "") -> float:
    """``value`` as a finite number above 0; DataError otherwise."""
    found = finite(value, what, unit)
    if found <= 0:
        shown = f" {unit}" if unit else ""
        raise DataError(f"`{what}` must be more than 0{shown}, it is {found:g}; give a larger one")
    return found


def at_least(value: object, what: str, least: float, unit: str = "") -> float:
    """``value`` as a finite number of at least ``least``; DataError otherwise."""
    found = finite(value, what, unit)
    if found < least:
        shown = f" {unit}" if unit else ""
        raise DataError(
            f"`{what}` must be at least {least:g}{shown}, it is {found:g}; give a larger one"
        )
    return found


def number(
    value: object, what: str, low: float, high: float = math.inf, open_low: bool = True
) -> float:
    """``value`` as a finite number in (low, high], or [low, high]; DataError otherwise."""
    found = finite(value, what)
    if not ((found > low if open_low else found >= low) and found <= high):
        bounds = f"{'more than' if open_low else 'at least'} {low:g}"
        bounds += f" and at most {high:g}" if math.isfinite(high) else ""
        raise DataError(f"`{what}` must be {bounds}, it is {found:g}; give such a number")
    return found


def whole(value: object, what: str, least: int = 1, most: int = GREATEST) -> int:
    """``value`` as a whole number from ``least`` to ``most``; DataError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise DataError(f"`{what}` must be a whole number, not {told(value)}; give a whole number")
    if value < least:
        raise DataError(
            f"`{what}` must be at least {least}, it is {told(value)}; give a larger one"
        )
    if value > most:
        raise DataError(f"`{what}` must be at most {most:,}, not {told(value)}; give a smaller one")
    return int(value)


def flag(value: object, what: str) -> bool:
    """``value`` as true or false, also as 1 or 0; DataError otherwise."""
    if not isinstance(value, bool | np.bool_ | int | np.integer) or value not in (0, 1):
        raise DataError(f"`{what}` must be true or false, not {told(value)}; give one of them")
    return bool(value)


def choice(value: object, what: str, choices: Iterable[str]) -> str:
    """``value`` if it is one of ``choices``; DataError with near names otherwise."""
    known = tuple(choices)
    if not isinstance(value, str) or value not in known:
        remedy = near(value, known) or f"choose one of {', '.join(known)}"
        raise DataError(f"`{what}` is {told(value)}, which it cannot be; {remedy}")
    return value


def array(
    values: ArrayLike, what: str, shape: Shape | None = None, *, silent: bool = False
) -> NDArray[np.float64]:
    """``values`` as float64 of ``shape`` (None: any), finite; with ``silent`` also inf.

    Infinity among spike times is a neuron that does not fire.  Raises DataError.
    """
    found = _real(values, what)
    if shape is not None:
        require_shape(found, what, shape)
    good = np.isfinite(found) | (np.isposinf(found) if silent else False)
    if not np.all(good):
        place = np.unravel_index(int(np.argmin(good)), found.shape)
        where = f" at place {', '.join(map(str, place))}" if place else ""
        raise DataError(f"`{what}` holds {found[place]}{where}; remove or replace it")
    return found


def integers(values: ArrayLike, what: str, shape: Shape | None = None) -> Whole:
    """``values`` as whole numbers of ``shape`` (None: any); DataError otherwise.

    Numbers with a point, such as times in a file are, are taken where nothing stands behind it.
    """
    found = array(values, what, shape)
    if not np.array_equal(found, np.floor(found)):
        raise DataError(f"`{what}` must be whole numbers; round what they are")
    if found.size and np.abs(found).max() > 2.0**53:
        raise DataError(f"`{what}` holds whole numbers beyond 2^53; give smaller ones")
    return found.astype(np.int64)


def real(values: ArrayLike, what: str) -> NDArray[np.float64]:
    """``values`` as float64, also infinite ones and NaN; DataError where they are no numbers.

    What is float64 already costs next to nothing, so that a rule may ask at every sample.
    """
    if type(values) is np.ndarray and values.dtype == np.float64:
        return values
    return np.asarray(values) if isinstance(values, float) else _real(values, what)


def arrays(**given: ArrayLike) -> list[NDArray[np.float64]]:
    """Arrays by name whose shapes go together (broadcast), each finite; DataError otherwise."""
    found = [array(values, what) for what, values in given.items()]
    try:
        np.broadcast_shapes(*(each.shape for each in found))
    except ValueError:
        shapes = ", ".join(sized(each.shape) for each in found)
        names = ", ".join(f"`{what}`" for what in given)
        raise DataError(f"{names} are {shapes}, which do not go together; give one shape") from None
    return found


def require_shape(found: NDArray[Any], what: str, shape: Shape) -> None:
    """DataError unless the array ``found`` has the ``shape``."""
    fits = found.ndim == len(shape) and all(
        size is None or size == there for size, there in zip(shape, found.shape, strict=True)
    )
    if not fits:
        raise DataError(f"`{what}` must be {sized(shape)} numbers, not {sized(found.shape)}; "
                        "give it that shape")  # fmt: skip


def sized(shape: Shape) -> str:
    """A shape in words: "4 x 3", "any x 3", "a single number"."""
    parts = ("any" if size is None else f"{size:,}" for size in shape)
    return " x ".join(parts) or "a single number"


def _real(values: ArrayLike, what: str) -> NDArray[np.float64]:
    """An array of real numbers as float64, infinite and NaN as they are."""
    try:
        found = np.asarray(values)
        if found.dtype == object:
            found = _boxed(found)
        if found.dtype.kind in "iuf" or (found.dtype.kind == "b" and found.ndim):
            with np.errstate(over="ignore"):  # what float64 cannot hold is infinite, and told
                return found.astype(np.float64)
    except (TypeError, ValueError, OverflowError, RuntimeError):  # the last of tensors
        pass
    raise DataError(
        f"`{what}` must be an array of numbers, in rows of one length; give one number an entry"
    )


def _boxed(found: NDArray[Any]) -> NDArray[np.float64]:
    """Python's numbers, of which one is beyond 64 bits; TypeError for anything else."""
    if not all(isinstance(one, REAL) and not isinstance(one, bool) for one in found.ravel()):
        raise TypeError
    return np.vectorize(_infinite, [np.float64])(found)


def _infinite(one: Any) -> float:
    try:
        return float(one)
    except OverflowError:
        return math.inf if one > 0 else -math.inf
