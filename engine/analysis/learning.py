"""What learning rules do to a weight between independent spike trains: its drift, its spread."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.checked import Floats, array, at_least, flag, positive
from engine.errors import DataError

GRID = 20_001  # points at which a density is summed up


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


def weight_density(
    weight: ArrayLike,
    rate: float,
    post_rate: float,
    A_plus: float,
    tau_plus: float,
    A_minus: float,
    tau_minus: float,
    sigma: float,
) -> Floats:
    """The stationary density of weights under `stdp_van_rossum`, both ends Poisson.

    ``weight`` is a list of shares of the range from w_min to w_max, 0 to 1; ``rate`` [Hz] that of
    the source, ``post_rate`` [Hz] that of the target, independent of it; all of them above 0.

    The Fokker-Planck equation (van Rossum, Bi & Turrigiano 2000, Journal of Neuroscience 20:8812)
    of the rule's jumps has the drift A and the diffusion B,

        A(w) = r r' (A+ tau+ - A- tau- w)
        B(w) = r' <x^2> (A+^2 + sigma^2 w^2) + r <y^2> (A-^2 + sigma^2) w^2,

    with <x^2> = r tau+/2 + (r tau+)^2 of the trace of all pairs, and no flow: p ~ exp(2 int A/B)/B.
    It holds where a pair of spikes changes little.  Raises DataError.
    """
    w = array(weight, "weight")
    named = {"A_plus": A_plus, "A_minus": A_minus, "sigma": sigma}
    gain, loss, scatter = (positive(value, name) for name, value in named.items())
    r, other = (positive(each, name, "Hz") / 1000.0
                for each, name in ((rate, "rate"), (post_rate, "post_rate")))  # fmt: skip
    tau = positive(tau_plus, "tau_plus", "ms"), positive(tau_minus, "tau_minus", "ms")
    x, y = r * tau[0], other * tau[1]
    of_gain, of_loss = other * (x / 2 + x * x), r * (y / 2 + y * y)
    inside = np.where((w >= 0) & (w <= 1), w, 0.0)
    with np.errstate(all="ignore"):
        still = of_gain * np.square(gain)  # B = still + moving w^2
        moving = of_gain * np.square(scatter) + of_loss * (np.square(loss) + np.square(scatter))
        up, down = r * other * tau[0] * gain, r * other * tau[1] * loss
        density = _without_flow(inside, still, moving, up, down)
    if not np.isfinite(density).all():
        raise DataError("no density can be computed: the rule or its rates are too small or too "
                        "large; give numbers near 1")  # fmt: skip
    return np.where((w >= 0) & (w <= 1), density, 0.0)


def _without_flow(
    w: Floats, still: np.float64, moving: np.float64, up: float, down: float
) -> Floats:
    """The density at ``w`` for A = up - down w and B = still + moving w^2, without a flow."""
    foot, slope = np.sqrt(still), np.sqrt(moving)

    def logarithm(at: Floats) -> Floats:
        turned = np.arctan(at * slope / foot) / (slope * foot)
        return 2 * up * turned - (1 + down / moving) * np.log(still + moving * at * at)

    grid = np.linspace(0.0, 1.0, GRID)
    most = logarithm(grid).max()
    return np.exp(logarithm(w) - most) / np.trapezoid(np.exp(logarithm(grid) - most), grid)
