"""Decisions from the spikes of an output layer: who spiked most, first, or reached highest."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.checked import array, integers
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
    known = np.unique(of[of >= 0])
    count = spikes.counts().ravel()
    if not known.size or not count[of >= 0].any():
        return None
    return int(known[np.argmax([count[of == label].mean() for label in known])])
