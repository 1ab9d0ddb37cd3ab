"""Is a declaration sound?  Names, units, defaults, reset and threshold: all problems at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike

from engine.equations.compile import compile_system
from engine.equations.constants import resolve
from engine.equations.dimensions import check_same, dimension_of
from engine.equations.evaluate import evaluate
from engine.equations.initial import initial_state
from engine.equations.language import (
    check_name,
    is_condition,
    parse_equations,
    parse_expression,
    parse_statements,
)
from engine.equations.solvers import check_solver
from engine.equations.tree import names
from engine.equations.units import NONE, TIME, Dimension, parse_unit
from engine.errors import DocumentError, EquationError, Problem
from engine.models.compose import (
    all_parameters,
    check_one_kind,
    compose,
    membrane_unit,
    port_synapses,
)
from engine.models.declaration import NeuronModel, Parameter, SynapseModel, option

MAX_PARAMETERS = 100


def check_model(model: NeuronModel) -> list[Problem]:
    """Every problem of a declaration; an empty list means it compiles and its defaults work."""
    return [problem for field, error in faults(model) for problem in _problems(model, field, error)]


def faults(model: NeuronModel) -> list[tuple[str, EquationError | DocumentError]]:
    """What is wrong with a declaration as errors, each with the field it was found in.

    The text and the span of an ``EquationError`` say where in that field's text, or in the text of
    a field that it reads.
    """
    found = [(field, _fault(model, check)) for field, check in _CHECKS.items()]
    wrong = [(field, error) for field, error in found if error is not None]
    if not wrong and (error := _fault(model, _check_compiles)) is not None:
        wrong.append(("equations", error))
    return wrong


def check_parameters(
    model: NeuronModel,
    values: Mapping[str, ArrayLike],
    ports: Mapping[str, str | SynapseModel] | None = None,
    size: int = 1,
) -> list[Problem]:
    """Problems of parameter values (numbers or arrays in their declared units): unknown names,
    bounds, and the model's own cross checks.  Defaults fill what is left out."""
    parameters = all_parameters(model, ports)
    found = [
        problem
        for name, value in values.items()
        if name in parameters and (problem := bounds_problem(name, value, parameters[name]))
    ]
    if found:
        return found
    try:
        system = compose(model, ports)
        whole = resolve(system.parameters.values(), values, size)
    except EquationError as error:
        return [Problem("parameters", "parameter", error.message, error.remedy)]
    return cross_problems(model.checks, whole)


def bounds_problem(name: str, value: ArrayLike, parameter: Parameter) -> Problem | None:
    """The problem if any of ``value`` is not a finite number within the bounds, else None."""
    array = np.asarray(value, dtype=float)
    low, high = parameter.bounds
    if np.all(np.isfinite(array)) and np.all(array >= low) and np.all(array <= high):
        return None
    wrong = array[~((array >= low) & (array <= high))] if array.ndim else array
    shown = f"{float(np.ravel(wrong)[0]):g} {parameter.unit}".removesuffix(" 1").strip()
    unit = "" if parameter.unit in ("", "1") else f" {parameter.unit}"
    remedy = f"give a value from {low:g} to {high:g}{unit}"
    return Problem(f"parameters/{name}", "bounds", f"`{name}` is {shown}", remedy)


def cross_problems(
    checks: tuple[tuple[str, str], ...], values: Mapping[str, ArrayLike]
) -> list[Problem]:
    """Problems from conditions between parameters that do not hold."""
    found: list[Problem] = []
    for condition, message in checks:
        tree = parse_expression(condition)
        if not np.all(evaluate(tree, values)):
            read = {name: values[name] for name in sorted(names(tree)) if name in values}
            shown = ", ".join(f"{name} = {value:g}" for name, value in read.items()
                              if not np.ndim(value))  # fmt: skip
            found.append(Problem("parameters", "contradiction", message, shown and f"now {shown}"))
    return found


def has_units(model: NeuronModel) -> bool:
    """False if nothing in the model declares a unit: then its dimensions are not checked."""
    units = [parameter.unit for parameter in model.parameters.values()]
    units += [equation.unit for equation in parse_equations(model.equations)]
    return any(unit not in ("", "1") for unit in units)


def _fault(
    model: NeuronModel, check: Callable[[NeuronModel], None]
) -> EquationError | DocumentError | None:
    try:
        check(model)
    except (EquationError, DocumentError) as error:
        return error
    return None


def _problems(
    model: NeuronModel, field: str, error: EquationError | DocumentError
) -> list[Problem]:
    if isinstance(error, DocumentError):
        return error.problems
    remedy = "\n".join(filter(None, [error.remedy or "change it", error.caret()]))
    return [Problem(f"models/{str(model.name)[:48]}/{field}", "equation", error.message, remedy)]


def _known(model: NeuronModel) -> dict[str, Dimension]:
    known = {name: parse_unit(p.unit)[1] for name, p in model.parameters.items()}
    known["I"] = parse_unit(model.current_unit)[1]
    for equation in parse_equations(model.equations):
        known[equation.target] = parse_unit(equation.unit)[1]
    return known


def _check_names(model: NeuronModel) -> None:
    check_name(model.name, "the model name")
    if len(model.parameters) > MAX_PARAMETERS:
        raise EquationError(f"{model.name} has more than {MAX_PARAMETERS} parameters")
    for name in model.parameters:
        check_name(name, "the parameter name")
        if name == "I":
            message = "`I` is the current into the membrane and cannot be a parameter"
            raise EquationError(message, remedy="give the parameter another name")
    parse_unit(model.current_unit)


def _check_equations(model: NeuronModel) -> None:
    check_one_kind(model, parse_equations(model.equations))
    known, checked = _known(model), has_units(model)
    for equation in parse_equations(model.equations):
        factor, dimension = parse_unit(equation.unit)
        if equation.state and factor != 1:
            remedy = "use ms, mV, pA, nS, pF or a product of them"
            message = f"`{equation.target}` cannot be kept in {equation.unit}"
            raise EquationError(message, model.equations, equation.span, remedy)
        if not checked:
            continue
        if equation.derivative:
            what = f"d{equation.target}/dt"
            check_same(equation.value, dimension / TIME, known, model.equations, what)
        else:
            what = f"`{equation.target}`"
            check_same(equation.value, dimension, known, model.equations, what)


def _check_threshold(model: NeuronModel) -> None:
    if not model.threshold.strip():
        return
    condition = parse_expression(model.threshold)
    if not is_condition(condition):
        remedy = "write for example v >= v_th"
        raise EquationError("the threshold is not a condition", model.threshold, (0, 1), remedy)
    if has_units(model):
        dimension_of(condition, _known(model), model.threshold)


def _check_hazard(model: NeuronModel) -> None:
    if not model.hazard.strip():
        return
    rate = parse_expression(model.hazard)
    if is_condition(rate):
        remedy = "write a rate, for example lambda0*exp((v - v_T)/delta_V)"
        raise EquationError("the hazard is a condition", model.hazard, rate.span, remedy)
    if model.threshold.strip() or model.crossing:
        remedy = "keep one of them"
        raise EquationError("spikes come from a threshold or from a hazard", model.hazard,
                            (0, len(model.hazard)), remedy)  # fmt: skip
    if has_units(model):
        check_same(rate, NONE / TIME, _known(model), model.hazard, "the hazard")


def _check_reset(model: NeuronModel) -> None:
    known, checked = _known(model), has_units(model)
    for statement in parse_statements(model.reset):
        if checked and statement.target in known:
            expected = known[statement.target]
            check_same(statement.value, expected, known, model.reset, f"`{statement.target}`")


def _check_refractory(model: NeuronModel) -> None:
    if model.refractory.strip() and has_units(model):
        tree = parse_expression(model.refractory)
        check_same(tree, TIME, _known(model), model.refractory, "the refractory period")
    states = {e.target for e in parse_equations(model.equations) if e.state}
    for name in model.options:
        if name not in model.parameters or isinstance(model.parameters[name].default, str):
            raise EquationError(f"the option `{name}` is not a parameter with a number")
    for name in (*model.holds, *model.caps):
        if name not in states:
            raise EquationError(f"`{name}` is held or capped, but is not a variable")


def _check_choices(name: str, parameter: Parameter) -> None:
    """The words of a number stand for 0, 1 ..., so it is one of these."""
    usual = option(0, *parameter.choices)
    if len(parameter.choices) < 2:
        remedy = 'write for example ["hard", "soft"]'
        raise EquationError(f"the choices of `{name}` must be two texts at least", remedy=remedy)
    if parameter.bounds != usual.bounds or parameter.unit not in ("", usual.unit):
        message = f"the bounds or the unit of `{name}` do not fit its choices"
        raise EquationError(message, remedy="leave them out")
    if parameter.default not in range(len(parameter.choices)):
        remedy = f"give a whole number from 0 to {len(parameter.choices) - 1}"
        message = f"`{name}` is none of its {len(parameter.choices)} choices"
        raise EquationError(message, remedy=remedy)


def _check_defaults(model: NeuronModel) -> None:
    known, checked = _known(model), has_units(model)
    for name, parameter in model.parameters.items():
        if parameter.choices:
            _check_choices(name, parameter)
        if not isinstance(parameter.default, str | tuple):
            if problem := bounds_problem(name, parameter.default, parameter):
                raise EquationError(f"the default of {problem.message}", remedy=problem.remedy)
        texts = [*parameter.given.values()]
        texts += [parameter.default] if isinstance(parameter.default, str) else []
        for text in texts:
            tree = parse_expression(text)
            if checked:
                check_same(tree, known[name], known, text, f"the default of `{name}`")
    for state, value in model.initial.items():
        if isinstance(value, str) and value != "rest" and checked:
            tree = parse_expression(value)
            expected = known.get(state, NONE)
            check_same(tree, expected, known, value, f"the initial `{state}`")


def _check_parts(model: NeuronModel) -> None:
    for condition, _ in model.checks:
        if not is_condition(parse_expression(condition)):
            raise EquationError("a check is not a condition", condition, (0, len(condition)))
    parse_unit(membrane_unit(model))
    port_synapses(model)


def _check_compiles(model: NeuronModel) -> None:
    if problems := check_parameters(model, {}):
        raise DocumentError(problems)
    for preset, values in model.presets.items():
        unknown = [name for name in values if name not in all_parameters(model)]
        problems = [] if unknown else check_parameters(model, values)
        if unknown or problems:
            what = f"`{unknown[0]}` is not a parameter" if unknown else problems[0].message
            raise EquationError(f'preset "{preset}": {what}')
    system = compose(model)
    compile_system(system)
    for name, protocol in model.protocols.items():
        unknown = [state for state in protocol.initial if state not in system.derivatives]
        if unknown:
            raise EquationError(f'protocol "{name}": `{unknown[0]}` is not a variable')
        if protocol.solver:
            check_solver(system, protocol.solver)
    initial_state(model, None, {}, 1)


_CHECKS: dict[str, Callable[[NeuronModel], None]] = {
    "name": _check_names,
    "equations": _check_equations,
    "threshold": _check_threshold,
    "hazard": _check_hazard,
    "reset": _check_reset,
    "refractory": _check_refractory,
    "parameters": _check_defaults,
    "ports": _check_parts,
}
