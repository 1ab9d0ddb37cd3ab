"""Latency code: the larger the value, the earlier its one spike."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.checked import choice, positive, whole
from engine.coding.checked import share, within
from engine.coding.declaration import STEP, STEPS, UNIT_RANGE, VALUES, Code
from engine.coding.spikes import Spikes, by_time, heard
from engine.errors import DataError
from engine.models.declaration import Parameter

Floats = NDArray[np.floating]
CURVES = ("linear", "log")
CONVENTIONS = ("unnormalised", "snntorch", "spikingjelly")
BELOW = ("silent", "last")


def latency(
    values: ArrayLike,
    curve: str = "linear",
    convention: str = "unnormalised",
    threshold: float = 0.01,
    tau: float = 5.0,
    below: str = "silent",
    steps: int = 10,
    dt: float = 1.0,
    outside: str = "refuse",
) -> Spikes:
    """One spike a value (0 to 1), at its latency from the onset; the last is (steps - 1) dt.

    Values that have no latency within the window (below ``threshold``, or too late) stay silent,
    or with ``below`` "last" spike at its end.  `latencies` has the equations.
    """
    found = within(values, outside)
    steps, dt = whole(steps, "steps", 1), positive(dt, "dt", "ms")
    times = latencies(found, curve, convention, threshold, tau, steps, dt)
    last = (steps - 1) * dt
    late = ~(times <= last + 1e-9 * dt)
    missed = last if choice(below, "below", BELOW) == "last" else np.inf
    return by_time(np.where(late, missed, times).ravel(), found.shape, steps, dt)


def latencies(
    values: ArrayLike,
    curve: str = "linear",
    convention: str = "unnormalised",
    threshold: float = 0.01,
    tau: float = 5.0,
    steps: int = 10,
    dt: float = 1.0,
) -> Floats:
    """The latency [ms] of every value x, in its shape; inf below ``threshold``.

    With T = (steps - 1) dt, the latest.  "unnormalised": linear T (1 - x); log
    tau ln(x / (x - threshold)), the time that an RC membrane driven by x takes to the threshold.
    "snntorch": linear min(T (1 - x), T (1 - threshold)); log as above, then scaled so that the
    latest of all values given is at T: it depends on the batch.  "spikingjelly": linear T (1 - x);
    log T - dt ln(a x + 1) with ln(a + 1) = steps - 1; both rounded to steps.
    """
    x, steps = within(values, "refuse"), whole(steps, "steps", 1)
    last = (steps - 1) * positive(dt, "dt", "ms")
    convention = choice(convention, "convention", CONVENTIONS)
    log = choice(curve, "curve", CURVES) == "log"
    if convention == "spikingjelly":
        return np.floor(_spikingjelly(x, steps, log) + 0.5) * dt
    least = share(threshold, "threshold")
    if not log:
        times = last * (1.0 - x)
        return (
            np.minimum(times, last * (1.0 - least))
            if convention == "snntorch"
            else np.where(x >= least, times, np.inf)
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        charge = positive(tau, "tau", "ms") * np.log(x / (x - least))
    times = np.where(x > least, charge, np.inf)
    if convention == "snntorch":
        latest = times[np.isfinite(times)].max(initial=0.0)
        times = times * (last / latest) if latest > 0 else times
    return times


def _spikingjelly(x: Floats, steps: int, log: bool) -> Floats:
    """In steps.  ln(a x + 1) by logarithms, as a = exp(steps - 1) - 1 is soon too large."""
    if not log:
        return (steps - 1) * (1.0 - x)
    with np.errstate(divide="ignore"):
        grown = np.log(x) + (steps - 1) + np.log(-np.expm1(1.0 - steps))
    return (steps - 1) - np.logaddexp(grown, 0.0)


def decode_latency(
    spikes: Spikes,
    curve: str = "linear",
    convention: str = "unnormalised",
    threshold: float = 0.01,
    tau: float = 5.0,
) -> Floats:
    """The value of every sender's first spike, in the shape of the values; 0 for silence.

    Raises DataError for the normalised logarithm of snnTorch, whose scale is not in the spikes.
    """
    first = heard(spikes).first()
    seen = np.isfinite(first)
    time = np.where(seen, first, 0.0)
    last = (spikes.steps - 1) * spikes.dt
    convention = choice(convention, "convention", CONVENTIONS)
    if choice(curve, "curve", CURVES) == "linear":
        x = 1.0 - time / last if last > 0 else np.ones_like(time)
    elif convention == "spikingjelly":
        x = np.expm1((last - time) / spikes.dt) / np.expm1(spikes.steps - 1.0) if last else seen
    elif convention == "snntorch":
        raise DataError(
            "latencies that were normalised by the batch cannot be decoded; encode with "
            'convention="unnormalised"'
        )
    else:
        x = _uncharged(time, share(threshold, "threshold"), positive(tau, "tau", "ms"))
    return np.where(seen, x, 0.0)


def _uncharged(time: Floats, threshold: float, tau: float) -> Floats:
    """x of t = tau ln(x / (x - threshold)); none is above 1."""
    with np.errstate(divide="ignore"):
        return np.minimum(threshold / -np.expm1(-time / tau), 1.0)


CODE = Code(
    name="latency",
    title="Latency code",
    takes=VALUES,
    encode=latency,
    decode=decode_latency,
    parameters={
        "curve": Parameter(doc="latency as a function of the value", kind="choice", choices=CURVES),
        "convention": Parameter(
            doc="whose equations: without normalisation, or as snnTorch or SpikingJelly have them",
            kind="choice",
            choices=CONVENTIONS,
        ),
        "threshold": Parameter(unit="1", bounds=(1e-6, 0.999), doc="least value that spikes"),
        "tau": Parameter(unit="ms", bounds=(1e-3, 1e5), doc="time constant of the logarithm"),
        "below": Parameter(
            doc="values without a latency in the window: silent, or in its last step",
            kind="choice",
            choices=BELOW,
        ),
        "steps": STEPS,
        "dt": STEP,
        "outside": UNIT_RANGE,
    },
    source="Thorpe et al. 2001, Neural Netw. 14:715; Gollisch & Meister 2008, Science 319:1108",
    doc="One spike a value, the earlier the larger it is: on a line, or as the membrane of an RC "
    "circuit charges.",
    synonyms=("time to first spike", "TTFS"),
    good_for="fast decisions with one spike a value",
    conventions="snnTorch scales its logarithm by the latest spike of the batch, so the same value "
    "has another time beside other values; the default does not. SpikingJelly's logarithm has its "
    "latest spike at 0, not at 1 as its text says, and all its latencies are whole steps.",
)
