"""NVIDIA's compiler takes every source that the CUDA backend makes, for old and new GPUs."""

from __future__ import annotations

import numpy as np
import pytest
from plastic_networks import MARKED, PLAIN

from engine.backends.cuda import nvrtc
from engine.backends.cuda.plastic_printer import kernels as plastic_kernels
from engine.backends.cuda.plastic_printer import plastic_source
from engine.backends.cuda.printer import kernel, kernel_source
from engine.backends.cuda.release import release_source
from engine.backends.cuda.source import fixed_source, preamble, text
from engine.backends.cuda.third_printer import clock_kernels
from engine.equations.compile import available_solvers, compile_model
from engine.equations.stepmap import StepMap
from engine.errors import BackendError
from engine.models.compose import compose
from engine.models.declaration import PlasticityModel
from engine.models.plastic import plastic_map, release_map
from engine.models.registry import get, neuron_models, plasticity_models

COMPILER = nvrtc.compiler()
if COMPILER is None:
    pytest.skip("neither libnvrtc nor nvcc is on this machine", allow_module_level=True)
ARCHITECTURES = [70, 80, 90]


def step_maps() -> list[tuple[StepMap, str]]:
    """Every shipped model with every solver that it takes."""
    found = []
    for name in sorted(neuron_models()):
        model = get(name)
        refused = available_solvers(compose(model))
        for solver in (solver for solver, why in refused.items() if not why):
            found.append((compile_model(model, None, solver), f"{name} {solver}"))
    return found


def supported(architecture: int) -> None:
    if architecture not in COMPILER.architectures:
        pytest.skip(f"{COMPILER.title} does not compile for sm_{architecture}")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_kernels_of_all_networks_compile(architecture: int, dtype: str) -> None:
    supported(architecture)
    assert COMPILER.compile(fixed_source(dtype), architecture)[:4] == b"\x7fELF"


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_model_and_solver_compiles(architecture: int, dtype: str) -> None:
    supported(architecture)
    kernels = []
    for k, (step_map, _) in enumerate(step_maps()):
        varied = step_map.constants if k % 2 else ()  # both forms of a constant
        kernels.append(kernel(step_map, varied, f"population_{k}"))
    assert len(kernels) > 2 * len(neuron_models())
    whole = "\n".join([preamble(dtype), *kernels])
    assert COMPILER.compile(whole, architecture)[:4] == b"\x7fELF"


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_learning_rule_compiles(architecture: int, dtype: str) -> None:
    supported(architecture)
    indices = (np.uint16, np.uint32)
    made = [
        plastic_kernels(plastic_map(rule), source, target, f"{name}_{i}{j}_")
        for name, rule in plasticity_models().items()
        if not rule.release
        for i, source in enumerate(indices)
        for j, target in enumerate(indices)
    ]
    whole = "\n".join([preamble(dtype), text("plastic.cuh"), *made])
    assert COMPILER.compile(whole, architecture)[:4] == b"\x7fELF"


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_clock_of_a_third_factor_compiles(architecture: int) -> None:
    supported(architecture)
    rules = [plastic_map(each) for each in plasticity_models().values() if not each.release]
    made = [clock_kernels(rule, f"{rule.model}_") for rule in rules if rule.clock is not None]
    assert len(made) >= 4
    whole = "\n".join([preamble("float64"), text("plastic.cuh"), *made])
    assert COMPILER.compile(whole, architecture)[:4] == b"\x7fELF"


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_rule_of_release_compiles(architecture: int) -> None:
    supported(architecture)
    rules = [release_map(each) for each in plasticity_models().values() if each.release]
    assert rules
    for each in rules:
        assert COMPILER.compile(release_source(each), architecture)[:4] == b"\x7fELF"


@pytest.mark.parametrize(
    "model", [plasticity_models()["stdp"], PLAIN, MARKED], ids=lambda model: model.name
)
def test_a_rule_compiles(model: PlasticityModel) -> None:
    rule = plastic_map(model)
    source = plastic_source(rule, "float32", np.uint16, np.uint32)
    assert COMPILER.compile(source, 80)[:4] == b"\x7fELF"


def test_a_model_compiles() -> None:
    step_map = compile_model(get("traub_miles"))
    source = kernel_source(step_map, "float32", ["g_Na"])
    assert COMPILER.compile(source, 80)[:4] == b"\x7fELF"


def test_source_that_is_refused_is_one_sentence() -> None:
    with pytest.raises(BackendError, match=r"refused generated source: .*nonsense.*report this"):
        COMPILER.compile('extern "C" __global__ void f() { nonsense; }', 80)


def test_machine_code_is_kept_and_made_again_if_damaged(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    source = preamble("float32") + kernel(compile_model(get("lif")), ())
    assert not nvrtc.holds(source, 80)
    path = nvrtc.machine_code(source, 80)
    code, written = path.read_bytes(), path.stat().st_mtime_ns
    assert nvrtc.holds(source, 80)
    assert nvrtc.machine_code(source, 80).stat().st_mtime_ns == written
    path.write_bytes(code[:100])
    assert not nvrtc.holds(source, 80)
    assert nvrtc.machine_code(source, 80).read_bytes()[:4] == code[:4]
    assert not nvrtc.holds(source, 90)
    assert not nvrtc.holds(source + " ", 80)


def test_code_is_compiled_for_the_generation_of_the_gpu() -> None:
    assert nvrtc.architecture_for(80) == 80
    assert nvrtc.architecture_for(99) == 90
    with pytest.raises(BackendError, match=r"does not compile for this GPU \(sm_9990\)"):
        nvrtc.architecture_for(9990)
