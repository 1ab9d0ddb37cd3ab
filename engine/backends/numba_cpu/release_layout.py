"""Projections that release, laid out for the driver: states of the sources, and the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.backends.numba_cpu import kernels
from engine.backends.numba_cpu.layout import padded
from engine.backends.numba_cpu.release_events import FIELD, RECORD
from engine.equations.release import NEVER
from engine.errors import BackendError
from engine.runtime.plan import NetworkPlan, ProjectionPlan, ReleasePlan

if TYPE_CHECKING:
    from engine.backends.numba_cpu.network import Layout


def check_release(plan: NetworkPlan, projection: ProjectionPlan) -> None:
    """Raise `BackendError` if the synapses of the projection cannot tire."""
    if projection.release is None:
        return
    where, place = f'projection "{projection.id}"', projection.source - len(plan.populations)
    if place >= 0 and plan.sources[place].kind == "current":
        raise BackendError(f"{where}: a current has no spikes to release at; leave out the rule")
    if projection.one_to_one or projection.connections is None:
        raise BackendError(f"{where}: synapses that tire need to be given as connections")
    if projection.plasticity is not None:
        raise BackendError(f"{where}: its synapses learn and tire; give it one of the two rules")


class ReleaseRows:
    """The releasing part of a layout: the records of its projections and their arrays."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.places = [k for k, p in enumerate(layout.plan.projections) if p.release is not None]

    def lay(self, index: int) -> None:
        """States and program of projection ``index``.  Compiles where the rule is new."""
        layout, plan = self._layout, self._layout.plan.projections[index]
        if plan.release is None or plan.connections is None:
            return
        place, stride = layout.place[index], padded(plan.connections.sources)
        record, states = np.zeros(len(RECORD), np.int64), len(plan.release.rule.states)
        layout.projections[place]["release"] = layout.keep("projection", place, "release", record)
        self._write(index, "program", kernels.release_program(plan.release.rule))
        self._write(index, "states", states)
        self._write(index, "stride", stride)
        for name, shape, dtype in (
            ("state", (layout.parts, states, stride), np.float64),
            ("last", (layout.parts, stride), np.int64),
        ):
            self._write(index, name, layout.room("projection", place, name, shape, dtype))
        self._array(index, "last")[:] = NEVER
        self.set_rule(index, plan.release)

    def set_rule(self, index: int, plan: ReleasePlan) -> None:
        """The numbers of a rule, and whether it is on."""
        layout, place = self._layout, self._layout.place[index]
        numbers = np.array([plan.constants[name] for name in plan.rule.constants], np.float64)
        self._write(index, "fixed", layout.keep("projection", place, "fixed", numbers))
        self._write(index, "on", int(plan.on))

    def share(self) -> None:
        """Give every thread what the first one has: all start alike."""
        for index in self.places:
            for name in ("state", "last"):
                array = self._array(index, name)
                array[1:] = array[0]

    def saved(self) -> dict[str, np.ndarray]:
        """All that changes, for a checkpoint."""
        return {
            f"release/{index}/{name}": self._array(index, name)[
                0, ..., : self._sources(index)
            ].copy()
            for index in self.places
            for name in ("state", "last")
        }

    def restore(self, saved: dict[str, np.ndarray]) -> None:
        """Put back what `saved` gave."""
        for index in self.places:
            for name in ("state", "last"):
                held = self._array(index, name)[..., : self._sources(index)]
                held[:] = saved[f"release/{index}/{name}"]

    def _sources(self, index: int) -> int:
        connections = self._layout.plan.projections[index].connections
        return 0 if connections is None else connections.sources

    def _array(self, index: int, name: str) -> np.ndarray:
        return self._layout.array("projection", self._layout.place[index], name)

    def _write(self, index: int, name: str, value: int) -> None:
        self._array(index, "release")[FIELD[name]] = value
