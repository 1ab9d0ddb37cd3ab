"""The equation language, whatever is thrown at it."""

import string
from xml.etree import ElementTree

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.equations.algebra import linear, simplify
from engine.equations.evaluate import evaluate
from engine.equations.folding import constant
from engine.equations.language import (
    is_condition,
    parse_equations,
    parse_expression,
    parse_statements,
    to_text,
)
from engine.equations.latex import to_latex, to_mathml
from engine.equations.tree import COMPARISONS, FUNCTIONS, Binary, Call, Name, Number, Unary, walk
from engine.equations.units import parse_unit
from engine.errors import EquationError

numbers = st.floats(0, 1e6, allow_nan=False).map(lambda x: Number(abs(x)))
leaves = numbers | st.sampled_from(["v", "u", "tau_m", "E_L", "x1"]).map(Name)


def _grown(inner):
    powers = st.integers(1, 5).map(lambda n: Number(float(n)))
    conditions = st.builds(Binary, st.sampled_from(COMPARISONS), inner, inner)
    conditions |= st.builds(Unary, st.just("not"), conditions)
    conditions |= st.builds(Binary, st.sampled_from(["and", "or"]), conditions, conditions)
    calls = st.sampled_from([name for name in FUNCTIONS if name != "where"]).flatmap(
        lambda name: st.tuples(*[inner] * FUNCTIONS[name]).map(lambda args: Call(name, args))
    )
    divisors = inner.map(lambda tree: Name("v") if constant(tree) == 0 else tree)
    quotients = st.builds(Binary, st.just("/"), inner, divisors)
    return (
        st.builds(Unary, st.just("-"), inner)
        | st.builds(Binary, st.sampled_from("+-*"), inner, inner)
        | quotients
        | st.builds(Binary, st.just("**"), inner, powers)
        | calls
        | st.tuples(conditions, inner, inner).map(lambda args: Call("where", args))
    )


trees = st.recursive(leaves, _grown, max_leaves=20)
values = st.fixed_dictionaries(
    {name: st.floats(-5, 5, width=32) for name in ("v", "u", "tau_m", "E_L", "x1")}
)


@settings(deadline=None)
@given(trees)
def test_a_printed_tree_reads_back_as_itself(tree):
    assert parse_expression(to_text(tree)) == tree


@settings(deadline=None)
@given(trees, values)
def test_simplifying_never_changes_a_finite_value(tree, here):
    before, after = evaluate(tree, here), evaluate(simplify(tree), here)
    if _size(tree, here) < 1e100:
        np.testing.assert_allclose(after, before, rtol=1e-6, atol=1e-6 * _size(tree, here))


@settings(deadline=None)
@given(trees, values)
def test_linear_coefficients_reassemble(tree, here):
    found = linear(tree, ["v"])
    if found is None:
        return
    assert "v" not in {n.name for part in found[0].values() for n in _names(part)}
    whole = evaluate(tree, here)
    again = evaluate(found[1], here)
    if "v" in found[0]:
        with np.errstate(all="ignore"):
            again = again + evaluate(found[0]["v"], here) * here["v"]
    if _size(tree, here) < 1e100:
        np.testing.assert_allclose(again, whole, rtol=1e-6, atol=1e-6 * _size(tree, here))


@settings(deadline=None)
@given(st.text(max_size=200) | st.text(alphabet=string.printable + "−ΩµАα\u202e", max_size=200))
def test_any_text_is_read_or_refused_with_an_equation_error(text):
    for read in (parse_expression, parse_equations, parse_statements, parse_unit):
        error = _error(read, text)
        if error is not None:
            assert error.sentence()
            assert 0 <= error.span[0] <= error.span[1] <= max(len(text), 1)


@settings(deadline=None)
@given(st.lists(st.sampled_from("v u + - * / ** ( ) , exp where and not < 1 2.5 : ;".split())))
def test_any_row_of_symbols_is_read_or_refused(symbols):
    try:
        tree = parse_expression(" ".join(symbols))
    except EquationError:
        return
    assert parse_expression(to_text(tree)) == tree


@settings(deadline=None)
@given(trees)
def test_every_tree_can_be_shown_and_markup_is_well_formed(tree):
    text = to_mathml(tree).replace("&#x2061;", "").replace("&#xa0;", " ")
    ElementTree.fromstring(f"<math>{text}</math>")
    latex = to_latex(tree)
    assert latex.count("{") == latex.count("}")


def _error(read, text):
    try:
        read(text)
    except EquationError as error:
        return error
    return None


def _names(expr):
    return [node for node in walk(expr) if isinstance(node, Name)]


def _size(tree, here):
    """The largest value anywhere in the tree: what rounding is relative to; inf for a nan."""
    found = [abs(float(evaluate(e, here))) for e in walk(tree) if not is_condition(e)]
    return max([1.0, *(x if np.isfinite(x) else np.inf for x in found)])
