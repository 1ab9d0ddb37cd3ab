"""The rows a form is made of, and how a value of the document becomes a slider and a text."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from engine.document.values import DISTRIBUTIONS, is_distribution, is_spatial
from engine.equations.units import quantity
from engine.errors import WorkbenchError
from workbench.editor.graph import count, figure
from workbench.locale import text

_MICRO = re.compile(r"\bu(?=[A-Z]|[ms]\b)")  # uA, um: the prefix that ASCII lacks
Row = dict[str, Any]
Form = dict[str, Any]

AUTOMATIC = ""  # the solver that is chosen from the equations
ONE_VALUE = "one"  # the choice beside the distributions: the same value for every member
AROUND = 10  # a slider reaches this many times below and above a positive default
LOG_FROM = 50  # a range wider than this factor is shown on a logarithmic slider
SLIDER_MARKS = 200  # distinguishable positions of a linear slider
MILLIVOLTS_AROUND = 50  # a membrane voltage is sought within this distance of its default


def help_of(meaning: str = "", default: str = "", source: str = "", bounds: Any = None) -> Row:
    """What the tooltip of a row says."""
    return {"meaning": meaning, "default": default, "source": source, "range": bounds_text(bounds)}


def bounds_text(bounds: Any) -> str:
    """ "0.1 … 500", "at least 0", or nothing for a range without limits."""
    low, high = _limits(bounds)
    if low is not None and high is not None:
        return f"{figure(low)} … {figure(high)}"
    if low is not None:
        return text("tip.least", value=figure(low))
    return text("tip.most", value=figure(high)) if high is not None else ""


def _limits(bounds: Any) -> tuple[float | None, float | None]:
    low, high = bounds if bounds is not None else (None, None)
    return _finite(low), _finite(high)


def _finite(value: Any) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def slider(
    value: float | None, default: float | None, bounds: Any, unit: str = "", integer: bool = False
) -> Row | None:
    """The range of a slider: the bounds where they are narrow, else what is near the default."""
    anchor = default if default is not None else value
    if anchor is None or not math.isfinite(anchor) or not math.isfinite(value or 0.0):
        return None
    low, high = _limits(bounds)
    low, high = _around(anchor, low, high, unit)
    if value is not None:
        low, high = min(low, value), max(high, value)
    log = low > 0 and high / low >= LOG_FROM
    step = 1.0 if integer else _round_step((high - low) / SLIDER_MARKS)
    return {"low": low, "high": high, "log": log, "step": _step_at(anchor) if log else step}


def _around(anchor: float, low: float | None, high: float | None, unit: str) -> tuple[float, float]:
    if unit == "mV":
        near, far = anchor - MILLIVOLTS_AROUND, anchor + MILLIVOLTS_AROUND
        return (near if low is None else max(low, near), far if high is None else min(high, far))
    size = abs(anchor) or 1.0
    if low is None or low < 0:
        reach = 4 * size
        return (
            max(low, -reach) if low is not None else -reach,
            min(high, reach) if high is not None else reach,
        )
    if low == 0 or anchor == 0:
        most = 10 * size
        return low, most if high is None else min(high, _round_step(most))
    return (
        max(low, _round_step(anchor / AROUND)),
        _round_step(anchor * AROUND) if high is None else min(high, _round_step(anchor * AROUND)),
    )


def _round_step(value: float) -> float:
    """The number of 1, 2, 5, 10, 20 ... nearest to ``value``."""
    if value <= 0:
        return 1.0
    decade = 10.0 ** math.floor(math.log10(value))
    return min((1, 2, 5, 10), key=lambda mark: abs(mark * decade - value)) * decade


def _step_at(value: float) -> float:
    """What one press of an arrow key changes on a logarithmic scale: a fiftieth of the value."""
    return _round_step(abs(value) / 50) if value else 1.0


def number_of(value: Any, unit: str) -> float | None:
    """A value of the document as a number in ``unit``; None if it is not one number."""
    try:
        return quantity(value, unit, "value") if isinstance(value, int | float | str) else None
    except WorkbenchError:
        return None


def shown_unit(unit: str) -> str:
    """The unit as it stands beside a number: nothing for a plain number."""
    if unit in ("", "1"):
        return ""
    written = _MICRO.sub("µ", unit).replace("^2", "²").replace("deg", "°")
    return written.replace("Ohm", "Ω").replace("*", "·")


def quantity_rows(
    path: str,
    name: str,
    value: Any,
    unit: str,
    *,
    default: float | None = None,
    bounds: Any = None,
    changed: bool = False,
    live: bool | None = True,
    integer: bool = False,
    spread: bool = True,
    help: Row | None = None,
    placeholder: str = "",
    indent: bool = False,
    symbol: str = "",
    spatial: bool = False,
) -> list[Row]:
    """One row for one value; for a distribution the choice of its kind and a row a number.

    ``symbol`` is the name as it stands in the equations, MathML; ``spatial`` offers values that go
    by the distance between two members.
    """
    common = {"name": name, "changed": changed, "live": live, "help": help or {}, "indent": indent}
    common["symbol"] = symbol
    if is_distribution(value):
        return _distribution_rows(path, value, unit, common, spatial)
    number = number_of(value, unit)
    row = {
        "kind": "quantity",
        "path": path,
        "unit": shown_unit(unit),
        "value": int(number) if integer and number is not None else number,
        "integer": integer,
        "slider": slider(number, default, bounds, unit, integer),
        "placeholder": placeholder,
        **common,
    }
    if isinstance(value, list):
        row |= {"text": text("inspector.values", count=count(len(value))), "slider": None}
    elif value is None:
        row |= {"value": None, "slider": None}
    elif number is None:
        row |= {"text": str(value), "slider": None}
    if spread:
        row["spread"] = {"kind": ONE_VALUE, "options": spread_options(spatial)}
    return [row]


def spread_options(spatial: bool = False) -> list[dict[str, str]]:
    """How a value may vary over members: not at all, or by one of the distributions."""
    names = [name for name in DISTRIBUTIONS if spatial or not is_spatial({"distribution": name})]
    kinds = (ONE_VALUE, *names)
    return [{"value": kind, "label": text(f"spread.{kind}")} for kind in kinds]


def _distribution_rows(path: str, value: Row, unit: str, common: Row, spatial: bool) -> list[Row]:
    kind = value["distribution"]
    options = spread_options(spatial or is_spatial(value))
    head = choice(f"{path}/distribution", common["name"], kind, options)
    rows = [head | {key: common[key] for key in ("changed", "live", "help", "indent", "symbol")}]
    for name, entry in DISTRIBUTIONS.get(kind, {}).items():
        own = entry.unit or unit
        number = number_of(value.get(name), own)
        rows += quantity_rows(
            f"{path}/{name}",
            text(f"spread.{name}"),
            number,
            own,
            default=number,
            bounds=(0, None) if entry.kind in ("positive", "length") else None,
            live=common["live"],
            spread=False,
            indent=True,
            placeholder=text("inspector.none") if entry.optional else "",
        )
    return rows


def choice(path: str, name: str, value: Any, options: Iterable[Any], **more: Any) -> Row:
    """A row to choose one of ``options``: texts, or {"value", "label"}."""
    listed = [
        option if isinstance(option, dict) else {"value": option, "label": str(option)}
        for option in options
    ]
    if value is not None and value not in [option["value"] for option in listed]:
        listed.append({"value": value, "label": str(value)})
    return {"kind": "choice", "path": path, "name": name, "value": value, "options": listed, **more}


def section(title: str, rows: Iterable[Row]) -> Row:
    """A titled group of rows."""
    return {"title": title, "rows": list(rows)}


def without_empty(sections: Iterable[Row]) -> list[Row]:
    """Sections that have something to show."""
    return [each for each in sections if each["rows"]]


def members_text(members: Any) -> str:
    """Recorded members as the user writes them: "0-4" for a slice, "1, 5, 9" for a list."""
    if isinstance(members, dict):
        return f"{members['start']}-{members['stop'] - 1}"
    return ", ".join(str(member) for member in members or ())
