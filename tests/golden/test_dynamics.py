"""Phase planes, bifurcations, f-I curves, impedance and spike shape of the models, in numbers.

The numbers stand in the literature named in each model, or are closed forms.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine
from engine import analysis
from engine.errors import DataError
from engine.models import registry

CLASS_I = registry.neuron_models()["morris_lecar"].presets["class I"]
SCANS = [  # model, parameters, from, to, kind -> (current, membrane) of each bifurcation in order
    ("izhikevich", {}, 0, 10, {"Hopf": [(3.7975, -62.25)], "saddle-node": [(4.0, -60)]}),
    (
        "izhikevich",
        {"b": 0.25},
        -5,
        5,
        {"Hopf": [(0.685, None)], "saddle-node": [(1.015625, None)]},
    ),
    ("izhikevich", {"a": 0.1}, 0, 10, {"Hopf": [(3.9375, None)], "saddle-node": [(4.0, None)]}),
    ("fitzhugh_nagumo", {}, -1, 1, {"Hopf": [(0.331281337, -0.967470930)], "saddle-node": []}),
    (
        "morris_lecar",
        {},
        0,
        300,
        {"Hopf": [(93.8576, -25.27010), (212.0188, 7.80)], "saddle-node": []},
    ),
    ("morris_lecar", CLASS_I, 0, 60, {"saddle-node": [(39.96315, -29.390)]}),
    ("hodgkin_huxley", {}, 0, 100, {"Hopf": [(9.77544, None)], "saddle-node": []}),
    ("traub_miles", {}, -100, 0, {"saddle-node": [(-31.811939, -61.470311)]}),
    ("adex", {}, 0, 1000, {"Hopf": [(627.1825, None)], "saddle-node": [(627.3111, None)]}),
    ("qif", {}, 0, 100, {"saddle-node": [(70.0, -50.0)]}),
    ("eif", {}, 0, 1, {"saddle-node": [(0.162, -59.9)]}),
    ("lif", {}, 0, 200, {"saddle-node": [], "Hopf": []}),
]


@pytest.mark.parametrize(
    ("model", "params", "low", "high", "expected"),
    SCANS,
    ids=[f"{model}-{k}" for k, (model, *_) in enumerate(SCANS)],
)
def test_rest_is_lost_at_the_known_currents(model, params, low, high, expected) -> None:
    scan = analysis.bifurcation_scan(model, low, high, params=params)
    membrane = registry.neuron_models()[model].membrane
    for kind, places in expected.items():
        found = scan.of(kind)
        assert len(found) == len(places), kind
        for change, (current, v) in zip(found, places, strict=True):
            assert change.value == pytest.approx(current, rel=2e-6)
            if v is not None:
                assert change.point.values[membrane] == pytest.approx(v, abs=1e-3)


ML = registry.neuron_models()["morris_lecar"].presets


@pytest.mark.parametrize(
    ("model", "params", "low", "high", "kind", "current"),
    [
        ("morris_lecar", ML["class I"], 0, 60, "SNIC", 39.96315),
        ("morris_lecar", ML["class II"], 0, 150, "subcritical Hopf", 93.8576),
        ("morris_lecar", ML["homoclinic"], 0, 60, "saddle-node", 39.96315),
        ("traub_miles", {}, -100, 0, "SNIC", -31.811939),
        ("hodgkin_huxley", {}, 0, 20, "subcritical Hopf", 9.77544),
        ("fitzhugh_nagumo", {}, -1, 1, "subcritical Hopf", 0.331281337),
        ("qif", {}, 0, 100, "SNIC", 70.0),
        ("eif", {}, 0, 1, "SNIC", 0.162),
        ("izhikevich", {}, 0, 10, "subcritical Hopf", 3.7975),
        ("adex", {}, 500, 700, "subcritical Hopf", 627.1825),
    ],
)
def test_firing_begins_as_the_class_of_the_model_says(model, params, low, high, kind, current):
    onset = analysis.firing_onset(model, low, high, params)
    assert (onset.kind, onset.excitability) == (kind, 1 if kind == "SNIC" else 2)
    assert onset.current == pytest.approx(current, rel=2e-6)


def test_a_rest_that_does_not_end_is_said() -> None:
    with pytest.raises(DataError, match="hodgkin_huxley does not lose its rest between 0 and 5 uA"):
        analysis.firing_onset("hodgkin_huxley", 0, 5)


def test_the_scan_knows_the_unit_and_the_stability_of_every_point() -> None:
    scan = analysis.bifurcation_scan("izhikevich", 0, 10)
    (branch,) = scan.branches
    assert (scan.parameter, scan.unit) == ("current", "1")
    below = branch.parameter < 3.7
    lower = branch.states["v"] < -60
    assert branch.stable[below & lower].all()
    assert not branch.stable[~lower].any()
    assert {kind for kind, low in zip(branch.kinds, lower, strict=True) if not low} == {"saddle"}
    v, u, current = branch.states["v"], branch.states["u"], branch.parameter
    np.testing.assert_allclose(0.04 * v**2 + 5 * v + 140 - u + current, 0, atol=1e-9)
    assert branch.parameter.min() == 0


def test_a_hopf_bifurcation_says_how_fast_and_how_large_the_oscillation_is_born() -> None:
    (hopf,) = analysis.bifurcation_scan("fitzhugh_nagumo", 0, 1).of("Hopf")
    # Trace 0: the frequency is the square root of the determinant.
    v = -math.sqrt(1 - 0.8 * 0.08)
    determinant = (1 - v**2) * -0.064 + 0.08
    assert hopf.frequency == pytest.approx(1000 * math.sqrt(determinant) / (2 * math.pi), rel=1e-6)
    assert hopf.criticality == "subcritical"
    squid = analysis.bifurcation_scan("hodgkin_huxley", 0, 200).of("Hopf")
    assert [change.criticality for change in squid] == ["subcritical", "supercritical"]


def test_the_first_lyapunov_coefficient_has_the_sign_of_the_normal_form() -> None:
    for sign, expected in ((-1, "supercritical"), (1, "subcritical")):
        model = engine.define(
            "normal_form",
            f"""dx/dt = (mu*x - y + {sign}*x*(x*x + y*y) + I)/ms : 1
dy/dt = (x + mu*y + {sign}*y*(x*x + y*y))/ms : 1""",
            parameters={"mu": -0.5},
            initial={"x": 0, "y": 0},
        )
        scan = analysis.bifurcation_scan(
            model, -0.4, 0.5, "mu", ranges={"x": (-0.2, 0.2), "y": (-0.2, 0.2)}
        )
        (hopf,) = scan.of("Hopf")
        assert hopf.value == pytest.approx(0, abs=1e-9)
        assert hopf.criticality == expected
        assert hopf.frequency == pytest.approx(1000 / (2 * math.pi))


def test_a_scan_over_a_parameter_finds_what_a_scan_over_the_current_finds() -> None:
    scan = analysis.bifurcation_scan("fitzhugh_nagumo", 0.01, 2, "eps", current=0.5)
    v = analysis.phase_plane("fitzhugh_nagumo", 0.5).fixed_points[0].values["v"]
    (hopf,) = scan.of("Hopf")
    assert hopf.value == pytest.approx((1 - v * v) / 0.8, rel=1e-8)  # trace 0
    (fold,) = analysis.bifurcation_scan("qif", 0.1, 3, "k", current=70.0).of("saddle-node")
    assert fold.value == pytest.approx(0.7, rel=1e-8)


def test_a_pitchfork_is_a_branch_point_and_no_saddle_node_of_its_own() -> None:
    model = engine.define(
        "pitchfork", "dx/dt = (mu*x - x*x*x + I)/ms : 1", parameters={"mu": 1}, initial={"x": 0}
    )
    scan = analysis.bifurcation_scan(model, -1, 1.1, "mu")
    assert [change.kind for change in scan.bifurcations][:1] == ["branch point"]
    assert scan.bifurcations[0].value == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("model", "current", "kinds"),
    [
        ("fitzhugh_nagumo", 0.5, ["unstable focus"]),
        ("fitzhugh_nagumo", 0.0, ["stable focus"]),
        ("izhikevich", 0.0, ["stable node", "saddle"]),
        ("izhikevich", 3.5, ["stable focus", "saddle"]),
        ("izhikevich", 3.9, ["unstable focus", "saddle"]),
        ("izhikevich", 5.0, []),
        ("adex", 500, ["stable node", "saddle"]),
    ],
)
def test_fixed_points_have_their_names(model: str, current: float, kinds: list[str]) -> None:
    plane = analysis.phase_plane(model, current)
    assert [point.kind for point in plane.fixed_points] == kinds
    assert [point.stable for point in plane.fixed_points] == [
        kind.startswith("stable") for kind in kinds
    ]


@pytest.mark.parametrize(
    ("current", "trace", "determinant"), [(0.5, 0.2882201, 0.0574579), (0.0, -0.5025796, 0.1080691)]
)
def test_the_jacobian_of_fitzhugh_nagumo(current, trace, determinant) -> None:
    (point,) = analysis.phase_plane("fitzhugh_nagumo", current).fixed_points
    assert point.eigenvalues.sum().real == pytest.approx(trace, abs=1e-7)
    assert point.eigenvalues.prod().real == pytest.approx(determinant, abs=1e-7)


def test_rest_of_fitzhugh_nagumo_and_its_nullclines() -> None:
    plane = analysis.phase_plane("fitzhugh_nagumo", 0.25, x_range=(-2.5, 2.5), y_range=(-2, 3))
    (cubic,), (line,) = plane.nullclines["v"], plane.nullclines["w"]
    v, w = cubic.T
    np.testing.assert_allclose(w, v - v**3 / 3 + 0.25, atol=1e-9)
    v, w = line.T
    np.testing.assert_allclose(w, (v + 0.7) / 0.8, atol=1e-9)
    assert len(cubic) > 100
    np.testing.assert_allclose(
        plane.rate_x, plane.grid_x - plane.grid_x**3 / 3 - plane.grid_y + 0.25
    )
    np.testing.assert_allclose(plane.rate_y, 0.08 * (plane.grid_x + 0.7 - 0.8 * plane.grid_y))
    (rest,) = analysis.phase_plane("fitzhugh_nagumo", 0).fixed_points
    assert rest.values["v"] == pytest.approx(-1.199408035, abs=1e-9)
    assert rest.values["w"] == pytest.approx(-0.624260044, abs=1e-9)


def test_rests_of_morris_lecar_and_hindmarsh_rose() -> None:
    for params, v in (({}, -60.855382), (CLASS_I, -59.473998)):
        first = analysis.phase_plane("morris_lecar", 0, params=params).fixed_points[0]
        assert first.values["v"] == pytest.approx(v, abs=1e-6)
        assert first.stable
    (point,) = analysis.fixed_points(analysis.flow("hindmarsh_rose", 1.0))
    assert point.values["x"] == pytest.approx(-1.39437631, abs=1e-8)
    assert point.stable


def test_trajectories_end_on_the_cycle_whose_extrema_are_known() -> None:
    plane = analysis.phase_plane("fitzhugh_nagumo", 0.5)
    t, runs = plane.trajectories([(-1.0, -0.5), (2.0, 1.0)], 300.0, 0.02)
    assert runs.shape == (2, len(t), 2)
    assert runs[:, 0].tolist() == [[-1.0, -0.5], [2.0, 1.0]]
    for run in runs[:, t > 150]:
        assert run.min(0).tolist() == pytest.approx([-1.970407, -0.245742], abs=1e-4)
        assert run.max(0).tolist() == pytest.approx([1.852117, 1.393773], abs=1e-4)


def test_trajectories_are_those_of_the_whole_model_with_its_resets() -> None:
    plane = analysis.phase_plane("izhikevich", 10)
    _, runs = plane.trajectories([(-65.0, -13.0)], 100.0, 0.01)
    whole = engine.response("izhikevich", current=10, duration=100, dt=0.01, solver="rk4")
    np.testing.assert_allclose(runs[0, :, 0], whole.states["v"], atol=1e-9)
    assert len(whole.spike_times) == 3


def test_a_model_of_many_variables_is_reduced_to_two() -> None:
    whole = analysis.fixed_points(analysis.flow("hodgkin_huxley"))[0]
    plane = analysis.phase_plane("hodgkin_huxley", variables=("v", "n"), x_range=(-80, 40))
    assert plane.fixed_points[0].values == pytest.approx(whole.values, abs=1e-9)
    assert whole.values["v"] == pytest.approx(-64.99637933, abs=1e-8)
    assert (plane.x, plane.y) == ("v", "n")
    for line in plane.nullclines["n"]:
        v, n = line.T
        alpha = 0.1 / (np.expm1(-(v + 55) / 10) / (-(v + 55) / 10))
        beta = 0.125 * np.exp(-(v + 65) / 80)
        np.testing.assert_allclose(n, alpha / (alpha + beta), atol=1e-9)
    held = analysis.phase_plane(
        "hodgkin_huxley", variables=("v", "m"), held={"h": 0.5961, "n": 0.3177}, x_range=(-80, 60)
    )
    assert [point.kind for point in held.fixed_points] == ["stable node", "saddle", "stable node"]


def test_the_phase_line_of_one_variable() -> None:
    line = analysis.phase_line("qif", 20.0)
    roots = [-50 - math.sqrt(100 - 20 / 0.7), -50 + math.sqrt(100 - 20 / 0.7)]
    assert [point.values["v"] for point in line.fixed_points] == pytest.approx(roots)
    assert [point.kind for point in line.fixed_points] == ["stable node", "unstable node"]
    np.testing.assert_allclose(line.rate, (0.7 * (line.x + 60) * (line.x + 40) + 20) / 100)
    assert analysis.phase_line("qif", 80.0).fixed_points == ()
    (rest,) = analysis.phase_line("lif", 100.0).fixed_points
    assert rest.values["v"] == pytest.approx(-55)
    assert rest.eigenvalues.tolist() == pytest.approx([-1 / 20])


def test_the_steady_current_of_the_squid_axon() -> None:
    """I_ss(v) = -C dv/dt at steady gates."""
    line = analysis.phase_line("hodgkin_huxley", x_range=(-60, -40), points=2)
    assert (-line.rate).tolist() == pytest.approx([8.8744774, 218.4014491], abs=1e-6)


def test_the_slope_conductance_and_the_resonance_of_the_squid_axon() -> None:
    rest = analysis.linear_impedance("hodgkin_huxley", np.arange(0.0, 200, 1))
    assert 1 / rest[0].real == pytest.approx(1.16689497, abs=1e-8)
    assert 55 < np.argmax(np.abs(rest)) < 80
    lif = analysis.linear_impedance("lif", [5.0, 40.0])
    assert (50 * np.abs(lif)).tolist() == pytest.approx([4.23366508, 0.97559931], abs=1e-8)
    assert -np.angle(lif[0]) == pytest.approx(0.560982, abs=1e-6)


def test_the_amplitude_and_lag_of_a_driven_membrane() -> None:
    for frequency, amplitude in ((5, 4.23366508), (40, 0.97559931)):
        lif = engine.response(
            "lif",
            current=lambda t, f=frequency: 50 * math.cos(2e-3 * math.pi * f * t),
            duration=1200,
            dt=0.05,
        )
        v = analysis.component(lif.states["v"][lif.t > 1000 - 1e-6][:-1], 0.05, frequency)
        assert abs(v) == pytest.approx(amplitude, rel=1e-3)
        lag = math.atan(2e-3 * math.pi * frequency * 20)
        assert -np.angle(v) == pytest.approx(lag, abs=2e-3)


def test_the_shape_of_the_squid_axons_spike() -> None:
    axon = engine.response(
        "hodgkin_huxley", current=lambda t: 20.0 if t < 1 else 0.0, duration=20, dt=0.005
    )
    (shape,) = analysis.spike_shapes(
        axon.t, axon.states["v"], level=-20, onset=50, base=axon.states["v"][0]
    )
    assert shape.time == pytest.approx(1.213807, abs=1e-3)
    assert shape.peak == pytest.approx(40.504481, abs=1e-3)
    assert shape.peak_time == pytest.approx(1.5329, abs=1e-3)
    assert shape.trough == pytest.approx(-76.182358, abs=1e-3)
    assert shape.trough_time == pytest.approx(4.40405, abs=5e-3)
    assert shape.half_level == pytest.approx(-12.246, abs=1e-3)
    assert shape.half_width == pytest.approx(1.47765, abs=1e-3)
    assert shape.max_slope == pytest.approx(311.4987, rel=1e-3)
    assert shape.min_slope == pytest.approx(-68.958, rel=1e-3)
    (at_zero,) = analysis.spike_shapes(axon.t, axon.states["v"], level=0)
    assert at_zero.width == pytest.approx(1.1777, abs=1e-3)


def test_f_i_curves_of_the_models() -> None:
    lif = analysis.f_i_curve("lif", [100, 150, 160, 200, 300, 1000], dt=0.01)
    closed = analysis.lif_rate(np.array([10, 15, 16, 20, 30, 100.0]), t_ref=2.0)
    assert closed.tolist() == pytest.approx(
        [0, 0, 17.405903, 33.640712, 63.040002, 190.462456], rel=1e-6
    )
    np.testing.assert_allclose(lif.rate, closed, rtol=0.002)
    assert lif.latency[3] == pytest.approx(27.725887, abs=0.01)
    assert np.isnan(lif.latency[:2]).all()
    squid = analysis.f_i_curve("hodgkin_huxley", [6.2, 7, 10, 20, 50], dt=0.01)
    np.testing.assert_allclose(
        squid.rate, [0, 58.327064, 68.323699, 86.470053, 117.035988], rtol=5e-4
    )
    assert squid.count.tolist() == [3, 59, 69, 87, 117]
    adex = analysis.f_i_curve("adex", [700, 1000, 2000], dt=0.01)
    assert adex.count.tolist() == [9, 31, 90]
    np.testing.assert_allclose(1000 / adex.rate[1:], [36.08095, 12.06942], rtol=2e-3)
    assert (adex.onset_rate > adex.rate).all()


def test_a_population_of_currents_fires_as_single_neurons_do() -> None:
    currents = [4.0, 10.0, 14.0]
    curve = analysis.f_i_curve("izhikevich", currents, duration=300, dt=0.1)
    for k, current in enumerate(currents):
        alone = engine.response("izhikevich", current=current, duration=300, dt=0.1)
        assert curve.count[k] == len(alone.spike_times)
        if curve.count[k]:
            # The response tells where inside the step the peak was; the curve the step's end.
            assert curve.latency[k] == pytest.approx(alone.spike_times[0], abs=0.1 + 1e-9)


@pytest.mark.parametrize(
    ("model", "options", "expected", "tolerance"),
    [
        ("lif", {}, 150.0, 1e-5),
        ("qif", {"duration": 3000}, 70.0, 5e-3),
        ("hodgkin_huxley", {"duration": 60, "dt": 0.01}, 2.24034, 1e-3),
        ("hodgkin_huxley", {"duration": 30, "dt": 0.01, "pulse": 0.1}, 65.12739, 1e-3),
        ("hodgkin_huxley", {"duration": 30, "dt": 0.01, "pulse": 1.0}, 6.918937, 1e-3),
        ("hodgkin_huxley", {"duration": 30, "dt": 0.01, "pulse": 2.0}, 3.859363, 1e-3),
        ("traub_miles", {"duration": 3000}, -31.811939, 5e-3),
    ],
)
def test_the_rheobase_of_steps_and_pulses(model, options, expected, tolerance) -> None:
    assert analysis.rheobase(model, **options) == pytest.approx(expected, rel=tolerance)


def test_cycles_have_the_known_periods_and_extrema() -> None:
    found = analysis.cycles(
        "fitzhugh_nagumo", [0.0, 0.4, 0.5, 0.8, 1.0], dt=0.02, initial={"v": -1, "w": -0.5}
    )
    assert math.isnan(found.period[0])
    assert found.period[1:].tolist() == pytest.approx(
        [42.443411, 39.474415, 36.518033, 36.698794], rel=1e-5
    )
    assert found.low["v"][2] == pytest.approx(-1.970407, abs=1e-4)
    assert found.high["v"][2] == pytest.approx(1.852117, abs=1e-4)
    assert found.low["w"][2] == pytest.approx(-0.245742, abs=1e-4)
    assert found.high["w"][2] == pytest.approx(1.393773, abs=1e-4)


def test_cycles_along_a_parameter_are_those_of_each_value() -> None:
    values = [0.04, 0.08, 0.16]
    together = analysis.cycles("fitzhugh_nagumo", values, "eps", current=0.5)
    for k, eps in enumerate(values):
        alone = analysis.cycles("fitzhugh_nagumo", [0.5], params={"eps": eps})
        assert together.period[k] == pytest.approx(alone.period[0])
    assert together.period[0] > together.period[1] > together.period[2]


def test_mean_and_rate_under_white_noise() -> None:
    assert analysis.siegert_rate([12, 18, 15], [5, 4, 2]).tolist() == pytest.approx(
        [18.704145, 32.551815, 18.124156], rel=1e-6
    )
    mean, std = analysis.campbell(0.1, 15_000)
    assert (mean, std) == pytest.approx((30.0, 1.2247449), rel=1e-7)
