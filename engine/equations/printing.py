"""Tree -> text in the equation language; ``parse_expression(to_text(tree)) == tree``."""

from __future__ import annotations

from engine.equations.tree import COMPARISONS, Binary, Call, Expr, Name, Number, Unary

# Binding strength, weakest first; the parser uses the same table.
PRECEDENCE = {
    "or": 1,
    "and": 2,
    "not": 3,
    **dict.fromkeys(COMPARISONS, 4),
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "negate": 7,
    "**": 8,
}
ATOM = 9


def number_text(value: float) -> str:
    """The shortest text that reads back as ``value``: ``1``, ``0.5``, ``1e-05``."""
    text = repr(float(value))
    return text.removesuffix(".0")


def strength(expr: Expr) -> int:
    """How strongly the outermost operation of ``expr`` binds; atoms bind strongest."""
    match expr:
        case Unary():
            return PRECEDENCE["negate" if expr.op == "-" else "not"]
        case Binary():
            return PRECEDENCE[expr.op]
        case Number() if expr.value < 0:
            return PRECEDENCE["negate"]
    return ATOM


def to_text(expr: Expr) -> str:
    """``expr`` in the equation language with no needless parentheses."""
    match expr:
        case Number():
            return number_text(expr.value)
        case Name():
            return expr.name
        case Unary():
            own = strength(expr)
            inner = _wrapped(expr.operand, strength(expr.operand) < own)
            return f"-{inner}" if expr.op == "-" else f"not {inner}"
        case Call():
            return f"{expr.function}({', '.join(to_text(item) for item in expr.arguments)})"
        case Binary():
            return _binary(expr)
    raise TypeError(f"not an expression: {expr!r}")


def _binary(expr: Binary) -> str:
    own, left, right = PRECEDENCE[expr.op], strength(expr.left), strength(expr.right)
    if expr.op == "**":
        return f"{_wrapped(expr.left, left <= own)}**{_wrapped(expr.right, right < own)}"
    before = _wrapped(expr.left, left < own or (own == 4 and left == 4))
    after = _wrapped(expr.right, right <= own or right == PRECEDENCE["negate"])
    tight = expr.op in "*/"
    return f"{before}{expr.op}{after}" if tight else f"{before} {expr.op} {after}"


def _wrapped(expr: Expr, parentheses: bool) -> str:
    return f"({to_text(expr)})" if parentheses else to_text(expr)
