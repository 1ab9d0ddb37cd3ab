"""Parameters and initial values as text, one a line, the way a person writes them.

    tau_m = 20 ms [0.1, 500]     # membrane time constant
    g_L = C/tau_m : nS
    soft_reset = 0 {hard, soft}  # an option: what 0, 1 ... mean

A number stands with its unit; an expression of other parameters may name the unit after a colon.
Whatever is typed becomes values or a ``Mistake`` with its place: nothing here evaluates anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from engine.equations.language import check_name, parse_expression
from engine.equations.units import NUMBER, is_number, parse_unit
from engine.errors import EquationError
from engine.models.declaration import NO_BOUNDS, Parameter, option
from engine.models.serial import MAX_ENTRIES

PLAIN = "1"  # the unit of a number without one
_ASSIGNMENT = re.compile(r"\s*([^\s=:#]+)\s*=\s*(.*?)\s*$", re.DOTALL)
_QUANTITY = re.compile(rf"({NUMBER})(?![0-9.])\s*((?:1/|[A-Za-zΩµμ°]).*)?$")
_BOUNDS = re.compile(r"\s*\[([^\]]*)\]\s*$")
_CHOICES = re.compile(r"\s*\{([^{}]*)\}\s*$")
_PAIR = re.compile(rf"\s*({NUMBER})\s*(?:,|;|\.\.+|…|to)\s*({NUMBER})\s*$")


@dataclass(frozen=True)
class Mistake:
    """One thing wrong with what stands in the editor: in which field, at which range of it."""

    field: str
    message: str
    remedy: str = ""
    span: tuple[int, int] | None = None


@dataclass(frozen=True)
class Line:
    """One assignment: a name, what stands behind it, and where in the whole text that begins."""

    name: str
    value: str
    start: int  # of the line
    at: int  # of the value
    comment: str = ""


def assignments(text: str, field: str, found: list[Mistake]) -> Iterator[Line]:
    """The assignments in ``text``, one a line; lines that are none are noted in ``found``."""
    start, seen = 0, set[str]()
    for number, whole in enumerate(text.split("\n")):
        code, _, comment = whole.partition("#")
        match = _ASSIGNMENT.match(code)
        span = (start + len(code) - len(code.lstrip()), start + len(code.rstrip()))
        if number >= MAX_ENTRIES:
            message = f"there are more than {MAX_ENTRIES} lines"
            found.append(Mistake(field, message, "split the model", span))
            return
        if match is not None and match[2]:
            line = Line(match[1], match[2], start, start + match.start(2), comment.strip())
            if match[1] in seen:
                message = f"`{match[1][:48]}` is set twice"
                found.append(Mistake(field, message, "keep one of the two lines", span))
            else:
                yield line
            seen.add(match[1])
        elif code.strip():
            example = "tau_m = 20 ms" if field == "parameters" else "v = -65"
            message = "this is no name with a value"
            found.append(Mistake(field, message, f"write for example {example}", span))
        start += len(whole) + 1


def parameters_of(text: str, found: list[Mistake]) -> dict[str, tuple[Parameter, Line]]:
    """The parameters that ``text`` declares, each with its line (``value`` is its expression)."""
    made: dict[str, tuple[Parameter, Line]] = {}
    for line in assignments(text, "parameters", found):
        try:
            made[line.name] = _parameter(line)
        except EquationError as error:
            start = line.at if error.text else line.start
            stop = error.span if error.text else (0, len(line.name))
            span = (start + stop[0], start + stop[1])
            found.append(Mistake("parameters", error.message, error.remedy, span))
    return made


def _parameter(line: Line) -> tuple[Parameter, Line]:
    check_name(line.name, "the parameter name")
    value, choices = _choices(line.value)
    value, bounds = (value, (0.0, len(choices) - 1.0)) if choices else _bounds(value)
    value, colon, unit = value.partition(":")
    value, unit, unit_at = value.rstrip(), unit.strip(), line.value.find(":") + 1
    if match := _QUANTITY.fullmatch(value):
        default: float | str = float(match[1])
        if match[2] and not colon:
            unit, unit_at = match[2].strip(), match.start(2)
    else:
        default = value
        parse_expression(value)
    _check_unit(line.value, unit, unit_at)
    if choices:
        _check_option(value, default, unit, choices)
    if isinstance(default, float):
        _check_number(line.value, value, default, bounds)
        default = int(default) if default.is_integer() and abs(default) < 1e15 else default
        unit = unit or PLAIN
    if choices and isinstance(default, int):
        parameter = option(default, *choices)
        parameter = replace(parameter, doc=line.comment or parameter.doc)
    else:
        parameter = Parameter(default, unit, bounds, line.comment)
    return parameter, Line(line.name, value, line.start, line.at, line.comment)


def _choices(value: str) -> tuple[str, tuple[str, ...]]:
    """What stands before the words in braces, and the words."""
    match = _CHOICES.search(value)
    if match is None:
        return value, ()
    words = tuple(" ".join(each.split()) for each in match[1].split(","))
    if len(words) < 2 or not all(words):
        span = (match.start(1) - 1, match.end(1) + 1)
        raise EquationError("these are no choices", value, span, "write two, such as {hard, soft}")
    return value[: match.start()], words


def _check_option(value: str, default: float | str, unit: str, choices: tuple[str, ...]) -> None:
    if default in range(len(choices)) and unit in ("", PLAIN):
        return
    remedy = f"write a whole number from 0 to {len(choices) - 1}"
    raise EquationError("this is none of the choices", value, (0, len(value)), remedy)


def _bounds(value: str) -> tuple[str, tuple[float, float]]:
    """What stands before the bounds, and the bounds."""
    match = _BOUNDS.search(value)
    if match is None:
        return value, NO_BOUNDS
    pair = _PAIR.fullmatch(match[1])
    span = (match.start(1) - 1, match.end(1) + 1)
    if pair is None:
        message = "these are no bounds"
        raise EquationError(message, value, span, "write two numbers, such as [0, 100]")
    low, high = float(pair[1]), float(pair[2])
    if not (is_number(low) and is_number(high) and low < high):
        message = "the lower bound must lie below the upper one"
        raise EquationError(message, value, span, "write the smaller number first")
    return value[: match.start()], (low, high)


def _check_unit(text: str, unit: str, at: int) -> None:
    try:
        parse_unit(unit)
    except EquationError as error:
        at += len(text[at:]) - len(text[at:].lstrip())
        raise EquationError(error.message, text, (at, at + len(unit)), error.remedy) from None


def _check_number(text: str, value: str, number: float, bounds: tuple[float, float]) -> None:
    if not is_number(number):
        message = "this number is too large"
        raise EquationError(message, text, (0, len(value)), "use at most 1e300")
    if not bounds[0] <= number <= bounds[1]:
        message = f"{number:g} lies outside its bounds"
        raise EquationError(message, text, (0, len(value)), "change the number or the bounds")


def initial_of(
    text: str, states: set[str], found: list[Mistake]
) -> dict[str, tuple[float | str, Line]]:
    """The initial values in ``text``: numbers, expressions of parameters, or "rest"."""
    made: dict[str, tuple[float | str, Line]] = {}
    for line in assignments(text, "initial", found):
        if line.name not in states:
            message = f"`{line.name[:48]}` is not a variable of these equations"
            remedy = f"there are {', '.join(sorted(states))}" if states else "write an equation"
            span = (line.start, line.start + len(line.name))
            found.append(Mistake("initial", message, remedy, span))
        elif re.fullmatch(NUMBER, line.value) and is_number(float(line.value)):
            made[line.name] = float(line.value), line
        else:
            made[line.name] = line.value, line
    return made


def parameters_text(parameters: Mapping[str, Parameter]) -> str:
    """The declarations as text; ``parameters_of`` reads it back."""
    return "\n".join(_written(name, parameter) for name, parameter in parameters.items())


def _written(name: str, parameter: Parameter) -> str:
    unit = "" if parameter.unit == PLAIN else parameter.unit
    if isinstance(parameter.default, str):
        words = f"{name} = {parameter.default}" + (f" : {unit}" if unit else "")
    else:
        words = f"{name} = {_number(parameter.default)} {unit}".rstrip()
    usual = ""
    if parameter.choices:
        words += f" {{{', '.join(_plain(each) for each in parameter.choices)}}}"
        usual = option(0, *parameter.choices).doc
    elif parameter.bounds != NO_BOUNDS:
        words += f" [{_number(parameter.bounds[0])}, {_number(parameter.bounds[1])}]"
    return f"{words}  # {parameter.doc}" if parameter.doc not in ("", usual) else words


def _plain(words: str) -> str:
    """Words without the signs that stand between and around choices."""
    return re.sub(r"[,;{}#\n]+", "", words)


def initial_text(initial: Mapping[str, float | str]) -> str:
    """Initial values as text; ``initial_of`` reads it back."""
    return "\n".join(
        f"{state} = {value if isinstance(value, str) else _number(value)}"
        for state, value in initial.items()
    )


def _number(value: object) -> str:
    """As few digits as give the number back."""
    text = repr(float(value))  # type: ignore[arg-type]
    return text.removesuffix(".0")
