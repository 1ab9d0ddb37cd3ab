"""Compiled code by need: population kernels from step maps, and the driver of all networks.

Both go through `backends/cache.py`, keyed by the text that is compiled and by the text of every
file of this folder that it leans on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.backends import cache
from engine.backends.numba_cpu.printer import kernel_source
from engine.equations.stepmap import StepMap

_HERE = Path(__file__).parent
# What a population kernel may call: a change in one of these builds all kernels anew.
_KERNEL_SUPPORT = (
    _HERE / "pointers.py",
    _HERE / "mathematics.py",
    _HERE.parent / "philox.py",
)
_DRIVER_SUPPORT = (
    *_KERNEL_SUPPORT,
    _HERE / "random.py",
    _HERE / "layout.py",
    _HERE / "delivery.py",
    _HERE / "sources.py",
    _HERE / "driver.py",
)

_DRIVER = '''\
"""The driver for {dtype}, compiled; see engine/backends/numba_cpu/driver.py."""

from numba import njit

from engine.backends.numba_cpu import driver


@njit(driver.SIGNATURES["{dtype}"], cache=True, nogil=True, error_model="numpy")
def advance(network, populations, sources, emitters, projections, monitors, thread, zero):
    return driver.advance(
        network, populations, sources, emitters, projections, monitors, thread, zero
    )
'''

_SPLITTER = '''\
"""The division of rows between threads, compiled; see engine/backends/numba_cpu/splitting.py."""

from numba import njit

from engine.backends.numba_cpu import splitting


@njit(splitting.SIGNATURES, cache=True, nogil=True)
def split_rows(row, target, bounds, splits):
    return splitting.split_rows(row, target, bounds, splits)
'''

_kernels: dict[str, Kernel] = {}
_guard = threading.Lock()


@dataclass(frozen=True)
class Kernel:
    """A compiled population kernel; kept as long as the process lives, so its address stays."""

    source: str
    address: int
    compiled: Any = None  # keeps the code at ``address`` alive


def kernel(step_map: StepMap, dtype: np.dtype | str, varied: Collection[str] = ()) -> Kernel:
    """The kernel of ``step_map`` for float type ``dtype``; ``varied`` constants are rows.

    The first use of new mathematics compiles (about a second); later ones read the cache.
    """
    source = kernel_source(step_map, np.dtype(dtype), varied)
    with _guard:
        if source not in _kernels:
            compiled = cache.load("population", source, _KERNEL_SUPPORT).kernel
            _kernels[source] = Kernel(source, compiled.address, compiled)
        return _kernels[source]


def driver(dtype: np.dtype | str) -> Callable[..., Any]:
    """The compiled `driver.advance` for float type ``dtype``, the same for all networks."""
    return cache.load("driver", _DRIVER.format(dtype=np.dtype(dtype)), _DRIVER_SUPPORT).advance


def row_splitter() -> Callable[..., bool]:
    """The compiled `splitting.split_rows`."""
    return cache.load("splitter", _SPLITTER, (_HERE / "splitting.py",)).split_rows


def is_warm(step_maps: Iterable[StepMap], dtype: np.dtype | str = "float64") -> bool:
    """Whether nothing would have to be compiled to run ``step_maps`` with scalar parameters."""
    dtype = np.dtype(dtype)
    texts = [kernel_source(step_map, dtype, ()) for step_map in step_maps]
    return cache.holds("driver", _DRIVER.format(dtype=dtype), _DRIVER_SUPPORT) and all(
        cache.holds("population", text, _KERNEL_SUPPORT) for text in texts
    )


def warm_up(
    step_maps: Iterable[StepMap],
    dtype: np.dtype | str = "float64",
    progress: Callable[[float, str], None] | None = None,
) -> None:
    """Compile, or load, all that ``step_maps`` with scalar parameters need.

    ``progress`` is called before each piece with the part done (0 to 1) and what comes next.
    """
    step_maps = list(step_maps)
    report = progress or (lambda _part, _text: None)
    report(0.0, "compiling the network driver")
    driver(dtype)
    for done, step_map in enumerate(step_maps, start=1):
        report(done / (len(step_maps) + 1), f"compiling {step_map.model}")
        kernel(step_map, dtype)
    report(1.0, "")
