"""The CUDA source on a CPU: compiled by a C++ compiler through `shim.h`, loaded by ctypes.

This is how the CUDA backend is proved where there is no GPU; it is not meant to be fast.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.backends.cuda.device import Argument, Launch, Memory, Repeat
from engine.backends.cuda.entries import entry
from engine.backends.cuda.source import Signature, signatures, text
from engine.errors import BackendError

COMPILERS = ("g++", "clang++", "c++")
# No contraction and no fast mathematics, as `source.OPTIONS` say it for a GPU; signed sums wrap as
# they do there.
OPTIONS = ("-std=c++17", "-O2", "-shared", "-fPIC", "-ffp-contract=off", "-fwrapv", "-w")

_TYPES = {
    "pointer": ctypes.c_void_p,
    "int": ctypes.c_int,
    "unsigned": ctypes.c_uint,
    "long long": ctypes.c_longlong,
    "double": ctypes.c_double,
    "float": ctypes.c_float,
}
_modules: dict[str, ShimModule] = {}
_guard = threading.Lock()


def compiler() -> str | None:
    """The C++ compiler of this machine, if there is one."""
    return next((found for name in COMPILERS if (found := shutil.which(name))), None)


def obstacle() -> str:
    """Why the source cannot be run here, a sentence with a remedy; empty if it can."""
    return "" if compiler() else "no C++ compiler was found on this machine; install g++"


@cache
def _compiler_version(path: str) -> str:
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return done.stdout


def launchers(source: str) -> str:
    """For every kernel of ``source`` a C function that runs its grid."""
    lines = []
    for kernel in signatures(source).values():
        names = ", ".join(part.split()[-1].lstrip("*") for part in kernel.parameters.split(","))
        lines.append(
            f'extern "C" void launch_{kernel.name}(unsigned grid, unsigned block, '
            f"{kernel.parameters}) {{ SHIM_GRID(grid, block, {kernel.name}({names})) }}"
        )
    return "\n".join(lines) + "\n"


class ShimModule:
    """A shared library made of one source."""

    def __init__(self, library: Any, kernels: dict[str, Signature]) -> None:
        self._library, self._kernels = library, kernels

    def ready(self, kernel: str, grid: int, block: int, arguments: Sequence[Argument]) -> Launch:
        """See `device.Module`."""
        signature = self._kernels[kernel]
        function = getattr(self._library, f"launch_{kernel}")
        function.restype = None
        function.argtypes = [ctypes.c_uint, ctypes.c_uint, *(_TYPES[t] for t in signature.types)]
        if len(arguments) != len(signature.types):
            raise TypeError(f"{kernel} takes {len(signature.types)} arguments")
        values = [_value(argument) for argument in arguments]

        def call(_alive: Sequence[Argument] = arguments) -> None:
            function(grid, block, *values)

        return Launch(kernel, call)


def _value(argument: Argument) -> Any:
    """Memory by its address: numpy's, or that of a torch tensor on the CPU."""
    if argument is None or isinstance(argument, int | float | np.number):
        return argument
    return argument.ctypes.data if isinstance(argument, np.ndarray) else argument.data_ptr()


class ShimDevice:
    """Memory is numpy's and a launch is a loop; ``grid`` and ``block`` override those asked for."""

    def __init__(self, grid: int | None = 1, block: int | None = 1) -> None:
        if obstacle():
            raise BackendError(f"the CUDA source cannot be run on the CPU: {obstacle()}")
        self._shape = grid, block

    def upload(self, values: np.ndarray) -> Memory:
        """See `device.Device`."""
        return np.array(values, order="C")

    def zeros(self, shape: int | tuple[int, ...], dtype: DTypeLike) -> Memory:
        """See `device.Device`."""
        return np.zeros(shape, dtype)

    def download(self, memory: Memory, count: int | None = None) -> NDArray[Any]:
        """See `device.Device`."""
        return memory.copy() if count is None else memory[:count].copy()

    def overwrite(self, memory: Memory, values: np.ndarray) -> None:
        """See `device.Device`."""
        memory[...] = values

    def build(self, source: str) -> _Shaped:
        """See `device.Device`; raises `BackendError` with the compiler's first words."""
        with _guard:
            if source not in _modules:
                # PyDLL keeps the interpreter's lock: the shim's place in the grid is a global.
                library = ctypes.PyDLL(str(_compiled(source)))
                _modules[source] = ShimModule(library, signatures(source))
        return _Shaped(_modules[source], *self._shape)

    def sequence(self, launches: Sequence[Launch]) -> Repeat:
        """See `device.Device`."""

        def repeat(times: int) -> None:
            for _ in range(times):
                for launch in launches:
                    launch()

        return repeat

    def timed(self, launch: Launch) -> float:
        """See `device.Device`."""
        began = time.perf_counter()
        launch()
        return time.perf_counter() - began

    def working(self) -> AbstractContextManager[Any]:
        """See `device.Device`."""
        return nullcontext()


class _Shaped:
    """A module whose grids are replaced, since a loop gains nothing from many threads."""

    def __init__(self, module: ShimModule, grid: int | None, block: int | None) -> None:
        self._module, self._grid, self._block = module, grid, block

    def ready(self, kernel: str, grid: int, block: int, arguments: Sequence[Argument]) -> Launch:
        """See `device.Module`."""
        return self._module.ready(kernel, self._grid or grid, self._block or block, arguments)


def _compiled(source: str) -> Path:
    """The shared library of ``source``, from the cache or made now."""
    path = compiler()
    assert path is not None
    whole = text("shim.h") + source + launchers(source)
    parts = whole, _compiler_version(path), *OPTIONS
    return entry("shim", parts, ".so", lambda library: _compile(path, whole, library))


def _compile(path: str, source: str, library: Path) -> None:
    done = subprocess.run(
        [path, *OPTIONS, "-x", "c++", "-", "-o", str(library)],
        input=source, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        first = next((line for line in done.stderr.splitlines() if "error" in line), "no message")
        raise BackendError(
            f"the C++ compiler refused generated CUDA source: {first[:200]}; "
            "report this as a fault of the CUDA backend"
        )
