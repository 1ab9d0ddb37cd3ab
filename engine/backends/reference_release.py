"""The reference of synapses that tire: plain NumPy in float64, step by step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.equations.evaluate import execute
from engine.equations.release import ELAPSED, NEVER, SHARE
from engine.errors import BackendError
from engine.runtime.plan import ProjectionPlan, ReleasePlan


class ReferenceRelease:
    """The states of the sources of one projection, and when each spiked last."""

    def __init__(self, projection: ProjectionPlan, dt: float) -> None:
        plan, connections = projection.release, projection.connections
        if plan is None or connections is None or projection.plasticity is not None:
            raise BackendError(
                f'projection "{projection.id}": synapses that tire need connections and no other '
                "rule"
            )
        self.plan: ReleasePlan = plan
        self.dt = dt
        self.states = np.zeros((len(plan.rule.states), connections.sources))
        self.last = np.full(connections.sources, NEVER, np.int64)

    def shares(self, step: int, senders: NDArray[np.int64]) -> NDArray[np.float64]:
        """What each spike of ``step`` delivers of its weights; ``senders`` ascend."""
        found = np.ones(len(senders))
        again = np.arange(len(senders)) - np.searchsorted(senders, senders)
        for turn in range(int(again.max(initial=-1)) + 1):  # a sender's spikes one after another
            places = np.flatnonzero(again == turn)
            shares = self._released(step, senders[places])
            if self.plan.on:
                found[places] = shares
        return found

    def _released(self, step: int, senders: NDArray[np.int64]) -> NDArray[np.float64]:
        """What one spike of each of these senders releases."""
        rule = self.plan.rule
        scope = dict(zip(rule.states, self.states[:, senders], strict=True))
        scope |= self.plan.constants
        scope[ELAPSED] = (step - self.last[senders]) * self.dt
        execute(rule.program, scope)
        for row, state in zip(self.states, rule.states, strict=True):
            row[senders] = scope[state]
        self.last[senders] = step
        return scope[SHARE]

    def saved(self, name: str) -> dict[str, np.ndarray]:
        """All that changes, for a checkpoint."""
        return {f"{name}/states": self.states.copy(), f"{name}/last": self.last.copy()}

    def restore(self, name: str, saved: dict[str, np.ndarray]) -> None:
        """Go back to what `saved` gave."""
        self.states[:], self.last[:] = saved[f"{name}/states"], saved[f"{name}/last"]
