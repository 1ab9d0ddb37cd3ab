"""Threshold-based representation (TBR): spikes where a signal changes more than it usually does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.checked import finite, positive
from engine.coding.checked import signal
from engine.coding.declaration import SIGNAL, STEP, Code
from engine.coding.spikes import Spikes, from_dense
from engine.coding.staircase import first_sample, staircase
from engine.models.declaration import Parameter

Floats = NDArray[np.floating]


def tbr_threshold(samples: ArrayLike, factor: float = 0.5) -> Floats:
    """Mean of the changes between samples plus ``factor`` times their standard deviation.

    One for each channel of [T, ...]; the deviation is that of a population (divided by T - 1
    changes, not by one less).
    """
    change = np.diff(signal(samples, least=2), axis=0)
    return change.mean(0) + finite(factor, "factor") * change.std(0)


def threshold_based(samples: ArrayLike, factor: float = 0.5, dt: float = 1.0) -> Spikes:
    """+1 where the change from the sample before is above the threshold, -1 where below minus it.

    The threshold is `tbr_threshold`.  Samples [T, ...], time first, ``dt`` ms apart; the first
    gives no spike.
    """
    found = signal(samples, least=2)
    least = np.maximum(tbr_threshold(found, factor), 0.0)
    change = np.diff(found, axis=0, prepend=found[:1])
    fired = (change > least).astype(np.int64) - (change < -least)
    return from_dense(fired, positive(dt, "dt", "ms"), signed=True)


def decode_threshold_based(
    spikes: Spikes, threshold: ArrayLike = 1.0, begin: ArrayLike = 0.0
) -> Floats:
    """``begin`` plus the threshold (`tbr_threshold` of the signal) for every spike so far."""
    return staircase(spikes, threshold, begin)


def _told(samples: ArrayLike, values: Mapping[str, Any]) -> dict[str, Floats]:
    threshold = tbr_threshold(samples, values.get("factor", CODE.parameters["factor"].default))
    return {"threshold": threshold, **first_sample(samples)}


CODE = Code(
    name="threshold_based",
    title="Threshold code (TBR)",
    takes=SIGNAL,
    encode=threshold_based,
    decode=decode_threshold_based,
    parameters={
        "factor": Parameter(
            unit="1", bounds=(-100, 100), doc="standard deviations above the mean change"
        ),
        "dt": STEP,
    },
    source="Delbruck & Lichtsteiner 2007, ISCAS; Kasabov et al. 2016, Neural Netw. 78:1",
    doc="A spike up or down where a sample differs from the one before by more than the mean "
    "change plus a factor times its standard deviation.",
    synonyms=("TBR", "contrast"),
    good_for="signals of unknown size: the threshold is taken from the signal itself",
    conventions="The mean is that of the changes with their sign, the deviation that of a "
    "population; a threshold below 0 counts as 0.",
    range=None,
    signed=True,
    told=_told,
)
