"""The CUDA executor: a network whose arrays live on a device and whose steps are launches.

A block of steps is one fixed sequence of launches, prepared once: sources, currents, populations,
delivery, monitors, the clock.  Nothing comes back to the host but recorded samples and the lists of
spikes, once a slice.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.backends.checkpoints import other_network, require_like, step_of
from engine.backends.cuda.device import Device, Launch, Memory, Repeat, blocks_for
from engine.backends.cuda.frame import Frame, Spikes
from engine.backends.cuda.plastic import PlasticProjection, histories
from engine.backends.cuda.populations import Population
from engine.backends.cuda.projections import (
    CurrentProjection,
    GapProjection,
    SpikeProjection,
)
from engine.backends.cuda.release import ReleaseProjection
from engine.backends.cuda.source import MEAN_PARTS
from engine.backends.cuda.sources import CurrentSource, source_on_device
from engine.backends.numba_cpu.checks import check_plan
from engine.backends.rewards import Rewards
from engine.errors import BackendError
from engine.runtime.plan import (
    Chunk,
    Constant,
    Floats,
    MonitorPlan,
    NetworkPlan,
    PlasticityPlan,
    ReleasePlan,
    SourcePlan,
)

Projection = SpikeProjection | CurrentProjection | PlasticProjection


class CudaExecutor:
    """Advances a network plan on a device; the same spikes on every run.  Not thread-safe.

    Raises `BackendError` where a plan contradicts itself.
    """

    def __init__(self, plan: NetworkPlan, device: Device) -> None:
        check_plan(plan)
        for population in plan.populations:
            if population.step_map.tree is not None:
                raise BackendError(
                    f'population "{population.id}" is a cable, which a GPU cannot solve here; '
                    "choose the device cpu"
                )
        self.plan, self.device = plan, device
        self.step = 0
        with device.working():
            self._frame = frame = Frame(plan, device)
            self._populations = [Population(frame, k) for k in range(len(plan.populations))]
            self._sources = [source_on_device(frame, k) for k in range(len(plan.sources))]
            self._emitters = [*self._populations, *self._sources]
            self._histories = histories(frame)
            self._projections = [self._laid(k) for k in range(len(plan.projections))]
            self._learning = [p for p in self._projections if isinstance(p, PlasticProjection)]
            self._releasing = [p for p in self._projections if isinstance(p, ReleaseProjection)]
            self._count()
            kept = [int(place < len(self._populations) or emitter.kept)
                    for place, emitter in enumerate(self._emitters)]  # fmt: skip
            self._kept = device.upload(np.array([*kept, 0], np.int64))
        self._rewards = Rewards()
        self._repeat: Repeat | None = None
        self._samples: list[Memory] = []

    def _laid(self, index: int) -> Projection:
        plan, frame = self.plan.projections[index], self._frame
        target = self._populations[plan.target]
        if plan.plasticity is not None:
            return PlasticProjection(frame, index, target, self._histories)
        if plan.release is not None:
            return ReleaseProjection(frame, index, target)
        if plan.gap:
            return GapProjection(frame, index, target)
        kind = CurrentProjection if frame.is_current(plan.source) else SpikeProjection
        return kind(frame, index, target)

    def _count(self) -> None:
        """Choose the units of all drives from the weights and rates as they are."""
        bounds: list[dict[int, float]] = [{} for _ in self._populations]
        for projection in self._projections:
            if not isinstance(projection, CurrentProjection):
                plan = projection.plan
                source = self._frame.source_of(plan.source)
                projection.most = 1 if source is None else self._sources[source].most
                sums = bounds[plan.target]
                sums[plan.port] = sums.get(plan.port, 0.0) + projection.bound
        for population, sums in zip(self._populations, bounds, strict=True):
            population.set_bounds(sums)

    # -- advancing --------------------------------------------------------------------------------

    def advance(self, steps: int) -> Chunk:
        """Advance by ``steps`` >= 1; see `engine.runtime.plan.Executor`."""
        if steps < 1:
            raise BackendError(f"cannot advance by {steps} steps; ask for at least 1")
        return self._rewards.advance(self.step, steps, self._advance, self._reward)

    def _advance(self, steps: int) -> Chunk:
        start, end, parts = self.step, self.step + steps, []
        with self.device.working():
            while self.step < end:
                parts.append(self._advance_slice(min(self._frame.slice, end - self.step)))
        spikes = {
            emitter: (_joined([part[0][emitter][0] for part in parts]),
                      _joined([part[0][emitter][1] for part in parts]))
            for emitter in parts[0][0]
        }  # fmt: skip
        monitors = [_joined([part[1][k] for part in parts]) for k in range(len(self.plan.monitors))]
        return Chunk(start, steps, spikes, monitors)

    def profile(self, blocks: int) -> dict[str, float]:
        """Advance by ``blocks`` blocks and tell the seconds that every kind of kernel took.

        The kernels are waited for one by one, so their sum is more than an advance takes.  What the
        blocks bring is not handed out.
        """
        frame, seconds = self._frame, dict[str, float]()
        with self.device.working():
            for _ in range(blocks):
                self._begin_slice(self.step, self.step + frame.block)
                self._begin_blocks(self.step, frame.block)
                for launch in self._sequence():
                    took = self.device.timed(launch)
                    seconds[launch.kernel] = seconds.get(launch.kernel, 0.0) + took
                self.step += frame.block
        return seconds

    def _begin_slice(self, first: int, end: int) -> None:
        """Room for the samples of a slice, what is known of its sources, and empty lists."""
        if any([source.look_ahead(first, end) for source in self._sources]):
            self._repeat = None
        if self._make_room_for_samples(first, end) or self._repeat is None:
            self._repeat = self.device.sequence(list(self._sequence()))
        cells = self._frame.cells
        self.device.overwrite(cells, np.zeros(tuple(cells.shape), np.int64))

    def _begin_blocks(self, first: int, block: int) -> None:
        """Set the clock: blocks of ``block`` steps from now on, in a slice that began at first."""
        clock = np.array([self.step, first, block], np.int64)
        self.device.overwrite(self._frame.clock, clock)

    def _advance_slice(self, steps: int) -> tuple[dict[int, Spikes], list[Floats]]:
        frame, first = self._frame, self.step
        end = first + steps
        self._begin_slice(first, end)
        assert self._repeat is not None
        whole, rest = divmod(steps, frame.block)
        for times, block in ((whole, frame.block), (1, rest)):
            if times and block:
                self._begin_blocks(first, block)
                self._repeat(times)
                self.step += times * block
        for projection in self._learning:
            projection.check()
        return self._taken(first, end), self._sampled(first, end)

    def _sequence(self) -> Iterator[Launch]:
        """The launches of one block."""
        for source in self._sources:
            yield from source.launches()
        yield from self._flows()
        yield from self._deliveries(of_sources=True)
        for k in range(self._frame.block):
            for projection in self._learning:
                yield from projection.arrivals(k)
        for population in self._populations:
            yield from population.launches()
        yield from self._deliveries(of_sources=False)
        for projection in self._learning:
            yield from projection.settled()
        for monitor, room in zip(self.plan.monitors, self._samples, strict=True):
            yield from self._monitor_launches(monitor, room)
        frame = self._frame
        yield frame.kernels.ready(
            "end_block", 1, 1, [frame.clock, len(self._emitters), self._kept, frame.cells]
        )

    def _flows(self) -> Iterator[Launch]:
        """Currents of the block, from sources and from other membranes."""
        reached: set[tuple[int, int]] = set()
        for projection in self._projections:
            if isinstance(projection, CurrentProjection):
                place = projection.plan.target, projection.plan.port
                source, fresh = self._emitters[projection.plan.source], place not in reached
                if isinstance(projection, GapProjection) and isinstance(source, Population):
                    yield from projection.between(source, fresh)
                elif isinstance(source, CurrentSource):
                    yield from projection.launches(source, fresh)
                reached.add(place)

    def _deliveries(self, of_sources: bool) -> Iterator[Launch]:
        """Spikes of the block into the rings, and where rules look back at them."""
        for emitter, history in self._histories.items():
            if (self._frame.source_of(emitter) is not None) == of_sources:
                yield from history.launches(self._emitters[emitter].list)
        for projection in self._projections:
            if isinstance(projection, SpikeProjection):
                emitter = projection.plan.source
                if (self._frame.source_of(emitter) is not None) == of_sources:
                    yield from projection.launches(self._emitters[emitter].list)

    def _taken(self, first: int, end: int) -> dict[int, Spikes]:
        ends = self.device.download(self._frame.cells)[:, 1]
        recorded = [len(self._populations) + place for place in self.plan.record_sources]
        reported = [*range(len(self._populations)), *recorded]
        return {e: self._emitters[e].spikes(first, end, int(ends[e])) for e in reported}

    # -- monitors ---------------------------------------------------------------------------------

    def _make_room_for_samples(self, first: int, end: int) -> bool:
        """Room for the samples of a slice; True if it is not where it was."""
        moved = False
        for k, monitor in enumerate(self.plan.monitors):
            every = max(1, monitor.every)
            samples = max(1, end // every - first // every)
            if k == len(self._samples):
                self._samples.append(None)
            held = self._samples[k]
            if held is None or held.shape[0] < samples:
                shape = (samples, self._columns(monitor))
                self._samples[k] = self.device.zeros(shape, self._frame.dtype)
                moved = True
        return moved

    def _columns(self, monitor: MonitorPlan) -> int:
        if monitor.kind == "mean":
            return 1
        size = self.plan.populations[monitor.population].size
        return size if monitor.indices is None else len(monitor.indices)

    def _monitor_launches(self, monitor: MonitorPlan, room: Memory) -> Iterator[Launch]:
        frame, population = self._frame, self._populations[monitor.population]
        history, every = population.history(monitor.row), max(1, monitor.every)
        most = frame.block // every + 1
        first = [frame.clock, every, population.plan.size]
        if monitor.kind == "mean":
            parts = self.device.zeros((most, MEAN_PARTS), np.float64)
            grid = blocks_for(most * MEAN_PARTS)
            yield frame.kernels.ready("sum_parts", grid, 128, [*first, history, parts])
            yield frame.kernels.ready("mean_of_parts", 1, 64, [*first, parts, room])
            return
        indices, columns = None, self._columns(monitor)
        if monitor.indices is not None and columns:
            indices = self.device.upload(np.asarray(monitor.indices, np.int64))
        if columns:
            grid = blocks_for(most * columns)
            arguments = [*first, indices, columns, history, room]
            yield frame.kernels.ready("sample_states", grid, 128, arguments)

    def _sampled(self, first: int, end: int) -> list[Floats]:
        found = []
        for monitor, room in zip(self.plan.monitors, self._samples, strict=True):
            every = max(1, monitor.every)
            samples = self.device.download(room, end // every - first // every)
            found.append(samples[:, 0] if monitor.kind == "mean" else samples)
        return found

    # -- changes while running --------------------------------------------------------------------

    def set_constants(self, population: int, constants: dict[str, Constant]) -> None:
        """New values of all constants of a population, from the next step on.

        Compiles where another set of constants differs between neurons than before.
        """
        with self.device.working():
            self._populations[population].set_constants(constants)
        self._repeat = None

    def set_source(self, source: int, plan: SourcePlan) -> None:
        """A source with changed values, from the next step on."""
        self.plan.sources[source].require_same(plan)
        with self.device.working():
            self._sources[source].set(plan, self.step)
            self._count()
        self._repeat = None

    def set_weight(self, projection: int, weight: Constant) -> None:
        """New weights of a projection, in the order of its connections.

        Spikes already on their way keep the weight they were sent with.
        """
        with self.device.working():
            self._projections[projection].set_weight(weight)
            self._count()
        self._repeat = None

    def weights(self, projection: int) -> Floats:
        """A copy of the weights of a plastic projection; raises `BackendError` for another."""
        with self.device.working():
            return self._plastic(projection).weights()

    def modulators(self, projection: int) -> dict[str, float]:
        """What rewards have left in ``projection``, now."""
        with self.device.working():
            return self._plastic(projection).third.modulators()

    def reward(self, projection: int, amount: float) -> None:
        """A reward for the synapses of ``projection``, now."""
        self._rewards.give(self.plan.projections[projection], projection, self.step, amount)

    def _reward(self, projection: int, amount: float) -> None:
        with self.device.working():
            self._plastic(projection).third.reward(amount)

    def set_plasticity(self, projection: int, plan: PlasticityPlan | ReleasePlan) -> None:
        """Other numbers of the same rule, or learning on or off, from the next step on."""
        found = self._projections[projection]
        with self.device.working():
            if isinstance(plan, PlasticityPlan):
                self._plastic(projection).set_rule(plan)
                self._count()
            elif isinstance(found, ReleaseProjection):
                found.set_rule(plan)
        self._repeat = None

    def _plastic(self, projection: int) -> PlasticProjection:
        found = self._projections[projection]
        if not isinstance(found, PlasticProjection):
            name = self.plan.projections[projection].id
            raise BackendError(f'projection "{name}": its synapses do not learn; give it a rule')
        return found

    def states(self) -> list[Floats]:
        """Copies of state[S, N] of every population."""
        with self.device.working():
            return [self.device.download(population.state) for population in self._populations]

    # -- checkpoints ------------------------------------------------------------------------------

    def checkpoint(self) -> dict[str, np.ndarray]:
        """All that changes while the network runs (not its constants, fixed weights and rates)."""
        saved: dict[str, np.ndarray] = {"step": np.array(self.step, np.int64)}
        with self.device.working():
            for part in (*self._populations, *self._histories.values(), *self._sources):
                saved |= part.saved(self.step)
            for projection in (*self._learning, *self._releasing):
                saved |= projection.saved()
        return saved | self._rewards.saved()

    def restore(self, checkpoint: dict[str, np.ndarray]) -> None:
        """Go back to a checkpoint of the same plan; raises `BackendError` for another plan's.

        Then nothing has changed.
        """
        self._require_own(checkpoint)
        self.step = int(checkpoint["step"])
        self._rewards.restore(checkpoint)
        with self.device.working():
            for projection in (*self._learning, *self._releasing):
                projection.restore(checkpoint)
            self._count()  # weights that are larger now may need larger units
            for part in (*self._populations, *self._histories.values(), *self._sources):
                part.restore(checkpoint, self.step)
        self._repeat = None

    def _require_own(self, checkpoint: dict[str, np.ndarray]) -> None:
        """Raise `BackendError` unless all of a checkpoint can be put back."""
        step = step_of(checkpoint)
        tables = Rewards.tables(self.plan, step)
        for history in self._histories.values():
            tables |= history.tables(step)
        require_like(checkpoint, self.checkpoint(), tables)
        weights = (checkpoint[f"plastic/{learning.index}/weights"] for learning in self._learning)
        finite = all(bool(np.isfinite(values).all()) for values in weights)
        if not finite or not all(each.fits(checkpoint) for each in self._histories.values()):
            raise other_network()

    def close(self) -> None:
        """Let go of the device's memory."""
        self._repeat = None
        self._samples = []


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    """The parts as one array, without a copy where there is one only."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
