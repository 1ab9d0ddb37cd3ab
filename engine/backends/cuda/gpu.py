"""A GPU through CuPy: its memory, its compiler, its streams."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import cupy  # pyright: ignore[reportMissingImports]  (a machine without a GPU lacks it)
import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.backends.cuda import nvrtc
from engine.backends.cuda.device import Argument, Launch, Memory, Repeat
from engine.backends.cuda.source import signatures
from engine.errors import LimitError

_TYPES = {
    "int": np.int32,
    "unsigned": np.uint32,
    "long long": np.int64,
    "double": np.float64,
    "float": np.float32,
}
IN_A_GRAPH = 32  # repetitions of a sequence that are launched as one

_modules: dict[tuple[int, str], GpuModule] = {}
_guard = threading.Lock()


class GpuModule:
    """Source compiled for the GPU in use, or what is in the cache of the same text."""

    def __init__(self, source: str) -> None:
        path = nvrtc.machine_code(source, _architecture())
        self._module = cupy.RawModule(path=str(path))
        self._kernels = signatures(source)

    def ready(self, kernel: str, grid: int, block: int, arguments: Sequence[Argument]) -> Launch:
        """See `device.Module`."""
        function = self._module.get_function(kernel)
        values = tuple(
            _value(kind, argument)
            for kind, argument in zip(self._kernels[kernel].types, arguments, strict=True)
        )

        def call() -> None:
            function((grid,), (block,), values)

        return Launch(kernel, call)


def _value(kind: str, argument: Any) -> Any:
    """An argument as CuPy passes it on: an array by where it lies, a number in its own type."""
    if kind == "pointer":
        if argument is None:
            return np.uint64(0)
        return np.uint64(argument.data_ptr()) if hasattr(argument, "data_ptr") else argument
    return _TYPES[kind](argument)


class GpuDevice:
    """The current GPU.  Work goes to torch's current stream where torch uses CUDA."""

    def upload(self, values: np.ndarray) -> Memory:
        """See `device.Device`; raises `LimitError` where the memory does not suffice."""
        with _enough_memory(values.nbytes):
            return cupy.asarray(np.ascontiguousarray(values))

    def zeros(self, shape: int | tuple[int, ...], dtype: DTypeLike) -> Memory:
        """See `device.Device`; raises `LimitError` where the memory does not suffice."""
        with _enough_memory(int(np.prod(shape)) * np.dtype(dtype).itemsize):
            return cupy.zeros(shape, dtype)

    def download(self, memory: Memory, count: int | None = None) -> NDArray[Any]:
        """See `device.Device`."""
        return cupy.asnumpy(memory if count is None else memory[:count])

    def overwrite(self, memory: Memory, values: np.ndarray) -> None:
        """See `device.Device`."""
        memory.set(np.ascontiguousarray(values, memory.dtype))

    def build(self, source: str) -> GpuModule:
        """See `device.Device`."""
        place = cupy.cuda.Device().id, source
        with _guard:
            if place not in _modules:
                _modules[place] = GpuModule(source)
            return _modules[place]

    def sequence(self, launches: Sequence[Launch]) -> Repeat:
        """See `device.Device`."""
        return _Sequence(launches)

    def timed(self, launch: Launch) -> float:
        """See `device.Device`."""
        begin, end = cupy.cuda.Event(), cupy.cuda.Event()
        begin.record()
        launch()
        end.record()
        end.synchronize()
        return cupy.cuda.get_elapsed_time(begin, end) / 1000.0

    @contextmanager
    def working(self) -> Iterator[None]:
        """See `device.Device`."""
        torch = sys.modules.get("torch")
        if torch is None or not torch.cuda.is_available():
            yield
            return
        with cupy.cuda.ExternalStream(torch.cuda.current_stream().cuda_stream):
            yield


class _Sequence:
    """Launches in order; many repetitions are one CUDA graph, which costs the host one call.

    That is possible because nothing in them changes: what does stands in memory of the device.
    """

    def __init__(self, launches: Sequence[Launch]) -> None:
        self._launches = launches
        self._graph: Any = None

    def __call__(self, times: int) -> None:
        whole, rest = divmod(times, IN_A_GRAPH)
        if whole and self._graph is None:
            self._graph = self._captured()
        for _ in range(whole):
            self._graph.launch()
        self._plainly(rest)

    def _plainly(self, times: int) -> None:
        for _ in range(times):
            for launch in self._launches:
                launch()

    def _captured(self) -> Any:
        stream = cupy.cuda.Stream(non_blocking=True)  # the default stream cannot be captured
        with stream:
            stream.begin_capture()
            self._plainly(IN_A_GRAPH)
            return stream.end_capture()


def is_built(source: str) -> bool:
    """Whether this source needs no compilation any more."""
    return nvrtc.holds(source, _architecture())


def _architecture() -> int:
    return nvrtc.architecture_for(int(cupy.cuda.Device().compute_capability))


@contextmanager
def _enough_memory(wanted: int) -> Iterator[None]:
    try:
        yield
    except cupy.cuda.memory.OutOfMemoryError as error:
        free = cupy.cuda.runtime.memGetInfo()[0]
        raise LimitError(
            f"the network does not fit in the GPU's memory: {wanted / 2**20:,.0f} MiB more are "
            f"needed, {free / 2**20:,.0f} MiB are free; make it smaller or choose the device cpu"
        ) from error
