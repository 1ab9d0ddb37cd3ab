"""What the functions of this package accept beside numbers: spike trains, senders and windows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.checked import Floats, Whole, array, finite, integers, sized, told
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


def cells_below(times: Floats, senders: ArrayLike, size: int) -> Whole:
    """`cells_of` numbered from 0 to ``size`` - 1; DataError if there are others."""
    found = cells_of(times, senders)
    if found.size and not 0 <= found.min() <= found.max() < size:
        raise DataError(
            f"there is a spike of cell {found.max() if found.min() >= 0 else found.min():,} and "
            f"`size` is {size:,}; give the number of cells"
        )
    return found


def spikes_of(values: object, what: str, size: int) -> tuple[Floats, Whole]:
    """``values`` as (times [ms], senders below ``size``) of spikes; DataError otherwise."""
    if not isinstance(values, list | tuple | np.ndarray) or len(values) != 2:
        raise DataError(f"`{what}` must be times and senders, not {told(values)}; give both")
    times = numbers(values[0], what)
    return times, cells_below(times, values[1], size)


def window(start: float, stop: float) -> tuple[float, float]:
    """(start, stop] in ms with start before stop; DataError otherwise."""
    begin, end = finite(start, "start", "ms"), finite(stop, "stop", "ms")
    if not end > begin:
        raise DataError(
            f"the window from {begin:g} to {end:g} ms holds no time; let `stop` be after `start`"
        )
    return begin, end


def text(value: object, what: str) -> str:
    """``value`` if it is a text; DataError otherwise."""
    if not isinstance(value, str):
        raise DataError(f"`{what}` must be a name, not {told(value)}; give one")
    return value


def names(values: object, what: str) -> list[str]:
    """A name, or several, as a list; DataError otherwise."""
    given = [values] if isinstance(values, str) else values
    if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
        raise DataError(f"`{what}` must be a list of names, not {told(values)}; give names")
    return list(given)


def table(values: object, what: str) -> dict[str, Any]:
    """Values by name, none of them for None; DataError otherwise."""
    if values is None:
        return {}
    if not isinstance(values, Mapping) or not all(isinstance(name, str) for name in values):
        raise DataError(
            f"`{what}` must be a dict of names and values, not {told(values)}; "
            'write for example {"v": -65}'
        )
    return dict(values)


def span(given: object, name: str) -> tuple[float, float]:
    """The range (low, high) of a variable, which is not empty; DataError otherwise."""
    given = given.tolist() if isinstance(given, np.ndarray) else given
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise DataError(f"the range of `{name}` must be two numbers; give (low, high)")
    low, high = finite(given[0], f"low {name}"), finite(given[1], f"high {name}")
    if not low < high:
        raise DataError(f"the range of `{name}` from {low:g} to {high:g} is empty; exchange them")
    return low, high
