"""Temporal code: every spike time counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis.distances import van_rossum
from engine.checked import array, at_least, integers, positive, whole
from engine.coding.declaration import SPIKES, STEP, STEPS, Code
from engine.coding.spikes import Spikes, heard
from engine.errors import DataError
from engine.models.declaration import Parameter

Floats = NDArray[np.floating]


def temporal(
    times: ArrayLike,
    senders: ArrayLike | None = None,
    size: int = 1,
    steps: int = 100,
    dt: float = 1.0,
) -> Spikes:
    """The spikes given: ``times`` [ms] since the onset and whose they are (None: all of 0)."""
    found = array(times, "times").ravel()
    of = np.zeros(found.size) if senders is None else senders
    of = integers(of, "senders").ravel()
    shape = (whole(size, "size", 1),)
    steps = whole(steps, "steps", 1)
    return Spikes(found, of, shape, steps, positive(dt, "dt", "ms"),
                  clock="exact")  # fmt: skip


def decode_temporal(spikes: Spikes) -> list[Floats]:
    """The spike times [ms] of every sender, a list for each."""
    order = np.argsort(heard(spikes).senders, kind="stable")
    cuts = np.cumsum(np.bincount(spikes.senders, minlength=spikes.size))[:-1]
    return np.split(spikes.times[order], cuts)


def distance(first: Spikes, second: Spikes, tau: float = 10.0) -> float:
    """How far two patterns are apart: the root of the sum over senders of van Rossum's D^2.

    ``tau`` [ms]: differences in time well below it count little.  0 for equal patterns; two single
    spikes d apart have D^2 = 1 - exp(-d/tau), a spike too many 1/2.  van Rossum 2001.
    """
    if heard(first, "first").size != heard(second, "second").size:
        raise DataError(
            f"patterns of {first.size:,} and {second.size:,} senders cannot be compared; "
            "give two of the same senders"
        )
    pairs = zip(decode_temporal(first), decode_temporal(second), strict=True)
    return float(np.sqrt(sum(van_rossum(a, b, tau) ** 2 for a, b in pairs)))


def nearest_pattern(spikes: Spikes, patterns: Sequence[Spikes], tau: float = 10.0) -> int:
    """Place of the pattern that ``spikes`` are nearest to by `distance`, the first of equals."""
    if not isinstance(patterns, Sequence) or not patterns:
        raise DataError("there is no pattern to compare the spikes with; give at least one")
    return int(
        np.argmin(
            [distance(heard(spikes), heard(pattern, "patterns"), tau) for pattern in patterns]
        )
    )


def matches(first: Spikes, second: Spikes, tolerance: float = 0.0) -> bool:
    """Whether two patterns have the same spikes, each within ``tolerance`` ms of its partner."""
    within = at_least(tolerance, "tolerance", 0.0, "ms")
    first, second = heard(first, "first"), heard(second, "second")
    if first.size != second.size or len(first) != len(second):
        return False
    pairs = zip(decode_temporal(first), decode_temporal(second), strict=True)
    return all(len(a) == len(b) and bool(np.all(np.abs(a - b) <= within)) for a, b in pairs)


CODE = Code(
    name="temporal",
    title="Temporal code",
    takes=SPIKES,
    encode=temporal,
    decode=decode_temporal,
    parameters={
        "size": Parameter(unit="1", bounds=(1, 1e9), doc="senders", kind="integer"),
        "steps": STEPS,
        "dt": STEP,
    },
    source="van Rossum 2001, Neural Comput. 13:751",
    doc="A list of exact spike times; patterns are told apart by van Rossum's distance or by an "
    "exact match.",
    synonyms=("spike times",),
    good_for="learning of patterns: ReSuMe, SpikeProp, tempotron",
    range=None,
)
