"""Trees for people: LaTeX for documents, presentational MathML for the browser.

One walk over the tree decides about brackets, fractions and powers; a notation is a table of
templates.  Nothing a user typed reaches the output raw: by the grammar a name is letters, digits
and underscores, and everything else is made here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.equations.language import (
    Equation,
    Statement,
    parse_equations,
    parse_expression,
    parse_statements,
)
from engine.equations.printing import ATOM, PRECEDENCE, number_text, strength
from engine.equations.tree import Binary, Call, Expr, Name, Number, Unary
from engine.equations.units import expression_unit

_GREEK = dict(
    zip(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
        "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega".split(),
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ",
        strict=True,
    )
)
_LATEX = {
    "number": "{0}",
    "letter": "{0}",
    "word": r"\mathrm{{{0}}}",
    "unit": r"\,\mathrm{{{0}}}",
    "greek": r"\{0} ",
    "sub": "{0}_{{{1}}}",
    "row": "{0}",
    "brackets": r"\left({0}\right)",
    "fraction": r"\frac{{{0}}}{{{1}}}",
    "power": "{0}^{{{1}}}",
    "root": r"\sqrt{{{0}}}",
    "bars": r"\left|{0}\right|",
    "call": r"{0}\left({1}\right)",
    "cases": r"\begin{{cases}}{1} & \text{{if }} {0}\\ {2} & \text{{otherwise}}\end{{cases}}",
    "ten": r"{0} \cdot 10^{{{1}}}",
    "+": " + ",
    "-": " - ",
    "*": r"\,",
    "times": r" \cdot ",
    "=": " = ",
    "<": " < ",
    ">": " > ",
    "<=": r" \le ",
    ">=": r" \ge ",
    "==": " = ",
    "!=": r" \ne ",
    "and": r" \land ",
    "or": r" \lor ",
    "not": r"\lnot ",
    "to": r" \leftarrow ",
    ",": ", ",
}
_MATHML = {
    "number": "<mn>{0}</mn>",
    "letter": "<mi>{0}</mi>",
    "word": '<mi mathvariant="normal">{0}</mi>',
    "unit": '<mspace width="0.15em"/><mi mathvariant="normal">{0}</mi>',
    "greek": "<mi>{1}</mi>",
    "sub": "<msub>{0}{1}</msub>",
    "row": "<mrow>{0}</mrow>",
    "brackets": "<mrow><mo>(</mo>{0}<mo>)</mo></mrow>",
    "fraction": "<mfrac>{0}{1}</mfrac>",
    "power": "<msup>{0}{1}</msup>",
    "root": "<msqrt>{0}</msqrt>",
    "bars": "<mrow><mo>|</mo>{0}<mo>|</mo></mrow>",
    "call": "<mrow>{0}<mo>&#x2061;</mo><mo>(</mo>{1}<mo>)</mo></mrow>",
    "cases": (
        "<mrow><mo>{{</mo><mtable><mtr><mtd>{1}</mtd><mtd><mtext>if&#xa0;</mtext>{0}</mtd></mtr>"
        "<mtr><mtd>{2}</mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>"
    ),
    "ten": "<mrow><mn>{0}</mn><mo>·</mo><msup><mn>10</mn>{1}</msup></mrow>",
    "+": "<mo>+</mo>",
    "-": "<mo>−</mo>",
    "*": '<mspace width="0.17em"/>',
    "times": "<mo>·</mo>",
    "=": "<mo>=</mo>",
    "<": "<mo>&lt;</mo>",
    ">": "<mo>&gt;</mo>",
    "<=": "<mo>≤</mo>",
    ">=": "<mo>≥</mo>",
    "==": "<mo>=</mo>",
    "!=": "<mo>≠</mo>",
    "and": "<mo>∧</mo>",
    "or": "<mo>∨</mo>",
    "not": "<mo>¬</mo>",
    "to": "<mo>←</mo>",
    ",": "<mo>,</mo>",
}
_NEGATION = 4  # operands of a minus sign and of `not` keep brackets below this


def to_latex(expr: Expr, declared: Iterable[str] = ()) -> str:
    """``expr`` as LaTeX mathematics.  Names in ``declared`` are never read as units."""
    return _Writer(_LATEX, declared).write(expr)


def to_mathml(expr: Expr, declared: Iterable[str] = ()) -> str:
    """``expr`` as presentational MathML, without the outer ``<math>``."""
    return _Writer(_MATHML, declared).write(expr)


def equations_latex(text: str, declared: Iterable[str] = ()) -> list[str]:
    """Each equation of a model text as LaTeX.  ``declared`` are its parameters."""
    found = parse_equations(text)
    writer = _Writer(_LATEX, {*declared, *(equation.target for equation in found)})
    return [writer.equation(equation) for equation in found]


def equations_mathml(text: str, declared: Iterable[str] = ()) -> list[str]:
    """Each equation of a model text as a whole ``<math>`` element."""
    found = parse_equations(text)
    writer = _Writer(_MATHML, {*declared, *(equation.target for equation in found)})
    return [_math(writer.equation(equation)) for equation in found]


def condition_mathml(text: str, declared: Iterable[str] = ()) -> str:
    """A threshold as a ``<math>`` element; empty for none."""
    return _math(to_mathml(parse_expression(text), declared)) if text.strip() else ""


def statements_mathml(text: str, declared: Iterable[str] = ()) -> list[str]:
    """Each statement of a reset as a ``<math>`` element, an arrow for ``=``."""
    writer = _Writer(_MATHML, declared)
    return [_math(writer.statement(statement)) for statement in parse_statements(text)]


def _math(inner: str) -> str:
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">{inner}</math>'


class _Writer:
    """The walk over a tree, in one notation."""

    def __init__(self, notation: Mapping[str, str], declared: Iterable[str]) -> None:
        self.notation, self.declared = notation, set(declared)

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
        if expr.op == "*" and expr.left == expr.right and isinstance(expr.left, Name):
            return self.put("power", self.write(expr.left), self.put("number", "2"))
        if expr.op == "**":
            base = self.part(expr.left, ATOM, fractions=False)
            return self.put("power", base, self.row(self.write(expr.right)))
        own = PRECEDENCE[expr.op]
        left = self.part(expr.left, own + (own == PRECEDENCE["<"]))
        right = self.part(expr.right, own + (expr.op == "-" or own == PRECEDENCE["<"]))
        if isinstance(expr.right, Unary):
            right = self.put("brackets", self.write(expr.right))
        sign = "times" if expr.op == "*" and isinstance(expr.right, Number) else expr.op
        return self.row(left, self.put(sign), right)

    def quotient(self, expr: Binary) -> str:
        if isinstance(expr.right, Name) and self.is_unit(expr.right.name):
            below = self.put("power", self.name(expr.right.name), self.negative_one())
            return self.row(self.part(expr.left, PRECEDENCE["*"]), below)
        return self.put("fraction", self.row(self.write(expr.left)), self.write(expr.right))

    def negative_one(self) -> str:
        return self.row(self.put("-").strip(), self.put("number", "1"))

    def is_unit(self, name: str) -> bool:
        return name not in self.declared and expression_unit(name) is not None

    def part(self, expr: Expr, weakest: int, fractions: bool = True) -> str:
        """``expr``, in brackets if it binds more weakly than ``weakest``."""
        inner = self.write(expr)
        closed = fractions and isinstance(expr, Binary) and expr.op == "/"
        return inner if closed or strength(expr) >= weakest else self.put("brackets", inner)

    def call(self, expr: Call) -> str:
        inner = [self.write(argument) for argument in expr.arguments]
        kinds = {"sqrt": "root", "abs": "bars", "where": "cases"}
        if expr.function in kinds:
            return self.put(kinds[expr.function], *inner)
        if expr.function == "exp" and isinstance(expr.arguments[0], Name | Number):
            return self.put("power", self.put("word", "e"), inner[0])
        return self.put("call", self.put("word", expr.function), self.put(",").join(inner))

    def number(self, value: float) -> str:
        text = number_text(value)
        if "e" not in text:
            return self.put("number", text)
        digits, power = text.split("e")
        return self.put("ten", digits, self.put("number", str(int(power))))

    def name(self, name: str) -> str:
        if self.is_unit(name):
            return self.row(self.put("unit", name.replace("degC", "°C")))
        base, _, below = name.partition("_")
        if not below:
            return self.symbol(base)
        parts = [self.symbol(part) for part in below.split("_") if part]
        return self.put("sub", self.symbol(base), self.row(self.put(",").join(parts)))

    def symbol(self, part: str) -> str:
        if part in _GREEK:
            return self.put("greek", part, _GREEK[part])
        return self.put("letter" if len(part) == 1 else "word", part)
