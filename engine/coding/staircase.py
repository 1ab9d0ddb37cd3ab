"""Signals from spikes up and down: what the codes of change have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.coding.spikes import Spikes


def staircase(spikes: Spikes, height: ArrayLike, begin: ArrayLike) -> NDArray[np.floating]:
    """``begin`` plus ``height`` for every spike up to a sample, less it for every -1, [T, ...]."""
    return np.asarray(begin, np.float64) + np.asarray(height) * np.cumsum(
        spikes.dense(np.float64), 0
    )


def first_sample(signal: ArrayLike, _: object = None) -> dict[str, NDArray[np.floating]]:
    """What a staircase must be told of a signal: where it begins."""
    return {"begin": np.asarray(signal, np.float64)[0]}
