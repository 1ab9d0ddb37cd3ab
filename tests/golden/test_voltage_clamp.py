"""Hodgkin and Huxley's gates with the potential held (catalogue A11, T0 and T1)."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analysis import voltage_clamp
from engine.errors import DataError, EquationError

AT_REST = {"m": 0.0529324853, "h": 0.5961207535, "n": 0.3176769141}
HH = "hodgkin_huxley"


@pytest.mark.parametrize(
    ("volts", "taus"),
    [
        (-65.0, {"m": 0.2367668787, "h": 8.5160107644, "n": 5.4585846875}),
        (0.0, {"m": 0.2390790675, "h": 1.0273248, "n": 1.6454801}),
    ],
)
def test_gates_relax_with_their_time_constants(volts, taus):
    start = {"v": volts, "m": 0.5, "h": 0.5, "n": 0.5}
    states = voltage_clamp(HH, volts, 200.0, initial=start).states
    for gate, tau in taus.items():
        x = states[gate] - states[gate][-1]
        last = round(tau / 0.01)
        found = -0.01 * last / np.log(x[last] / x[0])
        assert found == pytest.approx(tau, rel=1e-5)


def test_gates_of_a_clamp_start_where_they_rest_at_the_potential_before():
    states = voltage_clamp(HH, 0.0, 1.0, initial={"v": -65}).states
    assert {gate: states[gate][0] for gate in "mhn"} == pytest.approx(AT_REST, rel=1e-9)


def test_currents_of_a_step_from_rest_to_zero():
    answer = voltage_clamp(HH, 0.0, 5.0, 0.001, initial={"v": -65})
    sodium, potassium = answer.parts["I_Na"], answer.parts["I_K"]
    low = int(sodium.argmin())
    before, least, after = sodium[low - 1 : low + 2]  # a parabola through the lowest samples
    share = (before - after) / (2 * (before - 2 * least + after))
    assert least - (before - after) * share / 4 == pytest.approx(-1456.837898, rel=1e-8)
    assert answer.t[low] + 0.001 * share == pytest.approx(0.61761, abs=1e-5)
    assert potassium[-1] == pytest.approx(1665.502055, rel=1e-9)
    assert set(answer.v) == {0.0}


@pytest.mark.parametrize("dt", [0.01, 0.05])
def test_the_current_is_the_sum_of_its_parts_and_gates_are_exact_at_any_step(dt):
    answer = voltage_clamp(HH, 0.0, 5.0, dt, initial={"v": -65})
    np.testing.assert_allclose(answer.current, sum(answer.parts.values()))
    assert answer.parts["I_K"][-1] == pytest.approx(1665.502055, rel=1e-8)


@pytest.mark.parametrize(("volts", "current"), [(-60.0, 8.8744774), (-40.0, 218.4014491)])
def test_a_long_clamp_gives_the_steady_current(volts, current):
    answer = voltage_clamp(HH, volts, 200.0, 0.05)
    assert answer.current[-1] == pytest.approx(current, rel=1e-7)


def test_levels_begin_at_their_times_and_tails_follow():
    answer = voltage_clamp(HH, [-65.0, 0.0, -65.0], 20.0, 0.01, times=[0, 5, 10])
    assert [answer.v[round(t / 0.01)] for t in (0, 5.0, 5.01, 10.0, 10.01)] == [-65, -65, 0, 0, -65]
    tail = answer.parts["I_K"][1001:]  # n**4 relaxes at -65 mV, the driving force is 12 mV
    n = answer.states["n"][1001:]
    np.testing.assert_allclose(tail, 36 * n**4 * 12.0, rtol=1e-12)
    assert np.all(np.diff(tail) < 0)


def test_a_ramp_also_charges_the_membrane():
    answer = voltage_clamp("passive", lambda t: -65.0 + 2.0 * t, 10.0, 0.01, {"C": 3.0})
    np.testing.assert_allclose(answer.parts["capacitive"], 3.0 * 2.0)
    np.testing.assert_allclose(answer.v, -65.0 + 2.0 * answer.t)
    total = answer.parts["I_L"] + answer.parts["capacitive"]
    np.testing.assert_allclose(answer.current, total)


def test_a_command_is_a_number_a_quantity_an_array_or_a_function():
    answers = [
        voltage_clamp("lif", command, 1.0, 0.1)
        for command in (-50.0, "-50 mV", np.full(10, -50.0), lambda t: -50.0)
    ]
    for answer in answers:
        assert next(iter(answer.parts)) == "I_L"
        np.testing.assert_allclose(answer.current, 10.0 * 15.0)


@pytest.mark.parametrize(
    ("model", "named"),
    [
        ("adex", {"I_L", "w", "g_L*delta_T*exp((v - v_T)/delta_T)"}),
        ("morris_lecar", {"I_Ca", "I_K", "I_L"}),
        ("traub_miles", {"I_Na", "I_K", "I_L"}),
        ("gif", {"I_L", "w1", "w2"}),
        ("pif", set()),
    ],
)
def test_parts_have_the_names_of_the_model(model, named):
    assert set(voltage_clamp(model, -60.0, 1.0, 0.1).parts) == named


def test_a_clamped_neuron_stands_where_no_current_is_needed():
    """At a fixed point of the free neuron the amplifier gives nothing."""
    answer = voltage_clamp(HH, -64.99637933, 50.0, 0.05)
    np.testing.assert_allclose(answer.current, 0.0, atol=1e-6)


@pytest.mark.parametrize(
    ("command", "more", "sentence"),
    [
        ([0.0, 1.0], {}, "the command has 2 values for 10 steps"),
        ([0.0, 1.0], {"times": [0.0]}, "1 `times` stand beside 2 `levels`"),
        ([0.0, 1.0], {"times": [1.0, 2.0]}, "the first level begins at 1 ms"),
        ([0.0, 1.0], {"times": [0.0, 0.0]}, "`times` must rise, and 0 follows on 0"),
        ([0.0, 1.0], {"times": [0.0, 1e9]}, "are 10,000,000,000 steps, more than"),
        (float("nan"), {}, "`command` holds nan"),
        (lambda t: "high", {}, "`command` must be an array of numbers"),
        (0.0, {"dt": 0.0}, "`dt` must be more than 0 ms"),
        (0.0, {"duration": -1.0}, "`duration` must be more than 0 ms"),
    ],
)
def test_a_command_that_cannot_be_is_refused_in_a_sentence(command, more, sentence):
    with pytest.raises(DataError, match=sentence):
        voltage_clamp(HH, command, **{"duration": 1.0, "dt": 0.1, **more})


@pytest.mark.parametrize("model", ["lif_discrete", "nir_cuba_lif"])
def test_a_model_that_no_current_moves_in_proportion_cannot_be_clamped(model):
    with pytest.raises(EquationError, match=f"{model} cannot be clamped"):
        voltage_clamp(model, 0.0, 1.0, 0.1)
