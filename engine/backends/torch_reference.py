"""The reference backend: a network plan in plain float64 PyTorch, one step after the other.

It is written to be read and believed, not to be fast: the oracle that compiled backends are tested
against.  `torch_step` gives the step map alone, a function on tensors that autograd differentiates.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.backends import philox, rewards
from engine.backends.checkpoints import require_like, step_of
from engine.backends.reference_plastic import ReferencePlasticity
from engine.backends.reference_release import ReferenceRelease
from engine.backends.reference_sources import ReferenceSources
from engine.backends.rewards import Rewards
from engine.equations.adjoint import distance, other_conditions
from engine.equations.stepmap import StepMap, Tree
from engine.equations.tree import Assign, Binary, Call, Expr, Name, Number, Unary
from engine.errors import BackendError
from engine.runtime.plan import (
    Chunk,
    Constant,
    Floats,
    NetworkPlan,
    PlasticityPlan,
    PopulationPlan,
    ProjectionPlan,
    ReleasePlan,
    SourcePlan,
)

DTYPE = torch.float64
Surrogate = Callable[[Tensor], Tensor]


def _exprel(x: Tensor) -> Tensor:
    """(exp(x) - 1) / x; near 0 by its series, whose derivative is finite as well."""
    small = x.abs() < 1e-5
    safe = torch.where(small, torch.ones_like(x), x)
    return torch.where(small, 1.0 + x * (0.5 + x / 6.0), torch.expm1(safe) / safe)


FUNCTIONS: dict[str, Callable[..., Tensor]] = {  # of tensors
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "exprel": _exprel,
    "sin": torch.sin,
    "cos": torch.cos,
    "tanh": torch.tanh,
    "sinh": torch.sinh,
    "cosh": torch.cosh,
    "abs": torch.abs,
    "floor": torch.floor,
    "min": torch.minimum,
    "max": torch.maximum,
    "clip": lambda x, low, high: torch.minimum(torch.maximum(x, low), high),
    "where": torch.where,
}
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {  # of tensors and of numbers
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "and": operator.and_,
    "or": operator.or_,
}


def evaluate(expr: Expr, values: Mapping[str, Tensor]) -> Tensor:
    """The value of ``expr``; a condition gives a bool tensor."""
    match expr:
        case Number():
            return torch.tensor(expr.value, dtype=DTYPE)
        case Name():
            return values[expr.name]
        case Unary():
            operand = evaluate(expr.operand, values)
            return torch.logical_not(operand) if expr.op == "not" else -operand
        case Binary():
            return OPERATORS[expr.op](evaluate(expr.left, values), evaluate(expr.right, values))
        case Call():
            arguments = (evaluate(argument, values) for argument in expr.arguments)
            return FUNCTIONS[expr.function](*arguments)


def torch_step(
    step_map: StepMap, surrogate: Surrogate | None = None, detach_reset: bool = False
) -> Callable[[Mapping[str, Tensor]], tuple[dict[str, Tensor], Tensor]]:
    """The step map as a function: values of all names it reads -> new states, spikes (0 or 1).

    Values are float64 tensors that broadcast: states, inputs, constants, normal numbers, ``t`` and
    ``dt`` where read.  Without ``surrogate`` the spike has no derivative.  A surrogate is a
    function of the distance to the threshold whose *derivative* is used for the spike's; the spike
    itself stays 0 or 1.  With ``detach_reset`` that derivative does not pass through the reset.
    """

    def step(values: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], Tensor]:
        names = dict(values)
        for assignment in step_map.update:
            names[assignment.target] = evaluate(assignment.value, names)
        if step_map.tree is not None:
            names[step_map.tree.state] = solve_tree(step_map.tree, names)
        for assignment in step_map.jumps:
            names[assignment.target] = evaluate(assignment.value, names)
        spike = _spike(step_map.threshold, names, surrogate)
        if step_map.threshold is not None:
            _reset(step_map.reset, names, spike.detach() if detach_reset else spike)
        return {state: names[state] for state in step_map.states}, spike

    return step


def solve_tree(tree: Tree, values: Mapping[str, Tensor]) -> Tensor:
    """The state [N] of all compartments after the step, from a dense system of equations."""
    parent, conductance = values[tree.parent].long(), values[tree.conductance]
    child = torch.nonzero(parent >= 0).reshape(-1)
    laplacian = torch.zeros((len(parent), len(parent)), dtype=DTYPE)
    for ends in ((child, child), (parent[child], parent[child])):
        laplacian.index_put_(ends, conductance[child], accumulate=True)
    for ends in ((child, parent[child]), (parent[child], child)):
        laplacian.index_put_(ends, -conductance[child], accumulate=True)
    old = values[tree.state]
    right = values[tree.right] - laplacian @ old
    matrix = torch.diag(values[tree.diagonal]) + laplacian
    return old + tree.growth * torch.linalg.solve(matrix, right)


def _spike(
    threshold: Expr | None, names: Mapping[str, Tensor], surrogate: Surrogate | None
) -> Tensor:
    if threshold is None:
        return torch.zeros((), dtype=DTYPE)
    spike = evaluate(threshold, names).to(DTYPE)
    if surrogate is None:
        return spike
    slope = surrogate(evaluate(distance(threshold), names))
    # The value is the spike's, the derivative the surrogate's where the other conditions hold.
    return spike + _others_hold(threshold, names) * (slope - slope.detach())


def _others_hold(threshold: Expr, names: Mapping[str, Tensor]) -> Tensor:
    hold = torch.ones((), dtype=DTYPE)
    for condition in other_conditions(threshold):
        hold = hold * evaluate(condition, names).to(DTYPE)
    return hold


def _reset(reset: tuple[Assign, ...], names: dict[str, Tensor], spike: Tensor) -> None:
    spiked = spike.detach() > 0.5
    after = dict(names)
    for assignment in reset:
        after[assignment.target] = evaluate(assignment.value, after)
    for target in dict.fromkeys(assignment.target for assignment in reset):
        value = after[target]
        old = names.get(target, value)
        kept = torch.where(spiked, value, old)
        # The second term is 0; it carries the derivative of the reset with respect to the spike.
        names[target] = kept + (spike - spike.detach()) * (value - old)


class _Population:
    """One population: its state, its constants, and the drive that is still to come."""

    def __init__(self, plan: PopulationPlan, place: int, network: NetworkPlan, rows: int) -> None:
        self.plan, self.place, self.network = plan, place, network
        self.state = torch.tensor(np.asarray(plan.state, np.float64))
        self.step = torch_step(plan.step_map)
        self.drive = torch.zeros((rows, len(plan.step_map.inputs), plan.size), dtype=DTYPE)
        self.set_constants(plan.constants)

    def set_constants(self, constants: Mapping[str, Constant]) -> None:
        """New constants, scalars or [N]."""
        self.plan.require(constants)
        self.constants = {
            name: torch.as_tensor(np.asarray(constants[name], np.float64).copy())
            for name in self.plan.step_map.constants
        }

    def advance(self, step: int) -> np.ndarray:
        """One step; returns the neurons that spiked."""
        step_map, row = self.plan.step_map, step % len(self.drive)
        values = {"dt": torch.tensor(self.network.dt, dtype=DTYPE)}
        values["t"] = step * values["dt"]
        values |= self.constants
        values |= dict(zip(step_map.states, self.state, strict=True))
        for port, source in enumerate(step_map.inputs):
            values[source.name] = self.drive[row, port].clone()
        for index, name in enumerate(step_map.normals):
            seed, stream = self.network.seed, self.plan.stream
            values[name] = torch.from_numpy(
                philox.normals(seed, stream, step, self.plan.size, index)
            )
        for index, name in enumerate(step_map.escapes):
            seed, stream = self.network.seed, self.plan.stream
            values[name] = torch.from_numpy(
                philox.escapes(seed, stream, step, self.plan.size, index)
            )
        self.drive[row] = 0.0
        states, spike = self.step(values)
        size = (self.plan.size,)
        self.state = torch.stack([states[name].expand(size) for name in step_map.states])
        return torch.nonzero(spike.expand(size) > 0.5).reshape(-1).numpy()


class TorchExecutor:
    """Advances a network plan step by step in float64, whatever the plan's float type is."""

    def __init__(self, plan: NetworkPlan) -> None:
        self.plan = replace(plan, projections=[replace(p) for p in plan.projections])
        self.step = 0
        self._sources = ReferenceSources(plan.sources, plan.seed)
        rows = 1 + max((_longest_delay(p) for p in plan.projections), default=0)
        self._populations = [
            _Population(population, place, plan, rows)
            for place, population in enumerate(plan.populations)
        ]
        self._rewards = Rewards()
        self._plastic = {
            place: ReferencePlasticity(projection, plan.dt, plan.seed)
            for place, projection in enumerate(plan.projections)
            if projection.plasticity is not None
        }
        self._release = {
            place: ReferenceRelease(projection, plan.dt)
            for place, projection in enumerate(plan.projections)
            if projection.release is not None
        }

    def advance(self, steps: int) -> Chunk:
        """Advance by ``steps`` >= 1; see `engine.runtime.plan.Executor`."""
        if steps < 1:
            raise BackendError(f"cannot advance by {steps} steps; ask for at least 1")
        return self._rewards.advance(self.step, steps, self._advance, self._reward)

    def _reward(self, projection: int, amount: float) -> None:
        self._plastic[projection].reward(amount)

    def _advance(self, steps: int) -> Chunk:
        first = len(self.plan.populations)
        emitters = [*range(first), *(first + source for source in self.plan.record_sources)]
        spikes: dict[int, list[tuple[int, np.ndarray]]] = {emitter: [] for emitter in emitters}
        monitors: list[list[np.ndarray]] = [[] for _ in self.plan.monitors]
        start = self.step
        for _ in range(steps):
            emitted = self._one_step()
            for emitter in emitters:
                spikes[emitter].append((self.step, emitted[emitter]))
            self.step += 1
            self._sample(monitors)
        return Chunk(
            start,
            steps,
            {emitter: _joined(found) for emitter, found in spikes.items()},
            [self._stacked(k, samples) for k, samples in enumerate(monitors)],
        )

    def _one_step(self) -> list[np.ndarray]:
        """Senders of every emitter in the step, in ascending order and with multiplicity."""
        plans = self._sources.plans
        self._sources.relax(self.step)
        for projection in self.plan.projections:
            source = projection.source - len(self._populations)
            if source >= 0 and plans[source].kind == "current":
                self._deliver_current(projection, source)
            if projection.gap:
                self._deliver_gap(projection)
        for plastic in self._plastic.values():
            self._deliver_plastic(plastic)
        emitted = [population.advance(self.step) for population in self._populations]
        emitted += [self._sources.senders(place, self.step) for place in range(len(plans))]
        for place, projection in enumerate(self.plan.projections):
            if place not in self._plastic and not projection.gap:
                self._deliver_spikes(place, projection, emitted[projection.source])
        for plastic in self._plastic.values():
            plastic.spiked(self.step, emitted)
        return emitted

    def _deliver_plastic(self, plastic: ReferencePlasticity) -> None:
        """What learning synapses bring at the end of this very step."""
        target, weight = plastic.arrive(self.step)
        population, port = plastic.place
        drive = self._populations[population].drive
        row = drive[self.step % len(drive), port]
        row.index_put_((torch.from_numpy(target),), torch.from_numpy(weight), accumulate=True)

    def _deliver_spikes(self, place: int, projection: ProjectionPlan, senders: np.ndarray) -> None:
        target, weight, delay = _synapses(projection, senders)
        if place in self._release:
            shares = self._release[place].shares(self.step, senders)
            weight = weight * np.repeat(shares, _synapse_counts(projection, senders))
        drive = self._populations[projection.target].drive
        row = (self.step + torch.from_numpy(delay)) % len(drive)
        port = torch.full_like(row, projection.port)
        where = (row, port, torch.from_numpy(target))
        drive.index_put_(where, torch.from_numpy(weight), accumulate=True)

    def _deliver_gap(self, projection: ProjectionPlan) -> None:
        """What flows between two membranes as they are when this very step begins."""
        source, target = (self._populations[end] for end in (projection.source, projection.target))
        senders = np.arange(source.plan.size)
        to, weight, _ = _synapses(projection, senders)
        across = source.state[source.plan.membrane].numpy()
        across = np.repeat(across, _synapse_counts(projection, senders))
        across = across - target.state[target.plan.membrane].numpy()[to]
        row = target.drive[self.step % len(target.drive), projection.port]
        row.index_put_((torch.from_numpy(to),), torch.from_numpy(weight * across), accumulate=True)

    def _deliver_current(self, projection: ProjectionPlan, source: int) -> None:
        """What a current adds to the drive of this very step."""
        values = self._sources.currents(source, self.step)
        senders = np.arange(len(values))
        target, weight, _ = _synapses(projection, senders)
        current = weight * np.repeat(values, _synapse_counts(projection, senders))
        drive = self._populations[projection.target].drive
        row = drive[self.step % len(drive), projection.port]
        row.index_put_((torch.from_numpy(target),), torch.from_numpy(current), accumulate=True)

    def _sample(self, monitors: list[list[np.ndarray]]) -> None:
        for found, monitor in zip(monitors, self.plan.monitors, strict=True):
            if self.step % max(1, monitor.every) == 0:
                row = self._populations[monitor.population].state[monitor.row].numpy()
                if monitor.kind == "mean":
                    found.append(row.mean())
                else:
                    found.append(row.copy() if monitor.indices is None else row[monitor.indices])

    def _stacked(self, monitor: int, samples: list[np.ndarray]) -> Floats:
        plan = self.plan.monitors[monitor]
        if samples:
            return np.stack(samples)
        if plan.kind == "mean":
            return np.zeros(0)
        size = self.plan.populations[plan.population].size
        return np.zeros((0, size if plan.indices is None else len(plan.indices)))

    def set_constants(self, population: int, constants: dict[str, Constant]) -> None:
        """New values of all constants of a population, from the next step on."""
        self._populations[population].set_constants(constants)

    def set_source(self, source: int, plan: SourcePlan) -> None:
        """A source with changed values, from the next step on."""
        self._sources.set(source, plan, self.step)

    def set_weight(self, projection: int, weight: Constant) -> None:
        """New weights of a projection, in the order of its connections."""
        plan = self.plan.projections[projection]
        if projection in self._plastic:
            self._plastic[projection].set_weights(np.asarray(weight, np.float64))
        elif plan.connections is not None and not plan.one_to_one:
            connections = replace(plan.connections, weight=weight)
            self.plan.projections[projection] = replace(plan, connections=connections)
        else:
            self.plan.projections[projection] = replace(plan, weight=weight)

    def weights(self, projection: int) -> Floats:
        """A copy of the weights of a plastic projection."""
        return self._plastic[projection].weights

    def modulators(self, projection: int) -> dict[str, float]:
        """What rewards have left in ``projection``, now."""
        found = self._plastic[projection]
        return rewards.modulators(found.plan, found.clock)

    def reward(self, projection: int, amount: float) -> None:
        """A reward for the synapses of ``projection``, now."""
        self._rewards.give(self.plan.projections[projection], projection, self.step, amount)

    def set_plasticity(self, projection: int, plan: PlasticityPlan | ReleasePlan) -> None:
        """Other numbers of the same rule, or learning on or off, from the next step on."""
        if isinstance(plan, ReleasePlan):
            self._release[projection].plan = plan
        else:
            self._plastic[projection].set_plan(plan)

    def states(self) -> list[Floats]:
        """Views of state[S, N] of every population."""
        return [population.state.numpy() for population in self._populations]

    def checkpoint(self) -> dict[str, np.ndarray]:
        """All that changes while the network runs (not its constants, weights and rates)."""
        saved = {"step": np.array(self.step, np.int64), **self._sources.saved(self.step)}
        for place, population in enumerate(self._populations):
            saved[f"state/{place}"] = population.state.numpy().copy()
            saved[f"drive/{place}"] = population.drive.numpy().copy()
        for place, plastic in self._plastic.items():
            saved |= plastic.saved(f"plastic/{place}")
        saved |= self._rewards.saved()
        for place, release in self._release.items():
            saved |= release.saved(f"release/{place}")
        return saved

    def restore(self, checkpoint: dict[str, np.ndarray]) -> None:
        """Go back to a checkpoint of the same plan; raises `BackendError` for another plan's.

        Then nothing has changed.
        """
        step = step_of(checkpoint)
        tables = Rewards.tables(self.plan, step)
        sizes = [emitter.size for emitter in (*self.plan.populations, *self.plan.sources)]
        for place, plastic in self._plastic.items():
            tables |= plastic.tables(f"plastic/{place}", sizes, step)
        require_like(checkpoint, self.checkpoint(), tables)
        self._sources.restore(checkpoint)
        self.step = step
        for place, population in enumerate(self._populations):
            population.state = torch.tensor(checkpoint[f"state/{place}"], dtype=DTYPE)
            population.drive = torch.tensor(checkpoint[f"drive/{place}"], dtype=DTYPE)
        for place, plastic in self._plastic.items():
            plastic.restore(f"plastic/{place}", checkpoint)
        self._rewards.restore(checkpoint)
        for place, release in self._release.items():
            release.restore(f"release/{place}", checkpoint)


def _longest_delay(projection: ProjectionPlan) -> int:
    delay: Any = projection.delay
    if projection.connections is not None and not projection.one_to_one:
        delay = projection.connections.delay
    return int(np.max(delay, initial=1))


def _synapse_counts(projection: ProjectionPlan, senders: np.ndarray) -> np.ndarray:
    """Number of synapses of every sender."""
    if projection.one_to_one or projection.connections is None:
        return np.ones(len(senders), np.int64)
    return np.diff(projection.connections.row)[senders]


def _synapses(
    projection: ProjectionPlan, senders: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Target, weight and delay of every synapse of ``senders``, in their order."""
    connections = projection.connections
    if projection.one_to_one or connections is None:
        weight = _taken(projection.weight, senders, np.float64)
        return senders, weight, np.full(len(senders), projection.delay, np.int64)
    row = connections.row
    rows = [np.arange(int(row[s]), int(row[s + 1])) for s in senders]
    chosen = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    target = connections.target[chosen].astype(np.int64)
    weight = _taken(connections.weight, chosen, np.float64)
    return target, weight, _taken(connections.delay, chosen, np.int64)


def _taken(values: Any, places: np.ndarray, dtype: Any) -> np.ndarray:
    """values[places], or a scalar that often."""
    if np.ndim(values):
        return np.asarray(values)[places].astype(dtype)
    return np.full(len(places), values, dtype)


def _joined(found: list[tuple[int, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    steps = [np.full(len(senders), step, np.int64) for step, senders in found]
    senders = [senders.astype(np.uint32) for _, senders in found]
    return np.concatenate(steps), np.concatenate(senders)
