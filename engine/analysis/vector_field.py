"""The vector field of a model: dx/dt and its exact Jacobian as functions of its variables.

Made from the declaration alone.  A model of many variables is reduced to some of them by giving the
others the value at which they stand still (a gate its steady state at the present v) or a fixed
number; the reduced equations are an ordinary system again, which the same solvers advance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis.checked import names, table
from engine.checked import finite
from engine.document.text import one_of
from engine.equations.algebra import ZERO, derivative, divide, linear, negate
from engine.equations.analysis import whole_derivative
from engine.equations.constants import coherent
from engine.equations.dimensions import check_same
from engine.equations.evaluate import evaluate
from engine.equations.language import parse_equations, parse_expression
from engine.equations.system import System, in_order
from engine.equations.tree import Expr, Name, Number, Unary, walk
from engine.equations.units import expression_unit, parse_unit, quantity
from engine.errors import DataError, EquationError, near
from engine.models.check import has_units
from engine.models.compose import CURRENT_PORT, resolved
from engine.models.declaration import NeuronModel
from engine.response import checked_parameters, neuron_model

Floats = NDArray[np.floating]
CURRENT = "current"  # what a scan calls the injected current; no parameter may be called so
REST = "rest"  # what is held at its value where the model rests
_DRIVE = "in_current"  # what the equations call it


@dataclass(frozen=True)
class Field:
    """The symbols of a flow, worked out once for all currents and parameters."""

    system: System

    @cached_property
    def rates(self) -> list[Expr]:
        """dx/dt of each variable, every sub-expression written out."""
        everything = set(self.system.aliases)
        return [whole_derivative(self.system, name, everything) for name in self.system.derivatives]

    @cached_property
    def partials(self) -> list[list[Expr]]:
        """The derivative of each rate by each variable."""
        names = tuple(self.system.derivatives)
        return [[derivative(rate, name) for name in names] for rate in self.rates]

    @cached_property
    def by_current(self) -> list[Expr]:
        """The derivative of each rate by the injected current."""
        return [derivative(rate, _DRIVE) for rate in self.rates]


@dataclass(frozen=True)
class Flow:
    """dx/dt of ``variables`` under a constant current and fixed parameters.

    Arrays of states are [n, ...], one row a variable, in the units of the model; rates are per ms.
    """

    model: NeuronModel
    field: Field  # equations of ``variables`` alone
    current: float
    params: Mapping[str, float]  # in declared units
    rest: Mapping[str, Expr]  # the other states, in order of use

    @property
    def system(self) -> System:
        """The system of ``variables`` alone."""
        return self.field.system

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the rows of a state."""
        return tuple(self.system.derivatives)

    @property
    def units(self) -> dict[str, str]:
        """Unit of each variable."""
        return {name: self.system.units.get(name, "") for name in self.variables}

    def __call__(self, state: ArrayLike) -> Floats:
        """Rates [n, ...] at ``state`` [n, ...]."""
        state = np.asarray(state, np.float64)
        scope = self._scope(state)
        rates = [evaluate(rate, scope) for rate in self.field.rates]
        return np.stack([np.broadcast_to(rate, state.shape[1:]) for rate in rates])

    def jacobian(self, state: ArrayLike) -> Floats:
        """d rate / d variable at ``state`` [n, ...], as [..., n, n]; by exact differentiation."""
        state = np.asarray(state, np.float64)
        scope, shape = self._scope(state), state.shape[1:]
        rows = [
            np.stack([np.broadcast_to(evaluate(part, scope), shape) for part in row], -1)
            for row in self.field.partials
        ]
        return np.stack(rows, -2)

    def slope_of_current(self, state: ArrayLike) -> Floats:
        """d rate / d current at ``state`` [n], as [n]."""
        scope = self._scope(np.asarray(state, np.float64))
        return np.array([float(evaluate(slope, scope)) for slope in self.field.by_current])

    def whole(self, state: ArrayLike) -> dict[str, Floats]:
        """Every state of the model at ``state`` [n, ...], those that were reduced included."""
        state = np.asarray(state, np.float64)
        scope = self._scope(state)
        found = {name: scope[name] for name in self.variables}
        for name, value in self.rest.items():
            scope[name] = evaluate(value, scope)
            found[name] = np.broadcast_to(scope[name], state.shape[1:])
        return found

    def at(self, name: str, value: float) -> Flow:
        """The same with another current (``name`` "current") or value of a parameter."""
        if name == CURRENT:
            return replace(self, current=float(value))
        return replace(self, params={**self.params, name: float(value)})

    @cached_property
    def constants(self) -> dict[str, Any]:
        """What the equations read besides the variables: parameters, the current."""
        found: dict[str, Any] = coherent(self.system.parameters.values(), self.params, 1)
        return found | {_DRIVE: self.current, "dt": 1.0}  # dt scales spikes only: there are none

    def _scope(self, state: Floats) -> dict[str, Any]:
        return self.constants | dict(zip(self.variables, state, strict=True))


def flow(
    model: str | NeuronModel,
    current: float | str = 0.0,
    params: Mapping[str, Any] | None = None,
    variables: Sequence[str] | None = None,
    held: Mapping[str, float | str] | None = None,
) -> Flow:
    """The flow of ``model`` in all of its own variables, or in those named.

    The other variables stand at ``held`` if they are named there, else where they would come to
    rest; those of synapses are silent.  What is held is a number, an expression of the variables
    and parameters ("0.8 - n"), or "rest": its value where the model rests without a current.
    ``current`` in the model's unit, or a quantity.  Raises DataError for a model that advances in
    steps or cannot be reduced like this, DocumentError for parameters that cannot be.
    """
    declaration = neuron_model(model)
    values = checked_parameters(declaration, params)
    drive = quantity(current, declaration.current_unit, "current")
    system = declaration.compose()
    if system.updates:
        raise DataError(
            f"{declaration.name} advances in steps (x := ...) and has no vector field; choose a "
            "model of differential equations"
        )
    own = system.own
    chosen = own if variables is None else names(variables, "variables") or own
    wanted = _known(chosen, own, declaration.name)
    at = table(held, "held")
    given = {name: value for name, value in at.items() if name not in wanted}
    _known(given, own, declaration.name)
    trees = _held(declaration, values, wanted, given)
    reduced, rest = reduce(_silent(system), wanted, trees)
    return Flow(declaration, Field(reduced), drive, values, rest)


def reduce(
    system: System, wanted: Sequence[str], held: Mapping[str, Expr] | None = None
) -> tuple[System, dict[str, Expr]]:
    """``system`` in the ``wanted`` variables alone, and the expressions of all others.

    Each other variable is what ``held`` says or its steady state, and becomes a named
    sub-expression.  Raises DataError where there is none to be solved for.
    """
    rest: dict[str, Expr] = {}
    for name in system.derivatives:
        if held and name in held:
            rest[name] = held[name]
        elif name not in wanted:
            rest[name] = _steady(system, name)
    try:
        aliases = in_order({**system.aliases, **rest})
    except EquationError:
        raise DataError(
            f"the steady states of {one_of(rest)} depend on one another; hold one at a number"
        ) from None
    kept = {name: system.derivatives[name] for name in wanted}
    reduced = replace(
        system,
        derivatives=kept,
        aliases=aliases,
        reset=tuple((name, value) for name, value in system.reset if name in kept),
        initial={name: value for name, value in system.initial.items() if name in kept},
        holds=tuple(name for name in system.holds if name in kept),
        caps={name: value for name, value in system.caps.items() if name in kept},
        solver=None,
    )
    return reduced, {name: aliases[name] for name in aliases if name in rest}


def _silent(system: System) -> System:
    """``system`` without what synapses bring: their states at the start, nothing arriving."""
    still = {port.name: ZERO for port in system.inputs if port.port != CURRENT_PORT}
    starts = {name: system.initial.get(name, ZERO) for name in system.port_states}
    aliases = {**system.aliases, **still, **starts}
    return replace(
        system,
        derivatives={name: system.derivatives[name] for name in system.own},
        aliases=in_order({name: value for name, value in aliases.items() if value != "rest"}),
        inputs=tuple(port for port in system.inputs if port.port == CURRENT_PORT),
        jumps={},
        port_states=(),
    )


def _steady(system: System, name: str) -> Expr:
    """The value of a state at which it stands still, all others as they are."""
    found = linear(whole_derivative(system, name, set(system.aliases)), [name])
    if found is None or name not in found[0]:
        raise DataError(
            f"`{name}` of {system.model} has no steady state that can be solved for; choose it as "
            "a variable, or hold it at a number"
        )
    return negate(divide(found[1], found[0][name]))


def _held(
    model: NeuronModel,
    values: Mapping[str, float],
    wanted: Sequence[str],
    held: Mapping[str, float | str],
) -> dict[str, Expr]:
    """What variables are held at, as expressions of those that are ``wanted``."""
    found: dict[str, Expr] = {}
    for name, value in held.items():
        if isinstance(value, str) and value == REST:
            found[name] = _number(_at_rest(model, values)[name], name)
        elif isinstance(value, str):
            found[name] = _expression(model, name, value, {*wanted, *model.parameters})
        else:
            found[name] = _number(value, name)
    return found


def _at_rest(model: NeuronModel, values: Mapping[str, float]) -> dict[str, float]:
    from engine.analysis.equilibria import resting_point

    return resting_point(flow(model, 0.0, values)).values


def _expression(model: NeuronModel, name: str, text: str, scope: set[str]) -> Expr:
    """The text of what ``name`` is held at, its names and its unit checked."""
    read = parse_expression(text)
    for node in walk(read):
        if isinstance(node, Name) and node.name not in scope and not expression_unit(node.name):
            states = one_of(sorted(scope - model.parameters.keys()))
            remedy = near(node.name, scope) or f"use {states} and the parameters"
            message = f"`{name}` cannot be held at an expression of `{node.name}`"
            raise EquationError(message, text, node.span, remedy)
    tree = resolved(read, scope, text)
    if has_units(model):
        known = {each: parse_unit(entry.unit)[1] for each, entry in model.parameters.items()}
        states = {eq.target: eq.unit for eq in parse_equations(model.equations)}
        known |= {state: parse_unit(unit)[1] for state, unit in states.items()}
        check_same(read, known[name], known, text, f"`{name}`")
    return tree


def _number(value: object, name: str) -> Expr:
    at = finite(value, f"held {name}")
    number = Number(abs(at))
    return number if at >= 0 else Unary("-", number)


def _known(given: Sequence[str] | Mapping[str, Any], own: Sequence[str], model: str) -> list[str]:
    chosen = list(given)
    for name in chosen:
        if name not in own:
            remedy = near(name, own) or f"it has {one_of(own)}"
            raise DataError(f"`{name}` is not a variable of {model}; {remedy}")
    if len(set(chosen)) < len(chosen):
        raise DataError(f"{one_of(chosen)} name a variable twice; name each once")
    return chosen
