"""An advance allocates what it returns and nothing else, and nothing at all for a block."""

from __future__ import annotations

import gc
import tracemalloc

import pytest
from small_networks import one_of_everything

from engine.backends import cache
from engine.backends.numba_cpu import kernels
from engine.backends.registry import make_executor


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_compiled_code_has_no_way_to_allocate(dtype: str) -> None:
    kernels.driver(dtype)
    source = kernels._DRIVER.format(dtype=dtype)
    entry = cache.folder() / f"driver_{cache.key(source, kernels._DRIVER_SUPPORT)}.py"
    code = b"".join(path.read_bytes() for path in cache._compiled_files(entry))
    assert b"numba_cpu" in code  # the names of what it calls stand in it
    for function in (b"NRT_MemInfo_alloc", b"NRT_Allocate", b"malloc", b"calloc"):
        assert function not in code


def test_memory_does_not_grow_with_calls() -> None:
    executor = make_executor(one_of_everything())
    tracemalloc.start()
    try:
        held = []
        for _ in range(3):
            for _ in range(400):  # in the first turn lists find their length, and Python its pools
                executor.advance(10)
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert held[2] - held[1] < 4096


def test_a_long_call_needs_no_more_than_it_returns_and_the_starts_of_steps() -> None:
    executor = make_executor(one_of_everything())
    executor.advance(4000)
    gc.collect()
    tracemalloc.start()
    try:
        chunk = executor.advance(4000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    kept = sum(part.nbytes for pair in chunk.spikes.values() for part in pair)
    kept += sum(monitor.nbytes for monitor in chunk.monitors)
    assert peak < 2.5 * kept + 1e6
