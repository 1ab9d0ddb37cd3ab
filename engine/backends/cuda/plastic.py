"""Synapses that learn on a device: spikes that are kept for a while, weights, traces, launches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from engine.backends import philox
from engine.backends.checkpoints import Saved, Table
from engine.backends.cuda.device import Launch, Memory, blocks_for
from engine.backends.cuda.frame import Frame
from engine.backends.cuda.plastic_printer import plastic_source
from engine.backends.cuda.populations import Population
from engine.backends.cuda.projections import GRID, checked_weight, largest_sum, threads_for
from engine.backends.cuda.third import Third
from engine.equations.evaluate import evaluate
from engine.equations.plastic import WEIGHT
from engine.equations.tree import Assign, Call
from engine.errors import BackendError, EquationError
from engine.runtime.plan import Connections, Constant, PlasticityPlan, index_type

FREE_GROWTH = 4096.0  # times the largest weight (or 1): room for a rule that does not bound weights


class History:
    """The spikes of an emitter in the last steps, a row a step, for the rules that look back."""

    def __init__(self, frame: Frame, emitter: int, back: int) -> None:
        self.frame, self.emitter, self.back = frame, emitter, back
        self.size = max(1, frame.sizes[emitter])
        self.slots = back + frame.block
        self.kept: Memory = frame.device.zeros((self.slots, self.size), np.uint64)
        self.counts: Memory = frame.device.zeros(self.slots, np.int64)

    def launches(self, source_list: Memory) -> Iterator[Launch]:
        """Take in the spikes of a block."""
        frame, kernels = self.frame, self.frame.kernels
        yield kernels.ready("forget", 1, 64, [frame.clock, self.slots, self.counts])
        yield kernels.ready(
            "remember", blocks_for(self.size), 128,
            [frame.clock, source_list, frame.cells_of(self.emitter), self.slots, self.size,
             self.kept, self.counts],
        )  # fmt: skip

    @property
    def arguments(self) -> list[Memory]:
        """What the kernels of events ask of it."""
        return [self.kept, self.counts, self.slots]

    def saved(self, step: int) -> dict[str, np.ndarray]:
        """Entries of the last steps before ``step``, a row each: how long ago, sender, times."""
        device, rows = self.frame.device, [np.zeros((0, 3), np.int64)]
        kept, counts = device.download(self.kept), device.download(self.counts)
        for ago in range(1, min(self.back, step) + 1):
            slot = (step - ago) % self.slots
            entries = np.sort(kept[slot, : counts[slot]])
            senders = ((entries >> np.uint64(16)) & np.uint64(0xFFFFFFFF)).astype(np.int64)
            times = (entries & np.uint64(0xFFFF)).astype(np.int64)
            rows.append(np.stack([np.full(senders.size, ago), senders, times], 1))
        return {f"history/{self.emitter}": np.concatenate(rows)}

    def tables(self, step: int) -> dict[str, Table]:
        """What `saved` may be at ``step``, for `checkpoints.require_like`."""
        ago = (1, min(self.back, step) + 1)
        return {f"history/{self.emitter}": (ago, (0, self.size), (1, 1 << 16))}

    def fits(self, saved: Saved) -> bool:
        """Whether every sender stands in a step once, so that all of them have room."""
        rows = saved[f"history/{self.emitter}"]
        return len(np.unique(rows[:, :2], axis=0)) == len(rows)

    def restore(self, saved: Saved, step: int) -> None:
        """Go back to what `saved` gave."""
        device, rows = self.frame.device, saved[f"history/{self.emitter}"]
        kept = np.zeros((self.slots, self.size), np.uint64)
        counts = np.zeros(self.slots, np.int64)
        for ago in np.unique(rows[:, 0]):
            entries = rows[rows[:, 0] == ago]
            slot = (step - ago) % self.slots
            packed = (entries[:, 1].astype(np.uint64) << np.uint64(16)) | entries[:, 2].astype(
                np.uint64
            )
            kept[slot, : len(entries)] = packed
            counts[slot] = len(entries)
        device.overwrite(self.kept, kept)
        device.overwrite(self.counts, counts)


def histories(frame: Frame) -> dict[int, History]:
    """For every emitter whose spikes a rule looks back at, as far as the longest delay needs."""
    back: dict[int, int] = {}
    for projection in frame.plan.projections:
        rule, rows = projection.plasticity, projection.connections
        if rule is not None and rows is not None:
            delay = int(rows.delay)
            returns = 2 * delay if rule.dendritic else 0
            ends = ((projection.source, delay), (projection.target, returns))
            heard = ((rule.teacher, returns), (rule.reward, delay if rule.dendritic else 0))
            for emitter, steps in (*ends, *heard):
                if emitter is not None:
                    back[emitter] = max(steps, back.get(emitter, 0))
    return {emitter: History(frame, emitter, steps) for emitter, steps in back.items()}


class PlasticProjection:
    """One projection whose weights are changed in place by the spikes of both its ends."""

    def __init__(
        self, frame: Frame, index: int, target: Population, kept: Mapping[int, History]
    ) -> None:
        self.frame, self.index, self.target = frame, index, target
        self.plan = frame.plan.projections[index]
        rows, rule = self.plan.connections, self.plan.plasticity
        if rows is None or rule is None:
            raise BackendError(f'projection "{self.plan.id}": it has no learning rule')
        self._rows: Connections = rows
        self._sent, self._fired = kept[self.plan.source], kept[self.plan.target]
        self._taught, self._rewarded = (
            None if heard is None else kept[heard] for heard in (rule.teacher, rule.reward)
        )
        self.most = 1  # spikes of a member in a step, as its emitter says
        self._incoming = largest_sum(rows, None)
        self._lay_synapses()
        source = plastic_source(rule.rule, frame.dtype, self._from_type, rows.target.dtype)
        self._kernels = frame.device.build(source)
        zeros, sizes = frame.device.zeros, (rows.sources, rows.targets)
        states = [len(step_map.states) for step_map in (rule.rule.pre, rule.rule.post)]
        self._traces = [
            zeros((max(1, count), max(1, size)), frame.dtype)
            for count, size in zip(states, sizes, strict=True)
        ]
        self._overrun = zeros(1, np.int64)
        self._weights: Memory = zeros(max(1, rows.synapses), frame.dtype)
        self.rule: PlasticityPlan = rule
        self.third = Third(frame, rule, self._weights, rows.synapses)
        self.set_weight(rows.weight)
        self.set_rule(rule)

    def _lay_synapses(self) -> None:
        """The synapses by source, and their numbers by target, within it by source."""
        rows, upload = self._rows, self.frame.device.upload
        self._from_type = index_type(rows.sources)
        self._row, self._targets = upload(rows.row.astype(np.int64)), upload(rows.target)
        order = np.argsort(rows.target, kind="stable")
        counts = np.bincount(rows.target, None, rows.targets)
        senders = np.repeat(np.arange(rows.sources, dtype=self._from_type), np.diff(rows.row))
        self._column = upload(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))
        self._sources, self._synapses = upload(senders[order]), upload(order.astype(np.uint32))

    # -- what changes -----------------------------------------------------------------------------

    def set_weight(self, weight: Constant) -> None:
        """New weights, copied: learning writes into them."""
        values = np.empty(max(1, self._rows.synapses), self.frame.dtype)
        values[:] = checked_weight(self.frame, self.index, weight) if self._rows.synapses else 0
        self.frame.device.overwrite(self._weights, values)
        self.third.forget()
        self._measure()

    def weights(self) -> np.ndarray:
        """The weights as they are now, in the order of the connections."""
        return self.third.touched()

    def set_rule(self, rule: PlasticityPlan) -> None:
        """The numbers of the rule, and whether it learns."""
        made, numbers = rule.rule, rule.constants
        parts = (
            (made.constants, numbers.programs),
            (made.pre.constants, numbers.pre),
            (made.post.constants, numbers.post),
        )
        self.rule = rule
        self.third.set_plan(rule)
        self._numbers = [
            self.frame.reals(np.array([values[name] for name in order])) if order else None
            for order, values in parts
        ]
        self._measure()

    def _measure(self) -> None:
        """How large a weight can become, before the units of the drive are chosen anew."""
        largest = float(np.abs(self.weights()).max(initial=0.0))
        reach = _reach(self.rule)
        if reach is None:
            reach = FREE_GROWTH * max(1.0, largest)
        # A bound is rounded to the network's float type by the kernels.
        self._limit = max(largest, reach) * (1.0 + 1e-6)

    @property
    def bound(self) -> float:
        """The most that a target can receive from this projection in one step, in size."""
        return self._limit * self._incoming * self.most

    def check(self) -> None:
        """Raise `BackendError` if a weight has grown beyond what a drive can hold."""
        if self.frame.device.download(self._overrun)[0]:
            raise BackendError(
                f'projection "{self.plan.id}": a weight has left the range to {self._limit:g} that '
                "its rule was given room for; bound the weight in the rule, with clip"
            )

    # -- advancing --------------------------------------------------------------------------------

    def arrivals(self, k: int) -> Iterator[Launch]:
        """What reaches the synapses in step ``k`` of a block, before the neurons take the step."""
        if not self._rows.synapses:
            return
        frame, plan, target = self.frame, self.plan, self.target
        made, rows, delay = self.rule.rule, self._rows, self._delay
        _, pre_fixed, post_fixed = self._numbers
        if made.pre.states or made.post.states:
            sizes = [rows.sources, rows.targets]
            yield self._kernels.ready(
                "relax", blocks_for(max(sizes)), 128,
                [frame.clock, k, frame.plan.dt, *sizes, *self._traces, pre_fixed, post_fixed],
            )  # fmt: skip
        yield from self.third.tick(k)
        place = target.slot_of(plan.port) * target.plan.size
        ring = [target.ring, frame.ring_rows, target.pitch, place]
        scale = 2.0 ** target.exponents[plan.port]
        synapses = [self._row, self._targets, self._weights, int(self.rule.on)]
        yield self._kernels.ready(
            "arrive", GRID, threads_for(rows.synapses, rows.sources),
            [*self._met(k, delay, self._sent), *synapses, scale, self._limit, self._overrun, *ring,
             *self._changing, *self._key],
        )  # fmt: skip
        if self.rule.dendritic:
            yield from self._finish(k, 2 * delay, delay)

    def settled(self) -> Iterator[Launch]:
        """After the neurons have spiked: the end of the instant over an axonal delay."""
        if self._rows.synapses and not self.rule.dendritic:
            yield from self._finish(0, 0, 0)

    def _finish(self, k: int, lag: int, reward_lag: int) -> Iterator[Launch]:
        """Spikes of the targets, ``lag`` steps old, meet the synapses; then all traces jump."""
        made, rows = self.rule.rule, self._rows
        meetings = (("meet", made.on_post, self._fired), ("teach", made.on_teacher, self._taught))
        for name, program, spikes in meetings:
            if program and self.rule.on and spikes is not None:
                column = [self._column, self._sources, self._synapses, self._weights]
                yield self._kernels.ready(
                    name, GRID, threads_for(rows.synapses, rows.targets),
                    [*self._met(k, lag, spikes), *column, *self._changing, *self._key],
                )  # fmt: skip
        for name, program, since, spikes, size in (
            ("jump_post", made.post_spike, lag, self._fired, rows.targets),
            ("jump_pre", made.pre_spike, self._delay, self._sent, rows.sources),
        ):
            if program:
                arguments = [*self._met(k, since, spikes), *self._changing]
                yield self._kernels.ready(name, blocks_for(size), 128, arguments)
        if self._rewarded is not None:
            kept = self._rewarded
            met = [self.frame.clock, k, reward_lag, *kept.arguments, kept.size]
            yield from self.third.reward_by(met)
        grid = blocks_for(rows.synapses)
        yield from self.third.renewals(k, self._kernels, grid, self._numbers[0])

    @property
    def _delay(self) -> int:
        return int(self._rows.delay)

    @property
    def _changing(self) -> list[Memory]:
        return [*self._traces, self._numbers[0], *self.third.arguments]

    @property
    def _key(self) -> list[int]:
        """The key of its random numbers, of a rule that draws some."""
        words = philox.key(self.frame.plan.seed, self.rule.stream) if self.rule.rule.chance else ()
        return [int(word) for word in words]

    def _met(self, k: int, lag: int, spikes: History) -> list[Memory]:
        sizes = (self._rows.sources, self._rows.targets)
        return [self.frame.clock, k, lag, *spikes.arguments, *sizes]

    # -- checkpoints ------------------------------------------------------------------------------

    def saved(self) -> dict[str, np.ndarray]:
        """Weights and traces."""
        download, name = self.frame.device.download, f"plastic/{self.index}"
        pre, post = (download(traces) for traces in self._traces)
        stored = download(self._weights, self._rows.synapses)
        found = {f"{name}/weights": stored, f"{name}/pre": pre, f"{name}/post": post}
        return found | self.third.saved(name)

    def restore(self, saved: Saved) -> None:
        """Go back to what `saved` gave."""
        name, overwrite = f"plastic/{self.index}", self.frame.device.overwrite
        self.set_weight(saved[f"{name}/weights"])
        overwrite(self._overrun, np.zeros(1, np.int64))
        for traces, part in zip(self._traces, ("pre", "post"), strict=True):
            overwrite(traces, saved[f"{name}/{part}"].astype(self.frame.dtype))
        self.third.restore(name, saved)


def _reach(rule: PlasticityPlan) -> float | None:
    """The largest size of a weight once its rule has set it; None where the rule has no bounds."""
    found = 0.0
    made = rule.rule
    for program in (made.on_pre, made.on_post, made.on_teacher, made.touch):
        if any(each.target == WEIGHT for each in program):
            bounds = _bounds(program, rule.constants.programs)
            if bounds is None:
                return None
            found = max(found, *(abs(bound) for bound in bounds))
    return found


def _bounds(
    program: Sequence[Assign], constants: Mapping[str, float]
) -> tuple[float, float] | None:
    """The bounds between which a program leaves the weight, if it ends by clipping it."""
    last = next(each.value for each in reversed(program) if each.target == WEIGHT)
    match last:
        case Call(function="clip", arguments=(_, low, high)):
            try:
                return float(evaluate(low, constants)), float(evaluate(high, constants))
            except EquationError:  # a bound that depends on a trace
                return None
    return None
