"""Delta code: a spike where a signal has changed since the sample before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.checked import choice, finite, positive
from engine.coding.checked import signal
from engine.coding.declaration import SIGNAL, STEP, Code
from engine.coding.spikes import Spikes, from_dense
from engine.coding.staircase import first_sample, staircase
from engine.models.declaration import Parameter

Floats = NDArray[np.floating]
POLARITIES = ("both", "on")
BEFORE = ("zero", "first")
HAIR = 1e-9  # of the threshold: a change of 0.2 that rounding made 0.1999... still counts


def delta(
    samples: ArrayLike,
    threshold: float = 0.1,
    polarity: str = "both",
    before: str = "zero",
    dt: float = 1.0,
) -> Spikes:
    """+1 where a sample is at least ``threshold`` above the one before, -1 where as much below.

    Samples [T, ...], time first, ``dt`` ms apart.  ``polarity`` "on" leaves out the -1.  ``before``
    is what stands before the first sample: 0, or the first sample itself.
    """
    found = signal(samples)
    least = positive(threshold, "threshold") * (1.0 - HAIR)
    first = found[:1] if choice(before, "before", BEFORE) == "first" else np.zeros_like(found[:1])
    change = np.diff(found, axis=0, prepend=first)
    fired = (change >= least).astype(np.int64)
    signed = choice(polarity, "polarity", POLARITIES) == "both"
    if signed:
        fired -= change <= -least
    return from_dense(fired, positive(dt, "dt", "ms"), signed)


def decode_delta(spikes: Spikes, threshold: float = 0.1, begin: ArrayLike = 0.0) -> Floats:
    """``begin`` plus a threshold for every spike so far, [T, ...]: the least that it changed."""
    return staircase(spikes, finite(threshold, "threshold"), begin)


def _told(samples: ArrayLike, values: Mapping[str, Any]) -> dict[str, Any]:
    """Compared with itself the first sample gives no spike, so it has to be told."""
    return first_sample(samples) if values.get("before") == "first" else {}


CODE = Code(
    name="delta",
    title="Delta code",
    takes=SIGNAL,
    encode=delta,
    decode=decode_delta,
    told=_told,
    parameters={
        "threshold": Parameter(unit="1", bounds=(1e-9, 1e9), doc="change that gives a spike"),
        "polarity": Parameter(
            doc="spikes of rise and fall, or of rise alone", kind="choice", choices=POLARITIES
        ),
        "before": Parameter(
            doc="what the first sample is compared with: 0, or itself",
            kind="choice",
            choices=BEFORE,
        ),
        "dt": STEP,
    },
    source="Lichtsteiner et al. 2008, IEEE J. Solid-State Circuits 43:566; snnTorch 1.0.0",
    doc="A spike up or down where a sample differs from the one before by the threshold or more.",
    synonyms=("event camera", "DVS", "modulation"),
    good_for="event cameras, sounds, anything where change is what matters",
    conventions="As in snnTorch's `delta`, consecutive samples are compared, so slow changes are "
    "never seen; step-forward compares with what the spikes have said so far.",
    range=None,
    signed=True,
)
