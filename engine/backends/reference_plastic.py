"""The reference of plastic projections: one instant after the other, plain NumPy in float64."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.equations.evaluate import execute
from engine.equations.plastic import WEIGHT
from engine.equations.stepmap import StepMap
from engine.equations.tree import Assign
from engine.errors import BackendError
from engine.runtime.plan import Connections, PlasticityPlan, ProjectionPlan

Senders = NDArray[np.int64]
NOBODY: Senders = np.zeros(0, np.int64)


class ReferencePlasticity:
    """Weights and traces of one plastic projection, and the spikes that it has yet to see."""

    def __init__(self, projection: ProjectionPlan, dt: float) -> None:
        plan, connections = projection.plasticity, projection.connections
        if plan is None or connections is None or np.ndim(connections.delay):
            raise BackendError(
                f'projection "{projection.id}": a learning rule needs connections with one delay'
            )
        self.plan: PlasticityPlan = plan
        self.connections: Connections = connections
        self.delay, self.dt = int(connections.delay), dt
        self.source, self.place = projection.source, (projection.target, projection.port)
        self.weights = np.empty(connections.synapses)
        self.set_weights(connections.weight)
        self.pre = np.zeros((len(plan.rule.pre.states), connections.sources))
        self.post = np.zeros((len(plan.rule.post.states), connections.targets))
        self._sent: dict[int, Senders] = {}  # step -> sources that spiked
        self._fired: dict[int, Senders] = {}  # step -> targets that spiked

    def set_weights(self, weight: float | np.ndarray) -> None:
        """New weights of all synapses."""
        self.weights[:] = weight

    def arrive(self, step: int) -> tuple[Senders, NDArray[np.float64]]:
        """What reaches the neurons at the end of ``step``: targets and weights, in order."""
        rule, constants = self.plan.rule, self.plan.constants
        self.pre = self._advanced(rule.pre, constants.pre, self.pre, step)
        self.post = self._advanced(rule.post, constants.post, self.post, step)
        targets, weights = [NOBODY], [np.zeros(0)]
        for sender in self._sent.get(step - self.delay, NOBODY):
            row = slice(*self.connections.row[sender : sender + 2])
            target = self.connections.target[row].astype(np.int64)
            targets.append(target)
            weights.append(self.weights[row].copy())
            self._learn(rule.on_pre, row, self.pre[:, [sender]], self.post[:, target])
        if self.plan.dendritic:
            self._finish(step, step - 2 * self.delay)
        return np.concatenate(targets), np.concatenate(weights)

    def spiked(self, step: int, sent: Senders, fired: Senders) -> None:
        """The spikes of ``step``, known only now: they end the instant over an axonal delay."""
        self._sent[step], self._fired[step] = sent, fired
        if not self.plan.dendritic:
            self._finish(step, step)
        for history in (self._sent, self._fired):
            for old in [known for known in history if known <= step - 2 * self.delay]:
                del history[old]

    def _finish(self, step: int, post_step: int) -> None:
        rule = self.plan.rule
        sent, fired = self._sent.get(step - self.delay, NOBODY), self._fired.get(post_step, NOBODY)
        source = np.repeat(np.arange(self.connections.sources), np.diff(self.connections.row))
        for target in fired:
            column = np.flatnonzero(self.connections.target == target)
            self._learn(rule.on_post, column, self.pre[:, source[column]], self.post[:, [target]])
        self._jump(rule.post_spike, rule.post.states, self.post, fired)
        self._jump(rule.pre_spike, rule.pre.states, self.pre, sent)

    def _learn(
        self,
        program: Sequence[Assign],
        synapses: slice | Senders,
        pre: np.ndarray,
        post: np.ndarray,
    ) -> None:
        if not self.plan.on or not program:
            return
        rule = self.plan.rule
        names = dict(zip(rule.pre.states, pre, strict=True))
        names |= dict(zip(rule.post.states, post, strict=True))
        names |= self.plan.constants.programs | {WEIGHT: self.weights[synapses]}
        execute(program, names)
        self.weights[synapses] = names[WEIGHT]

    def _jump(
        self, program: Sequence[Assign], states: Sequence[str], rows: np.ndarray, who: Senders
    ) -> None:
        for neuron in who:
            names = dict(zip(states, rows[:, neuron], strict=True)) | self.plan.constants.programs
            execute(program, names)
            rows[:, neuron] = [names[state] for state in states]

    def _advanced(
        self, traces: StepMap, constants: dict[str, float], rows: np.ndarray, step: int
    ) -> np.ndarray:
        names: dict[str, Any] = {"dt": self.dt, "t": step * self.dt} | constants
        names |= dict(zip(traces.states, rows, strict=True))
        execute(traces.update, names)
        return np.array([names[state] for state in traces.states]).reshape(rows.shape)

    def saved(self, name: str) -> dict[str, np.ndarray]:
        """All that changes, for a checkpoint."""
        found = {"weights": self.weights, "pre": self.pre, "post": self.post}
        for side, history in (("sent", self._sent), ("fired", self._fired)):
            spikes = [(step, who) for step, senders in history.items() for who in senders]
            found[side] = np.array(spikes, np.int64).reshape(-1, 2)
        return {f"{name}/{part}": array.copy() for part, array in found.items()}

    def restore(self, name: str, saved: dict[str, np.ndarray]) -> None:
        """Go back to what `saved` gave."""
        if saved.get(f"{name}/weights", np.empty(0)).shape != self.weights.shape:
            raise BackendError("the checkpoint belongs to another network; run from the start")
        for part in ("weights", "pre", "post"):
            getattr(self, part)[:] = saved[f"{name}/{part}"]
        for side in ("sent", "fired"):
            spikes = saved[f"{name}/{side}"]
            history = {
                int(step): spikes[spikes[:, 0] == step, 1] for step in np.unique(spikes[:, 0])
            }
            setattr(self, f"_{side}", history)
