"""The equation language reads what it should, and says where it cannot."""

import pytest

from engine.equations.language import (
    MAX_DEPTH,
    parse_equations,
    parse_expression,
    parse_statements,
    to_text,
)
from engine.equations.tree import Binary, Call, Name, Number, Unary
from engine.errors import EquationError


def refusal(text: str, read=parse_expression) -> EquationError:
    with pytest.raises(EquationError) as caught:
        read(text)
    return caught.value


def test_operators_bind_as_in_mathematics():
    tree = parse_expression("a + b*-c**2")
    power = Binary("**", Name("c"), Number(2.0))
    assert tree == Binary("+", Name("a"), Binary("*", Name("b"), Unary("-", power)))


def test_minus_and_division_group_to_the_left_and_powers_to_the_right():
    assert to_text(parse_expression("a - (b - c)")) == "a - (b - c)"
    assert parse_expression("a - b - c") == parse_expression("(a - b) - c")
    assert parse_expression("a**b**c") == parse_expression("a**(b**c)")


def test_conditions_combine_and_choose():
    tree = parse_expression("where(v > 3 and not w <= 2, exp(v), 0)")
    assert isinstance(tree, Call)
    assert to_text(tree) == "where(v > 3 and not w <= 2, exp(v), 0)"


@pytest.mark.parametrize(
    ("text", "word", "remedy", "span"),
    [
        ("v^2", "^", "**", (1, 2)),
        ("5mV", "operator is missing", "5*mV", (1, 3)),
        ("(a + b", "bracket is not closed", "add `)`", (0, 1)),
        ("a)", "closes nothing", "remove", (1, 2)),
        ("a +", "too early", "write a number", (3, 3)),
        ("a < b < c", "chained", "a < b and b < c", (0, 9)),
        ("expp(v)", "not a function", "`exp`", (0, 4)),
        ("exp + 1", "is a function", "exp(...)", (0, 3)),
        ("min(a)", "takes 2 values", "commas", (0, 6)),
        ("a/0", "divides by zero", "remove", (0, 3)),
        ("v**65", "at most 64", "exp(...)", (3, 5)),
        ("(v > 1) + 1", "not a number", "where", (1, 6)),
        ("a and b > 1", "condition is expected", "compare", (0, 1)),
        ("v.real", "`.`", "attributes", (1, 2)),
        ("v[0]", "`[`", "indexing", (1, 2)),
        ("1e999", "too large", "1e308", (0, 5)),
        ("ñ", "`ñ`", "letters", (0, 1)),
        ("v\x00", "U+0000", "letters", (1, 2)),
        ("a + not b > c", "`not` needs brackets", "(not ...)", (4, 7)),
    ],
)
def test_a_mistake_is_named_placed_and_remedied(text, word, remedy, span):
    error = refusal(text)
    assert word in error.message
    assert remedy in error.remedy
    assert error.span == span


def test_the_caret_stands_under_the_mistake():
    error = refusal("dv/dt = (E_L - v)/tau\ndu/dt = a^2", parse_equations)
    assert error.caret().splitlines() == ["    du/dt = a^2", "             ^"]


@pytest.mark.parametrize("before", [0, 30, 200, 400])
def test_of_a_long_line_a_window_with_the_mistake_is_quoted(before):
    line, carets = refusal("1+" * (before // 2) + "ñ" + "+1" * 200).caret().splitlines()
    assert len(line) <= 100
    assert line[carets.index("^")] == "ñ"


def test_what_cannot_be_printed_is_not_quoted():
    assert "\x1b" not in refusal("v + \x1b[31m").caret()


@pytest.mark.parametrize(
    "text",
    [
        "(" * 500 + "1" + ")" * 500,
        "-" * 900 + "1",
        "+".join(["v"] * 300),
        "exp(" * 100 + "v" + ")" * 100,
        "2**" * 200 + "2",
        "1 " * 4000,
        "v" * 4000,
        "not " * 300 + "v > 1",
    ],
)
def test_hostile_texts_end_in_an_equation_error(text):
    refusal(text)


def test_depth_is_allowed_up_to_the_limit():
    depth = MAX_DEPTH - 1
    assert to_text(parse_expression("-" * depth + "v")) == "-" * depth + "v"


def test_equations_have_units_comments_and_named_parts():
    found = parse_equations(
        "# membrane\ndv/dt = (E - v)/tau : mV  # leak; and more\nx = v*v : mV^2\n"
    )
    assert [(e.target, e.unit, e.derivative) for e in found] == [
        ("v", "mV", True),
        ("x", "mV^2", False),
    ]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "no equation"),
        ("v", "not an equation"),
        ("v += 1", "not an equation"),
        ("v = 1\nv = 2", "defined twice"),
        ("dt = 3", "meaning of its own"),
        ("exp = 3", "meaning of its own"),
        ("x = v > 3", "is a condition"),
        ("dv/dt = ", "too early"),
    ],
)
def test_an_equation_that_is_none_is_refused(text, word):
    assert word in refusal(text, parse_equations).message


def test_reset_statements_may_add_to_a_variable():
    first, second = parse_statements("v = c; u += d")
    assert (first.target, to_text(first.value)) == ("v", "c")
    assert (second.target, to_text(second.value)) == ("u", "u + d")


def test_a_condition_in_a_reset_is_refused():
    assert "is a condition" in refusal("v = u > 3", parse_statements).message
