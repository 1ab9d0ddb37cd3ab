"""Burst code: the larger the value, the more spikes, and the closer together."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.checked import positive, whole
from engine.coding.checked import within
from engine.coding.declaration import STEP, STEPS, UNIT_RANGE, VALUES, Code
from engine.coding.spikes import Spikes, heard
from engine.errors import DataError
from engine.models.declaration import Parameter

Floats = NDArray[np.floating]
Integers = NDArray[np.int64]
HAIR = 1e-9  # 0.6 * 5 is three spikes, not the four that rounding would make of it


def burst_of(
    values: ArrayLike, most: int = 5, isi_max: int = 10, isi_min: int = 2
) -> tuple[Integers, Integers]:
    """Number of spikes and interval [steps] of every value p (0 to 1), each in its shape.

    N = ceil(most p); ISI = ceil(isi_max - (isi_max - isi_min) p) for more than one spike,
    otherwise isi_max.
    """
    p = within(values, "refuse")
    most, isi_max, isi_min = _limits(most, isi_max, isi_min)
    count = np.ceil(most * p - HAIR).astype(np.int64)
    between = np.ceil(isi_max - (isi_max - isi_min) * p - HAIR).astype(np.int64)
    return count, np.where(count > 1, between, isi_max)


def burst(
    values: ArrayLike,
    most: int = 5,
    isi_max: int = 10,
    isi_min: int = 2,
    steps: int = 20,
    dt: float = 1.0,
    outside: str = "refuse",
) -> Spikes:
    """A burst a value (0 to 1), from the first step on; see `burst_of` for its spikes.

    ``isi_max`` and ``isi_min`` are in steps.  Raises DataError if a burst is longer than ``steps``.
    """
    found = within(values, outside)
    count, between = (each.ravel() for each in burst_of(found, most, isi_max, isi_min))
    steps, dt = whole(steps, "steps", 1), positive(dt, "dt", "ms")
    longest = int(((np.maximum(count, 1) - 1) * between).max(initial=0)) + 1
    if longest > steps:
        raise DataError(
            f"the longest burst takes {longest} steps, the window has {steps}; give more `steps`"
        )
    senders = np.repeat(np.arange(count.size), count)
    place = np.arange(len(senders)) - np.repeat(np.cumsum(count) - count, count)
    return Spikes((place * between[senders] + 1) * dt, senders, found.shape, steps, dt)


def decode_burst(spikes: Spikes, most: int = 5, isi_max: int = 10, isi_min: int = 2) -> Floats:
    """The middle of the values that give a burst of so many spikes at such intervals; 0 for none.

    Where no value gives both (a burst that noise has changed), the number of spikes decides.
    """
    most, isi_max, isi_min = _limits(most, isi_max, isi_min)
    count = heard(spikes).counts().ravel()
    first, last = np.full(count.size, spikes.steps), np.zeros(count.size, np.int64)
    np.minimum.at(first, spikes.senders, spikes.at)
    np.maximum.at(last, spikes.senders, spikes.at)
    low, high = np.minimum((count - 1) / most, 1.0), np.minimum(count / most, 1.0)
    if isi_max > isi_min:
        between = (last - first) / np.maximum(count - 1, 1)
        inner = np.where(count > 1, (isi_max - between) / (isi_max - isi_min), low)
        outer = np.where(count > 1, inner + 1.0 / (isi_max - isi_min), high)
        closer, nearer = np.maximum(low, inner), np.minimum(high, outer)
        both = closer <= nearer
        low, high = np.where(both, closer, low), np.where(both, nearer, high)
    return np.where(count > 0, 0.5 * (low + high), 0.0).reshape(spikes.shape)


def _limits(most: int, isi_max: int, isi_min: int) -> tuple[int, int, int]:
    most, longest = whole(most, "most", 1), whole(isi_max, "isi_max", 1)
    if whole(isi_min, "isi_min", 1) > longest:
        raise DataError(
            f"`isi_min` is {isi_min} steps, longer than `isi_max`, {longest}; exchange them"
        )
    return most, longest, isi_min


CODE = Code(
    name="burst",
    title="Burst code",
    takes=VALUES,
    encode=burst,
    decode=decode_burst,
    parameters={
        "most": Parameter(unit="1", bounds=(1, 1e4), doc="spikes of a value of 1", kind="integer"),
        "isi_max": Parameter(
            unit="1", bounds=(1, 1e4), doc="longest interval, in steps", kind="integer"
        ),
        "isi_min": Parameter(
            unit="1", bounds=(1, 1e4), doc="shortest interval, in steps", kind="integer"
        ),
        "steps": STEPS,
        "dt": STEP,
        "outside": UNIT_RANGE,
    },
    source="Guo et al. 2021, Front. Neurosci. 15:638474",
    doc="A value gives a burst: ceil(N_max p) spikes, closer together the larger it is.",
    good_for="strong values that must get through: a burst outlasts unreliable synapses",
    conventions="The first spike of a burst stands in the first step.",
)
