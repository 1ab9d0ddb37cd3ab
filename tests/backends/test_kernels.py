"""Printed kernels: the mathematics of the step map, in loops that the compiler vectorises."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from numba import cfunc
from small_networks import DT, current_lif, delta_lif, lif_constants

from engine.backends import cache
from engine.backends.numba_cpu import kernels
from engine.backends.numba_cpu.pointers import KERNEL
from engine.backends.numba_cpu.printer import LONG_RESET, kernel_source
from engine.backends.registry import make_executor
from engine.equations.evaluate import evaluate
from engine.equations.stepmap import Input, StepMap
from engine.equations.tree import (
    FUNCTIONS,
    Assign,
    Binary,
    Call,
    Expr,
    Name,
    Number,
    Unary,
    walk,
)
from engine.errors import BackendError
from engine.runtime.plan import NetworkPlan, PopulationPlan

SIZE = 80
VALUES = {
    "a": np.linspace(-3.0, 3.0, SIZE),
    "b": np.random.default_rng(5).uniform(0.2, 4.0, SIZE),
    "c": np.full(SIZE, 1.25),
}
NUMBERS = st.floats(-5.0, 5.0).map(lambda x: Number(round(x, 3)))
LEAVES = st.one_of(st.sampled_from([Name("a"), Name("b"), Name("c")]), NUMBERS)


def _conditions(numbers: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    comparison = st.builds(Binary, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numbers,
                           numbers)  # fmt: skip
    joined = st.builds(Binary, st.sampled_from(["and", "or"]), comparison, comparison)
    return st.one_of(comparison, joined, st.builds(Unary, st.just("not"), joined))


def _grow(numbers: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    named = {n: [f for f, k in FUNCTIONS.items() if k == n and f != "where"] for n in (1, 2, 3)}
    whole = st.sampled_from([-2, 0, 1, 2, 3, 7, 0.5]).map(lambda n: Number(float(n)))
    return st.one_of(
        st.builds(Binary, st.sampled_from(["+", "-", "*", "/"]), numbers, numbers),
        st.builds(Binary, st.just("**"), numbers, whole),
        st.builds(Unary, st.just("-"), numbers),
        *(
            st.builds(Call, st.sampled_from(names), st.tuples(*[numbers] * count))
            for count, names in named.items()
            if names
        ),
        st.builds(Call, st.just("where"), st.tuples(_conditions(numbers), numbers, numbers)),
    )


EXPRESSIONS = st.recursive(LEAVES, _grow, max_leaves=8)


def computed(expressions: list[Expr], dtype: str = "float64") -> np.ndarray:
    """Each expression evaluated by a kernel, [expressions, SIZE]; a, b vary, c is one number."""
    names = [f"y{k}" for k in range(len(expressions))]
    update = tuple(map(Assign, names, expressions))
    step_map = StepMap("many", "none", tuple(names), (), ("a", "b", "c"), update)
    constants = {"a": VALUES["a"], "b": VALUES["b"], "c": 1.25}
    state = np.zeros((len(names), SIZE), dtype)
    plan = PopulationPlan("many", SIZE, step_map, constants, state, 1)
    executor = make_executor(NetworkPlan(DT, 1, np.dtype(dtype), [plan]))
    executor.advance(1)
    return executor.states()[0].astype(float)


def tame(expression: Expr, values: dict[str, np.ndarray]) -> np.ndarray:
    """Where nothing inside the expression leaves the range in which our exp is not cut off."""
    parts = [evaluate(part, values) for part in walk(expression)]
    sizes = [np.abs(np.broadcast_to(np.asarray(part, float), SIZE)) for part in parts]
    return np.all([(size == 0) | ((size > 1e-290) & (size < 1e290)) for size in sizes], axis=0)


@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],  # a kernel an example: shrinking would take minutes
)
@given(st.lists(EXPRESSIONS, min_size=30, max_size=30))
def test_a_kernel_computes_what_the_tree_says(expressions: list[Expr]) -> None:
    compared = 0
    for expression, values in zip(expressions, computed(expressions), strict=True):
        expected = np.broadcast_to(np.asarray(evaluate(expression, VALUES), float), SIZE)
        shaken = {name: value * (1.0 + 1e-13) for name, value in VALUES.items()}
        moved = np.broadcast_to(np.asarray(evaluate(expression, shaken), float), SIZE)
        # Where the last digits of the input decide (a jump, a cancellation), they may decide here.
        with np.errstate(all="ignore"):
            steady = np.abs(moved - expected) <= 1e-9 * np.abs(expected)
        usual = steady & tame(expression, VALUES)
        compared += np.count_nonzero(usual)
        np.testing.assert_allclose(
            values[usual], expected[usual], rtol=1e-9, atol=1e-12, err_msg=str(expression)
        )
        assert np.isnan(values[np.isnan(expected) & np.isnan(moved)]).all(), expression
    assert compared > 0.3 * SIZE * len(expressions)


@pytest.mark.parametrize("function", sorted(set(FUNCTIONS) - {"where"}))
@pytest.mark.parametrize(("dtype", "error"), [("float64", 2e-14), ("float32", 2e-6)])
def test_every_function_is_there_in_both_precisions(
    function: str, dtype: str, error: float
) -> None:
    arguments = (Name("b"), Name("c"), Number(2.5))[: FUNCTIONS[function]]
    expression = Call(function, arguments)
    expected = evaluate(expression, VALUES)
    np.testing.assert_allclose(computed([expression], dtype)[0], expected, rtol=error)


# -- vectorisation --------------------------------------------------------------------------------


def conductance_lif() -> StepMap:
    """One exponential a step and neuron: exponential Euler of dv/dt = -g v + 1."""
    rate = Unary("-", Name("g"))
    relaxed = Binary("*", Name("v"), Call("exp", (Binary("*", rate, Name("dt")),)))
    update = (Assign("v", Binary("+", relaxed, Name("in_exc"))), Assign("g", Call("tanh", (rate,))))
    inputs = (Input("exc", "in_exc", "jump"),)
    threshold = Binary(">", Name("v"), Name("v_th"))
    reset = (Assign("v", Number(0.0)),)
    return StepMap("g", "none", ("v", "g"), inputs, ("v_th",), update, (), threshold, reset)


def optimised(step_map: StepMap, dtype: str, varied: tuple[str, ...] = ()) -> str:
    """LLVM's text of the kernel after optimisation."""
    module = kernels.kernel(step_map, dtype, varied).compiled
    return cfunc(KERNEL, error_model="numpy")(module.__wrapped__).inspect_llvm()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("step_map", "varied"),
    [
        (current_lif(), ()),
        (current_lif(noise=True), ()),
        (current_lif(), ("E_L", "v_th", "P_v", "D_exc", "v_reset")),
        (conductance_lif(), ()),
    ],
    ids=["current", "noise", "varied constants", "exp and tanh"],
)
def test_the_loop_over_neurons_is_vectorised(
    step_map: StepMap, varied: tuple[str, ...], dtype: str
) -> None:
    text = optimised(step_map, dtype, varied)
    real = {"float64": "double", "float32": "float"}[dtype]
    packed = re.findall(rf"(?:fmul|fadd|fsub) <\d+ x {real}>", text)
    scalar = re.findall(rf"(?:fmul|fadd|fsub) {real} ", text)
    # One scalar copy of the loop is left for what does not fill a vector; it is never executed.
    assert len(packed) >= len(scalar) > 0
    assert re.search(rf"store <\d+ x {real}>", text)
    # No check whether rows overlap was needed, and no library function is called.
    assert "vector.memcheck" not in text
    assert not re.search(r"call .*@(exp|tanh|pow|log)f?\(", text)


def test_the_assembly_has_packed_multiplications() -> None:
    kernel = kernels.kernel(current_lif(), "float64").compiled
    compiled = cfunc(KERNEL, error_model="numpy")(kernel.__wrapped__)
    text = compiled._library.get_asm_str()
    # x86: vmulpd/mulpd; ARM: fmul v0.2d
    assert re.search(r"\bv?mulpd\b|fmul\s+v\d+\.2d", text)


# -- form -----------------------------------------------------------------------------------------


def long_reset() -> StepMap:
    """A reset of many terms and with a temporary: long enough for a pass of its own."""
    terms: Expr = Name("v")
    for k in range(LONG_RESET):
        terms = Binary("+", terms, Binary("*", Name("w"), Number(0.01 * k)))
    reset = (Assign("kept", terms), Assign("v", Binary("-", Name("kept"), Name("v_th"))))
    grow = Assign("v", Binary("+", Name("v"), Name("w")))
    threshold = Binary(">=", Name("v"), Name("v_th"))
    return StepMap("r", "none", ("v", "w"), (), ("v_th",), (grow,), (), threshold, reset)


def test_a_long_reset_gives_the_same_as_the_reference() -> None:
    step_map = long_reset()
    assert "get(flags" in kernel_source(step_map, np.dtype(float), ())
    state = np.array([np.zeros(90), np.linspace(0.05, 0.3, 90)])
    plan = PopulationPlan("r", 90, step_map, {"v_th": 1.0}, state, 1)
    network = NetworkPlan(DT, 1, np.dtype(float), [plan])
    mine, theirs = make_executor(network), make_executor(network, backend="torch_reference")
    one, other = mine.advance(60), theirs.advance(60)
    assert len(one.spikes[0][0]) > 100
    for k in (0, 1):
        np.testing.assert_array_equal(one.spikes[0][k], other.spikes[0][k])
    np.testing.assert_allclose(mine.states()[0], theirs.states()[0], rtol=1e-13)


def test_a_reset_that_reads_a_temporary_of_the_update_stays_in_the_loop() -> None:
    step_map = long_reset()
    update = (*step_map.update, Assign("fresh", Name("w")))
    reset = (*step_map.reset, Assign("w", Name("fresh")))
    text = kernel_source(replace(step_map, update=update, reset=reset), np.dtype(float), ())
    assert "get(flags" not in text


def test_no_name_of_a_model_enters_the_text() -> None:
    step_map = StepMap(
        "x'); import os", "none", ("évil name",), (), ("__class__",),
        (Assign("évil name", Name("__class__")), Assign("os.system", Number(1.0))),
    )  # fmt: skip
    text = kernel_source(step_map, np.dtype(float), ())
    assert "evil" not in text
    assert "évil" not in text
    assert "__class__" not in text
    assert "system" not in text
    imported = {
        node.module for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)
    }
    assert imported == {
        "numba",
        "numpy",
        "math",
        "engine.backends.numba_cpu.mathematics",
        "engine.backends.numba_cpu.pointers",
    }


def test_models_with_the_same_mathematics_share_a_kernel() -> None:
    renamed = replace(delta_lif(), model="something else", text={"note": "other words"})
    assert kernels.kernel(renamed, "float64") is kernels.kernel(delta_lif(), "float64")


def test_an_undefined_name_is_a_sentence() -> None:
    step_map = StepMap("m", "none", ("v",), (), (), (Assign("v", Name("unheard_of")),))
    with pytest.raises(BackendError, match="reads `unheard_of` before"):
        kernel_source(step_map, np.dtype(float), ())


def test_what_must_be_compiled_is_told_and_what_is_in_the_cache_is_not(
    tmp_path, monkeypatch
) -> None:
    step_map = delta_lif()
    population = PopulationPlan(
        "p", 4, step_map, lif_constants(step_map), np.zeros((len(step_map.states), 4)), 1
    )
    plan = NetworkPlan(DT, 1, np.dtype(float), [population])
    driver = kernels._entries(plan, 1)[-1]
    cache.load(driver.kind, driver.source, driver.support)  # in memory: it takes seconds to compile
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path))
    kept = {name: module for name, module in cache._loaded.items() if name.startswith("driver")}
    monkeypatch.setattr(cache, "_loaded", kept)
    assert not kernels.is_warm(plan)
    heard: list[tuple[float, str]] = []
    kernels.prepare(plan, progress=lambda share, text: heard.append((share, text)))
    assert heard == [(0.0, f"compiling {step_map.model}, once on this machine")]
    assert kernels.is_warm(plan)
    kernels.prepare(plan, progress=lambda share, text: heard.append((share, text)))
    assert len(heard) == 1


def test_padding_is_never_seen() -> None:
    """A population that is not a multiple of the tile, whose last neuron is about to spike."""
    step_map = delta_lif()
    state = np.full((2, 65), 0.0)
    state[0] = -55.0
    state[0, 64] = -49.0
    plan = PopulationPlan("p", 65, step_map, lif_constants(step_map), state, 1)
    chunk = make_executor(NetworkPlan(DT, 1, np.dtype(float), [plan])).advance(2)
    assert list(chunk.spikes[0][1]) == [64]
