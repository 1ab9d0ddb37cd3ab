"""Stops a run that has left the numbers: NaN, blow-up, or a population that fires all the time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.errors import RunStopped
from engine.runtime.plan import Chunk, Floats, NetworkPlan

# A membrane potential beyond 100 V is no potential (the published Izhikevich scheme overshoots to
# some thousand); other states (currents in pA, conductances in nS) may be large, not this large.
LARGEST_POTENTIAL = 1e5
LARGEST_STATE = 1e12
RUNAWAY_MS = 200.0  # a rate must stay at its ceiling for this long
CEILING_SHARE = 0.97  # of 1 / (t_ref + dt): at less, a neuron still integrates between its spikes
BARE_SHARE = 0.45  # of 1 / dt without refractoriness: a spike nearly every other step


@dataclass
class Watched:
    """What is watched of one population."""

    id: str
    size: int
    membrane: int  # row of the membrane potential, -1 without one
    states: tuple[str, ...]
    ceiling: float  # spikes a step and neuron at which a rate counts as runaway
    since: int = 0  # the step from which on the rate has stood there


class Watchdog:
    """Looks at every population once a slice, at the cost of one pass over the states.

    What a reset takes back at once is not seen, and must not stop a run: where v grows
    exponentially, running away to infinity within a step is the spike itself.
    """

    def __init__(
        self, plan: NetworkPlan, membranes: dict[str, str], refractory: dict[str, float]
    ) -> None:
        """``membranes``: population -> name of its potential; ``refractory``: -> t_ref in ms."""
        self.dt = plan.dt
        self.watched = [
            Watched(
                population.id,
                population.size,
                _row(population.step_map.states, membranes.get(population.id, "")),
                population.step_map.states,
                ceiling(refractory.get(population.id, 0.0), plan.dt),
            )
            for population in plan.populations
        ]

    def look(self, chunk: Chunk, states: list[Floats]) -> None:
        """Raise RunStopped if something is wrong after this chunk."""
        for place, population in enumerate(self.watched):
            self._look_at_states(population, states[place], chunk)
            steps, _ = chunk.spikes.get(place, (np.empty(0), None))
            self._look_at_rate(population, len(steps), chunk)

    def restart(self, step: int) -> None:
        """Forget what was seen; the run goes on from ``step``."""
        for population in self.watched:
            population.since = step

    def _look_at_states(self, population: Watched, state: Floats, chunk: Chunk) -> None:
        for row, name in enumerate(population.states):
            limit = LARGEST_POTENTIAL if row == population.membrane else LARGEST_STATE
            # Written so that NaN counts as out of range.
            low, high = state[row].min(), state[row].max()
            if -limit <= low and high <= limit:
                continue
            wrong = ~((state[row] >= -limit) & (state[row] <= limit))
            member = int(np.argmax(wrong))
            self._stop(population, name, state[row][member], member, int(wrong.sum()), chunk)

    def _stop(
        self, population: Watched, name: str, value: float, member: int, wrong: int, chunk: Chunk
    ) -> None:
        what = "is not a number" if np.isnan(value) else f"reached {value:.3g}"
        many = f" (and of {wrong - 1:,} more)" if wrong > 1 else ""
        first, end = (f"{step * self.dt:.6g}" for step in (chunk.start, chunk.start + chunk.steps))
        when = f"at {end} ms" if chunk.steps == 1 else f"between {first} and {end} ms"
        raise RunStopped(
            f'population "{population.id}": `{name}` of neuron {member}{many} {what} {when}; '
            f"use a dt below {self.dt:g} ms, or weaker weights or currents"
        )

    def _look_at_rate(self, population: Watched, spikes: int, chunk: Chunk) -> None:
        end = chunk.start + chunk.steps
        if spikes < population.ceiling * population.size * chunk.steps:
            population.since = end
            return
        if (end - population.since) * self.dt < RUNAWAY_MS:
            return
        rate = 1000.0 * spikes / (population.size * chunk.steps * self.dt)
        raise RunStopped(
            f'population "{population.id}": its rate has been {rate:,.0f} Hz, as high as it can '
            f"be, for {RUNAWAY_MS:g} ms up to {end * self.dt:.6g} ms; weaken its excitation, "
            "strengthen its inhibition, or use a smaller dt"
        )


def ceiling(t_ref: float, dt: float) -> float:
    """Spikes a step at which a neuron does nothing but fire; ``t_ref`` and ``dt`` in ms."""
    held = round(t_ref / dt)
    return CEILING_SHARE / (held + 1) if held > 0 else BARE_SHARE


def _row(states: tuple[str, ...], name: str) -> int:
    return states.index(name) if name in states else -1
