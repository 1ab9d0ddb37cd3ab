"""Analysis of models: what is asked for is there, what cannot be done is said in a sentence."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import engine
from engine import analysis
from engine.analysis.equilibria import stability
from engine.errors import WorkbenchError
from engine.models import registry
from engine.models.declaration import NeuronModel

DOCS = Path(__file__).parents[3] / "docs"
CONTINUOUS = sorted(
    name for name, model in registry.neuron_models().items() if not model.compose().updates
)


def test_every_public_name_is_there_and_has_a_place_in_the_documentation() -> None:
    page = (DOCS / "analysis.md").read_text()
    for name in analysis.__all__:
        assert getattr(analysis, name).__doc__
        assert re.search(rf"\b{name}\b", page), name
    assert set(analysis.__all__) <= set(dir(analysis))
    with pytest.raises(AttributeError, match="no attribute 'speed'"):
        analysis.speed  # noqa: B018


def test_names_are_the_functions_whatever_was_imported_before() -> None:
    code = (
        "import importlib, pkgutil, engine.analysis as a\n"
        "for module in pkgutil.iter_modules(a.__path__):\n"
        "    importlib.import_module(f'{a.__name__}.{module.name}')\n"
        "print([n for n in a.__all__ if not callable(getattr(a, n))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_measures_of_arrays_load_neither_scipy_nor_a_compiler() -> None:
    code = (
        "import sys; from engine import analysis; analysis.van_rossum([1], [2]);"
        "analysis.power_spectrum(range(9), 1); analysis.spike_shapes(range(9), range(9));"
        "print({'scipy', 'numba', 'sympy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("model", CONTINUOUS)
def test_the_jacobian_of_every_model_is_the_slope_of_its_rates(model: str) -> None:
    found = analysis.flow(model, 1.0)
    membrane = found.variables.index(found.system.membrane)
    state = np.full(len(found.variables), 0.3)
    state[membrane] = -57.3 if found.units[found.system.membrane] == "mV" else -0.7
    exact = found.jacobian(state)
    for column in range(len(state)):
        step = np.zeros(len(state))
        step[column] = 1e-5
        slope = (found(state + step) - found(state - step)) / 2e-5
        np.testing.assert_allclose(exact[:, column], slope, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("model", CONTINUOUS)
def test_the_rest_that_every_model_starts_from_is_a_fixed_point_of_its_flow(model: str) -> None:
    found = analysis.flow(model, 0.0)
    states = [engine.response(model, duration=0.1, dt=0.1).states[n][0] for n in found.variables]
    declared = registry.neuron_models()[model].initial
    if all(declared.get(name) == "rest" for name in found.variables):
        np.testing.assert_allclose(found(np.array(states)), 0, atol=1e-9)
    points = analysis.fixed_points(found)
    for point in points:
        rates = found(np.array([point.values[name] for name in found.variables]))
        np.testing.assert_allclose(rates, 0, atol=1e-8)


def test_many_states_at_once_give_what_each_gives() -> None:
    found = analysis.flow("hodgkin_huxley", 5.0)
    states = np.array([[0.1, 0.5, 0.3, -60.0], [0.2, 0.4, 0.5, -40.0]]).T
    for k in range(2):
        np.testing.assert_array_equal(found(states)[:, k], found(states[:, k]))
        np.testing.assert_array_equal(found.jacobian(states)[k], found.jacobian(states[:, k]))


@pytest.mark.parametrize(
    ("eigenvalues", "name"),
    [
        ([-1, -2], "stable node"),
        ([1, 2], "unstable node"),
        ([-1 + 2j, -1 - 2j], "stable focus"),
        ([1 + 2j, 1 - 2j], "unstable focus"),
        ([-1, 2], "saddle"),
        ([2j, -2j], "centre"),
        ([0, -1], "saddle-node"),
        ([1, -1 + 2j, -1 - 2j], "saddle-focus"),
        ([-3], "stable node"),
    ],
)
def test_fixed_points_are_named_by_their_eigenvalues(eigenvalues, name: str) -> None:
    assert stability(np.array(eigenvalues, complex)) == name


def cubic() -> NeuronModel:
    return engine.define(
        "twisted",
        "dx/dt = (x - x*x*x - y*y*y + I)/ms : 1\ndy/dt = (x - y*y*y)/ms : 1",
        initial={"x": 0, "y": 0},
    )


def test_fixed_points_are_found_where_nothing_can_be_solved_for() -> None:
    plane = analysis.phase_plane(cubic(), 0.5)
    (point,) = plane.fixed_points  # y^3 = x, so x^3 = I
    assert point.values["x"] == pytest.approx(0.5 ** (1 / 3))
    assert point.values["y"] == pytest.approx(0.5 ** (1 / 9))
    for line in plane.nullclines["y"]:
        np.testing.assert_allclose(line[:, 1] ** 3, line[:, 0], atol=1e-9)


def test_a_variable_without_a_decay_of_its_own_is_no_obstacle() -> None:
    accommodation = registry.neuron_models()["izhikevich"].presets["accommodation"]
    (point,) = analysis.phase_plane("izhikevich", 2.0, params=accommodation).fixed_points
    assert point.values == pytest.approx({"v": -65, "u": -14})  # u' = a b (v + 65)


def test_a_branch_that_runs_off_is_let_go() -> None:
    # a = -g_L: below the threshold no current changes what holds the neuron at v.
    flat = registry.neuron_models()["adex"].presets["delayed regular bursting"]
    (branch,) = analysis.bifurcation_scan("adex", -1000, 1000, params=flat).branches
    assert branch.states["v"].min() < -500
    assert len(branch.parameter) < 3000


def test_a_closed_nullcline_is_one_closed_line_and_two_pieces_are_two() -> None:
    model = engine.define(
        "rings",
        "dx/dt = (1 - x*x - y*y + I)/ms : 1\ndy/dt = (y*y - 1)/ms : 1",
        initial={"x": 0, "y": 0},
    )
    plane = analysis.phase_plane(model, 0, x_range=(-2, 2), y_range=(-2, 2))
    (ring,) = plane.nullclines["x"]
    assert ring[0].tolist() == ring[-1].tolist()
    np.testing.assert_allclose((ring**2).sum(1), 1, atol=1e-9)
    angle = np.unwrap(np.arctan2(ring[:, 1], ring[:, 0]))
    assert abs(angle[-1] - angle[0]) == pytest.approx(2 * np.pi)
    assert sorted(line[0, 1] for line in plane.nullclines["y"]) == pytest.approx([-1, 1])


def test_a_pole_is_no_nullcline_and_no_fixed_point() -> None:
    model = engine.define(
        "pole",
        "dx/dt = (1/(x - 0.123) - y + I)/ms : 1\ndy/dt = (0.5*x - y)/ms : 1",
        initial={"x": 1, "y": 0},
    )
    plane = analysis.phase_plane(model, 0, x_range=(-3, 3), y_range=(-3, 3))
    for line in plane.nullclines["x"]:
        assert np.abs(line[:, 0] - 0.123).min() > 0.2
        np.testing.assert_allclose(line[:, 1], 1 / (line[:, 0] - 0.123), rtol=1e-9)
    roots = np.roots([0.5, -0.5 * 0.123, -1])
    assert [p.values["x"] for p in plane.fixed_points] == pytest.approx(sorted(roots))


def test_a_trajectory_that_runs_off_is_nan_from_there_on() -> None:
    plane = analysis.phase_plane("hodgkin_huxley", variables=("v", "m"), held={"h": 0.6, "n": 0.3})
    _, runs = plane.trajectories([(-65.0, 0.05), (1e200, 0.5)], 5.0)
    assert np.isfinite(runs[0]).all()
    assert np.isnan(runs[1, -1]).all()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: analysis.phase_plane("lif_discrete"), "DataError", "advances in steps"),
        (lambda: analysis.phase_plane("lif"), "DataError", "use phase_line"),
        (lambda: analysis.phase_plane("hodgkin_huxley"), "DataError", "name two in `variables`"),
        (
            lambda: analysis.phase_plane("hodgkin_huxley", variables=("v", "k")),
            "DataError",
            "`k` is not a variable of hodgkin_huxley",
        ),
        (
            lambda: analysis.phase_plane("hodgkin_huxley", variables=("v", "v")),
            "DataError",
            "name each once",
        ),
        (
            lambda: analysis.phase_plane("hodgkin_huxley", variables=("v", "n"), held={"h": "x"}),
            "EquationError",
            "cannot be held at an expression of `x`",
        ),
        (
            lambda: analysis.phase_plane(
                "hodgkin_huxley",
                variables=("v", "n"),
                held={"h": math.nan},
            ),
            "DataError",
            "`held h` must be a finite number, not nan",
        ),
        (
            lambda: analysis.phase_plane("izhikevich", x_range=(3, 1)),
            "DataError",
            "the range of `v` from 3 to 1 is empty",
        ),
        (lambda: analysis.phase_plane("izhikevich", x_range=3), "DataError", "give (low, high)"),
        (
            lambda: analysis.phase_plane("izhikevich").trajectories([1, 2, 3]),
            "DataError",
            "pairs of (v, u)",
        ),
        (
            lambda: analysis.phase_plane("izhikevich", params={"q": 1}),
            "DocumentError",
            "`q` is not a parameter",
        ),
        (lambda: analysis.phase_plane("izhikevitch"), "DocumentError", "did you mean `izhikevich`"),
        (lambda: analysis.phase_plane("adex", "5 mV"), "DocumentError", "pA"),
        (lambda: analysis.phase_line(cubic()), "DataError", "`y` of twisted has no steady state"),
        (lambda: analysis.bifurcation_scan("lif", 5, 1), "DataError", "no value lies between"),
        (
            lambda: analysis.bifurcation_scan("lif", 0, 1, "g"),
            "DataError",
            "`g` is not a parameter of lif",
        ),
        (
            lambda: analysis.bifurcation_scan("lif", -1, 1, "C"),
            "DocumentError",
            "outside of its bounds",
        ),
        (lambda: analysis.linear_impedance("qif", [1], 100), "DataError", "no stable state"),
        (lambda: analysis.linear_impedance("lif", [-1]), "DataError", "0 or more Hz"),
        (lambda: analysis.f_i_curve("lif", []), "DataError", "no current to run with"),
        (lambda: analysis.f_i_curve("lif", [1], transient=2000), "DataError", "leaves nothing"),
        (lambda: analysis.f_i_curve("lif", [1], dt=0), "DataError", "`dt` must be more than 0"),
        (lambda: analysis.f_i_curve("lif", [np.nan]), "DataError", "holds nan"),
        (
            lambda: analysis.f_i_curve("lif", np.ones(10**5), duration=1e5),
            "LimitError",
            "shorten the duration",
        ),
        (
            lambda: analysis.rheobase("lif", params={"v_th": 200, "g_L": 1e6, "C": 1e6}),
            "DataError",
            "makes lif fire",
        ),
        (lambda: analysis.rheobase("lif", tolerance=0), "DataError", "`tolerance`"),
        (lambda: analysis.cycles("lif", [1], "g"), "DataError", "`g` is not a parameter of lif"),
        (
            lambda: analysis.cycles("lif", [-1], "C"),
            "DocumentError",
            "outside of its bounds",
        ),
    ],
)
def test_what_a_model_cannot_do_is_said_in_a_sentence(call, error: str, words: str) -> None:
    with pytest.raises(engine.WorkbenchError) as caught:
        call()
    assert type(caught.value).__name__ == error
    assert words in str(caught.value)
    assert "; " in str(caught.value)


@pytest.mark.parametrize(
    "ask",
    [
        lambda wrong: analysis.phase_plane("fitzhugh_nagumo", params=wrong),
        lambda wrong: analysis.phase_plane("hodgkin_huxley", variables=("v", "n"), held=wrong),
        lambda wrong: analysis.f_i_curve("lif", [100.0], params=wrong),
        lambda wrong: analysis.f_i_curve("lif", [100.0], initial=wrong),
        lambda wrong: analysis.cycles("fitzhugh_nagumo", [0.3], params=wrong),
        lambda wrong: analysis.voltage_clamp("hodgkin_huxley", 0.0, 5.0, initial=wrong),
        lambda wrong: analysis.bifurcation_scan("fitzhugh_nagumo", 0.0, 1.0, ranges=wrong),
    ],
)
def test_names_and_values_that_are_an_array_are_one_sentence(ask) -> None:
    with pytest.raises(WorkbenchError, match="must be a dict of names and values, not"):
        ask(np.array([1.0, 2.0]))
