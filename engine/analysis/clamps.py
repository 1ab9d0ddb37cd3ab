"""The voltage clamp: v follows a command, and the current that this takes is taken apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.analysis.checked import numbers
from engine.checked import Floats, positive
from engine.equations.algebra import divide, linear, multiply, negate
from engine.equations.clamp import CLAMP_PORT, per_current
from engine.equations.compile import compile_model, initial_state
from engine.equations.constants import coherent
from engine.equations.evaluate import evaluate
from engine.equations.printing import to_text
from engine.equations.system import System, inlined, reads
from engine.equations.tree import Binary, Expr, Name, Unary, names
from engine.equations.units import quantity
from engine.errors import DataError, LimitError
from engine.models.commands import command as course
from engine.models.declaration import NeuronModel
from engine.response import (
    MOST_VALUES,
    REFERENCE_DT,
    checked_parameters,
    initial_values,
    neuron_model,
)
from engine.runtime.single import Neuron

CAPACITIVE = "capacitive"
_INJECTED = "in_current"
Command = float | str | ArrayLike | Callable[[float], float]


@dataclass(frozen=True)
class VoltageClamp:
    """What a clamped neuron did: times in ms, all else in the units of the model.

    Currents are positive outward, so that ``current``, the sum of ``parts``, is what the amplifier
    gives.  ``parts`` are named I_Na where a term has one reversal potential E_Na, by a variable
    (``w``) or a sub-expression that stands alone, else by their text.
    """

    t: Floats  # [steps + 1]: 0, dt, 2 dt ...
    v: Floats  # [steps + 1]: the command
    states: dict[str, Floats]  # name -> [steps + 1]
    current: Floats  # [steps + 1]
    parts: dict[str, Floats]  # name -> [steps + 1]


def voltage_clamp(
    model: str | NeuronModel,
    command: Command,
    duration: float | str = 100.0,
    dt: float | str = REFERENCE_DT,
    params: Mapping[str, Any] | None = None,
    initial: Mapping[str, Any] | None = None,
    times: Sequence[float] | None = None,
) -> VoltageClamp:
    """Hold the membrane of ``model`` at ``command`` for ``duration`` ms in steps of ``dt`` ms.

    ``command`` is a number (or a text such as "-10 mV"), one value a step, a function of the time
    in ms, or levels, each from its ms in ``times`` on (0 first).  It is held during each step: that
    of a function is taken in the middle of it.  What is left out of ``initial`` starts where it
    rests at the initial potential, and that is the command's first value: ``initial={"v": -65}``
    with the command 0 is a step from -65 mV, on at t = 0.

    The charge C dv of a jump flows at once and is in no current; where the command is a function,
    C dv/dt is the part "capacitive".  Raises DataError for a command that cannot be used,
    EquationError for a model that cannot be clamped, DocumentError for parameters.
    """
    declared = replace(neuron_model(model), ports={})
    width = positive(quantity(dt, "ms", "dt"), "dt", "ms")
    steps = max(1, round(positive(quantity(duration, "ms", "duration"), "duration", "ms") / width))
    values = checked_parameters(declared, params)
    step_map = compile_model(declared, {}, None, declared.chosen(values), clamp=True)
    if steps * len(step_map.states) > MOST_VALUES:
        raise LimitError(f"{steps:,} steps are more than are kept at once; shorten the duration")
    system = declared.compose({})
    unit = system.units.get(system.membrane, "")
    held, at = _course(command, times, steps, width, unit)
    first = initial_values(declared, initial)
    start = initial_state(declared, {}, values, 1, {system.membrane: float(at[0]), **first})[:, 0]
    begun = np.zeros(len(step_map.states))
    begun[: len(system.derivatives)] = start[: len(system.derivatives)]
    samples, _ = Neuron(step_map, values, width, port=CLAMP_PORT).on_grid(begun, held)
    states = {name: samples[step_map.states.index(name)] for name in system.derivatives}
    states[system.membrane] = at
    parts = _parts(system, values, states)
    total = sum(parts.values(), np.zeros(steps + 1))
    if callable(command):
        parts[CAPACITIVE] = np.gradient(at, width) / _slope(system, values, states)
        total = total + parts[CAPACITIVE]
    t = np.round(np.arange(steps + 1) * width, 9)
    return VoltageClamp(t, at, states, total, parts)


def _course(
    command: Command, times: Sequence[float] | None, steps: int, dt: float, unit: str
) -> tuple[Floats, Floats]:
    """The command during every step [steps], and at every sample [steps + 1]."""
    if isinstance(command, str):
        command = quantity(command, unit, "command")
    if callable(command):
        grid = np.arange(steps + 1) * dt
        return _sampled(command, grid[:-1] + 0.5 * dt), _sampled(command, grid)
    if times is not None:
        held = _levels(numbers(command, "command"), numbers(times, "times"), steps, dt)
    elif np.ndim(command) == 0:
        held = np.repeat(numbers(np.reshape(command, -1), "command"), steps)
    else:
        held = numbers(command, "command")
    if len(held) != steps:
        raise DataError(
            f"the command has {len(held):,} values for {steps:,} steps; give one value a step, or "
            "levels with `times`"
        )
    return held, np.concatenate([held[:1], held])


def _sampled(command: Callable[[float], float], times: Floats) -> Floats:
    return numbers([command(float(t)) for t in times], "command")


def _levels(levels: Floats, times: Floats, steps: int, dt: float) -> Floats:
    held = course(levels, times, dt)
    return np.concatenate([held, np.full(max(0, steps - len(held)), held[-1])])[:steps]


def _parts(
    system: System, values: Mapping[str, float], states: Mapping[str, Floats]
) -> dict[str, Floats]:
    """Every term of the membrane's equation as a current outward, by name."""
    slope, found = per_current(system), dict[str, Floats]()
    shape = states[system.membrane].shape
    for shown, term in _terms(system, system.derivatives[system.membrane]):
        whole = inlined(term, system.aliases, set(system.aliases))
        if _INJECTED in names(whole):
            continue
        flow = _evaluated(system, divide(negate(whole), slope), values, states)
        name = _name(system, shown)
        found[name] = found.get(name, np.zeros(shape)) + flow
    return found


def _terms(system: System, expr: Expr) -> Iterator[tuple[Expr, Expr]]:
    """The sum that ``expr`` is, opened where the injected current is in it.

    Each term as it is written in its bracket, and as it stands in the whole.
    """
    match expr:
        case Binary(op="+"):
            yield from _terms(system, expr.left)
            yield from _terms(system, expr.right)
        case Binary(op="-"):
            yield from _terms(system, expr.left)
            yield from ((shown, negate(term)) for shown, term in _terms(system, expr.right))
        case Unary(op="-"):
            yield from ((shown, negate(term)) for shown, term in _terms(system, expr.operand))
        case Name() if expr.name in system.aliases and _carries(system, expr):
            yield from _terms(system, system.aliases[expr.name])
        case Binary(op="/") if _carries(system, expr.left):
            inner = _terms(system, expr.left)
            yield from ((shown, divide(term, expr.right)) for shown, term in inner)
        case Binary(op="*") if _carries(system, expr):
            inner, factor = expr.left, expr.right
            if not _carries(system, inner):
                inner, factor = factor, inner
            yield from ((shown, multiply(factor, t)) for shown, t in _terms(system, inner))
        case _:
            yield expr, expr


def _carries(system: System, expr: Expr) -> bool:
    return _INJECTED in reads(expr, system.aliases)


def _name(system: System, term: Expr) -> str:
    """I_Na for a term with one reversal potential, else the one variable that it is, else its text.

    E_Na is a reversal potential, and so is V_Na beside a conductance g_Na.
    """
    found = reads(term, system.aliases) & system.parameters.keys()
    ends = sorted(
        name[2:]
        for name in found
        if name.startswith("E_") or (name[:2] == "V_" and f"g_{name[2:]}" in found)
    )
    if len(ends) == 1:
        return f"I_{ends[0]}"
    own = sorted(names(term) - system.parameters.keys())
    return own[0] if len(own) == 1 and linear(term, own) is not None else to_text(term)


def _slope(system: System, values: Mapping[str, float], states: Mapping[str, Floats]) -> Any:
    return _evaluated(system, per_current(system), values, states)


def _evaluated(
    system: System, expr: Expr, values: Mapping[str, float], states: Mapping[str, Floats]
) -> Any:
    scope: dict[str, Any] = dict(coherent(system.parameters.values(), values, 1))
    return evaluate(expr, {**scope, "dt": 1.0, _INJECTED: 0.0, **states})
