"""Synaptic normalisation while a network runs: see `engine/document/normalising.py`.

It is done here, between two advances of any executor, so it is the same on all of them: sums and
factors are taken in double precision, in the order of the connections.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.backends.rewards import joined
from engine.document import Document, Edge
from engine.document.normalising import normalising_of
from engine.document.plasticity import bounds_of_rule, rule_of, weight_unit
from engine.runtime.plan import Chunk, Connections, Constant, Executor, Floats, NetworkPlan
from engine.runtime.plasticity import within_bounds


@dataclass(frozen=True)
class Normalisation:
    """The numbers of one projection."""

    total: float
    every: int  # steps
    low: float  # bounds of a weight
    high: float

    def of(self, weights: Floats, target: NDArray[np.integer], targets: int) -> Floats:
        """``weights`` [synapses] normalised; ``target`` says where each of them ends.

        The weights of a target whose sum is 0 or not finite stay as they are.
        """
        sums = np.bincount(target, np.abs(weights), targets)
        sound = (sums > 0.0) & np.isfinite(sums)
        factor = np.divide(self.total, sums, out=np.ones(targets), where=sound)
        return np.clip(weights * factor[target], self.low, self.high).astype(weights.dtype)


def normalisation(document: Document, edge: Edge) -> Normalisation | None:
    """What an edge that has been checked asks for; None if nothing."""
    found = normalising_of(edge, weight_unit(document, edge))
    if found is None or rule_of(edge) is None:
        return None
    low, high = bounds_of_rule(document, edge) or (-math.inf, math.inf)
    every = max(1, math.floor(found.every / document.simulation.dt + 0.5))
    return Normalisation(found.total, every, low, high)


def fit_to_learn(
    document: Document, edge: Edge, connections: Connections | None, weight: Constant
) -> Constant:
    """Weights that were drawn for an edge as its synapses begin with them: those of one that learns
    within the bounds of its rule, and normalised if it asks for that."""
    weight, rule = within_bounds(document, edge, weight), normalisation(document, edge)
    if rule is None or connections is None:
        return weight
    weights = np.array(np.broadcast_to(weight, connections.synapses), document.float_type)
    return rule.of(weights, connections.target, connections.targets)


class Normaliser:
    """Advances an executor and normalises, at the end of every period, what learns and asks so."""

    def __init__(
        self, document: Document, plan: NetworkPlan, projections: Mapping[str, int]
    ) -> None:
        self._plan, self._projections = plan, projections
        self._rules: dict[int, Normalisation] = {}
        self._target: dict[int, NDArray[np.intp]] = {}  # where every synapse ends
        for edge in document.edges:
            self.follow(document, edge)

    def follow(self, document: Document, edge: Edge) -> None:
        """Take the numbers of ``edge`` as they are now."""
        rule = normalisation(document, edge)
        place = self._projections.get(edge.id)
        connections = None if place is None else self._plan.projections[place].connections
        if rule is not None and place is not None and connections is not None:
            self._rules[place] = rule
            self._target[place] = connections.target.astype(np.intp)

    def advance(self, executor: Executor, steps: int) -> Chunk:
        """``executor.advance(steps)``, cut where a period ends."""
        if not self._rules or steps < 1:
            return executor.advance(steps)
        chunks, end = [], executor.step + steps
        while executor.step < end:
            step = executor.step
            ends = (step - step % rule.every + rule.every for rule in self._rules.values())
            stop = min(end, *ends)
            chunks.append(executor.advance(stop - step))
            self._act(executor)
        return joined(chunks)

    def _act(self, executor: Executor) -> None:
        for place, rule in self._rules.items():
            projection = self._plan.projections[place]
            learns = projection.plasticity is not None and projection.plasticity.on
            if learns and projection.connections is not None and executor.step % rule.every == 0:
                targets = projection.connections.targets
                weights = executor.weights(place)
                executor.set_weight(place, rule.of(weights, self._target[place], targets))
