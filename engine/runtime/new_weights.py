"""New weights for the synapses of a connection that is built: drawn as if they were built anew."""

from __future__ import annotations

import numpy as np

from engine.connectivity.build import connect, weight_values
from engine.connectivity.rules import Pattern
from engine.document import Document, Edge
from engine.document.values import complete_rule
from engine.errors import DocumentError, Problem
from engine.runtime.build import weight_unit
from engine.runtime.places import between, goes_by_distance
from engine.runtime.plan import Constant, ProjectionPlan
from engine.runtime.plasticity import within_bounds
from engine.runtime.values import for_synapses


def new_weights(document: Document, edge: Edge, projection: ProjectionPlan) -> Constant:
    """The weights that ``edge`` says, in the order of the connections of its ``projection``.

    Those of a learning edge lie within its bounds.  Raises DocumentError where the synapses were
    built with one weight for all.
    """
    return within_bounds(document, edge, _drawn(document, edge, projection))


def _drawn(document: Document, edge: Edge, projection: ProjectionPlan) -> Constant:
    path = f"edges/{edge.id}/weight"
    weight = for_synapses(edge.weight, weight_unit(document, edge), path)
    connections = projection.connections
    if connections is None:
        if isinstance(weight, float):
            return weight
        message = "its synapses were built with one weight for all"
        raise DocumentError(Problem(path, "rebuild", message, "rebuild the network"))
    settings, dtype = document.simulation, np.dtype(document.float_type)
    apart = between(document, edge) if goes_by_distance(edge) else None
    sizes = connections.sources, connections.targets
    pattern = Pattern(edge.id, *sizes, edge.source == edge.target, settings.seed, apart)
    if edge.rule["kind"] != "explicit":
        return weight_values(pattern, weight, connections.row, connections.target, dtype)
    delay = for_synapses(edge.delay, "ms", f"edges/{edge.id}/delay")
    return connect(pattern, complete_rule(edge.rule), weight, delay, settings.dt, dtype).weight
