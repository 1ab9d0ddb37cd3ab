"""Rules on rates: one update each as a pure function, and a driver that goes through samples.

``w`` are weights [inputs], or [units, inputs] where units learn apart; ``x`` is one sample
[inputs].  What a rule has besides weights (a sliding threshold) is part of its state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from engine.checked import finite, number, positive, real, require_shape, sized, told, whole
from engine.errors import DataError
from engine.learning.checked import Floats, array
from engine.learning.course import Cancel, Progress, Trained, Watch, follow
from engine.learning.draws import Draws

Learner = TypeVar("Learner")


def oja(w: Floats, x: Floats, rate: float = 0.01) -> Floats:
    """Oja 1982, J. Math. Biology 15:267, eq. 3: dw = rate y (x - y w) with y = w x.

    It converges to the eigenvector of E[x x] of largest eigenvalue, of length 1.
    """
    w, x, rate = *_both(w, x), finite(rate, "rate")
    y = w @ x
    return w + rate * (np.multiply.outer(y, x) - np.square(y)[..., None] * w)


class Sliding(NamedTuple):
    """The state of a BCM neuron: weights, and the threshold between LTD and LTP."""

    w: Floats
    theta: Floats | float


def bcm(state: Sliding, x: Floats, rate: float = 0.01, tau: float = 20.0) -> Sliding:
    """Bienenstock, Cooper & Munro 1982, J. Neuroscience 2:32; Intrator & Cooper 1992.

    dw = rate y (y - theta) x with y = w x; theta follows y^2 with a time constant of ``tau``
    samples, which must be more than the number of patterns and less than 1/rate.  For K patterns
    that are equally frequent and linearly independent the neuron ends with y = K for one and 0 for
    all others.
    """
    if not isinstance(state, tuple) or len(state) != 2:
        raise DataError(f"`state` must be a Sliding of weights and threshold, not {told(state)}")
    rate, tau = finite(rate, "rate"), positive(tau, "tau")
    w, x = _both(state[0], x)
    y, theta = w @ x, real(state[1], "theta")
    if theta.ndim and theta.shape != y.shape:
        raise DataError(f"`theta` must be one number a unit, not {sized(theta.shape)}")
    drive = rate * y * (y - theta)
    return Sliding(w + np.multiply.outer(drive, x), theta + (np.square(y) - theta) / tau)


def abs_change(y: ArrayLike, low: float, high: float, ltd: float = 1.0, ltp: float = 1.0) -> Floats:
    """Artola, Broecher & Singer 1990, Nature 347:69: what an activity ``y`` does to a synapse.

    0 below ``low``, -``ltd`` from there to ``high``, ``ltp`` from ``high`` on.
    """
    given = real(y, "y")
    low, high = finite(low, "low"), finite(high, "high")
    ltd, ltp = finite(ltd, "ltd"), finite(ltp, "ltp")
    return np.where(given >= high, ltp, np.where(given > low, -ltd, 0.0))


def abs_rule(
    w: Floats,
    x: Floats,
    *,
    low: float,
    high: float,
    rate: float = 0.01,
    ltd: float = 1.0,
    ltp: float = 1.0,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> Floats:
    """One update by `abs_change` of y = w x, of the synapses whose x is active, within bounds."""
    w, x, rate = *_both(w, x), finite(rate, "rate")
    least, most = array(bounds, "bounds", (2,))
    change = abs_change(w @ x, low, high, ltd, ltp)
    return np.clip(w + rate * np.multiply.outer(change, x), least, most)


def _both(w: ArrayLike, x: ArrayLike) -> tuple[Floats, Floats]:
    """Weights [..., inputs] and a sample [inputs] as arrays that go together."""
    weights, sample = real(w, "w"), real(x, "x")
    if sample.ndim != 1 or not weights.ndim or weights.shape[-1] != len(sample):
        raise DataError(
            f"`w` is {sized(weights.shape)} and `x` {sized(sample.shape)}; give weights "
            "[..., inputs] and a sample [inputs]"
        )
    return weights, sample


def supervised_hebb(patterns: ArrayLike, targets: ArrayLike) -> Floats:
    """W = T P', [outputs, inputs], of ``patterns`` [K, inputs] and ``targets`` [K, outputs].

    The sum of outer products (Hebb; Anderson 1972, Math. Biosciences 14:197).  Orthonormal
    patterns are recalled exactly: W p_k = t_k.
    """
    given = array(patterns, "patterns", (None, None))
    return array(targets, "targets", (len(given), None)).T @ given


def pseudo_inverse(patterns: ArrayLike, targets: ArrayLike) -> Floats:
    """W = T P+, [outputs, inputs]: linearly independent patterns are recalled exactly.

    Personnaz, Guyon & Dreyfus 1986, Phys. Rev. A 34:4217.  Shapes as in `supervised_hebb`; where
    the patterns depend on each other it is the least squares solution.
    """
    given = array(patterns, "patterns", (None, None))
    return array(targets, "targets", (len(given), None)).T @ np.linalg.pinv(given.T)


def random_weights(inputs: int, seed: int = 0, spread: float = 0.1) -> Floats:
    """Small normal weights to begin with, [inputs]."""
    size = number(spread, "spread", 0)
    return size * Draws(seed, "rate weights").normal(whole(inputs, "inputs"))


def train(
    update: Callable[[Learner, Floats], Learner],
    state: Learner,
    samples: ArrayLike,
    *,
    epochs: int = 10,
    seed: int = 0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    watch: Watch | None = None,
) -> Trained[Learner]:
    """Apply ``update(state, sample)`` to all ``samples`` [B, inputs], epoch after epoch.

    Each epoch has an order of its own.  Give a rule its numbers by `functools.partial`.  The
    result's error is the root mean square change of the weights over an epoch, which tells when
    they stand still.  Raises DataError, and RunStopped if the weights explode.
    """
    given = array(samples, "samples", (None, None))
    if not callable(update):
        raise DataError(f"`update` must be a function of state and sample, not {told(update)}")
    weights = _weights(state)
    inputs = weights.shape[-1] if weights.ndim else 1
    if given.shape[1] != inputs:
        message = f"`samples` have {given.shape[1]:,} inputs and the weights {inputs:,}"
        raise DataError(f"{message}; give samples of that length")
    draws = Draws(seed, "rate epochs")

    def course() -> Iterator[tuple[Learner, float | None]]:
        now = state
        while True:
            before = _weights(now)
            for place in draws.order(len(given)):
                now = update(now, given[place])
                yield now, None
            after = _weights(now)
            require_shape(after, "state", before.shape)  # of what `update` gave
            yield now, float(np.sqrt(np.mean(np.square(after - before))))

    return follow(
        course(), state, whole(epochs, "epochs"), progress=progress, cancel=cancel,
        watch=watch, text="learning", measure="change of the weights",
    )  # fmt: skip


def _weights(state: Any) -> Floats:
    return real(state[0] if isinstance(state, tuple) and state else state, "state")
