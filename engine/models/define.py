"""``engine.define``: a neuron of one's own, from text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.equations.dimensions import dimension_of
from engine.equations.initial import initial_state
from engine.equations.language import parse_equations, parse_expression
from engine.equations.tree import names
from engine.equations.units import NONE, describe, is_number, number_and_unit, parse_unit, quantity
from engine.errors import DocumentError, EquationError, Problem
from engine.models.check import check_model
from engine.models.declaration import NeuronModel, Parameter
from engine.models.serial import form_problems, parameter_form

Given = float | str | tuple[Any, ...] | Parameter | Mapping[str, Any]


def define(
    name: str,
    equations: str,
    threshold: str = "",
    reset: str = "",
    parameters: Mapping[str, Given] | None = None,
    *,
    hazard: str = "",
    refractory: str = "",
    holds: tuple[str, ...] | None = None,
    crossing: bool = False,
    initial: Mapping[str, float | str] | None = None,
    ports: Mapping[str, str] | None = None,
    current_unit: str | None = None,
    membrane: str | None = None,
    solver: str | None = None,
    title: str = "",
    doc: str = "",
    **more: Any,
) -> NeuronModel:
    """A neuron model from its equations, checked; use it in ``Network.population`` or ``response``.

    ``equations`` has one equation a line, ``dv/dt = ... : unit``, ``v := ... : unit`` (the value
    after one step) or ``x = ... : unit``, and reads the total input current as ``I``.  A parameter
    is a number, a text such as "20 ms" or "C/g_L", a tuple ``(default, unit, bounds, doc)`` cut
    where you like, a dict of the same names, or a ``Parameter``.  What has ``choices`` (words for
    the values 0, 1 ...) chooses among equations: see ``NeuronModel.options``.  With ``hazard``, a
    rate in Hz or 1/ms, in place of ``threshold`` the neuron fires by chance; with ``refractory``
    the membrane is held unless ``holds`` says otherwise.  Variables start at rest if there is one,
    else at 0.  Raises ``EquationError`` for a text that cannot be read, ``DocumentError`` with all
    other problems.
    """
    texts = {"threshold": threshold, "hazard": hazard, "reset": reset, "refractory": refractory}
    for field, text in texts.items():
        if not isinstance(text, str):
            message = f"`{field}` must be a text, not {type(text).__name__}"
            raise DocumentError(Problem(field, "type", message, "leave it out if there is none"))
    if not isinstance(parameters, Mapping | None):
        message = f"they must be a dict of names and values, not {type(parameters).__name__}"
        raise DocumentError(Problem("parameters", "type", message, 'write {"tau": "20 ms"}'))
    forms = {"name": name, "holds": holds, "crossing": crossing, "initial": initial, "ports": ports}
    forms |= {"current_unit": current_unit, "membrane": membrane, "solver": solver, "title": title}
    forms = {field: value for field, value in forms.items() if value is not None}
    _check_forms({**forms, "doc": doc, **more})
    parsed = parse_equations(equations)
    states = [equation.target for equation in parsed if equation.state]
    if not states:
        raise EquationError("no variable has an equation", equations, (0, 1), "write dv/dt = ...")
    first = membrane or ("v" if "v" in states else states[0])
    known = {str(key): _parameter(str(key), value) for key, value in (parameters or {}).items()}
    known = with_units(known)
    chosen = tuple(key for key, parameter in known.items() if parameter.choices)
    more = {"options": chosen, **more} if chosen else more
    units = any(p.unit not in ("", "1") for p in known.values())
    units = units or any(equation.unit not in ("", "1") for equation in parsed)
    model = NeuronModel(
        name=name,
        equations=equations,
        title=title or name,
        doc=doc,
        threshold=threshold,
        reset=reset,
        hazard=hazard,
        refractory=refractory,
        holds=((first,) if refractory else ()) if holds is None else tuple(holds),
        crossing=crossing,
        parameters=known,
        initial=dict.fromkeys(states, "rest") | dict(initial or {}),
        current_unit=("pA" if units else "1") if current_unit is None else current_unit,
        membrane=first,
        ports=dict(ports or {}),
        solver=solver,
        **more,
    )
    if not _rests(model):
        model = replace(model, initial=dict.fromkeys(states, 0) | dict(initial or {}))
    if problems := check_model(model):
        raise DocumentError(problems)
    return model


def _check_forms(fields: dict[str, Any]) -> None:
    """Raise DocumentError where a field has the wrong type or there is none of its name."""
    variants = fields.pop("variants", {})
    found = form_problems(fields)
    if not isinstance(variants, Mapping):
        found.append(Problem("variants", "type", "`variants` must be an object", "leave it out"))
    if found:
        raise DocumentError(found)


def with_units(parameters: dict[str, Parameter]) -> dict[str, Parameter]:
    """``parameters`` with the unit of each expression worked out from what it reads."""
    found = dict(parameters)
    known = {name: parse_unit(p.unit)[1] for name, p in found.items() if not _open(p)}
    for _ in found:
        for name, parameter in found.items():
            if _open(parameter) and name not in known:
                tree = parse_expression(str(parameter.default))
                if names(tree) <= known.keys():
                    known[name] = dimension_of(tree, known, str(parameter.default)) or NONE
                    found[name] = replace(parameter, unit=describe(known[name]))
    return found


def _open(parameter: Parameter) -> bool:
    return isinstance(parameter.default, str) and not parameter.unit


def _rests(model: NeuronModel) -> bool:
    try:
        initial_state(model, None, {}, 1)
    except EquationError:
        return False
    return True


def _parameter(name: str, value: Given) -> Parameter:
    if isinstance(value, Parameter):
        return value
    if isinstance(value, tuple) and 1 <= len(value) <= len(_IN_ORDER):
        value = dict(zip(_IN_ORDER, value, strict=False))
    if isinstance(value, Mapping):
        return _from_fields(name, value)
    if is_number(value):
        return Parameter(float(value))  # type: ignore[arg-type]
    if isinstance(value, str):
        parts = number_and_unit(value)
        return Parameter(*parts) if parts else Parameter(value)
    message = f"`{name}` must be a finite number, a text, a tuple or a Parameter"
    raise _refused(name, message, 'write for example "20 ms"')


_IN_ORDER = ("default", "unit", "bounds", "doc")


def _from_fields(name: str, fields: Mapping[str, Any]) -> Parameter:
    if "default" not in fields:
        raise _refused(name, f"`{name}` has no default", 'give one, such as {"default": 20}')
    plain = _parameter(name, fields["default"])
    unit = fields.get("unit") or plain.unit
    # A default may be a quantity here; what a text of the equation language is, a check says.
    given = {field: value for field, value in fields.items() if value is not None}
    made, problems = parameter_form(name, {**given, "unit": unit, "default": plain.default})
    if problems:
        raise DocumentError(problems)
    if plain.unit and plain.unit != unit:
        return replace(made, default=quantity(str(fields["default"]), unit, name))
    if isinstance(made.default, float) and made.default in range(len(made.choices)):
        return replace(made, default=int(made.default))
    return made


def _refused(name: str, message: str, remedy: str) -> DocumentError:
    return DocumentError(Problem(f"parameters/{name}", "parameter", message, remedy))
