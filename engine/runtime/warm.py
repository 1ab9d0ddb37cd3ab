"""Compiling ahead of time, so that the first run of a document need not wait for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from engine.backends import cache, registry
from engine.connectivity.between import Between
from engine.connectivity.boxes import FEW
from engine.connectivity.build import connect
from engine.connectivity.rules import Pattern
from engine.document import Document, Edge, Node, RunSettings
from engine.document.lookup import CURRENT
from engine.document.validate import require_valid
from engine.document.values import complete_rule
from engine.equations.adjoint import adjoint
from engine.equations.compile import compile_model
from engine.geometry.space import line
from engine.models.registry import neuron_models, plasticity_models
from engine.models.surrogates import USUAL, surrogate
from engine.runtime.build import population_plan, weight_unit
from engine.runtime.estimate import estimate
from engine.runtime.places import between, goes_by_distance
from engine.runtime.plan import NetworkPlan, ProjectionPlan
from engine.runtime.plasticity import rule_map, rules_of
from engine.runtime.values import for_synapses

_UNCOMPILED = ("one_to_one", "explicit")  # rules that have no compiled loop
_RULES = ("all_to_all", "probability", "fixed_indegree", "fixed_outdegree", "fixed_total",
          "distance")  # fmt: skip
_TARGETS = (8, 70_000)  # populations whose members are counted in 16 and in 32 bits
_DRAWN = {"distribution": "uniform", "low": 0.1, "high": 1.0}
_DELAYS = (_DRAWN, {"distribution": "uniform", "low": 30.0, "high": 40.0})  # in 8 and in 16 bits

Piece = tuple[str, Callable[[], None]]  # what it is, and what compiles or loads it


def warm_up(document: Document) -> None:
    """Compile, or load, what a run of ``document`` needs; its synapses are not built.

    What all networks share comes last, so that another process can do it at the same time, see
    `warm_driver`.  Raises DocumentError or LimitError for a document that could not be run.
    """
    require_valid(document)
    estimate(document).require_fits()
    plan, settings = _empty(document), document.simulation
    for node in document.populations:
        plan.populations.append(population_plan(document, node, plan.dtype))
    plan.rules = rules_of(document)
    for edge in document.edges:
        _connect_few(document, edge, plan)
    registry.prepare(plan, None, settings.device, settings.threads)


def warm_driver(document: Document) -> None:
    """Compile, or load, what networks of the precision of ``document`` share, the longest part."""
    settings = document.simulation
    registry.prepare(_empty(document), None, settings.device, settings.threads)


def is_warm(document: Document) -> bool:
    """Whether `warm_driver` would only load."""
    settings = document.simulation
    return registry.is_warm(_empty(document), settings.device, settings.threads)


def shipped(precision: str) -> Iterator[Piece]:
    """What networks of shipped models need besides the driver, each with its own ports."""
    for name in neuron_models():
        yield f"{name} ({precision})", partial(_warm_model, name, precision)
    for kind in _RULES:
        yield f"{kind} ({precision})", partial(_warm_rule, kind, precision)
    for name in plasticity_models():
        yield f"{name} ({precision})", partial(_warm_learning, name, precision)


def shipped_training() -> Iterator[Piece]:
    """The training kernels of shipped models as a layer has them where nothing else is said."""
    for name in neuron_models():
        yield f"training {name}", partial(_warm_training, name)


def shipped_driver(precision: str) -> Piece:
    """The driver that all networks share."""
    document = Document(simulation=RunSettings(precision=precision))
    return f"the network driver ({precision})", partial(warm_driver, document)


def note_shipped() -> None:
    """Remember that all that is shipped has been compiled by this version on this machine."""
    cache.note("shipped", "", _whole_engine())


def is_shipped_warm() -> bool:
    """Whether `note_shipped` was called by this very version."""
    return cache.holds("shipped", "", _whole_engine())


def _whole_engine() -> list[Path]:
    return sorted(Path(__file__).parents[1].rglob("*.py"))


def _warm_model(name: str, precision: str) -> None:
    document = Document(
        nodes=(Node("n", name),), simulation=RunSettings(dt=0.01, precision=precision)
    )
    plan, node = _empty(document), document.nodes[0]
    for used in _usual(list(neuron_models()[name].ports)):
        made = population_plan(document, node, plan.dtype, used)
        plan.populations += [made, replace(made, stepwise=True)]
    registry.prepare(plan)


def _usual(ports: list[str]) -> list[tuple[str, ...]]:
    """The sets of ports that networks mostly use: each has a kernel of its own."""
    found = [(CURRENT,), tuple(ports[:1]), tuple(ports), (*ports, CURRENT)]
    return list(dict.fromkeys(found))


def _warm_rule(kind: str, precision: str) -> None:
    rule = {"kind": kind, "p": 0.5, "n": 1, "self_connections": True, "multapses": True}
    rule |= {"profile": "box", "scale": 1.0}
    for targets in _TARGETS:
        here = Between(line(1, 1.0), line(targets, 1.0))
        for delay in _DELAYS:
            pattern = Pattern("warm", 1, targets, False, 1, here)
            connect(pattern, rule, _DRAWN, delay, 0.1, np.dtype(precision))
    if kind == "distance":
        _warm_near(rule)


def _warm_near(rule: dict[str, Any]) -> None:
    """The loops of short reaches, and of a fixed number of partners."""
    for targets in (FEW + 1, max(_TARGETS)):
        far, here = line(targets, 10.0 * targets), line(targets, 1.0)
        for end, more in ((far, {}), (here, {"indegree": 1}), (here, {"outdegree": 1})):
            pattern = Pattern("warm", 1, targets, False, 1, Between(line(1, 1.0), end))
            connect(pattern, rule | more, 1.0, 1.0, 0.1)


def _warm_learning(name: str, precision: str) -> None:
    rule = rule_map(plasticity_models()[name])
    plan = _empty(Document(simulation=RunSettings(precision=precision)))
    few = min(_TARGETS)
    plan.rules = [(rule, few, few)]
    registry.prepare(plan)


def _warm_training(name: str) -> None:
    """What `engine.deep.Spiking(name)` compiles for float32; it would do so itself."""
    from engine.backends.numba_cpu.training import TrainingKernels

    model = replace(neuron_models()[name], ports={})
    step_map = compile_model(model, None, None, model.chosen({}))
    inputs, slope = (f"in_{CURRENT}",), surrogate(USUAL).expression()
    found = adjoint(step_map, slope, inputs=inputs)
    TrainingKernels(step_map, np.dtype("float32"), inputs, found).prepare()


def _empty(document: Document) -> NetworkPlan:
    settings = document.simulation
    return NetworkPlan(settings.dt, settings.seed, np.dtype(document.float_type), [])


def _connect_few(document: Document, edge: Edge, plan: NetworkPlan) -> None:
    """Connect one neuron by the edge's rule, which compiles its loops, and put it in the plan."""
    rule = complete_rule(edge.rule)
    if rule["kind"] in _UNCOMPILED:
        return
    if "n" in rule:
        rule = {**rule, "n": 1}
    settings, where = document.simulation, f"edges/{edge.id}"
    weight = for_synapses(edge.weight, weight_unit(document, edge), f"{where}/weight")
    delay = 0.0 if edge.port == CURRENT else for_synapses(edge.delay, "ms", f"{where}/delay")
    targets = document.nodes_by_id[edge.target].size
    apart = between(document, edge) if goes_by_distance(edge) else None
    first = apart.source.part(slice(1)) if apart else None
    few = replace(apart, source=first) if apart and first else None
    pattern = Pattern(edge.id, 1, targets, False, settings.seed, few)
    made = connect(pattern, rule, weight, delay, settings.dt, plan.dtype)
    plan.projections.append(ProjectionPlan(edge.id, 0, 0, 0, made))
