"""Ben's Spiker Algorithm (BSA): spikes whose filtered train is the signal."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.checked import array, finite, positive, whole
from engine.coding.checked import signal
from engine.coding.declaration import SIGNAL, STEP, Code
from engine.coding.spikes import Spikes, from_dense, heard
from engine.errors import DataError
from engine.models.declaration import Parameter

Floats = NDArray[np.floating]
MOST_TAPS = 1_000_000


def fir(taps: int = 10, height: float = 1.0) -> Floats:
    """The filter a spike is decoded by, [taps]: a raised cosine whose sum is ``height``.

    A train with a spike in every step decodes to ``height``, the largest signal that can be coded.
    """
    place = np.arange(1, whole(taps, "taps", 1, MOST_TAPS) + 1) / (taps + 1.0)
    shape = 1.0 - np.cos(2.0 * np.pi * place)
    return positive(height, "height") * shape / shape.sum()


def bsa(
    samples: ArrayLike,
    threshold: float = 0.955,
    taps: int = 10,
    height: float = 1.0,
    dt: float = 1.0,
    kernel: ArrayLike | None = None,
) -> Spikes:
    """A spike wherever taking the filter h away leaves the signal smaller by the threshold.

    At each sample: if sum |s - h| <= sum |s| - threshold sum(h), over the samples that h reaches,
    there is a spike and s loses h.  Samples [T, ...] of 0 or more, time first, ``dt`` ms apart;
    ``kernel`` [taps] stands in for `fir` (``taps``, ``height``).
    """
    left = signal(samples).copy()
    if (left < 0).any():
        raise DataError(
            f"`signal` goes down to {left.min():g}; BSA codes what is never negative: shift it"
        )
    pulse = _filter(kernel, taps, height)
    least = finite(threshold, "threshold") * pulse.sum()
    fired = np.zeros(left.shape, np.int64)
    for n in range(len(left)):
        rest = left[n : n + len(pulse)]
        taken = pulse[: len(rest)].reshape(-1, *[1] * (left.ndim - 1))
        gain = np.abs(rest).sum(0) - np.abs(rest - taken).sum(0)
        fired[n] = gain >= least
        rest -= taken * fired[n]
    return from_dense(fired, positive(dt, "dt", "ms"))


def decode_bsa(
    spikes: Spikes, taps: int = 10, height: float = 1.0, kernel: ArrayLike | None = None
) -> Floats:
    """The sum of a filter from every spike on, [T, ...]."""
    pulse = _filter(kernel, taps, height)
    train = heard(spikes).dense(np.float64)
    found = np.zeros_like(train)
    for place, weight in enumerate(pulse[: len(train)]):
        found[place:] += weight * train[: len(train) - place]
    return found


def _filter(given: ArrayLike | None, taps: int, height: float) -> Floats:
    usual = fir(taps, height)
    if given is None:
        return usual
    found = array(given, "kernel")
    if found.ndim != 1 or not found.size or found.sum() <= 0:
        raise DataError("`kernel` must be a list of numbers with a sum above 0; give the taps")
    return found


CODE = Code(
    name="bsa",
    title="BSA",
    takes=SIGNAL,
    encode=bsa,
    decode=decode_bsa,
    parameters={
        "threshold": Parameter(
            unit="1", bounds=(-1, 1), doc="share of the filter that must fit for a spike"
        ),
        "taps": Parameter(unit="1", bounds=(1, 1e4), doc="length of the filter", kind="integer"),
        "height": Parameter(
            unit="1", bounds=(1e-9, 1e9), doc="largest signal: that of a spike in every step"
        ),
        "dt": STEP,
    },
    source="Schrauwen & Van Campenhout 2003, IJCNN 4:2825; Hough et al. 1999",
    doc="A spike is set wherever taking the decoding filter away from the signal makes what is "
    "left smaller; so filtering the spikes gives the signal back.",
    synonyms=("Ben's Spiker Algorithm", "FIR"),
    good_for="sound and other positive signals that must be reconstructed",
    conventions="The threshold (0.955) is subtracted, as in the paper, and counts in sums of the "
    "filter; some programs multiply the error by it instead. The last samples, which the filter "
    "no longer covers, give no spikes.",
    range=(0.0, float("inf")),
)
