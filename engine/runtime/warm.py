"""Compiling ahead of time, so that the first run of a document need not wait for it."""

from __future__ import annotations

import numpy as np

from engine.backends import registry
from engine.connectivity.build import Pattern, connect
from engine.document import Document, Edge
from engine.document.lookup import CURRENT
from engine.document.validate import require_valid
from engine.document.values import complete_rule
from engine.runtime.build import population_plan, weight_unit
from engine.runtime.estimate import estimate
from engine.runtime.plan import NetworkPlan, ProjectionPlan
from engine.runtime.values import for_synapses

_UNCOMPILED = ("one_to_one", "explicit")  # rules that have no compiled loop


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


def _empty(document: Document) -> NetworkPlan:
    settings = document.simulation
    return NetworkPlan(settings.dt, settings.seed, np.dtype(settings.precision), [])


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
    pattern = Pattern(edge.id, 1, targets, False, settings.seed)
    made = connect(pattern, rule, weight, delay, settings.dt, plan.dtype)
    plan.projections.append(ProjectionPlan(edge.id, 0, 0, 0, made))
