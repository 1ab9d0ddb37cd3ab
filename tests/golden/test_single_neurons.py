"""Single neurons answer as the closed forms and the reference solutions say.

Figures: the closed form for the leaky integrator; for the others adaptive solutions of high order
(relative tolerance 1e-10) with located events, or the published scheme step by step.
Classes: T0 1e-6 relative; T1 (dt <= 0.01 ms) 0.02 ms for first spikes and 0.2 % for steady rates;
T2 (the dt of a live run) 2 %, for Hodgkin-Huxley at 0.025 ms 3 %.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine
from engine import response

ADEX = engine.models()["adex"]["presets"]
IZHIKEVICH = engine.models()["izhikevich"]["presets"]


def rate(answer: engine.response.Response) -> float:
    """Steady rate [Hz]: of the last interval."""
    return 1000.0 / (answer.spike_times[-1] - answer.spike_times[-2])


LIF_A = {"C": 200, "g_L": 10, "E_L": -65, "v_reset": -65, "v_th": -50, "t_ref": 2}
LIF_B = {"C": 250, "g_L": 25, "E_L": -70, "v_reset": -70, "v_th": -55, "t_ref": 2}
LIF_RATES = [
    (LIF_A, 160.0, 17.405903),
    (LIF_A, 200.0, 33.640712),
    (LIF_A, 300.0, 63.040002),
    (LIF_A, 1000.0, 190.462456),
    (LIF_B, 400.0, 33.640712),
    (LIF_B, 1200.0, 174.005811),
]


@pytest.mark.parametrize("dt", [0.01, 0.1])
@pytest.mark.parametrize(("params", "current", "hz"), LIF_RATES)
def test_lif_fires_at_the_closed_form_rate_whatever_the_step(params, current, hz, dt):
    answer = response("lif", current, 1000.0, dt, params=params, interpolate=True)
    assert rate(answer) == pytest.approx(hz, rel=5e-6)


def test_lif_crosses_its_threshold_when_the_closed_form_does():
    answer = response("lif", 200.0, 60.0, 0.1, params=LIF_A, interpolate=True)
    assert answer.spike_times == pytest.approx([27.725887, 57.451774], abs=1e-4)


def test_lif_on_the_grid_waits_for_the_end_of_its_step():
    answer = response("lif", 200.0, 500.0, 0.1, params=LIF_A)
    np.testing.assert_allclose(np.diff(answer.spike_times), 29.8)
    assert answer.spike_times[0] == 27.8


def test_lif_is_silent_at_its_rheobase():
    assert response("lif", 150.0, 5000.0, 0.1, params=LIF_A).spike_times.size == 0


def test_lif_below_threshold_is_exact():
    answer = response("lif", 100.0, 20.0, 0.1, params=LIF_A)
    assert answer.t[0] == 0.0
    assert answer.t[-1] == 20.0
    assert answer.states["v"][0] == -65.0
    assert answer.states["v"][-1] == pytest.approx(-58.67879441, rel=1e-9)


@pytest.mark.parametrize(("hertz", "amplitude"), [(5, 4.23366508), (40, 0.97559931)])
def test_lif_filters_a_sine_as_a_first_order_filter(hertz, amplitude):
    def sine(t: float) -> float:
        return 50.0 * math.sin(2 * math.pi * hertz * t / 1000.0)

    v = response("lif", sine, 1000.0, 0.05, params=LIF_A).states["v"]
    last = v[-int(400 / 0.05) :]
    assert (last.max() - last.min()) / 2 == pytest.approx(amplitude, rel=2e-5)


ADEX_BG05 = [
    (700.0, 9, [24.61126, 63.22078, 142.41549], 128.04235),
    (1000.0, 31, [11.79157, 25.37606], 36.08095),
    (2000.0, 90, [], 12.06942),
]


@pytest.mark.parametrize(("current", "spikes", "first", "last"), ADEX_BG05)
def test_adex_of_brette_and_gerstner(current, spikes, first, last):
    answer = response("adex", current, 1000.0, 0.01, interpolate=True)
    assert answer.spike_times.size == spikes
    assert answer.spike_times[: len(first)] == pytest.approx(first, abs=0.02)
    assert rate(answer) == pytest.approx(1000.0 / last, rel=0.002)


ADEX_PATTERNS = [
    ("tonic", 500.0, 51, [14.22293]),
    ("adaptation", 500.0, 10, [14.90404, 26.17181, 40.54792]),
    ("initial burst", 400.0, 10, [5.46351, 8.8826, 16.20158, 70.94851]),
    ("regular bursting", 210.0, 9, []),
    ("delayed accelerating", 300.0, 36, [33.57374]),
    ("delayed regular bursting", 110.0, 26, [57.17963]),
    ("transient", 180.0, 1, [30.28986]),
    ("irregular", 160.0, None, [15.64459, 19.08972, 23.55756]),
]


@pytest.mark.parametrize(("pattern", "current", "spikes", "first"), ADEX_PATTERNS)
def test_adex_firing_patterns_of_naud(pattern, current, spikes, first):
    answer = response("adex", current, 500.0, 0.01, params=ADEX[pattern], interpolate=True)
    assert answer.spike_times[: len(first)] == pytest.approx(first, abs=0.02)
    if spikes is None:  # chaotic: only its irregularity is a property of the model
        interval = np.diff(answer.spike_times)
        assert interval.std() / interval.mean() > 0.3
    else:
        assert answer.spike_times.size == spikes


def test_adex_bursts_in_doublets():
    answer = response("adex", 210.0, 500.0, 0.01, params=ADEX["regular bursting"], interpolate=True)
    interval = np.diff(answer.spike_times)
    np.testing.assert_allclose(interval[interval < 20][-2:], 5.35, atol=0.02)
    assert answer.spike_times[-1] - answer.spike_times[-3] == pytest.approx(138.53, abs=0.1)


IZHIKEVICH_EXACT = [
    ("RS", 10.0, 23, [3.12706, 26.22602, 71.0571], 44.81241),
    ("RS", 14.0, 32, [], 32.38622),
    ("IB", 10.0, 34, [3.12706, 5.41541, 9.65008, 49.62924], None),
    ("CH", 10.0, 87, [], None),
    ("FS", 10.0, 137, [], 7.34265),
    ("LTS", 10.0, 78, [], 13.37012),
    ("TC", 4.0, 116, [], 8.93505),
    ("RZ", 4.0, 89, [], 11.31905),
]


@pytest.mark.parametrize(("cell", "current", "spikes", "first", "steady"), IZHIKEVICH_EXACT)
def test_izhikevich_equations_solved_accurately(cell, current, spikes, first, steady):
    answer = response(
        "izhikevich", current, 1000.0, 0.01, params=IZHIKEVICH[cell], interpolate=True
    )
    assert answer.spike_times.size == spikes
    assert answer.spike_times[: len(first)] == pytest.approx(first, abs=0.02)
    if steady is not None:
        assert rate(answer) == pytest.approx(1000.0 / steady, rel=0.002)


IZHIKEVICH_PUBLISHED = [
    ("RS", 20, [4, 31, 79, 141, 195, 243]),
    ("IB", 27, [4, 8, 46, 85, 122, 164]),
    ("FS", 63, [4, 11, 22, 34, 58, 71]),
    ("CH", 43, [4, 7, 10, 14, 62, 66]),
    ("LTS", 44, [4, 10, 21, 49, 81, 98]),
]


@pytest.mark.parametrize(("cell", "spikes", "first"), IZHIKEVICH_PUBLISHED)
def test_izhikevich_by_the_published_scheme(cell, spikes, first):
    answer = response(
        "izhikevich", 10.0, 999.0, 1.0, params=IZHIKEVICH[cell], solver="izhikevich_2003"
    )
    assert answer.solver == "izhikevich_2003"
    assert answer.spike_times[: len(first)].tolist() == first
    # The scheme is chaotic: the order of two additions moves the count by one or two.
    assert answer.spike_times.size == pytest.approx(spikes, abs=2)


HODGKIN_HUXLEY = [
    (6.3, 52.370824),
    (7.0, 58.327064),
    (10.0, 68.323699),
    (15.0, 78.649129),
    (20.0, 86.470053),
    (50.0, 117.035988),
]


@pytest.mark.parametrize(("current", "hz"), HODGKIN_HUXLEY)
@pytest.mark.parametrize(("dt", "tolerance"), [(0.01, 0.002), (0.025, 0.03), (0.05, 0.03)])
def test_hodgkin_huxley_rates(current, hz, dt, tolerance):
    answer = response("hodgkin_huxley", current, 1000.0, dt, record=["v"], interpolate=True)
    assert rate(answer) == pytest.approx(hz, rel=tolerance)


@pytest.mark.parametrize(("current", "spikes"), [(2.2, 0), (2.25, 1), (5.0, 1), (6.0, 2), (6.2, 3)])
def test_hodgkin_huxley_below_sustained_firing(current, spikes):
    assert response("hodgkin_huxley", current, 1000.0, 0.01).spike_times.size == spikes


def test_hodgkin_huxley_first_spikes_and_rest():
    answer = response("hodgkin_huxley", 10.0, 1000.0, 0.01, interpolate=True)
    assert answer.spike_times[:3] == pytest.approx([1.818417, 16.717810, 31.365865], abs=0.02)
    assert answer.spike_times.size == 69
    assert answer.states["v"][0] == pytest.approx(-64.99637933, abs=1e-6)


def test_hodgkin_huxley_spike_shape():
    answer = response(
        "hodgkin_huxley", lambda t: 20.0 if t < 1.0 else 0.0, 20.0, 0.01, interpolate=True
    )
    v = answer.states["v"]
    assert answer.spike_times == pytest.approx([1.213807], abs=0.02)
    assert v.max() == pytest.approx(40.504481, abs=0.05)
    assert answer.t[v.argmax()] == pytest.approx(1.5329, abs=0.02)
    assert v.min() == pytest.approx(-76.182358, abs=0.01)
    assert answer.t[v.argmin()] == pytest.approx(4.40405, abs=0.03)
    slope = np.diff(v) / 0.01
    assert slope.max() == pytest.approx(311.4987, rel=0.002)
    assert slope.min() == pytest.approx(-68.958, rel=0.002)


def test_hodgkin_huxley_gates_at_minus_65():
    answer = response("hodgkin_huxley", 0.0, 0.01, 0.01, initial={"v": -65})
    gates = {name: answer.states[name][0] for name in ("m", "h", "n")}
    assert gates == pytest.approx(
        {"m": 0.0529324853, "h": 0.5961207535, "n": 0.3176769141}, rel=1e-6
    )


def test_hodgkin_huxley_anode_break():
    answer = response(
        "hodgkin_huxley", lambda t: -3.0 if t < 50.0 else 0.0, 100.0, 0.01, interpolate=True
    )
    assert answer.spike_times == pytest.approx([57.02777], abs=0.02)
    at_50 = answer.states["v"][5000]
    assert at_50 == pytest.approx(-68.303705, abs=1e-3)


@pytest.mark.parametrize(("celsius", "hz"), [(10.0, 96.315846), (18.5, 188.588709)])
def test_hodgkin_huxley_is_faster_when_warm(celsius, hz):
    params = {"temperature": celsius}
    answer = response("hodgkin_huxley", 10.0, 500.0, 0.01, params=params, interpolate=True)
    assert rate(answer) == pytest.approx(hz, rel=0.002)


def test_hodgkin_huxley_at_25_degrees_fires_once():
    answer = response("hodgkin_huxley", 10.0, 500.0, 0.01, params={"temperature": 25.0})
    assert answer.spike_times.size == 1
