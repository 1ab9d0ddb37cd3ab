"""Models against their equations written out here by hand and solved by SciPy, and against other
simulators.

Nothing of the engine's language, solvers or declarations takes part in what is expected.  Class T1
(dt 0.01 ms) unless a test says otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy import cosh, exp, expm1, tanh
from scipy.integrate import solve_ivp

import engine
from engine import analysis, response, rules
from engine.models.registry import neuron_models

STAIRS = np.array([0.0, 1.0, -0.5, 1.5, 0.7])  # of the current given for each model
STAIR = 8.0  # ms


def hodgkin_huxley(v: float, m: float, h: float, n: float, I: float) -> list[float]:  # noqa: E741
    a, b = (v + 40) / 10, (v + 55) / 10
    alpha_m, beta_m = a / -expm1(-a), 4 * exp(-(v + 65) / 18)
    alpha_h, beta_h = 0.07 * exp(-(v + 65) / 20), 1 / (1 + exp(-(v + 35) / 10))
    alpha_n, beta_n = 0.1 * b / -expm1(-b), 0.125 * exp(-(v + 65) / 80)
    ionic = 120 * m**3 * h * (v - 50) + 36 * n**4 * (v + 77) + 0.3 * (v + 54.387)
    return [
        I - ionic,
        alpha_m * (1 - m) - beta_m * m,
        alpha_h * (1 - h) - beta_h * h,
        alpha_n * (1 - n) - beta_n * n,
    ]


def traub_miles(v: float, m: float, h: float, n: float, I: float) -> list[float]:  # noqa: E741
    u = v + 63
    alpha_m = 0.32 * (13 - u) / expm1((13 - u) / 4)
    beta_m = 0.28 * (u - 40) / expm1((u - 40) / 5)
    alpha_h, beta_h = 0.128 * exp((17 - u) / 18), 4 / (1 + exp((40 - u) / 5))
    alpha_n, beta_n = 0.032 * (15 - u) / expm1((15 - u) / 5), 0.5 * exp((10 - u) / 40)
    ionic = 10 * (v + 60) + 20_000 * m**3 * h * (v - 50) + 6000 * n**4 * (v + 90)
    return [
        (I - ionic) / 200,
        alpha_m * (1 - m) - beta_m * m,
        alpha_h * (1 - h) - beta_h * h,
        alpha_n * (1 - n) - beta_n * n,
    ]


def morris_lecar(v: float, w: float, I: float) -> list[float]:  # noqa: E741
    open_, steady = (1 + tanh((v + 1.2) / 18)) / 2, (1 + tanh((v - 2) / 30)) / 2
    ionic = 2 * (v + 60) + 4.4 * open_ * (v - 120) + 8 * w * (v + 84)
    return [(I - ionic) / 20, 0.04 * cosh((v - 2) / 60) * (steady - w)]


def fitzhugh_nagumo(v: float, w: float, I: float) -> list[float]:  # noqa: E741
    return [v - v**3 / 3 - w + I, 0.08 * (v + 0.7 - 0.8 * w)]


def hindmarsh_rose(x: float, y: float, z: float, I: float) -> list[float]:  # noqa: E741
    return [y - x**3 + 3 * x**2 - z + I, 1 - 5 * x**2 - y, 0.006 * (4 * (x + 1.6) - z)]


BY_HAND: dict[str, tuple[Callable[..., list[float]], tuple[str, ...], list[float], float]] = {
    "hodgkin_huxley": (hodgkin_huxley, ("v", "m", "h", "n"), [-65, 0.1, 0.5, 0.3], 12.0),
    "traub_miles": (traub_miles, ("v", "m", "h", "n"), [-70, 0.05, 0.9, 0.1], 300.0),
    "morris_lecar": (morris_lecar, ("v", "w"), [-50, 0.1], 100.0),
    "fitzhugh_nagumo": (fitzhugh_nagumo, ("v", "w"), [-1, -0.5], 0.8),
    "hindmarsh_rose": (hindmarsh_rose, ("x", "y", "z"), [-1.6, -12, 2], 3.0),
}


@pytest.mark.parametrize("model", BY_HAND)
def test_a_model_moves_as_its_equations_written_by_hand(model: str) -> None:
    rates, names, start, strength = BY_HAND[model]
    dt, y, expected = 0.01, np.array(start, float), [np.array(start, float)[:, None]]
    for current in strength * STAIRS:
        times = np.arange(1, round(STAIR / dt) + 1) * dt
        found = solve_ivp(
            lambda _, y, current=current: rates(*y, current), (0, STAIR), y, "DOP853",
            times, rtol=1e-11, atol=1e-12,
        )  # fmt: skip
        expected.append(found.y)
        y = found.y[:, -1]
    trace = np.repeat(strength * STAIRS, round(STAIR / dt))
    initial = dict(zip(names, start, strict=True))
    answer = response(model, trace, STAIR * len(STAIRS), dt, initial=initial)
    assert answer.spike_times.size > 0 or model == "hindmarsh_rose"
    for name, values in zip(names, np.concatenate(expected, axis=1), strict=True):
        slack = 5e-5 * np.ptp(values)  # the steepest upstroke is 950 mV/ms
        np.testing.assert_allclose(answer.states[name], values, rtol=0, atol=slack, err_msg=name)


def test_adex_spikes_when_those_of_nest_do() -> None:
    """NEST 3.10.0, aeif_psc_exp, dt 0.01 ms, V_peak 0: stamps at the end of a step."""
    driven = response("adex", 1000.0, 90.0, 0.01, interpolate=True).spike_times
    assert driven[:5] == pytest.approx([11.80, 25.38, 41.20, 59.78, 81.65], abs=0.011)
    adapting = response("adex", preset="adaptation", dt=0.01, interpolate=True).spike_times
    assert adapting[:5] == pytest.approx([14.91, 26.18, 40.55, 60.16, 89.59], abs=0.011)


def test_a_peak_cut_at_minus_40_mv_moves_the_first_spike_of_adex_by_a_twentieth_of_a_ms() -> None:
    late, early = (
        response("adex", 1000.0, 15.0, params={"v_peak": v}, solver="adaptive").spike_times[0]
        for v in (0, -40)
    )
    assert late - early == pytest.approx(0.05, abs=0.005)


def test_the_irregular_pattern_of_naud_has_intervals_of_every_length() -> None:
    answer = response("adex", preset="irregular", solver="adaptive")
    assert answer.spike_times.size == pytest.approx(28, abs=1)
    intervals = np.diff(answer.spike_times)
    assert (intervals.min(), intervals.max()) == pytest.approx((3.4, 38.4), abs=0.1)


@pytest.mark.parametrize(
    ("current", "hz"), [(7, 58.326653), (10, 68.317912), (20, 86.478327), (50, 117.016469)]
)
def test_hodgkin_huxley_fires_as_in_neuron(current: float, hz: float) -> None:
    """NEURON 9.0.2, CVode with absolute tolerance 1e-9."""
    spikes = response("hodgkin_huxley", current, 1000.0, 0.01, interpolate=True).spike_times
    assert 1000 / np.diff(spikes)[-1] == pytest.approx(hz, rel=5e-4)


@pytest.mark.parametrize(
    ("celsius", "phi"), [(6.3, 1.0), (10, 1.501533), (18.5, 3.820216), (16.3, 3.0)]
)
def test_ten_degrees_make_gates_three_times_as_fast(celsius: float, phi: float) -> None:
    params = {"temperature": celsius}
    answer = response("hodgkin_huxley", 0.0, 0.1, 0.01, params=params, record=["phi", "beta_h"])
    assert answer.states["phi"][0] == pytest.approx(phi, rel=1e-6)
    at_rest = 1 / (1 + math.exp(-(-64.99637933 + 35) / 10))
    assert answer.states["beta_h"][0] == pytest.approx(phi * at_rest, rel=1e-6)


@pytest.mark.parametrize("aside", [0.0, 1e-13, 1e-9, -1e-9, 1e-4])
def test_rates_have_their_limits_where_they_are_0_over_0(aside: float) -> None:
    """alpha_m is 1 at -40 mV and alpha_n 0.1 at -55 mV, with half of the slope beside it."""
    for volts, name, value in ((-40.0, "alpha_m", 1.0), (-55.0, "alpha_n", 0.1)):
        initial, record = {"v": volts + aside}, [name]
        answer = response("hodgkin_huxley", 0.0, 0.01, 0.01, initial=initial, record=record)
        assert answer.states[name][0] == pytest.approx(value * (1 + aside / 20), rel=1e-9)
    for above, name, value in ((13, "alpha_m", 1.28), (40, "beta_m", 1.4), (15, "alpha_n", 0.16)):
        initial = {"v": -63.0 + above + aside}
        answer = response("traub_miles", 0.0, 0.01, 0.01, initial=initial, record=[name])
        assert answer.states[name][0] == pytest.approx(value, rel=1e-4)


@pytest.mark.parametrize(("cell", "rest"), [("RS", -70.0), ("LTS", -64.41391), ("RZ", -62.5)])
def test_izhikevich_s_cells_rest_at_the_lower_root(cell: str, rest: float) -> None:
    answer = response(
        "izhikevich", 0.0, 100.0, 0.1, preset=cell, initial={"v": "rest", "u": "rest"}
    )
    b = neuron_models()["izhikevich"].presets[cell]["b"]
    assert rest == pytest.approx((b - 5 - math.sqrt((5 - b) ** 2 - 22.4)) / 0.08, abs=1e-5)
    assert answer.states["v"] == pytest.approx(rest, abs=1e-5)
    assert answer.states["u"] == pytest.approx(b * rest, abs=1e-5)


@pytest.mark.parametrize("cell", ["RS", "IB", "CH", "FS", "LTS", "TC", "RZ"])
def test_izhikevich_s_cells_lose_their_rest_where_the_trace_or_the_roots_vanish(cell: str) -> None:
    params = neuron_models()["izhikevich"].presets[cell]
    a, b = params["a"], params["b"]
    v = (a - 5) / 0.08
    scan = analysis.bifurcation_scan("izhikevich", -2, 6, params=params)
    (hopf,), (fold,) = scan.of("Hopf"), scan.of("saddle-node")
    assert hopf.value == pytest.approx(b * v - 0.04 * v * v - 5 * v - 140, abs=1e-6)
    assert fold.value == pytest.approx((5 - b) ** 2 / 0.16 - 140, abs=1e-6)


def test_the_upper_hopf_bifurcations() -> None:
    """FitzHugh-Nagumo in closed form: v = +sqrt(1 - b eps); Hodgkin-Huxley near 154.5 uA/cm^2
    (Rinzel & Miller 1980, Math. Biosci. 49:27)."""
    v = math.sqrt(1 - 0.8 * 0.08)
    _, upper = analysis.bifurcation_scan("fitzhugh_nagumo", 0, 3).of("Hopf")
    assert upper.value == pytest.approx((v + 0.7) / 0.8 - v + v**3 / 3, rel=1e-9)
    _, squid = analysis.bifurcation_scan("hodgkin_huxley", 0, 200).of("Hopf")
    assert squid.value == pytest.approx(154.5, abs=0.1)


def test_between_its_fold_of_cycles_and_its_hopf_bifurcation_morris_lecar_has_two_answers() -> None:
    rest = analysis.phase_plane("morris_lecar", 91.0).fixed_points[0]
    assert rest.stable
    still = response("morris_lecar", 91.0, 2000.0, 0.05, initial=rest.values).spike_times
    moving = response("morris_lecar", 91.0, 2000.0, 0.05).spike_times
    assert (still.size, moving[-1] > 1900) == (0, True)


def test_the_squid_axon_is_bistable_from_6_26_to_9_78() -> None:
    plane = analysis.fixed_points(analysis.flow("hodgkin_huxley", 8.0))[0]
    assert plane.stable
    still = response("hodgkin_huxley", 8.0, 500.0, 0.01, initial=plane.values).spike_times
    moving = response("hodgkin_huxley", 8.0, 500.0, 0.01).spike_times
    assert (still.size, moving[-1] > 480) == (0, True)


def test_a_second_pulse_is_refused_soon_after_a_spike_and_answered_later() -> None:
    """20 uA/cm^2 for 1 ms, twice: in between it is the solution by hand that decides."""

    def crossings(gap: float) -> int:
        y, count = np.array([-64.99637933, 0.05295, 0.5960, 0.31773]), 0
        pieces = [(20.0, 1.0), (0.0, gap - 1), (20.0, 1.0), (0.0, 10.0)]
        for current, lasting in pieces:
            times = np.linspace(0, lasting, 400)
            found = solve_ivp(
                lambda _, y, current=current: hodgkin_huxley(*y, current), (0, lasting), y,
                "LSODA", times, rtol=1e-9, atol=1e-10,
            )  # fmt: skip
            above = found.y[0] >= -20
            count, y = count + int((~above[:-1] & above[1:]).sum()), found.y[:, -1]
        return count

    def ours(gap: float) -> int:
        def pulses(t: float) -> float:
            return 20.0 if t < 1 or gap < t < gap + 1 else 0.0

        return response("hodgkin_huxley", pulses, gap + 11, 0.01).spike_times.size

    gaps = [4.0, 7.0, 10.0, 16.0, 22.0]
    assert [ours(gap) for gap in gaps] == [crossings(gap) for gap in gaps]
    assert (ours(4.0), ours(22.0)) == (1, 2)


@pytest.mark.parametrize(
    ("rise", "decay", "factor"), [(0.5, 5.0, 1.43505518), (2, 100, 1.10521503)]
)
def test_the_area_of_a_biexponential(rise: float, decay: float, factor: float) -> None:
    net = engine.Network("area", dt=0.02, precision="float64")
    cell = net.population("cell", 1, "lif", ports={"syn": "biexp_current"}, v_th=200,
                          tau_rise_syn=rise, tau_decay_syn=decay)  # fmt: skip
    source = net.source("source", "spike_times", times=[1.0])
    net.connect(source, cell, rules.one_to_one(), 3.0, delay=1.0, port="syn")
    net.record(cell, "I_syn")
    t, current = net.simulate(15 * decay)["cell"].trace("I_syn")
    assert np.trapezoid(current[:, 0], t) == pytest.approx(3 * factor * (decay - rise), rel=5e-5)


def test_while_v_is_held_everything_else_goes_on() -> None:
    """Adaptation relaxes towards that of the held potential, and arriving current decays."""
    held = {"t_ref": 30, "v_reset": -60}
    answer = response("adex", 1000.0, 45.0, 0.01, params=held)
    spike = round(answer.spike_times[0] / 0.01)
    v, w = (answer.states[name][spike : spike + 3000] for name in "vw")
    assert set(v) == {-60.0}
    t, level = np.arange(3000) * 0.01, 4 * (-60 + 70.6)
    assert w == pytest.approx(level + (w[0] - level) * np.exp(-t / 144), rel=1e-7)
    initial = {"I_exc": 300.0, "v": -50.5}
    answer = response("lif", 300.0, 20.0, 0.1, params={"t_ref": 15}, initial=initial)
    assert set(answer.states["v"][20:100]) == {-65.0}
    assert answer.states["I_exc"] == pytest.approx(300 * np.exp(-answer.t / 5), rel=1e-9)


@pytest.mark.parametrize(("current", "roots"), [(0.1, 2), (0.17, 0)])
def test_where_the_phase_line_of_the_exponential_integrator_crosses_zero(current, roots) -> None:
    from scipy.optimize import brentq

    def rate(v: float) -> float:
        return 0.1 * (-65 - v) + 0.1 * 3.48 * math.exp((v + 59.9) / 3.48) + current

    found = analysis.phase_line("eif", current).fixed_points
    assert [point.stable for point in found] == [True, False][:roots]
    expected = [brentq(rate, -80, -59.9), brentq(rate, -59.9, -40)] if roots else []
    assert [point.values["v"] for point in found] == pytest.approx(expected, abs=1e-8)
