"""What sources emit, step by step in float64: the sources of the reference backend."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.backends import philox
from engine.backends.ahead import CourseAhead, RatesAhead, courses_of, rates_of, trains_of
from engine.runtime.plan import SourcePlan


class ReferenceSources:
    """All sources of a network and what they remember."""

    def __init__(self, plans: list[SourcePlan], seed: int) -> None:
        self.plans, self._seed = list(plans), seed
        self._ladders = {place: philox.ladder(plan.rate) for place, plan in enumerate(plans)
                         if plan.kind == "poisson" and plan.course is None}  # fmt: skip
        self._rates = rates_of(plans)
        self._courses, self._trains = courses_of(plans), trains_of(plans)
        self._noise = {place: np.zeros(plan.size) for place, plan in enumerate(plans)
                       if plan.kind == "current"}  # fmt: skip

    def set(self, place: int, plan: SourcePlan, step: int) -> None:
        """Other values from ``step`` on."""
        self.plans[place].require_same(plan)
        self.plans[place] = plan
        if place in self._rates:
            self._rates[place] = RatesAhead(plan)
        elif plan.kind == "poisson":
            self._ladders[place] = philox.ladder(plan.rate)
        elif plan.train is not None:
            self._trains[place].change(plan.train, step)
        elif plan.course is not None:
            self._courses[place] = CourseAhead(plan.course)

    def relax(self, step: int) -> None:
        """Take noise to the values of ``step``."""
        for place, noise in self._noise.items():
            plan = self.plans[place]
            draw, rest = divmod(step, max(1, plan.noise_every))
            # White noise is always that of its interval, also where it is switched on within.
            if plan.noise_std and (rest == 0 or not plan.noise_decay):
                fresh = philox.normals(self._seed, plan.stream, draw, plan.size)
                kept = plan.noise_decay * noise if draw else 0.0
                self._noise[place] = kept + (plan.noise_share if draw else 1.0) * fresh

    def senders(self, place: int, step: int) -> NDArray[np.int64]:
        """Who spikes at the end of ``step``, ascending and with multiplicity."""
        plan = self.plans[place]
        if plan.kind == "poisson":
            ladder = self._ladders[place] if place in self._ladders else self._ladder(place, step)
            counts = philox.counts(self._seed, plan.stream, step, plan.size, ladder)
            return np.repeat(np.arange(plan.size), counts)
        if place in self._trains:
            return self._trains[place].spikes(step, step + 1)[1].astype(np.int64)
        if plan.kind == "spikes" and plan.steps is not None and plan.senders is not None:
            return np.sort(plan.senders[plan.steps == step]).astype(np.int64)
        return np.zeros(0, np.int64)

    def _ladder(self, place: int, step: int) -> philox.Ladder:
        """The ladder of a rate that changes with time."""
        rates = self._rates[place]
        rates.cover(step, step + 1)
        at = step - rates.first
        return philox.Ladder(int(rates.parts[at]), rates.thresholds[at][:, None], np.zeros(1))

    def currents(self, place: int, step: int) -> NDArray[np.float64]:
        """The current of every member during ``step``."""
        plan = self.plans[place]
        value = plan.mean
        if plan.start <= step < plan.stop:
            value += plan.amplitude
        if plan.trace is not None and step < len(plan.trace):
            value += float(plan.trace[step])
        if place in self._courses:
            course = self._courses[place]
            course.cover(step, step + 1)
            value += float(course.values[step - course.first])
        return value + plan.noise_std * self._noise[place]

    def saved(self, step: int) -> dict[str, np.ndarray]:
        """What they remember before ``step``."""
        saved = {f"noise/{place}": noise.copy() for place, noise in self._noise.items()}
        for place, train in self._trains.items():
            saved |= train.saved(f"train/{place}", step)
        return saved

    def restore(self, saved: Mapping[str, np.ndarray]) -> None:
        """Go back to what `saved` gave."""
        for place in self._noise:
            self._noise[place] = np.array(saved[f"noise/{place}"])
        for place, train in self._trains.items():
            train.restore(f"train/{place}", saved)
