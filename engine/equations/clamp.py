"""A membrane under voltage clamp: a command says what v is, and what that takes is worked out.

The equation of the membrane, dv/dt = f(v, gates, I), is replaced by v = command, held during each
step; the other variables follow at that v.  The amplifier gives the current at which f would be 0:
with f linear in the injected current, I_clamp = -f/(df/dI), here the sum of what flows out through
the membrane (Hodgkin, Huxley & Katz 1952, J. Physiol. 116:424).  A jump of the command also takes
the charge C dv at once, which is no part of it.
"""

from __future__ import annotations

from dataclasses import replace

from engine.equations.algebra import ZERO, derivative, divide, linear, negate
from engine.equations.analysis import whole_derivative
from engine.equations.stepmap import Input
from engine.equations.system import System
from engine.equations.tree import Expr
from engine.errors import EquationError

CLAMP_PORT = "clamp"
COMMAND = "in_clamp"  # the input that holds what v is during a step
AMPLIFIER = "I_clamp"  # the state that holds what the amplifier gives


def clamped(system: System) -> System:
    """``system`` with its membrane at a command; it does not spike.

    Raises ``EquationError`` for a model that cannot be held: one in steps, or one whose membrane
    no current moves in proportion.
    """
    v = system.membrane
    taken = {*system.derivatives, *system.aliases, *system.parameters}
    for name in sorted({COMMAND, AMPLIFIER} & taken):
        message = f"`{name}` of {system.model} is a name that a voltage clamp needs itself"
        raise EquationError(message, remedy="rename it in the model")
    return replace(
        system,
        derivatives={**system.derivatives, v: ZERO},
        inputs=(*system.inputs, Input(CLAMP_PORT, COMMAND, "hold", system.units.get(v, ""))),
        jumps={state: value for state, value in system.jumps.items() if state != v},
        threshold=None,
        hazard=None,
        reset=(),
        refractory=None,
        holds=(),
        crossing=False,
        caps={state: cap for state, cap in system.caps.items() if state != v},
        solver=None,
        clamp=divide(negate(_rate(system)), per_current(system)),
    )


def per_current(system: System) -> Expr:
    """dv/dt for one unit of injected current: 1/C."""
    if system.updates:
        message = f"{system.model} cannot be clamped: its equations are steps and no rates"
        raise EquationError(message, remedy="clamp a model of differential equations")
    slope = derivative(_rate(system), "in_current")
    if slope == ZERO or linear(_rate(system), ["in_current"]) is None:
        what = f"the current does not move `{system.membrane}` in proportion"
        message = f"{system.model} cannot be clamped: {what}"
        raise EquationError(message, remedy="clamp a model whose membrane takes the current I")
    return slope


def _rate(system: System) -> Expr:
    return whole_derivative(system, system.membrane, set(system.aliases))
