"""One model under currents of many strengths: what its contract is looked at on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.analysis.runs import copies_plan
from engine.backends.registry import make_executor
from engine.equations.adjoint import Adjoint, adjoint
from engine.equations.compile import compile_model, initial_state
from engine.equations.escape import DRAWN, given
from engine.equations.stepmap import StepMap
from engine.models.declaration import NeuronModel
from engine.runtime.plan import Chunk, NetworkPlan
from engine.testing.smoothed import SLOPE

if TYPE_CHECKING:
    from engine.backends.numba_cpu.training import TrainingKernels

Floats = NDArray[np.floating]
SIZE = 8  # neurons, each with a current of its own
SMALLEST, DOUBLINGS = 2.0**-8, 26  # currents tried, in the model's unit
STEPS = 4000
ENOUGH = 3  # spikes that say a current makes the model fire


@dataclass(frozen=True)
class Driven:
    """A model without synapses, its time step, and a current that makes it fire."""

    model: NeuronModel
    step_map: StepMap
    dt: float
    strength: float  # in the model's unit
    fires: bool

    @property
    def currents(self) -> Floats:
        """[SIZE], from none to more than what makes it fire."""
        return np.linspace(0.0, 1.5, SIZE) * self.strength

    @cached_property
    def trained(self) -> StepMap:
        """The step map as it is trained: its random numbers come in from outside."""
        return given(self.step_map)

    @cached_property
    def backward(self) -> Adjoint:
        """Gradients of the current and of every constant, from the spikes and the potential."""
        return adjoint(
            self.trained,
            SLOPE,
            inputs=("in_current",),
            constants=self.step_map.constants,
            traces=(self.model.membrane,),
        )

    @cached_property
    def training(self) -> TrainingKernels:
        """The kernels of these gradients, in float64."""
        from engine.backends.numba_cpu.training import TrainingKernels

        kind, traces = np.dtype(np.float64), self.backward.traces
        rows = ("in_current", DRAWN) if self.step_map.escapes else ("in_current",)
        return TrainingKernels(self.trained, kind, rows, self.backward, traces)

    def plan(self, currents: Floats | None = None, dtype: str = "float64") -> NetworkPlan:
        """One population, each neuron with its current, all states recorded at every step."""
        currents = self.currents if currents is None else currents
        return copies_plan(
            self.step_map,
            {},
            initial_state(self.model, None, {}, len(currents)),
            currents,
            self.dt,
            self.step_map.states,
            dtype,
        )

    def run(
        self, steps: int, backend: str | None = None, dtype: str = "float64", threads: int = 1
    ) -> Chunk:
        """What an executor makes of ``plan()``."""
        return make_executor(self.plan(dtype=dtype), threads=threads, backend=backend).advance(
            steps
        )


def driven(model: NeuronModel, dt: float | None = None, strength: float | None = None) -> Driven:
    """``model`` with the weakest of many currents at which it keeps firing, or a middling one."""
    bare = replace(model, ports={})
    # As it is shipped: what chooses among equations is built into the kernel.
    step_map = compile_model(bare, options=bare.chosen({}))
    step = dt or (1.0 if step_map.solver == "map" else 0.05)
    found = Driven(bare, step_map, step, 1.0, False)
    if strength is not None:
        return replace(found, strength=strength, fires=_counts(found, np.array([strength]))[0] > 0)
    tried = SMALLEST * 2.0 ** np.arange(DOUBLINGS)
    counts = _counts(found, tried)
    # One that fires by itself is driven by what makes it fire more.
    fires = counts >= max(ENOUGH, 1.5 * counts[0])
    if not fires.any():
        return replace(found, fires=bool(counts[0]))
    return replace(found, strength=float(tried[np.argmax(fires)]), fires=True)


def _counts(case: Driven, currents: Floats) -> NDArray[np.int64]:
    """Spikes under each current; none where the states did not stay finite."""
    with np.errstate(all="ignore"):
        chunk = make_executor(case.plan(currents)).advance(STEPS)
    counts = np.bincount(np.asarray(chunk.spikes[0][1], np.int64), minlength=len(currents))
    finite = np.all([np.isfinite(kept).all(axis=0) for kept in chunk.monitors], axis=0)
    return np.where(finite, counts, 0)
