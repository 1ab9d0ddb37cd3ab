"""Gap junctions: one wire, a conductance between two membranes that acts at both its ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.runtime.plan import Connections, Constant, index_type

if TYPE_CHECKING:
    from engine.runtime.build import Built


def join_both_ways(built: Built) -> None:
    """Let every gap junction of the plan act at both its ends.

    Between two populations the way back is a projection of its own, behind all the others; within
    one the rows are made symmetric.
    """
    projections = built.plan.projections
    for edge, place in built.projections.items():
        plan = projections[place]
        if not plan.gap or plan.connections is None:
            continue
        if plan.source == plan.target:
            plan.connections = symmetric(plan.connections)
            continue
        ports = [entry.port for entry in built.plan.populations[plan.source].step_map.inputs]
        forward = built.plan.populations[plan.target].step_map.inputs[plan.port].port
        built.returns[edge] = len(projections)
        back = replace(
            plan,
            id=f"{plan.id} back",
            source=plan.target,
            target=plan.source,
            port=ports.index(forward),
            connections=transposed(plan.connections),
        )
        projections.append(back)


def transposed(rows: Connections) -> Connections:
    """The same synapses from their targets to their sources."""
    source, target = _pairs(rows)
    return _by_row(target, source, rows.weight, rows.targets, rows.sources)


def symmetric(rows: Connections) -> Connections:
    """The junctions within one population, each in the rows of both its neurons.

    A pair that was drawn in both orders is one junction, with the mean of its conductances; one
    drawn several times in an order is as many in parallel.
    """
    source, target = _pairs(rows)
    apart = source != target  # a neuron is always at its own potential
    weight = np.broadcast_to(rows.weight, source.shape)[apart].astype(np.float64)
    source, target = source[apart], target[apart]
    low, high = np.minimum(source, target), np.maximum(source, target)
    pairs, pair = np.unique(low * rows.targets + high, return_inverse=True)
    orders = [
        np.bincount(pair, upward, pairs.size) > 0 for upward in (source < target, low < source)
    ]
    mean = np.bincount(pair, weight, pairs.size) / np.sum(orders, axis=0)
    low, high = np.divmod(pairs, rows.targets)
    weights: Constant = rows.weight
    if np.ndim(rows.weight) or np.any(mean != rows.weight):
        weights = np.concatenate([mean, mean]).astype(np.asarray(rows.weight).dtype)
    ends = np.concatenate([low, high]), np.concatenate([high, low])
    return _by_row(*ends, weights, rows.sources, rows.targets)


def _pairs(rows: Connections) -> tuple[np.ndarray, np.ndarray]:
    """Source and target of every synapse."""
    source = np.repeat(np.arange(rows.sources, dtype=np.int64), np.diff(rows.row))
    return source, rows.target.astype(np.int64)


def _by_row(
    source: np.ndarray, target: np.ndarray, weight: Constant, sources: int, targets: int
) -> Connections:
    order = np.lexsort((target, source))
    row = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=sources))])
    index: Any = target[order].astype(index_type(targets))
    weight = weight[order] if isinstance(weight, np.ndarray) else weight
    return Connections(sources, targets, row.astype(np.int64), index, weight, 1)
