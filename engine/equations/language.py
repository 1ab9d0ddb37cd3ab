"""The equation language: text -> tree, with the place of every mistake.

A hand-written tokenizer and a Pratt parser.  Whatever the text, the result is a tree of the allowed
nodes or an ``EquationError``: lengths, nesting and exponents are limited before they are followed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from engine.equations.folding import constant
from engine.equations.printing import PRECEDENCE
from engine.equations.printing import to_text as to_text
from engine.equations.tree import (
    COMPARISONS,
    FUNCTIONS,
    LOGIC,
    Binary,
    Call,
    Expr,
    Name,
    Number,
    Span,
    Unary,
)
from engine.errors import EquationError, near

MAX_TEXT, MAX_TOKENS, MAX_DEPTH, MAX_NODES, MAX_NAME, MAX_EXPONENT = 4096, 1000, 64, 500, 48, 64
KEYWORDS = ("and", "or", "not")
RESERVED = {*FUNCTIONS, *KEYWORDS, "t", "dt", "True", "False", "inf", "nan"}

_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+)"
    r"|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<op>\*\*|<=|>=|==|!=|[-+*/<>(),])"
)
_DERIVATIVE = re.compile(r"d([A-Za-z][A-Za-z0-9_]*)\s*/\s*dt\s*=(?!=)")
_UPDATE = re.compile(r"([A-Za-z][A-Za-z0-9_]*)\s*:=(?!=)")
_ASSIGNMENT = re.compile(r"([A-Za-z][A-Za-z0-9_]*)\s*([-+*/]?)=(?!=)")
_REMEDIES = {
    "^": "write ** for a power",
    "&": "write and",
    "|": "write or",
    "!": "write not",
    "[": "there is no indexing; write a plain name",
    ".": "there are no attributes; write a plain name such as v_th",
    "=": "write == to compare; a statement has one = only",
    "%": "there is no remainder; use floor",
    "'": "there is no text in an equation",
    '"': "there is no text in an equation",
    ";": "put each equation on a line of its own",
    "\N{MINUS SIGN}": "write a plain -",
    "\N{EN DASH}": "write a plain -",
    "\N{MULTIPLICATION SIGN}": "write *",
    "\N{MIDDLE DOT}": "write *",
    "\N{DOT OPERATOR}": "write *",
    "\N{DIVISION SIGN}": "write /",
    "\N{SUPERSCRIPT TWO}": "write **2",
    "\N{SUPERSCRIPT THREE}": "write **3",
}


@dataclass(frozen=True, slots=True)
class Equation:
    """``dx/dt = value : unit`` (derivative), ``x := value : unit`` (the value after one step,
    discrete) or ``x = value : unit`` (a named sub-expression)."""

    target: str
    value: Expr
    unit: str
    derivative: bool
    span: Span = (0, 0)
    discrete: bool = False

    @property
    def state(self) -> bool:
        """Whether this is the equation of a variable."""
        return self.derivative or self.discrete


@dataclass(frozen=True, slots=True)
class Statement:
    """``target = value`` of a reset; ``v += d`` is stored as ``v = v + d``."""

    target: str
    value: Expr
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # "number" | "name" | "op" | "end"
    text: str
    span: Span


def parse_expression(text: str) -> Expr:
    """The tree of one expression or condition.  Raises ``EquationError``."""
    _check_text(text)
    return _expression(text, (0, len(text)), _Budget())


def parse_equations(text: str) -> tuple[Equation, ...]:
    """The equations in ``text``, one a line, ``#`` starts a comment.  Raises ``EquationError``."""
    _check_text(text)
    budget = _Budget()
    found = [_equation(text, span, budget) for span in _lines(text, "\n")]
    if not found:
        raise EquationError("there is no equation", text, (0, 0), "write dv/dt = ... : mV")
    _check_distinct(text, found)
    return tuple(found)


def parse_statements(text: str) -> tuple[Statement, ...]:
    """The statements of a reset, separated by ``;`` or line ends.  Raises ``EquationError``."""
    _check_text(text)
    budget = _Budget()
    return tuple(_statement(text, span, budget) for span in _lines(text, "\n;"))


def is_condition(expr: Expr) -> bool:
    """True if ``expr`` is true or false rather than a number."""
    match expr:
        case Unary(op="not"):
            return True
        case Binary():
            return expr.op in COMPARISONS or expr.op in LOGIC
    return False


def check_name(name: object, what: str = "name") -> str:
    """``name`` if it can be used in equations, else ``EquationError``."""
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        shown = str(name)[:MAX_NAME]
        remedy = "use letters a-z, digits and _, starting with a letter"
        raise EquationError(f"{what} {shown!r} cannot be used in equations", remedy=remedy)
    if len(name) > MAX_NAME:
        raise EquationError(
            f"{what} {name[:20]}... is longer than {MAX_NAME} letters", remedy="shorten it"
        )
    if name in RESERVED:
        raise EquationError(f"{what} `{name}` has a meaning of its own", remedy="choose another")
    return name


def undeclared(name: Name, known: set[str], text: str) -> EquationError:
    """The error for a name that nothing declares, with the nearest names that are."""
    remedy = near(name.name, sorted(known)) or "declare it as a parameter"
    if name.name == "t":
        remedy = "let time come in through a source"
    return EquationError(f"`{name.name}` is not declared", text, name.span, remedy)


def _check_text(text: object) -> None:
    if not isinstance(text, str):
        raise EquationError(f"an equation is a text, not {type(text).__name__}")
    if len(text) > MAX_TEXT:
        size = f"{len(text):,} characters; at most {MAX_TEXT:,} are read"
        raise EquationError(f"the text has {size}", remedy="split the model")


def _lines(text: str, separators: str) -> list[Span]:
    """Ranges of the non-empty pieces of ``text`` between separators, without comments."""
    spans: list[Span] = []
    start, comment = 0, False
    for place, letter in enumerate(text + "\n"):
        if letter == "#" and not comment:
            spans.append((start, place))
            comment = True
        elif letter == "\n" or (letter in separators and not comment):
            if not comment:
                spans.append((start, place))
            start, comment = place + 1, False
    return [trimmed for span in spans if (trimmed := _trim(text, span))[0] < trimmed[1]]


def _trim(text: str, span: Span) -> Span:
    start, stop = span
    while start < stop and text[start] in " \t\r":
        start += 1
    while stop > start and text[stop - 1] in " \t\r":
        stop -= 1
    return start, stop


def _equation(text: str, span: Span, budget: _Budget) -> Equation:
    start, stop = span
    match = _DERIVATIVE.match(text, start, stop)
    derivative = match is not None
    match = match or _UPDATE.match(text, start, stop)
    discrete = match is not None and not derivative
    if match is None:
        match = _ASSIGNMENT.match(text, start, stop)
        if match is None or match[2]:
            remedy = "write dv/dt = ... : unit, v := ... : unit, or name = ... : unit"
            raise EquationError("this is not an equation", text, span, remedy)
    check_name(match[1])
    colon = text.find(":", match.end(), stop)
    unit = text[colon + 1 : stop].strip() if colon >= 0 else ""
    value = _expression(text, (match.end(), colon if colon >= 0 else stop), budget)
    if is_condition(value):
        raise EquationError(
            "the right side is a condition, not a number", text, value.span, "use where(...)"
        )
    return Equation(match[1], value, unit, derivative, span, discrete)


def _statement(text: str, span: Span, budget: _Budget) -> Statement:
    match = _ASSIGNMENT.match(text, *span)
    if match is None:
        remedy = "write for example v = v_reset; w += b"
        raise EquationError("this is not a statement", text, span, remedy)
    check_name(match[1])
    value = _expression(text, (match.end(), span[1]), budget)
    if is_condition(value):
        raise EquationError(
            "the right side is a condition, not a number", text, value.span, "use where(...)"
        )
    if match[2]:
        value = Binary(match[2], Name(match[1], span), value, span)
    return Statement(match[1], value, span)


def _check_distinct(text: str, equations: list[Equation]) -> None:
    seen: set[str] = set()
    for equation in equations:
        if equation.target in seen:
            message = f"`{equation.target}` is defined twice"
            raise EquationError(message, text, equation.span, "keep one of the two lines")
        seen.add(equation.target)


@dataclass
class _Budget:
    """What one text may still use up: shared by all expressions in it."""

    tokens: int = MAX_TOKENS
    nodes: int = MAX_NODES


def _expression(text: str, span: Span, budget: _Budget) -> Expr:
    return _Parser(text, _tokens(text, span, budget), budget).whole()


def _tokens(text: str, span: Span, budget: _Budget) -> list[_Token]:
    found: list[_Token] = []
    place, stop = span
    while place < stop:
        match = _TOKEN.match(text, place, stop)
        if match is None:
            _refuse_character(text, place)
        if match.lastgroup != "space":
            found.append(_Token(str(match.lastgroup), match[0], match.span()))
            budget.tokens -= 1
        if budget.tokens < 0:
            message = f"the text has more than {MAX_TOKENS:,} symbols"
            raise EquationError(message, text, match.span(), "split the model")
        place = match.end()
    found.append(_Token("end", "", (stop, stop)))
    return found


def _refuse_character(text: str, place: int) -> NoReturn:
    letter = text[place]
    shown = letter if letter.isprintable() else f"U+{ord(letter):04X}"
    remedy = _REMEDIES.get(letter, "use letters a-z, digits and + - * / ** ( )")
    raise EquationError(f"`{shown}` has no meaning here", text, (place, place + 1), remedy)


def _infix(token: _Token) -> bool:
    return token.text in LOGIC or (token.kind == "op" and token.text in PRECEDENCE)


class _Parser:
    """Pratt parser over one expression; every method returns a tree and its height."""

    def __init__(self, text: str, tokens: list[_Token], budget: _Budget) -> None:
        self.text, self.tokens, self.budget = text, tokens, budget
        self.place = 0
        self.open = 0  # calls in progress: what bounds Python's own stack

    def whole(self) -> Expr:
        expr, _ = self.operation(0)
        token = self.peek()
        if (token.kind == "name" and token.text not in KEYWORDS) or token.kind == "number":
            before = self.text[self.tokens[self.place - 1].span[0] : token.span[1]]
            remedy = f"write * between them: {before.split()[0][:20]}*{token.text[:20]}"
            if " " not in before:
                remedy = "write * between them, such as 5*mV"
            self.fail("an operator is missing", token.span, remedy)
        if token.text == ")":
            self.fail("this bracket closes nothing", token.span, "remove it")
        if token.kind != "end":
            self.fail(f"`{token.text}` is not expected here", token.span, "check what is before it")
        return expr

    def operation(self, weakest: int) -> tuple[Expr, int]:
        """An operand and every operation after it that binds stronger than ``weakest``."""
        self.open += 1
        if self.open > MAX_DEPTH:
            self.too_deep(self.peek().span)
        left, height = self.operand(weakest)
        while _infix(op := self.peek()):
            power = PRECEDENCE[op.text]
            if power <= weakest:
                break
            self.place += 1
            right, other = self.operation(power - 1 if op.text == "**" else power)
            left, height = self.binary(op, left, right, max(height, other) + 1)
        self.open -= 1
        return left, height

    def operand(self, weakest: int) -> tuple[Expr, int]:
        token = self.peek()
        self.place += 1
        if token.kind == "number":
            return self.number(token), 1
        if token.text in ("-", "+", "not"):
            return self.prefix(token, weakest)
        if token.text == "(":
            inner, height = self.operation(0)
            self.expect(")", token)
            return inner, height
        if token.kind == "name" and token.text not in KEYWORDS:
            return self.name_or_call(token)
        what = "the expression ends too early" if token.kind == "end" else "a value is missing here"
        self.fail(what, token.span, "write a number, a name or a bracket")

    def prefix(self, token: _Token, weakest: int) -> tuple[Expr, int]:
        if token.text == "not" and weakest >= PRECEDENCE["not"]:
            self.fail("`not` needs brackets here", token.span, "write (not ...)")
        strength = PRECEDENCE["not" if token.text == "not" else "negate"]
        inner, height = self.operation(strength - 1)
        if token.text == "+":
            return inner, height
        span = (token.span[0], inner.span[1])
        self.want(inner, token.text == "not")
        return self.made(Unary(token.text, inner, span), height + 1)

    def binary(self, op: _Token, left: Expr, right: Expr, height: int) -> tuple[Expr, int]:
        span = (left.span[0], right.span[1])
        if op.text in COMPARISONS and is_condition(left):
            self.fail("comparisons cannot be chained", span, "write a < b and b < c")
        self.want(left, op.text in LOGIC)
        self.want(right, op.text in LOGIC)
        if op.text == "/" and constant(right) == 0:
            self.fail("this divides by zero", span, "remove it")
        if op.text == "**":
            self.check_exponent(right)
        return self.made(Binary(op.text, left, right, span), height)

    def check_exponent(self, exponent: Expr) -> None:
        value = constant(exponent)
        if value is not None and not abs(value) <= MAX_EXPONENT:
            self.fail(f"an exponent is at most {MAX_EXPONENT}", exponent.span, "use exp(...)")

    def number(self, token: _Token) -> Number:
        value = float(token.text)
        if value == float("inf"):
            self.fail("this number is too large", token.span, "use at most 1e308")
        node, _ = self.made(Number(value, token.span), 1)
        assert isinstance(node, Number)
        return node

    def name_or_call(self, token: _Token) -> tuple[Expr, int]:
        if len(token.text) > MAX_NAME:
            self.fail(f"this name is longer than {MAX_NAME} letters", token.span, "shorten it")
        if self.peek().text == "(" and self.peek().kind == "op":
            return self.call(token)
        if token.text in FUNCTIONS:
            self.fail(f"`{token.text}` is a function", token.span, f"write {token.text}(...)")
        return self.made(Name(token.text, token.span), 1)

    def call(self, token: _Token) -> tuple[Expr, int]:
        if token.text not in FUNCTIONS:
            remedy = near(token.text, FUNCTIONS) or f"there are {', '.join(FUNCTIONS)}"
            self.fail(f"`{token.text}` is not a function", token.span, remedy)
        opening = self.peek()
        self.place += 1
        arguments, height = self.arguments()
        closing = self.expect(")", opening)
        span = (token.span[0], closing.span[1])
        wanted = FUNCTIONS[token.text]
        if len(arguments) != wanted:
            count = f"{wanted} value{'s' if wanted > 1 else ''}, not {len(arguments)}"
            self.fail(f"`{token.text}` takes {count}", span, "separate values by commas")
        for place, argument in enumerate(arguments):
            self.want(argument, token.text == "where" and place == 0)
        return self.made(Call(token.text, tuple(arguments), span), height + 1)

    def arguments(self) -> tuple[list[Expr], int]:
        found: list[Expr] = []
        deepest = 0
        while self.peek().text != ")":
            argument, height = self.operation(0)
            found.append(argument)
            deepest = max(deepest, height)
            if self.peek().text != ",":
                break
            self.place += 1
        return found, deepest

    def want(self, expr: Expr, condition: bool) -> None:
        if is_condition(expr) and not condition:
            remedy = "write where(condition, 1, 0)"
            self.fail("a condition is not a number", expr.span, remedy)
        if condition and not is_condition(expr):
            self.fail("a condition is expected here", expr.span, "compare, such as v > 0")

    def made(self, node: Expr, height: int) -> tuple[Expr, int]:
        self.budget.nodes -= 1
        if self.budget.nodes < 0:
            remedy = "split the model or name sub-expressions"
            self.fail(f"the text has more than {MAX_NODES} operations", node.span, remedy)
        if height > MAX_DEPTH:
            self.too_deep(node.span)
        return node, height

    def too_deep(self, span: Span) -> NoReturn:
        remedy = "name a part of it on a line of its own"
        self.fail(f"the expression is nested deeper than {MAX_DEPTH}", span, remedy)

    def expect(self, text: str, opening: _Token) -> _Token:
        token = self.peek()
        if token.text != text:
            self.fail("this bracket is not closed", opening.span, f"add `{text}`")
        self.place += 1
        return token

    def peek(self) -> _Token:
        return self.tokens[self.place]

    def fail(self, message: str, span: Span, remedy: str) -> NoReturn:
        raise EquationError(message, self.text, span, remedy)
