"""Moving-window code: spikes where a signal leaves the mean of its recent past."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.checked import finite, positive, whole
from engine.coding.checked import signal
from engine.coding.declaration import SIGNAL, STEP, Code
from engine.coding.spikes import Spikes, from_dense
from engine.coding.staircase import first_sample, staircase
from engine.models.declaration import Parameter

Floats = NDArray[np.floating]


def moving_window(
    samples: ArrayLike, threshold: float = 0.1, window: int = 3, dt: float = 1.0
) -> Spikes:
    """+1 where a sample is above base + ``threshold``, -1 where it is below base - threshold.

    The base is the mean of the last ``window`` samples before it (of as many as there are).
    Samples [T, ...], time first, ``dt`` ms apart; the first gives no spike.
    """
    found, least = signal(samples), positive(threshold, "threshold")
    window = whole(window, "window", 1)
    summed = np.concatenate([np.zeros_like(found[:1]), np.cumsum(found, 0)])
    last = np.arange(1, len(found))
    begin = np.maximum(last - window, 0)
    many = (last - begin).reshape(-1, *[1] * (found.ndim - 1))
    change = found[1:] - (summed[last] - summed[begin]) / many
    fired = np.zeros(found.shape, np.int64)
    fired[1:] = (change > least).astype(np.int64) - (change < -least)
    return from_dense(fired, positive(dt, "dt", "ms"), signed=True)


def decode_moving_window(spikes: Spikes, threshold: float = 0.1, begin: ArrayLike = 0.0) -> Floats:
    """``begin`` (the first sample) plus a threshold for every spike so far, [T, ...]."""
    return staircase(spikes, finite(threshold, "threshold"), begin)


CODE = Code(
    name="moving_window",
    title="Moving-window code",
    takes=SIGNAL,
    encode=moving_window,
    decode=decode_moving_window,
    parameters={
        "threshold": Parameter(unit="1", bounds=(1e-9, 1e9), doc="distance that gives a spike"),
        "window": Parameter(
            unit="1", bounds=(1, 1e6), doc="samples that the mean is of", kind="integer"
        ),
        "dt": STEP,
    },
    source="Kasabov et al. 2016, Neural Netw. 78:1; Petro et al. 2020, IEEE TNNLS 31:358",
    doc="A spike up or down where a sample is more than the threshold away from the mean of those "
    "before it.",
    synonyms=("MW",),
    good_for="noisy signals: the mean forgives single samples",
    conventions="The sample itself is not in the mean. The reconstruction adds thresholds, so it "
    "follows the shape of a signal and not its size.",
    range=None,
    signed=True,
    told=first_sample,
)
