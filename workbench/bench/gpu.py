"""Networks on a GPU: the same spikes as on the CPU, how fast, and which kernels take the time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine import Simulation
from engine.backends.registry import make_executor, require_device
from engine.document import Document
from engine.runtime.build import build
from engine.runtime.plan import Executor
from workbench.bench.beside import STDP
from workbench.bench.measures import Figure
from workbench.bench.networks import CASES, document

ON_A_GPU = (*CASES, STDP)
COMPARED = 200.0  # ms for which spikes are compared with those of the CPU
PROFILED = 50  # blocks whose kernels are timed one by one


def gpu(quick: bool, repeats: int) -> list[Figure]:
    """Every network of the gallery on the GPU.  Raises BackendError where there is none."""
    require_device("cuda")
    found = []
    for case in ON_A_GPU:
        made = document(case)
        made = replace(made, simulation=replace(made.simulation, device="cuda"))
        same = agreement(made, 0.25 * COMPARED if quick else COMPARED, "cuda")
        factors = [_factor(made, case.quick if quick else case.duration) for _ in range(repeats)]
        shares = profile(made, PROFILED, "cuda")
        note = ", ".join(f"{kernel} {1e6 * took:.1f} us" for kernel, took in shares.items())
        found += [
            Figure(f"{case.name}: GPU run", "s per simulated s", factors, f"a block: {note}"),
            Figure(f"{case.name}: GPU like the CPU", "ms of equal spikes", [same]),
        ]
    return found


def _factor(made: Document, duration: float) -> float:
    """Seconds of computing for a simulated second, after a tenth of the run to warm up."""
    with Simulation(made) as running:
        running.run(0.1 * duration)
        run = running.run(duration)
    return run.run_s / run.bio_s


def agreement(made: Document, duration: float, backend: str) -> float:
    """ms for which ``backend`` has the very spikes of the compiled CPU backend, at most all."""
    plan = build(made).plan
    steps = max(1, round(duration / made.simulation.dt))
    mine, theirs = (
        _spikes(make_executor(plan, backend=name), steps) for name in (backend, "numba_cpu")
    )
    common = min(len(mine), len(theirs))
    apart = np.flatnonzero((mine[:common] != theirs[:common]).any(1))
    if not apart.size and len(mine) == len(theirs):
        return steps * made.simulation.dt
    first = apart[0] if apart.size else common
    step = min(int(spikes[first, 0]) for spikes in (mine, theirs) if len(spikes) > first)
    return step * made.simulation.dt


def _spikes(executor: Executor, steps: int) -> np.ndarray:
    """(step, population, neuron) of all spikes, in this order, [spikes, 3]."""
    chunk = executor.advance(steps)
    parts = [
        np.stack([at, np.full(at.size, emitter), senders.astype(np.int64)], 1)
        for emitter, (at, senders) in chunk.spikes.items()
    ]
    whole = np.concatenate(parts)
    return whole[np.lexsort(whole.T[::-1])]


def profile(made: Document, blocks: int, backend: str) -> dict[str, float]:
    """Seconds that a block spends in every kind of kernel, the longest first."""
    from engine.backends.cuda.executor import CudaExecutor

    executor = make_executor(build(made).plan, backend=backend)
    assert isinstance(executor, CudaExecutor)
    executor.profile(blocks)  # the first launches load what was compiled
    took = executor.profile(blocks)
    return {
        kernel: seconds / blocks
        for kernel, seconds in sorted(took.items(), key=lambda part: -part[1])
    }
