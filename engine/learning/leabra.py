"""LEABRA: error-driven and self-organised learning of rates with competition in each layer.

O'Reilly & Munakata 2000, "Computational Explorations in Cognitive Neuroscience", and O'Reilly et
al. 2012, "Computational Cognitive Neuroscience" (XCAL).  A network settles twice: in the minus
phase it is given the input and expects an output, in the plus phase it is given both; what a
synapse learns is the difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.errors import DataError
from engine.learning.checked import Floats, array, count, number
from engine.learning.course import Cancel, Progress, Trained, Watch, follow
from engine.learning.draws import Draws


def xcal(product: ArrayLike, threshold: ArrayLike, reversal: float = 0.1) -> Floats:
    """The check mark: x - th where x > ``reversal`` th, else -x (1 - reversal)/reversal.

    ``product`` x is the activity of sender and receiver over the last time, ``threshold`` its
    average over a longer one (O'Reilly et al. 2012, eq. 4.2).
    """
    x, th = np.asarray(product, np.float64), np.asarray(threshold, np.float64)
    share = number(reversal, "reversal", 0, 1)
    return np.where(x > share * th, x - th, -x * (1.0 - share) / share)


def soft_bounded(w: Floats, change: Floats) -> Floats:
    """Weights in 0..1 after a ``change`` that fades towards the bound it goes to."""
    return np.clip(w + change * np.where(change > 0, 1.0 - w, w), 0.0, 1.0)


def chl(
    w: Floats, minus: tuple[Floats, Floats], plus: tuple[Floats, Floats], rate: float = 0.1
) -> Floats:
    """Contrastive Hebbian learning: dw = rate (x+ y+ - x- y-), within soft bounds 0..1.

    ``minus`` and ``plus`` are (x [senders], y [receivers]) of a phase; ``w`` is [receivers,
    senders].  Movellan 1991; O'Reilly 1996, Neural Computation 8:895.
    """
    (x_minus, y_minus), (x_plus, y_plus) = minus, plus
    change = np.multiply.outer(y_plus, x_plus) - np.multiply.outer(y_minus, x_minus)
    return soft_bounded(w, rate * change)


def kwta(drive: ArrayLike, k: int, q: float = 0.25) -> float:
    """The inhibition that leaves ``k`` units active: it lies between the k-th and the next.

    ``drive`` [units] is for each the inhibition at which it is just at threshold; the result is
    drive_(k+1) + q (drive_k - drive_(k+1)).  With 0 < q < 1 exactly k are above it, unless two
    are equal there.
    """
    given = np.sort(array(drive, "drive", (None,)))[::-1]
    if not 1 <= k < len(given):
        raise DataError(f"`k` must be 1 to {len(given) - 1}, it is {k}; some must stay inactive")
    return float(given[k] + number(q, "q", 0, 1) * (given[k - 1] - given[k]))


def activity(above: ArrayLike, gain: float = 100.0) -> Floats:
    """The rate of a unit by how far it is above threshold: g x/(g x + 1), 0 below."""
    x = gain * np.maximum(np.asarray(above, np.float64), 0.0)
    return x / (x + 1.0)


Weights = tuple[Floats, ...]


@dataclass(frozen=True)
class Leabra:
    """Layers joined in both directions by symmetric weights in 0..1, with kWTA in each.

    ``layers`` are the units of input, hidden layers and output; ``active`` how many of each layer
    but the first kWTA leaves active.  What comes from above counts ``feedback`` times as much as
    what comes from below.
    """

    layers: Sequence[int]
    active: Sequence[int]
    feedback: float = 0.2
    gain: float = 30.0
    settling: int = 25
    q: float = 0.25

    def __post_init__(self) -> None:
        if len(self.layers) < 2 or len(self.active) != len(self.layers) - 1:
            raise DataError("give two or more `layers`, and `active` for each but the first")
        for size, k in zip(self.layers[1:], self.active, strict=True):
            if not 1 <= k < size:
                raise DataError(f"`active` of a layer of {size} must be 1 to {size - 1}, not {k}")

    def start(self, seed: int = 0, spread: float = 0.25) -> Weights:
        """Random weights around 0.5, [after, before] for each pair of layers."""
        draws = Draws(seed, "leabra")
        pairs = zip(self.layers, self.layers[1:], strict=False)
        low, high = 0.5 - spread, 0.5 + spread
        return tuple(draws.uniform(after, size, low=low, high=high) for size, after in pairs)

    def settle(self, weights: Weights, x: Floats, y: Floats | None = None) -> list[Floats]:
        """Activities of all layers for an input, and in the plus phase an output, that are held."""
        last = len(self.layers) - 1
        found = [x, *(np.zeros(size) for size in self.layers[1:])]
        if y is not None:
            found[last] = y
        for _ in range(self.settling):
            for layer in range(1, last + (y is None)):
                below = weights[layer - 1] @ found[layer - 1] / max(found[layer - 1].sum(), 1.0)
                if layer < last:
                    above = weights[layer].T @ found[layer + 1] / max(found[layer + 1].sum(), 1.0)
                    below = below + self.feedback * above
                inhibition = kwta(below, self.active[layer - 1], self.q)
                wanted = activity(below - inhibition, self.gain)
                found[layer] = 0.5 * (found[layer] + wanted)
        return found

    def learn(self, weights: Weights, x: Floats, y: Floats, rate: float) -> tuple[Weights, float]:
        """Weights after one sample, and the squared error of what it expected."""
        minus, plus = self.settle(weights, x), self.settle(weights, x, y)
        moved = tuple(
            chl(w, (minus[n], minus[n + 1]), (plus[n], plus[n + 1]), rate)
            for n, w in enumerate(weights)
        )
        return moved, float(np.sum(np.square(minus[-1] - y)))

    def answer(self, weights: Weights, inputs: ArrayLike) -> Floats:
        """Outputs [B, outputs] that the network expects for ``inputs`` [B, inputs]."""
        given = array(inputs, "inputs", (None, self.layers[0]))
        return np.array([self.settle(weights, x)[-1] for x in given])

    def train(
        self,
        inputs: ArrayLike,
        targets: ArrayLike,
        *,
        rate: float = 0.2,
        epochs: int = 100,
        tolerance: float | None = None,
        seed: int = 0,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        watch: Watch | None = None,
    ) -> Trained[Weights]:
        """Learn ``targets`` [B, outputs] in 0..1 for ``inputs`` [B, inputs], sample by sample.

        The result's error is the mean over samples of the squared error of what was expected, in
        each epoch.  Raises DataError for values outside 0..1.
        """
        given = array(inputs, "inputs", (None, self.layers[0]))
        wanted = array(targets, "targets", (len(given), self.layers[-1]))
        for name, values in (("inputs", given), ("targets", wanted)):
            if values.min() < 0 or values.max() > 1:
                raise DataError(f"`{name}` must be rates of 0 to 1; divide them by the largest")
        number(rate, "rate", 0)
        draws, first = Draws(seed, "leabra epochs"), self.start(seed)

        def course() -> Iterator[tuple[Weights, float | None]]:
            now = first
            while True:
                errors = []
                for place in draws.order(len(given)):
                    now, error = self.learn(now, given[place], wanted[place], rate)
                    errors.append(error)
                    yield now, None
                yield now, float(np.mean(errors))

        return follow(
            course(), first, count(epochs, "epochs"), tolerance=tolerance, progress=progress,
            cancel=cancel, watch=watch, text="LEABRA", measure="squared error",
        )  # fmt: skip
