"""What a reservoir knows of its input: its states, its memory, and how it tells inputs apart.

A liquid state machine (Maass, Natschlaeger & Markram 2002, Neural Computation 14:2531) is read by a
linear read-out of its neurons' spikes, each filtered as a synapse and a membrane would; the network
itself learns nothing.  `engine.learning.ridge` is the read-out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine import checked
from engine.checked import Whole, number, whole
from engine.errors import DataError
from engine.learning.checked import Floats, array, require_room
from engine.learning.readout import ridge

LEAST_STEPS = 100  # to be trained and tested on, of a memory
# Squared correlations of independent signals are chi-square / steps; 15.1 is passed by 1 in 10,000.
BY_CHANCE = 15.1


def filtered_spikes(
    times: ArrayLike, senders: ArrayLike, size: int, at: ArrayLike, tau: float = 30.0
) -> Floats:
    """The state of a reservoir at the times ``at`` [ms]: [len(at), size].

    x_i(t) = sum of exp(-(t - t_j) / tau) over the spikes t_j <= t of neuron i; ``times`` [ms] and
    ``senders`` as a run records them, ``at`` in order, ``tau`` [ms].  30 ms is the membrane of the
    read-out neurons of Maass et al. 2002.  Exact, and of one pass.  Raises DataError.
    """
    when = checked.array(times, "times", (None,))
    who = checked.integers(senders, "senders", when.shape)
    size, tau = whole(size, "size"), number(tau, "tau", 0)
    if who.size and not (0 <= int(who.min()) and int(who.max()) < size):
        raise DataError(f"`senders` must be 0 to {size - 1}; look at the largest, or at `size`")
    moments = array(at, "at", (None,))
    if np.any(np.diff(moments) < 0):
        raise DataError("`at` must be times in order; sort them")
    # A spike first shows at the next moment, and from there on fades from one to the next.
    place = np.searchsorted(moments, when, "left")
    shown = place < len(moments)
    place, who = place[shown], who[shown].astype(np.int64)
    height = np.exp((when[shown] - moments[place]) / tau)
    require_room(len(moments) * size, "states")
    found = np.zeros((len(moments), size))
    np.add.at(found, (place, who), height)
    kept = np.exp(-np.diff(moments) / tau)
    for n in range(1, len(moments)):
        found[n] += kept[n - 1] * found[n - 1]
    return found


@dataclass(frozen=True)
class MemoryCapacity:
    """How well a read-out gives back what the input was some steps ago."""

    delays: Whole  # steps
    by_delay: Floats  # squared correlation, on steps that were not trained on
    bound: int  # states that were read: no reservoir remembers more

    @property
    def total(self) -> float:
        """The memory capacity: the sum over delays, at most the bound (the rest is chance)."""
        return min(float(self.by_delay.sum()), float(self.bound))


def memory_capacity(
    signal: ArrayLike,
    states: ArrayLike,
    longest: int | None = None,
    washout: int | None = None,
    penalty: float = 1e-8,
) -> MemoryCapacity:
    """MC = sum over k of corr^2(u(n - k), y_k(n)), k = 1 to ``longest``; Jaeger 2001.

    Jaeger, GMD report 152, Short term memory in echo state networks.  ``signal`` [steps] are
    independent random numbers, one a step, ``states`` [steps, N] what the reservoir made of them,
    u(n) included in row n.  A read-out y_k for every delay is trained (`ridge`, with ``penalty``)
    on the first half of what follows the first ``washout`` steps (None: as many as ``longest``)
    and tested on the second.  MC <= N for any reservoir; so that chance does not add up with the
    delays, correlations that independent signals reach in one of 10,000 tests count as 0 (as in
    Dambre et al. 2012, Scientific Reports 2:514).  ``longest`` None is 2 N.  Raises DataError.
    """
    given = array(states, "states", (None, None))
    steps, size = given.shape
    u = array(signal, "signal", (steps,))
    last = 2 * size if longest is None else whole(longest, "longest")
    first = last if washout is None else max(last, whole(washout, "washout", 0))
    half, least = (steps - first) // 2, max(LEAST_STEPS, size + 2)
    if half < least:
        raise DataError(
            f"{steps:,} steps are too few to train and test {size:,} states over {last:,} "
            f"delays; record at least {first + 2 * least:,}"
        )
    if np.ptp(u) == 0:
        raise DataError("`signal` never changes; give independent random numbers")
    delays = np.arange(1, last + 1)
    past = np.stack([u[first - k : steps - k] for k in delays], 1)
    read = ridge(given[first : first + half], past[:half], penalty)
    answer = read.predict(given[first + half :])
    return MemoryCapacity(delays, _alike(answer, past[half:]), size)


def separation(one: ArrayLike, other: ArrayLike) -> Floats:
    """How far a reservoir is apart for two inputs: |x_one - x_other|, over the last axis.

    ``one`` and ``other`` are states [..., neurons] of the same shape, such as [samples, neurons]
    of two runs that differ in nothing but the input.  The Euclidean norm, as in Maass et al. 2002,
    fig. 2.  Raises DataError.
    """
    first, second = checked.array(one, "one"), checked.array(other, "other")
    if first.shape != second.shape or not first.ndim or not first.size:
        raise DataError(
            f"states of {first.shape} and {second.shape} cannot be compared; give two of one shape"
        )
    shape = (first.size // first.shape[-1], first.shape[-1])
    apart = np.reshape(first - second, shape)
    return np.linalg.norm(apart, axis=1).reshape(first.shape[:-1])


def kernel_rank(states: ArrayLike, tolerance: float = 1e-6) -> int:
    """The rank of ``states`` [inputs, neurons], each the final state after another input.

    For inputs that differ this is the kernel quality, which should be as large as there are inputs:
    a linear read-out can then do anything with them.  For noisy versions of one input it measures
    what is told apart though it should not be, and should be small (Legenstein & Maass 2007, Neural
    Networks 20:323).  Singular values up to ``tolerance`` of the largest do not count.
    """
    given = array(states, "states", (None, None))
    size = np.linalg.svd(given, compute_uv=False)
    share = number(tolerance, "tolerance", 0, 1, open_low=False)
    return int(np.count_nonzero(size > max(share, 1e-12) * size[0]))


def _alike(answer: Floats, truth: Floats) -> Floats:
    """Squared correlation of each column, 0 where it may be chance."""
    a, b = answer - answer.mean(0), truth - truth.mean(0)
    power = np.sum(a * a, 0) * np.sum(b * b, 0)
    found = np.sum(a * b, 0) ** 2 / np.where(power > 0, power, 1.0)
    return np.where(found * len(a) > BY_CHANCE, found, 0.0)
