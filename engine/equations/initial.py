"""Initial states: what is given, else the model's own expression, else rest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.equations.algebra import linear
from engine.equations.analysis import whole_derivative
from engine.equations.constants import coherent
from engine.equations.crossing import states_of
from engine.equations.evaluate import evaluate
from engine.equations.system import Composable, System
from engine.equations.tree import Expr, names
from engine.errors import EquationError, near

Floats = NDArray[np.float64]
Environment = dict[str, Floats | float]
Rule = tuple[Expr, Expr]
LOWEST, HIGHEST, POINTS = -150.0, 100.0, 251  # mV, where a resting potential is looked for
MOST_AT_ONCE = 1_000_000  # values in one array of the search


def initial_state(
    model: Composable,
    ports: Mapping[str, Any] | None,
    parameters: Mapping[str, ArrayLike],
    size: int,
    initial: Mapping[str, ArrayLike | str] | None = None,
) -> Floats:
    """state[S, size] at time 0, rows as in the step map's ``states``.

    ``initial`` gives states as numbers or arrays [size], or as "rest"; the others follow from the
    model.  "rest" of the membrane is the lowest stable potential without input; of any other
    variable its steady state at the potential it starts with.  Raises ``EquationError``.
    """
    system = model.compose(ports)
    given = dict(initial or {})
    _check_names(system, given)
    environment: Environment = dict(coherent(system.parameters.values(), parameters, size))
    environment.update({port.name: 0.0 for port in system.inputs})
    environment["dt"] = 1.0  # scales inputs only, and those are zero
    waiting: dict[str, Expr | str] = {}
    for state in system.derivatives:
        value = given.get(state, system.initial.get(state, "rest"))
        if isinstance(value, str) or not isinstance(value, (int, float, np.ndarray, list, tuple)):
            waiting[state] = value  # pyright: ignore[reportArgumentType]
        else:
            environment[state] = _checked(state, value, size)
    _settle(system, environment, waiting)
    rows = [np.broadcast_to(environment[state], (size,)) for state in system.derivatives]
    extra = len(states_of(system)) - len(system.derivatives)
    return np.concatenate([np.array(rows, dtype=float), np.zeros((extra, size))])


def _check_names(system: System, given: Mapping[str, object]) -> None:
    for name in given:
        if name not in system.derivatives:
            known = system.derivatives
            remedy = near(name, known) or f"there are {', '.join(known)}"
            raise EquationError(f"`{name}` is not a variable of {system.model}", remedy=remedy)


def _checked(state: str, value: ArrayLike, size: int) -> Floats:
    array = np.asarray(value, dtype=float)
    if array.shape not in ((), (size,)) or not np.all(np.isfinite(array)):
        remedy = f"give one finite number, or {size} of them"
        raise EquationError(f"the initial `{state}` cannot be used", remedy=remedy)
    return array


def _settle(system: System, environment: Environment, waiting: dict[str, Expr | str]) -> None:
    """Give every waiting state its value: the membrane's rest first, the other rests last."""
    _named_values(system, environment)
    if waiting.get(system.membrane) == "rest":
        environment[system.membrane] = _resting_potential(system, environment)
        del waiting[system.membrane]
    pending = {name: value for name, value in waiting.items() if not isinstance(value, str)}
    while pending:
        ready = [name for name, value in pending.items() if names(value) <= environment.keys()]
        if not ready:
            _steady(system, environment, [n for n, value in waiting.items() if value == "rest"])
            ready = [name for name, value in pending.items() if names(value) <= environment.keys()]
        if not ready:
            raise EquationError(f"initial values of {', '.join(pending)} depend on one another")
        for name in ready:
            environment[name] = evaluate(pending.pop(name), environment)
    rests = [name for name in waiting if name not in environment]
    _steady(system, environment, rests)


def _named_values(system: System, environment: Environment) -> None:
    """The sub-expressions that read parameters only."""
    for name, value in system.aliases.items():
        if names(value) <= environment.keys() and not _reads_input(system, value):
            environment[name] = evaluate(value, environment)


def _reads_input(system: System, value: Expr) -> bool:
    return bool(names(value) & {port.name for port in system.inputs})


def _steady(system: System, environment: Environment, states: list[str]) -> None:
    """Set each of ``states`` to the value at which it stands still, all else as it is."""
    _sweep(_rules(system, states), environment)


def _rules(system: System, states: list[str]) -> dict[str, Rule]:
    """state -> (a, b) of d state/dt = a state + b."""
    found: dict[str, Rule] = {}
    for state in states:
        rule = linear(whole_derivative(system, state), [state])
        if rule is None or state not in rule[0]:
            message = f"`{state}` of {system.model} has no steady state that can be solved for"
            raise EquationError(message, remedy=f"give an initial `{state}`")
        found[state] = rule[0][state], rule[1]
    return found


def _sweep(rules: dict[str, Rule], environment: Environment) -> None:
    for state in rules:
        environment.setdefault(state, 0.0)
    for _ in rules:  # as many sweeps as a chain of dependences can be long
        for state, (slope, drive) in rules.items():
            environment[state] = -evaluate(drive, environment) / evaluate(slope, environment)


def _resting_potential(system: System, environment: Environment) -> Floats | float:
    """The lowest v where dv/dt, everything else steady, turns from rising to falling."""
    others = [s for s in system.derivatives if s != system.membrane and s not in environment]
    rules = _rules(system, others)
    rate = whole_derivative(system, system.membrane)

    def rising(v: Floats) -> NDArray[np.bool_]:
        here: Environment = {**environment, system.membrane: v}
        with np.errstate(all="ignore"):
            _sweep(rules, here)
        return np.broadcast_to(evaluate(rate, here) > 0, v.shape)

    shape = np.broadcast_shapes(*(np.shape(value) for value in environment.values()))
    grid = np.linspace(LOWEST, HIGHEST, POINTS)
    column = grid.reshape(-1, *(1 for _ in shape))
    blocks = np.array_split(column, 1 + POINTS * math.prod(shape) // MOST_AT_ONCE)
    signs = np.concatenate(
        [rising(np.broadcast_to(block, (len(block), *shape))) for block in blocks]
    )
    turns = signs[:-1] & ~signs[1:]
    if not np.all(np.any(turns, axis=0)):
        message = f"{system.model} has no resting potential with these parameters"
        raise EquationError(message, remedy=f"give an initial `{system.membrane}`")
    first = np.argmax(turns, axis=0)
    low, high = grid[first], grid[first + 1]
    for _ in range(60):
        middle = (low + high) / 2
        up = rising(np.asarray(middle))
        low, high = np.where(up, middle, low), np.where(up, high, middle)
    return (low + high) / 2
