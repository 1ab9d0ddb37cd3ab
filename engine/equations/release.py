"""Synapses that tire and recover: what a spike releases becomes a program that backends print.

Every source of a projection has states of its own, which nothing but its own spikes changes.  At
each of them the program runs once, told the time since the one before; it leaves the share of its
weight that every synapse of this source delivers for this spike.  So nothing is done between
spikes, and a share depends neither on targets nor on delays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from numpy.typing import ArrayLike

from engine.equations.constants import constants
from engine.equations.program import Program
from engine.equations.stepmap import Derived, Propagator, Slot, StepMap
from engine.equations.system import System
from engine.equations.tree import Assign, Expr, names

ELAPSED = "D"  # ms since the source's last spike; longer than anything lasts before its first one
SHARE = "r"  # of the weight, 0 to 1: what a spike delivers
NEVER = -(2**40)  # the step of a last spike that there has not been


@dataclass(frozen=True)
class ReleaseMap:
    """A program over named scalars: states of a source, ``D``, constants -> states, ``r``."""

    model: str
    states: tuple[str, ...]  # rows of state[S, sources]; 0 at the start
    program: tuple[Assign, ...]
    constants: tuple[str, ...]
    parameters: tuple[Slot, ...] = ()
    recipes: tuple[Derived | Propagator, ...] = ()


def compile_release(
    model: str, statements: tuple[tuple[str, Expr], ...], parameters: Mapping[str, Slot]
) -> ReleaseMap:
    """The release map of a rule whose ``statements`` run at every spike of a source."""
    states = tuple(dict.fromkeys(target for target, _ in statements if target != SHARE))
    program = Program(System(model, {}, {}, (), {}, None, (), dict(parameters), {}, ""))
    program.varying |= {*states, ELAPSED, SHARE}
    for target, value in statements:
        program.assign(target, value)
    made = program.take()
    read = {name for assign in made for name in names(assign.value)}
    recipes = tuple(program.recipes)
    found = tuple(each.name for each in recipes if isinstance(each, Derived) and each.name in read)
    return ReleaseMap(model, states, made, found, tuple(parameters.values()), recipes)


def release_constants(
    rule: ReleaseMap, parameters: Mapping[str, ArrayLike], dt: float
) -> dict[str, float]:
    """The constants of ``rule`` for parameters in their declared units; ``dt`` in ms.

    Raises ``EquationError`` for an unknown name or a constant that is not finite.
    """
    recipes = StepMap(rule.model, "", (), (), rule.constants, (), parameters=rule.parameters,
                      recipes=rule.recipes)  # fmt: skip
    return {
        name: float(value)  # type: ignore[arg-type]
        for name, value in constants(recipes, parameters, dt, 1).items()
    }
