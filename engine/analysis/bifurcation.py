"""Fixed points along a parameter: their branches, where they turn, where they lose stability.

A branch is followed by pseudo-arclength continuation (Keller 1977; Kuznetsov 2004, Elements of
Applied Bifurcation Theory, section 10.2), so it goes around folds.  Between two of its points a
determinant that changes sign is a fold (saddle-node) or a branch point, and a product of sums of
eigenvalues that does so is a Hopf bifurcation; both are located by root finding on the branch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analysis.checked import table, text
from engine.analysis.equilibria import FixedPoint, Range, default_range, described, fixed_points
from engine.analysis.hopf import lyapunov_coefficient
from engine.analysis.vector_field import CURRENT, Floats, Flow, flow
from engine.checked import finite
from engine.document.text import one_of
from engine.equations.constants import resolve
from engine.errors import DataError, EquationError, near
from engine.models.declaration import NeuronModel
from engine.response import checked_parameters

LONGEST, SHORTEST = 0.02, 1e-7  # steps along a branch, as shares of the ranges
MOST_STEPS = 3000
SEEDS = 9  # values of the parameter at which branches are looked for
FARTHEST = 5.0  # widths of its range that the membrane may leave it by, then a branch is let go
CLOSE = 0.03  # a fixed point this near to a branch is on it
TURNS = 100  # of root finding


@dataclass(frozen=True)
class Branch:
    """Fixed points in the order in which the branch runs."""

    parameter: Floats  # [points]
    states: dict[str, Floats]  # variable -> [points]
    stable: NDArray[np.bool_]  # [points]
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Bifurcation:
    """Where a branch changes: "saddle-node", "Hopf" or "branch point"."""

    kind: str
    value: float  # of the parameter
    point: FixedPoint
    frequency: float = float("nan")  # Hz, of the oscillation that a Hopf bifurcation gives birth to
    criticality: str = ""  # of a Hopf bifurcation: "supercritical" or "subcritical"


@dataclass(frozen=True)
class Scan:
    """What a model does along a parameter."""

    parameter: str
    unit: str
    branches: tuple[Branch, ...]
    bifurcations: tuple[Bifurcation, ...]  # by value of the parameter

    def of(self, kind: str) -> tuple[Bifurcation, ...]:
        """The bifurcations of one kind, such as "Hopf"."""
        return tuple(found for found in self.bifurcations if found.kind == kind)


def bifurcation_scan(
    model: str | NeuronModel,
    low: float,
    high: float,
    parameter: str = CURRENT,
    current: float = 0.0,
    params: Mapping[str, Any] | None = None,
    ranges: Mapping[str, Range] | None = None,
) -> Scan:
    """Fixed points of ``model`` for values of a parameter (or "current") from ``low`` to ``high``.

    All branches that have a fixed point at one of a few values in between are followed;
    ``ranges`` (variable -> low, high) says where fixed points are looked for.  Saddle-nodes and
    Hopf bifurcations are exact to about 1e-9 of the range.  Spikes and resets play no part in it.
    Raises DataError for a parameter that is not there or a range without values.
    """
    start = flow(model, current, params)
    low, high = finite(low, "low"), finite(high, "high")
    if not low < high:
        raise DataError(f"no value lies between {low:g} and {high:g}; let `high` be greater")
    unit = _unit_checked(start, text(parameter, "parameter"), low, high)
    tracer = _Tracer(start, parameter, float(low), float(high))
    branches: list[Branch] = []
    found: list[Bifurcation] = []
    seeds = tracer.seeds(table(ranges, "ranges"))
    for seed in seeds:
        if not any(tracer.near(branch, seed) for branch in branches):
            branch, changes = tracer.trace(seed)
            branches.append(branch)
            found += changes
    found.sort(key=lambda change: change.value)
    return Scan(parameter, unit, tuple(branches), tuple(found))


class _Tracer:
    """Follows branches of x' = f(x, p) = 0 in z = (x, p), each scaled by what counts as far."""

    def __init__(self, start: Flow, parameter: str, low: float, high: float) -> None:
        self.flow, self.parameter, self.low, self.high = start, parameter, low, high
        self.scale = np.ones(len(start.variables) + 1)
        self.axis = start.variables.index(start.system.membrane)
        least, most = default_range(start, start.system.membrane)
        self.lowest, self.highest = (
            least - FARTHEST * (most - least),
            most + FARTHEST * (most - least),
        )

    def seeds(self, ranges: dict[str, Range]) -> list[Floats]:
        """Fixed points (states, then parameter) at a few values; they say what counts as far."""
        found = [
            np.array([*(point.values[name] for name in self.flow.variables), value])
            for value in np.linspace(self.low, self.high, SEEDS)
            for point in fixed_points(self.flow.at(self.parameter, float(value)), ranges)
        ]
        if found:
            size = np.abs(found).max(0)
            self.scale = np.where(size > 0, size, 1.0)
        self.scale[-1] = self.high - self.low
        return found

    def trace(self, seed: Floats) -> tuple[Branch, list[Bifurcation]]:
        """The branch through ``seed`` (states, then parameter), both ways."""
        points, changes = [seed], []
        for way in (-1.0, 1.0):
            run, found = self._run(seed, way)
            points = run[::-1] + points if way < 0 else points + run
            changes += found
        table = np.array(points)
        kinds = [described(self._at(z), z[:-1]) for z in table]
        states = dict(zip(self.flow.variables, table[:, :-1].T, strict=True))
        stable = np.array([point.stable for point in kinds])
        return Branch(table[:, -1], states, stable, tuple(p.kind for p in kinds)), changes

    def near(self, branch: Branch, seed: Floats) -> bool:
        """Whether ``seed`` lies on ``branch``: closer to one of its chords than steps are long."""
        table = np.column_stack([*branch.states.values(), branch.parameter])
        a, b, z = table[:-1] / self.scale, table[1:] / self.scale, seed / self.scale
        along = np.clip(
            ((z - a) * (b - a)).sum(1) / np.maximum(((b - a) ** 2).sum(1), 1e-300), 0, 1
        )
        return bool(np.abs(z - a - along[:, None] * (b - a)).max(1).min(initial=1.0) < CLOSE)

    def _run(self, seed: Floats, way: float) -> tuple[list[Floats], list[Bifurcation]]:
        """Points after ``seed`` one way along its branch, and what was passed."""
        points: list[Floats] = []
        changes: list[Bifurcation] = []
        here, step = seed, LONGEST / 4
        tangent = self._tangent(here, None) * way
        while len(points) < MOST_STEPS and step >= SHORTEST:
            there = self._corrected(here, tangent, step)
            turn = None if there is None else self._tangent(there, tangent)
            if there is None or turn is None or turn @ tangent < 0.9:
                step /= 2
                continue
            changes += self._between(here, there, tangent, step)
            if not self.low <= there[-1] <= self.high:
                edge = self.low if there[-1] < self.low else self.high
                last = self._located(here, tangent, step, lambda z, e=edge: z[-1] - e)
                last[-1] = edge
                if np.abs((last - here) / self.scale).max() > SHORTEST:
                    points.append(last)
                break
            points.append(there)
            around = len(points) > 3 and np.abs((there - seed) / self.scale).max() < step / 2
            if around or not self.lowest < there[self.axis] < self.highest:
                break  # once around an isola, or off to infinity
            here, tangent, step = there, turn, min(LONGEST, step * 1.5)
        inside = [change for change in changes if self.low <= change.value <= self.high]
        return points, inside

    def _between(
        self, here: Floats, there: Floats, tangent: Floats, step: float
    ) -> list[Bifurcation]:
        """The bifurcations between two neighbours."""
        found: list[Bifurcation] = []
        if self._determinant(here) * self._determinant(there) < 0:
            z = self._located(here, tangent, step, self._determinant)
            folded = self._tangent(there, tangent)[-1] * tangent[-1] < 0
            kind = "saddle-node" if folded else "branch point"
            found.append(Bifurcation(kind, float(z[-1]), described(self._at(z), z[:-1])))
        if self._resonance(here) * self._resonance(there) < 0:
            z = self._located(here, tangent, step, self._resonance)
            found += self._hopf(z)
        return found

    def _hopf(self, z: Floats) -> list[Bifurcation]:
        at = self._at(z)
        point = described(at, z[:-1])
        pairs = point.eigenvalues[point.eigenvalues.imag > 0]
        scale = float(np.abs(point.eigenvalues).max())
        pairs = pairs[np.abs(pairs.real) < 1e-4 * scale]
        if not len(pairs):
            return []  # a neutral saddle: two real eigenvalues of opposite sign
        omega = float(pairs[np.argmin(np.abs(pairs.real))].imag)
        first = lyapunov_coefficient(at, z[:-1], omega)
        criticality = "subcritical" if first > 0 else "supercritical"
        frequency = 1000.0 * omega / (2 * np.pi)
        return [Bifurcation("Hopf", float(z[-1]), point, frequency, criticality)]

    def _at(self, z: Floats) -> Flow:
        return self.flow.at(self.parameter, float(z[-1]))

    def _determinant(self, z: Floats) -> float:
        return float(np.linalg.det(self._at(z).jacobian(z[:-1])))

    def _resonance(self, z: Floats) -> float:
        """Product of the sums of all pairs of eigenvalues: 0 where a pair is imaginary."""
        values = np.linalg.eigvals(self._at(z).jacobian(z[:-1]))
        first, second = np.triu_indices(len(values), 1)
        # Only the sign counts; products of many rates would leave the range of numbers.
        sums = values[first] + values[second]
        return float(np.prod(sums / max(float(np.abs(values).max()), 1e-300)).real)

    def _matrix(self, z: Floats) -> Floats:
        """d f / d z [n, n + 1], in scaled variables."""
        at, state = self._at(z), z[:-1]
        if self.parameter == CURRENT:
            slope = at.slope_of_current(state)
        else:
            h = 1e-6 * self.scale[-1]
            above, below = (self.flow.at(self.parameter, float(z[-1] + s)) for s in (h, -h))
            slope = (above(state) - below(state)) / (2 * h)
        return np.column_stack([at.jacobian(state), slope]) * self.scale

    def _tangent(self, z: Floats, previous: Floats | None) -> Floats:
        """Unit vector along the branch in scaled variables, on from ``previous``."""
        tangent = np.linalg.svd(self._matrix(z))[2][-1]
        if previous is None:
            return tangent if tangent[-1] >= 0 else -tangent
        return tangent if tangent @ previous >= 0 else -tangent

    def _corrected(self, here: Floats, tangent: Floats, step: float) -> Floats | None:
        """The point of the branch ``step`` along ``tangent`` from ``here``; None if none is."""
        z = here + step * tangent * self.scale
        with np.errstate(all="ignore"):
            for _ in range(12):
                matrix = np.vstack([self._matrix(z), tangent])
                rate = self._at(z)(z[:-1])
                ahead = tangent @ ((z - here) / self.scale) - step
                if not (np.isfinite(matrix).all() and np.isfinite(rate).all()):
                    return None
                try:
                    move = np.linalg.solve(matrix, np.append(rate, ahead))
                except np.linalg.LinAlgError:
                    return None
                z = z - move * self.scale
                if np.abs(move).max() < 1e-12:
                    return z
        return z if np.abs(move).max() < 1e-9 else None

    def _located(
        self, here: Floats, tangent: Floats, step: float, test: Callable[[Floats], float]
    ) -> Floats:
        """The point between ``here`` and ``step`` further at which ``test`` is 0.

        By false position, the end that stays given half its weight (the Illinois rule).
        """
        low, high = 0.0, step
        below, above = test(here), test(self._sure(here, tangent, step))
        z, share = here.copy(), 0.0
        for _ in range(TURNS):
            before = share
            share = high - above * (high - low) / (above - below)
            z = self._sure(here, tangent, share)
            value = test(z)
            if value == 0 or abs(share - before) < 1e-14 * step:
                break
            if value * above < 0:
                low, below = high, above
            else:
                below /= 2
            high, above = share, value
        return z

    def _sure(self, here: Floats, tangent: Floats, step: float) -> Floats:
        found = self._corrected(here, tangent, step)
        return here + step * tangent * self.scale if found is None else found


def _unit_checked(start: Flow, parameter: str, low: float, high: float) -> str:
    """The unit of ``parameter``; DataError if it is not there or follows from others."""
    declaration = start.model
    known = start.system.parameters
    if parameter == CURRENT:
        return declaration.current_unit
    if parameter not in known:
        remedy = near(parameter, known) or f"it has {one_of(known)}"
        raise DataError(f"`{parameter}` is not a parameter of {declaration.name}; {remedy}")
    for value in (low, high):
        checked_parameters(declaration, {**start.params, parameter: value})
        try:
            resolve(known.values(), {**start.params, parameter: value}, 1)
        except EquationError as error:
            raise DataError(error.sentence()) from None
    return known[parameter].unit
