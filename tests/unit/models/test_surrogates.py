"""The surrogates have the values that papers and libraries give for them."""

from __future__ import annotations

import numpy as np
import pytest

from engine.equations.evaluate import evaluate
from engine.errors import DataError
from engine.models.surrogates import SURROGATES, surrogate

VALUES = [
    ("sigmoid", {"alpha": 4}, 0.0, 1.0),
    ("atan", {"alpha": 2}, 0.1, 0.9101699),
    ("fast_sigmoid", {"k": 25}, 0.1, 0.0816327),
    ("superspike", {"alpha": 1}, -1.0, 0.25),
    ("piecewise_quadratic", {"alpha": 1}, -0.3, 0.7),
    ("piecewise_quadratic", {"alpha": 1}, 1.5, 0.0),
    ("piecewise_exp", {"alpha": 2}, -0.5, np.exp(-1.0)),
    ("softsign", {"alpha": 2}, 0.5, 0.25),
    ("erf", {"alpha": 2}, 0.0, 1.1283792),
    ("erf", {"alpha": 2}, -1.0, 0.0206670),
    ("piecewise_leaky_relu", {"w": 0.5, "c": 0.01}, 0.2, 1.0),
    ("piecewise_leaky_relu", {"w": 0.5, "c": 0.01}, 0.7, 0.01),
    ("triangle", {"gamma": 0.3, "width": 1}, 0.5, 0.15),
    ("triangle", {"gamma": 0.3, "width": 2}, -1.0, 0.075),
    ("rect", {"alpha": 1}, 0.49, 1.0),
    ("rect", {"alpha": 1}, -0.51, 0.0),
]


@pytest.mark.parametrize(("name", "parameters", "x", "expected"), VALUES)
def test_a_surrogate_has_its_published_value(name, parameters, x, expected) -> None:
    slope = surrogate(name).expression(parameters)
    assert evaluate(slope, {"x": x}) == pytest.approx(expected, abs=1e-7)


def test_all_are_there() -> None:
    assert {name for name, *_ in VALUES} == SURROGATES.keys()
    assert len(SURROGATES) == 11


@pytest.mark.parametrize("name", SURROGATES)
def test_a_surrogate_is_even_finite_and_never_negative(name: str) -> None:
    x = np.concatenate([np.linspace(0, 3, 301), [10.0, 1e3, 1e6]])
    slope = surrogate(name).expression()
    value = np.broadcast_to(evaluate(slope, {"x": x}), x.shape)
    assert np.isfinite(value).all()
    assert (value >= 0).all()
    assert value[0] > 0
    np.testing.assert_array_equal(value, evaluate(slope, {"x": -x}))


OTHERS = {"fast_sigmoid", "superspike", "piecewise_leaky_relu", "triangle"}  # of another area


@pytest.mark.parametrize("name", sorted(SURROGATES.keys() - OTHERS))
def test_a_surrogate_is_the_derivative_of_a_step_of_one(name: str) -> None:
    x = np.linspace(-2000.0, 2000.0, 8_000_001)
    value = np.broadcast_to(evaluate(surrogate(name).expression(), {"x": x}), x.shape)
    assert np.trapezoid(value, x) == pytest.approx(1.0, abs=2e-3)


def test_unknown_names_and_values_are_sentences() -> None:
    with pytest.raises(DataError, match="did you mean `atan`"):
        surrogate("attan")
    with pytest.raises(DataError, match="`k` is not a parameter of the surrogate atan"):
        surrogate("atan").expression({"k": 3})
    for wrong in (0, -1.0, float("nan"), "2", True):
        with pytest.raises(DataError, match="give a number above 0"):
            surrogate("atan").expression({"alpha": wrong})  # pyright: ignore
