"""Plastic projections laid out for the driver: weights, columns, traces and compiled programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from engine.backends.numba_cpu import kernels
from engine.backends.numba_cpu.layout import padded
from engine.backends.numba_cpu.plastic_events import FIELD, RECORD
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
        self.set_rule(index, rule)

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
        self._write(index, "column", layout.keep(*keep, "column", column))
        self._write(index, "column_source", layout.keep(*keep, "column_source", source))
        self._write(index, "column_synapse", layout.keep(*keep, "column_synapse", synapse))

    def share(self) -> None:
        """Give every thread the traces of the sources that the first one has: all start alike."""
        for index in self.places:
            traces = self._layout.array("projection", self._layout.place[index], "pre")
            traces[1:] = traces[0]

    def set_rule(self, index: int, plan: PlasticityPlan) -> None:
        """The numbers of a rule, and whether it learns."""
        layout, rule = self._layout, plan.rule
        keep = ("projection", layout.place[index])
        parts = {
            "fixed": (rule.constants, plan.constants.programs),
            "pre_fixed": (rule.pre.constants, plan.constants.pre),
            "post_fixed": (rule.post.constants, plan.constants.post),
        }
        for name, (order, values) in parts.items():
            numbers = np.array([values[constant] for constant in order], layout.dtype)
            self._write(index, name, layout.keep(*keep, name, numbers))
        self._write(index, "learns", int(plan.on))
        self._write(index, "dendritic", int(plan.dendritic))

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

    def weights(self, index: int) -> np.ndarray:
        """The weights of a plastic projection as they are now."""
        return self._layout.array("projection", self._layout.place[index], "weights")

    def saved(self) -> dict[str, np.ndarray]:
        """Weights and traces of all plastic projections, for a checkpoint."""
        found = {}
        for index in self.places:
            found[f"plastic/{index}/weights"] = self.weights(index).copy()
            for side, size, rows in self._traces(index):
                found[f"plastic/{index}/{side}"] = rows[0, :, :size].copy()
        return found

    def restore(self, saved: dict[str, np.ndarray]) -> None:
        """Put back what `saved` gave; raises `BackendError` for what another network gave."""
        for index in self.places:
            weights = saved.get(f"plastic/{index}/weights", np.empty(0))
            if weights.shape != self.weights(index).shape:
                raise BackendError("the checkpoint belongs to another network; run from the start")
            self.weights(index)[:] = weights
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
