"""A whole neuron, its synapses included, as one flat system of equations.

``engine.models`` composes it from declarations; ``engine.equations.compile`` turns it into a step
map.  All trees here read coherent units; a parameter's factor brings its declared unit there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.equations.stepmap import Input, Slot
from engine.equations.tree import Expr, Name, children, names, substitute
from engine.errors import EquationError

MAX_INLINED, MAX_HEIGHT = 5000, 128


@dataclass(frozen=True)
class System:
    """States and their derivatives, named sub-expressions, inputs, threshold and reset."""

    model: str
    derivatives: dict[str, Expr]  # in order of declaration, ports last; 0 for discrete states
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
    hazard: Expr | None = None  # spikes a ms, instead of a threshold
    clamp: Expr | None = None  # under voltage clamp: the current that this takes
    caps: dict[str, Expr] = field(default_factory=dict)  # never taken above this inside a step
    solver: str | None = None  # the model's own choice
    updates: dict[str, Expr] = field(default_factory=dict)  # discrete states: value after a step
    units: dict[str, str] = field(default_factory=dict)  # of states
    text: dict[str, str] = field(default_factory=dict)

    @property
    def own(self) -> list[str]:
        """The states with a derivative that are the neuron's, not its synapses'."""
        return [state for state in self.derivatives if state not in self.port_states]


class Composable(Protocol):
    """A declaration that can be turned into a system: ``engine.models.NeuronModel``."""

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    def compose(self, ports: Mapping[str, Any] | None = None) -> System:
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
    """``expr`` with the aliases in ``wanted`` replaced by what they stand for, all the way.

    ``aliases`` are in order of use.  Raises ``EquationError`` where the result would be huge:
    forty lines that each use the line before twice would make a tree of 10^12 operations.
    """
    measures: dict[str, tuple[int, int]] = {}
    for name, value in aliases.items():
        measures[name] = _measure(value, measures) if name in wanted else (1, 1)
    nodes, height = _measure(expr, measures)
    if nodes > MAX_INLINED or height > MAX_HEIGHT:
        remedy = "use fewer named sub-expressions within one another"
        raise EquationError("an equation becomes too long when written out", remedy=remedy)
    whole: dict[str, Expr] = {}
    for name in (name for name in aliases if name in wanted):
        whole[name] = substitute(aliases[name], whole)
    return substitute(expr, whole)


def _measure(expr: Expr, measures: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """Nodes and height ``expr`` would have with the measured names written out."""
    if isinstance(expr, Name):
        return measures.get(expr.name, (1, 1))
    parts = [_measure(part, measures) for part in children(expr)]
    return 1 + sum(n for n, _ in parts), 1 + max((h for _, h in parts), default=0)
