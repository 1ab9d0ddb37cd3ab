"""From a document to a network plan: every name looked up, every number fixed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.connectivity.build import connect, delay_steps
from engine.connectivity.rules import Pattern
from engine.connectivity.work import building_threads
from engine.document import Document, Edge, Node
from engine.document.lookup import (
    CURRENT,
    holds,
    is_clamped,
    is_joined,
    joins,
    model_of,
    parameters_of,
    state_units,
)
from engine.document.plasticity import weight_unit
from engine.document.values import complete_rule
from engine.equations.cable import is_per_area
from engine.equations.compile import compile_model, constants, initial_state
from engine.equations.constants import resolve
from engine.equations.silent import without
from engine.equations.stepmap import StepMap
from engine.errors import DocumentError, Problem, RunStopped
from engine.models.compose import GAP, GAP_PORT
from engine.models.declaration import NeuronModel, SynapseModel
from engine.random import NOISE, stream
from engine.runtime.cables import compartment_parameters
from engine.runtime.gaps import join_both_ways
from engine.runtime.normalise import fit_to_learn
from engine.runtime.places import between, goes_by_distance
from engine.runtime.plan import (
    Constant,
    MonitorPlan,
    NetworkPlan,
    PopulationPlan,
    ProjectionPlan,
)
from engine.runtime.plasticity import give_rule, rule_plan, rules_of
from engine.runtime.sources import source_plan
from engine.runtime.values import Number, for_synapses, per_member

Progress = Callable[[float, str], None]  # share done of this stage, and what is being done
Cancel = Callable[[], bool]
# node, state, members or "mean", steps between samples
Monitor = tuple[str, str, "tuple[int, ...] | range | str", int]


@dataclass
class Built:
    """A plan, and where the parts of the document stand in it."""

    plan: NetworkPlan
    populations: dict[str, int] = field(default_factory=dict)  # node -> place
    sources: dict[str, int] = field(default_factory=dict)  # node -> place among sources
    projections: dict[str, int] = field(default_factory=dict)  # edge -> place
    returns: dict[str, int] = field(default_factory=dict)  # gap junction -> place of the way back

    def emitter(self, node: str) -> int:
        """The place of a node in the joint list of populations and sources."""
        if node in self.populations:
            return self.populations[node]
        return len(self.populations) + self.sources[node]

    @property
    def synapses(self) -> int:
        """Number of synapses of all projections."""
        projections = (self.plan.projections[place] for place in self.projections.values())
        return sum(_synapses(self.plan, projection) for projection in projections)


def build(
    document: Document,
    monitors: list[Monitor] | tuple[Monitor, ...] = (),
    folder: Path | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    prepare: Callable[[NetworkPlan, Progress | None], None] | None = None,
) -> Built:
    """The plan of a document that has been checked.

    ``monitors`` are those of the plan, in this order; ``folder`` is where the document lies;
    ``prepare`` is called when the plan has its populations and nothing else yet.
    Raises DocumentError or DataError if a value cannot be used, RunStopped if cancelled.
    """
    settings = document.simulation
    dtype = np.dtype(document.float_type)
    plan = NetworkPlan(settings.dt, settings.seed, dtype, [])
    built = Built(plan)
    parts = 1 + len(document.populations) + len(document.edges)
    for place, node in enumerate(document.populations):
        _begin(progress, cancel, place / parts, f"preparing {node.title}")
        built.populations[node.id] = place
        plan.populations.append(population_plan(document, node, dtype, folder=folder))
    plan.rules = rules_of(document)
    if prepare is not None:
        prepare(plan, _stage(progress, len(document.populations), parts))
    for place, node in enumerate(document.sources):
        built.sources[node.id] = place
        plan.sources.append(source_plan(document, node, folder))
    for place, edge in enumerate(document.edges):
        done = 1 + len(document.populations) + place
        text = f"connecting {_title(document, edge.source)} with {_title(document, edge.target)}"
        _begin(progress, cancel, done / parts, text)
        inner = _part_of(progress, done, parts, text)
        built.projections[edge.id] = place
        plan.projections.append(projection_plan(document, edge, built, dtype, inner, cancel))
    join_both_ways(built)
    plan.monitors = [monitor_plan(built, monitor) for monitor in monitors]
    _begin(progress, None, 1.0, "built")
    return built


def population_plan(
    document: Document,
    node: Node,
    dtype: np.dtype,
    used: Collection[str] | None = None,
    folder: Path | None = None,
) -> PopulationPlan:
    """The plan of one population: its step map, constants and initial state.

    ``used`` are the ports at which anything arrives; None for those with a wire.  ``folder`` is
    where the file of a morphology may lie.
    """
    model, joined = _neuron(document, node), is_joined(document, node)
    ports: dict[str, str | SynapseModel] = {**model.ports, **node.ports}
    if joined:
        ports[GAP_PORT] = GAP
    parameters = parameter_values(document, node)
    cable, clamp = node.is_cell, is_clamped(document, node)
    solver = None if cable or clamp else node.solver
    options = model.chosen(parameters)
    whole = compile_model(model, ports, solver, options, cable=cable, clamp=clamp)
    if used is None:
        used = {edge.port for edge in document.edges if edge.target == node.id}
        used |= {GAP_PORT} if joined else set()
    step_map = without(whole, {entry.port for entry in whole.inputs}.difference(used))
    initial: dict[str, Any] = {
        state: value if value == "rest" else _state_values(document, node, state, value)
        for state, value in node.initial.items()
    }
    state = initial_state(model, ports, parameters, node.size, initial)
    geometry: dict[str, Any] = {}
    if cable:
        per_area = is_per_area(model.compose(ports))
        geometry = compartment_parameters(node, step_map, folder, per_area)
    state = _rows(state, len(model.compose(ports).derivatives), len(step_map.states))
    return PopulationPlan(
        node.id,
        node.size,
        step_map,
        population_constants(document, node, step_map, dtype, geometry),
        np.ascontiguousarray(state, dtype),
        stream(node.id, NOISE),
        step_map.states.index(model.membrane),
        # A cable's kernel is in parts already.
        stepwise=not cable
        and not clamp
        and any(edge.target == node.id and _is_prompt(document, edge) for edge in document.edges),
        geometry=geometry,
    )


def _rows(state: np.ndarray, own: int, wanted: int) -> np.ndarray:
    """The first ``own`` rows of a state, and 0 in those that a step map needs besides."""
    return np.concatenate([state[:own], np.zeros((wanted - own, state.shape[1]))])


def _is_prompt(document: Document, edge: Edge) -> bool:
    """Whether a spike or its effect on a weight is in force a step later, as far as one can tell
    before its synapses are made: the delays of those may be drawn."""
    if edge.port == CURRENT:
        return False
    if edge.plasticity is not None and edge.plasticity["delay"] == "axonal":
        return True
    where, dt = f"edges/{edge.id}/delay", document.simulation.dt
    delay = for_synapses(edge.delay, "ms", where)
    return isinstance(delay, float) and delay_steps(delay, dt, where) == 1


def population_constants(
    document: Document,
    node: Node,
    step_map: StepMap,
    dtype: np.dtype,
    geometry: Mapping[str, Constant] | None = None,
) -> dict[str, Constant]:
    """The constants of ``step_map`` for a node's parameters, arrays in ``dtype``.

    ``geometry`` has the parameters that no user sets: those of the plan's compartments.
    """
    parameters = {**parameter_values(document, node), **(geometry or {})}
    values = constants(step_map, parameters, document.simulation.dt, node.size)
    return {
        name: float(value) if np.ndim(value) == 0 else np.ascontiguousarray(value, dtype)
        for name, value in values.items()
    }


def option_problems(before: Document, after: Document, node: str) -> list[Problem]:
    """The problem if the kernel of ``node`` is another one with the parameters of ``after``."""
    old, new = (
        _neuron(found, found.nodes_by_id[node]).chosen(
            parameter_values(found, found.nodes_by_id[node])
        )
        for found in (before, after)
    )
    if old == new:
        return []
    name = next(key for key in (*old, *new) if old.get(key) != new.get(key))
    message = f"`{name}` chooses among equations, and those are built into the network"
    return [Problem(f"nodes/{node}/parameters/{name}", "option", message, "build it anew")]


def refractory_time(document: Document, node: Node, model: NeuronModel, step_map: StepMap) -> float:
    """The shortest refractory time [ms] of a population; 0 if the model has none."""
    values = resolve(step_map.parameters, parameter_values(document, node), node.size)
    return float(np.min(values.get(model.refractory or "", 0.0)))


def parameter_values(document: Document, node: Node) -> dict[str, Number]:
    """The parameters that a node sets, as numbers in the units of their declarations."""
    declared, seed = parameters_of(document, node), document.simulation.seed
    values: dict[str, Number] = {}
    for name, value in node.parameters.items():
        where = f"nodes/{node.id}/parameters/{name}"
        drawn = per_member(value, declared[name].unit, node.size, seed, where)
        low, high = declared[name].bounds
        # Tails of a distribution beyond what the model allows are moved to the bound.
        values[name] = np.clip(drawn, low, high) if isinstance(drawn, np.ndarray) else drawn
    return values


def projection_plan(
    document: Document,
    edge: Edge,
    built: Built,
    dtype: np.dtype,
    progress: Callable[[float], None] | None = None,
    cancel: Cancel | None = None,
) -> ProjectionPlan:
    """The synapses of one edge."""
    source, target = document.nodes_by_id[edge.source], document.nodes_by_id[edge.target]
    place = built.populations[target.id]
    ports = [entry.port for entry in built.plan.populations[place].step_map.inputs]
    if edge.port not in ports:
        message = f'"{target.title}" has no port `{edge.port}`'
        remedy = f"it has {', '.join(ports)}"
        raise DocumentError(Problem(f"edges/{edge.id}/port", "unknown-port", message, remedy))
    settings, rule = document.simulation, complete_rule(edge.rule)
    where = f"edges/{edge.id}"
    weight = for_synapses(edge.weight, weight_unit(document, edge), f"{where}/weight")
    gap = joins(document, edge)
    prompt = gap or edge.port == CURRENT or holds(document, edge)
    delay = 0.0 if prompt else for_synapses(edge.delay, "ms", f"{where}/delay")
    plan = ProjectionPlan(edge.id, built.emitter(source.id), place, ports.index(edge.port), None)
    plan.gap = gap
    same = source.id == target.id
    where_both = between(document, edge) if goes_by_distance(edge) else None
    pattern = Pattern(edge.id, source.size, target.size, same, settings.seed, where_both)
    give_rule(plan, rule_plan(document, edge, built.emitter))
    straight = rule["kind"] == "one_to_one" and source.size == target.size
    straight = straight and edge.plasticity is None  # synapses that learn or tire are rows
    straight = straight and not gap
    if straight and isinstance(weight, float) and isinstance(delay, float):
        plan.one_to_one = True
        plan.weight, plan.delay = weight, delay_steps(delay, settings.dt, f"{where}/delay")
        return plan
    threads = building_threads(settings.threads)
    plan.connections = connect(
        pattern, rule, weight, delay, settings.dt, dtype, progress, cancel, threads
    )
    weight = plan.connections.weight
    plan.connections.weight = fit_to_learn(document, edge, plan.connections, weight)
    return plan


def monitor_plan(built: Built, monitor: Monitor) -> MonitorPlan:
    """The plan of a monitor; DocumentError if there is no such state."""
    node, variable, members, every = monitor
    place = built.populations.get(node)
    states = () if place is None else built.plan.populations[place].step_map.states
    if place is None or variable not in states:
        message = f'"{node}" has no state `{variable}` to record'
        remedy = f"it has {', '.join(states)}" if states else "record a population"
        raise DocumentError(Problem(f"nodes/{node}", "unknown-variable", message, remedy))
    row = states.index(variable)
    if isinstance(members, str):
        return MonitorPlan(place, row, every, "mean")
    return MonitorPlan(place, row, every, "state", np.asarray(members, np.int64))


def _neuron(document: Document, node: Node) -> NeuronModel:
    model = model_of(document, node)
    if not isinstance(model, NeuronModel):
        message = f"{node.model} is not a neuron model"
        raise DocumentError(Problem(f"nodes/{node.id}/model", "model", message, "choose one"))
    return model


def _state_values(document: Document, node: Node, state: str, value: Any) -> Number:
    where, seed = f"nodes/{node.id}/initial/{state}", document.simulation.seed
    return per_member(value, state_units(document, node)[state], node.size, seed, where)


def _synapses(plan: NetworkPlan, projection: ProjectionPlan) -> int:
    if projection.connections is None:
        return plan.populations[projection.target].size
    return projection.connections.synapses


def _title(document: Document, node: str) -> str:
    return document.nodes_by_id[node].title


def _begin(progress: Progress | None, cancel: Cancel | None, share: float, text: str) -> None:
    """Say what comes next, unless the user has had enough."""
    if cancel is not None and cancel():
        raise RunStopped("building was cancelled; nothing was kept")
    if progress is not None:
        progress(share, text)


def _stage(progress: Progress | None, done: int, parts: int) -> Progress | None:
    if progress is None:
        return None
    return lambda share, text: progress((done + share) / parts, text)


def _part_of(
    progress: Progress | None, done: int, parts: int, text: str
) -> Callable[[float], None] | None:
    stage = _stage(progress, done, parts)
    return None if stage is None else lambda share: stage(share, text)
