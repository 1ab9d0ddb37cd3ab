"""What learning rules do on average: the drift of a weight between independent spike trains."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.analysis.checked import Floats
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
    x = np.asarray(rate, np.float64) / 1000.0
    if not (np.isfinite(x).all() and (x >= 0).all() and tau_plus > 0 and tau_minus > 0):
        raise DataError("rates must be 0 Hz or more and time constants above 0 ms")
    if not nearest:
        return (x * (A_plus * tau_plus - A_minus * tau_minus))[()]
    return (x * (A_plus / (1.0 / tau_plus + x) - A_minus / (1.0 / tau_minus + x)))[()]


def bcm_threshold(A_plus: float, tau_plus: float, A_minus: float, tau_minus: float) -> float:
    """The rate [Hz] of the target that divides depression from potentiation in `stdp_drift`.

    -(A+/tau- - A-/tau+)/(A+ - A-), as for `stdp_drift`.  Raises DataError where there is none: it
    takes A+ > A- and A+ tau+ < A- tau-.
    """
    if not (A_plus > A_minus and A_plus * tau_plus < A_minus * tau_minus):
        raise DataError("there is a threshold only if A_plus > A_minus, A_plus tau_plus < A_minus "
                        "tau_minus")  # fmt: skip
    return -1000.0 * (A_plus / tau_minus - A_minus / tau_plus) / (A_plus - A_minus)
