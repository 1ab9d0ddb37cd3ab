"""Third factors on the host: rewards from outside, weights as they stand, a new base time.

What is here is done between two advances, for every backend alike; see `equations/third.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from engine.backends.checkpoints import Table
from engine.equations.evaluate import execute
from engine.equations.plastic import WEIGHT, PlasticMap
from engine.equations.third import AMOUNT, DUE, EARNED, FADED
from engine.errors import BackendError
from engine.runtime.plan import Chunk, Floats, NetworkPlan, PlasticityPlan, ProjectionPlan

Clock = np.ndarray  # float64[states of the clock]


def start_of(rule: PlasticMap) -> Clock:
    """The clock at the start: nothing has faded or been earned, and there is no reward."""
    states = () if rule.clock is None else rule.clock.states
    return np.array([float(state == FADED) for state in states])


def row_of(rule: PlasticMap, state: str) -> int:
    """The row of ``state`` in the clock, -1 if the rule has no such state."""
    states = () if rule.clock is None else rule.clock.states
    return states.index(state) if state in states else -1


def reward(plan: PlasticityPlan, clock: Clock, amount: float) -> None:
    """Let a reward act on the modulators of ``clock``, in place."""
    rule = plan.rule
    names = dict(plan.constants.programs) | {AMOUNT: np.float64(amount)}
    names |= dict(zip(rule.modulators, clock, strict=False))  # they stand first
    execute(rule.on_reward, names)
    clock[: len(rule.modulators)] = [names[state] for state in rule.modulators]


def modulators(plan: PlasticityPlan, clock: Clock) -> dict[str, float]:
    """The modulators of ``clock`` by name; they stand first."""
    return {name: float(level) for name, level in zip(plan.rule.modulators, clock, strict=False)}


def touched(
    plan: PlasticityPlan, weights: Floats, eligible: Floats, last: Floats, clock: Clock
) -> Floats:
    """Weights that are up to date, those of ``weights`` being as their last touch left them.

    ``eligible`` are the eligibilities at the base time, ``last`` the clock's E at the last touch.
    """
    if not plan.rule.drifts:
        return weights.copy()
    due = eligible * (clock[row_of(plan.rule, EARNED)] - last)
    names = dict(plan.constants.programs)
    environment = names | {WEIGHT: weights, DUE: due.astype(weights.dtype)}
    execute(plan.rule.touch, environment)
    return np.asarray(environment[WEIGHT], weights.dtype)


def renew(
    plan: PlasticityPlan, weights: Floats, eligible: Floats, last: Floats, clock: Clock
) -> None:
    """Touch all synapses and let the base time be now; all arrays change in place."""
    rule = plan.rule
    if not rule.eligibility:
        return
    weights[:] = touched(plan, weights, eligible, last, clock)
    faded, earned = row_of(rule, FADED), row_of(rule, EARNED)
    eligible[:] = eligible * clock[faded]
    last[:] = 0.0
    clock[faded] = 1.0
    if earned >= 0:
        clock[earned] = 0.0


class Rewards:
    """Rewards that are given from outside and have yet to reach their synapses.

    A dendritic synapse is worked through d steps late, so a reward waits for as long.
    """

    def __init__(self) -> None:
        self.waiting: list[tuple[int, int, float]] = []  # step, projection, amount, by step

    def give(self, plan: ProjectionPlan, index: int, step: int, amount: float) -> None:
        """Take a reward in at the end of the first ``step`` steps; raises BackendError."""
        rule = plan.plasticity
        if rule is None or not rule.rule.on_reward:
            raise BackendError(
                f'projection "{plan.id}": its synapses learn from no reward; give it a rule that '
                "has one, such as r_stdp"
            )
        late = int(plan.connections.delay) if rule.dendritic and plan.connections else 0
        self.waiting = sorted([*self.waiting, (step + late, index, float(amount))])

    def advance(
        self,
        start: int,
        steps: int,
        advance: Callable[[int], Chunk],
        act: Callable[[int, float], None],
    ) -> Chunk:
        """``advance(steps)``, cut where a reward waits, which then acts: ``act(index, amount)``."""
        chunks, done, end = [], start, start + steps
        self._act(done, act)
        while done < end:
            stop = min([end, *(step for step, _, _ in self.waiting)])
            chunks.append(advance(stop - done))
            done = stop
            self._act(done, act)
        return joined(chunks)

    def _act(self, step: int, act: Callable[[int, float], None]) -> None:
        while self.waiting and self.waiting[0][0] <= step:
            _, index, amount = self.waiting.pop(0)
            act(index, amount)

    def saved(self) -> dict[str, np.ndarray]:
        """What waits, for a checkpoint."""
        return {"rewards": np.array(self.waiting, np.float64).reshape(-1, 3)}

    @staticmethod
    def tables(plan: NetworkPlan, step: int) -> dict[str, Table]:
        """What `saved` may be at ``step``, for `checkpoints.require_like`."""
        return {"rewards": ((step, math.inf), (0, len(plan.projections)), (-math.inf, math.inf))}

    def restore(self, saved: Mapping[str, np.ndarray]) -> None:
        """Go back to what `saved` gave."""
        rows = saved["rewards"]
        self.waiting = [(int(step), int(index), float(amount)) for step, index, amount in rows]


def joined(chunks: list[Chunk]) -> Chunk:
    """Chunks that follow one another as one."""
    first = chunks[0]
    if len(chunks) == 1:
        return first
    spikes = {
        emitter: (
            np.concatenate([chunk.spikes[emitter][0] for chunk in chunks]),
            np.concatenate([chunk.spikes[emitter][1] for chunk in chunks]),
        )
        for emitter in first.spikes
    }
    monitors = [
        np.concatenate([chunk.monitors[k] for chunk in chunks]) for k in range(len(first.monitors))
    ]
    return Chunk(first.start, sum(chunk.steps for chunk in chunks), spikes, monitors)
