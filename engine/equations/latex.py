"""Trees for people: LaTeX for documents, presentational MathML for the browser.

One walk over the tree decides about brackets, fractions and powers; a notation is a table of
templates.  Nothing a user typed reaches the output raw: by the grammar a name is letters, digits
and underscores, and everything else is made here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from engine.equations.algebra import ONE, negate
from engine.equations.language import (
    Equation,
    Statement,
    parse_equations,
    parse_expression,
    parse_statements,
)
from engine.equations.notations import GREEK, LATEX, MATHML
from engine.equations.printing import ATOM, PRECEDENCE, number_text, strength
from engine.equations.tree import Binary, Call, Expr, Name, Number, Unary
from engine.equations.units import expression_unit

_NEGATION = 4  # operands of a minus sign and of `not` keep brackets below this
_NUMBERED = re.compile(r"([A-Za-z]+?)([0-9]+)")  # v1, tau2: the number is a subscript
_COMMANDS = {"eps": "epsilon", "inf": "infty"}  # LaTeX has other names for these
_CALLED = {"log": "ln"}  # what a function is called in print


def to_latex(expr: Expr, declared: Iterable[str] = ()) -> str:
    """``expr`` as LaTeX mathematics.  Names in ``declared`` are never read as units."""
    return _Writer(LATEX, declared).write(expr)


def to_mathml(expr: Expr, declared: Iterable[str] = ()) -> str:
    """``expr`` as presentational MathML, without the outer ``<math>``."""
    return _Writer(MATHML, declared).write(expr)


def name_mathml(name: str) -> str:
    """A parameter or variable as it stands in the equations, as a ``<math>`` element."""
    return _math(_Writer(MATHML, {name}).name(name), "inline")


def name_parts(name: str) -> list[str]:
    """A name as plain letters, and what stands below them: tau_m is ["τ", "m"]."""
    base, below = split_name(name)
    return [GREEK.get(base, base), ",".join("".join(_letters(each)) for each in below)]


def _letters(part: str) -> list[str]:
    """A subscript as plain letters, its number apart: theta1 is ["θ", "1"]."""
    letter, number = _numbered(part) or (part, "")
    return [GREEK.get(letter, letter), number]


def _numbered(part: str) -> tuple[str, str] | None:
    """A letter and its number, v1 or tau2; None for anything else."""
    found = _NUMBERED.fullmatch(part)
    return (found[1], found[2]) if found and (len(found[1]) == 1 or found[1] in GREEK) else None


def split_name(name: str) -> tuple[str, list[str]]:
    """The letter of a name and its subscripts: tau_m, v1, delta_T (a difference), m_inf."""
    base, *below = [part for part in name.split("_") if part]
    numbered = _numbered(base)
    if numbered:
        base, below = numbered[0], [numbered[1], *below]
    elif base == "delta" and below and len(below[0]) == 1 and below[0].isupper():
        base = "Delta"
    return base, below


def equations_latex(text: str | Iterable[Equation], declared: Iterable[str] = ()) -> list[str]:
    """Each equation of a model text as LaTeX.  ``declared`` are its parameters."""
    return _equations(LATEX, text, declared)


def equations_mathml(text: str | Iterable[Equation], declared: Iterable[str] = ()) -> list[str]:
    """Each equation of a model text as a whole ``<math>`` element."""
    return [_math(line) for line in _equations(MATHML, text, declared)]


def condition_mathml(condition: str | Expr | None, declared: Iterable[str] = ()) -> str:
    """A threshold as a ``<math>`` element; empty for none."""
    if isinstance(condition, str):
        condition = parse_expression(condition) if condition.strip() else None
    return _math(to_mathml(condition, declared)) if condition is not None else ""


def statements_mathml(text: str | Iterable[Statement], declared: Iterable[str] = ()) -> list[str]:
    """Each statement of a reset as a ``<math>`` element, an arrow for ``=``."""
    return [_math(line) for line in _statements(MATHML, text, declared)]


def statements_latex(text: str | Iterable[Statement], declared: Iterable[str] = ()) -> list[str]:
    """Each statement of a reset as LaTeX."""
    return _statements(LATEX, text, declared)


def _equations(
    notation: Mapping[str, str], text: str | Iterable[Equation], declared: Iterable[str]
) -> list[str]:
    found = parse_equations(text) if isinstance(text, str) else tuple(text)
    writer = _Writer(notation, {*declared, *(equation.target for equation in found)})
    return [writer.equation(equation) for equation in found]


def _statements(
    notation: Mapping[str, str], text: str | Iterable[Statement], declared: Iterable[str]
) -> list[str]:
    found = parse_statements(text) if isinstance(text, str) else tuple(text)
    writer = _Writer(notation, declared)
    return [writer.statement(statement) for statement in found]


def _math(inner: str, display: str = "block") -> str:
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="{display}">{inner}</math>'


class _Writer:
    """The walk over a tree, in one notation; ``inline`` where there is no room for fractions."""

    def __init__(
        self, notation: Mapping[str, str], declared: Iterable[str], inline: bool = False
    ) -> None:
        self.notation, self.declared, self.inline = notation, set(declared), inline

    def small(self) -> _Writer:
        """The writer of what stands in an exponent: a stroke for a fraction."""
        return _Writer(self.notation, self.declared, True)

    def put(self, kind: str, *parts: str) -> str:
        return self.notation[kind].format(*parts)

    def row(self, *parts: str) -> str:
        return self.put("row", "".join(parts))

    def equation(self, equation: Equation) -> str:
        left = self.name(equation.target)
        if equation.derivative:
            d = self.put("word", "d")
            left = self.put("fraction", self.row(d, left), self.row(d, self.put("letter", "t")))
        sign = self.put("to" if equation.discrete else "=")
        return self.row(left, sign, self.write(equation.value))

    def statement(self, statement: Statement) -> str:
        return self.row(self.name(statement.target), self.put("to"), self.write(statement.value))

    def write(self, expr: Expr) -> str:
        match expr:
            case Number():
                return self.number(expr.value)
            case Name():
                return self.name(expr.name)
            case Unary():
                weakest = PRECEDENCE["*"] if expr.op == "-" else _NEGATION
                return self.row(self.put(expr.op), self.part(expr.operand, weakest))
            case Call():
                return self.call(expr)
            case Binary():
                return self.binary(expr)
        raise TypeError(f"not an expression: {expr!r}")

    def binary(self, expr: Binary) -> str:
        if expr.op == "/":
            return self.quotient(expr)
        if expr.op == "*":
            return self.product(expr)
        if expr.op == "**":
            return self.power(expr.left, self.small().write(expr.right))
        own = PRECEDENCE[expr.op]
        left = self.part(expr.left, own + (own == PRECEDENCE["<"]))
        right = self.part(expr.right, own + (expr.op == "-" or own == PRECEDENCE["<"]))
        if _begins_with_minus(expr.right):
            right = self.put("brackets", self.write(expr.right))
        return self.row(left, self.put(expr.op), right)

    def product(self, expr: Binary) -> str:
        """Factors side by side, equal ones as a power; a dot before a number."""
        right = expr.right
        if isinstance(right, Binary) and right.op == "/" and right.left == ONE:
            return self.quotient(Binary("/", expr.left, right.right))
        parts: list[str] = []
        factors = _factors(expr)
        for place, (factor, times) in enumerate(factors):
            unit = isinstance(factor, Name) and self.is_unit(factor.name)
            if place and not unit:  # a unit brings its own space
                parts.append(self.put("times" if isinstance(factor, Number) else "*"))
            # In one line "x/y z" would be read as a quotient by both.
            split = self.inline and isinstance(factor, Binary) and place + 1 < len(factors)
            if times > 1:
                parts.append(self.power(factor, self.put("number", str(times))))
            elif split or (place and _begins_with_minus(factor)):
                parts.append(self.part(factor, ATOM, fractions=False))
            else:
                parts.append(self.part(factor, PRECEDENCE["*"]))
        return self.row(*parts)

    def power(self, base: Expr, exponent: str) -> str:
        return self.put("power", self.part(base, ATOM, fractions=False), self.row(exponent))

    def quotient(self, expr: Binary) -> str:
        left, right = expr.left, expr.right
        if isinstance(left, Unary) and left.op == "-":
            return self.row(self.put("-"), self.quotient(Binary("/", left.operand, right)))
        if isinstance(right, Name) and self.is_unit(right.name):
            below = self.put("power", self.name(right.name), self.negative_one())
            return self.row(self.part(left, PRECEDENCE["*"]), below)
        if isinstance(right, Call) and right.function == "exprel":
            return self.over_exprel(left, right.arguments[0])
        if self.inline:
            above = self.part(left, PRECEDENCE["*"])
            return self.row(above, self.put("/"), self.part(right, PRECEDENCE["negate"]))
        return self.put("fraction", self.row(self.write(left)), self.write(right))

    def over_exprel(self, left: Expr, argument: Expr) -> str:
        """``left/exprel(x)`` as papers have it: left x / (e^x - 1), or left y / (1 - e^-y)."""
        if _begins_with_minus(argument):
            argument = _without_minus(argument)
            below = Binary("-", ONE, Call("exp", (negate(argument),)))
        else:
            below = Binary("-", Call("exp", (argument,)), ONE)
        above = argument if left == ONE else Binary("*", left, argument)
        if self.inline:
            return self.quotient(Binary("/", above, below))
        return self.put("fraction", self.row(self.small().write(above)), self.write(below))

    def negative_one(self) -> str:
        return self.row(self.put("-").strip(), self.put("number", "1"))

    def is_unit(self, name: str) -> bool:
        return name not in self.declared and expression_unit(name) is not None

    def part(self, expr: Expr, weakest: int, fractions: bool = True) -> str:
        """``expr``, in brackets if it binds more weakly than ``weakest``."""
        inner = self.write(expr)
        closed = fractions and not self.inline and isinstance(expr, Binary) and expr.op == "/"
        closed = closed and not _begins_with_minus(expr)
        kind = "tight" if self.inline else "brackets"
        return inner if closed or strength(expr) >= weakest else self.put(kind, inner)

    def call(self, expr: Call) -> str:
        kinds = {"sqrt": "root", "abs": "bars", "where": "cases", "floor": "floor"}
        if expr.function == "exp":
            return self.put("power", self.put("word", "e"), self.raised(expr.arguments[0]))
        if expr.function == "exprel":
            argument = expr.arguments[0]
            above = Binary("-", Call("exp", (argument,)), ONE)
            return self.part(Binary("/", above, argument), ATOM)
        inner = [self.write(argument) for argument in expr.arguments]
        if expr.function in kinds:
            return self.put(kinds[expr.function], *inner)
        name = _CALLED.get(expr.function, expr.function)
        return self.put("call", self.put("word", name), self.put(",").join(inner))

    def raised(self, exponent: Expr) -> str:
        return self.row(self.small().write(exponent))

    def number(self, value: float) -> str:
        text = number_text(value)
        if "e" not in text:
            return self.put("number", text)
        digits, power = text.split("e")
        raised = self.put("number", str(abs(int(power))))
        raised = self.row(self.put("-").strip(), raised) if int(power) < 0 else raised
        if digits == "1":
            return self.put("power", self.put("number", "10"), raised)
        return self.put("ten", digits, raised)

    def name(self, name: str) -> str:
        if self.is_unit(name):
            return self.row(self.put("unit", name.replace("degC", "°C")))
        base, below = split_name(name)
        if not below:
            return self.symbol(base)
        parts = [self.below(part) for part in below]
        return self.put("sub", self.symbol(base), self.row(self.put(",").join(parts)))

    def below(self, part: str) -> str:
        """A subscript: a capital says what kind (g_K, v_T) and stands upright, as words do."""
        numbered = _numbered(part)
        if numbered:
            return self.row(self.below(numbered[0]), self.put("number", numbered[1]))
        upright = len(part) == 1 and part.isupper()
        return self.put("word", part) if upright else self.symbol(part)

    def symbol(self, part: str) -> str:
        if part.isdecimal():
            return self.put("number", part)
        if part in GREEK:
            return self.put("greek", _COMMANDS.get(part, part), GREEK[part])
        return self.put("letter" if len(part) == 1 else "word", part)


def _begins_with_minus(expr: Expr) -> bool:
    if isinstance(expr, Binary) and expr.op in ("*", "/"):
        return _begins_with_minus(expr.left)
    return isinstance(expr, Unary) and expr.op == "-"


def _without_minus(expr: Expr) -> Expr:
    """``-expr`` of an expression that begins with a minus."""
    if isinstance(expr, Binary):
        return Binary(expr.op, _without_minus(expr.left), expr.right)
    assert isinstance(expr, Unary)
    return expr.operand


def _factors(expr: Expr) -> list[tuple[Expr, int]]:
    """The factors of a product in order, equal names counted."""
    found: list[tuple[Expr, int]] = []
    for factor in _flat(expr):
        same = [k for k, (known, _) in enumerate(found) if known == factor]
        if same and isinstance(factor, Name):
            found[same[0]] = factor, found[same[0]][1] + 1
        else:
            found.append((factor, 1))
    return found


def _flat(expr: Expr) -> list[Expr]:
    if isinstance(expr, Binary) and expr.op == "*":
        return [*_flat(expr.left), *_flat(expr.right)]
    return [expr]
