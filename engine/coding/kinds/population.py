"""Population code: a value is shared by neurons that each prefer another one."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.checked import choice, finite, positive, whole
from engine.coding.checked import share, within
from engine.coding.declaration import STEP, STEPS, UNIT_RANGE, VALUES, Code
from engine.coding.spikes import Spikes, by_time, heard
from engine.errors import DataError
from engine.models.declaration import Parameter

Floats = NDArray[np.floating]
MOST_FIELDS = 1_000_000
READS = ("vector", "gaussian")


def receptive_fields(
    fields: int = 8, low: float = 0.0, high: float = 1.0, gamma: float = 1.5
) -> tuple[Floats, float]:
    """Preferred values [fields] and common width of the Gaussian fields that cover low to high.

    mu_i = low + (2 i - 3)/2 (high - low)/(n - 2), i = 1 .. n of n fields, and
    sigma = (high - low)/(n - 2)/gamma.  Bohte et al. 2002, section 4.
    """
    fields, width = whole(fields, "fields", 3, MOST_FIELDS), positive(gamma, "gamma")
    low, high = finite(low, "low"), finite(high, "high")
    if high <= low:
        raise DataError(f"`high` is {high:g}, not above `low`, {low:g}; exchange them")
    apart = (high - low) / (fields - 2)
    return low + 0.5 * (2 * np.arange(1, fields + 1) - 3) * apart, apart / width


def responses(
    values: ArrayLike, fields: int = 8, low: float = 0.0, high: float = 1.0, gamma: float = 1.5
) -> Floats:
    """Response, 0 to 1, of every field to every value: [..., fields]."""
    centre, width = receptive_fields(fields, low, high, gamma)
    x = within(values, "refuse", low, high)
    return np.exp(-0.5 * ((x[..., None] - centre) / width) ** 2)


def population(
    values: ArrayLike,
    fields: int = 8,
    low: float = 0.0,
    high: float = 1.0,
    gamma: float = 1.5,
    cutoff: float = 0.9,
    steps: int = 10,
    dt: float = 1.0,
    outside: str = "refuse",
) -> Spikes:
    """``fields`` neurons a value, each with one spike at T (1 - response), T = steps dt.

    Those later than ``cutoff`` T stay silent.  Shape: that of the values, then the fields.
    """
    receptive_fields(fields, low, high, gamma)  # says what is wrong with the range itself
    found = within(values, outside, low, high)
    steps, dt = whole(steps, "steps", 2), positive(dt, "dt", "ms")
    answer = responses(found, fields, low, high, gamma)
    window = steps * dt
    times = window * (1.0 - answer)
    # What is drawn in the last step of the grid must not fall off it.
    latest = min(share(cutoff, "cutoff") * window, window - 0.5 * dt)
    times = np.where(times <= latest, times, np.inf)
    return by_time(times.ravel(), answer.shape, steps, dt)


def decode_population(
    spikes: Spikes,
    low: float = 0.0,
    high: float = 1.0,
    gamma: float = 1.5,
    read: str = "vector",
) -> Floats:
    """The value of each group of neurons (the last axis); NaN for a silent one.

    "vector": the mean of the preferred values, weighted by the responses 1 - t/T (the population
    vector); "gaussian": the value for which the logarithms of the responses that were seen fit the
    Gaussian fields best, exact where latencies are (it needs two spikes, otherwise as "vector").
    """
    if not heard(spikes).shape:
        raise DataError("a population code needs a group of neurons; its last axis is the group")
    centre, width = receptive_fields(spikes.shape[-1], low, high, gamma)
    first = spikes.first()
    seen = np.isfinite(first)
    answer = np.where(seen, 1.0 - np.where(seen, first, 0.0) / spikes.duration, 0.0)
    with np.errstate(invalid="ignore"):
        value = np.sum(answer * centre, -1) / np.sum(answer, -1)
    if choice(read, "read", READS) == "vector":
        return value
    # ln r + mu^2 / (2 s^2) is a line in mu of slope x / s^2: least squares over what was seen.
    line = np.log(np.where(seen, answer, 1.0)) + 0.5 * (centre / width) ** 2
    count = np.maximum(seen.sum(-1, keepdims=True), 1)
    away = np.where(seen, centre - np.sum(centre * seen, -1, keepdims=True) / count, 0.0)
    square = np.sum(away**2, -1)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = np.sum(away * line, -1) / square
    return np.where(square > 0, np.clip(slope * width**2, low, high), value)


CODE = Code(
    name="population",
    title="Population code",
    takes=VALUES,
    encode=population,
    decode=decode_population,
    parameters={
        "fields": Parameter(unit="1", bounds=(3, 1e4), doc="neurons a value", kind="integer"),
        "low": Parameter(unit="1", bounds=(-1e9, 1e9), doc="least value that is coded"),
        "high": Parameter(unit="1", bounds=(-1e9, 1e9), doc="largest value that is coded"),
        "gamma": Parameter(unit="1", bounds=(0.01, 100), doc="how narrow the fields are"),
        "cutoff": Parameter(
            unit="1", bounds=(0.01, 0.99), doc="share of the window after which none spikes"
        ),
        "read": Parameter(
            doc="how a value is read: population vector, or fit of the fields",
            kind="choice",
            choices=READS,
        ),
        "steps": STEPS,
        "dt": STEP,
        "outside": UNIT_RANGE,
    },
    source="Bohte et al. 2002, Neurocomputing 48:17; IEEE Trans. Neural Netw. 13:426",
    doc="Gaussian receptive fields cover the range; the nearer a neuron's field is to the value, "
    "the earlier it spikes.",
    synonyms=("Gaussian receptive fields", "Bohte"),
    good_for="few continuous values, for networks that learn from spike times",
    conventions="T is the window, so the best neuron's spike is at 0 and none is after 9/10 of T.",
    range=None,
)
