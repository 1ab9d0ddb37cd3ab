"""A whole neuron, its synapses included, as one flat system of equations.

``engine.models`` composes it from declarations; ``engine.equations.compile`` turns it into a step
map.  All trees here read coherent units; a parameter's factor says how its declared unit gets there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from engine.errors import EquationError
from engine.equations.stepmap import Input
from engine.equations.tree import Expr, names, substitute


@dataclass(frozen=True)
class Slot:
    """A parameter as the equations see it: its default and how its unit becomes coherent."""

    name: str
    unit: str
    factor: float
    default: Expr  # of other parameters, all in coherent units
    given: tuple[tuple[str, Expr], ...] = ()  # default instead, if the named parameter is set


@dataclass(frozen=True)
class System:
    """States and their derivatives, named sub-expressions, inputs, threshold and reset."""

    model: str
    derivatives: dict[str, Expr]  # in order of declaration; ports after the neuron's own
    aliases: dict[str, Expr]  # every name before its use
    inputs: tuple[Input, ...]
    jumps: dict[str, Expr]  # state -> its value after the jump inputs of this step
    threshold: Expr | None
    reset: tuple[tuple[str, Expr], ...]
    parameters: dict[str, Slot]
    initial: dict[str, Expr | str]  # an expression, or "rest"
    membrane: str
    port_states: tuple[str, ...] = ()  # states that belong to synapses
    refractory: Expr | None = None
    holds: tuple[str, ...] = ()
    crossing: bool = False
    caps: dict[str, Expr] = field(default_factory=dict)  # never taken above this inside a step
    solver: str | None = None  # the model's own choice
    units: dict[str, str] = field(default_factory=dict)  # of states
    text: dict[str, str] = field(default_factory=dict)


class Composable(Protocol):
    """A declaration that can be turned into a system: ``engine.models.NeuronModel``."""

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    def compose(self, ports: dict[str, str] | None = None) -> System:
        """The flat system with these synapse models on its ports."""
        ...


def in_order(aliases: dict[str, Expr]) -> dict[str, Expr]:
    """``aliases`` with every name after those it reads.  Raises ``EquationError`` on a circle."""
    done: dict[str, Expr] = {}
    waiting = dict(aliases)
    while waiting:
        ready = [name for name, expr in waiting.items() if not names(expr) & waiting.keys()]
        if not ready:
            circle = ", ".join(f"`{name}`" for name in sorted(waiting))
            raise EquationError(f"{circle} are defined by one another", remedy="break the circle")
        for name in ready:
            done[name] = waiting.pop(name)
    return done


def reads(expr: Expr, aliases: dict[str, Expr]) -> set[str]:
    """Every name ``expr`` depends on, through the aliases as well, the aliases included."""
    found: set[str] = set()
    waiting = names(expr)
    while waiting:
        found |= waiting
        waiting = {n for name in waiting & aliases.keys() for n in names(aliases[name])} - found
    return found


def inlined(expr: Expr, aliases: dict[str, Expr], wanted: set[str]) -> Expr:
    """``expr`` with the aliases in ``wanted`` replaced by what they stand for, all the way."""
    while found := names(expr) & wanted & aliases.keys():
        expr = substitute(expr, {name: aliases[name] for name in found})
    return expr
