"""Algebra on trees: simplifying constructors, linear coefficients, derivatives.

Only rules that hold for every finite value are applied, so a simplified tree equals the original
up to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import factorial

from engine.equations.evaluate import evaluate
from engine.equations.tree import Binary, Call, Expr, Name, Number, Unary, names

ZERO, ONE, HALF = Number(0.0), Number(1.0), Number(0.5)
_EXPREL_SLOPE = tuple((n + 1) / factorial(n + 2) for n in range(9))  # 1/2, 1/3, 1/8, 1/30, ...


def add(left: Expr, right: Expr) -> Expr:
    """``left + right``."""
    if left == ZERO:
        return right
    if right == ZERO:
        return left
    if isinstance(right, Unary) and right.op == "-":
        return subtract(left, right.operand)
    return _folded(Binary("+", left, right, left.span))


def subtract(left: Expr, right: Expr) -> Expr:
    """``left - right``."""
    if right == ZERO:
        return left
    if left == ZERO:
        return negate(right)
    if isinstance(right, Unary) and right.op == "-":
        return add(left, right.operand)
    return _folded(Binary("-", left, right, left.span))


def negate(operand: Expr) -> Expr:
    """``-operand``."""
    if isinstance(operand, Unary) and operand.op == "-":
        return operand.operand
    if operand == ZERO:
        return ZERO
    if isinstance(operand, Binary) and operand.op == "-":
        return subtract(operand.right, operand.left)
    return Unary("-", operand, operand.span)


def multiply(left: Expr, right: Expr) -> Expr:
    """``left * right``."""
    if ZERO in (left, right):
        return ZERO
    if left == ONE:
        return right
    if right == ONE:
        return left
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Unary) and one.op == "-":
            return negate(multiply(one.operand, other))
    return _folded(Binary("*", left, right, left.span))


def divide(left: Expr, right: Expr) -> Expr:
    """``left / right``."""
    if left == ZERO:
        return ZERO
    if right == ONE:
        return left
    if isinstance(left, Unary) and left.op == "-":
        return negate(divide(left.operand, right))
    return _folded(Binary("/", left, right, left.span))


def power(base: Expr, exponent: Expr) -> Expr:
    """``base ** exponent``; small whole powers of a name become products."""
    if exponent == ZERO:
        return ONE
    if exponent == ONE:
        return base
    if isinstance(base, Name) and exponent in (Number(2.0), Number(3.0), Number(4.0)):
        square = Binary("*", base, base, base.span)
        if exponent == Number(2.0):
            return square
        other = base if exponent == Number(3.0) else Binary("*", base, base, base.span)
        return Binary("*", square, other, base.span)
    return _folded(Binary("**", base, exponent, base.span))


def total(terms: Iterable[Expr]) -> Expr:
    """The sum of ``terms``, 0 for none."""
    found: Expr = ZERO
    for term in terms:
        found = add(found, term)
    return found


# Operator -> what makes its operation and simplifies it.
MAKERS: dict[str, Callable[[Expr, Expr], Expr]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}


def simplify(expr: Expr) -> Expr:
    """``expr`` with literal parts folded and zeros and ones removed."""
    match expr:
        case Unary():
            operand = simplify(expr.operand)
            return negate(operand) if expr.op == "-" else Unary(expr.op, operand, expr.span)
        case Binary():
            left, right = simplify(expr.left), simplify(expr.right)
            maker = MAKERS.get(expr.op)
            return maker(left, right) if maker else Binary(expr.op, left, right, expr.span)
        case Call():
            arguments = tuple(simplify(argument) for argument in expr.arguments)
            return _folded(Call(expr.function, arguments, expr.span))
    return expr


def linear(expr: Expr, variables: Iterable[str]) -> tuple[dict[str, Expr], Expr] | None:
    """``expr`` as (coefficient of each variable, rest), or None if it is not linear in them."""
    wanted = set(variables)
    if not names(expr) & wanted:
        return {}, expr
    match expr:
        case Name():
            return {expr.name: ONE}, ZERO
        case Unary(op="-"):
            inner = linear(expr.operand, wanted)
            return None if inner is None else _mapped(inner, negate)
        case Binary(op="+" | "-"):
            return _linear_sum(expr, wanted)
        case Binary(op="*" | "/"):
            return _linear_product(expr, wanted)
        case Call(function="where"):
            return _linear_choice(expr, wanted)
    return None


def derivative(expr: Expr, name: str) -> Expr:
    """d ``expr`` / d ``name``, simplified.  Steps and conditions have derivative 0."""
    if name not in names(expr):
        return ZERO
    match expr:
        case Name():
            return ONE
        case Unary():
            return negate(derivative(expr.operand, name)) if expr.op == "-" else ZERO
        case Binary():
            return _derivative_binary(expr, name)
        case Call():
            parts = zip(expr.arguments, partials(expr), strict=True)
            return total(multiply(part, derivative(arg, name)) for arg, part in parts)
    return ZERO


def _folded(expr: Expr) -> Expr:
    parts = (expr.left, expr.right) if isinstance(expr, Binary) else getattr(expr, "arguments", ())
    if not all(isinstance(part, Number) for part in parts) or not parts:
        return expr
    value = float(evaluate(expr, {}))
    return Number(value, expr.span) if abs(value) < float("inf") and value >= 0 else expr


def _mapped(
    found: tuple[dict[str, Expr], Expr], change: Callable[[Expr], Expr]
) -> tuple[dict[str, Expr], Expr]:
    coefficients, rest = found
    return {name: change(value) for name, value in coefficients.items()}, change(rest)


def _linear_sum(expr: Binary, wanted: set[str]) -> tuple[dict[str, Expr], Expr] | None:
    left, right = linear(expr.left, wanted), linear(expr.right, wanted)
    if left is None or right is None:
        return None
    combine = add if expr.op == "+" else subtract
    merged = dict(left[0])
    for name, value in right[0].items():
        merged[name] = combine(merged.get(name, ZERO), value)
    return merged, combine(left[1], right[1])


def _linear_product(expr: Binary, wanted: set[str]) -> tuple[dict[str, Expr], Expr] | None:
    if not names(expr.right) & wanted:
        inner, factor = linear(expr.left, wanted), expr.right
        operate = multiply if expr.op == "*" else divide
        return None if inner is None else _mapped(inner, lambda part: operate(part, factor))
    if expr.op == "*" and not names(expr.left) & wanted:
        inner, factor = linear(expr.right, wanted), expr.left
        return None if inner is None else _mapped(inner, lambda part: multiply(factor, part))
    return None


def _linear_choice(expr: Call, wanted: set[str]) -> tuple[dict[str, Expr], Expr] | None:
    condition, then, other = expr.arguments
    left, right = linear(then, wanted), linear(other, wanted)
    if left is None or right is None or names(condition) & wanted:
        return None

    def chosen(one: Expr, two: Expr) -> Expr:
        return one if one == two else Call("where", (condition, one, two), expr.span)

    found = {
        name: chosen(left[0].get(name, ZERO), right[0].get(name, ZERO))
        for name in {**left[0], **right[0]}
    }
    return found, chosen(left[1], right[1])


def _derivative_binary(expr: Binary, name: str) -> Expr:
    left, right = expr.left, expr.right
    d_left, d_right = derivative(left, name), derivative(right, name)
    match expr.op:
        case "+":
            return add(d_left, d_right)
        case "-":
            return subtract(d_left, d_right)
        case "*":
            return add(multiply(d_left, right), multiply(left, d_right))
        case "/":
            part = divide(d_left, right)
            return subtract(part, divide(multiply(left, d_right), multiply(right, right)))
        case "**":
            falling = multiply(right, power(left, simplify(subtract(right, ONE))))
            growing = ZERO if d_right == ZERO else multiply(expr, Call("log", (left,)))
            return add(multiply(falling, d_left), multiply(growing, d_right))
    return ZERO


def partials(expr: Call) -> tuple[Expr, ...]:
    """The partial derivative of a call by each of its arguments."""
    x = expr.arguments[0]
    single: dict[str, Callable[[], Expr]] = {
        "exp": lambda: expr,
        "log": lambda: divide(ONE, x),
        "sqrt": lambda: divide(HALF, expr),
        "exprel": lambda: _exprel_slope(x),
        "sin": lambda: Call("cos", (x,)),
        "cos": lambda: negate(Call("sin", (x,))),
        "tanh": lambda: subtract(ONE, multiply(expr, expr)),
        "sinh": lambda: Call("cosh", (x,)),
        "cosh": lambda: Call("sinh", (x,)),
        "abs": lambda: _where(Binary(">=", x, ZERO), ONE, Unary("-", ONE)),
        "floor": lambda: ZERO,
    }
    if expr.function in single:
        return (single[expr.function](),)
    if expr.function == "where":
        return ZERO, _where(x, ONE, ZERO), _where(x, ZERO, ONE)
    if expr.function == "clip":
        low, high = expr.arguments[1:]
        below, above = Binary("<", x, low), Binary(">", x, high)
        inside = _where(Binary("or", below, above), ZERO, ONE)
        return inside, _where(below, ONE, ZERO), _where(above, ONE, ZERO)
    other = expr.arguments[1]
    first = Binary("<=" if expr.function == "min" else ">=", x, other)
    return _where(first, ONE, ZERO), _where(first, ZERO, ONE)


def _exprel_slope(x: Expr) -> Expr:
    """(1 + (x - 1) exprel(x)) / x, by its series sum (n + 1)/(n + 2)! x**n where that cancels."""
    near = Binary("<", Call("abs", (x,)), Number(0.1))
    series: Expr = Number(_EXPREL_SLOPE[-1])
    for coefficient in reversed(_EXPREL_SLOPE[:-1]):
        series = add(Number(coefficient), multiply(x, series))
    exact = add(ONE, multiply(subtract(x, ONE), Call("exprel", (x,))))
    return _where(near, series, divide(exact, _where(near, ONE, x)))


def _where(condition: Expr, then: Expr, other: Expr) -> Expr:
    return Call("where", (condition, then, other))
