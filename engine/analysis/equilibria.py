"""Where a flow stands still, and what happens near there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.analysis.checked import span, table
from engine.analysis.vector_field import Field, Floats, Flow, reduce
from engine.checked import told, whole
from engine.errors import DataError, EquationError

MOST_POINTS = 10_000_000
POINTS = 4001  # of the line on which fixed points are looked for
HALVINGS = 60
STARTS = 15  # of Newton's method a variable, where the line cannot be used
EVEN = 1e-9  # a real part this small beside the greatest eigenvalue decides nothing

Range = tuple[float, float]


@dataclass(frozen=True)
class FixedPoint:
    """A state that stays, every variable of the model by name, and how its neighbours move."""

    values: dict[str, float]
    # [variables of the flow], 1/ms, the greatest real part first.
    eigenvalues: NDArray[np.complexfloating]
    kind: str  # "stable node", "unstable focus", "saddle" ...

    @property
    def stable(self) -> bool:
        """Whether the neighbours come closer."""
        return bool(self.eigenvalues[0].real < 0)


def stability(eigenvalues: NDArray[np.complexfloating]) -> str:
    """What a fixed point with these eigenvalues is called.

    Nodes have real eigenvalues of one sign, foci a complex pair, saddles both signs; "saddle-node"
    and "centre" stand where the real part of one, or of a pair, is 0 and no other decides.
    """
    real = eigenvalues.real
    scale = max(float(np.abs(eigenvalues).max()), 1e-300)
    even = np.abs(real) <= EVEN * scale
    spiral = np.abs(eigenvalues.imag) > EVEN * scale
    up, down = np.any(real[~even] > 0), np.any(real[~even] < 0)
    if even.any():
        return "centre" if np.any(even & spiral) else "saddle-node"
    if up and down:
        return "saddle-focus" if spiral.any() else "saddle"
    return f"{'unstable' if up else 'stable'} {'focus' if spiral.any() else 'node'}"


def described(flow: Flow, state: Floats) -> FixedPoint:
    """The fixed point at ``state`` [n] with eigenvalues and name."""
    eigenvalues = np.linalg.eigvals(flow.jacobian(state)).astype(np.complex128)
    order = np.lexsort((-eigenvalues.imag, -eigenvalues.real))
    values = {name: float(value) for name, value in flow.whole(state).items()}
    return FixedPoint(values, eigenvalues[order], stability(eigenvalues))


def default_range(flow: Flow, name: str) -> Range:
    """Where a variable is looked at if nobody says: -100 to 50 mV, or -3 to 3 without unit."""
    low, high = (-100.0, 50.0) if flow.units[name] == "mV" else (-3.0, 3.0)
    cap = flow.system.caps.get(name)
    if cap is not None:
        high = float(flow.constants.get(getattr(cap, "name", ""), high))
    return low, high


def fixed_points(
    flow: Flow, ranges: dict[str, Range] | None = None, points: int = POINTS
) -> tuple[FixedPoint, ...]:
    """All fixed points within ``ranges`` (variable -> low, high), by the first variable.

    The other variables are put at their steady states, and the sign changes of what is left are
    bisected on a line of ``points`` values; two fixed points closer than its spacing may be missed.
    Where that cannot be done, Newton's method starts from a grid over all ranges.
    """
    if not isinstance(flow, Flow):
        raise DataError(f"`flow` must be a Flow, which `flow` makes of a model, not {told(flow)}")
    ranges = {name: span(each, name) for name, each in table(ranges, "ranges").items()}
    axis = flow.system.membrane if flow.system.membrane in flow.variables else flow.variables[0]
    low, high = ranges.get(axis) or default_range(flow, axis)
    x = np.linspace(low, high, whole(points, "points", 2, MOST_POINTS))
    states = _from_line(flow, axis, x)
    if states is None:
        states = _from_grid(flow, ranges)
    found = [described(flow, state) for state in states.T if _within(flow, state, ranges)]
    return tuple(sorted(found, key=lambda point: point.values[axis]))


def resting_point(flow: Flow) -> FixedPoint:
    """The lowest stable fixed point.  DataError if there is none."""
    found = [point for point in fixed_points(flow) if point.stable]
    if not found:
        raise DataError(
            f"{flow.model.name} has no stable state at a current of {flow.current:g}; choose a "
            "current at which it is silent"
        )
    return found[0]


def along(flow: Flow, axis: str) -> Flow:
    """``flow`` in the variable ``axis`` alone, all others at their steady states."""
    if flow.variables == (axis,):
        return flow
    system, rest = reduce(flow.system, (axis,))
    return replace(flow, field=Field(system), rest={**rest, **flow.rest})


def _from_line(flow: Flow, axis: str, x: Floats) -> Floats | None:
    """Fixed points [n, found] along ``axis``; None if the others have no steady states there."""
    try:
        line = along(flow, axis)
    except (DataError, EquationError):
        return None
    if not np.isfinite(line(x[None])).any():
        return None
    whole = line.whole(zeros_on_a_line(lambda x: line(x[None])[0], x)[None])
    return np.stack([whole[name] for name in flow.variables])


def zeros_on_a_line(function: Callable[[Floats], Floats], x: Floats) -> Floats:
    """Where ``function`` of x passes 0 between neighbours of ``x`` [points]; poles are left out."""
    with np.errstate(all="ignore"):
        values = function(x)
        sound = np.isfinite(values)
        turns = (values[:-1] > 0) != (values[1:] > 0)
        place = np.flatnonzero(turns & sound[:-1] & sound[1:])
        low, high, rising = x[place], x[place + 1], values[place] > 0
        ends = np.maximum(np.abs(values[place]), np.abs(values[place + 1]))
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            left = (function(middle) > 0) == rising
            low, high = np.where(left, middle, low), np.where(left, high, middle)
        root = 0.5 * (low + high)
        return root[np.abs(function(root)) <= ends]


def newton(flow: Flow, state: Floats, steps: int = 40) -> Floats:
    """Newton's method from ``state`` [n, starts], each on its own; NaN where it goes nowhere."""
    state = np.array(state, np.float64)
    with np.errstate(all="ignore"):
        for _ in range(steps):
            matrix, rate = flow.jacobian(state), flow(state).T[..., None]
            sound = np.asarray(np.isfinite(matrix).all((-1, -2)) & np.isfinite(rate).all((-1, -2)))
            matrix[~sound] = 0.0
            sound &= np.linalg.det(matrix) != 0
            matrix[~sound] = np.eye(len(state))
            move = np.linalg.solve(matrix, rate)[..., 0].T
            state -= np.where(sound, move, np.nan)
    return state


def _from_grid(flow: Flow, ranges: dict[str, Range]) -> Floats:
    """Fixed points [n, found] that Newton's method reaches from a grid over the ranges."""
    count = max(2, round(STARTS ** min(1.0, 3.0 / len(flow.variables))))
    spans = [ranges.get(name) or default_range(flow, name) for name in flow.variables]
    axes = [np.linspace(low, high, count) for low, high in spans]
    starts = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")])
    ends = newton(flow, starts)
    ends = ends[:, np.isfinite(ends).all(0)]
    width = np.array([high - low for low, high in spans])[:, None]
    with np.errstate(all="ignore"):
        ends = ends[:, (np.abs(flow(ends)) <= 1e-9 * width).all(0)]
    _, first = np.unique(np.round(ends / width, 7), axis=1, return_index=True)
    inside = [
        all(low <= value <= high for value, (low, high) in zip(ends[:, k], spans, strict=True))
        for k in first
    ]
    return ends[:, first[np.array(inside, bool)]]


def _within(flow: Flow, state: Floats, ranges: dict[str, Range]) -> bool:
    if not (np.isfinite(state).all() and np.isfinite(flow.jacobian(state)).all()):
        return False
    values = dict(zip(flow.variables, state, strict=True))
    return all(low <= values[name] <= high for name, (low, high) in ranges.items())
