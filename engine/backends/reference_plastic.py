"""The reference of plastic projections: one instant after the other, plain NumPy in float64."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.backends import rewards
from engine.backends.chance import Chance, Numbers
from engine.backends.checkpoints import Table
from engine.equations.chance import draws
from engine.equations.evaluate import execute
from engine.equations.plastic import WEIGHT
from engine.equations.stepmap import StepMap
from engine.equations.third import EARNED, FADED
from engine.equations.tree import Assign
from engine.errors import BackendError
from engine.runtime.plan import Connections, Floats, PlasticityPlan, ProjectionPlan

Senders = NDArray[np.int64]
NOBODY: Senders = np.zeros(0, np.int64)
SIDES = ("sent", "fired", "taught", "rewarded")  # whose spikes a synapse hears of


class ReferencePlasticity:
    """Weights and traces of one plastic projection, and the spikes that it has yet to see."""

    def __init__(self, projection: ProjectionPlan, dt: float, seed: int = 0) -> None:
        plan, connections = projection.plasticity, projection.connections
        if plan is None or connections is None or np.ndim(connections.delay):
            raise BackendError(
                f'projection "{projection.id}": a learning rule needs connections with one delay'
            )
        self.plan: PlasticityPlan = plan
        self.connections: Connections = connections
        self.delay, self.dt = int(connections.delay), dt
        self._seed = seed
        self.chance: Numbers = Chance(seed, plan.stream)
        self._numbered = np.arange(connections.synapses)
        self.place = (projection.target, projection.port)
        self.emitters = (projection.source, projection.target, plan.teacher, plan.reward)
        self.stored = np.empty(connections.synapses)  # as the last touch left them
        self.eligible, self.last = np.zeros((2, connections.synapses))
        self.clock = rewards.start_of(plan.rule)
        self.set_weights(connections.weight)
        self.pre = np.zeros((len(plan.rule.pre.states), connections.sources))
        self.post = np.zeros((len(plan.rule.post.states), connections.targets))
        self._heard: dict[str, dict[int, Senders]] = {side: {} for side in SIDES}

    @property
    def weights(self) -> Floats:
        """A copy of the weights as they are now."""
        return rewards.touched(self.plan, self.stored, self.eligible, self.last, self.clock)

    def set_weights(self, weight: float | np.ndarray) -> None:
        """New weights of all synapses."""
        self.stored[:] = weight
        if self.plan.rule.drifts:
            self.last[:] = self.clock[rewards.row_of(self.plan.rule, EARNED)]

    def set_plan(self, plan: PlasticityPlan) -> None:
        """Other numbers of the rule, or learning on or off."""
        rewards.renew(self.plan, self.stored, self.eligible, self.last, self.clock)
        self.plan, self.chance = plan, Chance(self._seed, plan.stream)

    def reward(self, amount: float) -> None:
        """A reward that comes now."""
        rewards.reward(self.plan, self.clock, amount)

    def arrive(self, step: int) -> tuple[Senders, NDArray[np.float64]]:
        """What reaches the neurons at the end of ``step``: targets and weights, in order."""
        rule, constants = self.plan.rule, self.plan.constants
        self.pre = self._advanced(rule.pre, constants.pre, self.pre, step)
        self.post = self._advanced(rule.post, constants.post, self.post, step)
        self._advance_clock(step)
        targets, weights = [NOBODY], [np.zeros(0)]
        for sender, again in _counted(self._spikes("sent", step - self.delay)):
            row = slice(*self.connections.row[sender : sender + 2])
            target = self.connections.target[row].astype(np.int64)
            self._touch(row)
            targets.append(target)
            weights.append(self.stored[row].copy())
            ends = self.pre[:, [sender]], self.post[:, target]
            self._learn("on_pre", row, *ends, step, again)
        if self.plan.dendritic:
            self._finish(step, step - 2 * self.delay, step - self.delay)
        return np.concatenate(targets), np.concatenate(weights)

    def spiked(self, step: int, emitted: Sequence[Senders]) -> None:
        """The spikes of ``step``, by emitter: they end the instant over an axonal delay."""
        for side, emitter in zip(SIDES, self.emitters, strict=True):
            self._heard[side][step] = NOBODY if emitter is None else emitted[emitter]
        if not self.plan.dendritic:
            self._finish(step, step, step)
        for history in self._heard.values():
            for old in [known for known in history if known <= step - 2 * self.delay]:
                del history[old]

    def _spikes(self, side: str, step: int) -> Senders:
        return self._heard[side].get(step, NOBODY)

    def _finish(self, step: int, post_step: int, reward_step: int) -> None:
        rule = self.plan.rule
        source = np.repeat(np.arange(self.connections.sources), np.diff(self.connections.row))
        for side, name in (("fired", "on_post"), ("taught", "on_teacher")):
            for target, again in _counted(self._spikes(side, post_step)):
                column = np.flatnonzero(self.connections.target == target)
                if self.plan.on and rule.programs[name]:
                    self._touch(column)
                ends = self.pre[:, source[column]], self.post[:, [target]]
                self._learn(name, column, *ends, step, again)
        fired, sent = self._spikes("fired", post_step), self._spikes("sent", step - self.delay)
        self._jump(rule.post_spike, rule.post.states, self.post, fired)
        self._jump(rule.pre_spike, rule.pre.states, self.pre, sent)
        for _ in self._spikes("rewarded", reward_step):
            self.reward(1.0)
        if (step + 1) % self.plan.constants.renewed == 0:
            rewards.renew(self.plan, self.stored, self.eligible, self.last, self.clock)

    def _touch(self, synapses: slice | Senders) -> None:
        """Bring the weights of some synapses up to date."""
        if self.plan.rule.drifts:
            self.stored[synapses] = rewards.touched(
                self.plan,
                self.stored[synapses],
                self.eligible[synapses],
                self.last[synapses],
                self.clock,
            )
            self.last[synapses] = self.clock[rewards.row_of(self.plan.rule, EARNED)]

    def _learn(
        self,
        name: str,
        synapses: slice | Senders,
        pre: np.ndarray,
        post: np.ndarray,
        step: int,
        again: int,
    ) -> None:
        """Run a program at ``step`` on some synapses, for a spike of a neuron that has had
        ``again`` others in this step."""
        rule = self.plan.rule
        program = rule.programs[name]
        if not self.plan.on or not program:
            return
        names = dict(zip(rule.pre.states, pre, strict=True))
        names |= dict(zip(rule.post.states, post, strict=True))
        names |= dict(zip(rule.modulators, self.clock, strict=False))  # they stand first
        names |= self.plan.constants.programs | {WEIGHT: self.stored[synapses]}
        if rule.eligibility:
            faded = self.clock[rewards.row_of(rule, FADED)]
            names[rule.eligibility] = self.eligible[synapses] * faded
        names |= self.chance.drawn(name, draws(program), self._numbered[synapses], step, again)
        execute(program, names)
        self.stored[synapses] = names[WEIGHT]
        if rule.eligibility in {assign.target for assign in program}:
            self.eligible[synapses] = names[rule.eligibility] / faded

    def _jump(
        self, program: Sequence[Assign], states: Sequence[str], rows: np.ndarray, who: Senders
    ) -> None:
        for neuron in who:
            names = dict(zip(states, rows[:, neuron], strict=True)) | self.plan.constants.programs
            execute(program, names)
            rows[:, neuron] = [names[state] for state in states]

    def _advance_clock(self, step: int) -> None:
        rule, earned = self.plan.rule, rewards.row_of(self.plan.rule, EARNED)
        if rule.clock is None:
            return
        before = self.clock[earned] if earned >= 0 else 0.0
        rows = self.clock[:, None]
        self.clock = self._advanced(rule.clock, self.plan.constants.clock, rows, step)[:, 0]
        if earned >= 0 and not self.plan.on:
            self.clock[earned] = before  # nothing is earned while learning is off

    def _advanced(
        self, traces: StepMap, constants: dict[str, float], rows: np.ndarray, step: int
    ) -> np.ndarray:
        names: dict[str, Any] = {"dt": self.dt, "t": step * self.dt} | constants
        names |= dict(zip(traces.states, rows, strict=True))
        execute(traces.update, names)
        return np.array([names[state] for state in traces.states]).reshape(rows.shape)

    def saved(self, name: str) -> dict[str, np.ndarray]:
        """All that changes, for a checkpoint."""
        found = {part: getattr(self, part) for part in PARTS}
        for side, history in self._heard.items():
            spikes = [(step, who) for step, senders in history.items() for who in senders]
            found[side] = np.array(spikes, np.int64).reshape(-1, 2)
        return {f"{name}/{part}": array.copy() for part, array in found.items()}

    def tables(self, name: str, sizes: Sequence[int], step: int) -> dict[str, Table]:
        """What `saved` may be at ``step``, with the sizes of all emitters, for `require_like`."""
        heard = zip(SIDES, self.emitters, strict=True)
        ends = {side: 0 if emitter is None else sizes[emitter] for side, emitter in heard}
        return {f"{name}/{side}": ((0, step), (0, end)) for side, end in ends.items()}

    def restore(self, name: str, saved: Mapping[str, np.ndarray]) -> None:
        """Go back to what `saved` gave."""
        for part in PARTS:
            getattr(self, part)[:] = saved[f"{name}/{part}"]
        for side in SIDES:
            spikes = saved[f"{name}/{side}"]
            self._heard[side] = {
                int(step): spikes[spikes[:, 0] == step, 1] for step in np.unique(spikes[:, 0])
            }


def _counted(senders: Senders) -> list[tuple[int, int]]:
    """Each of ``senders``, which ascend, and how often it stood before."""
    again = np.arange(len(senders)) - np.searchsorted(senders, senders)
    return list(zip(senders.tolist(), again.tolist(), strict=True))


PARTS = ("stored", "pre", "post", "eligible", "last", "clock")
