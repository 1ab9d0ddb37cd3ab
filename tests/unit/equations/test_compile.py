"""Compiling a model: which solver, what constants, which order; and that the numbers come right."""

import numpy as np
import pytest
from interpreter import run

from engine.equations.compile import (
    available_solvers,
    canonical,
    compile_model,
    constants,
    initial_state,
)
from engine.equations.constants import increment_of_exponential
from engine.equations.tree import names
from engine.errors import EquationError
from engine.models.define import define
from engine.models.registry import neuron_models

LIF, HH = neuron_models()["lif"], neuron_models()["hodgkin_huxley"]


@pytest.mark.parametrize(
    ("name", "solver"),
    [
        ("lif_psc_exp", "exact"),
        ("lif_psc_delta", "exact"),
        ("lif_cond_exp", "exponential_euler"),
        ("hodgkin_huxley", "exponential_euler"),
        ("adex", "rk4"),
        ("izhikevich", "rk4"),
    ],
)
def test_the_most_exact_solver_that_applies_is_chosen_and_shown(name, solver):
    step_map = compile_model(neuron_models()[name])
    assert step_map.solver == step_map.text["solver"] == solver
    assert "equations latex" in step_map.text


def test_a_solver_that_cannot_be_used_says_why():
    with pytest.raises(EquationError, match=r"dv/dt is not linear in v; leave the solver open"):
        compile_model(neuron_models()["adex"], solver="exact")
    with pytest.raises(EquationError, match="did you mean `rk4`"):
        compile_model(LIF, solver="rk44")
    usable = available_solvers(neuron_models()["izhikevich"].compose())
    assert usable["izhikevich_2003"] == ""
    assert usable["exponential_euler"]


@pytest.mark.parametrize("name", list(neuron_models()))
@pytest.mark.parametrize("synapse", ["delta", "exp_current", "exp_conductance", "pulse"])
def test_any_synapse_composes_with_any_neuron(name, synapse):
    step_map = compile_model(neuron_models()[name], {"exc": synapse, "extra": synapse})
    found = constants(step_map, {}, 0.1, 3)
    assert set(found) == set(step_map.constants)
    rows = initial_state(neuron_models()[name], {"exc": synapse, "extra": synapse}, {}, 3)
    assert rows.shape == (len(step_map.states), 3)


def test_kernels_read_only_what_is_declared():
    for model in neuron_models().values():
        step_map = compile_model(model)
        known = {*step_map.states, *step_map.constants, *(p.name for p in step_map.inputs)}
        lists = (*step_map.update, *step_map.jumps, *step_map.reset)
        for assign in lists:
            assert names(assign.value) <= known, assign
            known.add(assign.target)


def test_the_canonical_text_tells_kernels_apart_and_ignores_defaults():
    texts = {name: canonical(compile_model(model)) for name, model in neuron_models().items()}
    assert texts["lif"] == texts["lif_psc_exp"]
    assert len(set(texts.values())) == len(texts) - 1
    assert texts["adex"] == canonical(compile_model(neuron_models()["adex"]))


def test_the_exponential_is_accurate_for_equal_slow_and_fast_rates():
    expm = pytest.importorskip("scipy.linalg").expm
    for rates in ((0.1, 0.1), (1e-9, 1e-3), (3.0, 500.0)):
        matrix = np.array([[-rates[0], 1.0, 0.5], [0.0, -rates[1], 0.0], [0, 0, 0]])
        expected = expm(matrix) - np.eye(3)
        assert increment_of_exponential(matrix) == pytest.approx(expected, rel=1e-9, abs=1e-15)
    tiny = increment_of_exponential(np.array([[-1e-14]]))
    assert tiny[0, 0] == pytest.approx(-1e-14, rel=1e-12)


def test_equal_time_constants_need_no_special_case():
    # w t exp(-t/tau)/C, the limit of the two-exponential PSP (catalogue B2).
    parameters = {"C": 250, "tau_m": 5, "g_L": 50, "tau_exc": 5, "v_th": 100}
    trial = run("lif_psc_exp", 20, 0.1, 0.0, parameters, arriving={"exc": {0: 100.0}})
    t = np.arange(200) * 0.1
    expected = 100 * t * np.exp(-t / 5) / 250
    assert trial["v"][1:, 0] + 65 == pytest.approx(expected, abs=1e-10)


def test_an_exponential_current_gives_the_closed_form_psp():
    parameters = {"C": 250, "tau_m": 10, "g_L": 25, "tau_exc": 2, "E_L": 0, "v_th": 100}
    trial = run("lif_psc_exp", 6, 0.1, 0.0, parameters, arriving={"exc": {0: 100.0}})
    # The current starts at the end of step 0, so 5 ms after it is state 51.
    assert trial["v"][51, 0] == pytest.approx(0.52444566, abs=1e-8)


def test_a_conductance_gives_the_psp_of_the_reference_solution():
    parameters = {"C": 200, "g_L": 10, "E_L": -65, "v_th": 100, "tau_exc": 5, "E_exc": 0}
    trial = run("lif_cond_exp", 20, 0.1, 0.0, parameters, arriving={"exc": {0: 5.0}})
    v = trial["v"][1:, 0]
    assert v.max() + 65 == pytest.approx(4.8768257, abs=2e-4)
    assert v[100] == pytest.approx(-60.1417369, abs=2e-4)


# Currents under which nothing fires in 4.8 ms, but Hodgkin and Huxley's neuron.
BELOW = {"lif": 100.0, "lif_cond_exp": 100.0, "hodgkin_huxley": 10.0, "adex": 300.0, "eif": 0.5}
BELOW |= {"qif": 50.0, "fitzhugh_nagumo": 0.5, "morris_lecar": 60.0}
BELOW |= {"izhikevich": 2.0}


def test_the_exact_solver_does_not_depend_on_the_step():
    for name, current in (("lif", 140.0), ("nir_cuba_li", 3.0), ("lif_adaptive_current", 100.0)):
        found = [run(name, 8, dt, current)["v"][-1, 0] for dt in (0.1, 1.0, 8.0)]
        assert found == pytest.approx([found[0]] * 3, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "solver", "order"),
    [
        ("lif", "euler", 1),
        ("lif", "heun", 2),
        ("lif", "rk4", 4),
        ("lif_cond_exp", "exponential_euler", 2),
        ("hodgkin_huxley", "exponential_euler", 2),
        ("hodgkin_huxley", "rk4", 4),
        ("adex", "rk4", 4),
        ("eif", "heun", 2),
        ("qif", "rk4", 4),
        ("fitzhugh_nagumo", "euler", 1),
        ("fitzhugh_nagumo", "heun", 2),
        ("morris_lecar", "heun", 2),
        ("morris_lecar", "rk4", 4),
        ("izhikevich", "izhikevich_2003", 1),
        ("izhikevich", "izhikevich_2004", 1),
    ],
)
def test_solvers_converge_with_their_order(name, solver, order):
    model = neuron_models()[name]
    states = compile_model(model).states
    initial = {"g_exc": 3.0} if "g_exc" in states else {"I_exc": 100.0}
    if name not in ("lif", "lif_cond_exp", "hodgkin_huxley", "adex"):
        initial = {"fitzhugh_nagumo": {"v": 0.5}, "qif": {"v": -45.0}}.get(name, {})

    def end(dt):
        trial = run(name, 4.8, dt, BELOW[name], None, None, solver, initial)
        assert not trial.spikes[0].size or name == "hodgkin_huxley"
        return trial[model.membrane][-1, 0]

    coarse, fine, finer = end(0.16), end(0.08), end(0.04)
    found = np.log2(abs(coarse - fine) / abs(fine - finer))
    assert order - 0.4 < found < order + 1.1


def test_a_held_potential_does_not_move_and_everything_else_does():
    parameters = {"t_ref": 1.0, "tau_exc": 5}
    trial = run("lif", 1.5, 0.1, 0.0, parameters, initial={"v": -49.0, "I_exc": 100.0})
    v, current = trial["v"][:, 0], trial["I_exc"][:, 0]
    assert trial.spikes[0] == pytest.approx([0.1])
    assert np.all(v[1:12] == -65.0)
    assert v[12] > -65.0
    assert np.all(np.diff(current) < 0)


def test_a_jump_onto_a_held_potential_is_lost():
    arriving = {"exc": {2: 3.0, 20: 3.0, 21: 3.0}}
    trial = run(
        "lif_psc_delta", 3, 0.1, 0.0, {"t_ref": 2.0}, initial={"v": -49.0}, arriving=arriving
    )
    v = trial["v"][:, 0]
    assert np.all(v[1:22] == -65.0)
    assert v[22] == pytest.approx(-62.0)


def test_adaptation_goes_on_exactly_while_the_membrane_is_held():
    model = define(
        "adaptive",
        "dv/dt = (E - v)/tau + I/C : mV\ndw/dt = (a*(v - E) - w)/tau_w : pA",
        "v >= v_th",
        "v = E",
        {
            "E": "-65 mV",
            "tau": "20 ms",
            "C": "200 pF",
            "a": "2 nS",
            "tau_w": "30 ms",
            "v_th": "-50 mV",
            "t_ref": "5 ms",
        },
        refractory="t_ref",
    )
    assert compile_model(model).solver == "exact"
    trial = run(model, 5.1, 0.1, 0.0, initial={"v": -49.0, "w": 10.0})
    w = trial["w"][:, 0]
    assert w[51] == pytest.approx(w[1] * np.exp(-5 / 30), rel=1e-12)


def test_coupled_linear_variables_are_solved_together():
    model = define("turn", "dv/dt = -w/tau : mV\ndw/dt = v/tau : mV", parameters={"tau": "1 ms"})
    trial = run(model, 6.4, 0.1, initial={"v": 1.0, "w": 0.0})
    t = np.arange(65) * 0.1
    assert trial["v"][:, 0] == pytest.approx(np.cos(t), abs=1e-12)
    assert trial["w"][:, 0] == pytest.approx(np.sin(t), abs=1e-12)


def test_parameters_may_differ_from_neuron_to_neuron():
    step_map = compile_model(LIF)
    found = constants(step_map, {"tau_m": np.array([10.0, 20.0]), "C": 200.0}, 0.1, 2)
    assert found["D_v_v"] == pytest.approx(np.expm1([-0.01, -0.005]), rel=1e-12)
    assert isinstance(found["v_th"], float)


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"tua_m": 3}, "did you mean `tau_m`"),
        ({"tau_m": [1, 2, 3]}, "3 values for 2 neurons"),
        ({"tau_m": float("nan")}, "not a finite number"),
        ({"tau_m": 0}, "not a finite number"),
    ],
)
def test_constants_refuse_what_cannot_be_worked_out(parameters, sentence):
    with pytest.raises(EquationError, match=sentence):
        constants(compile_model(LIF), parameters, 0.1, 2)


def test_hodgkin_huxley_starts_at_its_true_rest_with_gates_at_steady_state():
    rest = initial_state(HH, None, {}, 1)[:, 0]
    names = compile_model(HH).states
    assert rest[names.index("v")] == pytest.approx(-64.99637933, abs=1e-8)
    gates = initial_state(HH, None, {}, 1, {"v": -65})[:, 0]
    expected = {"m": 0.0529324853, "h": 0.5961207535, "n": 0.3176769141}
    for gate, value in expected.items():
        assert gates[names.index(gate)] == pytest.approx(value, abs=1e-10)


def test_initial_values_are_given_or_follow_from_parameters():
    izhikevich = neuron_models()["izhikevich"]
    found = initial_state(izhikevich, None, {"b": [0.2, 0.25]}, 2, {"v": [-60.0, -70.0]})
    assert found[1] == pytest.approx([-12.0, -17.5])
    with pytest.raises(EquationError, match="not a variable of izhikevich"):
        initial_state(izhikevich, None, {}, 1, {"vv": 1})
    with pytest.raises(EquationError, match="cannot be used"):
        initial_state(izhikevich, None, {}, 2, {"v": [1.0, 2.0, 3.0]})


def test_a_neuron_driven_exactly_to_its_threshold_stays_silent():
    trial = run("lif", 2000, 0.5, 150.0)
    assert trial.spikes[0].size == 0
    assert trial["v"][-1, 0] == pytest.approx(-50, abs=1e-9)


def test_a_solver_is_found_however_it_is_spelled():
    izhikevich = neuron_models()["izhikevich"]
    assert compile_model(izhikevich, None, "izhikevich-2003").solver == "izhikevich_2003"
