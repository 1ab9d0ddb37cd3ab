"""The adaptive solver gives the reference numbers, and the solvers of networks come near to it.

Catalogue A5, A7, A11, A12: solutions by DOP853, relative tolerance 1e-10, located events.
"""

from __future__ import annotations

import numpy as np
import pytest

from engine import response
from engine.errors import EquationError

REFERENCE = [
    ("lif", 200.0, 100.0, [27.72588722, 57.45177445, 87.17766167]),
    ("adex", 700.0, 150.0, [24.61126, 63.22078, 142.41549]),
    ("adex", 1000.0, 30.0, [11.79157, 25.37606]),
    ("izhikevich", 10.0, 80.0, [3.12706, 26.22602, 71.0571]),
    ("hodgkin_huxley", 10.0, 40.0, [1.818417, 16.717810, 31.365865]),
    ("traub_miles", 200.0, 20.0, [8.20203]),
    ("morris_lecar", 100.0, 20.0, [16.01897]),
]


@pytest.mark.parametrize(("model", "current", "duration", "spikes"), REFERENCE)
def test_reference_spikes(model, current, duration, spikes):
    answer = response(model, current, duration, solver="adaptive")
    assert answer.solver == "adaptive"
    assert answer.spike_times == pytest.approx(spikes, abs=1e-5)


@pytest.mark.parametrize("model", ["lif", "adex", "qif", "morris_lecar", "lif_adaptive_current"])
def test_the_trace_between_spikes_is_that_of_short_steps(model):
    current = {"lif": 160.0, "qif": 69.0, "morris_lecar": 80.0}.get(model, 500.0)
    mine = response(model, current, 30.0, 0.1, solver="adaptive")
    other = response(model, current, 30.0, 0.01, interpolate=True)
    before = slice(0, 1 + int(min([30.0, *mine.spike_times]) / 0.1))
    for name, values in mine.states.items():
        np.testing.assert_allclose(values[before], other.states[name][::10][before], atol=2e-6)


def test_a_sine_acts_as_it_does_in_the_other_solvers():
    def sine(t: float) -> float:
        return 200.0 + 100.0 * np.sin(2 * np.pi * t / 25.0)

    mine = response("lif", sine, 100.0, 0.1, solver="adaptive")
    other = response("lif", sine, 100.0, 0.1, interpolate=True)
    assert mine.spike_times == pytest.approx(other.spike_times, abs=2e-4)
    np.testing.assert_allclose(mine.states["v"][:200], other.states["v"][:200], atol=1e-8)


def test_refractoriness_holds_the_potential_for_exactly_its_time():
    params = {"t_ref": 3.217}
    answer = response("lif", 300.0, 100.0, params=params, solver="adaptive")
    charge = 20 * np.log(30 / 15)
    assert np.diff(answer.spike_times) == pytest.approx(charge + 3.217, rel=1e-8)


def test_a_neuron_that_starts_above_its_threshold_fires_at_once():
    answer = response("lif", 0.0, 5.0, initial={"v": -40}, solver="adaptive")
    assert answer.spike_times.tolist() == [0.0]
    assert answer.states["v"][-1] == pytest.approx(-65.0)


def test_the_peak_may_lie_where_time_cannot_be_resolved():
    peaks = [
        response("adex", 1000.0, 60.0, params={"v_peak": v}, solver="adaptive").spike_times
        for v in (0, 20, 50)
    ]
    for spikes in peaks[1:]:
        assert spikes == pytest.approx(peaks[0], abs=1e-5)


def test_it_is_not_for_equations_that_are_steps():
    with pytest.raises(EquationError, match="no solver `adaptive`: its equations are steps"):
        response("if_discrete", 1.0, 10.0, 1.0, solver="adaptive")
