"""What one pair of spikes does to a synapse, by the rule of a connection itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from engine.analysis.checked import text
from engine.checked import Floats, array, finite, told
from engine.document import Document
from engine.document.plasticity import numbers_of_rule
from engine.equations.chance import NORMAL, PROGRAMS, UNIFORM
from engine.errors import DataError, near
from engine.models.plastic import START
from engine.runtime.plan import Connections, PlasticityPlan, ProjectionPlan

REACH = 80.0  # ms on either side, unless lags are given
FINEST = 0.5  # ms between the lags that are chosen then
MOST_STEPS = 20_000
LEVELS = 16  # sizes of a random number that are tried
COPIES = LEVELS * 2 ** len(PROGRAMS)  # synapses a lag, of a rule with chance


@dataclass(frozen=True)
class PairWindow:
    """The change that a pair makes, over the time from the source's spike to the target's."""

    lag: Floats  # ms, t_post - t_pre at the synapse
    change: Floats  # of the weight, in its unit; of the mark, where ``marks``; the mean by chance
    weight: float  # with which each synapse began
    marks: bool = False  # a pair marks a synapse, and a reward makes a change of it later
    rewarded: bool = False  # the change at a reward of 1, kept up
    chance: bool = False  # the rule draws random numbers: what is said is the mean over them


def pair_window(
    document: Document, edge: str, lags: ArrayLike | None = None, weight: float | None = None
) -> PairWindow:
    """The window of the rule of ``edge``: one synapse a lag, each visited by one pair of spikes.

    ``lags`` [ms] are moved to whole steps; without them they reach 80 ms either way.  ``weight`` is
    that of every synapse before its pair, the mean at the start if None.  The experiment is run by
    the reference of the rules, at no cost of compiling.  Of a rule that draws random numbers it is
    run with numbers from all over their range, and the window is the mean.

    Raises DataError for an edge without a rule that changes weights, or lags that are no numbers.
    """
    from engine.backends.reference_plastic import ReferencePlasticity
    from engine.runtime.plasticity import rule_plan

    if not isinstance(document, Document):
        raise DataError(f"`document` must be a Document, not {told(document)}; open or build one")
    edge = text(edge, "edge")
    step = document.simulation.dt if lags is not None else max(document.simulation.dt, FINEST)
    coarse = replace(document, simulation=replace(document.simulation, dt=step))
    found = document.edge(edge)
    plan = None if found is None else rule_plan(coarse, found, lambda _: 0, on=True)
    if found is None or not isinstance(plan, PlasticityPlan):
        remedy = "" if found is not None else near(edge, document.edges_by_id)
        remedy = remedy or "give it a rule that changes weights by pairs"
        raise DataError(f'"{edge}" is not a connection whose weights change; {remedy}')
    steps = _whole_steps(np.arange(-REACH, REACH + step / 2, step) if lags is None else lags, step)
    start = numbers_of_rule(document, found)[START] if weight is None else finite(weight, "weight")
    alone = replace(plan, dendritic=False, reward=None, teacher=None)
    made, count, copies = alone.rule, len(steps), COPIES if alone.rule.chance else 1
    targets = np.repeat(np.arange(count, dtype=np.uint32), copies)
    rows = Connections(count, count, copies * np.arange(count + 1), targets, start, 1)
    synapses = ReferencePlasticity(ProjectionPlan("", 0, 1, 0, rows, plasticity=alone), step)
    synapses.chance = _Shares()
    pairs = _Pairs(synapses, alone, steps)
    pairs.run()
    change = pairs.marks if made.drifts else _of_lags(synapses.weights, count) - start
    rewarded = bool(made.modulators) and not made.drifts
    return PairWindow(steps * step, change, start, made.drifts, rewarded, made.chance)


class _Shares:
    """In place of chance, numbers that part their distribution evenly over the synapses of a lag.

    A synapse draws the same whenever it does.  For each program a bit of its number is the sign of
    its normal number, the rest says its size and, in another order, the uniform number: whatever
    the sizes are, the product with any uniform number or another program's normal one is 0 in the
    mean, as if they were independent.
    """

    def __init__(self) -> None:
        shares = (np.arange(LEVELS) + 0.5) / LEVELS
        self._uniform = shares
        self._size = np.array([NormalDist().inv_cdf((1.0 + share) / 2.0) for share in shares])

    def drawn(
        self, program: str, words: Sequence[str], synapses: np.ndarray, step: int, again: int
    ) -> dict[str, Floats]:
        """``words`` of the ``synapses``, as `Chance` gives them."""
        number, turn = synapses % COPIES, PROGRAMS.index(program)
        level = number >> len(PROGRAMS)
        sign = 1.0 - 2.0 * (number >> turn & 1)
        # Odd factors: every level stands once, in an order of its own.
        drawn = {
            NORMAL: sign * self._size[(4 * turn + 5) * level % LEVELS],
            UNIFORM: self._uniform[(4 * turn + 3) * level % LEVELS],
        }
        return {word: drawn[word] for word in words}


def _of_lags(values: Floats, lags: int) -> Floats:
    """The mean over the synapses of each lag."""
    return values.reshape(lags, -1).mean(1)


def _whole_steps(lags: ArrayLike, dt: float) -> np.ndarray:
    times = array(lags, "lags").ravel()
    if not times.size or np.abs(times).max() > MOST_STEPS * dt:
        raise DataError(f"lags are finite times of up to {MOST_STEPS * dt:g} ms")
    return np.rint(times / dt).astype(np.int64)


class _Pairs:
    """Synapse k is reached by a spike of its source at one moment, by one of its target
    ``steps[k]`` later."""

    def __init__(self, synapses, plan: PlasticityPlan, steps: np.ndarray) -> None:
        self.synapses, self.plan, self.steps = synapses, plan, steps
        self.marks = np.zeros(len(steps))
        self.arrival = max(0, -int(steps.min())) + 1
        self.end = self.arrival + max(0, int(steps.max())) + 1

    def run(self) -> None:
        """Take all steps from before the first spike to the last."""
        from engine.backends import rewards
        from engine.equations.third import FADED

        rule, everyone = self.plan.rule, np.arange(len(self.steps))
        faded = rewards.row_of(rule, FADED)
        modulated = 0 if rule.drifts else len(rule.modulators)
        kept_up = self._kept_up(modulated)
        for step in range(self.end):
            self.synapses.clock[:modulated] = kept_up
            self.synapses.arrive(step)
            sent = everyone if step == self.arrival - 1 else everyone[:0]  # over a step of delay
            fired = everyone[self.steps == step - self.arrival]
            self.synapses.spiked(step, [sent, fired])
            if rule.drifts:
                met = np.maximum(self.steps, 0) == step - self.arrival
                eligible = _of_lags(self.synapses.eligible, len(self.steps))
                self.marks[met] = eligible[met] * self.synapses.clock[faded]

    def _kept_up(self, modulators: int) -> Floats:
        """What modulators must be before a step, to be 1 when it has let them fade."""
        if not modulators:
            return np.empty(0)
        before = self.synapses.clock.copy()
        self.synapses.clock[:modulators] = 1.0
        self.synapses.arrive(0)
        left = self.synapses.clock[:modulators].copy()
        self.synapses.clock = before
        return 1.0 / left
