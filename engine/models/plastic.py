"""Learning rules: from a declaration to a checked rule system, and described for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from numpy.typing import ArrayLike

from engine.equations.chance import PROGRAMS as BY_CHANCE
from engine.equations.chance import WORDS, refuse
from engine.equations.constants import resolve
from engine.equations.dimensions import check_same
from engine.equations.language import (
    check_name,
    parse_equations,
    parse_expression,
    parse_statements,
)
from engine.equations.plastic import WEIGHT, PlasticMap, RuleSystem, Statements, compile_rule
from engine.equations.release import ELAPSED, SHARE, ReleaseMap, compile_release
from engine.equations.stepmap import Slot
from engine.equations.third import AMOUNT
from engine.equations.tree import Expr, Number, names
from engine.equations.units import CURRENT, NONE, TIME, Dimension, parse_unit
from engine.errors import EquationError, Problem, near
from engine.models.check import cross_problems
from engine.models.compose import resolved
from engine.models.declaration import Parameter, PlasticityModel

START = "w_0"  # what defaults call the mean weight at the start
WEIGHT_UNIT = "weight"
_TAKEN = (WEIGHT, START, AMOUNT, *WORDS)
_STATES = ("pre", "post", "synapse", "modulator")
_PROGRAMS = ("on_pre", "on_post", "pre_spike", "post_spike", "on_teacher", "on_reward")
_LEARNING = (*_STATES, *_PROGRAMS, "drift")
_OF_WEIGHT = CURRENT  # stands for the unknown unit of a weight while dimensions are checked


_made: dict[str, PlasticMap] = {}  # by the whole text of the declaration
_KEPT = 64


def plastic_map(model: PlasticityModel) -> PlasticMap:
    """What backends print for ``model``; remembered.  Raises ``EquationError``."""
    key = repr(model)
    found = _made.get(key)
    if found is None:
        if len(_made) >= _KEPT:
            _made.clear()
        found = _made[key] = compile_rule(rule_system(model))
    return found


def rule_system(model: PlasticityModel) -> RuleSystem:
    """The rule parsed, its names and dimensions checked.  Raises ``EquationError`` with a caret."""
    check_name(model.name, "the name of the rule")
    known = {name: _dimension(parameter.unit) for name, parameter in model.parameters.items()}
    clash = next((name for name in _TAKEN if name in known), None)
    if clash:
        raise EquationError(f"`{clash}` of {model.name} has a meaning of its own", remedy="rename")
    states = [_derivatives(model, getattr(model, name), known) for name in _STATES]
    pre, post, synapse, modulator = states
    known |= {WEIGHT: _OF_WEIGHT}
    own, all_states = {WEIGHT, *synapse}, {WEIGHT, *(name for part in states for name in part)}
    drawn = known | dict.fromkeys(WORDS, NONE)
    at_synapse = {
        name: _statements(model, getattr(model, name), own, drawn, {*all_states, *WORDS})
        for name in BY_CHANCE
    }
    drift = None
    if model.drift.strip():
        value = parse_expression(model.drift)
        refuse(value, model.drift)
        drift = resolved(value, {*model.parameters, *synapse, *modulator}, model.drift)
        check_same(value, _OF_WEIGHT / TIME, known, model.drift, "the drift of the weight")
    known |= {AMOUNT: NONE}
    reward = _statements(model, model.on_reward, set(modulator), known, {*modulator, AMOUNT})
    return RuleSystem(
        model=model.name,
        pre=pre,
        post=post,
        pre_spike=_statements(model, model.pre_spike, set(pre), known, set(pre)),
        post_spike=_statements(model, model.post_spike, set(post), known, set(post)),
        parameters=_slots(model),
        synapse=synapse,
        modulator=modulator,
        drift=drift,
        on_reward=reward,
        bounds=model.bounds,
        **at_synapse,
    )


def release_map(model: PlasticityModel) -> ReleaseMap:
    """What backends print for a rule with ``release``.  Raises ``EquationError`` with a caret."""
    check_name(model.name, "the name of the rule")
    if any(getattr(model, name).strip() for name in _LEARNING):
        message = f"{model.name} changes weights and what is released"
        raise EquationError(message, remedy="make two rules of it")
    text = model.release
    targets = dict.fromkeys(statement.target for statement in parse_statements(text))
    if SHARE not in targets:
        remedy = f"write {SHARE} = ..., the share of the weight that a spike delivers"
        raise EquationError(f"nothing says what is released: `{SHARE}`", text, (0, 1), remedy)
    for name in (*targets, ELAPSED):
        if name in model.parameters:
            raise EquationError(f"`{name}` of {model.name} is named twice", remedy="rename it")
    known = {name: _dimension(parameter.unit) for name, parameter in model.parameters.items()}
    known |= dict.fromkeys(targets, NONE) | {ELAPSED: TIME}
    statements = _statements(model, text, set(targets), known, {*targets, ELAPSED})
    for target, value in statements:
        if SHARE in names(value):
            raise EquationError(f"`{SHARE}` is read before it has a value", text, (0, 1), "move it")
        if target == SHARE:
            break
    return compile_release(model.name, statements, _slots(model))


def rule_parameters(model: PlasticityModel, weight_unit: str) -> dict[str, Parameter]:
    """The parameters as a user sets them on a projection whose weights are in ``weight_unit``."""
    return {
        name: replace(parameter, unit=weight_unit) if parameter.unit == WEIGHT_UNIT else parameter
        for name, parameter in model.parameters.items()
    }


def rule_values(
    model: PlasticityModel, given: Mapping[str, ArrayLike], start: float
) -> dict[str, float]:
    """Every parameter in its declared unit, those left out at their defaults; ``start`` is w_0.

    Raises ``EquationError`` for a name that the rule does not have.
    """
    values = resolve(_slots(model).values(), {**given, START: start}, 1)
    return {name: float(values[name]) for name in model.parameters}


def rule_problems(model: PlasticityModel, values: Mapping[str, float]) -> list[Problem]:
    """The rule's own conditions that ``values`` (all of them) break, and defaults out of bounds."""
    found = []
    for name, parameter in model.parameters.items():
        low, high = parameter.bounds
        if not low <= values[name] <= high:
            message = f"`{name}` is {values[name]:g}, outside {low:g} to {high:g}"
            found.append(Problem("", "bounds", message, f"set `{name}`"))
    return found or cross_problems(model.checks, values)


def describe_rule(model: PlasticityModel) -> dict[str, Any]:
    """One rule as plain data.  The unit "weight" is that of the projection's weights."""
    parameters = {
        name: {
            "unit": parameter.unit,
            "default": None if isinstance(parameter.default, str) else parameter.default,
            "formula": parameter.default if isinstance(parameter.default, str) else "",
            "bounds": list(parameter.bounds),
            "doc": parameter.doc,
        }
        for name, parameter in model.parameters.items()
    }
    texts = ("name", "title", "doc", "source", *_LEARNING, "release")
    presets = {name: dict(values) for name, values in model.presets.items()}
    found = {name: getattr(model, name) for name in texts}
    return found | {"parameters": parameters, "presets": presets}


def _dimension(unit: str) -> Dimension:
    return _OF_WEIGHT if unit == WEIGHT_UNIT else parse_unit(unit)[1]


def _derivatives(model: PlasticityModel, text: str, known: dict[str, Dimension]) -> dict[str, Expr]:
    """Trace -> its derivative; the traces come into ``known``."""
    if not text.strip():
        return {}
    equations = parse_equations(text)
    for equation in equations:
        if not equation.derivative:
            message = "a rule has traces only, no named sub-expressions"
            raise EquationError(message, text, equation.span, "write it out")
        if equation.target in (*known, *_TAKEN):
            raise EquationError(f"`{equation.target}` is named twice", text, equation.span)
    known |= {equation.target: parse_unit(equation.unit)[1] for equation in equations}
    own = {equation.target for equation in equations}
    found = {}
    for equation in equations:
        refuse(equation.value, text)
        expected = known[equation.target] / TIME
        check_same(equation.value, expected, known, text, f"d{equation.target}/dt")
        found[equation.target] = resolved(equation.value, {*model.parameters, *own}, text)
    return found


def _statements(
    model: PlasticityModel,
    text: str,
    targets: set[str],
    known: Mapping[str, Dimension],
    readable: set[str],
) -> Statements:
    found = []
    for statement in parse_statements(text):
        if statement.target not in targets:
            remedy = near(statement.target, targets) or f"there are {', '.join(sorted(targets))}"
            message = f"`{statement.target}` cannot be changed here"
            raise EquationError(message, text, statement.span, remedy)
        if not readable.issuperset(WORDS):
            refuse(statement.value, text)
        value = resolved(statement.value, {*model.parameters, *readable}, text)
        expected = known[statement.target]
        check_same(statement.value, expected, known, text, f"`{statement.target}`")
        found.append((statement.target, value))
    return tuple(found)


def _slots(model: PlasticityModel) -> dict[str, Slot]:
    """The parameters, and the weight at the start, which defaults may read."""
    found = {START: Slot(START, WEIGHT_UNIT, 1.0, Number(1.0))}
    scope = {*model.parameters, START}
    for name, parameter in model.parameters.items():
        check_name(name, "the parameter name")
        factor = 1.0 if parameter.unit == WEIGHT_UNIT else parse_unit(parameter.unit)[0]
        default: Expr
        if isinstance(parameter.default, str):
            default = resolved(parse_expression(parameter.default), scope, parameter.default)
        elif isinstance(parameter.default, int | float):
            default = Number(parameter.default * factor)
        else:
            raise EquationError(f"the default of `{name}` is not a number or an expression")
        found[name] = Slot(name, parameter.unit, factor, default)
    return found
