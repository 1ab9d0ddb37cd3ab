"""Gap junctions laid out for the driver: the rows in which populations show their membranes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.backends.numba_cpu.layout import padded
from engine.errors import BackendError
from engine.runtime.plan import NetworkPlan, ProjectionPlan

if TYPE_CHECKING:
    from engine.backends.numba_cpu.network import Layout


def check_gap(plan: NetworkPlan, projection: ProjectionPlan) -> None:
    """Raise `BackendError` if the projection cannot be gap junctions."""
    if not projection.gap:
        return
    where = f'projection "{projection.id}"'
    if projection.source >= len(plan.populations):
        raise BackendError(f"{where}: a source has no membrane to join")
    connections = projection.connections
    if projection.one_to_one or connections is None or projection.plasticity or projection.release:
        raise BackendError(f"{where}: gap junctions need connections, and no rule")
    if isinstance(connections.delay, np.ndarray) or connections.delay != 1:
        raise BackendError(f"{where}: gap junctions act at once; give them a delay of one step")
    for end in (projection.source, projection.target):
        population = plan.populations[end]
        if not 0 <= population.membrane < len(population.step_map.states):
            raise BackendError(f'population "{population.id}": it has no membrane to join')


class Gaps:
    """The part of a layout that shows membranes."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._joined: list[int] = []
        for projection in layout.plan.projections:
            if projection.gap:
                self._joined += [projection.source, projection.target]
        self._joined = sorted(set(self._joined))
        for place in self._joined:
            plan, record = layout.plan.populations[place], layout.populations[place]
            shape = (2, padded(plan.size))
            record["shown"] = layout.room("population", place, "shown", shape, layout.dtype)
            record["membrane"] = plan.membrane

    def lay(self, index: int) -> None:
        """Where projection ``index`` finds the membranes of its two ends."""
        layout, plan = self._layout, self._layout.plan.projections[index]
        if not plan.gap:
            return
        record = layout.projections[layout.place[index]]
        for name, end in (("theirs", plan.source), ("own", plan.target)):
            record[name] = layout.populations[end]["shown"]
            record[f"{name}_step"] = layout.array("population", end, "shown").strides[0]

    def show(self, step: int) -> None:
        """Show all membranes as they are before ``step``: a state may have been set since."""
        for place in self._joined:
            row = self._layout.plan.populations[place].membrane
            state = self._layout.array("population", place, "state")
            self._layout.array("population", place, "shown")[step % 2] = state[row]
