"""The CPU executor: owns the arrays of a running network and calls the compiled driver.

An advance is one call of compiled code per slice of at most ``SLICE`` steps and thread; in between
nothing happens in Python but the growth of a spike list that is full.  A call of a few steps is
common (a live view, a loop of one's own), so little happens around it either.
"""

from __future__ import annotations

import time

import numpy as np

from engine.backends.ahead import CourseAhead, RatesAhead, courses_of, rates_of, trains_of
from engine.backends.checkpoints import other_network, require_like, step_of
from engine.backends.numba_cpu import kernels
from engine.backends.numba_cpu.layout import address
from engine.backends.numba_cpu.network import Layout
from engine.backends.numba_cpu.pending import counted, settle
from engine.backends.numba_cpu.spike_lists import SpikeLists, Spikes
from engine.backends.numba_cpu.team import Team
from engine.backends.rewards import Rewards
from engine.backends.thread_choice import ThreadChoice
from engine.errors import BackendError
from engine.runtime.plan import (
    Chunk,
    Constant,
    Floats,
    NetworkPlan,
    PlasticityPlan,
    ReleasePlan,
    SourcePlan,
)

SLICE = 8192  # steps of one call of the driver; longer advances are cut, to no effect on the result


class NumbaExecutor:
    """Advances a network plan on the CPU.  Not thread-safe; releases the GIL while it works.

    ``threads`` share the targets of every population; the spikes are the same for any number.  A
    plan with a cable is advanced by one thread.
    Raises `BackendError` where a plan contradicts itself.
    """

    def __init__(self, plan: NetworkPlan, threads: int = 1) -> None:
        if threads < 1:
            raise BackendError(f"{threads} threads cannot run a network; ask for at least 1")
        if not divisible(plan):
            threads = 1
        self.plan, self.parts = plan, threads
        self.step = 0
        self._layout = Layout(plan, threads)
        self._lists = SpikeLists(self._layout)
        self._courses, self._trains = courses_of(plan.sources), trains_of(plan.sources)
        self._rates = rates_of(plan.sources)
        self._ahead = bool(self._courses or self._trains or self._rates)
        self._busy, self._rewards = False, Rewards()
        self.choice: ThreadChoice | None = None  # without one, all threads share the work
        self._limit = self._threads = threads
        layout = self._layout
        record = layout.network[0]
        record["block"], record["ring"], record["dt"] = layout.block, layout.ring, plan.dt
        kept = (layout, self._lists)
        self._team = Team(kernels.driver(plan.dtype), layout.network, kept, threads)

    @property
    def block(self) -> int:
        """Steps between two meetings of the threads."""
        return self._layout.block

    @property
    def threads(self) -> int:
        """Threads that shared the work of the last slice."""
        return self._threads

    def _share(self, threads: int) -> None:
        """Let so many threads share the work of the next slice."""
        if threads == self._threads:
            return
        self._threads = threads
        self._layout.share(threads)
        self._lists.share(self.step)

    def limit_threads(self, most: int) -> None:
        """Use no more than ``most`` threads from the next slice on; may be called at any time."""
        self._limit = max(1, min(most, self.parts))
        if self.choice is not None:
            self.choice.limit = self._limit

    # -- advancing --------------------------------------------------------------------------------

    def advance(self, steps: int) -> Chunk:
        """Advance by ``steps`` >= 1; see `engine.runtime.plan.Executor`."""
        if steps < 1:
            raise BackendError(f"cannot advance by {steps} steps; ask for at least 1")
        if self._busy:
            raise BackendError(
                "the network is being advanced already, or was when this process was forked; "
                "advance it from one thread at a time, and fork between two calls"
            )
        if self._rewards.waiting:
            return self._rewards.advance(self.step, steps, self._advance, self._reward)
        return self._advance(steps)

    def _advance(self, steps: int) -> Chunk:
        start, parts = self.step, []
        self._busy = True
        try:
            if self.choice is None and steps <= SLICE:  # the usual call of a few steps
                self._share(self._limit)
                return Chunk(start, steps, *self._advance_slice(steps))
            while self.step < start + steps:
                parts.append(self._advance_some(min(SLICE, start + steps - self.step)))
        finally:
            self._busy = False
        if len(parts) == 1:
            return Chunk(start, steps, *parts[0])
        spikes = {
            emitter: (_joined([part[0][emitter][0] for part in parts]),
                      _joined([part[0][emitter][1] for part in parts]))
            for emitter in self._lists.reported
        }  # fmt: skip
        monitors = [_joined([part[1][k] for part in parts]) for k in range(len(self.plan.monitors))]
        return Chunk(start, steps, spikes, monitors)

    def _advance_some(self, most: int) -> tuple[dict[int, Spikes], list[Floats]]:
        """One slice of at most so many steps, on as many threads as the choice says."""
        if self.choice is None:
            self._share(self._limit)
            return self._advance_slice(most)
        threads, steps = self.choice.next(most)
        began = time.perf_counter()
        self._share(threads)
        done = self._advance_slice(steps)
        self.choice.did(threads, steps, time.perf_counter() - began)
        return done

    def _advance_slice(self, steps: int) -> tuple[dict[int, Spikes], list[Floats]]:
        start, end = self.step, self.step + steps
        watched = bool(self.plan.monitors)
        samples = self._make_room_for_samples(start, end) if watched else []
        if self._ahead:
            self._look_ahead(start, end)
        self._lists.begin(steps)
        self._layout.gaps.show(start)
        reached = self._team.call(start, start, end)
        while reached < end:
            self._lists.make_room(reached)
            reached = self._team.call(start, reached, end)
        self.step = end
        return self._lists.take(start), self._finished(samples) if watched else []

    def _look_ahead(self, start: int, end: int) -> None:
        """What the host knows of the sources in a slice."""
        emitting = self._layout.emitting
        for place, course in self._courses.items():
            if course.cover(start, end):
                emitting.set_trace(place, course.first, course.values)
        for place, rates in self._rates.items():
            if rates.cover(start, end):
                emitting.set_ladders(place, rates)
                self._lists.set_most(place)
        for place, train in self._trains.items():
            emitting.set_spikes(place, *train.spikes(start, end))
            self._lists.set_most(place)

    def _make_room_for_samples(self, start: int, end: int) -> list[np.ndarray]:
        layout, rooms = self._layout, []
        for k, plan in enumerate(self.plan.monitors):
            record = layout.monitors[layout.monitor_place[k]]
            every = int(record["every"])
            samples = end // every - start // every
            if plan.kind == "mean":
                room = np.zeros((samples, int(record["tiles"])))
            else:
                room = np.zeros((samples, int(record["count"])), layout.dtype)
            record["out"] = address(room)
            rooms.append(room)
        return rooms

    def _finished(self, samples: list[np.ndarray]) -> list[Floats]:
        done = []
        for plan, room in zip(self.plan.monitors, samples, strict=True):
            if plan.kind == "mean":
                size = self.plan.populations[plan.population].size
                done.append((room.sum(1) / size).astype(self._layout.dtype))
            else:
                done.append(room)
        return done

    # -- changes while running --------------------------------------------------------------------

    def set_constants(self, population: int, constants: dict[str, Constant]) -> None:
        """New values of all constants of a population, from the next step on.

        Compiles where another set of constants differs between neurons than before.
        """
        self._layout.set_constants(population, constants)

    def set_source(self, source: int, plan: SourcePlan) -> None:
        """A source with changed values, from the next step on."""
        self.plan.sources[source].require_same(plan)
        self._layout.emitting.set(source, plan)
        if source in self._rates:
            self._rates[source] = RatesAhead(plan)
        elif plan.train is not None:
            self._trains[source].change(plan.train, self.step)
        elif plan.kind == "current" and plan.course is not None:
            self._courses[source] = CourseAhead(plan.course)
        self._lists.set_most(source)

    def set_weight(self, projection: int, weight: Constant) -> None:
        """New weights of a projection, in the order of its connections.

        Spikes already on their way keep the weight they were sent with.
        """
        plan = self.plan.projections[projection]
        counted = plan.one_to_one and self._layout.is_poisson(plan.source)
        spikes = None if counted else self._lists.history(plan.source, self.step)
        settle(self._layout, projection, self.step, spikes)
        self._layout.set_weight(projection, weight)

    def weights(self, projection: int) -> Floats:
        """A copy of the weights of a plastic projection."""
        return self._layout.plastic.weights(projection)

    def modulators(self, projection: int) -> dict[str, float]:
        """What rewards have left in ``projection``, now."""
        return self._layout.plastic.modulators(projection)

    def reward(self, projection: int, amount: float) -> None:
        """A reward for the synapses of ``projection``, now."""
        self._rewards.give(self.plan.projections[projection], projection, self.step, amount)

    def _reward(self, projection: int, amount: float) -> None:
        self._layout.plastic.reward(projection, amount)

    def set_plasticity(self, projection: int, plan: PlasticityPlan | ReleasePlan) -> None:
        """Other numbers of the same rule, or learning on or off, from the next step on."""
        if isinstance(plan, ReleasePlan):
            self._layout.releases.set_rule(projection, plan)
        else:
            self._layout.plastic.set_rule(projection, plan)

    def states(self) -> list[Floats]:
        """Views of state[S, N] of every population."""
        return [
            self._layout.array("population", place, "state")[:, : plan.size]
            for place, plan in enumerate(self.plan.populations)
        ]

    # -- checkpoints ------------------------------------------------------------------------------

    def checkpoint(self) -> dict[str, np.ndarray]:
        """All that changes while the network runs (not its constants, fixed weights and rates).

        It does not depend on the number of threads.
        """
        saved: dict[str, np.ndarray] = {"step": np.array(self.step, np.int64)}
        saved |= self._layout.plastic.saved() | self._layout.releases.saved()
        saved |= self._rewards.saved()
        saved["since"] = self._layout.projections["since"].copy()
        for place, state in enumerate(self.states()):
            saved[f"state/{place}"] = state.copy()
        for place, port, ring in self._rings():
            rows = (self.step + np.arange(self._layout.longest)) % len(ring)
            size = self.plan.populations[place].size
            saved[f"ring/{place}/{port}"] = ring[rows, :size]
        for place, numbers in self._layout.emitting.noise():
            saved[f"noise/{place}"] = numbers[0, : self.plan.sources[place].size].copy()
        for place, train in self._trains.items():
            saved |= train.saved(f"train/{place}", self.step)
        for emitter in range(len(self._layout.sizes)):
            steps, senders = self._on_their_way(emitter)
            saved[f"steps/{emitter}"], saved[f"senders/{emitter}"] = steps, senders
        return saved

    def _on_their_way(self, emitter: int) -> Spikes:
        """Steps and senders of the spikes that may have yet to arrive."""
        layout, place = self._layout, self._layout.source_of(emitter)
        if place is None or self._is_listed(place):
            return self._lists.history(emitter, self.step)
        rows = int(layout.sources[place]["count_rows"])
        steps, senders = counted(layout, place, self.step - min(rows, layout.history), self.step)
        return steps, senders.astype(np.uint32)

    def _is_listed(self, place: int) -> bool:
        """Whether the spikes of a source stand in lists, not in counts alone."""
        record = self._layout.sources[place]
        return self.plan.sources[place].kind != "poisson" or bool(record["listed"])

    def restore(self, checkpoint: dict[str, np.ndarray]) -> None:
        """Go back to a checkpoint of the same plan; raises `BackendError` for another plan's.

        Then nothing has changed.
        """
        self._require_own(checkpoint)
        self.step = int(checkpoint["step"])
        self._layout.projections["since"] = checkpoint["since"]
        for place in range(len(self.plan.populations)):
            self._layout.set_state(place, checkpoint[f"state/{place}"])
        self._restore_rings(checkpoint)
        self._layout.plastic.restore(checkpoint)
        self._layout.releases.restore(checkpoint)
        self._rewards.restore(checkpoint)
        for place, numbers in self._layout.emitting.noise():
            saved = checkpoint[f"noise/{place}"]
            numbers[:, : saved.size] = saved
        for place, train in self._trains.items():
            train.restore(f"train/{place}", checkpoint)
        emitters = range(len(self._layout.sizes))
        spikes = [(checkpoint[f"steps/{k}"], checkpoint[f"senders/{k}"]) for k in emitters]
        self._restore_counts(spikes)
        self._lists.set_history(self.step, spikes)

    def _require_own(self, checkpoint: dict[str, np.ndarray]) -> None:
        """Raise `BackendError` unless all of a checkpoint can be put back."""
        layout, step = self._layout, step_of(checkpoint)
        tables = Rewards.tables(self.plan, step)
        for emitter, size in enumerate(layout.sizes):
            tables[f"steps/{emitter}"] = ((step - layout.history, step),)
            tables[f"senders/{emitter}"] = ((0, size),)
        own, given = (
            {name: array for name, array in saved.items() if not name.startswith("ring/")}
            for saved in (self.checkpoint(), checkpoint)
        )
        require_like(given, own, tables)
        for emitter in range(len(layout.sizes)):
            steps = checkpoint[f"steps/{emitter}"]
            if steps.shape != checkpoint[f"senders/{emitter}"].shape or (np.diff(steps) < 0).any():
                raise other_network()
        # A ring is made when a port first needs one, so it may be new here.
        rings = {
            f"ring/{place}/{port}": (layout.longest, plan.size)
            for place, plan in enumerate(self.plan.populations)
            for port in range(len(plan.step_map.inputs))
        }
        for name in checkpoint.keys() - given.keys():
            array = checkpoint[name]
            known = isinstance(array, np.ndarray) and array.dtype.kind == "f"
            if not known or array.shape != rings.get(name):
                raise other_network()

    def _restore_counts(self, spikes: list[Spikes]) -> None:
        """Counts of Poisson sources from their spikes; lists keep those that they hold alone."""
        for place, counts in self._counts():
            emitter = len(self.plan.populations) + place
            steps, senders = spikes[emitter]
            late = steps >= self.step - len(counts)
            counts[:] = 0
            np.add.at(counts, (steps[late] % len(counts), senders[late]), 1)
            if not self._is_listed(place):
                spikes[emitter] = steps[:0], senders[:0]

    def _restore_rings(self, checkpoint: dict[str, np.ndarray]) -> None:
        for _, _, ring in self._rings():
            ring[:] = 0
        for name, saved in checkpoint.items():
            if name.startswith("ring/"):
                place, port = (int(part) for part in name.split("/")[1:])
                ring = self._layout.ring_of(place, port)
                ring[(self.step + np.arange(len(saved))) % len(ring), : saved.shape[1]] = saved

    def _rings(self) -> list[tuple[int, int, np.ndarray]]:
        return [
            (place, int(name.removeprefix("ring ")), array)
            for (table, place, name), array in self._layout.arrays.items()
            if table == "population" and name.startswith("ring ")
        ]

    def _counts(self) -> list[tuple[int, np.ndarray]]:
        return [
            (place, array)
            for (table, place, name), array in self._layout.arrays.items()
            if table == "source" and name == "counts"
        ]

    def close(self) -> None:
        """End the executor's threads; it cannot be advanced afterwards."""
        self._team.close()


def divisible(plan: NetworkPlan) -> bool:
    """Whether threads can share the work: compartments of a cell need one another at every step."""
    return all(population.step_map.tree is None for population in plan.populations)


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    """The parts as one array, without a copy where there is one only."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
