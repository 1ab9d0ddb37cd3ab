"""Closed forms: rates of a leaky integrator, fluctuations under shot noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from engine.checked import Floats, arrays
from engine.errors import DataError

NODES = 96  # Gauss-Legendre points of the integral of erfcx: exact to rounding up to 1e8
FARTHEST = 1e8
HIGHEST = 26.0  # exp(26^2) can still be written


def lif_rate(
    drive: ArrayLike,
    tau: ArrayLike = 20.0,
    v_th: ArrayLike = 15.0,
    v_reset: ArrayLike = 0.0,
    t_ref: ArrayLike = 0.0,
) -> Floats:
    """Rate [Hz] of a leaky integrate-and-fire neuron under a constant ``drive``.

    ``drive`` is the potential [mV] that v would reach without a threshold, from the same zero as
    ``v_th`` and ``v_reset``; ``tau`` and ``t_ref`` in ms; arrays broadcast.  0 at or below
    threshold.  Gerstner et al. 2014, Neuronal Dynamics, eq. 1.12.
    """
    drive, tau, v_th, v_reset, t_ref = _checked(
        drive=drive, tau=tau, v_th=v_th, v_reset=v_reset, t_ref=t_ref
    )
    above = drive > v_th
    with np.errstate(divide="ignore", invalid="ignore"):
        charge = tau * np.log1p((v_th - v_reset) / np.where(above, drive - v_th, 1.0))
    return np.where(above, 1000.0 / (t_ref + charge), 0.0)[()]


def siegert_rate(
    mean: ArrayLike,
    std: ArrayLike,
    tau: ArrayLike = 20.0,
    v_th: ArrayLike = 15.0,
    v_reset: ArrayLike = 0.0,
    t_ref: ArrayLike = 2.0,
) -> Floats:
    """Rate [Hz] of a leaky integrate-and-fire neuron under white noise.

    ``mean`` and ``std`` [mV] are those of the *free* membrane potential (no threshold); Brunel's
    sigma is ``std`` * sqrt(2).  ``tau`` and ``t_ref`` in ms; arrays broadcast; ``std`` 0 gives
    ``lif_rate``.  1/rate = t_ref + tau sqrt(pi) * integral of exp(x^2) (1 + erf x) between
    (v - mean)/(std sqrt(2)) of reset and threshold (Siegert 1951; Brunel 2000, eq. 21), with
    exp(x^2) (1 + erf x) = 2 exp(x^2) - erfcx(x) on the right, so that nothing overflows.
    """
    mean, tau, v_th, v_reset, t_ref, std = _checked(
        mean=mean, tau=tau, v_th=v_th, v_reset=v_reset, t_ref=t_ref, std=std
    )
    if (std < 0).any():
        raise DataError("`std` must be 0 or more in mV; give such numbers")
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        scale = 1.0 / (np.where(std > 0, std, 1.0) * np.sqrt(2.0))
        low, high = (v_reset - mean) * scale, (v_th - mean) * scale
        noisy = 1000.0 / (t_ref + tau * np.sqrt(np.pi) * _passage(low, high))
    # Noise too weak for the integral: at such distances the rate is that without noise.
    weak = (std == 0) | (np.maximum(np.abs(low), np.abs(high)) > FARTHEST)
    return np.where(weak, lif_rate(mean, tau, v_th, v_reset, t_ref), noisy)[()]


def campbell(weight: ArrayLike, rate: ArrayLike, tau: ArrayLike = 20.0) -> tuple[Floats, Floats]:
    """(mean, standard deviation) of the free potential under Poisson input.

    Each spike makes v jump by ``weight`` [mV]; ``rate`` [Hz] is that of all inputs together;
    ``tau`` [ms]: weight * rate * tau and |weight| * sqrt(rate * tau / 2).  Campbell 1909; Papoulis
    1991, Probability, chapter 16.
    """
    weight, rate, tau = arrays(weight=weight, rate=rate, tau=tau)
    if not (np.all(rate >= 0) and np.all(tau > 0)):
        raise DataError("`rate` must be 0 or more Hz and `tau` more than 0 ms; give such numbers")
    events = rate / 1000.0 * tau
    return (weight * events)[()], (np.abs(weight) * np.sqrt(events / 2.0))[()]


def _checked(**given: ArrayLike) -> Sequence[Floats]:
    """Arrays that go together, in the order given: of them tau, v_th, v_reset and t_ref stand
    second to fifth.  DataError where no neuron has such."""
    found = arrays(**given)
    _, tau, v_th, v_reset, t_ref, *_ = found
    if not (np.all(tau > 0) and np.all(t_ref >= 0)):
        raise DataError("`tau` must be more than 0 ms and `t_ref` 0 or more; give such times")
    if not np.all(v_reset < v_th):
        raise DataError("`v_reset` must lie below `v_th`, or it fires without end; lower it")
    return found


def _passage(low: Floats, high: Floats) -> Floats:
    """Integral of exp(x^2) (1 + erf x) = erfcx(-x) from ``low`` to ``high``."""
    from scipy.special import dawsn

    def right(x: Floats) -> Floats:  # 2 * integral of exp(x^2) from 0 to x, where x > 0
        x = np.clip(x, 0.0, HIGHEST)
        return 2.0 * np.exp(x**2) * dawsn(x)

    found = right(high) - right(low) + _tail(np.abs(low)) - _tail(np.abs(high))
    return np.where(high < HIGHEST, found, np.inf)  # 1e290: it never fires


def _tail(x: Floats) -> Floats:
    """Integral of erfcx from 0 to x >= 0, which grows like a logarithm: in u = exp(s) - 1."""
    from scipy.special import erfcx

    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    reach = np.log1p(np.minimum(x, FARTHEST))[..., None]
    s = 0.5 * reach * (nodes + 1.0)
    return 0.5 * reach[..., 0] * (erfcx(np.expm1(s)) * np.exp(s) @ weights)
