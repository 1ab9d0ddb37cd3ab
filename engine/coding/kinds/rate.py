"""Rate code: the value is how often a sender spikes, at random or evenly."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.checked import at_least, choice, positive, whole
from engine.coding.checked import within
from engine.coding.declaration import STEP, STEPS, UNIT_RANGE, VALUES, Code
from engine.coding.draws import CODING, uniforms
from engine.coding.spikes import Spikes, from_dense, heard, require_room
from engine.errors import DataError
from engine.models.declaration import Parameter

Floats = NDArray[np.floating]
MAKES = ("poisson", "bernoulli", "regular")


def rate(
    values: ArrayLike,
    make: str = "poisson",
    rate_max: float = 100.0,
    steps: int = 100,
    dt: float = 1.0,
    outside: str = "refuse",
    seed: int = 0,
    stream: int = CODING,
    first: int = 0,
    start: int = 0,
) -> Spikes:
    """Spikes of rate ``values`` (0 to 1) times ``rate_max`` [Hz], at most one a step.

    ``make`` "poisson": a spike in a step with P = 1 - exp(-rate dt), so that no spike has the exact
    probability of a Poisson process; "bernoulli": with P = the value itself, whatever the rate;
    "regular": one every 1/rate, the first after a whole interval.  A draw is a function of
    ``seed``, ``stream``, the member (``first`` + place in the array) and the step (``start`` + n).
    """
    found, make = within(values, outside), choice(make, "make", MAKES)
    steps, dt = whole(steps, "steps", 1), positive(dt, "dt", "ms")
    seed, stream = whole(seed, "seed", 0), whole(stream, "stream", 0)
    first, start = whole(first, "first", 0), whole(start, "start", 0)
    flat = found.ravel()
    require_room(steps, flat.size)
    per_step = flat * at_least(rate_max, "rate_max", 0.0, "Hz") * dt / 1000.0
    if make == "regular":
        fired = _regular(per_step, steps, start)
    else:
        chance = flat if make == "bernoulli" else -np.expm1(-per_step)
        fired = uniforms(seed, stream, start, steps, first, flat.size) < chance
    return from_dense(fired.reshape(steps, *found.shape), dt)


def _regular(per_step: Floats, steps: int, start: int) -> NDArray[np.bool_]:
    if (per_step > 1.0).any():
        raise DataError(
            f"a regular train of {per_step.max():g} spikes a step needs shorter steps; make "
            "`rate_max` or `dt` smaller"
        )
    # A hair more, so that 1/3 three times is one spike.
    passed = np.floor(np.arange(start, start + steps + 1)[:, None] * per_step + 1e-9)
    return np.diff(passed, axis=0) > 0


def decode_rate(spikes: Spikes, make: str = "poisson", rate_max: float = 100.0) -> Floats:
    """The value that most likely gave so many spikes, in the shape of the values.

    The count over the expected count of a value 1; with "poisson", where two spikes of one step are
    seen as one, after -ln(1 - n/T) has put these back (at most as for half a spike too few).
    """
    share = heard(spikes).counts() / spikes.steps
    if choice(make, "make", MAKES) == "bernoulli":
        return share
    highest = positive(rate_max, "rate_max", "Hz") * spikes.dt / 1000.0
    if make == "poisson":
        share = -np.log1p(-np.minimum(share, 1.0 - 0.5 / spikes.steps))
    return share / highest


CODE = Code(
    name="rate",
    title="Rate code",
    takes=VALUES,
    encode=rate,
    decode=decode_rate,
    parameters={
        "make": Parameter(
            doc="how spikes are placed: Poisson at the rate, with the value as the chance of each "
            "step (Bernoulli), or evenly",
            kind="choice",
            choices=MAKES,
        ),
        "rate_max": Parameter(unit="Hz", bounds=(0, 1e5), doc="rate of a value of 1"),
        "steps": STEPS,
        "dt": STEP,
        "outside": UNIT_RANGE,
    },
    source="Adrian & Zotterman 1926, J. Physiol. 61:151; Dayan & Abbott 2001, section 1.4",
    doc="The larger the value, the more spikes: at random (Poisson or Bernoulli) or evenly spaced.",
    synonyms=("frequency", "Bernoulli", "Poisson"),
    good_for="pictures and anything that stays still; robust, slow, many spikes",
    conventions="Poisson takes P = 1 - exp(-r dt) a step, not r dt, which is off by r dt / 2. "
    "SpikingJelly and snnTorch take the value itself as the chance of each step: Bernoulli here, "
    "with mean T x and variance T x (1 - x).",
    random=True,
)
