"""From the learning rule of an edge to that of its projection."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.document import Document, Edge
from engine.document.heard import heard_by
from engine.document.plasticity import bounds_of_rule, learns_at_first, numbers_of_rule, rule_of
from engine.equations.plastic import PlasticMap, plastic_constants
from engine.equations.release import ReleaseMap, release_constants
from engine.errors import DocumentError, EquationError, Problem
from engine.models.declaration import PlasticityModel
from engine.models.plastic import plastic_map, release_map
from engine.random import LEARNING, stream
from engine.runtime.plan import (
    Constant,
    Executor,
    Floats,
    NetworkPlan,
    PlasticityPlan,
    ProjectionPlan,
    ReleasePlan,
)


def rule_plan(
    document: Document, edge: Edge, emitter: Callable[[str], int], on: bool | None = None
) -> PlasticityPlan | ReleasePlan | None:
    """The rule of an edge with its numbers; None if its synapses always deliver their weight.

    ``emitter`` gives the place of a node in the joint list of populations and sources; ``on`` says
    whether it learns, None: as the edge says.
    Raises DocumentError where the numbers cannot be used.
    """
    model, dt = rule_of(edge), document.simulation.dt
    if model is None or edge.plasticity is None:
        return None
    rule, numbers = rule_map(model), numbers_of_rule(document, edge)
    on = learns_at_first(edge) if on is None else on
    try:
        if isinstance(rule, ReleaseMap):
            return ReleasePlan(rule, release_constants(rule, numbers, dt), on)
        values = plastic_constants(rule, numbers, dt)
    except EquationError as error:
        path = f"edges/{edge.id}/plasticity"
        raise DocumentError(Problem(path, "rule", error.message, error.remedy)) from error
    heard = {name: emitter(node) for name, node in heard_by(edge).items()}
    behind, key = edge.plasticity["delay"] == "dendritic", stream(edge.id, LEARNING)
    return PlasticityPlan(rule, values, behind, on, stream=key, **heard)


def give_rule(projection: ProjectionPlan, rule: PlasticityPlan | ReleasePlan | None) -> None:
    """Let the synapses of a projection follow ``rule``."""
    projection.plasticity = rule if isinstance(rule, PlasticityPlan) else None
    projection.release = rule if isinstance(rule, ReleasePlan) else None


def rule_map(model: PlasticityModel) -> PlasticMap | ReleaseMap:
    """What backends print for a rule.  Raises ``EquationError``."""
    return release_map(model) if model.release else plastic_map(model)


def rules_of(document: Document) -> list[tuple[PlasticMap | ReleaseMap, int, int]]:
    """The rules of a document, each with the sizes of its source and its target."""
    found = []
    for edge in document.edges:
        model = rule_of(edge)
        if model is not None:
            sizes = (document.nodes_by_id[end].size for end in (edge.source, edge.target))
            found.append((rule_map(model), *sizes))
    return found


def within_bounds(document: Document, edge: Edge, weight: Constant) -> Constant:
    """Weights of a learning edge with the tails of a distribution moved to the bounds."""
    bounds = bounds_of_rule(document, edge)
    if bounds is None or not isinstance(weight, np.ndarray):
        return weight
    return np.clip(weight, *bounds).astype(weight.dtype)


def pairs_of(plan: NetworkPlan, place: int) -> NDArray[np.uint32]:
    """Source and target of every synapse of a projection, [synapses, 2], as `weights_of` counts."""
    projection = plan.projections[place]
    rows = projection.connections
    if rows is None:  # one to one
        source = target = np.arange(plan.populations[projection.target].size, dtype=np.uint32)
    else:
        source = np.repeat(np.arange(rows.sources, dtype=np.uint32), np.diff(rows.row))
        target = rows.target.astype(np.uint32)
    return np.stack([source, target], 1)


def weights_of(plan: NetworkPlan, executor: Executor, place: int) -> Floats:
    """A copy of the weights of a projection, in the order of its connections, as they are now."""
    projection = plan.projections[place]
    if projection.plasticity is not None:
        return executor.weights(place)
    weight, count = projection.weight, plan.populations[projection.target].size
    if projection.connections is not None:
        weight, count = projection.connections.weight, projection.connections.synapses
    return np.array(np.broadcast_to(weight, count), plan.dtype)
