"""Plastic projections laid out for the driver: weights, columns, traces and compiled programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from engine.backends import philox, rewards
from engine.backends.numba_cpu import kernels
from engine.backends.numba_cpu.layout import TILE, padded
from engine.backends.numba_cpu.plastic_events import FIELD, RECORD
from engine.equations.third import EARNED, FADED
from engine.errors import BackendError
from engine.runtime.plan import Constant, NetworkPlan, PlasticityPlan, ProjectionPlan, index_type

if TYPE_CHECKING:
    from engine.backends.numba_cpu.network import Layout

MOST_SYNAPSES = 2**32  # of a plastic projection: its synapses are numbered in 32 bits


def check_plastic(plan: NetworkPlan, projection: ProjectionPlan) -> None:
    """Raise `BackendError` if the projection cannot have a learning rule."""
    if projection.plasticity is None:
        return
    where, connections = f'projection "{projection.id}"', projection.connections
    place = projection.source - len(plan.populations)
    if place >= 0 and plan.sources[place].kind == "current":
        raise BackendError(f"{where}: a current has no spikes to learn from; leave out the rule")
    if projection.one_to_one or connections is None:
        raise BackendError(f"{where}: a plastic projection needs its synapses as connections")
    if isinstance(connections.delay, np.ndarray):
        raise BackendError(f"{where}: a plastic projection needs one delay for all its synapses")
    if connections.synapses >= MOST_SYNAPSES:
        raise BackendError(f"{where}: it has too many synapses to learn; divide the population")
    _check_heard(plan, projection.plasticity, connections.targets, where)


def _check_heard(plan: NetworkPlan, rule: PlasticityPlan, targets: int, where: str) -> None:
    """Who rewards and teaches must be there: compiled code asks no more."""
    sizes = [emitter.size for emitter in (*plan.populations, *plan.sources)]
    for name, emitter in (("reward", rule.reward), ("teacher", rule.teacher)):
        if emitter is not None and not 0 <= emitter < len(sizes):
            raise BackendError(f"{where}: its {name} is no emitter of the network; leave it out")
    if rule.teacher is not None and sizes[rule.teacher] != targets:
        raise BackendError(
            f"{where}: its teacher has {sizes[rule.teacher]:,} members, not {targets:,}; make them "
            "as many as the targets"
        )


def block_limit(plan: NetworkPlan) -> int | None:
    """The longest block that plastic projections and gap junctions allow; None for any.

    Over an axonal delay a weight depends on all spikes of its target till the step before, and what
    flows through a gap junction on the potentials that the step before left.
    """
    axonal = (p.plasticity is not None and not p.plasticity.dendritic for p in plan.projections)
    return 1 if any(axonal) or any(p.gap for p in plan.projections) else None


def history_needed(plan: NetworkPlan) -> int:
    """Steps for which spikes must be remembered: a dendrite's delay there and back."""
    needed = [0]
    for projection in plan.projections:
        rule, connections = projection.plasticity, projection.connections
        if rule is not None and rule.dendritic and connections is not None:
            needed.append(2 * int(connections.delay))
    return max(needed)


class PlasticRows:
    """The learning part of a layout: the records of its plastic projections and their arrays."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._rules: dict[int, PlasticityPlan] = {}
        self.places = [k for k, p in enumerate(layout.plan.projections) if p.plasticity is not None]

    def lay(self, index: int) -> None:
        """Columns, traces and programs of projection ``index``; its weights are set by themselves.

        Compiles where the rule is new.
        """
        layout, plan = self._layout, self._layout.plan.projections[index]
        connections, rule = plan.connections, plan.plasticity
        if connections is None or rule is None:
            return
        keep = ("projection", layout.place[index])
        record = np.zeros(len(RECORD), np.int64)
        layout.projections[layout.place[index]]["plastic"] = layout.keep(*keep, "plastic", record)
        self._lay_columns(index)
        sources, targets = connections.sources, connections.targets
        indices = index_type(sources), connections.target.dtype
        programs = kernels.event_programs(rule.rule, layout.dtype, *indices)
        for name, program in programs.items():
            self._write(index, name, program)
        for side, size in (("pre", sources), ("post", targets)):
            step_map, stride = getattr(rule.rule, side), padded(size)
            self._write(index, f"{side}_states", len(step_map.states))
            self._write(index, f"{side}_stride", stride)
            lanes = layout.parts if side == "pre" else 1
            shape = (lanes, len(step_map.states), stride)
            self._write(index, side, layout.room(*keep, side, shape, layout.dtype))
            if step_map.states:
                self._write(index, f"{side}_kernel", kernels.kernel(step_map, layout.dtype).address)
        self._lay_third(index, rule)
        self.set_rule(index, rule, fresh=True)

    def _lay_third(self, index: int, plan: PlasticityPlan) -> None:
        """The clock, what synapses have of their own, and who rewards and teaches."""
        layout, rule = self._layout, plan.rule
        keep = ("projection", layout.place[index])
        for name, emitter in (("rewarding", plan.reward), ("teaching", plan.teacher)):
            self._write(index, name, -1 if emitter is None else emitter)
        self._write(index, "earned", rewards.row_of(rule, EARNED))
        self._write(index, "faded", rewards.row_of(rule, FADED))
        connections = layout.plan.projections[index].connections
        if rule.clock is None or connections is None:
            return
        states = len(rule.clock.states)
        shape = (layout.parts, states, TILE)
        self._write(index, "clock", layout.room(*keep, "clock", shape, np.float64))
        self._write(index, "clock_states", states)
        address = kernels.kernel(rule.clock, np.dtype(np.float64)).address
        self._write(index, "clock_kernel", address)
        self._set_clock(index, rewards.start_of(rule))
        own = connections.synapses if rule.eligibility else 0
        drifting = own if rule.drifts else 0
        self._write(index, "eligible", layout.room(*keep, "eligible", own, layout.dtype))
        self._write(index, "last", layout.room(*keep, "last", drifting, np.float64))

    def _lay_columns(self, index: int) -> None:
        layout, connections = self._layout, self._layout.plan.projections[index].connections
        if connections is None:
            return
        keep = ("projection", layout.place[index])
        column = np.zeros(connections.targets + 1, np.int64)
        source = np.empty(connections.synapses, index_type(connections.sources))
        synapse = np.empty(connections.synapses, np.uint32)
        row = np.ascontiguousarray(connections.row, np.int64)
        target = np.ascontiguousarray(connections.target)
        kernels.column_filler()(row, target, column, source, synapse)
        self._write(index, "targets", connections.targets)
        self._write(index, "column", layout.keep(*keep, "column", column))
        self._write(index, "column_source", layout.keep(*keep, "column_source", source))
        self._write(index, "column_synapse", layout.keep(*keep, "column_synapse", synapse))

    def share(self) -> None:
        """Give every thread the traces of the sources, and the clock, that the first one has: all
        start alike."""
        for index in self.places:
            for name in ("pre", "clock"):
                rows = self._array(index, name)
                if rows is not None:
                    rows[1:] = rows[0]

    def set_rule(self, index: int, plan: PlasticityPlan, fresh: bool = False) -> None:
        """The numbers of a rule, and whether it learns; what the old ones earned is kept."""
        layout, rule = self._layout, plan.rule
        keep = ("projection", layout.place[index])
        if not fresh and rule.eligibility:
            clock = self._clock(index)
            rewards.renew(self._rules[index], *self._synapses(index), clock)
            self._set_clock(index, clock)
        self._rules[index] = plan
        parts = {
            "fixed": (rule.constants, plan.constants.programs),
            "pre_fixed": (rule.pre.constants, plan.constants.pre),
            "post_fixed": (rule.post.constants, plan.constants.post),
            "reward_fixed": (rule.constants, plan.constants.programs),
            "clock_fixed": (rule.clock.constants if rule.clock else (), plan.constants.clock),
        }
        for name, (order, values) in parts.items():
            dtype = np.float64 if name in ("reward_fixed", "clock_fixed") else layout.dtype
            numbers = np.array([values[constant] for constant in order], dtype)
            self._write(index, name, layout.keep(*keep, name, numbers))
        self._write(index, "renewed", plan.constants.renewed)
        self._write(index, "learns", int(plan.on))
        self._write(index, "dendritic", int(plan.dendritic))
        seed, stream = philox.key(layout.plan.seed, plan.stream)
        self._write(index, "seed", int(seed))
        self._write(index, "stream", int(stream))

    def set_weights(self, index: int, weight: Constant) -> None:
        """New weights, copied: learning writes into them."""
        layout, plan = self._layout, self._layout.plan.projections[index]
        count = plan.connections.synapses if plan.connections is not None else 0
        if np.ndim(weight) and np.shape(weight) != (count,):
            raise BackendError(
                f'projection "{plan.id}": {np.shape(weight)} weights, not ({count},)'
            )
        weights = np.empty(count, layout.dtype)
        weights[:] = weight
        keep = ("projection", layout.place[index], "weights")
        self._write(index, "weights", layout.keep(*keep, weights))
        last = self._array(index, "last")
        if last is not None and last.size:
            last[:] = self._clock(index)[rewards.row_of(self._rules[index].rule, EARNED)]

    def weights(self, index: int) -> np.ndarray:
        """A copy of the weights of a plastic projection as they are now."""
        if not self._rules[index].rule.drifts:
            return self._stored(index).copy()
        return rewards.touched(self._rules[index], *self._synapses(index), self._clock(index))

    def modulators(self, index: int) -> dict[str, float]:
        """The modulators of projection ``index``, now."""
        return rewards.modulators(self._rules[index], self._clock(index))

    def reward(self, index: int, amount: float) -> None:
        """A reward for the synapses of projection ``index``, now."""
        clock = self._clock(index)
        rewards.reward(self._rules[index], clock, amount)
        self._set_clock(index, clock)

    def _stored(self, index: int) -> np.ndarray:
        """The weights as the last touch of each left them."""
        return self._layout.array("projection", self._layout.place[index], "weights")

    def _synapses(self, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weights, eligibilities at the base time and E at the last touch, of every synapse."""
        eligible, last = self._array(index, "eligible"), self._array(index, "last")
        assert eligible is not None
        assert last is not None
        return self._stored(index), eligible, last

    def _clock(self, index: int) -> np.ndarray:
        """A copy of the clock [states], empty without one."""
        rows = self._array(index, "clock")
        return np.empty(0) if rows is None else rows[0, :, 0].copy()

    def _set_clock(self, index: int, clock: np.ndarray) -> None:
        rows = self._array(index, "clock")
        if rows is not None:
            rows[:] = clock[:, None]

    def _array(self, index: int, name: str) -> np.ndarray | None:
        return self._layout.arrays.get(("projection", self._layout.place[index], name))

    def saved(self) -> dict[str, np.ndarray]:
        """Weights and traces of all plastic projections, for a checkpoint."""
        found = {}
        for index in self.places:
            found[f"plastic/{index}/weights"] = self._stored(index).copy()
            found[f"plastic/{index}/clock"] = self._clock(index)
            for name in ("eligible", "last"):
                array = self._array(index, name)
                if array is not None:
                    found[f"plastic/{index}/{name}"] = array.copy()
            for side, size, rows in self._traces(index):
                found[f"plastic/{index}/{side}"] = rows[0, :, :size].copy()
        return found

    def restore(self, saved: dict[str, np.ndarray]) -> None:
        """Put back what `saved` gave."""
        for index in self.places:
            self._stored(index)[:] = saved[f"plastic/{index}/weights"]
            self._set_clock(index, saved[f"plastic/{index}/clock"])
            for name in ("eligible", "last"):
                array = self._array(index, name)
                if array is not None:
                    array[:] = saved[f"plastic/{index}/{name}"]
            for side, size, rows in self._traces(index):
                rows[:, :, :size] = saved[f"plastic/{index}/{side}"]

    def _traces(self, index: int) -> Iterator[tuple[str, int, np.ndarray]]:
        """Side, number of neurons and traces [threads or 1, states, stride] of both ends."""
        connections = self._layout.plan.projections[index].connections
        if connections is not None:
            place = self._layout.place[index]
            for side, size in (("pre", connections.sources), ("post", connections.targets)):
                yield side, size, self._layout.array("projection", place, side)

    def _write(self, index: int, name: str, value: int) -> None:
        place = self._layout.place[index]
        self._layout.array("projection", place, "plastic")[FIELD[name]] = value
