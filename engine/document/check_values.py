"""What can be wrong with a value: its unit, its bounds, how many there are."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from engine.document.text import number_problem
from engine.document.values import distribution_problems, is_distribution, is_spatial
from engine.equations.units import quantity
from engine.errors import DocumentError, Problem

Bounds = tuple[float | None, float | None]


def value_problems(
    value: Any,
    unit: str,
    path: str,
    name: str,
    size: int | None = None,
    bounds: Bounds = (None, None),
    spatial: bool = False,
) -> list[Problem]:
    """Problems of a number, quantity, list (of ``size`` numbers) or distribution in ``unit``.

    ``spatial`` says that it belongs to pairs of members, and may follow their distance.
    """
    if isinstance(value, list):
        return _list_problems(value, unit, path, name, size, bounds)
    if is_spatial(value) and not spatial:
        message = f"`{name}` is no value of a connection and has no distance to follow"
        return [Problem(path, "distance", message, "use a number or another distribution")]
    if isinstance(value, dict):
        problems = distribution_problems(value, path)
        return problems or _bounds_problems(extent(value, unit), unit, path, name, bounds)
    if not isinstance(value, str):
        wrong = number_problem(value, name)
        if wrong:
            return [Problem(path, "value", wrong, f"give it in {unit}" if unit != "1" else "")]
    try:
        number = quantity(value, unit, name)
    except DocumentError as error:
        return [replace(problem, path=path) for problem in error.problems]
    return _bounds_problems((number, number), unit, path, name, bounds)


def _list_problems(
    value: list[Any], unit: str, path: str, name: str, size: int | None, bounds: Bounds
) -> list[Problem]:
    if size is not None and len(value) != size:
        message = f"`{name}` lists {len(value):,} values for {size:,} members"
        return [Problem(path, "list", message, "give one a member, or a single number")]
    for entry in value:
        wrong = number_problem(entry, name)
        if wrong:
            return [Problem(path, "value", f"{wrong} (in its list)")]
    return _bounds_problems(extent(value, unit), unit, path, name, bounds) if value else []


def _bounds_problems(
    found: tuple[float, float], unit: str, path: str, name: str, bounds: Bounds
) -> list[Problem]:
    low, high = bounds
    wrong = next((value for value in found if outside(value, low, high)), None)
    if wrong is None:
        return []
    shown = "" if unit == "1" else f" {unit}"
    message = f"`{name}` is {wrong:g}{shown}, outside of its bounds"
    return [Problem(path, "bounds", message, f"choose a value {_between(low, high, shown)}")]


def outside(value: float, low: float | None, high: float | None) -> bool:
    """Whether a value lies beyond the given bounds, by more than rounding."""
    slack = 1e-12 * abs(value)
    below = low is not None and value < low - slack
    return below or (high is not None and value > high + slack)


def _between(low: float | None, high: float | None, unit: str) -> str:
    if low is None or math.isinf(low):
        return f"up to {high:g}{unit}"
    if high is None or math.isinf(high):
        return f"of at least {low:g}{unit}"
    return f"from {low:g} to {high:g}{unit}"


def extent(value: Any, unit: str) -> tuple[float, float]:
    """The smallest and largest value; of a distribution without ends, its (clipped) mean twice.

    ``value`` must have passed ``value_problems``.
    """
    if isinstance(value, list):
        return (min(value), max(value)) if value else (0.0, 0.0)
    if not is_distribution(value):
        number = quantity(value, unit, "value")
        return number, number
    low, high = value.get("low"), value.get("high")
    kind = value["distribution"]
    if kind == "uniform":
        return float(low), float(high)
    # By distance: what it is where there is none, and far away.
    near = next(value[name] for name in ("mean", "offset", "peak") if name in value)
    ends = [near, 0.0 if "peak" in value else near]
    ends = [end if low is None else max(end, low) for end in ends]
    ends = [end if high is None else min(end, high) for end in ends]
    return float(min(ends)), float(max(ends))
