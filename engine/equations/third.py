"""Learning with a third factor: what a reward changes later, exactly, at no cost between spikes.

A synapse may have a state of its own, the *eligibility* c, which decays by itself and is changed by
``on_pre`` and ``on_post``.  A projection may have *modulators* d, which a reward changes and which
go on by equations of their own.  Where a rule says how a weight drifts, dw/dt = c g(d), then with
c = c' m, where m = exp(-(t - t_b)/tau_c) is the same for all synapses since the base time t_b and
c' changes at spikes only,

    w(t) = w(t') + c' (E(t) - E(t')),    E(t) = integral of m g(d) since t_b

between two touches of the synapse at t' and t.  So one *clock* a projection, a step map of one
member, carries d, m and E; a synapse keeps c' and the E of its last touch, and nothing is done for
it between spikes.  E is linear in u = m d, and so is advanced by a matrix exponential.

At one instant the clock has advanced; whoever is visited by a spike is *touched*, its weight
brought up to date, before anything reads it; rewards come after all other jumps.  Every few tau_c
all synapses are touched and t_b moves on (`RENEWED`), so that c' and E stay in range.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.equations.algebra import ZERO, add, linear, multiply, negate, subtract
from engine.equations.compile import compile_system
from engine.equations.stepmap import Slot, StepMap
from engine.equations.system import System
from engine.equations.tree import Assign, Call, Expr, Name, names, substitute
from engine.errors import EquationError

# Names that no declaration can have, as they begin with a line.
FADED, EARNED, DUE, SHADOW = "_faded", "_earned", "_due", "_of_"
AMOUNT = "amount"  # what ``on_reward`` calls the size of a reward; a spike's is 1
RENEWED = 5.0  # time constants of the eligibility after which the base time moves on
FASTEST = 20.0  # most time constants that a step may last


@dataclass(frozen=True)
class Eligibility:
    """The equation of a synapse's own state, dname/dt = -decay name, and the drift it causes."""

    name: str
    decay: Expr  # 1/ms, of parameters
    gain: Expr | None  # dw/dt = name gain; None where it does not make weights drift


def eligibility(
    name: str, derivative: Expr, drift: Expr | None, modulators: set[str], fixed: set[str]
) -> Eligibility:
    """What ``dname/dt = derivative`` and ``dw/dt = drift`` mean; ``fixed`` are the parameters.

    Raises EquationError unless the state decays by itself and the drift is linear in it and in the
    modulators.
    """
    found = linear(derivative, [name])
    if found is None or found[1] != ZERO or names(found[0].get(name, ZERO)) - fixed:
        remedy = f"write d{name}/dt = -{name}/tau"
        raise EquationError(f"`{name}` of a synapse must decay by itself", remedy=remedy)
    decay = negate(found[0].get(name, ZERO))
    if drift is None:
        return Eligibility(name, decay, None)
    share = linear(drift, [name])
    gain = None if share is None or share[1] != ZERO else share[0].get(name, ZERO)
    parts = None if gain is None else linear(gain, modulators)
    if gain is None or parts is None or _moving(parts, fixed):
        remedy = f"write {name} times modulators times parameters"
        raise EquationError(f"the drift is not linear in `{name}` and modulators", remedy=remedy)
    return Eligibility(name, decay, gain)


def clock_map(
    model: str, modulators: dict[str, Expr], own: Eligibility | None, parameters: dict[str, Slot]
) -> StepMap:
    """The step map of one member: modulators, u of each, E and m (with a drift), or m alone.

    Raises EquationError for modulators that are not linear where weights drift with them.
    """
    derivatives = dict(modulators)
    shadows: dict[str, Expr] = {}
    if own is not None:
        derivatives[FADED] = negate(multiply(own.decay, Name(FADED)))
    if own is not None and own.gain is not None:
        shadows = {name: Name(SHADOW + name) for name in modulators}
        for name, rate in modulators.items():
            fading = multiply(own.decay, shadows[name])
            derivatives[SHADOW + name] = subtract(_faded(rate, shadows, model), fading)
        derivatives[EARNED] = _faded(own.gain, shadows, model)
    system = System(model, derivatives, {}, (), {}, None, (), parameters, {}, "")
    made = compile_system(system)
    begun = tuple(Assign(SHADOW + name, multiply(Name(FADED), Name(name))) for name in shadows)
    return replace(made, update=(*begun, *made.update))


def touch(low: str, high: str) -> Expr:
    """The weight after a touch: what it has earned is added, within bounds (none: "")."""
    grown = add(Name("w"), Name(DUE))
    return Call("clip", (grown, Name(low), Name(high))) if low else grown


def _faded(rate: Expr, shadows: dict[str, Expr], model: str) -> Expr:
    """m times ``rate``, in terms of m and of u = m d."""
    parts = linear(rate, shadows)
    if parts is None or any(names(part) & shadows.keys() for part in parts[0].values()):
        message = f"the modulators of {model} are not linear, and weights drift with them"
        raise EquationError(message, remedy="write dd/dt = -d/tau")
    found = substitute(rate, shadows) if parts[1] == ZERO else None
    if found is not None:
        return found
    inner = [multiply(part, shadows[name]) for name, part in parts[0].items()]
    found = multiply(parts[1], Name(FADED))
    for part in inner:
        found = add(found, part)
    return found


def _moving(parts: tuple[dict[str, Expr], Expr], fixed: set[str]) -> bool:
    return any(names(part) - fixed for part in (*parts[0].values(), parts[1]))
