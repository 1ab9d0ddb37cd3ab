"""Cables on every backend: compiled Hines elimination against a dense system of equations."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numba import cfunc

import engine
from engine import rules
from engine.backends.numba_cpu import kernels
from engine.backends.numba_cpu.pointers import KERNEL
from engine.backends.registry import backends, make_executor
from engine.equations.cable import AREA, CLAMP, CONDUCTANCE, COUNT, PARENT
from engine.equations.compile import compile_model
from engine.equations.constants import constants, varying
from engine.errors import BackendError
from engine.runtime.build import build
from engine.runtime.plan import NetworkPlan, PopulationPlan

SHAPE = {"kind": "cable", "length": 600.0, "diameter": 1.5, "axial_resistivity": 120.0}
NO_COMPILER = backends()["cuda_shim"].message


def driven(model: str, ends: object = "sealed", **parameters: object) -> NetworkPlan:
    """A cable with a current, spikes that arrive at several places, and a tail of neurons."""
    net = engine.Network("cable", dt=0.05, seed=3, precision="float64")
    cell = net.population("cell", 23, model, geometry={**SHAPE, "ends": ends}, **parameters)
    tail = net.population("tail", 5, "lif_cond_exp")
    current = net.source("current", "step_current", amplitude=120.0, start=2.0, stop=30.0)
    noise = net.source("noise", "poisson", 6, rate=150.0)
    net.connect(current, cell, rules.explicit([(0, 0), (0, 7)]), weight=[1.0, 0.3])
    net.connect(noise, cell, rules.fixed_indegree(2), weight=0.3, delay=0.4, port="exc")
    net.connect(cell, tail, rules.probability(0.5), weight=2.0, delay=0.3, port="exc")
    net.connect(tail, cell, rules.probability(0.4), weight=0.2, delay=0.6, port="inh")
    everything = [("cell", "v", range(23), 1), ("tail", "v", range(5), 2)]
    return build(net.document, everything).plan


def branched(seed: int, count: int) -> NetworkPlan:
    """A plan whose compartments form random trees, with random conductances."""
    rng = np.random.default_rng(seed)
    plan = driven("hodgkin_huxley")
    cell = plan.populations[0]
    parent = np.array([rng.integers(-1, k) if k else -1 for k in range(23)], float)
    conductance = np.where(parent >= 0, 10.0 ** rng.uniform(-2, 5, 23), 0.0)
    conductance[:count] *= 0.1
    cell.constants = {**cell.constants, PARENT: parent, CONDUCTANCE: conductance}
    return plan


CASES = {
    "axon": lambda: driven("hodgkin_huxley"),
    "dendrite": lambda: driven("passive", ["killed", "sealed"], E_L=np.linspace(-70, -60, 23)),
    "a cell cut in pieces": lambda: driven("traub_miles", g_Na=40_000.0),
    "resets along a cable": lambda: driven("lif_cond_exp", v_th=-62.0),
    "random trees": lambda: branched(1, 3),
}


@pytest.mark.parametrize("case", CASES)
def test_compiled_cables_agree_with_a_dense_solution(case):
    plan = CASES[case]()
    ours = make_executor(plan).advance(900)
    truth = make_executor(plan, backend="torch_reference").advance(900)
    for found, expected in zip(ours.monitors, truth.monitors, strict=True):
        assert np.abs(found - expected).max() < 1e-8
    for emitter, (steps, senders) in truth.spikes.items():
        assert np.array_equal(ours.spikes[emitter][0], steps)
        assert np.array_equal(ours.spikes[emitter][1], senders)
    assert np.ptp(truth.monitors[0][:, 7]) > 1.0  # something happened
    if case != "dendrite":
        assert len(truth.spikes[0][0]) > 3


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000), count=st.integers(0, 22))
def test_any_forest_of_compartments_is_solved(seed, count):
    plan = branched(seed, count)
    ours = make_executor(plan).advance(40).monitors[0]
    truth = make_executor(plan, backend="torch_reference").advance(40).monitors[0]
    assert np.abs(ours - truth).max() < 1e-7


def test_a_conductance_that_depends_on_v_is_taken_at_its_tangent():
    """As a synapse with a block by v has it: second order, though dv/dt is not linear in v."""
    model = engine.define(
        "cubic",
        equations="dv/dt = (g*(E - v)*(1 + ((v - E)/(20*mV))**2) + I)/C : mV",
        parameters={"g": (0.1, "mS/cm^2"), "E": (-65, "mV"), "C": (1, "uF/cm^2")},
        current_unit="uA/cm^2",
    )
    found = {}
    for dt in (0.4, 0.2, 0.1, 0.0125):
        step_map = compile_model(model, {}, None, cable=True)
        geometry = {AREA: 1.0, CONDUCTANCE: np.zeros(1), PARENT: -np.ones(1), COUNT: 1.0}
        numbers = constants(step_map, geometry | {CLAMP: 0.0}, dt, 1)
        state = np.array([[-40.0], [0.0], [0.0]])
        cell = PopulationPlan("cell", 1, step_map, numbers, state, 0)
        plan = NetworkPlan(dt, 0, np.dtype(float), [cell])
        for backend in ("numba_cpu", "torch_reference"):
            executor = make_executor(plan, backend=backend)
            executor.advance(round(4.0 / dt))
            found[backend, dt] = executor.states()[0][0, 0]
        assert found["numba_cpu", dt] == pytest.approx(found["torch_reference", dt], rel=1e-12)
    errors = [abs(found["numba_cpu", dt] - found["numba_cpu", 0.0125]) for dt in (0.4, 0.2, 0.1)]
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.15)
    assert errors[1] / errors[2] == pytest.approx(4.0, rel=0.15)
    exact = engine.response(model, 0.0, 4.0, 0.001, initial={"v": -40.0}, record=["v"])
    assert found["numba_cpu", 0.1] == pytest.approx(exact.states["v"][-1], abs=2e-3)


@pytest.mark.parametrize("backend", ["numba_cpu", "torch_reference"])
def test_cuts_threads_and_monitors_change_nothing(backend):
    plan = driven("hodgkin_huxley")
    whole = make_executor(plan, backend=backend, threads=2)
    reference = whole.advance(120).monitors[0]
    parts = make_executor(replace(plan, monitors=plan.monitors[:1]), backend=backend)
    found = np.concatenate([parts.advance(k).monitors[0] for k in (1, 7, 40, 72)])
    assert np.array_equal(found, reference)
    kept = parts.checkpoint()
    later = parts.advance(50).monitors[0]
    parts.restore(kept)
    assert np.array_equal(parts.advance(50).monitors[0], later)


def test_automatic_threads_run_a_cable():
    plan = driven("hodgkin_huxley")
    assert make_executor(plan, threads="auto").advance(30).steps == 30


@pytest.mark.skipif(bool(NO_COMPILER), reason=NO_COMPILER or "there is a compiler")
def test_a_gpu_refuses_a_cable_in_a_sentence():
    with pytest.raises(BackendError, match=r'"cell" is a cable.*choose the device cpu'):
        make_executor(driven("passive"), backend="cuda_shim")


@pytest.mark.parametrize("parent", [[-1, 1, 0], [0, 0, 1], [-1, 0.5, 1], [-2, 0, 1]])
@pytest.mark.parametrize("backend", ["numba_cpu", "torch_reference"])
def test_compartments_that_form_no_tree_never_reach_compiled_code(parent, backend):
    plan = driven("passive")
    cell = plan.populations[0]
    wrong = np.concatenate([parent, np.arange(2.0, 22.0)])
    cell.constants = {**cell.constants, PARENT: wrong}
    with pytest.raises(BackendError, match="form no tree"):
        make_executor(plan, backend=backend)


def test_the_gates_of_all_compartments_are_vectorised():
    cell = driven("hodgkin_huxley").populations[0]
    varied = varying(cell.step_map, cell.constants)
    module = kernels.kernel(cell.step_map, "float64", varied).compiled
    text = cfunc(KERNEL, error_model="numpy")(module.__wrapped__).inspect_llvm()
    bodies = re.findall(r"^vector\.body\d*:", text, re.MULTILINE)
    assert len(bodies) >= 4  # m, h, n with what the tree needs, and what comes after it
    packed = re.findall(r"(?:fmul|fadd|fsub) <\d+ x double>", text)
    assert len(packed) > 100
    assert "vector.memcheck" not in text
    assert not re.search(r"call .*@(exp|tanh|pow|log)f?\(", text)
