"""Units and dimensions: one coherent system of plain numbers, checked at every boundary.

Base units are ms, mV, pA, 10 um, degC and mM; in them pF, nS, uA/cm^2, uF/cm^2 and mS/cm^2 all have
the factor 1.  Every unit is a power of ten times a product of base units, so converting never
rounds twice.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction

from engine.errors import DocumentError, EquationError, Problem

_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Dimension:
    """Exponents of time, voltage, current, length, temperature and concentration."""

    time: Fraction = _ZERO
    voltage: Fraction = _ZERO
    current: Fraction = _ZERO
    length: Fraction = _ZERO
    temperature: Fraction = _ZERO
    concentration: Fraction = _ZERO

    def exponents(self) -> tuple[Fraction, ...]:
        """The six exponents in the order of the fields."""
        return (
            self.time,
            self.voltage,
            self.current,
            self.length,
            self.temperature,
            self.concentration,
        )

    def __mul__(self, other: Dimension) -> Dimension:
        pairs = zip(self.exponents(), other.exponents(), strict=True)
        return Dimension(*(a + b for a, b in pairs))

    def __truediv__(self, other: Dimension) -> Dimension:
        return self * other**-1

    def __pow__(self, power: int | Fraction) -> Dimension:
        return Dimension(*(a * power for a in self.exponents()))


NONE = Dimension()
TIME, VOLTAGE, CURRENT, LENGTH, TEMPERATURE, CONCENTRATION = (
    Dimension(*(Fraction(int(place == row)) for place in range(6))) for row in range(6)
)

# symbol -> (power of ten of one such unit in base units, dimension)
_SYMBOLS: dict[str, tuple[int, Dimension]] = {
    "V": (3, VOLTAGE),
    "A": (12, CURRENT),
    "S": (9, CURRENT / VOLTAGE),
    "F": (12, CURRENT * TIME / VOLTAGE),
    "C": (15, CURRENT * TIME),
    "s": (3, TIME),
    "Hz": (-3, TIME**-1),
    "ohm": (-9, VOLTAGE / CURRENT),
    "Ohm": (-9, VOLTAGE / CURRENT),
    "Ω": (-9, VOLTAGE / CURRENT),
    "m": (5, LENGTH),
    "M": (3, CONCENTRATION),
}
_PREFIXES = {"f": -15, "p": -12, "n": -9, "u": -6, "µ": -6, "μ": -6, "m": -3, "k": 3}
_PREFIXES |= {"M": 6, "G": 9}
_PLAIN = {"degC": (0, TEMPERATURE), "°C": (0, TEMPERATURE), "cm": (3, LENGTH)}

# How a dimension is written for people: the usual name where there is one.
_USUAL = (
    "1 ms mV pA nS pF 1/ms mV/ms pA/ms 1/mV 1/(mV ms) uA/cm^2 uF/cm^2 mS/cm^2 GOhm pA*ms "
    "degC mM mV^2 nS/ms ms^2 um um^2"
)
_UNIT_TOKEN = re.compile(r"\s+|(\*\*|\^|[*/()·])|([-+]?[0-9]+)|([A-Za-zΩµμ°]+)")
_POWER_BEHIND = re.compile(r"(?<=[A-Za-z])(?=[-+]?[0-9])")  # between cm and 2 in cm2
MAX_UNIT = 64
NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_QUANTITY = re.compile(rf"\s*({NUMBER})\s*(.*?)\s*")
_LONGEST = 200  # letters of a quantity
_LARGEST = 1e300


def parse_unit(text: str) -> tuple[float, Dimension]:
    """``"mS/cm^2"`` -> (factor to the coherent unit, dimension).

    A space or ``*`` multiplies, ``/`` divides, ``^``, ``**`` or a number at once behind a symbol
    (``cm2``) raises; "" and "1" are no unit.
    Raises ``EquationError``.
    """
    power, dimension = _parsed(text)
    return _ten(power), dimension


def expression_unit(name: str) -> tuple[float, Dimension] | None:
    """What ``name`` means as a unit inside an expression, or None.

    Only names with a prefix (mV, ms, nS) and Hz and degC count, so that a forgotten parameter
    called ``V`` or ``m`` is an error and not a unit.
    """
    if name in ("Hz", "degC"):
        found = _symbol(name)
    else:
        found = _symbol(name) if name not in _SYMBOLS else None
    return None if found is None else (_ten(found[0]), found[1])


def describe(dimension: Dimension) -> str:
    """A dimension as the unit a person would write, such as ``nS`` or ``mV/ms``; ``1`` for none."""
    for text in _usual_units():
        power, known = _parsed(text)
        if known == dimension and (power == 0 or text.startswith("um")):
            return text
    names = ("ms", "mV", "pA", "(10 um)", "degC", "mM")
    pairs = zip(names, dimension.exponents(), strict=True)
    return " ".join(n if e == 1 else f"{n}^{e}" for n, e in pairs if e)


def quantity(value: float | str, unit: str, what: str) -> float:
    """``value`` as a number in ``unit``: a number already in it, or a text such as "0.5 nA".

    Raises ``DocumentError`` naming ``what``, the given and the expected unit.
    """
    if isinstance(value, str):
        return _quantity_of_text(value, unit, what)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        shown = f"{type(value).__name__} is not a number"
        raise _refused(what, "value", shown, _example(unit))
    try:
        return _finite(float(value), what, unit)
    except OverflowError:
        raise _refused(what, "value", "it is too large a number", _example(unit)) from None


def number_and_unit(text: str) -> tuple[float, str] | None:
    """ "20 ms" -> (20.0, "ms"), "20" -> (20.0, ""); None where no number stands first."""
    match = _QUANTITY.fullmatch(text) if len(text) <= _LONGEST else None
    return (float(match[1]), match[2]) if match else None


def is_number(value: object) -> bool:
    """True for a finite int or float; not for a bool."""
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    return plain and abs(value) < _LARGEST and math.isfinite(value)  # pyright: ignore


def format_quantity(value: float, unit: str) -> str:
    """``0.5``, ``"nA"`` -> "0.5 nA" with at most six figures."""
    number = f"{value:.6g}"
    return number if unit in ("", "1") else f"{number} {unit}"


def convert(value: float, given: str, wanted: str) -> float:
    """``value`` in unit ``given`` as a number in unit ``wanted`` (same dimension)."""
    (power, dimension), (other, expected) = _parsed(given), _parsed(wanted)
    if dimension != expected:
        raise EquationError(f"{given} cannot be turned into {wanted}")
    return _scaled(value, power - other)


def _quantity_of_text(text: str, unit: str, what: str) -> float:
    parts = number_and_unit(text)
    if parts is None:
        raise _refused(what, "value", f'"{text[:40]}" is not a quantity', _example(unit))
    number, given = parts
    if not given:
        return _finite(number, what, unit)
    try:
        (power, dimension), (other, expected) = _parsed(given), _parsed(unit)
    except EquationError as error:
        raise _refused(what, "unit", error.message, error.remedy or _example(unit)) from None
    if dimension != expected:
        wanted = "a plain number" if expected == NONE else f"a value in {unit}"
        plain = describe(dimension)
        shown = given if given == plain else f"{given} ({plain})"
        message = f"it is given in {shown}, but is {wanted}"
        raise _refused(what, "unit", message, _example(unit))
    return _finite(_scaled(number, power - other), what, unit)


def _finite(value: float, what: str, unit: str) -> float:
    if not math.isfinite(value):
        raise _refused(what, "value", "it is not a finite number", _example(unit))
    return value


def _refused(what: str, code: str, message: str, remedy: str) -> DocumentError:
    return DocumentError(Problem("", code, f"`{what}`: {message}" if what else message, remedy))


def _example(unit: str) -> str:
    return "give a number" if unit in ("", "1") else f'give a number in {unit}, or "... {unit}"'


def _ten(power: int) -> float:
    return float(f"1e{power}")


def _scaled(value: float, power: int) -> float:
    # Dividing by an exact power of ten rounds once; multiplying by 1e-3 would round twice.
    return value * _ten(power) if power >= 0 else value / _ten(-power)


def _usual_units() -> list[str]:
    return re.findall(r"1/\([^)]*\)|\S+", _USUAL)


def _symbol(name: str) -> tuple[int, Dimension] | None:
    if name in _SYMBOLS or name in _PLAIN:
        return (_SYMBOLS | _PLAIN)[name]
    power, rest = _PREFIXES.get(name[:1]), name[1:]
    if power is None or rest not in _SYMBOLS:
        return None
    return power + _SYMBOLS[rest][0], _SYMBOLS[rest][1]


def _parsed(text: str) -> tuple[int, Dimension]:
    if not isinstance(text, str) or len(text) > MAX_UNIT:
        raise EquationError(f"{str(text)[:20]!r} is not a unit", remedy="write mV, nS or mS/cm^2")
    tokens: list[str] = []
    place, written = 0, _POWER_BEHIND.sub("^", text)
    while place < len(written):
        match = _UNIT_TOKEN.match(written, place)
        if match is None:
            raise _bad_unit(text, written[place])
        if match[0].strip():
            tokens.append(match[0])
        place = match.end()
    power, dimension, rest = _product(tokens, text) if tokens else (0, NONE, [])
    if rest:
        raise _bad_unit(text, rest[0])
    return power, dimension


def _product(tokens: list[str], text: str) -> tuple[int, Dimension, list[str]]:
    power, dimension, sign = 0, NONE, 1
    while tokens and tokens[0] != ")":
        if tokens[0] in ("*", "·", "/"):
            sign = -1 if tokens[0] == "/" else 1
            tokens = tokens[1:]
        ten, unit, tokens = _factor(tokens, text)
        if tokens and tokens[0] in ("^", "**"):
            if len(tokens) < 2 or not re.fullmatch(r"[-+]?[0-9]", tokens[1]):
                raise _bad_unit(text, tokens[0])
            raised = int(tokens[1])
            ten, unit, tokens = ten * raised, unit**raised, tokens[2:]
        power, dimension = power + sign * ten, dimension * unit**sign
        sign = 1
    return power, dimension, tokens


def _factor(tokens: list[str], text: str) -> tuple[int, Dimension, list[str]]:
    if not tokens:
        raise _bad_unit(text, "/")
    first, rest = tokens[0], tokens[1:]
    if first == "1":
        return 0, NONE, rest
    if first == "(":
        power, dimension, rest = _product(rest, text)
        if not rest:
            raise _bad_unit(text, "(")
        return power, dimension, rest[1:]
    found = _symbol(first)
    if found is None:
        raise _bad_unit(text, first)
    return *found, rest


def _bad_unit(text: str, part: str) -> EquationError:
    known = ("ms", "s", "mV", "V", "pA", "nA", "uA", "pF", "nF", "uF", "nS", "uS", "mS", "Hz")
    known += ("kHz", "um", "cm", "degC", "mM", "MOhm", "GOhm")
    near = get_close_matches(part, known, n=1, cutoff=0.5)
    near = near or [unit for unit in known if unit.lower() == part.lower()]
    remedy = f"did you mean `{near[0]}`?" if near else "write for example mV, nS or mS/cm^2"
    return EquationError(f"`{part[:20]}` in {text!r} is not a unit", remedy=remedy)
