"""What the CUDA source computes, run on the CPU: random numbers, functions, models, bit for bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from marks import OF_EACH_KIND, slow_but
from numba import njit

import engine
from engine.backends import philox
from engine.backends.cuda import shim
from engine.backends.cuda.frame import unpacked
from engine.backends.cuda.source import fixed_source, preamble
from engine.backends.numba_cpu import mathematics
from engine.backends.registry import make_executor
from engine.models.registry import get, neuron_models
from engine.runtime.build import build

if shim.obstacle():
    pytest.skip(shim.obstacle(), allow_module_level=True)

ONE = {"exp": 1, "exprel": 1, "tanh": 1, "sinh": 1, "cosh": 1, "log": 1, "over_exprel": 1}
TWO = {"power": 2, "minimum": 2, "maximum": 2}
NAMES = {"minimum": "f_min", "maximum": "f_max"}
TRIAL = """
extern "C" __global__ void {kernel}(long long count, const real* a, const real* b, real* out) {{
    EACH(i, count) out[i] = {call};
}}
"""


def clock(step: int, steps: int, begun: int = 0) -> np.ndarray:
    return np.array([step, begun, steps], np.int64)


def fixed(dtype: str = "float64"):
    return shim.ShimDevice(3, 5).build(fixed_source(dtype))


# -- random numbers -------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("step", [0, 12345, 2**32 - 1])
def test_normals_are_the_oracles_to_the_last_bit(dtype: str, step: int) -> None:
    size, seed, stream = 1003, 7, 99
    numbers = np.zeros((3, 2, size), dtype)
    arguments = [clock(step, 3), size, philox.NORMAL + 1, seed, stream, 1, 2, numbers]
    fixed(dtype).ready("draw_normals", 1, 1, arguments)()
    for k in range(3):
        expected = philox.normals(seed, stream, step + k, size, 1, dtype)
        np.testing.assert_array_equal(numbers[k, 1], expected)
    assert not numbers[:, 0].any()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_escapes_are_the_oracles_to_the_last_bit(dtype: str) -> None:
    size, seed, stream, step = 1003, 7, 99, 2**32 - 1
    numbers = np.zeros((3, 2, size), dtype)
    arguments = [clock(step, 3), size, philox.ESCAPE + 1, seed, stream, 1, 2, numbers]
    fixed(dtype).ready("draw_escapes", 1, 1, arguments)()
    for k in range(3):
        expected = philox.escapes(seed, stream, step + k, size, 1, dtype)
        np.testing.assert_array_equal(numbers[k, 1], expected)
    assert not numbers[:, 0].any()


@pytest.mark.parametrize(
    "rate",
    [0.003, 2.0, 40.0, 900.0, np.linspace(0.0, 5.0, 203), np.geomspace(0.01, 900.0, 203)],
    ids=["rare", "few", "parts", "many", "unequal", "all at once"],
)
def test_counts_are_the_oracles(rate) -> None:
    size, seed, stream, step, steps = 203, 3, 8, 70_000, 4
    ladder = philox.ladder(rate)
    width = 0 if ladder.scalar else size
    large = np.ascontiguousarray(np.broadcast_to(ladder.large, (size,)))
    entries, cells = np.zeros(size * steps, np.uint64), np.zeros(2, np.int64)
    arguments = [clock(step, steps, step - 5), size, seed, stream, ladder.parts,
                 len(ladder.thresholds), ladder.thresholds, width, large if large.any() else None,
                 philox.LARGE_POISSON, entries, cells]  # fmt: skip
    fixed().ready("emit_poisson", 1, 1, arguments)()
    found, senders = unpacked(entries[: cells[1]], step - 5)
    for k in range(steps):
        expected = philox.counts(seed, stream, step + k, size, ladder)
        counted = np.bincount(senders[found == step + k], minlength=size)
        np.testing.assert_array_equal(counted, expected)


# -- functions ------------------------------------------------------------------------------------


def arguments_of(dtype: str, count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    special = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-320, 709.5, -750.0, 88.5, -90.0]
    pairs = np.array(np.meshgrid(special, special)).reshape(2, -1)
    drawn = rng.normal(0.0, 1.0, (2, 4000)) * 10.0 ** rng.uniform(-9.0, 2.5, (2, 4000))
    whole = np.array([rng.normal(0.0, 5.0, 500), rng.integers(-9, 9, 500)])
    with np.errstate(all="ignore"):
        columns = np.concatenate([pairs, drawn, whole], 1).astype(dtype)
    return [np.ascontiguousarray(row) for row in columns[:count]]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", [*ONE, *TWO])
def test_functions_are_those_of_the_compiled_backend_to_the_last_bit(name: str, dtype: str) -> None:
    count = ONE.get(name) or TWO[name]
    words = ["a[i]", "b[i]"][:count]
    call = f"{NAMES.get(name, f'f_{name}')}({', '.join(words)})"
    module = shim.ShimDevice().build(preamble(dtype) + TRIAL.format(kernel="trial", call=call))
    given = arguments_of(dtype, 2)
    out = np.zeros(given[0].size, dtype)
    module.ready("trial", 1, 1, [out.size, *given, out])()
    function = getattr(mathematics, name)
    expected = np.zeros_like(out)
    (each_of_one if count == 1 else each_of_two)(function)(*given, expected)
    np.testing.assert_array_equal(out, expected)


def each_of_one(function):
    @njit(error_model="numpy")
    def fill(a, b, out):
        for i in range(a.size):
            out[i] = function(a[i])

    return fill


def each_of_two(function):
    @njit(error_model="numpy")
    def fill(a, b, out):
        for i in range(a.size):
            out[i] = function(a[i], b[i])

    return fill


# -- models ---------------------------------------------------------------------------------------

# A current and a weight that make each model fire, in its own units, exact in binary so that no
# order of adding shows.
DRIVES = {
    "izhikevich": (8.0, 4.0),
    "hodgkin_huxley": (8.0, 0.0625),
    "adex": (900.0, 5.0),
    "eif": (4.0, 0.0625),
    "morris_lecar": (150.0, 0.25),
    "fitzhugh_nagumo": (0.5, 0.0625),
    "hindmarsh_rose": (4.0, 0.25),
}
UNIT = (2.0, 0.25)  # of a neuron without dimensions


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("model", slow_but(OF_EACH_KIND, sorted(neuron_models())))
def test_every_model_moves_as_the_compiled_backend_to_the_last_bit(model, precision) -> None:
    plain = UNIT if get(model).current_unit == "1" else (500.0, 2.0)
    current, weight = DRIVES.get(model, plain)
    net = engine.Network("alone", dt=0.1, seed=5)
    net.population("cells", 37, model)
    net.source("level", "constant_current", amplitude=current)
    net.source("noise", "noise_current", 37, mean=0.0, std=0.5 * current, interval=0.3)
    net.connect("level", "cells")
    net.connect("noise", "cells", engine.rules.one_to_one())
    if get(model).ports:
        net.source("drive", "poisson", 50, rate=200.0)
        net.connect("drive", "cells", engine.rules.probability(0.3), weight, 0.3)
    document = replace(
        net.document, simulation=replace(net.document.simulation, precision=precision)
    )
    plan = build(document).plan
    mine, theirs = make_executor(plan, backend="cuda_shim"), make_executor(plan)
    spikes = [executor.advance(700).spikes[0] for executor in (mine, theirs)]
    np.testing.assert_array_equal(spikes[0], spikes[1])
    assert len(spikes[0][0]) > 37 or not get(model).threshold
    np.testing.assert_array_equal(mine.states()[0], theirs.states()[0])
