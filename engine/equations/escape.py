"""Escape noise: a neuron that fires by chance, at a rate that its state gives.

With a hazard h [1/ms] a neuron spikes in a step of dt with the probability 1 - exp(-h dt), whatever
dt is (Gerstner et al. 2014, Neuronal Dynamics, eq. 9.7).  That is the probability that an
exponential number E of mean 1 lies below h dt, so a spike is the comparison

    log(h dt) > log E,

with a fresh E for every neuron and step.  In logarithms nothing overflows or loses digits, an
exponential hazard (the usual one) costs no exponential, and it reads as a noisy threshold: how far
the left side is above the right is the distance that a surrogate gradient takes.
"""

from __future__ import annotations

from dataclasses import replace

from engine.equations.algebra import divide, multiply
from engine.equations.program import factors, product
from engine.equations.stepmap import Input, StepMap
from engine.equations.tree import Assign, Binary, Call, Expr, Name, Number

ESCAPE = "escape"  # the name that holds log E
DRAWN = "in_escape"  # the input of it where it is drawn outside, see `given`
LEAST = 1e-30  # an expected number of spikes that counts as none: log E is above -23


def condition(hazard: Expr) -> Expr:
    """Whether a neuron of ``hazard`` [1/ms] spikes in this step."""
    above, below = factors(multiply(hazard, Name("dt")))
    exponents, rest = _without_exponentials(above)
    inverse, divisor = _without_exponentials(below)
    whole = divide(product(rest), product(divisor))
    level: Expr = Call("log", (Call("max", (whole, Number(LEAST))),))
    for sign, parts in (("+", exponents), ("-", inverse)):
        for part in parts:
            level = Binary(sign, level, part)
    return Binary(">", level, Name(ESCAPE))


def _without_exponentials(parts: list[Expr]) -> tuple[list[Expr], list[Expr]]:
    """The exponents of those factors that are exponentials, and the other factors."""
    exponents, rest = list[Expr](), list[Expr]()
    for part in parts:
        if isinstance(part, Call) and part.function == "exp":
            exponents.append(part.arguments[0])
        else:
            rest.append(part)
    return exponents, rest


def given(step_map: StepMap) -> StepMap:
    """``step_map`` with its draws (log E, one a step) coming in from outside, as the input DRAWN.

    So forward and backward of a training step see the same numbers.
    """
    if not step_map.escapes:
        return step_map
    taken = tuple(Assign(name, Name(DRAWN)) for name in step_map.escapes)
    return replace(
        step_map,
        inputs=(*step_map.inputs, Input(ESCAPE, DRAWN, "hold")),
        update=(*taken, *step_map.update),
        escapes=(),
    )
