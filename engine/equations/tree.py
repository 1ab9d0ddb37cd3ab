"""The expression tree: what a parsed equation is, and all that a backend ever prints.

The set of node classes is the allow-list.  There is no attribute access, no indexing, no string
and no call but to a function in ``FUNCTIONS``; nothing outside this set can be said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

Span = tuple[int, int]
NOWHERE: Span = (0, 0)

# name -> number of arguments.  exprel(x) = (exp(x) - 1) / x with its limit 1 at x = 0: the form in
# which singular rate functions (Hodgkin-Huxley's alpha_m, alpha_n) are written.
FUNCTIONS = {
    "exp": 1,
    "log": 1,
    "sqrt": 1,
    "exprel": 1,
    "sin": 1,
    "cos": 1,
    "tanh": 1,
    "sinh": 1,
    "cosh": 1,
    "abs": 1,
    "floor": 1,
    "min": 2,
    "max": 2,
    "clip": 3,
    "where": 3,  # where(condition, then, otherwise)
}


@dataclass(frozen=True, slots=True)
class Number:
    """A finite literal."""

    value: float
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A state, parameter, input, constant, temporary, unit, or one of ``t`` and ``dt``."""

    name: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """``-x`` or ``not x``."""

    op: str
    operand: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """``+ - * / **`` on numbers, ``and or`` on conditions, ``< <= > >= == !=`` between numbers."""

    op: str
    left: Expr
    right: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of ``FUNCTIONS`` applied to its arguments."""

    function: str
    arguments: tuple[Expr, ...]
    span: Span = field(default=NOWHERE, compare=False)


Expr = Number | Name | Unary | Binary | Call

COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
LOGIC = ("and", "or")


@dataclass(frozen=True, slots=True)
class Assign:
    """``target = value``; a list of these is a program, executed in order."""

    target: str
    value: Expr


def children(expr: Expr) -> tuple[Expr, ...]:
    """The operands of ``expr``, none for a leaf."""
    match expr:
        case Unary():
            return (expr.operand,)
        case Binary():
            return expr.left, expr.right
        case Call():
            return expr.arguments
    return ()


def walk(expr: Expr) -> Iterator[Expr]:
    """Every node of ``expr``, itself first, left to right."""
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))


def names(expr: Expr) -> set[str]:
    """The names ``expr`` reads."""
    return {node.name for node in walk(expr) if isinstance(node, Name)}


def substitute(expr: Expr, values: dict[str, Expr]) -> Expr:
    """``expr`` with every name in ``values`` replaced by its expression, in one pass."""
    match expr:
        case Name():
            return values.get(expr.name, expr)
        case Unary():
            return Unary(expr.op, substitute(expr.operand, values), expr.span)
        case Binary():
            left, right = substitute(expr.left, values), substitute(expr.right, values)
            return Binary(expr.op, left, right, expr.span)
        case Call():
            arguments = tuple(substitute(argument, values) for argument in expr.arguments)
            return Call(expr.function, arguments, expr.span)
    return expr
