"""One neuron's answer is what a network of one gives, and every mistake is a sentence."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine import DocumentError, EquationError, LimitError, Network, RunStopped, response


def test_an_answer_is_that_of_a_network_of_one():
    network = Network("one", dt=0.1, precision="float64")
    network.population("cell", 1, "adex", a=2.0)
    network.source("current", "step_current", amplitude=900.0, start=20.0, stop=150.0)
    network.connect("current", "cell")
    network.record("cell", "spikes")
    network.record("cell", "v")
    run = network.simulate(200.0)
    answer = response(
        "adex", lambda t: 900.0 if 20.0 < t < 150.0 else 0.0, 200.0, 0.1, params={"a": 2.0}
    )
    assert answer.spike_times.tolist() == run["cell"].spikes.times.tolist()
    np.testing.assert_array_equal(answer.states["v"][1:], run["cell"].trace("v").values[:, 0])


def test_numbers_arrays_functions_and_quantities_are_the_same_current():
    answers = [
        response("lif", current, 50.0, 0.1).states["v"]
        for current in (200.0, "0.2 nA", np.full(500, 200.0), lambda t: 200.0)
    ]
    for answer in answers[1:]:
        np.testing.assert_array_equal(answer, answers[0])


def test_samples_begin_with_the_initial_state_and_end_with_the_duration():
    answer = response("lif", 0.0, 1.0, 0.25, initial={"v": "-60 mV"}, record=["v"])
    assert answer.t.tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert list(answer.states) == ["v"]
    assert answer.states["v"][0] == -60.0
    assert answer.solver == "exact"


def test_every_state_of_the_model_is_recorded_unless_told_otherwise():
    assert {"v", "m", "h", "n"} <= response("hodgkin_huxley", 0.0, 1.0, 0.01).states.keys()


def test_a_model_of_ones_own_answers_as_well():
    leak = engine.define(
        "leak", equations="dv/dt = -v/tau : mV", parameters={"tau": "10 ms"}, initial={"v": 5.0}
    )
    answer = response(leak, 0.0, 10.0, 0.1)
    assert answer.states["v"][-1] == pytest.approx(5.0 * np.exp(-1.0))
    assert answer.spike_times.size == 0
    assert response(leak, 0.0, 10.0, 0.1, interpolate=True).spike_times.size == 0


def test_spikes_between_grid_points_end_their_refractory_period_between_them():
    plain = response("lif", 400.0, 300.0, 0.5, params={"t_ref": 3.0})
    exact = response("lif", 400.0, 300.0, 0.5, params={"t_ref": 3.0}, interpolate=True)
    fine = response("lif", 400.0, 300.0, 0.001, params={"t_ref": 3.0})
    assert exact.spike_times == pytest.approx(fine.spike_times, abs=0.03)
    assert plain.spike_times[-1] - fine.spike_times[-1] > 1.0
    np.testing.assert_allclose(exact.t, plain.t)
    last = int(exact.spike_times[0] / 0.5) + 1
    assert exact.states["v"][last] == -65.0


def test_a_current_that_stops_in_the_refractory_period_leaves_the_rest_silent():
    answer = response(
        "lif", lambda t: 400.0 if t < 15.0 else 0.0, 15.5, 0.1, params={"t_ref": 50.0},
        interpolate=True,
    )  # fmt: skip
    assert answer.spike_times.size == 1
    assert answer.states["v"].shape == (156,)
    assert answer.states["v"][-1] == -65.0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"model": "lief"}, "did you mean `lif`"),
        ({"params": {"tua_m": 3}}, "did you mean `tau_m`"),
        ({"params": {"tau_m": "3 mV"}}, "ms"),
        ({"params": {"C": -1.0}}, "outside of its bounds"),
        ({"initial": {"V": 3.0}}, "`V` is not a state of lif"),
        ({"record": ["w"]}, "`w` is not a state of lif"),
        ({"current": np.ones(7)}, "7 values stand for 100 steps; give one value a step"),
        ({"current": np.nan}, "is not a finite number"),
        ({"current": "3 mV"}, "pA"),
        ({"dt": 0.0}, "dt: it must be more than 0 ms"),
        ({"duration": -1.0}, "duration: it must be more than 0 ms"),
    ],
)
def test_mistakes_are_refused_in_a_sentence(arguments, said):
    with pytest.raises(DocumentError, match=said):
        response(**{"model": "lif", "current": 0.0, "duration": 10.0, "dt": 0.1} | arguments)


def test_an_unknown_solver_is_refused():
    with pytest.raises(EquationError, match="magic"):
        response("lif", 0.0, 10.0, solver="magic")


def test_more_samples_than_are_kept_are_refused():
    with pytest.raises(LimitError, match="shorten the duration or lengthen dt"):
        response("lif", 0.0, 1e6, 0.001)


def test_a_blow_up_is_said_with_its_time():
    unstable = engine.define(
        "unstable", equations="dv/dt = v**2/(1 * ms * mV) : mV", initial={"v": 1.0}, solver="euler"
    )
    with pytest.raises(RunStopped, match=r"unstable: `v` is not a number at \d+ ms; use a dt"):
        response(unstable, 0.0, 100.0, 1.0)


@pytest.mark.parametrize(
    ("model", "ports", "spikes"),
    [
        ("lif", {}, {"exc": [(5.0, 300.0), (7.3, "0.2 nA")], "inh": [(6.0, -100.0)]}),
        ("lif_psc_delta", {}, {"exc": [(5.0, 9.0), (9.0, 9.0), (9.0, 2.0)]}),
        ("lif_cond_exp", {"syn": "nmda"}, {"syn": [(4.0, "2 nS")], "exc": [(20.0, 30.0)]}),
        ("izhikevich", {}, {"exc": [(3.0, 20.0)]}),
        ("hodgkin_huxley", {"exc": "alpha_conductance"}, {"exc": [(2.0, 0.3)]}),
    ],
)
def test_spikes_arrive_at_ports_as_in_a_network(model, ports, spikes):
    network = Network("one", dt=0.1, precision="float64")
    network.population("cell", 1, model, ports=ports)
    for port, pairs in spikes.items():
        for place, (time, weight) in enumerate(pairs):
            source = network.source(f"{port}{place}", "spike_times", times=[time - 0.5])
            network.connect(source, "cell", weight=weight, delay=0.5, port=port)
    network.record("cell", "v")
    network.record("cell", "spikes")
    run = network.simulate(40.0)["cell"]
    answer = response(model, 0.0, 40.0, 0.1, ports=ports, spikes=spikes)
    np.testing.assert_allclose(answer.states["v"][1:], run.trace("v").values[:, 0], atol=1e-12)
    np.testing.assert_array_equal(answer.spike_times, run.spikes.times)
    assert np.ptp(answer.states["v"]) > 0.5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"spikes": {"exz": [(5.0, 1.0)]}}, "lif has no port 'exz'; did you mean `exc`"),
        ({"spikes": {"exc": [(5.0, "1 nS")]}}, "it is given in nS, but is a value in pA"),
        ({"spikes": {"exc": [(0.0, 1.0)]}}, "no spike can arrive at 0 ms; choose a time from 0.2"),
        ({"spikes": {"exc": [(11.0, 1.0)]}}, "no spike can arrive at 11 ms"),
        ({"spikes": {"exc": [5.0]}}, "5.0 is no pair of a time and a weight"),
        ({"spikes": {"exc": 5.0}}, "must be a list of"),
        ({"spikes": [(5.0, 1.0)]}, "must be a dict of ports"),
        ({"spikes": {"exc": [(5.0, 1.0)]}, "interpolate": True}, "spikes arrive on the grid"),
        ({"ports": {"exc": "ampa"}}, "`ampa` is not a synapse model"),
        ({"ports": {"exc": 3}}, "must be the name of one"),
        ({"ports": "nmda"}, "ports: it must be a dict of names and values"),
    ],
)
def test_what_cannot_arrive_is_said(arguments, said):
    with pytest.raises((DocumentError, EquationError), match=said):
        response("lif", 0.0, 10.0, 0.1, **arguments)
