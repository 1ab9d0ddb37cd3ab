"""What must hold of a plan before compiled code is given its addresses.

Compiled code trusts these numbers with the memory of the process, so they are looked at once, here.
Whoever builds plans keeps to `engine.runtime.plan`; a sentence from here names who did not.
"""

from __future__ import annotations

import numpy as np

from engine.backends.numba_cpu import layout as tables
from engine.backends.numba_cpu.gap_layout import check_gap
from engine.backends.numba_cpu.plastic_layout import check_plastic
from engine.backends.numba_cpu.release_layout import check_release
from engine.errors import BackendError
from engine.runtime.plan import (
    Connections,
    MonitorPlan,
    NetworkPlan,
    PopulationPlan,
    ProjectionPlan,
)


def check_plan(plan: NetworkPlan) -> None:
    """Raise `BackendError` for the first thing in which ``plan`` contradicts itself."""
    for population in plan.populations:
        _check_population(population)
    for source in plan.sources:
        if source.kind not in tables.SOURCE_KINDS:
            raise BackendError(f'source "{source.id}": unknown kind "{source.kind}"')
    for projection in plan.projections:
        _check_projection(plan, projection)
        check_plastic(plan, projection)
        check_release(plan, projection)
        check_gap(plan, projection)
    for monitor in plan.monitors:
        _check_monitor(plan, monitor)


def _check_population(plan: PopulationPlan) -> None:
    expected = (len(plan.step_map.states), plan.size)
    if plan.state.shape != expected:
        raise BackendError(
            f'population "{plan.id}": its state is {plan.state.shape}, not {expected}'
        )


def _check_projection(plan: NetworkPlan, projection: ProjectionPlan) -> None:
    where = f'projection "{projection.id}"'
    sizes = [emitter.size for emitter in (*plan.populations, *plan.sources)]
    source, target = projection.source, projection.target
    if not (0 <= source < len(sizes) and 0 <= target < len(plan.populations)):
        raise BackendError(f"{where}: its source or target is not in the plan")
    if not 0 <= projection.port < len(plan.populations[target].step_map.inputs):
        raise BackendError(f"{where}: its target has no port {projection.port}")
    if delays_of(projection)[0] < 1:
        raise BackendError(f"{where}: a delay is shorter than one step; use at least dt")
    if projection.one_to_one:
        if sizes[source] != sizes[target]:
            raise BackendError(
                f"{where}: one to one wants equal sizes, not {sizes[source]} and {sizes[target]}"
            )
    elif projection.connections is None:
        raise BackendError(f"{where}: it has no connections")
    else:
        _check_rows(where, projection.connections, sizes[source], sizes[target])


def _check_rows(where: str, rows: Connections, sources: int, targets: int) -> None:
    row, target = rows.row, rows.target
    if (rows.sources, rows.targets) != (sources, targets):
        raise BackendError(f"{where}: its connections are for other sizes")
    if target.dtype not in (np.uint16, np.uint32):
        raise BackendError(f"{where}: its targets are {target.dtype}, not uint16 or uint32")
    if row.shape != (sources + 1,) or row[0] != 0 or (np.diff(row) < 0).any():
        raise BackendError(f"{where}: its rows are not ascending from 0")
    if row[-1] != target.size or (target.size and int(target.max()) >= targets):
        raise BackendError(f"{where}: a target is not below the size {targets}")
    if isinstance(rows.delay, np.ndarray) and rows.delay.shape != target.shape:
        raise BackendError(f"{where}: {rows.delay.shape} delays, not {target.shape}")


def _check_monitor(plan: NetworkPlan, monitor: MonitorPlan) -> None:
    if not 0 <= monitor.population < len(plan.populations):
        raise BackendError(f"a monitor names population {monitor.population}, which is not there")
    population = plan.populations[monitor.population]
    if not 0 <= monitor.row < len(population.step_map.states):
        raise BackendError(f'population "{population.id}": it has no state {monitor.row}')
    indices = monitor.indices
    if indices is None or not len(indices):
        return
    if not 0 <= np.min(indices) <= np.max(indices) < population.size:
        raise BackendError(f'a monitor of population "{population.id}" names a neuron outside it')


def delays_of(plan: ProjectionPlan) -> tuple[int, int]:
    """Shortest and longest delay of a projection, in steps."""
    delay = plan.delay
    if not plan.one_to_one and plan.connections is not None:
        delay = plan.connections.delay
    if isinstance(delay, np.ndarray):
        return (int(delay.min()), int(delay.max())) if delay.size else (1, 1)
    return int(delay), int(delay)
