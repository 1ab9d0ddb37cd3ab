"""The measure of a GPU, tried with its source on the CPU."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.backends.registry import backends
from engine.errors import BackendError
from workbench.bench.gpu import ON_A_GPU, agreement, gpu, profile
from workbench.bench.networks import CASES, document

MISSING = backends()["cuda_shim"].message
needs_compiler = pytest.mark.skipif(bool(MISSING), reason=MISSING)


@needs_compiler
@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("case", ON_A_GPU, ids=[case.name for case in ON_A_GPU])
def test_the_cuda_source_has_the_spikes_of_the_cpu(case, precision: str) -> None:
    made = document(case)
    made = replace(made, simulation=replace(made.simulation, precision=precision))
    assert agreement(made, 20.0, "cuda_shim") == pytest.approx(20.0)


@needs_compiler
def test_a_profile_names_the_kernels() -> None:
    took = profile(document(CASES[0]), 3, "cuda_shim")
    assert {"population", "end_block"} <= set(took)
    assert all(seconds > 0.0 for seconds in took.values())
    assert list(took.values()) == sorted(took.values(), reverse=True)


def test_without_a_gpu_the_measure_says_what_is_missing() -> None:
    missing = backends()["cuda"].message
    if not missing:
        pytest.skip("this machine has a GPU")
    with pytest.raises(BackendError) as raised:
        gpu(True, 1)
    assert str(raised.value) == missing
