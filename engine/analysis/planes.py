"""Phase plane of two variables, phase line of one: from a model's declaration itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.analysis.checked import span, text
from engine.analysis.equilibria import (
    FixedPoint,
    Range,
    along,
    default_range,
    fixed_points,
)
from engine.analysis.nullclines import zero_lines
from engine.analysis.runs import Copies
from engine.analysis.vector_field import Flow, flow
from engine.checked import Floats, array, positive, whole
from engine.equations.compile import compile_system
from engine.equations.options import with_options
from engine.errors import DataError, EquationError
from engine.models.declaration import NeuronModel

GRID = 201  # of the nullclines; their points are exact, their chords are this fine
ARROWS = 25
MOST_POINTS = 10_000_000  # of a line
MARGIN = 0.25  # of the height, above and below what a nullcline of the second variable spans


@dataclass(frozen=True)
class PhasePlane:
    """A plane of two variables x and y; rates are per ms, all else in the variables' units."""

    flow: Flow
    x: str
    y: str
    x_range: Range
    y_range: Range
    grid_x: Floats  # [arrows, arrows], y along the first axis
    grid_y: Floats
    rate_x: Floats  # dx/dt there
    rate_y: Floats
    nullclines: dict[str, tuple[Floats, ...]]  # variable -> lines [points, 2] where it stands still
    fixed_points: tuple[FixedPoint, ...]

    def trajectories(
        self, starts: ArrayLike, duration: float = 200.0, dt: float = 0.05
    ) -> tuple[Floats, Floats]:
        """(t [ms], states [starts, steps + 1, 2]) from the points ``starts`` [starts, 2] on.

        Advanced by the kernels of the model (Runge-Kutta, steps of ``dt`` ms), resets included.
        NaN from where the numbers grow beyond all bounds.
        """
        points = np.atleast_2d(array(starts, "starts"))
        if points.ndim != 2 or points.shape[1:] != (2,) or not len(points):
            raise DataError(f"trajectories start at pairs of ({self.x}, {self.y}); give such pairs")
        options = self.flow.model.chosen(self.flow.params)
        step_map = compile_system(with_options(self.flow.system, options), "rk4")
        state = np.zeros((len(step_map.states), len(points)))
        state[:2] = points.T
        currents = np.full(len(points), self.flow.current)
        record = (self.x, self.y)
        copies = Copies(step_map, dict(self.flow.params), state, currents, dt, record)
        chunk = copies.advance(positive(duration, "duration", "ms"))
        runs = np.stack([samples.T for samples in chunk.monitors], -1)
        runs = np.concatenate([points[:, None, :], runs], 1)
        lost = np.maximum.accumulate(~np.isfinite(runs).all(-1, keepdims=True), 1)
        return np.arange(runs.shape[1]) * dt, np.where(lost, np.nan, runs)


@dataclass(frozen=True)
class PhaseLine:
    """dx/dt of the one variable of a model, along it."""

    variable: str
    x: Floats  # [points], the variable's unit
    rate: Floats  # [points], per ms
    fixed_points: tuple[FixedPoint, ...]


def phase_plane(
    model: str | NeuronModel,
    current: float | str = 0.0,
    x_range: Range | None = None,
    y_range: Range | None = None,
    params: Mapping[str, Any] | None = None,
    variables: Sequence[str] | None = None,
    held: Mapping[str, float | str] | None = None,
) -> PhasePlane:
    """Vector field, nullclines and fixed points of ``model`` under a constant current.

    A model of more than two variables is reduced to the two in ``variables``: the others are held
    as ``flow`` has it (numbers, expressions such as "0.8 - n", "rest"), or at their steady states;
    ``reduction`` says what suits a run.  Ranges are (low, high); without them v goes from -100 to
    50 mV (-3 to 3 without unit) and y over what its nullcline spans.
    Raises DataError for a model that has no such plane, DocumentError for wrong parameters.
    """
    found = flow(model, current, params, variables, held)
    if len(found.variables) != 2:
        message = f"{found.model.name} has {len(found.variables)} variables here"
        one = "use phase_line" if len(found.variables) == 1 else "name two in `variables`"
        raise DataError(f"{message} ({', '.join(found.variables)}); {one}")
    x, y = _order(found, variables)
    spans = {x: _range(found, x, x_range)}
    spans[y] = _height(found, x, y, spans[x]) if y_range is None else span(y_range, y)
    across, up = (np.linspace(*spans[name], ARROWS) for name in (x, y))
    place = {name: k for k, name in enumerate(found.variables)}

    def rates(a: Floats, b: Floats) -> Floats:
        state = np.stack(np.broadcast_arrays(a, b))
        return found(state if place[x] == 0 else state[::-1])

    grid = np.meshgrid(across, up)
    with np.errstate(all="ignore"):
        field = rates(*grid)
    fine = [np.linspace(*spans[name], GRID) for name in (x, y)]
    lines = {
        name: zero_lines(lambda a, b, row=place[name]: rates(a, b)[row], *fine) for name in (x, y)
    }
    points = fixed_points(found, spans)
    fields = (*grid, field[place[x]], field[place[y]])
    return PhasePlane(found, x, y, spans[x], spans[y], *fields, lines, points)


def phase_line(
    model: str | NeuronModel,
    current: float | str = 0.0,
    x_range: Range | None = None,
    params: Mapping[str, Any] | None = None,
    variable: str | None = None,
    held: Mapping[str, float | str] | None = None,
    points: int = 501,
) -> PhaseLine:
    """dx/dt along the one variable of ``model``, and where it is 0.

    A model of several variables is reduced to ``variable`` (the membrane, if None) as in
    ``phase_plane``: dv/dt is then C times less than the steady current that is missing at each v.
    """
    found = flow(model, current, params, None, held)
    name = found.system.membrane if variable is None else text(variable, "variable")
    found = flow(model, current, params, [name], held)
    low, high = _range(found, name, x_range)
    x = np.linspace(low, high, whole(points, "points", 2, MOST_POINTS))
    return PhaseLine(name, x, found(x[None])[0], fixed_points(found, {name: (low, high)}))


def _order(found: Flow, variables: Sequence[str] | None) -> tuple[str, str]:
    """x and y: as asked, else the membrane first."""
    first, second = variables or found.variables
    if variables is None and second == found.system.membrane:
        first, second = second, first
    return first, second


def _range(found: Flow, name: str, given: Range | None) -> Range:
    return default_range(found, name) if given is None else span(given, name)


def _height(found: Flow, x: str, y: str, across: Range) -> Range:
    """Where y is looked at: what its nullcline spans over x, and the fixed points."""
    try:
        line = along(found, x)
    except (DataError, EquationError):
        return default_range(found, y)
    values = np.asarray(line.whole(np.linspace(*across, GRID)[None])[y])
    values = values[np.isfinite(values)]
    if not values.size:
        return default_range(found, y)
    low, high = float(values.min()), float(values.max())
    room = MARGIN * (high - low) or 0.1 * max(abs(high), 1.0)
    return low - room, high + room
