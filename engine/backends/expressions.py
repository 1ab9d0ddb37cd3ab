"""Expressions as text of a compiled language: which operations, and in what order.

Every backend that prints kernels inherits from here, so all of them round alike: the same product
for a power, the same one division for a rate over exprel.  What differs is how a language writes a
function, a negated condition and a line of text.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar

from engine.equations.tree import COMPARISONS, Binary, Call, Expr, Name, Number, Unary
from engine.errors import BackendError

MOST_MULTIPLICATIONS = 64  # x**n with a whole n up to this is written as products
_OPERATORS = {"and": "&", "or": "|"} | {op: op for op in (*COMPARISONS, "+", "-", "*", "/")}


@dataclass
class ExpressionPrinter(ABC):
    """Expressions as text; ``known`` maps their names to the names of the text.

    Raises `BackendError` for an expression that reads a name which is not known.
    """

    NOT: ClassVar[str]  # what negates a condition

    known: dict[str, str] = field(default_factory=dict)

    @abstractmethod
    def call(self, function: str, *arguments: str) -> str:
        """A function of the language, or ``power`` or ``over_exprel``, of arguments as text."""

    def expression(self, expr: Expr) -> str:
        """``expr`` in the text's names, fully parenthesised."""
        match expr:
            case Number():
                return f"real({float(expr.value)!r})"
            case Name():
                return self._name(expr)
            case Unary():
                sign = self.NOT if expr.op == "not" else "-"
                return f"({sign}{self.expression(expr.operand)})"
            case Binary():
                return self._binary(expr)
            case Call():
                return self.call(expr.function, *map(self.expression, expr.arguments))

    def _name(self, expr: Name) -> str:
        if expr.name not in self.known:
            raise BackendError(
                f"the step map reads `{expr.name}` before anything is assigned to it; "
                "report this as a fault of the equation compiler"
            )
        return self.known[expr.name]

    def _binary(self, expr: Binary) -> str:
        if expr.op == "**":
            return self._power(expr)
        left = self.expression(expr.left)
        match expr:
            case Binary(op="/", right=Call(function="exprel", arguments=(argument,))):
                return f"({left} * {self.call('over_exprel', self.expression(argument))})"
        if expr.op not in _OPERATORS:
            raise BackendError(f"the operator `{expr.op}` has no kernel form")
        return f"({left} {_OPERATORS[expr.op]} {self.expression(expr.right)})"

    def _power(self, expr: Binary) -> str:
        base = self.expression(expr.left)
        exponent = _literal(expr.right)
        if exponent == 0.5:
            return self.call("sqrt", base)
        if exponent is None or not float(exponent).is_integer():
            return self.call("power", base, self.expression(expr.right))
        if not 0 < abs(exponent) <= MOST_MULTIPLICATIONS:
            return self.call("power", base, f"real({exponent!r})")
        product = _product(base, int(abs(exponent)))
        return product if exponent > 0 else f"(real(1.0) / {product})"


def _literal(expr: Expr) -> float | None:
    match expr:
        case Number():
            return expr.value
        case Unary(op="-", operand=Number(value=value)):
            return -value
    return None


def _product(base: str, count: int) -> str:
    """base**count by repeated squaring; a compiler computes the common factors once."""
    if count == 1:
        return base
    half = _product(base, count // 2)
    square = f"({half} * {half})"
    return f"({square} * {base})" if count % 2 else square
