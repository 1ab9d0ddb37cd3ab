"""Evolving spiking network: a classifier that grows a neuron a sample and merges alike ones.

Wysoski, Benuskova & Kasabov 2006, ICANN, LNCS 4131:61; Kasabov et al. 2013, Neural Networks
41:188.  Inputs fire in an order (Thorpe & Gautrais 1998); the n-th spike counts ``modulation``^n.
A sample makes a neuron of its class with

    w_j = modulation^order_j,   threshold = share sum_j w_j modulation^order_j,

which is merged with the most alike neuron of that class if they are more alike than
``similarity``: the mean of all samples it stands for.  One pass over the samples is all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine import checked
from engine.checked import Whole, finite, integers, number, whole
from engine.coding.kinds.rank_order import places
from engine.errors import DataError
from engine.learning.checked import Floats, array, labels, require_room
from engine.learning.course import Cancel, Progress, Trained, Watch, follow

ROOM = 64  # neurons that the arrays have room for at first; they double
RANKS = 32  # spikes that are counted at a time while classifying
SLICE = 64  # samples classified at a time


@dataclass(frozen=True)
class Repository:
    """The neurons: weights [neurons, inputs], thresholds, classes and samples each stands for."""

    weights: Floats
    thresholds: Floats
    classes: Whole
    merged: Whole

    @property
    def size(self) -> int:
        """How many neurons there are."""
        return len(self.classes)


@dataclass(frozen=True)
class Evolving:
    """What the network is made with; see the module for the numbers."""

    inputs: int
    modulation: float = 0.9
    share: float = 0.7
    similarity: float = 0.6

    def __post_init__(self) -> None:
        require_room(whole(self.inputs, "inputs", 2), "weights of a neuron")
        if not number(self.modulation, "modulation", 0, 1) < 1:
            raise DataError("`modulation` must be less than 1, or no spike counts more than others")
        number(self.share, "share", 0, 1)
        number(self.similarity, "similarity", 0, 1, open_low=False)

    @property
    def farthest(self) -> float:
        """The distance of the weights of two opposite orders, the largest there is."""
        weights = self.modulation ** np.arange(self.inputs)
        return float(np.linalg.norm(weights - weights[::-1]))

    def weights(self, ranks: ArrayLike) -> Floats:
        """modulation^rank; 0 where the rank is negative, of an input that does not fire."""
        given = integers(ranks, "ranks")
        return np.where(given >= 0, self.modulation ** np.maximum(given, 0), 0.0)

    def alike(self, weights: Floats, others: Floats) -> Floats:
        """1 for equal weights, 0 for the orders that differ most, [neurons]."""
        return 1.0 - np.linalg.norm(others - weights, axis=1) / self.farthest

    def fit(
        self,
        ranks: ArrayLike,
        classes: ArrayLike,
        start: Repository | None = None,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        watch: Watch | None = None,
    ) -> Trained[Repository]:
        """One pass over ``ranks`` [B, inputs] (0 first, -1: silent) and their ``classes`` [B].

        ``start`` is what was learnt before, which goes on growing.  The result's error is the share
        of samples so far that made a new neuron, after each.  Raises DataError.
        """
        given = self._ranks(ranks)
        answer = labels(classes, "classes", len(given))
        growing = _Growing(self, None if start is None else self._known(start))

        def course() -> Iterator[tuple[Repository, float]]:
            for seen, (sample, label) in enumerate(zip(given, answer, strict=True), 1):
                growing.take(sample, int(label))
                yield growing.now, growing.grown / seen

        return follow(
            course(), growing.now, len(given), progress=progress, cancel=cancel, watch=watch,
            text="evolving network", measure="share of samples that made a neuron",
        )  # fmt: skip

    def classify(self, repository: Repository, ranks: ArrayLike) -> Whole:
        """The class [B] of the neuron that fires first for samples [B, inputs].

        Of two that fire at one spike the one further above its threshold wins; where none fires,
        the one that came nearest.
        """
        given, repository = self._ranks(ranks), self._known(repository)
        if not repository.size:
            raise DataError("the network has no neurons yet; fit it to samples first")
        parts = range(0, len(given), SLICE)
        return np.concatenate([self._classify(repository, given[n : n + SLICE]) for n in parts])

    def _classify(self, repository: Repository, ranks: Whole) -> Whole:
        weights, thresholds = repository.weights, repository.thresholds
        order = np.argsort(np.where(ranks < 0, self.inputs, ranks), axis=1, kind="stable")
        fires = (ranks >= 0).sum(1)
        reached = np.zeros((len(ranks), repository.size))
        found, waiting = np.full(len(ranks), -1, np.int64), np.arange(len(ranks))
        for first in range(0, self.inputs, RANKS):
            places = order[waiting, first : first + RANKS]
            counted = np.arange(first, first + places.shape[1])
            strength = np.where(counted < fires[waiting, None], self.modulation**counted, 0.0)
            steps = weights.T[places] * strength[:, :, None]  # [B, ranks, neurons]
            course = reached[waiting, None] + np.cumsum(steps, 1)
            above = course - thresholds
            fired = np.max(above, 2) >= 0
            now = fired.any(1)
            at = fired.argmax(1)
            found[waiting[now]] = above[np.arange(len(waiting)), at].argmax(1)[now]
            reached[waiting] = course[:, -1]
            waiting = waiting[~now]
            if not len(waiting):
                break
        found[waiting] = (reached[waiting] / thresholds).argmax(1)
        return repository.classes[found]

    def _known(self, repository: object) -> Repository:
        """The repository as arrays; DataError unless its neurons are some for these inputs."""
        if not isinstance(repository, Repository):
            raise DataError(f"`repository` must be what `fit` made, not {checked.told(repository)}")
        weights = checked.array(repository.weights, "weights")
        thresholds = checked.array(repository.thresholds, "thresholds")
        classes = integers(repository.classes, "classes")
        merged = integers(repository.merged, "merged")
        size = classes.size
        shapes = [part.shape for part in (weights, thresholds, classes, merged)]
        if shapes != [(size, self.inputs), (size,), (size,), (size,)]:
            raise DataError(
                f"the repository must be for {self.inputs:,} inputs, it has weights "
                f"{checked.sized(weights.shape)}; give what `fit` made for as many"
            )
        if not ((thresholds > 0).all() and (merged > 0).all()):
            raise DataError("thresholds of a repository, and the samples that a neuron stands for, "
                            "must be above 0; give what `fit` made")  # fmt: skip
        return Repository(weights, thresholds, classes, merged)

    def _ranks(self, ranks: ArrayLike) -> Whole:
        found = checked.array(ranks, "ranks")
        whole_ones = np.array_equal(found, np.floor(found))
        if found.ndim != 2 or found.shape[1] != self.inputs or not len(found) or not whole_ones:
            message = f"`ranks` must be whole numbers, samples x {self.inputs:,} inputs"
            raise DataError(f"{message}; make them with `rank_order`")
        if found.min() < -1 or found.max() >= self.inputs:
            raise DataError(
                f"`ranks` must be -1 (silent) or 0 to {self.inputs - 1}; see rank_order"
            )
        return found.astype(np.int64)


class _Growing:
    """Neurons in arrays with room for more."""

    def __init__(self, rule: Evolving, start: Repository | None) -> None:
        self.rule, self.size, self.grown = rule, 0, 0
        self.weights, self.thresholds = np.zeros((ROOM, rule.inputs)), np.zeros(ROOM)
        self.classes, self.merged = np.zeros(ROOM, np.int64), np.zeros(ROOM, np.int64)
        if start is not None:
            while len(self.classes) < start.size:
                self._widen()
            self.size = start.size
            for name in ("weights", "thresholds", "classes", "merged"):
                getattr(self, name)[: self.size] = getattr(start, name)

    def take(self, ranks: Whole, label: int) -> None:
        """Learn one sample."""
        weights = self.rule.weights(ranks)
        threshold = self.rule.share * float(weights @ weights)
        if not threshold > 0:
            raise DataError("a sample has no spikes; leave it out or code it with more inputs")
        same = np.flatnonzero(self.classes[: self.size] == label)
        if len(same):
            alike = self.rule.alike(weights, self.weights[same])
            best = int(alike.argmax())
            if alike[best] > self.rule.similarity:
                self._merge(int(same[best]), weights, threshold)
                return
        if self.size == len(self.classes):
            self._widen()
        self.weights[self.size], self.thresholds[self.size] = weights, threshold
        self.classes[self.size], self.merged[self.size] = label, 1
        self.size += 1
        self.grown += 1

    def _merge(self, place: int, weights: Floats, threshold: float) -> None:
        stands = self.merged[place]
        self.weights[place] = (stands * self.weights[place] + weights) / (stands + 1)
        self.thresholds[place] = (stands * self.thresholds[place] + threshold) / (stands + 1)
        self.merged[place] = stands + 1

    def _widen(self) -> None:
        for name in ("weights", "thresholds", "classes", "merged"):
            values = getattr(self, name)
            setattr(self, name, np.concatenate([values, np.zeros_like(values)]))

    @property
    def now(self) -> Repository:
        """What has been learnt: views, until the arrays change."""
        n = self.size
        return Repository(self.weights[:n], self.thresholds[:n], self.classes[:n], self.merged[:n])


def rank_order(times: ArrayLike, until: float = np.inf) -> Whole:
    """The rank of each spike of a sample by its time, [B, inputs]: 0 first, ties by place.

    ``times`` [B, inputs]; a time of inf, or after ``until``, is no spike: -1.
    """
    given = array(times, "times", (None, None), silent=True)
    last = until if isinstance(until, float) and until == np.inf else finite(until, "until", "ms")
    return np.where(np.isfinite(given) & (given <= last), places(given), -1)
