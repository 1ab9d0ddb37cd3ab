"""One neuron on a trace of current: on the executor's kernels, or exact at its spikes.

On the grid a spike waits for the end of its step, so each interval is too long by up to dt.  The
exact run looks for the crossing inside the step, resets there, and goes on from there with the rest
of the step; the refractory period ends inside a step as well.  Steps of any length are the same
update program with constants of that length, evaluated on the host; between the events the compiled
kernel runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.backends.registry import make_executor
from engine.equations.compile import REFRACTORY, constants
from engine.equations.crossing import LATE
from engine.equations.evaluate import evaluate
from engine.equations.stepmap import StepMap
from engine.equations.tree import Binary, Expr, walk
from engine.runtime.drive import Arrivals
from engine.runtime.plan import (
    Connections,
    Constant,
    MonitorPlan,
    NetworkPlan,
    PopulationPlan,
    ProjectionPlan,
    SourcePlan,
)

Floats = NDArray[np.floating]
SHARES = np.arange(1, 17) / 16.0  # of a step or of a part of it, at which a crossing is looked for
LEAST_SHARE = 1e-9  # a part of no length has no propagator
LEAST_STEPS = 256  # advanced at once between two spikes


class Neuron:
    """A single neuron of a step map, its parameters in declared units, dt in ms."""

    def __init__(
        self,
        step_map: StepMap,
        parameters: Mapping[str, float],
        dt: float,
        arriving: Sequence[Arrivals] = (),
        seed: int = 0,
        port: str = "current",
    ) -> None:
        self.seed, self.port = seed, port  # where a trace comes in
        self.step_map, self.parameters, self.dt = step_map, dict(parameters), dt
        self.arriving = tuple(arriving)  # on the grid only
        found = constants(step_map, self.parameters, dt, 1)
        self.constants: dict[str, Constant] = {
            name: float(np.reshape(value, -1)[0]) for name, value in found.items()
        }
        self.held_row = -1
        if REFRACTORY in step_map.states:
            self.held_row = step_map.states.index(REFRACTORY)

    def on_grid(self, state: Floats, trace: Floats) -> tuple[Floats, NDArray[np.int64]]:
        """Run from ``state`` [S] through ``trace`` [steps] on the executor.

        States [S, steps + 1], the initial ones first, and the steps in which the neuron spiked.
        """
        one = np.zeros(1, np.int64)
        start = np.array(state, np.float64).reshape(-1, 1)
        plan = NetworkPlan(
            self.dt,
            self.seed,
            np.dtype(np.float64),
            [PopulationPlan("neuron", 1, self.step_map, self.constants, start, 0)],
            [SourcePlan("current", 1, "current", 0, trace=trace)],
            monitors=[MonitorPlan(0, row, indices=one) for row in range(len(start))],
        )
        ports = [entry.port for entry in self.step_map.inputs]
        if self.port in ports:
            port = ports.index(self.port)
            plan.projections.append(ProjectionPlan("drive", 1, 0, port, None, one_to_one=True))
        for each in self.arriving:
            self._arrive(plan, each)
        chunk = make_executor(plan).advance(len(trace))
        samples = np.stack([np.reshape(found, -1) for found in chunk.monitors])
        return np.column_stack([start, samples]), np.asarray(chunk.spikes[0][0], np.int64)

    def _arrive(self, plan: NetworkPlan, spikes: Arrivals) -> None:
        """Add to ``plan`` a source with a member for each spike, over a delay of one step."""
        count, place = len(spikes.rows), len(plan.sources)
        members = np.arange(count, dtype=np.uint32)
        plan.sources.append(
            SourcePlan(spikes.port, count, "spikes", 0, steps=spikes.rows - 1, senders=members)
        )
        row, target = np.arange(count + 1, dtype=np.int64), np.zeros(count, np.uint16)
        joined = Connections(count, 1, row, target, spikes.weights, 1)
        port = [entry.port for entry in self.step_map.inputs].index(spikes.port)
        plan.projections.append(ProjectionPlan(spikes.port, 1 + place, 0, port, joined))

    def with_crossings(self, state: Floats, trace: Floats) -> tuple[Floats, Floats]:
        """As ``on_grid``, with spikes where the threshold is crossed.  States, and spike times in
        steps from the beginning of the trace.

        Some step maps do their reset at the crossing themselves and say how long ago it was; models
        without a reset need nothing but the straight line through both ends of the step; for the
        others the run is exact at its spikes.
        """
        names = self.step_map.states
        later = LATE in names and not self._pauses()  # the kernel's own reset inside the step
        if self.step_map.reset and not later and not self.step_map.draws:
            return self._exactly(state, trace)
        samples, spikes = self.on_grid(state, trace)
        if LATE in names:
            return samples, spikes + 1.0 - samples[names.index(LATE), spikes + 1] / self.dt
        if self.step_map.threshold is None or self.step_map.draws:
            return samples, spikes + 1.0
        return samples, spikes + self._linear_crossings(samples, spikes)

    def _exactly(self, state: Floats, trace: Floats) -> tuple[Floats, Floats]:
        samples = np.empty((len(state), len(trace) + 1))
        samples[:, 0] = state
        spikes: list[float] = []
        step, stride = 0, LEAST_STEPS
        while step < len(trace):
            stop = min(step + stride, len(trace))
            found, fired = self.on_grid(samples[:, step], trace[step:stop])
            if not fired.size:
                samples[:, step : stop + 1] = found
                step, stride = stop, 2 * stride
                continue
            last = step + int(fired[0])
            samples[:, step : last + 1] = found[:, : fired[0] + 1]
            share, samples[:, last + 1] = self._spike(
                samples[:, last], trace[last], found[:, fired[0] + 1]
            )
            spikes.append(last + share)
            stride = max(LEAST_STEPS, 2 * (last - step))
            step = self._refractory(samples, trace, last + 1, share)
        return samples, np.array(spikes)

    def _pauses(self) -> bool:
        """Whether a spike is followed by a refractory period."""
        scope = dict(self.constants, dt=self.dt)
        held = [a.value for a in self.step_map.reset if a.target == REFRACTORY]
        return bool(held) and float(evaluate(held[0], scope)) > 0

    def _spike(self, state: Floats, current: float, after: Floats) -> tuple[float, Floats]:
        """The share of the step at which ``state`` crosses the threshold, and the state at its end
        after a reset there; ``after`` is that of a reset at its end."""
        if LATE in self.step_map.states:
            share = 1.0 - float(after[self.step_map.states.index(LATE)]) / self.dt
        else:
            share = self.crossing(state, current)
        scope = self._part(state, share, current)
        scope.update(self.constants)
        for assign in self.step_map.reset:
            scope[assign.target] = evaluate(assign.value, scope)
        reset = self._states(scope)[:, 0]
        return share, self._states(self._part(reset, 1.0 - share, current))[:, 0]

    def _refractory(self, samples: Floats, trace: Floats, step: int, share: float) -> int:
        """Go through the refractory period after a spike in the step before ``step``.

        It ends at ``share`` of its last step; returns the step to go on with.
        """
        held = 0 if self.held_row < 0 else round(float(samples[self.held_row, step]))
        if held == 0:
            return step
        release = min(step + held - 1, len(trace))
        if release > step:
            found, _ = self.on_grid(samples[:, step], trace[step:release])
            samples[:, step : release + 1] = found
        if release == len(trace):
            return release
        before = samples[:, release].copy()
        before[self.held_row] = 1.0
        between = self._states(self._part(before, share, trace[release]))[:, 0]
        between[self.held_row] = 0.0
        rest = self._part(between, 1.0 - share, trace[release])
        samples[:, release + 1] = self._states(rest)[:, 0]
        return release + 1

    def crossing(self, state: Floats, current: float) -> float:
        """The share of the step after which a step from ``state`` crosses the threshold."""
        low, high = 0.0, 1.0
        condition = comparison(self.step_map)
        for _ in range(2):
            shares = low + (high - low) * SHARES
            crossed = np.broadcast_to(
                evaluate(condition, self._part(state, shares, current)), shares.shape
            )
            if not crossed.any():
                return high
            first = int(np.argmax(crossed))
            low, high = (low if first == 0 else shares[first - 1]), shares[first]
        ends = np.array([low, high])
        before, after = np.broadcast_to(
            evaluate(margin(condition), self._part(state, ends, current)), (2,)
        )
        if after == before or not np.isfinite(before):
            return high
        return float(low + (high - low) * np.clip(before / (before - after), 0.0, 1.0))

    def _linear_crossings(self, samples: Floats, spikes: NDArray[np.int64]) -> Floats:
        """Shares of their steps, by straight lines through the margin before and after each."""
        quantity = margin(comparison(self.step_map))
        before, after = (
            np.asarray(
                evaluate(
                    quantity,
                    self.constants | dict(zip(self.step_map.states, samples[:, at], strict=True)),
                )
            )
            for at in (spikes, spikes + 1)
        )
        change = np.where(after == before, 1.0, after - before)
        return np.clip(np.where(after == before, 1.0, -before / change), 0.0, 1.0)

    def _part(self, state: Floats, share: float | Floats, current: float) -> dict[str, object]:
        """All names after ``share`` of a step (or several shares [K]) from ``state``."""
        shares = np.maximum(np.atleast_1d(np.asarray(share, np.float64)), LEAST_SHARE)
        scope: dict[str, object] = dict(
            constants(self.step_map, self.parameters, shares * self.dt, shares.size)
        )
        for entry in self.step_map.inputs:
            scope[entry.name] = current if entry.port == "current" else 0.0
        scope.update(
            zip(
                self.step_map.states,
                np.broadcast_to(state[:, None], (len(state), shares.size)),
                strict=True,
            )
        )
        for assign in self.step_map.update:
            scope[assign.target] = evaluate(assign.value, scope)
        return scope

    def _states(self, scope: Mapping[str, object]) -> Floats:
        rows = [np.atleast_1d(np.asarray(scope[name])) for name in self.step_map.states]
        return np.stack(np.broadcast_arrays(*rows)).astype(np.float64)


def comparison(step_map: StepMap) -> Binary:
    """The comparison of the threshold: the first in it (the others are about refractoriness)."""
    assert step_map.threshold is not None
    return next(
        node
        for node in walk(step_map.threshold)
        if isinstance(node, Binary) and node.op in (">", ">=", "<", "<=")
    )


def margin(condition: Binary) -> Expr:
    """What is 0 where the condition is just met."""
    return Binary("-", condition.left, condition.right)
