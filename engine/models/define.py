"""``engine.define``: a neuron of one's own, from text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.equations.dimensions import dimension_of
from engine.equations.initial import initial_state
from engine.equations.language import parse_equations, parse_expression
from engine.equations.tree import names
from engine.equations.units import NONE, describe, parse_unit
from engine.errors import DocumentError, EquationError, Problem
from engine.models.check import check_model
from engine.models.declaration import NO_BOUNDS, NeuronModel, Parameter
from engine.models.serial import is_number

_QUANTITY = re.compile(r"\s*([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)\s*(\S.*)?")


def define(
    name: str,
    equations: str,
    threshold: str = "",
    reset: str = "",
    parameters: Mapping[str, float | str | Parameter | Mapping[str, Any]] | None = None,
    *,
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

    ``equations`` has one equation a line, ``dv/dt = ... : unit`` or ``x = ... : unit``, and reads
    the total input current as ``I``.  A parameter is a number, a text such as "20 ms" or "C/g_L",
    or a ``Parameter``.  With ``refractory`` the membrane is held unless ``holds`` says otherwise.
    Variables start at rest if there is one, else at 0.  Raises ``EquationError`` for
    a text that cannot be read, ``DocumentError`` with all other problems.
    """
    parsed = parse_equations(equations)
    states = [equation.target for equation in parsed if equation.derivative]
    if not states:
        raise EquationError("no variable has an equation", equations, (0, 1), "write dv/dt = ...")
    first = membrane or ("v" if "v" in states else states[0])
    known = {key: _parameter(key, value) for key, value in (parameters or {}).items()}
    known = _with_units(known)
    units = any(p.unit not in ("", "1") for p in known.values())
    units = units or any(equation.unit not in ("", "1") for equation in parsed)
    model = NeuronModel(
        name=name,
        equations=equations,
        title=title or name,
        doc=doc,
        threshold=threshold,
        reset=reset,
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


def _with_units(parameters: dict[str, Parameter]) -> dict[str, Parameter]:
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


def _parameter(name: str, value: float | str | Parameter | Mapping[str, Any]) -> Parameter:
    if isinstance(value, Parameter):
        return value
    if isinstance(value, Mapping):
        known = {"default", "unit", "bounds", "doc", "given"}
        if unknown := set(value) - known:
            message = f"`{sorted(unknown)[0]}` is not a field of the parameter `{name}`"
            raise DocumentError(Problem(f"parameters/{name}", "parameter", message, "remove it"))
        bounds = tuple(value.get("bounds", NO_BOUNDS))
        return Parameter(**{**value, "bounds": bounds})
    if is_number(value):
        return Parameter(float(value))
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match:
        return Parameter(float(match[1]), match[2] or "")
    if isinstance(value, str):
        return Parameter(value)
    message = f"`{name}` must be a number, a text or a Parameter"
    raise DocumentError(Problem(f"parameters/{name}", "parameter", message))
