"""What a source gives as a function of time: its declared expression, with numbers put in.

The host evaluates it; no backend sees it.  So a current or a rate of another form is a declaration
and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.equations.dimensions import check_same
from engine.equations.evaluate import evaluate
from engine.equations.language import parse_expression
from engine.equations.tree import Expr, names
from engine.equations.units import NONE, TIME, Dimension, expression_unit, parse_unit
from engine.errors import EquationError
from engine.models.declaration import SourceModel, Table

CURRENT_UNIT, RATE_UNIT = "pA", "Hz"
Fault = tuple[str, str, str]  # which parameter is wrong, what is wrong, and the remedy
Points = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class Course:
    """The expression of a source over the steps of a run, in ``unit``."""

    expression: Expr
    values: Mapping[str, Any]  # parameters and constants, in coherent units
    tables: Mapping[str, Points]
    dt: float
    factor: float  # coherent units in one of the unit

    @property
    def constant(self) -> bool:
        """Whether it is the same at all times."""
        return names(self.expression).isdisjoint({"t", *self.tables})

    @property
    def value(self) -> Any:
        """What a constant one is: a number, or one a member."""
        return evaluate(self.expression, self.values) / self.factor

    def __call__(self, steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """What it is during each of ``steps``, [steps]: its value in the middle of the step."""
        t = (np.asarray(steps, np.float64) + 0.5) * self.dt
        at = {name: points(t) for name, points in self.tables.items()}
        value = evaluate(self.expression, {**self.values, **at, "t": t, "dt": self.dt})
        return np.broadcast_to(np.asarray(value, np.float64), t.shape) / self.factor


def course(model: SourceModel, values: Mapping[str, Any], dt: float) -> Course:
    """The course of ``model`` with parameter ``values`` in the units of their declarations.

    Raises ``EquationError`` where the declaration is wrong.
    """
    text = model.current or model.rate
    unit = CURRENT_UNIT if model.current else RATE_UNIT
    expression = parse_expression(text)
    known = {
        name: np.multiply(value, parse_unit(model.parameters[name].unit)[0])
        for name, value in values.items()
        if model.parameters[name].kind in ("number", "integer")
    }
    tables = {name: _points(model, table, values) for name, table in model.tables.items()}
    known["pi"] = math.pi
    for name in names(expression) - {*known, *tables, "t", "dt"}:
        found = expression_unit(name)
        if found is None:
            raise EquationError(f"`{name}` is not declared", text)
        known[name] = found[0]
    return Course(expression, known, tables, dt, parse_unit(unit)[0])


def check_course(model: SourceModel) -> None:
    """Raise ``EquationError`` unless the expression reads what is declared, and in its unit."""
    text = model.current or model.rate
    if not text:
        return
    known: dict[str, Dimension] = {
        name: parse_unit(parameter.unit)[1]
        for name, parameter in model.parameters.items()
        if parameter.kind in ("number", "integer")
    }
    known |= {n: parse_unit(model.parameters[t.values].unit)[1] for n, t in model.tables.items()}
    known |= {"t": TIME, "dt": TIME, "pi": NONE}
    unit = CURRENT_UNIT if model.current else RATE_UNIT
    check_same(parse_expression(text), parse_unit(unit)[1], known, text, "this source")


def table_fault(model: SourceModel, values: Mapping[str, Any]) -> Fault | None:
    """What is wrong with the tables of a source; None for good ones.

    ``values`` are lists of finite numbers, defaults filled in.
    """
    for table in model.tables.values():
        times, heights = (np.asarray(values[n], np.float64) for n in (table.times, table.values))
        fault = fault_of_steps(times, heights, table.times, table.values)
        if fault is not None:
            return fault
    return None


def fault_of_steps(
    times: NDArray[np.float64], values: NDArray[np.float64], named: str, valued: str
) -> Fault | None:
    """Whether each of ``values`` has a time of its own after the one before; the parameters are
    called ``named`` and ``valued``."""
    if len(times) != len(values):
        message = f"{len(times):,} `{named}` stand beside {len(values):,} `{valued}`"
        return valued, message, "give one value for each time"
    if not len(times):
        return named, f"`{named}` has no entry", "give at least one time and value"
    falling = np.flatnonzero(np.diff(times) <= 0)
    if falling.size:
        place = int(falling[0]) + 1
        message = f"`{named}` must rise, and {times[place]:g} follows on {times[place - 1]:g}"
        return named, message, "put them in order, each once"
    return None


def _points(model: SourceModel, table: Table, values: Mapping[str, Any]) -> Points:
    factor = parse_unit(model.parameters[table.values].unit)[0]
    times = np.asarray(values[table.times], np.float64)
    heights = np.asarray(values[table.values], np.float64) * factor
    if values[table.between] == "line":
        return lambda t: np.interp(t, times, heights)
    before = np.concatenate([[0.0], heights])
    return lambda t: before[np.searchsorted(times, t, "right")]
