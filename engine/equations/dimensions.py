"""Dimension check of trees: sums, comparisons, function arguments, with the place at fault."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from engine.equations.language import undeclared
from engine.equations.tree import COMPARISONS, LOGIC, Binary, Call, Expr, Name, Number, Unary
from engine.equations.units import (
    CURRENT,
    NONE,
    TIME,
    VOLTAGE,
    Dimension,
    describe,
    expression_unit,
)
from engine.errors import EquationError

Environment = Mapping[str, Dimension]
_KEEPING = ("abs", "min", "max", "clip")  # the result is what the arguments are


def dimension_of(expr: Expr, known: Environment, text: str) -> Dimension | None:
    """The dimension of ``expr``; None for a literal zero, which fits any, and for conditions.

    ``text`` is where the spans of ``expr`` point.  Raises ``EquationError`` with a caret.
    """
    match expr:
        case Number():
            return None if expr.value == 0 else NONE
        case Name():
            return _dimension_of_name(expr, known, text)
        case Unary():
            return dimension_of(expr.operand, known, text)
        case Binary():
            return _dimension_of_binary(expr, known, text)
        case Call():
            return _dimension_of_call(expr, known, text)
    raise TypeError(f"not an expression: {expr!r}")


def check_same(expr: Expr, expected: Dimension, known: Environment, text: str, what: str) -> None:
    """Raise ``EquationError`` unless ``expr`` has dimension ``expected``."""
    found = dimension_of(expr, known, text)
    if found is not None and found != expected:
        message = f"{what} is in {describe(expected)}, but this is in {describe(found)}"
        raise EquationError(message, text, expr.span, _factor(expected, found))


def _dimension_of_name(expr: Name, known: Environment, text: str) -> Dimension:
    if expr.name in known:
        return known[expr.name]
    unit = expression_unit(expr.name)
    if unit is None:
        raise undeclared(expr, set(known), text)
    return unit[1]


def _dimension_of_binary(expr: Binary, known: Environment, text: str) -> Dimension | None:
    left = dimension_of(expr.left, known, text)
    if expr.op == "**":
        return _dimension_of_power(expr, left or NONE, known, text)
    right = dimension_of(expr.right, known, text)
    if expr.op in LOGIC:
        return None
    if expr.op == "*":
        return None if left is None or right is None else left * right
    if expr.op == "/":
        return None if left is None else left / (right or NONE)
    if left is not None and right is not None and left != right:
        verb = "compare" if expr.op in COMPARISONS else "add" if expr.op == "+" else "subtract"
        message = f"cannot {verb} {describe(left)} and {describe(right)}"
        raise EquationError(message, text, expr.right.span, _factor(left, right))
    return None if expr.op in COMPARISONS else left or right


def _dimension_of_power(expr: Binary, base: Dimension, known: Environment, text: str) -> Dimension:
    exponent = dimension_of(expr.right, known, text)
    if exponent not in (None, NONE):
        message = f"an exponent is a plain number, but this is in {describe(exponent or NONE)}"
        raise EquationError(message, text, expr.right.span, "divide it by its unit")
    if base == NONE:
        return NONE
    literal, sign = expr.right, 1
    if isinstance(literal, Unary):
        literal, sign = literal.operand, -1
    if not isinstance(literal, Number):
        remedy = f"divide {describe(base)} by its unit first"
        raise EquationError("the exponent must be a number here", text, expr.right.span, remedy)
    return base ** (sign * Fraction(literal.value).limit_denominator(64))


def _dimension_of_call(expr: Call, known: Environment, text: str) -> Dimension | None:
    found = [dimension_of(argument, known, text) for argument in expr.arguments]
    if expr.function == "sqrt":
        return None if found[0] is None else found[0] ** Fraction(1, 2)
    if expr.function == "floor" or expr.function not in (*_KEEPING, "where"):
        for argument, dimension in zip(expr.arguments, found, strict=True):
            if dimension not in (None, NONE):
                message = f"`{expr.function}` takes a plain number, but this is in"
                message = f"{message} {describe(dimension or NONE)}"
                raise EquationError(message, text, argument.span, "divide it by its unit")
        return NONE
    first = 1 if expr.function == "where" else 0
    same = None
    for argument, dimension in zip(expr.arguments[first:], found[first:], strict=True):
        if same is not None and dimension is not None and same != dimension:
            message = f"`{expr.function}` mixes {describe(same)} and {describe(dimension)}"
            raise EquationError(message, text, argument.span, _factor(same, dimension))
        same = same or dimension
    return same


# Quantities worth suggesting as the missing factor of a term.
_LIKELY = [TIME, VOLTAGE, CURRENT, CURRENT / VOLTAGE, CURRENT * TIME / VOLTAGE]


def _factor(wanted: Dimension, found: Dimension) -> str:
    """What a term in ``found`` lacks to be in ``wanted``, if one factor would do."""
    missing, inverse = wanted / found, found / wanted
    if found == NONE:
        return f"give the number a unit: multiply it by {describe(wanted)}"
    if inverse in _LIKELY:
        return f"divide it by something in {describe(inverse)}"
    if missing in _LIKELY:
        return f"multiply it by something in {describe(missing)}"
    return "check the units of this term"
