"""Spikes inside a step, for models whose potential runs off to a peak (AdEx, Izhikevich, ...).

On a grid the reset comes up to one step late, and every interval grows by half a step.  Here the
reset works out when within the step the peak was passed, and lets the neuron run from the reset for
what is left of the step.  It costs two stores a step and some arithmetic for each spike.

The time from v_n to the peak is the integral of dv / f(v), f(v) = dv/dt with the other variables
as they are.  In q = exp(-(v - v_n) f'/f) the integrand is constant for an exponential upstroke
and smooth for others, so three Gauss points are enough.
"""

from __future__ import annotations

import math

from engine.equations.algebra import ONE, ZERO, derivative, simplify
from engine.equations.analysis import whole_derivative
from engine.equations.clamp import AMPLIFIER
from engine.equations.program import Program
from engine.equations.system import System
from engine.equations.tree import Binary, Call, Expr, Name, Number, substitute

# Rows that a step map adds to a model's own states: steps still to be held; 1 above threshold;
# v and dv/dt before the step, and the ms that the last spike's peak lay before the end of its step.
REFRACTORY, ABOVE = "refractory", "above"
BEFORE, RISE, LATE = "before", "rise", "late"
ROWS = (BEFORE, RISE, LATE)

_HALF_WIDTH = 0.5 * math.sqrt(0.6)  # Gauss-Legendre nodes on [0, 1]
_NODES = ((0.5 - _HALF_WIDTH, 5 / 18), (0.5, 4 / 9), (0.5 + _HALF_WIDTH, 5 / 18))


def peaks(system: System) -> bool:
    """True if a spike of ``system`` is the membrane reaching the peak at which it is capped."""
    v = system.membrane
    peak = system.caps.get(v)
    condition = system.threshold
    return (
        peak is not None
        and isinstance(condition, Binary)
        and condition.op in (">=", ">")
        and (condition.left, condition.right) == (Name(v), peak)
    )


def states_of(system: System) -> tuple[str, ...]:
    """Rows of state[S, N]: the model's own, its synapses', then what the step map itself needs."""
    extra = [REFRACTORY] if system.refractory is not None else []
    extra += [ABOVE] if system.crossing and system.threshold is not None else []
    extra += ROWS if peaks(system) else []
    extra += [AMPLIFIER] if system.clamp is not None else []
    return (*system.derivatives, *extra)


class LateReset:
    """Emits, around the reset statements, the run from the reset to the end of the step."""

    def __init__(self, system: System, program: Program) -> None:
        self.system, self.program = system, program
        self.own = system.own
        inputs: dict[str, Expr] = {port.name: ZERO for port in system.inputs}
        # Inputs are not known any more when the reset runs: only differences of these are used.
        self.rates = {s: substitute(whole_derivative(system, s), inputs) for s in self.own}
        self.old: dict[str, Expr] = {}

    def open(self) -> None:
        """Before the reset statements: the time since the peak, and the rates at the peak."""
        v, assign, fresh = self.system.membrane, self.program.assign, self.program.fresh
        peak = self.system.caps[v]
        self.base = assign(fresh("rate_before"), self._rate_at(Name(BEFORE)))
        assign(LATE, self._time_since(peak))
        for state in self.own:
            at = {v: Name(BEFORE) if state == v else peak}
            rate = self.base if state == v else substitute(self.rates[state], at)
            self.old[state] = rate if state == v else assign(fresh(f"peak_{state}"), rate)

    def close(self) -> None:
        """After the reset statements: advance every variable by what is left of the step."""
        v, assign, fresh = self.system.membrane, self.program.assign, self.program.fresh
        moved: dict[str, Expr] = {}
        left: Expr = Name(LATE)
        if self.system.refractory is not None:
            # A refractory neuron stays at its reset: nothing is left to run.
            short = Binary("<", self.system.refractory, Binary("*", Number(0.5), Name("dt")))
            left = assign(fresh("left"), Call("where", (short, Name(LATE), ZERO)))
        for state in self.own:
            rate = Binary("-", self.rates[state], self.old[state])
            if state == v:
                rate = Binary("+", Name(RISE), rate)
            moved[state] = assign(fresh(f"left_{state}"), Binary("*", left, rate))
        for state, step in moved.items():
            assign(state, Binary("+", Name(state), step))

    def _time_since(self, peak: Expr) -> Expr:
        assign, fresh = self.program.assign, self.program.fresh
        span = Binary("-", peak, Name(BEFORE))
        slope = substitute(
            derivative(self.rates[self.system.membrane], self.system.membrane),
            {self.system.membrane: Name(BEFORE)},
        )
        steep = Call("max", (Binary("/", slope, Name(RISE)), Binary("/", Number(1e-3), span)))
        scale = assign(fresh("scale"), steep)
        minus = Binary(
            "-", Call("exp", (Binary("*", scale, Binary("-", Name(BEFORE), peak)),)), ONE
        )
        reach = assign(fresh("reach"), minus)  # q goes from 1 to 1 + reach
        total: Expr = ZERO
        for node, weight in _NODES:
            q = assign(fresh("q"), Binary("+", ONE, Binary("*", reach, Number(node))))
            v = Binary("-", Name(BEFORE), Binary("/", Call("log", (q,)), scale))
            here = assign(fresh("v_on_the_way"), v)
            rate = Binary("+", Name(RISE), Binary("-", self._rate_at(here), self.base))
            total = Binary("+", total, Binary("/", Number(weight), Binary("*", q, rate)))
        passed = assign(
            fresh("passed"), Binary("/", Binary("*", Binary("-", ZERO, reach), total), scale)
        )
        dt = Name("dt")
        inside = Binary("and", Binary(">", passed, ZERO), Binary("<", passed, dt))
        return Call("where", (inside, Binary("-", dt, passed), ZERO))

    def _rate_at(self, v: Expr) -> Expr:
        membrane = self.system.membrane
        return simplify(substitute(self.rates[membrane], {membrane: v}))
