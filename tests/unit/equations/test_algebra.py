"""Algebra on trees: linear coefficients and derivatives are those of the mathematics."""

import numpy as np
import pytest

from engine.equations.algebra import derivative, linear, simplify
from engine.equations.dimensions import check_same, dimension_of
from engine.equations.evaluate import evaluate
from engine.equations.language import parse_expression, to_text
from engine.equations.system import inlined
from engine.equations.units import TIME, VOLTAGE
from engine.errors import EquationError

HERE = {"x": 0.7, "y": -1.3, "a": 2.5}


@pytest.mark.parametrize(
    "text",
    [
        "x*y + a",
        "exp(-x/a)*y",
        "exprel(x - 0.7)*x",
        "exprel(x)",
        "x**3/(1 + x**2)",
        "a**x",
        "sqrt(x)*log(x)",
        "tanh(x)*sinh(y*x) + cosh(x)*sin(x) - cos(x)",
        "where(x > 0, x*x, -x)",
        "min(x, y)*max(x, a) + clip(x*x, 0, 1) + abs(y*x)",
        "clip(3*x, 0, 1)",
    ],
)
def test_derivatives_equal_finite_differences(text):
    tree = parse_expression(text)
    step = 1e-6
    above = evaluate(tree, {**HERE, "x": HERE["x"] + step})
    below = evaluate(tree, {**HERE, "x": HERE["x"] - step})
    found = evaluate(derivative(tree, "x"), HERE)
    assert found == pytest.approx((above - below) / (2 * step), rel=1e-6, abs=1e-8)


def test_linear_coefficients_put_together_give_the_expression():
    tree = parse_expression("(a - x)/y + a*(3*x - y)*2 - where(a > 1, x, 0)")
    found = linear(tree, ["x"])
    assert found is not None
    assert "x" not in to_text(found[0]["x"])
    value = evaluate(found[0]["x"], HERE) * HERE["x"] + evaluate(found[1], HERE)
    assert value == pytest.approx(evaluate(tree, HERE))


@pytest.mark.parametrize(
    "text", ["x*x", "exp(x)", "1/x", "x**2", "where(x > 1, x, 0)", "a*x*(1 - x)"]
)
def test_what_is_not_linear_is_not_taken_for_linear(text):
    assert linear(parse_expression(text), ["x"]) is None


def test_simplifying_keeps_the_value_and_drops_zeros_and_ones():
    tree = parse_expression("0*x + 1*y - -a + 2*3 + x**2")
    assert evaluate(simplify(tree), HERE) == pytest.approx(evaluate(tree, HERE))
    assert to_text(simplify(tree)) == "y + a + 6 + x*x"


def test_names_that_double_again_and_again_are_refused_before_they_grow():
    aliases = {"x0": parse_expression("v + 1")}
    for number in range(60):
        aliases[f"x{number + 1}"] = parse_expression(f"x{number}*x{number}")
    with pytest.raises(EquationError, match="too long when written out"):
        inlined(parse_expression("x60"), aliases, set(aliases))


def test_dimension_errors_point_at_the_term_and_name_what_is_missing():
    text = "(E - v)/tau + I/g"
    known = {"E": VOLTAGE, "v": VOLTAGE, "tau": TIME, "I": VOLTAGE, "g": TIME / TIME}
    with pytest.raises(EquationError) as caught:
        dimension_of(parse_expression(text), known, text)
    assert caught.value.message == "cannot add mV/ms and mV"
    assert text[slice(*caught.value.span)] == "I/g"
    assert caught.value.remedy == "divide it by something in ms"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("exp(v)", "takes a plain number"),
        ("v**x", "exponent must be a number"),
        ("2**v", "exponent is a plain number"),
        ("max(v, tau)", "mixes"),
        ("v > 3", "cannot compare"),
        ("q + v", "not declared"),
    ],
)
def test_every_place_where_dimensions_can_clash_is_checked(text, word):
    known = {"v": VOLTAGE, "tau": TIME, "x": TIME / TIME}
    with pytest.raises(EquationError, match=word):
        dimension_of(parse_expression(text), known, text)


def test_zero_has_any_dimension_and_roots_halve_it():
    known = {"v": VOLTAGE}
    check_same(parse_expression("max(v, 0)"), VOLTAGE, known, "", "v")
    assert dimension_of(parse_expression("sqrt(v*v)"), known, "") == VOLTAGE


def test_exprel_has_its_limit_at_zero():
    values = evaluate(parse_expression("exprel(x)"), {"x": np.array([0.0, 1e-12, 1.0, -800.0])})
    assert values == pytest.approx([1.0, 1.0, np.e - 1, 1 / 800], rel=1e-12)
