"""SpikeProp: gradient descent on the times of single spikes.

Bohte, Kok and La Poutre 2002, Neurocomputing 48:17.  A neuron's potential is a sum of alpha
functions, one for every delayed copy of every input spike,

    u_j(t) = sum_ik w_jik eps(t - t_i - d_k),   eps(s) = s/tau exp(1 - s/tau) for s > 0,

and it fires once, where u first reaches the threshold.  Between two arrivals u is
(A t - B) exp(1 - t/tau)/tau with two sums A and B over what has arrived, so the time of the spike
is known in closed form (Lambert's W); there is no time step.  With u = threshold held,

    dt_j/dw_jik = -eps/(du/dt),   dt_j/dt_i = sum_k w_jik eps'/(du/dt)          (their eqs. 9-17).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError
from engine.learning.checked import Floats, array, count, number
from engine.learning.course import Cancel, Progress, Trained, Watch, follow
from engine.learning.draws import Draws

Weights = list[Floats]  # a layer: [to, from, delays]


class Crossing(NamedTuple):
    """When the potential first reaches the threshold [ms], inf if never, and its slope there."""

    time: Floats
    slope: Floats  # per ms


def psp(since: ArrayLike, tau: float) -> Floats:
    """The alpha function eps of the time [ms] since a spike arrived; 0 before, 1 at ``tau``."""
    share = np.maximum(np.asarray(since, np.float64), 0.0) / tau
    return share * np.exp(1.0 - share)


def psp_slope(since: ArrayLike, tau: float) -> Floats:
    """d eps/dt [1/ms] at a time [ms] since the arrival; 0 before."""
    given = np.asarray(since, np.float64)
    share = np.maximum(given, 0.0) / tau
    return np.where(given > 0, (1.0 - share) * np.exp(1.0 - share) / tau, 0.0)


def first_crossing(
    weights: ArrayLike, arrivals: ArrayLike, tau: float, threshold: float, until: float
) -> Crossing:
    """The first spike of neurons with ``weights`` [J, M], for ``arrivals`` [B, M] in ms.

    An arrival of inf does not come.  A spike after ``until`` does not count.  Both results are
    [B, J].
    """
    from scipy.special import lambertw

    weight, arrival = np.asarray(weights, np.float64), np.asarray(arrivals, np.float64)
    comes = arrival < until
    at = np.where(comes, arrival, until)
    order = np.argsort(at, axis=1, kind="stable")
    at = np.take_along_axis(at, order, 1)[:, None, :]  # [B, 1, M]
    sorted_weight = (np.where(comes, 1.0, 0.0)[:, None, :] * weight).transpose(1, 0, 2)
    sorted_weight = np.take_along_axis(sorted_weight, order[None], 2).transpose(1, 0, 2)
    # Relative to `until`, so that no exponential overflows.
    grown = sorted_weight * np.exp((at - until) / tau)
    a, b = np.cumsum(grown, 2), np.cumsum(grown * (at - until), 2)  # [B, J, M]
    end = np.concatenate([at[:, :, 1:], np.full_like(at[:, :, :1], until)], 2) - until
    begin = at - until
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        middle = np.where(a > 0, b / a, np.inf)
        top = middle + tau
        peak = np.where((top >= begin) & (top < end), top, end)
        height = (peak * a - b) / tau * np.exp(1.0 - peak / tau)
        reaches = (a > 0) & (height >= threshold)
        fires = reaches.any(2)
        place = reaches.argmax(2)[:, :, None]
        chosen_a = np.take_along_axis(a, place, 2)[:, :, 0]
        chosen = np.take_along_axis(middle, place, 2)[:, :, 0]
        # a s exp(1 - s) exp(-middle/tau) = threshold, on the rising side s <= 1.
        level = threshold * np.exp(chosen / tau) / chosen_a
        share = -lambertw(-np.minimum(level, 1.0) / np.e).real
        time = np.where(fires, until + chosen + tau * share, np.inf)
        slope = np.where(fires, threshold * (1.0 - share) / (share * tau), np.inf)
    return Crossing(time, slope)


@dataclass(frozen=True)
class SpikeProp:
    """A feed-forward network that is trained on the times of its spikes.

    ``layers`` are the neurons of the inputs, of hidden layers and of the output.  The last
    ``inhibitory`` neurons of every hidden layer are inhibitory: what they send is negative, all
    other weights are positive (Bohte 2002, section 4.1), unless ``mixed`` allows either sign
    anywhere.  A spike after ``until`` ms does not count.

    A neuron that does not fire has no derivative.  Where an output that should fire, or a hidden
    neuron in all samples, is silent, its weights grow by ``wake`` (over the inputs that arrived)
    times the learning rate, until it fires again.  Where a spike only just grazes the threshold the
    derivative grows without bound: slopes below ``least_slope`` (1/ms) count as that.
    """

    layers: Sequence[int]
    delays: Sequence[float] = tuple(range(1, 17))
    tau: float = 7.0
    threshold: float = 1.0
    until: float = 40.0
    inhibitory: int = 1
    mixed: bool = False
    wake: float = 1.0
    least_slope: float = 0.05

    def __post_init__(self) -> None:
        if len(self.layers) < 2:
            raise DataError(
                "`layers` needs inputs and outputs at least; write for example (3, 5, 1)"
            )
        for size in self.layers:
            count(size, "layers")
        if not len(self.delays):
            raise DataError("`delays` is empty; give one delay in ms at least")
        for delay in self.delays:
            number(delay, "delays", 0, open_low=False)
        for name in ("tau", "threshold", "until", "least_slope"):
            number(getattr(self, name), name, 0)

    def signs(self, layer: int) -> Floats:
        """The sign of what each neuron of ``layer`` sends, [neurons]."""
        size = self.layers[layer]
        inhibitory = min(self.inhibitory, size) if 0 < layer < len(self.layers) - 1 else 0
        return np.where(np.arange(size) < size - inhibitory, 1.0, -1.0)

    def start(self, seed: int = 0, strength: float = 12.0) -> Weights:
        """Random weights [to, from, delays] of every layer.

        Uniform with a mean of ``strength`` thresholds shared among the synapses of a neuron: strong
        enough that every neuron fires while its inputs' potentials rise, which has no silent ones
        to begin with and steep crossings.
        """
        draws, weights = Draws(seed, "spikeprop"), []
        for layer, (size, after) in enumerate(zip(self.layers, self.layers[1:], strict=False)):
            shape = after, size, len(self.delays)
            mean = strength * self.threshold / (size * len(self.delays))
            signs = self.signs(layer)[:, None]
            weights.append(draws.uniform(*shape, high=2.0 * mean) * signs)
        return weights

    def fire(self, weights: Weights, inputs: ArrayLike) -> list[Floats]:
        """Spike times [ms] of every layer, the inputs first: [B, neurons] each; inf: silent."""
        times = array(inputs, "inputs", (None, self.layers[0]), silent=True)
        return [times, *(crossing.time for crossing in self._forward(weights, times))]

    def _forward(self, weights: Weights, times: Floats) -> list[Crossing]:
        found = []
        for weight in weights:
            arrivals = self._arrivals(times)
            flat = arrivals.reshape(len(arrivals), -1)
            flat_weight = weight.reshape(len(weight), -1)
            crossing = first_crossing(flat_weight, flat, self.tau, self.threshold, self.until)
            found.append(crossing)
            times = crossing.time
        return found

    def _arrivals(self, times: Floats) -> Floats:
        """Arrivals [B, from, delays] of spikes [B, from]."""
        return times[:, :, None] + np.asarray(self.delays, np.float64)

    def gradient(
        self, weights: Weights, inputs: ArrayLike, targets: ArrayLike
    ) -> tuple[float, Weights]:
        """The error sum (t - t_d)^2 [ms^2] and the gradient of half of it, one array a layer.

        A silent output counts as if it fired at ``until``.  ``targets`` [B, outputs] are in ms;
        where a target is inf the output is not trained.
        """
        times = array(inputs, "inputs", (None, self.layers[0]), silent=True)
        wanted = array(targets, "targets", (len(times), self.layers[-1]), silent=True)
        crossings = self._forward(weights, times)
        trained = np.isfinite(wanted)
        out = np.minimum(crossings[-1].time, self.until)
        delta = np.where(trained, out - np.where(trained, wanted, 0.0), 0.0)
        error = float(np.sum(delta * delta))
        asleep = trained & np.isinf(crossings[-1].time)
        before = [times, *(crossing.time for crossing in crossings[:-1])]
        gradients: Weights = []
        for layer in reversed(range(len(weights))):
            crossing = crossings[layer]
            found, delta = self._layer_back(weights[layer], before[layer], crossing, delta, asleep)
            gradients.insert(0, found)
            silent = np.isinf(before[layer])
            asleep = silent & silent.all(0)
        return error, gradients

    def _layer_back(
        self,
        weight: Floats,
        times: Floats,
        crossing: Crossing,
        delta: Floats,
        asleep: NDArray[np.bool_],
    ) -> tuple[Floats, Floats]:
        """Gradient of a layer's weights, and the error [B, from] handed to the layer before."""
        fired = np.isfinite(crossing.time)
        arrivals = self._arrivals(times)[:, None]  # [B, 1, from, delays]
        at = np.where(fired, crossing.time, self.until)[:, :, None, None]
        since = np.where(np.isfinite(arrivals), at - arrivals, -1.0)
        share = np.where(fired, delta / np.maximum(crossing.slope, self.least_slope), 0.0)
        found = -np.einsum("bj,bjik->jik", share, psp(since, self.tau))
        steep = psp_slope(since, self.tau)
        handed = np.einsum("bj,jik,bjik->bi", share, weight, steep)
        found -= self.wake * np.einsum(
            "bj,bjik->jik", asleep.astype(float), (since > 0).astype(float)
        )
        return found, handed

    def descend(self, weights: Weights, gradients: Weights, rate: float) -> Weights:
        """Weights after one step down the gradient, within the signs of their neurons."""
        moved = []
        for layer, (weight, gradient) in enumerate(zip(weights, gradients, strict=True)):
            new = weight - rate * gradient
            if not self.mixed:
                signs = self.signs(layer)[:, None]
                new = signs * np.maximum(signs * new, 0.0)
            moved.append(new)
        return moved

    def train(
        self,
        inputs: ArrayLike,
        targets: ArrayLike,
        *,
        rate: float = 0.01,
        epochs: int = 2000,
        tolerance: float = 1.0,
        seed: int = 0,
        weights: Weights | None = None,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        watch: Watch | None = None,
    ) -> Trained[Weights]:
        """Descend on all samples together until the error, in ms^2, is at most ``tolerance``.

        ``inputs`` [B, inputs] and ``targets`` [B, outputs] are spike times in ms.  The result's
        error is the sum of squares before each step.  Raises DataError for times that cannot be
        used, RunStopped if the weights explode.
        """
        number(rate, "rate", 0)
        count(epochs, "epochs")
        first = self.start(seed) if weights is None else weights
        given = np.asarray(inputs, np.float64), np.asarray(targets, np.float64)

        def course() -> Iterator[tuple[Weights, float]]:
            now = first
            while True:
                error, gradients = self.gradient(now, *given)
                yield now, error
                now = self.descend(now, gradients, rate)

        return follow(
            course(), first, epochs, tolerance=tolerance, progress=progress, cancel=cancel,
            watch=watch, text="SpikeProp", measure="squared error in ms^2",
        )  # fmt: skip


def xor_times(
    early: float = 10.0, late: float = 16.0, second: float = 6.0
) -> tuple[Floats, Floats]:
    """XOR as Bohte 2002 codes it: inputs [4, 3] and targets [4, 1] in ms.

    A 0 fires at 0 ms and a 1 at ``second``; the third input is the reference at 0 ms; the output is
    ``early`` for 1 and ``late`` for 0.
    """
    bits = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    inputs = np.column_stack([second * bits, np.zeros(4)])
    targets = np.where(bits.sum(1) == 1, early, late)[:, None]
    return inputs, targets.astype(np.float64)
