"""The executors that one battery tests, and the CUDA source on a device of this machine."""

from __future__ import annotations

from collections.abc import Callable

from engine.backends.cuda import shim
from engine.backends.cuda.executor import CudaExecutor
from engine.backends.registry import backends, make_executor
from engine.runtime.plan import Executor, NetworkPlan

Maker = Callable[[NetworkPlan], Executor]

MAKERS: dict[str, Maker] = {
    "numba": lambda plan: make_executor(plan),
    "numba, 2 threads": lambda plan: make_executor(plan, threads=2),
    "numba, 3 threads": lambda plan: make_executor(plan, threads=3),
    "torch": lambda plan: make_executor(plan, backend="torch_reference"),
    "CUDA source": lambda plan: make_executor(plan, backend="cuda_shim"),
}
NO_COMPILER = backends()["cuda_shim"].message


def on_shim(plan: NetworkPlan, grid: int | None = 1, block: int | None = 1) -> CudaExecutor:
    """The CUDA executor through the C++ compiler, with so many blocks of so many threads."""
    return CudaExecutor(plan, shim.ShimDevice(grid, block))
