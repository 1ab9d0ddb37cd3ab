"""Connection rules and distributions: which fields each has, its defaults, what may stand in them.

The tables are the only place where they are listed; reading, checking, ``engine.rules`` and the
inspector all go by them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from engine.document.text import near, number_problem
from engine.equations.units import quantity
from engine.errors import DocumentError, Problem

EVERY = 500.0  # ms between two normalisations of weights, where a document does not say
EXTENT = 1e-3, 1e8  # um: what a length can be
STEEPEST = 100.0  # shape of a gamma profile
MAX_PAIRS = 1_000_000  # of an explicit list; a document is at most 8 MB anyhow


@dataclass(frozen=True)
class Field:
    """One entry of a rule or a distribution."""

    # "number" | "positive" | "share" (0..1) | "count" | "flag" | "pairs" | "length" | "choice" |
    # "shape" (at least 1) | "reach" (a length, or one for each axis)
    kind: str
    default: Any = None  # None: must be given (or, with optional, may be left out)
    optional: bool = False
    unit: str = ""  # of a rule's field; "": none.  Of a distribution's: where it is not the value's
    choices: tuple[str, ...] = ()


PROFILES = (GAUSSIAN, EXPONENTIAL, BOX, LINEAR, GAMMA) = (
    "gaussian", "exponential", "box", "linear", "gamma",
)  # fmt: skip
DEGREES = ("indegree", "outdegree")  # of the rule by distance
_SELF = Field("flag", True)
_CLIP = {"low": Field("number", optional=True), "high": Field("number", optional=True)}

RULES: dict[str, dict[str, Field]] = {
    "all_to_all": {"self_connections": _SELF},
    "one_to_one": {},
    "probability": {
        "p": Field("share"),
        "self_connections": _SELF,
        "multapses": Field("flag", False),
    },
    "fixed_indegree": {
        "n": Field("count"),
        "self_connections": _SELF,
        "multapses": Field("flag", True),
    },
    "fixed_outdegree": {
        "n": Field("count"),
        "self_connections": _SELF,
        "multapses": Field("flag", True),
    },
    "fixed_total": {"n": Field("count"), "self_connections": _SELF},
    # p where two members meet, less with their distance d, see `rules.distance`; nothing nearer
    # than `beyond` and nothing farther than `reach` in any case.  With a number of synapses for
    # each target or source, p says only who is how likely among them.
    "distance": {
        "profile": Field("choice", "gaussian", choices=PROFILES),
        "p": Field("share"),
        "scale": Field("length", unit="um"),
        "shape": Field("shape", optional=True),
        "reach": Field("reach", optional=True, unit="um"),
        "beyond": Field("length", optional=True, unit="um"),
        **{name: Field("count", optional=True) for name in DEGREES},
        "self_connections": _SELF,
    },
    "explicit": {"pairs": Field("pairs")},
}

_SCALE = Field("length", unit="um")

DISTRIBUTIONS: dict[str, dict[str, Field]] = {
    "normal": {"mean": Field("number"), "std": Field("positive"), **_CLIP},
    # mean and std of the values themselves, not of their logarithm
    "lognormal": {"mean": Field("positive"), "std": Field("positive"), **_CLIP},
    "uniform": {"low": Field("number"), "high": Field("number")},
    "exponential": {"mean": Field("number"), **_CLIP},
    # Not drawn, but fixed by the distance between the two ends of a synapse.
    "distance_linear": {"offset": Field("number"), "slope": Field("number"), **_CLIP},
    "distance_gaussian": {"peak": Field("number"), "scale": _SCALE, **_CLIP},
    "distance_exponential": {"peak": Field("number"), "scale": _SCALE, **_CLIP},
}


def plain(value: Any) -> Any:
    """NumPy numbers and arrays, tuples and ranges as the plain data that a document holds."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | range):
        return [plain(item) for item in value]
    return value


def is_distribution(value: object) -> bool:
    """Whether ``value`` is meant as a distribution."""
    return isinstance(value, dict) and "distribution" in value


def is_spatial(value: object) -> bool:
    """Whether ``value`` follows the distance between two members."""
    return isinstance(value, dict) and str(value.get("distribution")).startswith("distance_")


def complete_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """``rule`` with the defaults of its kind written out, fields in the order of the table."""
    if not isinstance(rule, dict):
        return rule  # a problem of form, told where the rule is checked
    kind = rule.get("kind")
    table = RULES.get(kind, {}) if isinstance(kind, str) else {}
    filled = {"kind": kind} if "kind" in rule else {}
    for name, entry in table.items():
        if name in rule or entry.default is not None:
            filled[name] = rule.get(name, entry.default)
    return filled | {name: value for name, value in rule.items() if name not in filled}


def complete_plasticity(value: Any) -> Any:
    """A learning rule with its defaults written out; one that is no rule is left as it is."""
    if isinstance(value, str):
        value = {"model": value}
    if not isinstance(value, dict) or "model" not in value:
        return value  # none, or a problem that is told where the edge is checked
    written = {"model": value["model"], "parameters": {}, "delay": "axonal", **value}
    kept = written.get("normalise")
    if isinstance(kept, dict):
        written["normalise"] = {**kept, "every": kept.get("every", EVERY)}
    unsaid = [name for name in ("reward", "teacher", "normalise") if written.get(name, "") is None]
    unsaid += ["on"] if written.get("on") is True else []  # which is the default
    return {name: each for name, each in written.items() if name not in unsaid}


def rule_problems(rule: object, path: str) -> list[Problem]:
    """What is wrong with the form of a connection rule (not whether it fits the populations)."""
    problems = _problems(rule, path, "kind", RULES, "rule")
    if not problems and isinstance(rule, dict) and rule["kind"] == "distance":
        return _distance_problems(rule, path)
    return problems


def distribution_problems(value: object, path: str) -> list[Problem]:
    """What is wrong with a distribution."""
    problems = _problems(value, path, "distribution", DISTRIBUTIONS, "distribution")
    if not problems and isinstance(value, dict):
        low, high = value.get("low"), value.get("high")
        if low is not None and high is not None and low > high:
            message = f"the lower bound {low:g} is above the upper bound {high:g}"
            problems.append(Problem(path, "bounds", message, "exchange low and high"))
    return problems


def _problems(
    value: object, path: str, key: str, tables: dict[str, dict[str, Field]], noun: str
) -> list[Problem]:
    if not isinstance(value, dict):
        return [Problem(path, "type", f"a {noun} must be an object with the field `{key}`")]
    kind = value.get(key)
    if not isinstance(kind, str) or kind not in tables:
        remedy = near(str(kind), tables) or f"one of {', '.join(tables)}"
        return [Problem(f"{path}/{key}", f"unknown-{noun}", f"{kind!r} is not a {noun}", remedy)]
    table, problems = tables[kind], []
    for name in value:
        if name != key and name not in table:
            message = f"`{name}` is not a field of the {noun} {kind}"
            remedy = near(str(name), table) or _known(table)
            problems.append(Problem(f"{path}/{name}", "unknown-field", message, remedy))
    for name, entry in table.items():
        if value.get(name) is None:
            if entry.default is None and not entry.optional:
                message = f"the {noun} {kind} needs `{name}`"
                problems.append(Problem(path, "missing-field", message, f"give `{name}`"))
        else:
            problems += _field_problems(entry, value[name], f"{path}/{name}")
    return problems


def _known(table: dict[str, Field]) -> str:
    return f"it has {', '.join(table)}" if table else "it has none"


def _field_problems(entry: Field, value: object, path: str) -> list[Problem]:
    kind, choices = entry.kind, entry.choices
    if kind == "pairs":
        return _pairs_problems(value, path)
    name = path.rpartition("/")[2]
    if kind in ("length", "reach"):
        return _length_problems(value, entry, name, path)
    if kind == "choice":
        wrong = None if value in choices else f"`{name}` must be one of {', '.join(choices)}"
    elif kind == "flag":
        wrong = None if isinstance(value, bool) else f"`{name}` must be true or false"
    elif kind == "count":
        whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        wrong = None if whole else f"`{name}` must be a whole number of at least 0, not {value!r}"
    else:
        wrong = number_problem(value, name) or _range_problem(kind, value, name)
    return [Problem(path, "value", wrong, "correct it")] if wrong else []


def _range_problem(kind: str, value: Any, name: str) -> str | None:
    if kind == "share" and not 0 <= value <= 1:
        return f"`{name}` is a probability between 0 and 1, not {value:g}"
    if kind == "shape" and not 1 <= value <= STEEPEST:
        return f"`{name}` of a gamma profile is 1 to {STEEPEST:g}, not {value:g}"
    if kind == "positive" and value < 0:
        return f"`{name}` must not be negative, it is {value:g}"
    return None


def _length_problems(value: Any, entry: Field, name: str, path: str) -> list[Problem]:
    """A length in um, or as a text such as "0.1 mm"; a reach may have one for each axis."""
    listed: list[Any] = value if entry.kind == "reach" and isinstance(value, list) else [value]
    if isinstance(value, list) and entry.kind == "reach" and len(value) not in (2, 3):
        message = f"`{name}` is one length, or one for each of two or three axes"
        return [Problem(path, "value", message, "correct it")]
    for each in listed:
        wrong = None if isinstance(each, str) else number_problem(each, name)
        if wrong:
            return [Problem(path, "value", wrong, "correct it")]
        try:
            number = quantity(each, entry.unit, name)
        except DocumentError as error:
            return [replace(problem, path=path) for problem in error.problems]
        shortest, longest = EXTENT
        if not shortest <= number <= longest:
            message = f"`{name}` is a length of {shortest:g} to {longest:g} um, not {number:g}"
            return [Problem(path, "value", message, "correct it")]
    return []


def _distance_problems(rule: dict[str, Any], path: str) -> list[Problem]:
    """What does not go together in a rule by distance whose fields are right by themselves."""
    shape, gamma = rule.get("shape"), rule.get("profile") == GAMMA
    if gamma != (shape is not None):
        message = f"`shape` belongs to the profile {GAMMA}, and to no other"
        remedy = "give its shape, at least 1" if gamma else "leave it out"
        return [Problem(f"{path}/shape", "shape", message, remedy)]
    if all(rule.get(name) is not None for name in DEGREES):
        message = "`indegree` and `outdegree` cannot both be fixed"
        return [Problem(f"{path}/outdegree", "degree", message, "leave one of them out")]
    beyond, reach = length(rule.get("beyond"), 0.0), length(rule.get("reach"), math.inf)
    if beyond >= reach:
        message = f"nobody is farther than {beyond:g} um and nearer than {reach:g} um"
        return [Problem(f"{path}/beyond", "beyond", message, "let `reach` be the larger")]
    ends = rule.get("profile") in (BOX, LINEAR)
    if ends and beyond >= length(rule.get("scale"), math.inf):
        message = f"nobody is farther than {beyond:g} um and within the `scale` of the profile"
        return [Problem(f"{path}/beyond", "beyond", message, "let `scale` be the larger")]
    return []


def length(value: Any, otherwise: float) -> float:
    """A length in um, of a rule without problems; ``otherwise`` for none, or one for each axis."""
    return quantity(value, "um", "length") if isinstance(value, int | float | str) else otherwise


def _pairs_problems(value: object, path: str) -> list[Problem]:
    if not isinstance(value, list):
        return [Problem(path, "type", "`pairs` must be a list of [source, target]")]
    if len(value) > MAX_PAIRS:
        message = f"{len(value):,} pairs are more than a document may hold ({MAX_PAIRS:,})"
        return [Problem(path, "limit", message, "use a rule instead of a list")]
    for place, pair in enumerate(value):
        if not _is_pair(pair):
            message = f"pair {place} must be two whole numbers [source, target], not {pair!r:.60}"
            return [Problem(f"{path}/{place}", "type", message)]
    return []


def _is_pair(pair: object) -> bool:
    return (
        isinstance(pair, list | tuple)
        and len(pair) == 2
        and all(type(member) is int and member >= 0 for member in pair)
    )
