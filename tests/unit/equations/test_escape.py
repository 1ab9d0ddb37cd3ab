"""Neurons that fire by chance: what the language says of a hazard and what becomes of it."""

from __future__ import annotations

import pytest

import engine
from engine.equations.compile import compile_model
from engine.equations.escape import condition, given
from engine.equations.language import parse_expression
from engine.equations.printing import to_text
from engine.errors import DocumentError, EquationError
from engine.models.declaration import from_json, to_json
from engine.response import response

OWN = {
    "equations": "dv/dt = (E_L - v)/tau + I/C : mV",
    "hazard": "rate*exp((v - v_T)/width)",
    "reset": "v = E_L",
    "parameters": {"E_L": "-65 mV", "v_T": "-55 mV", "tau": "20 ms", "C": "200 pF",
                   "rate": "100 Hz", "width": "2 mV"},
}  # fmt: skip


def own(**changes):
    return engine.define("chancy", **{**OWN, **changes})


@pytest.mark.parametrize(
    ("hazard", "text"),
    [
        ("a*exp((v - b)/c)", "log(max(a*dt, 1e-30)) + (v - b)/c > escape"),
        ("exp(v)/(b*exp(c))", "log(max(dt/b, 1e-30)) + v - c > escape"),
        ("a*max(0, v)", "log(max(a*max(0, v)*dt, 1e-30)) > escape"),
        ("a/(1 + exp(-v))", "log(max(a*dt/(1 + exp(-v)), 1e-30)) > escape"),
    ],
)
def test_an_exponential_hazard_is_compared_by_its_exponent(hazard: str, text: str) -> None:
    assert to_text(condition(parse_expression(hazard))) == text


def test_a_hazard_compiles_to_one_comparison_with_a_number_drawn_each_step() -> None:
    step_map = compile_model(own())
    assert step_map.escapes == step_map.draws == ("escape",)
    assert step_map.text["hazard"] == OWN["hazard"]
    assert "exp" not in to_text(step_map.threshold)


def test_the_draws_may_come_in_from_outside() -> None:
    step_map = given(compile_model(own()))
    assert step_map.draws == ()
    assert step_map.inputs[-1].name == "in_escape"
    assert to_text(step_map.update[0].value) == "in_escape"


def test_a_hazard_goes_through_json() -> None:
    assert from_json(to_json(own())) == own()
    assert engine.models()["gif"]["hazard"].startswith("lambda0*exp(")


@pytest.mark.parametrize("rate", ["100 Hz", "0.1 1/ms"])
def test_a_rate_is_the_same_in_hertz_and_in_kilohertz(rate: str) -> None:
    model = own(parameters={**OWN["parameters"], "rate": rate})
    times = response(model, 200.0, 500.0, seed=4).spike_times
    assert times.size > 3
    assert times.tolist() == response(own(), 200.0, 500.0, seed=4).spike_times.tolist()


def test_another_seed_gives_other_spikes_and_the_same_seed_the_same() -> None:
    runs = [response("gif", 200.0, 500.0, seed=seed).spike_times.tolist() for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"hazard": "exp((v - v_T)/width)"}, "the hazard is in 1/ms, but this is in 1;"),
        ({"hazard": "v >= v_T"}, "the hazard is a condition"),
        ({"threshold": "v >= v_T"}, "spikes come from a threshold or from a hazard"),
        ({"hazard": "rate*exp((v - v_q)/width)"}, "`v_q` is not declared"),
        ({"crossing": True}, "spikes come from a threshold or from a hazard"),
    ],
)
def test_a_hazard_that_cannot_be_is_refused_in_a_sentence(changes, sentence: str) -> None:
    with pytest.raises((DocumentError, EquationError)) as caught:
        own(**changes)
    assert sentence in str(caught.value)


def test_a_hazard_that_is_no_text_is_refused() -> None:
    with pytest.raises(DocumentError, match="`hazard` must be a text, not int"):
        own(hazard=3)


def test_the_adaptive_solver_says_that_chance_has_no_reference() -> None:
    with pytest.raises(EquationError, match="it fires by chance"):
        response("gif", 100.0, 100.0, solver="adaptive")


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, True, "one"])
def test_what_is_no_seed_is_refused(seed) -> None:
    with pytest.raises(DocumentError, match="is not a seed"):
        response("gif", 100.0, 100.0, seed=seed)
