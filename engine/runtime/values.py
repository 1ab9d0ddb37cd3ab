"""Values of the document as numbers: units taken off, distributions drawn, lists made arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.connectivity.distributions import draw
from engine.document.values import DISTRIBUTIONS, is_distribution
from engine.equations.units import quantity
from engine.errors import DocumentError, Problem
from engine.random import INITIAL, stream

Number = float | NDArray[np.floating]


def number(value: Any, unit: str, where: str) -> float:
    """One number in ``unit``; ``where`` names it in errors."""
    return quantity(value, unit, where)


def per_member(value: Any, unit: str, size: int, seed: int, where: str) -> Number:
    """A number for all of ``size`` members, or an array [size].

    ``value`` is a number, a text with a unit, a list with one entry a member, or a distribution,
    which is drawn from the stream named ``where`` (such as "nodes/exc/initial/v").
    """
    if is_distribution(value):
        return draw(in_unit(value, unit, where), size, seed, stream(where, INITIAL))
    if isinstance(value, list | tuple | np.ndarray):
        if len(value) != size:
            message = f"{len(value):,} values stand for {size:,} members"
            raise DocumentError(Problem(where, "length", message, "give one value a member"))
        return np.array([quantity(entry, unit, where) for entry in value], np.float64)
    return quantity(value, unit, where)


def in_unit(distribution: Mapping[str, Any], unit: str, where: str) -> dict[str, Any]:
    """A distribution whose numbers are all plain, in ``unit`` (lengths in um)."""
    own = DISTRIBUTIONS[distribution["distribution"]]
    return {
        name: entry
        if name == "distribution"
        else quantity(entry, own[name].unit or unit, f"{where}/{name}")
        for name, entry in distribution.items()
        if entry is not None
    }


def for_synapses(value: Any, unit: str, where: str) -> float | dict[str, Any] | list[float]:
    """A weight or a delay as ``engine.connectivity`` wants it: a number, distribution or list."""
    if is_distribution(value):
        return in_unit(value, unit, where)
    if isinstance(value, list | tuple):
        return [quantity(entry, unit, where) for entry in value]
    return quantity(value, unit, where)
