"""Many copies of one neuron at once, each with its own current: one population, one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis.checked import numbers
from engine.backends.registry import make_executor
from engine.checked import Floats, positive
from engine.equations.compile import constants
from engine.equations.stepmap import StepMap
from engine.errors import DataError, LimitError
from engine.models.compose import CURRENT_PORT
from engine.runtime.plan import (
    Chunk,
    Connections,
    Constant,
    Executor,
    MonitorPlan,
    NetworkPlan,
    PopulationPlan,
    ProjectionPlan,
    SourcePlan,
)

MOST_WORK = 2_000_000_000  # steps of single neurons
MOST_VALUES = 50_000_000  # recorded numbers


class Copies:
    """``len(currents)`` neurons of a step map, neuron k under ``currents[k]`` (float64, seed 0).

    ``parameters`` are numbers or one value a neuron, in declared units; ``state`` [S, neurons] or
    [S]; dt in ms; the states named in ``record`` are kept at the end of every step.
    """

    def __init__(
        self,
        step_map: StepMap,
        parameters: Mapping[str, ArrayLike],
        state: Floats,
        currents: ArrayLike,
        dt: float,
        record: Sequence[str] = (),
    ) -> None:
        self.step_map, self.dt, self.record = step_map, positive(dt, "dt", "ms"), tuple(record)
        self.currents = numbers(currents, "currents")
        self.size = len(self.currents)
        if not self.size:
            raise DataError("there is no current to run with; give one at least")
        self.plan = copies_plan(step_map, parameters, state, self.currents, self.dt, self.record)
        self.executor: Executor = make_executor(self.plan)

    def advance(self, duration: float, on: bool = True) -> Chunk:
        """Run for ``duration`` ms, the currents on or off.  LimitError if that is too long."""
        duration = positive(duration, "duration", "ms")
        steps = require_work(duration, self.dt, self.size, len(self.record))
        if self.plan.sources:
            self.executor.set_source(0, _switch(1.0 if on else 0.0))
        return self.executor.advance(steps)

    def spikes(self, chunk: Chunk) -> tuple[Floats, NDArray[np.integer]]:
        """(times [ms] from the very beginning, neuron of each spike) of a chunk."""
        steps, senders = chunk.spikes[0]
        return (np.asarray(steps) + 1.0) * self.dt, np.asarray(senders, np.int64)


def require_work(duration: float, dt: float, size: int, recorded: int = 0) -> int:
    """Steps of ``dt`` in ``duration`` ms; LimitError where that is too much work for ``size``
    neurons, or too much to keep of ``recorded`` states."""
    steps = max(1, round(duration / dt))
    if steps * size > MOST_WORK or steps * size * recorded > MOST_VALUES:
        raise LimitError(
            f"{steps:,} steps of {size:,} neurons are more than are run at once; shorten the "
            "duration, lengthen dt or give fewer values"
        )
    return steps


def copies_plan(
    step_map: StepMap,
    parameters: Mapping[str, ArrayLike],
    state: ArrayLike,
    currents: Floats,
    dt: float,
    record: Sequence[str] = (),
    dtype: str = "float64",
) -> NetworkPlan:
    """``len(currents)`` neurons, each under a constant current of its own; see ``Copies``."""
    size = len(currents)
    start = np.array(state, np.float64).reshape(len(step_map.states), -1)
    start = np.broadcast_to(start, (len(start), size)).copy()
    found: dict[str, Constant] = dict(constants(step_map, parameters, dt, size))
    members = np.arange(size)
    rows = (step_map.states.index(name) for name in record)
    plan = NetworkPlan(
        dt,
        0,
        np.dtype(dtype),
        [PopulationPlan("neurons", size, step_map, found, start, 0)],
        monitors=[MonitorPlan(0, row, indices=members) for row in rows],
    )
    ports = [entry.port for entry in step_map.inputs]
    if CURRENT_PORT in ports:
        row = np.array([0, size], np.int64)
        each = Connections(1, size, row, members.astype(np.uint32), currents.astype(dtype), 1)
        plan.sources.append(_switch(1.0))
        plan.projections.append(ProjectionPlan("drive", 1, 0, ports.index(CURRENT_PORT), each))
    return plan


def _switch(level: float) -> SourcePlan:
    return SourcePlan("current", 1, "current", 0, mean=level)
