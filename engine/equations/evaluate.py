"""Trees evaluated with NumPy: constants on the host, and the plainest oracle there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from engine.equations.tree import Assign, Binary, Call, Expr, Name, Number, Unary
from engine.errors import EquationError

# A number, an array of one shape, or (for conditions) their bool kin.
Value = Any
Environment = Mapping[str, Value]


def exprel(x: Value) -> Value:
    """(exp(x) - 1) / x, and 1 at x = 0."""
    x = np.asarray(x, dtype=float)
    small = np.abs(x) < 1e-9
    safe = np.where(small, 1.0, x)
    return np.where(small, 1.0 + x / 2, np.expm1(safe) / safe)[()]


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "exprel": exprel,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "abs": np.abs,
    "floor": np.floor,
    "min": np.minimum,
    "max": np.maximum,
    "clip": lambda x, low, high: np.minimum(np.maximum(x, low), high),
    "where": lambda condition, then, other: np.where(condition, then, other)[()],
}
_OPERATORS: dict[str, Callable[[Value, Value], Value]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
    "and": np.logical_and,
    "or": np.logical_or,
}


def evaluate(expr: Expr, environment: Environment) -> Value:
    """The value of ``expr``; arrays broadcast.  Overflow gives inf, 0/0 gives nan, no warning.

    Raises ``EquationError`` for a name that ``environment`` lacks.
    """
    with np.errstate(all="ignore"):
        return _evaluate(expr, environment)


def execute(program: Iterable[Assign], environment: dict[str, Value]) -> None:
    """Run assignments in order, writing their targets into ``environment``."""
    with np.errstate(all="ignore"):
        for assign in program:
            environment[assign.target] = _evaluate(assign.value, environment)


def _evaluate(expr: Expr, environment: Environment) -> Value:
    match expr:
        case Number():
            return np.float64(expr.value)
        case Name():
            if expr.name not in environment:
                raise EquationError(f"`{expr.name}` has no value here")
            return environment[expr.name]
        case Unary():
            operand = _evaluate(expr.operand, environment)
            return np.negative(operand) if expr.op == "-" else np.logical_not(operand)
        case Binary():
            left, right = _evaluate(expr.left, environment), _evaluate(expr.right, environment)
            return _OPERATORS[expr.op](left, right)
        case Call():
            arguments = [_evaluate(argument, environment) for argument in expr.arguments]
            return _FUNCTIONS[expr.function](*arguments)
    raise TypeError(f"not an expression: {expr!r}")
