"""Phase code: the binary digits of a value, one a phase of an oscillation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.checked import positive, whole
from engine.coding.checked import within
from engine.coding.declaration import STEP, UNIT_RANGE, VALUES, Code
from engine.coding.spikes import Spikes, from_dense, heard, require_room
from engine.errors import DataError
from engine.models.declaration import Parameter

Floats = NDArray[np.floating]
MOST_PHASES = 52  # digits of a float64


def phase(
    values: ArrayLike,
    phases: int = 8,
    periods: int = 1,
    dt: float = 1.0,
    outside: str = "refuse",
) -> Spikes:
    """A spike in phase k if digit k of the value (0 to 1) is set; it is worth 2^-(1 + k).

    A value is rounded to round(2^phases x), at most 2^phases - 1, and shown ``periods`` times.
    """
    found, phases = within(values, outside), _phases(phases)
    level = np.minimum(np.floor(found * 2.0**phases + 0.5), 2.0**phases - 1).astype(np.int64)
    digit = np.arange(phases - 1, -1, -1).reshape(-1, *[1] * found.ndim)
    bits = (level[None] >> digit) & 1
    require_room(phases * whole(periods, "periods", 1), found.size)
    shown = np.concatenate([bits] * periods)
    return from_dense(shown, positive(dt, "dt", "ms"))


def decode_phase(spikes: Spikes, phases: int = 8) -> Floats:
    """The sum of 2^-(1 + phase) over the spikes of each sender, a period's mean."""
    weight = 2.0 ** -(1.0 + heard(spikes).at % _phases(phases))
    total = np.bincount(spikes.senders, weight, spikes.size)
    return (total * phases / spikes.steps).reshape(spikes.shape)


def _phases(phases: int) -> int:
    if whole(phases, "phases", 1) > MOST_PHASES:
        raise DataError(f"`phases` is {phases}, a number has {MOST_PHASES} digits; give fewer")
    return phases


CODE = Code(
    name="phase",
    title="Phase code",
    takes=VALUES,
    encode=phase,
    decode=decode_phase,
    parameters={
        "phases": Parameter(
            unit="1", bounds=(1, MOST_PHASES), doc="digits of a value", kind="integer"
        ),
        "periods": Parameter(
            unit="1", bounds=(1, 1e6), doc="how often the digits are shown", kind="integer"
        ),
        "dt": STEP,
        "outside": UNIT_RANGE,
    },
    source="Kim et al. 2018, Neurocomputing 311:373",
    doc="A spike in phase k of a period is worth 2^-(1+k): the value's binary digits, the largest "
    "first.",
    synonyms=("weighted spikes",),
    good_for="exact values in few steps, where receivers know the phase",
    conventions="Values are rounded to the nearest of 2^phases levels; 1 is the highest of these, "
    "1 - 2^-phases.",
)
