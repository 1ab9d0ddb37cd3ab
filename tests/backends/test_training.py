"""Training kernels: the adjoint's numbers, in loops that vectorise, the same for any threads."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

import numpy as np
import pytest
from plain_training import backward, forward

from engine.backends.numba_cpu import training
from engine.backends.numba_cpu.training import TrainingKernels
from engine.equations.adjoint import adjoint
from engine.equations.compile import compile_model
from engine.equations.constants import constants as numbers
from engine.equations.initial import initial_state
from engine.equations.language import parse_expression
from engine.equations.stepmap import StepMap
from engine.models.registry import get

DT, STEPS, SIZE = 0.5, 51, 37  # an odd number of steps, as some are taken together
SLOPE = parse_expression("1/(1 + abs(x))**2")
# case -> solver, ports (the first is driven, None is the current), drive from and to
CASES = {
    "lif": (None, None, 150.0, 900.0),
    "lif exp_current": (None, {"exc": "exp_current"}, 0.0, 400.0),
    "lif delta": (None, {"exc": "delta"}, 0.0, 6.0),
    "lif_discrete": (None, None, 0.0, 3.0),
    "izhikevich": ("izhikevich_2003", None, 4.0, 25.0),
    "adex": ("euler", None, 200.0, 1500.0),
    "hodgkin_huxley": (None, None, 2.0, 40.0),
}
SLOW = {
    "izhikevich rk4": ("rk4", None, 4.0, 25.0),
    "adex rk4": ("rk4", None, 200.0, 1500.0),
    "traub_miles": (None, None, 50.0, 500.0),
}
PARAMETERS = [*CASES, *(pytest.param(case, marks=pytest.mark.slow) for case in SLOW)]


class Setup:
    """One case with its kernels and random drive and gradients."""

    def __init__(
        self, case: str, dtype: str = "float64", size: int = SIZE, steps: int = STEPS
    ) -> None:
        solver, ports, low, high = {**CASES, **SLOW}[case]
        model = replace(get(case.split()[0]), ports=ports or {})
        self.step_map = compile_model(model, None, solver)
        self.name = f"in_{next(iter(ports))}" if ports else "in_current"
        rng = np.random.default_rng(7)
        self.values = numbers(self.step_map, {}, DT, size)
        first = self.step_map.constants[0]
        self.values[first] = self.values[first] * rng.uniform(0.99, 1.01, size)  # a row of its own
        self.state = initial_state(model, None, {}, size)
        self.drive = rng.uniform(low, high, (steps, size)).astype(dtype)
        self.on_spikes, self.on_v = rng.normal(size=(2, steps, size)).astype(dtype)
        self.on_last = rng.normal(size=size).astype(dtype)
        wanted = [name for name in self.step_map.constants if name != "k_dt_t_ref"]
        self.adjoint = adjoint(
            self.step_map, SLOPE, inputs=[self.name], constants=wanted, traces=("v",)
        )
        self.kernels = TrainingKernels(
            self.step_map, np.dtype(dtype), (self.name,), self.adjoint, ("v",)
        )

    def forward(self, keep: bool = True) -> training.Passed:
        return self.kernels.forward([self.drive], self.state, self.values, DT, keep)

    def backward(self, passed: training.Passed) -> training.Gradients:
        assert passed.kept is not None
        return self.kernels.backward(
            passed.kept, self.values, DT, self.on_spikes, [self.on_v], {"v": self.on_last}
        )


@pytest.mark.parametrize("case", PARAMETERS)
def test_kernels_compute_what_the_adjoint_says(case: str) -> None:
    given = Setup(case)
    passed = given.forward()
    found = given.backward(passed)
    arrays = {name: np.asarray(value) for name, value in given.values.items()}
    drive = {given.name: given.drive}
    spikes, last, kept = forward(given.adjoint, arrays, given.state, drive, DT)
    states, inputs, constants = backward(
        given.adjoint, arrays, drive, DT, kept, given.on_spikes, {"v": given.on_v},
        {"v": given.on_last},
    )  # fmt: skip
    assert spikes.sum() > 5
    np.testing.assert_array_equal(passed.spikes, spikes)
    close(passed.state, np.stack([last[state] for state in given.step_map.states]))
    close(passed.traces[0][-1], last["v"])
    close(found.inputs[0], inputs[given.name])
    for name in given.adjoint.active:
        close(found.state[name], states[name])
    for name, expected in constants.items():
        close(found.constants[name], expected)


def close(ours: np.ndarray, expected: np.ndarray) -> None:
    scale = np.abs(expected).max()
    np.testing.assert_allclose(ours, expected, rtol=1e-7, atol=1e-9 * max(scale, 1e-12))


@pytest.mark.parametrize("case", ["lif", "lif_discrete"])
def test_single_precision_is_close_to_double(case: str) -> None:
    single, double = Setup(case, "float32"), Setup(case)
    double.drive = single.drive.astype(float)
    one, two = single.forward(), double.forward()
    same = (one.spikes == two.spikes).all(axis=0)
    assert same.mean() > 0.9
    mine, theirs = single.backward(one), double.backward(two)
    error = np.abs(mine.inputs[0] - theirs.inputs[0])[:, same]
    assert error.max() < 1e-3 * np.abs(theirs.inputs[0]).max()


def test_nothing_is_kept_where_no_gradient_is_wanted() -> None:
    given = Setup("lif")
    plain, keeping = given.forward(keep=False), given.forward()
    assert plain.kept is None
    np.testing.assert_array_equal(plain.spikes, keeping.spikes)
    assert "kept +" not in given.kernels.source("forward")
    assert "kept +" in given.kernels.source("keeping")


@pytest.mark.parametrize("case", ["lif_discrete", "hodgkin_huxley"])
def test_any_number_of_threads_gives_the_same_bits(case, monkeypatch) -> None:
    monkeypatch.setattr(training, "WORTH_A_THREAD", 1)
    monkeypatch.setattr(training, "CARRIED", 8 * 1024)  # several tiles for each thread
    results = []
    for threads in (1, 2, 3):
        given = Setup(case, "float32", size=3001, steps=20)
        given.kernels.threads = threads
        passed = given.forward()
        found = given.backward(passed)
        results.append([passed.spikes, passed.state, *found.inputs, *found.constants.values()])
    for other in results[1:]:
        for one, two in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(one, two)


def test_a_lif_neuron_keeps_its_potential_and_two_bits() -> None:
    model = replace(get("lif"), ports={})
    found = adjoint(compile_model(model), SLOPE)
    assert found.keep == ("v",)
    assert len(found.bits) == 2  # refractory now? refractory at the start of the next step?
    given = Setup("lif")
    kept = given.forward().kept
    assert kept is not None
    assert kept.rows.nbytes == 8 * (STEPS + 1) * SIZE
    assert kept.bits.nbytes == (STEPS + 1) * SIZE


def test_what_is_kept_and_done_grows_linearly_with_the_steps() -> None:
    given, longer = Setup("lif"), Setup("lif", steps=2 * STEPS)
    short, long = given.forward().kept, longer.forward().kept
    assert short is not None
    assert long is not None
    row = short.rows[:1].nbytes
    assert long.rows.nbytes - row == 2 * (short.rows.nbytes - row)
    for kind in ("forward", "keeping", "backward"):
        loops = _loops(ast.parse(given.kernels.source(kind)))
        # Loops over the steps (some of them together, then the rest), and inside them loops over
        # the neurons of a tile only.
        assert {depth for head, depth in loops if "steps" in head} == {2}
        assert max(depth for _, depth in loops) == 3


def _loops(tree: ast.AST, depth: int = 1) -> list[tuple[str, int]]:
    found = []
    for node in ast.iter_child_nodes(tree):
        inside = isinstance(node, ast.For)
        if inside:
            found.append((ast.unparse(node.iter), depth))
        found += _loops(node, depth + inside)
    return found


@pytest.mark.parametrize("kind", ["forward", "keeping", "backward"])
def test_loops_with_constants_of_each_neuron_are_vectorised(kind: str) -> None:
    given = Setup("hodgkin_huxley", "float32")
    found = given.kernels.loops(kind, frozenset(given.step_map.constants[:1]))
    assert found.vectorised, found


def test_no_name_of_a_model_enters_the_text() -> None:
    given = Setup("lif")
    names = {"évil": "v", "w'); import os": "refractory"}
    renamed = _renamed(given.step_map, {old: new for new, old in names.items()})
    found = adjoint(renamed, SLOPE)
    kernels = TrainingKernels(renamed, np.dtype(float), ("in_current",), found)
    for kind in ("forward", "keeping", "backward"):
        text = kernels.source(kind)
        assert "vil" not in text
        assert "os" not in re.findall(r"\w+", text)


def _renamed(step_map: StepMap, names: dict[str, str]) -> StepMap:
    from engine.equations.tree import Assign, Name, substitute

    table = {old: Name(new) for old, new in names.items()}

    def program(assigns):
        return tuple(
            Assign(names.get(a.target, a.target), substitute(a.value, table)) for a in assigns
        )

    assert step_map.threshold is not None
    return replace(
        step_map,
        states=tuple(names.get(state, state) for state in step_map.states),
        update=program(step_map.update),
        jumps=program(step_map.jumps),
        reset=program(step_map.reset),
        threshold=substitute(step_map.threshold, table),
    )
