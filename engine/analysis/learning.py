"""What learning rules do on average: the drift of a weight between independent spike trains."""

from __future__ import annotations

from numpy.typing import ArrayLike

from engine.checked import Floats, array, at_least, flag, positive
from engine.errors import DataError


def stdp_drift(
    rate: ArrayLike,
    A_plus: float,
    tau_plus: float,
    A_minus: float,
    tau_minus: float,
    nearest: bool = True,
) -> Floats:
    """Mean change of a weight by a spike of the source under STDP, both ends Poisson.

    ``rate`` [Hz] is that of the target, independent of the source; time constants in ms, both
    amplitudes >= 0.  With ``nearest`` a spike of the source pairs with the last spike of the target
    before it and the first after it, the rule `stdp_centred`:
    x (A+/(1/tau+ + x) - A-/(1/tau- + x)); else with all of them: x (A+ tau+ - A- tau-).
    Izhikevich & Desai 2003, Neural Computation 15:1511, eq. 2.  Raises DataError.
    """
    x = array(rate, "rate") / 1000.0
    if (x < 0).any():
        raise DataError("`rate` must be 0 Hz or more; look at the least")
    A_plus, tau_plus, A_minus, tau_minus = _rule(A_plus, tau_plus, A_minus, tau_minus)
    if not flag(nearest, "nearest"):
        return (x * (A_plus * tau_plus - A_minus * tau_minus))[()]
    return (x * (A_plus / (1.0 / tau_plus + x) - A_minus / (1.0 / tau_minus + x)))[()]


def bcm_threshold(A_plus: float, tau_plus: float, A_minus: float, tau_minus: float) -> float:
    """The rate [Hz] of the target that divides depression from potentiation in `stdp_drift`.

    -(A+/tau- - A-/tau+)/(A+ - A-), as for `stdp_drift`.  Raises DataError where there is none: it
    takes A+ > A- and A+ tau+ < A- tau-.
    """
    A_plus, tau_plus, A_minus, tau_minus = _rule(A_plus, tau_plus, A_minus, tau_minus)
    if not (A_plus > A_minus and A_plus * tau_plus < A_minus * tau_minus):
        raise DataError("there is a threshold only if A_plus > A_minus, A_plus tau_plus < A_minus "
                        "tau_minus")  # fmt: skip
    return -1000.0 * (A_plus / tau_minus - A_minus / tau_plus) / (A_plus - A_minus)


def _rule(
    A_plus: float, tau_plus: float, A_minus: float, tau_minus: float
) -> tuple[float, float, float, float]:
    """The numbers of a rule: amplitudes of 0 or more, time constants above 0 ms."""
    plus, minus = at_least(A_plus, "A_plus", 0.0), at_least(A_minus, "A_minus", 0.0)
    return plus, positive(tau_plus, "tau_plus", "ms"), minus, positive(tau_minus, "tau_minus", "ms")
