"""The executors that one battery tests, and the CUDA source on a device of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from engine.backends.cuda import shim
from engine.backends.cuda.executor import CudaExecutor
from engine.backends.registry import backends, make_executor
from engine.errors import BackendError
from engine.runtime.plan import Executor, NetworkPlan

Maker = Callable[[NetworkPlan], Executor]

MAKERS: dict[str, Maker] = {
    "numba": lambda plan: make_executor(plan),
    "numba, 2 threads": lambda plan: make_executor(plan, threads=2),
    "numba, 3 threads": lambda plan: make_executor(plan, threads=3),
    "torch": lambda plan: make_executor(plan, backend="torch_reference"),
    "CUDA source": lambda plan: make_executor(plan, backend="cuda_shim"),
}
COMPILED = [name for name in MAKERS if name != "torch"]
ONE_EACH = ["numba, 2 threads", "torch", "CUDA source"]  # where the number of threads is no matter
NO_COMPILER = backends()["cuda_shim"].message


def on_shim(plan: NetworkPlan, grid: int | None = 1, block: int | None = 1) -> CudaExecutor:
    """The CUDA executor through the C++ compiler, with so many blocks of so many threads."""
    return CudaExecutor(plan, shim.ShimDevice(grid, block))


def spikes(executor: Executor, *parts: int) -> list[list[int]]:
    """Steps and senders of the first three emitters, after advancing by ``parts``."""
    chunks = [executor.advance(part) for part in parts]
    return [
        np.concatenate([chunk.spikes[emitter][k] for chunk in chunks]).tolist()
        for emitter in (0, 1, 2)
        for k in (0, 1)
    ]


# -- what every kind of projection is put to ------------------------------------------------------


def check_reference(make: Maker, plan: NetworkPlan, without: NetworkPlan, steps: int = 300) -> None:
    """Spikes and states are the reference's, and others than ``without`` what is looked at."""
    truth, mine = MAKERS["torch"](plan), make(plan)
    expected = spikes(truth, steps)
    assert min(map(len, expected)) > 20
    assert spikes(mine, steps) == expected
    for state, theirs in zip(mine.states(), truth.states(), strict=True):
        np.testing.assert_allclose(state, theirs, rtol=1e-10, atol=1e-8)
    assert spikes(MAKERS["numba"](without), steps) != expected


def check_cuts(maker: str, plan: NetworkPlan, cuts: list[int]) -> None:
    """Spikes are the reference's however the run is cut."""
    maker = "numba" if NO_COMPILER and maker == "CUDA source" else maker
    parts = [*cuts, max(1, 150 - sum(cuts))]
    assert spikes(MAKERS[maker](plan), *parts) == spikes(MAKERS["torch"](plan), sum(parts))


def check_threads(plan: NetworkPlan) -> None:
    """Threads may come and go between calls: the same bits."""
    executor, other = make_executor(plan, threads=3), make_executor(plan)
    for most in (3, 1, 2, 1, 3):
        executor.limit_threads(most)
        assert spikes(executor, 40) == spikes(other, 40)
        for mine, theirs in zip(executor.states(), other.states(), strict=True):
            np.testing.assert_array_equal(mine, theirs)


def check_checkpoint(make: Maker, plan: NetworkPlan, first: int, parts: tuple[int, int]) -> None:
    """From a checkpoint on the run goes on exactly, in this executor and in another."""
    executor = make(plan)
    executor.advance(first)
    saved = executor.checkpoint()
    expected = spikes(executor, sum(parts))
    executor.restore(saved)
    assert spikes(executor, sum(parts)) == expected
    fresh = make(plan)
    fresh.restore(saved)
    assert spikes(fresh, *parts) == expected


def check_refusals(make: Maker, plan: NetworkPlan, steps: int = 61) -> None:
    """A checkpoint of which anything is wrong is refused, and the run goes on as if nothing was."""
    executor, untouched = make(plan), make(plan)
    for each in (executor, untouched):
        each.advance(steps - 20)
        saved = each.checkpoint()
        each.advance(20)
    for wrong in _broken(saved):
        with pytest.raises(BackendError, match="belongs to another network"):
            executor.restore(wrong)
    assert executor.step == untouched.step == steps
    expected = spikes(untouched, 150)
    assert spikes(executor, 150) == expected
    executor.restore(saved)
    executor.advance(20)
    assert spikes(executor, 150) == expected


def _broken(saved: dict[str, np.ndarray]) -> Iterator[dict[str, np.ndarray]]:
    """Checkpoints that differ from ``saved`` in one array, each of them in turn."""
    for name, array in saved.items():
        # On a CPU a ring that nothing waits in need not be there.
        if not (name.startswith("ring/") and name.count("/") == 2):
            yield {kept: each for kept, each in saved.items() if kept != name}
        yield saved | {name: np.zeros((*array.shape, 2))}
        yield saved | {name: array.astype(bool)}
        yield saved | {name: array.tolist()}
        if array.dtype.kind in "iu" and array.ndim == 1 and not name.startswith("exponents"):
            yield saved | {name: np.append(array, array.dtype.type(10**9))}
    yield saved | {"state/99": np.zeros((2, 3))}
    yield saved | {"ring/99/0": np.zeros((2, 3))}
    yield saved | {"rewards": np.array([[1e6, 99.0, 1.0]])}
    yield saved | {"step": np.array(-1)}
    yield {}
