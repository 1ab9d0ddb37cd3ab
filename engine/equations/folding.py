"""Expressions of numbers and units alone: what they are worth before anything runs."""

from __future__ import annotations

from engine.equations.evaluate import evaluate
from engine.equations.tree import Expr, names
from engine.equations.units import expression_unit


def constant(expr: Expr) -> float | None:
    """The value of ``expr`` in coherent units; None if it reads anything but numbers and units."""
    units = {name: expression_unit(name) for name in names(expr)}
    known = {name: unit[0] for name, unit in units.items() if unit is not None}
    return float(evaluate(expr, known)) if len(known) == len(units) else None
