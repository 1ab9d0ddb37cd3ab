"""Spiking actor and critic: temporal-difference learning by spikes and reward.

Fremaux, Sprekeler & Gerstner 2013, PLoS Comput. Biol. 9:e1003024; Potjans, Morrison & Diesmann
2009, Neural Computation 21:301.  Place cells fire where the agent is.  The rate of the critic's
neurons says the value of the place,

    V = nu sum_i kappa * S_i + V_0,

and its error is delta = dV/dt - V/tau_r + r, here integrated over a visit of T ms at a place:

    delta = exp(-T/tau_r) V(next) - V(here) + r.

Both critic and actor learn dw = eta delta (S_post kappa * S_pre): of the actor's groups, one for
each action, only the one that fired most and so chose the move has something to learn.  All neurons
run in the engine, and so does the rule, `mstdpet` without depression: a coincidence leaves a mark
at its synapse, and delta is the reward of the synapses of one place.  What is read from outside is
what a critic and an actor say: the value of a place, and who fired most.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import engine
from engine.checked import finite, number, told, whole
from engine.errors import DataError
from engine.learning.checked import Floats
from engine.learning.course import Cancel, Progress, Trained, Watch, follow
from engine.learning.worlds import GOAL, World
from engine.runtime.simulation import Simulation

DT = 1.0  # ms
BACKGROUND = {"rate": 1000.0, "weight": 30.0}  # Hz and pA: some 15 spikes a second without places
BRIEFLY = 10.0  # ms for which an error acts on the marks it finds
MEMORY = 0.1  # what the last visit counts in the mean of values
WARMING = 1000.0  # ms without a place, in which the rates that mean 0 are measured


def _place(state: int) -> str:
    return f"place-{state}"


def _group(action: int) -> str:
    return f"actor-{action}"


def _edge(state: int, name: str) -> str:
    return f"place-{state}-{name}"


class Learned(NamedTuple):
    """Weights [states, place cells, neurons] in pA of critic and actor; what the agent saw."""

    critic: Floats
    actor: Floats
    values: Floats  # [states], running mean of V; 0 where the agent never was
    found: NDArray[np.bool_]  # [trials that ended], whether at the goal


class Visit(NamedTuple):
    """What happened while the agent stood at one place."""

    value: float
    action: int


@dataclass(frozen=True)
class ActorCritic:
    """The agent: its cells, its time constants [ms] and how fast it learns.

    A visit lasts ``dwell``, of which the first ``settle`` does not count for values and choices
    (synapses and membranes still follow the place before).  ``nu``: the critic's rate [Hz] above
    its background that means a value of 1.  Weights stay within 0 and ``w_max`` [pA] and begin at
    ``w_start``.  A mark fades within ``tau_mark``; it waits for its error for a visit.
    """

    cells: int = 10  # place cells a state
    place_rate: float = 100.0  # Hz
    critics: int = 40
    group: int = 30  # neurons of the actor an action
    dwell: float = 150.0
    settle: float = 50.0
    tau_r: float = 672.0
    tau_kappa: float = 20.0
    tau_mark: float = 500.0
    nu: float = 40.0
    rate_critic: float = 0.6  # eta, pA by a fresh mark and an error of 1
    rate_actor: float = 0.6
    w_start: float = 6.0
    w_max: float = 80.0

    def __post_init__(self) -> None:
        for name in ("cells", "critics", "group"):
            whole(getattr(self, name), name)
        for name in ("place_rate", "dwell", "tau_r", "tau_kappa", "tau_mark", "nu", "w_max"):
            number(getattr(self, name), name, 0)
        for name in ("settle", "rate_critic", "rate_actor"):
            number(getattr(self, name), name, 0, open_low=False)
        number(self.w_start, "w_start", 0, self.w_max, open_low=False)
        if not self.settle < self.dwell:
            raise DataError("`settle` must be shorter than `dwell`; 50 of 150 ms is usual")

    @property
    def discount(self) -> float:
        """What a visit leaves of a value: exp(-dwell/tau_r)."""
        return math.exp(-self.dwell / self.tau_r)

    def network(self, world: World, seed: int = 0) -> engine.Network:
        """Place cells (a source a place), critic and actor with their background."""
        if not isinstance(world, World):
            raise DataError(f"`world` must be a World, such as a `track`, not {told(world)}")
        net = engine.Network("Actor and critic", dt=DT, seed=whole(seed, "seed", 0))
        learners = [("critic", self.critics, self.rate_critic)]
        learners += [(_group(a), self.group, self.rate_actor) for a in range(world.actions)]
        for name, size, _ in learners:
            cells = net.population(name, size, "lif_psc_exp")
            net.record(cells, "spikes")
            noise = net.source(f"noise-{name}", "poisson", size=size, rate=BACKGROUND["rate"])
            one_to_one = engine.rules.one_to_one()
            net.connect(noise, cells, one_to_one, weight=BACKGROUND["weight"], port="exc")
        for state in range(world.states):
            place = net.source(_place(state), "poisson", size=self.cells, rate=0)
            for name, _, eta in learners:
                net.connect(place, name, weight=self.w_start, port="exc", id=_edge(state, name),
                            plasticity=self._rule(eta))  # fmt: skip
        return net

    def _rule(self, eta: float) -> dict[str, Any]:
        """``eta`` pA by a fresh mark of one coincidence and an error of 1, whatever the times."""
        gamma = eta / self.w_max * (1.0 + self.tau_mark / BRIEFLY)
        return engine.plasticity(
            "mstdpet", tau_plus=self.tau_kappa, A_plus=1, A_minus=0, gamma=gamma,
            tau_z=self.tau_mark, tau_r=BRIEFLY, w_min=0, w_max=self.w_max,
        )  # fmt: skip

    def train(
        self,
        world: World,
        trials: int = 100,
        *,
        reward: float = 1.0,
        longest: int = 100,
        seed: int = 0,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        watch: Watch | None = None,
    ) -> Trained[Learned]:
        """Let the agent look for the reward of ``world`` again and again.

        A trial ends at the goal or after ``longest`` visits.  The result's error is the number of
        visits of each trial, its state says which of them came to the goal.  Raises DataError, and
        RunStopped if weights or rates explode.
        """
        whole(trials, "trials")
        whole(longest, "longest")
        if isinstance(world, World) and longest < (fewest := world.steps_to_goal()[world.start]):
            raise DataError(f"the goal is {fewest} moves away and `longest` is {longest}; give at "
                            f"least {fewest}")  # fmt: skip
        reward = finite(reward, "reward")
        with Simulation(self.network(world, seed).document) as simulation:
            agent = _Agent(self, world, simulation, reward)
            return follow(
                agent.course(longest), agent.learned, trials, progress=progress, cancel=cancel,
                watch=watch, text="actor and critic", measure="visits in a trial",
            )  # fmt: skip


class _Agent:
    """An agent in its world, with a simulation for a brain."""

    def __init__(
        self, rule: ActorCritic, world: World, simulation: Simulation, reward: float
    ) -> None:
        self.rule, self.world, self.simulation, self.reward = rule, world, simulation, reward
        self.groups = [_group(action) for action in range(world.actions)]
        self.values, self.visits = np.zeros(world.states), np.zeros(world.states, np.int64)
        self.found: list[bool] = []
        self.stands: int | None = None
        self.zero = 0.0  # Hz of the critic that mean V = 0
        fired = self._advance(None, WARMING)
        self.zero = 1000.0 * fired["critic"] / (WARMING * rule.critics)

    @property
    def learned(self) -> Learned:
        """Weights and values as they are now."""
        critic = [self._weights(state, "critic") for state in range(self.world.states)]
        actor = [
            np.concatenate([self._weights(state, name) for name in self.groups], 1)
            for state in range(self.world.states)
        ]
        found = np.array(self.found, np.bool_)
        return Learned(np.array(critic), np.array(actor), self.values.copy(), found)

    def _weights(self, state: int, name: str) -> Floats:
        found = self.simulation.weights(_edge(state, name))
        return np.asarray(found, np.float64).reshape(self.rule.cells, -1)

    def course(self, longest: int) -> Iterator[tuple[Learned, float | None]]:
        """Trial after trial; the state after every visit, the number of visits after a trial."""
        while True:
            visits = 0
            for _ in self._trial(longest):
                visits += 1
                yield self.learned, None
            yield self.learned, float(visits)

    def _trial(self, longest: int) -> Iterator[None]:
        state = self.world.start
        here = there = self._visit(state)
        for _ in range(longest):
            after = int(self.world.moves[state, here.action])
            there = None if after == GOAL else self._visit(after)
            self._learn(state, here, 0.0 if there is None else there.value, there is None)
            yield
            if there is None:
                break
            state, here = after, there
        self.found.append(there is None)
        self._advance(None, 2 * self.rule.dwell)  # between two trials the agent is nowhere

    def _learn(self, state: int, visit: Visit, next_value: float, rewarded: bool) -> None:
        """Tell the critic's synapses from a place, and the actor's that chose there, the error."""
        delta = self.rule.discount * next_value - visit.value + self.reward * rewarded
        for name in ("critic", self.groups[visit.action]):
            self.simulation.reward(_edge(state, name), delta)

    def _visit(self, state: int) -> Visit:
        rule = self.rule
        self._advance(state, rule.settle)
        length = rule.dwell - rule.settle
        fired = self._advance(state, length)
        value = (1000.0 * fired["critic"] / (length * rule.critics) - self.zero) / rule.nu
        action = int(np.argmax([fired[name] for name in self.groups]))
        self.visits[state] += 1
        share = max(MEMORY, 1.0 / self.visits[state])
        self.values[state] += share * (value - self.values[state])
        return Visit(value, action)

    def _advance(self, state: int | None, duration: float) -> dict[str, int]:
        """How many spikes critic and groups fire while the agent is at ``state``."""
        simulation, rule = self.simulation, self.rule
        if state != self.stands:
            for place, rate in ((self.stands, 0.0), (state, rule.place_rate)):
                if place is not None:
                    simulation.set_parameter(_place(place), "rate", rate)
            self.stands = state
        chunk = simulation.advance(round(duration / DT))
        nothing = np.zeros(0, np.int64), np.zeros(0, np.int64)
        return {
            name: len(chunk.spikes.get(simulation.built.emitter(name), nothing)[0])
            for name in ("critic", *self.groups)
        }
