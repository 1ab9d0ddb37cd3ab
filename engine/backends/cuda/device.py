"""What the executor asks of a device: memory, compiled modules, launches; nothing else.

Two devices exist: a GPU through CuPy (`gpu.py`) and a CPU through a C++ compiler (`shim.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

Memory = Any  # an array of the device: numpy's on the shim, CuPy's or torch's on a GPU
Argument = Memory | int | float | None


@dataclass(frozen=True)
class Launch:
    """A kernel with its arguments; calling it puts it in line on the device."""

    kernel: str
    call: Callable[[], None]

    def __call__(self) -> None:
        self.call()


Repeat = Callable[[int], None]


class Module(Protocol):
    """Compiled source, whose kernels are found by name."""

    def ready(self, kernel: str, grid: int, block: int, arguments: Sequence[Argument]) -> Launch:
        """A call that launches ``kernel`` on ``grid`` blocks of ``block`` threads.

        The arguments are fixed: memory by where it lies now, numbers by their value.
        """
        ...


class Device(Protocol):
    """Where arrays lie and kernels run, in the order in which they are launched."""

    def upload(self, values: np.ndarray) -> Memory:
        """A copy of ``values``, C-contiguous."""
        ...

    def zeros(self, shape: int | tuple[int, ...], dtype: DTypeLike) -> Memory:
        """New memory full of zeros."""
        ...

    def download(self, memory: Memory, count: int | None = None) -> NDArray[Any]:
        """A copy on the host, of the first ``count`` entries if given; waits for all launches."""
        ...

    def overwrite(self, memory: Memory, values: np.ndarray) -> None:
        """Give ``memory`` new contents of its own shape and type."""
        ...

    def build(self, source: str) -> Module:
        """``source`` compiled, or what was compiled of the same text before."""
        ...

    def sequence(self, launches: Sequence[Launch]) -> Repeat:
        """A call that does ``launches`` in order, all of them, as many times as it is told."""
        ...

    def timed(self, launch: Launch) -> float:
        """Seconds that the device works on one launch, after all before it."""
        ...

    def working(self) -> AbstractContextManager[Any]:
        """Within this, launches go to the device's stream."""
        ...


def blocks_for(threads: int, block: int = 128, most: int = 65535) -> int:
    """Blocks of a grid for ``threads`` pieces of work; kernels stride over what is left."""
    return max(1, min(most, -(-threads // block)))
