"""Two variables that stand for a model of more, and what the others are held at."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.analysis import flow, phase_plane, reduction
from engine.errors import DataError, EquationError

AXES = ("v", "n")


def test_hodgkin_huxley_keeps_m_steady_and_h_follows_n() -> None:
    """FitzHugh's reduction; Gerstner et al. 2014, section 4.2.1: h = b - a n."""
    run = engine.response("hodgkin_huxley", 10.0, 100.0, 0.05)
    held = reduction("hodgkin_huxley", AXES, run.states, 10.0)
    assert list(held) == ["h"]
    slope, intercept = np.polyfit(run.states["n"], run.states["h"], 1)
    assert held["h"] == f"{intercept:.2g} - {-slope:.2g}*n"


def test_a_variable_as_fast_as_none_beside_it_is_left_steady() -> None:
    run = engine.response("hindmarsh_rose", 2.0, 500.0, 0.05)
    assert reduction("hindmarsh_rose", ("x", "z"), run.states, 2.0) == {}


def test_what_is_held_at_an_expression_is_there_in_every_point() -> None:
    reduced = flow("hodgkin_huxley", 10.0, None, AXES, {"h": "0.8 - n"})
    whole = flow("hodgkin_huxley", 10.0)
    v, n = -50.0, 0.45
    state = reduced.whole([v, n])
    assert state["h"] == pytest.approx(0.8 - n)
    rates = dict(zip(whole.variables, whole([state[k] for k in whole.variables]), strict=True))
    assert reduced([v, n]) == pytest.approx([rates["v"], rates["n"]])
    assert rates["m"] == pytest.approx(0, abs=1e-12)


def test_a_fixed_point_of_the_plane_is_one_of_the_equations_that_are_shown() -> None:
    plane = phase_plane("hodgkin_huxley", 10.0, variables=AXES, held={"h": "0.8 - n"})
    [point] = plane.fixed_points
    assert plane.flow([point.values["v"], point.values["n"]]) == pytest.approx([0, 0], abs=1e-9)
    assert point.kind == "unstable focus"  # the axon fires at 10 uA/cm^2


def test_rest_is_the_value_where_the_model_rests_without_a_current() -> None:
    held = flow("hodgkin_huxley", 10.0, None, AXES, {"h": "rest"}).whole([-20.0, 0.4])["h"]
    assert held == pytest.approx(0.5961, abs=1e-3)  # h_inf(-65 mV)


@pytest.mark.parametrize("held", ["0.8 - v", "0.8 - q", "0.8 -", "h", "n = 3"])
def test_an_expression_that_cannot_be_is_refused_with_its_place(held: str) -> None:
    with pytest.raises(EquationError):
        flow("hodgkin_huxley", 0.0, None, AXES, {"h": held})


def test_a_run_of_another_model_is_refused() -> None:
    run = engine.response("lif", 300.0, 50.0)
    with pytest.raises(DataError, match="no samples"):
        reduction("hodgkin_huxley", AXES, run.states)


def test_a_line_between_quantities_has_their_units_and_can_be_drawn() -> None:
    axes = ("v", "theta2")
    run = engine.response("gif", 170.0, 500.0)
    held = reduction("gif", axes, run.states, 170.0)
    assert held["w2"].endswith("*theta2/mV)*pA")
    plane = phase_plane("gif", 170.0, variables=axes, held=held)
    slope, intercept = np.polyfit(run.states["theta2"], run.states["w2"], 1)
    assert slope < 0
    assert held["w2"] == f"({intercept:.2g} - {-slope:.2g}*theta2/mV)*pA"
    assert np.isfinite(plane.rate_x).all()
