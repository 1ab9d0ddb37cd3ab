"""Step-forward code: spikes up and down that follow a signal in steps of the threshold."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.checked import finite, positive
from engine.coding.checked import signal
from engine.coding.declaration import SIGNAL, STEP, Code
from engine.coding.spikes import Spikes, from_dense
from engine.coding.staircase import first_sample, staircase
from engine.models.declaration import Parameter

Floats = NDArray[np.floating]


def step_forward(samples: ArrayLike, threshold: float = 0.25, dt: float = 1.0) -> Spikes:
    """+1 where a sample is above base + ``threshold``, -1 where it is below base - threshold.

    The base begins as the first sample and moves by a threshold with every spike.  Samples
    [T, ...], time first, ``dt`` ms apart; the first gives no spike.
    """
    found, step = signal(samples), positive(threshold, "threshold")
    base = found[0].copy()
    fired = np.zeros(found.shape, np.int64)
    for n in range(1, len(found)):
        fired[n] = (found[n] > base + step).astype(np.int64) - (found[n] < base - step)
        base = base + step * fired[n]
    return from_dense(fired, positive(dt, "dt", "ms"), signed=True)


def decode_step_forward(spikes: Spikes, threshold: float = 0.25, begin: ArrayLike = 0.0) -> Floats:
    """The base after every sample, [T, ...]; ``begin`` is the first sample."""
    return staircase(spikes, finite(threshold, "threshold"), begin)


CODE = Code(
    name="step_forward",
    title="Step-forward code",
    takes=SIGNAL,
    encode=step_forward,
    decode=decode_step_forward,
    parameters={
        "threshold": Parameter(unit="1", bounds=(1e-9, 1e9), doc="height of a step"),
        "dt": STEP,
    },
    source="Kasabov et al. 2016, Neural Netw. 78:1; Petro et al. 2020, IEEE TNNLS 31:358",
    doc="A base follows the signal: a spike moves it one threshold up or down when the signal has "
    "left it behind by more than that.",
    synonyms=("SF",),
    good_for="slow signals that must be reconstructed",
    conventions="The comparison is strict, and one sample moves the base by one threshold at most.",
    range=None,
    signed=True,
    told=first_sample,
)
