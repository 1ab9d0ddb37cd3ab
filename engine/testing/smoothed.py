"""A model with its spike made smooth, so that differences of it have a meaning.

The surrogate gradient of a spiking model is the true gradient of another model: one whose spike at
every step is the hard one plus ``F(x) - F(x_0)``, where x is the distance to the threshold, x_0 its
value in the run that is looked at, and the surrogate is F's derivative (the straight-through
estimator, Bengio, Leonard & Courville 2013, written as a function).  In that run the two models
are the same number for number; around it the second has differences, which must be the adjoint's.
Here it is written out in NumPy from the step map, without any of the code that it tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.equations.adjoint import distance, other_conditions
from engine.equations.evaluate import evaluate, execute
from engine.equations.language import parse_expression
from engine.equations.stepmap import StepMap
from engine.equations.tree import Expr

Floats = NDArray[np.floating]
Values = Mapping[str, float | Floats]
# The derivative of `_rise`.  It is gentle: where slope times the jump at a reset exceeds 1,
# gradients grow with every step near the threshold, and no difference is small enough.
SOFT = 0.01
SLOPE = parse_expression(f"{SOFT}/(1 + abs(x))**2")


def _rise(x: Floats) -> Floats:
    return SOFT * x / (1.0 + np.abs(x))


@dataclass(frozen=True)
class Path:
    """What one run went through."""

    spikes: Floats  # [T, N], 0 or 1
    distances: Floats  # [T, N], 0 where there is no threshold
    states: Floats  # [T, S, N], after each step

    def repeated(self, copies: int) -> Path:
        """The same for so many copies of the neurons, side by side."""
        return Path(np.tile(self.spikes, copies), np.tile(self.distances, copies), self.states)


@dataclass(frozen=True)
class Smoothed:
    """``step_map`` from ``state`` [S, N] on, in steps of ``dt`` ms."""

    step_map: StepMap
    state: Floats
    dt: float
    active: tuple[str, ...]  # states that a derivative passes through; others count whole steps
    more: Mapping[str, Floats] = field(default_factory=dict)  # further inputs by name, [T, N]

    def run(self, drive: Floats, constants: Values, base: Path | None = None) -> Path:
        """Under ``drive`` [T, N] of the current.  Around ``base`` where that is given: its spikes
        are kept, and become smooth functions of the distance to the threshold."""
        names = self.step_map.states
        values: dict[str, Floats] = dict(zip(names, self.state, strict=True))
        spikes, distances, states = [], [], []
        for step, current in enumerate(drive):
            scope = {port.name: np.zeros_like(current) for port in self.step_map.inputs}
            scope |= {name: rows[step] for name, rows in self.more.items()}
            scope |= {"in_current": current, "dt": np.float64(self.dt), **constants, **values}
            execute((*self.step_map.update, *self.step_map.jumps), scope)
            spike, far = self._spike(scope, None if base is None else base.spikes[step])
            more = np.zeros_like(current)
            if base is not None:
                more = self._others(scope) * (_rise(far) - _rise(base.distances[step]))
            values = self._after(scope, spike, more)
            spikes.append(spike + more)
            distances.append(far)
            states.append([np.broadcast_to(values[name], current.shape) for name in names])
        return Path(np.array(spikes), np.array(distances), np.array(states))

    def _spike(self, scope: Values, kept: Floats | None) -> tuple[Floats, Floats]:
        threshold, size = self.step_map.threshold, self.state.shape[1]
        if threshold is None:
            return np.zeros(size), np.zeros(size)
        found = np.broadcast_to(evaluate(threshold, scope), size).astype(np.float64)
        far = np.broadcast_to(evaluate(distance(threshold), scope), size)
        return found if kept is None else kept, np.array(far)

    def _others(self, scope: Values) -> Floats:
        hold = np.ones(self.state.shape[1])
        conditions: list[Expr] = []
        if self.step_map.threshold is not None:
            conditions = other_conditions(self.step_map.threshold)
        for condition in conditions:
            hold = hold * evaluate(condition, scope)
        return hold

    def _after(self, scope: dict[str, Floats], spike: Floats, more: Floats) -> dict[str, Floats]:
        after = dict(scope)
        execute(self.step_map.reset, after)
        reset = {assign.target for assign in self.step_map.reset}
        values = {name: scope[name] for name in self.step_map.states}
        for name in reset.intersection(values):
            old, new = values[name], after[name]
            values[name] = np.where(spike > 0.5, new, old)
            if name in self.active:
                values[name] = values[name] + more * (new - old)
        return values
