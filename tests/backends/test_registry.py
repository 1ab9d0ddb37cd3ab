"""Which backends there are, and what is said of those that cannot run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_networks import DT, delta_lif, lif_constants

from engine.backends import registry
from engine.backends.registry import backends, devices, make_executor
from engine.errors import BackendError
from engine.runtime.plan import NetworkPlan, PopulationPlan


@pytest.fixture
def plan() -> NetworkPlan:
    step_map = delta_lif()
    part = PopulationPlan("p", 3, step_map, lif_constants(step_map), np.zeros((2, 3)), 1)
    return NetworkPlan(DT, 1, np.dtype(float), [part])


def test_the_cpu_is_always_there() -> None:
    assert "cpu" in devices()
    assert backends()["numba_cpu"].available
    assert backends()["numba_cpu"].message == ""


def test_each_available_backend_makes_an_executor(plan) -> None:
    for name, backend in backends().items():
        if backend.available:
            assert make_executor(plan, backend=name).advance(2).steps == 2


def test_a_missing_package_is_a_sentence(plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "find_spec", lambda name: None)
    assert devices() == ()
    message = backends()["cuda"].message
    assert message == (
        "NVIDIA GPU: the package cupy is not installed; install Spiking Workbench with its "
        "extra `gpu`, or choose the device cpu"
    )
    with pytest.raises(BackendError, match="cupy is not installed"):
        make_executor(plan, device="cuda")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"device": "cdua"}, "there is no device `cdua`; did you mean `cuda`?"),
        ({"device": "abacus"}, "there is no device `abacus`; use one of cpu, cuda"),
        ({"backend": "numba"}, "there is no backend `numba`; did you mean `numba_cpu`?"),
        ({"threads": 0}, '0 threads cannot run a network; ask for at least 1, or "auto"'),
    ],
)
def test_a_wrong_name_says_what_there_is(plan, arguments, sentence: str) -> None:
    with pytest.raises(BackendError) as raised:
        make_executor(plan, **arguments)
    assert str(raised.value) == sentence


def test_asking_what_there_is_imports_no_compiler() -> None:
    program = (
        "import sys; from engine.backends.registry import backends; backends();"
        "print({'numba', 'llvmlite', 'torch', 'cupy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.stdout.strip() == "set()"
