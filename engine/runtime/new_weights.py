"""New weights for the synapses of a connection that is built: drawn as if they were built anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.connectivity.build import connect, weight_values
from engine.connectivity.rules import Pattern
from engine.document import Document, Edge
from engine.document.plasticity import bounds_of_rule, weight_unit
from engine.document.values import complete_rule
from engine.errors import DocumentError, Problem
from engine.runtime.normalise import fit_to_learn
from engine.runtime.places import between, goes_by_distance
from engine.runtime.plan import Constant, Floats, ProjectionPlan
from engine.runtime.values import for_synapses

ROUNDING = 1e-6  # share of a bound by which a weight in single precision may lie beyond it


def new_weights(document: Document, edge: Edge, projection: ProjectionPlan) -> Constant:
    """The weights that ``edge`` says, in the order of the connections of its ``projection``, as the
    network would begin with them.

    Raises DocumentError where the synapses were built with one weight for all.
    """
    drawn = _drawn(document, edge, projection)
    return fit_to_learn(document, edge, projection.connections, drawn)


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
    if edge.rule["kind"] != "explicit" and not isinstance(weight, list):
        return weight_values(pattern, weight, connections.row, connections.target, dtype)
    delay = for_synapses(edge.delay, "ms", f"edges/{edge.id}/delay")
    return connect(pattern, complete_rule(edge.rule), weight, delay, settings.dt, dtype).weight


def weights_of_before(
    document: Document, edge: Edge, projection: ProjectionPlan, weights: ArrayLike
) -> Floats:
    """``weights`` that the synapses of a learning edge had once, fit to be given to them again.

    Raises DocumentError for another number of them than there are synapses, for one that is not
    finite or lies outside the bounds of the rule, or for an edge that does not learn.
    """
    path, connections = f"edges/{edge.id}/weight", projection.connections
    if projection.plasticity is None or connections is None:
        message = "its synapses do not learn, so none has a weight that was learnt"
        raise DocumentError(Problem(path, "no-rule", message, "use set_weight"))
    try:
        given = np.array(weights, np.dtype(document.float_type))
    except (TypeError, ValueError, OverflowError):
        message = "the weights are not a list of numbers"
        raise DocumentError(Problem(path, "value", message, "give what `weights` gave")) from None
    if given.shape != (connections.synapses,):
        message = f"{given.size:,} weights stand beside {connections.synapses:,} synapses"
        raise DocumentError(Problem(path, "count", message, "give what `weights` gave, one each"))
    low, high = bounds_of_rule(document, edge) or (-np.inf, np.inf)
    room = ROUNDING * max(abs(low), abs(high)) if low > -np.inf else 0.0
    wrong = given[~(np.isfinite(given) & (given >= low - room) & (given <= high + room))]
    if wrong.size:
        message = f"a weight of {wrong[0]:g} is outside of {low:g} to {high:g}"
        raise DocumentError(Problem(path, "weight-bounds", message, "change it, or the bounds"))
    return given
