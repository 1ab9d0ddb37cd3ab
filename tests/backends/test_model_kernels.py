"""The kernels of every shipped neuron, for a run and for training, use packed instructions and call
no library function."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from marks import OF_EACH_KIND, slow_but
from numba import cfunc

from engine.backends.numba_cpu import kernels
from engine.backends.numba_cpu.pointers import KERNEL
from engine.backends.numba_cpu.training import TrainingKernels
from engine.equations.adjoint import adjoint
from engine.equations.compile import compile_model
from engine.equations.escape import DRAWN, given
from engine.models.registry import neuron_models
from engine.models.surrogates import USUAL, surrogate

MODELS = {m.name: m for m in neuron_models().values()}
OWN = [name for name in MODELS if not any(name in m.variants for m in MODELS.values())]


@pytest.mark.parametrize("name", slow_but(OF_EACH_KIND, OWN))
def test_the_kernel_of_a_model_is_vectorised(name: str) -> None:
    model = replace(MODELS[name], ports={})
    step_map = compile_model(model, None, None, model.chosen({}))
    module = kernels.kernel(step_map, "float32").compiled
    text = cfunc(KERNEL, error_model="numpy")(module.__wrapped__).inspect_llvm()
    packed = re.findall(r"(?:fmul|fadd|fsub) <\d+ x float>", text)
    scalar = re.findall(r"(?:fmul|fadd|fsub) float ", text)
    # What is scalar is one copy of the loop for what does not fill a vector, and what is worked out
    # for the few neurons that spike.
    assert len(packed) >= len(scalar) or (packed and len(step_map.reset) > 3)
    assert packed
    assert "vector.memcheck" not in text
    assert not re.search(r"call .*@(exp|tanh|cosh|pow|log)f?\(", text)


@pytest.mark.parametrize("name", slow_but(OF_EACH_KIND, OWN))
def test_the_kernels_that_train_a_model_are_vectorised(name: str) -> None:
    model = replace(MODELS[name], ports={})
    step_map = given(compile_model(model, None, None, model.chosen({})))
    if step_map.normals:
        pytest.skip("it has noise, which is not trained")
    rows = ("in_current", DRAWN) if step_map.inputs[-1].name == DRAWN else ("in_current",)
    traces = () if step_map.threshold is not None else (model.membrane,)
    slope = surrogate(USUAL).expression()
    found = adjoint(step_map, slope, inputs=("in_current",), traces=traces)
    kernels = TrainingKernels(step_map, np.dtype("float32"), rows, found, traces)
    for kind in ("forward", "keeping", "backward"):
        assert kernels.loops(kind).vectorised, (kind, kernels.loops(kind))
