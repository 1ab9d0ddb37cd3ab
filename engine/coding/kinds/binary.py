"""Binary code: a sender spikes within the window, or it does not."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.checked import finite, positive, whole
from engine.coding.checked import within
from engine.coding.declaration import STEP, STEPS, UNIT_RANGE, VALUES, Code
from engine.coding.spikes import Spikes, heard
from engine.models.declaration import Parameter


def binary(
    values: ArrayLike,
    threshold: float = 0.5,
    steps: int = 1,
    dt: float = 1.0,
    outside: str = "refuse",
) -> Spikes:
    """One spike, in the first step, of every value (0 to 1) of at least ``threshold``."""
    found = within(values, outside)
    senders = np.flatnonzero(found >= finite(threshold, "threshold"))
    times = np.full(len(senders), positive(dt, "dt", "ms"))
    return Spikes(times, senders, found.shape, whole(steps, "steps", 1), dt)


def decode_binary(spikes: Spikes) -> NDArray[np.float64]:
    """1 for every sender with any spike in the window, otherwise 0."""
    return (heard(spikes).counts() > 0).astype(np.float64)


CODE = Code(
    name="binary",
    title="Binary code",
    takes=VALUES,
    encode=binary,
    decode=decode_binary,
    parameters={
        "threshold": Parameter(unit="1", bounds=(0, 1), doc="least value that gives a spike"),
        "steps": STEPS,
        "dt": STEP,
        "outside": UNIT_RANGE,
    },
    source="McCulloch & Pitts 1943, Bull. Math. Biophys. 5:115",
    doc="A value at or above the threshold gives one spike; a sender is active if it spikes at all "
    "within the window.",
    synonyms=("event",),
    good_for="black-and-white pictures, events, logic",
)
