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


def test_lif_lags_behind_a_sine_by_the_phase_of_a_first_order_filter():
    turn = 2 * math.pi * 5 / 1000.0
    answer = response("lif", lambda t: 50.0 * math.sin(turn * t), 1000.0, 0.05, params=LIF_A)
    t, v = answer.t[-8001:-1], answer.states["v"][-8001:-1]  # two whole periods
    lag = math.atan2(-np.sum(v * np.cos(turn * t)), np.sum(v * np.sin(turn * t)))
    assert lag == pytest.approx(0.560982, abs=1e-4)


@pytest.mark.parametrize(("comparison", "first"), [("v >= v_th", 4.0), ("v > v_th", 5.0)])
def test_a_threshold_that_is_met_exactly_counts_as_it_is_written(comparison, first):
    counter = engine.define(
        "counter", "dv/dt = I/C : mV", comparison, "v = 0*mV", {"C": "1 pF", "v_th": "1 mV"}
    )
    answer = response(counter, 0.25, 20.0, 1.0)
    assert answer.spike_times[0] == first


def test_lif_fires_when_it_meets_its_threshold_exactly():
    params = {"C": 1, "g_L": 1e-3, "E_L": 0, "v_th": 16, "v_reset": 0, "t_ref": 0}
    answer = response("lif", 0.0, 1.0, 1.0, params=params, initial={"v": 16})
    assert answer.spike_times.size == 0  # the leak has taken it below by the end of the step
    held = engine.define("held", "dv/dt = 0*mV/ms : mV", "v >= v_th", "v = 0*mV", {"v_th": "16 mV"})
    assert response(held, 0.0, 3.0, 1.0, initial={"v": 16}).spike_times.tolist() == [1.0]


@pytest.mark.parametrize(
    ("pattern", "current", "place", "interval"),
    [
        ("tonic", 500.0, -1, 9.58525),
        ("adaptation", 500.0, 0, 11.2678),
        ("adaptation", 500.0, -1, 75.8971),
        ("initial burst", 400.0, -1, 63.952),
        ("delayed accelerating", 300.0, 0, 20.59),
        ("delayed accelerating", 300.0, -1, 10.70),
    ],
)
def test_adex_intervals_of_naud(pattern, current, place, interval):
    answer = response("adex", current, 500.0, 0.01, params=ADEX[pattern], interpolate=True)
    assert np.diff(answer.spike_times)[place] == pytest.approx(interval, rel=0.001)


def test_adex_bursts_are_a_pause_apart():
    params = ADEX["delayed regular bursting"]
    answer = response("adex", 110.0, 500.0, 0.01, params=params, interpolate=True)
    assert np.diff(answer.spike_times).max() == pytest.approx(57.137, abs=0.06)


@pytest.mark.parametrize("dt", [0.02, 0.05, 0.1])
def test_adex_fires_as_often_on_a_coarse_grid(dt):
    counts = [response("adex", pA, 1000.0, dt).spike_times.size for pA in (700.0, 1000.0, 2000.0)]
    assert counts == [9, 31, 90]


@pytest.mark.parametrize("v_peak", [0.0, 20.0])
def test_adex_does_not_depend_on_where_above_zero_its_spike_is_cut(v_peak):
    params = {"v_peak": v_peak}
    answer = response("adex", 1000.0, 100.0, 0.01, params=params, interpolate=True)
    assert answer.spike_times[:2] == pytest.approx([11.79157, 25.37606], abs=0.001)


@pytest.mark.parametrize(("cell", "rest"), [("RS", -70.0), ("LTS", -64.41391), ("RZ", -62.5)])
def test_izhikevich_rests_where_the_equations_say(cell, rest):
    answer = response("izhikevich", 0.0, 3000.0, 0.1, params=IZHIKEVICH[cell])
    assert answer.states["v"][-1] == pytest.approx(rest, abs=1e-5)


@pytest.mark.parametrize(("cell", "hopf"), [("RS", 3.7975), ("LTS", 0.685), ("FS", 3.9375)])
def test_izhikevich_fires_beyond_its_hopf_bifurcation(cell, hopf):
    below, above = (
        response("izhikevich", hopf + more, 10_000.0, 0.1, params=IZHIKEVICH[cell]).spike_times
        for more in (-0.1, 0.15)
    )
    assert below[below > 1000].size == 0  # the step itself may make it fire once
    assert above[above > 9000].size > 3


@pytest.mark.parametrize(
    ("width", "threshold"), [(0.1, 65.12739), (1.0, 6.918937), (2.0, 3.859363)]
)
def test_hodgkin_huxley_pulse_thresholds(width, threshold):
    def spikes(amplitude: float) -> int:
        current = np.where(np.arange(4000) * 0.01 < width - 1e-9, amplitude, 0.0)
        return response("hodgkin_huxley", current, 40.0, 0.01, record=["v"]).spike_times.size

    assert (spikes(threshold * 0.9999), spikes(threshold * 1.0001)) == (0, 1)


@pytest.mark.parametrize(
    ("below", "above", "duration", "spikes"),
    [(2.2400, 2.2407, 60.0, 1), (6.2595, 6.2610, 1000.0, 50)],
)
def test_hodgkin_huxley_rheobases(below, above, duration, spikes):
    """Of one spike (2.24034 uA/cm^2), and of firing on from a step at rest (6.2603)."""
    counts = [
        response("hodgkin_huxley", current, duration, 0.01, record=["v"]).spike_times.size
        for current in (below, above)
    ]
    assert counts[0] < spikes <= counts[1]


def test_hodgkin_huxley_stops_firing_after_eight_spikes_and_loses_height_when_driven_hard():
    assert response("hodgkin_huxley", 6.25, 1000.0, 0.01, record=["v"]).spike_times.size == 8
    assert response("hodgkin_huxley", 100.0, 1000.0, 0.01, record=["v"]).spike_times.size == 6


def test_hodgkin_huxley_stands_still_where_the_steady_current_balances():
    for volts, current, steps in ((-60.0, 8.8744774, 1000), (-40.0, 218.4014491, 20)):
        initial = {"v": volts}
        answer = response("hodgkin_huxley", current, steps / 100, 0.01, initial=initial)
        assert answer.states["v"][-1] == pytest.approx(volts, abs=1e-5)
    weak = response("hodgkin_huxley", 1e-4, 300.0, 0.01).states["v"]
    assert 1e-4 / (weak[-1] - weak[0]) == pytest.approx(1.16689497, rel=1e-4)


def test_hodgkin_huxley_spike_widths():
    current = np.where(np.arange(1000) < 100, 20.0, 0.0)
    answer = response("hodgkin_huxley", current, 10.0, 0.01, record=["v"])
    t, v = answer.t, answer.states["v"]
    for level, width in ((-12.246, 1.47765), (0.0, 1.1777)):
        inside = np.nonzero(v >= level)[0]
        up, down = (
            np.interp(level, v[[place, place + 1]][::order], t[[place, place + 1]][::order])
            for place, order in ((inside[0] - 1, 1), (inside[-1], -1))
        )
        assert down - up == pytest.approx(width, abs=0.001)


@pytest.mark.parametrize(
    ("E_L", "rest"), [(-54.4, -64.99972), (-54.3, -64.97405), (-54.402, -65.00024)]
)
def test_hodgkin_huxley_rests_lower_or_higher_with_its_leak(E_L, rest):
    answer = response("hodgkin_huxley", 0.0, 0.1, 0.01, params={"E_L": E_L})
    assert answer.states["v"][0] == pytest.approx(rest, abs=1e-5)


def test_hodgkin_huxley_gates_at_zero():
    answer = response("hodgkin_huxley", 0.0, 0.01, 0.01, initial={"v": 0})
    gates = {name: answer.states[name][0] for name in ("m", "h", "n")}
    expected = {"m": 0.9741586073, "h": 0.0027883594, "n": 0.9087278280}
    assert gates == pytest.approx(expected, rel=1e-7)


def test_hodgkin_huxley_breaks_from_a_deeper_anode_sooner():
    current = np.where(np.arange(10_000) < 5000, -10.0, 0.0)
    answer = response("hodgkin_huxley", current, 100.0, 0.01, interpolate=True)
    assert answer.spike_times == pytest.approx([55.65883], abs=0.02)


@pytest.mark.parametrize(
    ("current", "first", "hz"),
    [
        (0.0, 37.87223, 13.85484),
        (100.0, 12.7529, 31.59151),
        (200.0, 8.20203, 45.9584),
        (500.0, 4.30203, 82.77918),
    ],
)
def test_traub_miles_rates_and_first_spikes(current, first, hz):
    answer = response("traub_miles", current, 1000.0, 0.01, interpolate=True)
    assert answer.spike_times[0] == pytest.approx(first, abs=0.001)
    assert rate(answer) == pytest.approx(hz, rel=1e-4)


def test_traub_miles_is_silent_only_below_its_saddle_node():
    assert response("traub_miles", -35.0, 1000.0, 0.01).spike_times.size == 0
    rest = response("traub_miles", -50.0, 500.0, 0.01).states["v"][-1]
    assert rest == pytest.approx(-64.764629, abs=1e-5)
