"""FitzHugh-Nagumo, Morris-Lecar and Hindmarsh-Rose against accurate solutions.

Catalogue A8, A9, A10 and F.  T1: first spikes within 0.02 ms, rates within 0.2 %.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import engine
from engine import response
from engine.equations.algebra import derivative
from engine.equations.analysis import whole_derivative
from engine.equations.constants import coherent
from engine.equations.evaluate import evaluate
from engine.models.registry import neuron_models

FINE: dict[str, Any] = {"dt": 0.01, "interpolate": True}
START = {"v": -1, "w": -0.5}


def rate(answer: engine.response.Response) -> float:
    """Of the last interval [Hz]."""
    return 1000.0 / float(np.diff(answer.spike_times)[-1])


@pytest.mark.parametrize(
    ("current", "period"),
    [(0.5, 39.474415), (0.4, 42.443411), (0.8, 36.518033), (1.0, 36.698794), (0.35, 45.610501)],
)
def test_fitzhugh_nagumo_periods(current, period):
    for how in (FINE, {"dt": 0.05, "interpolate": True}, {"solver": "adaptive"}):
        answer = response("fitzhugh_nagumo", current, 400.0, initial=START, **how)
        assert np.diff(answer.spike_times)[-1] == pytest.approx(period, rel=2e-5)


def test_fitzhugh_nagumo_limit_cycle():
    states = response("fitzhugh_nagumo", 0.5, 400.0, initial=START, **FINE).states
    v, w = states["v"][20_000:], states["w"][20_000:]
    assert (v.min(), v.max()) == pytest.approx((-1.970407, 1.852117), abs=1e-5)
    assert (w.min(), w.max()) == pytest.approx((-0.245742, 1.393773), abs=1e-5)


@pytest.mark.parametrize(("kick", "peak"), [(0.55, -0.45897), (0.56, 1.64032), (0.8, 1.77076)])
def test_fitzhugh_nagumo_answers_a_kick_nearly_all_or_none(kick, peak):
    rest = response("fitzhugh_nagumo", 0.0, 1.0).states
    assert rest["v"][0] == pytest.approx(-1.199408035, abs=1e-8)
    assert rest["w"][0] == pytest.approx(-0.624260044, abs=1e-8)
    answer = response("fitzhugh_nagumo", 0.0, 60.0, 0.01, initial={"v": rest["v"][0] + kick,
                                                                  "w": rest["w"][0]})  # fmt: skip
    assert answer.states["v"][1:].max() == pytest.approx(peak, abs=2e-5)


@pytest.mark.parametrize(
    ("current", "trace", "determinant"), [(0.5, 0.2882201, 0.0574579), (0.0, -0.5025796, 0.1080691)]
)
def test_fitzhugh_nagumo_loses_stability_through_a_focus(current, trace, determinant):
    """The Jacobian at the fixed point, from the equations' own derivatives."""
    system = neuron_models()["fitzhugh_nagumo"].compose({})
    v = min(np.roots([1 / 3, 0, 1 / 0.8 - 1, 0.7 / 0.8 - current]), key=lambda r: abs(r.imag)).real
    at = dict(coherent(system.parameters.values(), {}, 1)) | {"v": v, "w": (v + 0.7) / 0.8}
    at |= {"in_current": current, "in_exc": 0.0, "in_inh": 0.0, "I_exc": 0.0, "I_inh": 0.0}
    rates = [whole_derivative(system, state) for state in ("v", "w")]
    assert [evaluate(rate, at) for rate in rates] == pytest.approx([0, 0], abs=1e-12)
    (a, b), (c, d) = (
        [float(evaluate(derivative(rate, state), at)) for state in ("v", "w")] for rate in rates
    )
    assert (a + d, a * d - b * c) == pytest.approx((trace, determinant), abs=1e-7)


@pytest.mark.parametrize(("current", "firing"), [(0.3, 0), (0.36, 1)])
def test_fitzhugh_nagumo_oscillates_beyond_its_hopf_bifurcation(current, firing):
    late = response("fitzhugh_nagumo", current, 3000.0).spike_times
    assert bool((late > 2000).any()) == bool(firing)


MORRIS_LECAR = [
    ("class II", 90, 9.734523),
    ("class II", 100, 11.724616),
    ("class II", 150, 15.114473),
    ("class I", 40, 1.059701),
    ("class I", 42, 6.875368),
    ("class I", 50, 13.237403),
    ("class I", 100, 23.768359),
    ("homoclinic", 40, 41.601216),
]


@pytest.mark.parametrize(("preset", "current", "hz"), MORRIS_LECAR)
def test_morris_lecar_rates(preset, current, hz):
    assert rate(response("morris_lecar", current, 3000.0, preset=preset, dt=0.05,
                         interpolate=True)) == pytest.approx(hz, rel=0.002)  # fmt: skip
    assert rate(response("morris_lecar", current, 3000.0, preset=preset)) == pytest.approx(
        hz, rel=0.02
    )


@pytest.mark.parametrize(("preset", "rest"), [("class II", -60.855382), ("class I", -59.473998)])
def test_morris_lecar_rests(preset, rest):
    answer = response("morris_lecar", 0.0, 1.0, preset=preset)
    assert answer.states["v"] == pytest.approx(rest, abs=1e-6)


def test_morris_lecar_of_class_ii_fires_once_or_at_a_finite_rate():
    once = response("morris_lecar", 88, 1000.0, **FINE).spike_times
    assert once == pytest.approx([20.109], abs=0.02)
    again = response("morris_lecar", 100, 200.0, **FINE).spike_times
    assert again[0] == pytest.approx(16.01897, abs=0.001)


def test_morris_lecar_of_class_i_fires_as_slowly_as_one_likes():
    assert response("morris_lecar", 39.9, 3000.0, preset="class I").spike_times.size == 0
    hz = rate(response("morris_lecar", 42, 1000.0, preset="class I"))
    assert hz / np.sqrt(42 - 39.96315) == pytest.approx(4.82, abs=0.01)


def test_morris_lecar_homoclinic_stops_after_eight_spikes():
    answer = response("morris_lecar", 45, 2000.0, preset="homoclinic", dt=0.05)
    assert answer.spike_times.size == 8
    assert np.ptp(answer.states["v"][-100:]) < 1e-3


@pytest.mark.parametrize(
    ("current", "intervals", "within"),
    [
        (1.5, [149.5264], 0.002),
        (2.0, [14.8065, 113.6983], 0.002),
        (2.5, [12.08, 17.37, 94.65], 0.01),
        (4.0, [20.1279], 0.002),
    ],
)
def test_hindmarsh_rose_bursts(current, intervals, within):
    spikes = response("hindmarsh_rose", current, 2500.0, 0.02, interpolate=True).spike_times
    last = np.sort(np.diff(spikes)[-len(intervals) :])
    assert last == pytest.approx(intervals, abs=within)


def test_hindmarsh_rose_is_silent_at_a_fixed_point_that_does_not_depend_on_r():
    for r in (0.006, 0.005):
        answer = response("hindmarsh_rose", 1.0, 6000.0, 0.05, params={"r": r})
        assert answer.states["x"][-1] == pytest.approx(-1.39437631, abs=1e-7)
        assert answer.spike_times[answer.spike_times > 1000].size == 0


@pytest.mark.parametrize("current", [3.0, 3.25])
def test_hindmarsh_rose_bursts_irregularly(current):
    answer = response("hindmarsh_rose", current, 3000.0, 0.02)
    intervals = np.diff(answer.spike_times)
    assert intervals.std() / intervals.mean() > 0.5
    assert np.abs(answer.states["x"]).max() < 3
