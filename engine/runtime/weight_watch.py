"""Stops a run whose synapses learn themselves out of hand, and keeps the weights from before."""

from __future__ import annotations

import time

import numpy as np

from engine.errors import RunStopped
from engine.runtime.plan import Chunk, Executor, Floats, NetworkPlan
from engine.runtime.plasticity import weights_of

LARGEST_WEIGHT = 1e9  # pA, nS or mV: far beyond what any synapse does
GROWN = 100.0  # times the largest weight at the start: such growth is why a population runs away
PAUSE_S = 1.0  # of wall time between two looks, which read all weights
REMEDY = "lower its learning rate, or bound its weights more closely"


class WeightWatch:
    """Looks at the weights of all projections that learn, once a second and at the end."""

    def __init__(self, plan: NetworkPlan) -> None:
        self.plan = plan
        self.places = [k for k, p in enumerate(plan.projections) if p.plasticity is not None]
        self.kept: dict[int, Floats] = {}  # projection -> its weights when all was well
        self.begin()

    def begin(self) -> None:
        """A run begins, with the weights that the plan has, or that were learnt before."""
        self._start = {place: _largest(_given(self.plan, place)) for place in self.places}
        self._next = time.perf_counter() + PAUSE_S
        self._kept_at = -1  # the step after which weights were looked at
        self.stopped = False  # whether it has stopped the run

    def look(self, executor: Executor, chunk: Chunk, at_once: bool = False) -> None:
        """Raise RunStopped if a weight is no number, or none that a synapse can have."""
        now = time.perf_counter()
        if not self.places or (now < self._next and not at_once):
            return
        self._next = now + PAUSE_S
        found = {place: executor.weights(place) for place in self.places}
        for place, weights in found.items():
            self._require_sound(place, weights, chunk)
        self.kept, self._kept_at = found, executor.step

    def blame(self, executor: Executor, chunk: Chunk, stopped: RunStopped) -> None:
        """Raise RunStopped that names the connection, if learning is why ``stopped`` was raised."""
        for place in self.places:
            weights = executor.weights(place)
            self._require_sound(place, weights, chunk)
            start, now = self._start[place], _largest(weights)
            if now > GROWN * start > 0.0:
                what = str(stopped).split(";")[0]
                name = self.plan.projections[place].id
                message = f'connection "{name}": its weights grew from {start:.4g} to {now:.4g}, '
                self._stop(f"{message}then {what}")

    def weights(self, executor: Executor, place: int) -> Floats:
        """The weights of a projection as they are, or from before they stopped the run."""
        found = self.kept.get(place)
        if not self.stopped and (found is None or self._kept_at != executor.step):
            return weights_of(self.plan, executor, place)
        return _given(self.plan, place) if found is None else found

    def _require_sound(self, place: int, weights: Floats, chunk: Chunk) -> None:
        if _largest(weights) <= LARGEST_WEIGHT:  # NaN is not
            return
        wrong = weights[~(np.abs(weights) <= LARGEST_WEIGHT)]
        what = "is not a number" if np.isnan(wrong).any() else f"reached {_largest(wrong):.3g}"
        end = (chunk.start + chunk.steps) * self.plan.dt
        name = self.plan.projections[place].id
        self._stop(f'connection "{name}": a weight {what} by {end:.6g} ms')

    def _stop(self, message: str) -> None:
        self.stopped = True
        raise RunStopped(f"{message}; {REMEDY}")


def _largest(weights: Floats) -> float:
    """The largest size of a weight; NaN if one of them is."""
    return float(np.maximum(weights.max(initial=0.0), -weights.min(initial=0.0)))


def _given(plan: NetworkPlan, place: int) -> Floats:
    """The weights with which a projection was built."""
    connections = plan.projections[place].connections
    assert connections is not None
    weights = np.broadcast_to(connections.weight, connections.synapses)
    return np.array(weights, plan.dtype)
