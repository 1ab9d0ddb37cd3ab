"""Decisions from the spikes of an output layer: who spiked most, first, or reached highest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.checked import Whole, array, integers
from engine.coding.spikes import Spikes, heard
from engine.errors import DataError


def winner(spikes: Spikes) -> int | None:
    """The sender of most spikes; of equals the one that spiked first, then the lowest.  None for
    silence."""
    count, first = heard(spikes).counts().ravel(), spikes.first().ravel()
    return int(np.lexsort((first, -count))[0]) if len(spikes) else None


def first_spike(spikes: Spikes) -> int | None:
    """The sender of the first spike; of equals the lowest.  None for silence."""
    return int(np.argmin(spikes.first().ravel())) if len(heard(spikes)) else None


def membrane_maximum(potential: ArrayLike) -> int | NDArray[np.int64]:
    """The neuron whose potential [T, ..., N] goes highest; one for each entry between T and N."""
    found = array(potential, "potential")
    if found.ndim < 2 or not found.size:
        raise DataError("`potential` must be [T, ..., N], time first and neurons last")
    best = np.argmax(found.max(0), -1)
    return int(best) if np.ndim(best) == 0 else best


def vote(spikes: Spikes, labels: ArrayLike) -> int | None:
    """The label whose neurons spike most on average, of equals the lowest; None for silence.

    ``labels``: a whole number for each sender, -1 for one that does not vote (Diehl & Cook 2015).
    """
    of = integers(labels, "labels").ravel()
    if of.size != heard(spikes).size:
        raise DataError(
            f"`labels` must be {spikes.size:,} whole numbers, one a sender; -1 for no vote"
        )
    found = int(voted(spikes.counts().reshape(1, -1), of)[0])
    return None if found < 0 else found


def voted(counts: NDArray[Any], labels: Whole) -> Whole:
    """The label [N] whose neurons spike most on average, of equals the lowest; -1 where none does.

    ``counts`` [N, neurons] of spikes, ``labels`` [neurons], below 0 for one that does not vote.
    """
    known = np.unique(labels[labels >= 0])
    if not known.size:
        return np.full(len(counts), -1)
    means = [counts[:, labels == label].mean(1) for label in known]
    return np.where(np.any(means, 0), known[np.argmax(means, 0)], -1)
