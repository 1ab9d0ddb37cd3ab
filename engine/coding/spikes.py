"""What an encoder gives and a decoder reads: spikes with times, senders and a grid.

A spike of step n of the code's own steps is stamped with the end of the step, t = (n + 1) dt, as
everywhere here; codes whose times are exact (latencies) have the time of the equation, counted from
the onset.  Row n of `Spikes.dense` and step n of a run of the same dt are the same step either way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.checked import array, at_least, choice, finite, flag, integers, positive, told, whole
from engine.errors import DataError

Floats = NDArray[np.floating]
Integers = NDArray[np.int64]
MOST_ENTRIES = 500_000_000  # of a dense view
CLOCKS = ("steps", "exact", "run")


@dataclass(frozen=True, eq=False)
class Spikes:
    """Spikes of ``prod(shape)`` senders in ``steps`` steps of ``dt`` ms.

    ``times`` [ms] ascend and ``senders`` say whose they are (as `spike_times` sources and
    `engine.analysis` take them); sender k stands for entry k of an array of ``shape``, in C order.
    ``signs`` are +1 or -1 a spike, for codes that have both.  ``clock`` says what times are: the
    ends of "steps"; "exact" latencies, which stand in the nearest step; or latencies in a "run" of
    finer steps, which stand in the step that they lie in.
    """

    times: Floats
    senders: Integers
    shape: tuple[int, ...]
    steps: int
    dt: float = 1.0
    signs: NDArray[np.int8] | None = None
    clock: str = "steps"

    def __post_init__(self) -> None:
        self._require_numbers()
        count = len(self.times)
        if len(self.senders) != count or (self.signs is not None and len(self.signs) != count):
            raise DataError("spike times, senders and signs differ in number; give one of each")
        if count and not (0 <= self.senders.min() and self.senders.max() < self.size):
            raise DataError(
                f"a spike has a sender that is none of the {self.size:,}; count them from 0"
            )
        if count and not (self.times.min() >= 0 and self.at.max() < self.steps):
            late = self.times.min() if self.times.min() < 0 else self.times.max()
            raise DataError(
                f"a spike at {late:g} ms lies outside of 0 to {self.duration:g} ms; "
                "give more `steps`, or leave the spike out"
            )
        order = np.lexsort((self.senders, self.times))
        if count and not np.array_equal(order, np.arange(count)):
            object.__setattr__(self, "times", self.times[order])
            object.__setattr__(self, "senders", self.senders[order])
            if self.signs is not None:
                object.__setattr__(self, "signs", self.signs[order])

    def _require_numbers(self) -> None:
        """DataError unless every part is what it should be; arrays become those of their types."""
        checked = {
            "times": array(self.times, "times", (None,)),
            "senders": integers(self.senders, "senders", (None,)),
            "shape": shape_of(self.shape, "shape"),
            "steps": whole(self.steps, "steps", 1),
            "dt": positive(self.dt, "dt", "ms"),
            "clock": choice(self.clock, "clock", CLOCKS),
        }
        if self.signs is not None:
            checked["signs"] = integers(self.signs, "signs", (None,)).astype(np.int8)
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.times)

    @property
    def size(self) -> int:
        """Number of senders."""
        return math.prod(self.shape)

    @property
    def duration(self) -> float:
        """Length of the window [ms]."""
        return self.steps * self.dt

    @property
    def at(self) -> Integers:
        """The step of each spike, [M]: the row of `dense`, and the step of a run of the same dt."""
        forward = 1e-6 if self.clock == "run" else 0.5
        found = np.floor(self.times / self.dt + forward).astype(np.int64)
        return np.maximum(found - 1, 0) if self.clock == "steps" else found

    @property
    def latencies(self) -> Floats:
        """Time of each spike since the onset [ms], [M]: 0 for one of the first step."""
        return self.at * self.dt if self.clock == "steps" else self.times

    def dense(self, dtype: Any = np.float32) -> NDArray[Any]:
        """[steps, *shape]: 1 where there is a spike, -1 for one of that sign; several add up."""
        require_room(self.steps, self.size)
        found = np.zeros((self.steps, self.size), _numeric_type(dtype))
        values = 1 if self.signs is None else self.signs.astype(found.dtype)
        np.add.at(found, (self.at, self.senders), values)
        return found.reshape(self.steps, *self.shape)

    def counts(self) -> Integers:
        """Spikes of every sender, of either sign, as an array of ``shape``."""
        return np.bincount(self.senders, minlength=self.size).reshape(self.shape)

    def first(self) -> Floats:
        """Latency of every sender's first spike [ms], as an array of ``shape``; inf for none."""
        found = np.full(self.size, np.inf)
        np.minimum.at(found, self.senders, self.latencies)
        return found.reshape(self.shape)

    def train(self, sender: int) -> Floats:
        """Times of one sender's spikes [ms]."""
        return self.times[self.senders == whole(sender, "sender", 0)]

    def on_off(self) -> Spikes:
        """The same without signs: a row of senders for +1, then one for -1, shape [2, *shape].

        That is how signed spikes enter a network, whose spikes have no sign.
        """
        if self.signs is None:
            return self
        senders = self.senders + self.size * (self.signs < 0)
        return replace(self, senders=senders, shape=(2, *self.shape), signs=None)

    def signed(self) -> Spikes:
        """What `on_off` was made of: of senders [2, ...], the second row counts as -1."""
        if self.signs is not None:
            return self
        if not self.shape or self.shape[0] != 2:
            shown = " x ".join(map(str, self.shape))
            raise DataError(
                f"senders of shape {shown} have no signs; give an on and an off row: 2 x ..."
            )
        half = self.size // 2
        signs = np.where(self.senders < half, 1, -1).astype(np.int8)
        return replace(self, senders=self.senders % half, shape=self.shape[1:], signs=signs)

    def on_grid(self) -> Spikes:
        """The same with every spike at the end of its step, as a run with this dt has them."""
        if self.clock == "steps":
            return self
        return replace(self, times=(self.at + 1) * self.dt, clock="steps")


def _numeric_type(given: Any) -> np.dtype[Any]:
    try:
        found = np.dtype(given)
    except (TypeError, ValueError):
        found = np.dtype(object)
    if found.kind not in "biuf":
        raise DataError(f"`dtype` is {told(given)}, no type of numbers; give one such as np.int64")
    return found


def heard(spikes: object, what: str = "spikes") -> Spikes:
    """``spikes`` if they are `Spikes`; DataError otherwise."""
    if not isinstance(spikes, Spikes):
        remedy = "encode values first, or use `recorded`"
        raise DataError(f"`{what}` must be Spikes, not {told(spikes)}; {remedy}")
    return spikes


def shape_of(given: object, what: str) -> tuple[int, ...]:
    """A shape, also as one number; DataError for anything but whole numbers above 0."""
    parts = given if isinstance(given, tuple | list) else (given,)
    return tuple(whole(size, what, 1) for size in parts)


def require_room(steps: int, size: int) -> None:
    """DataError where an array of all steps and senders would be too large."""
    if steps * size > MOST_ENTRIES:
        raise DataError(
            f"{steps:,} steps of {size:,} senders are too many for a dense view; "
            "use `times` and `senders`"
        )


def from_dense(spikes: ArrayLike, dt: float = 1.0, signed: bool = False) -> Spikes:
    """The spikes of an array [steps, ...]; an entry is how many (a whole number, -1 for off).

    They have signs if there is any -1, or if ``signed`` says that there might have been.

    Raises DataError for entries that are no whole numbers.
    """
    found, dt = array(spikes, "spikes"), positive(dt, "dt", "ms")
    if found.ndim < 1:
        raise DataError("`spikes` must have time first, [steps, ...], and not be one number")
    flat = found.reshape(len(found), math.prod(found.shape[1:]))
    step, sender = np.nonzero(flat)
    many = flat[step, sender]
    if not np.array_equal(many, np.floor(many)):
        raise DataError("an array of spikes holds a fraction; give 0, 1 (or -1) an entry")
    signs = np.sign(many).astype(np.int8) if flag(signed, "signed") or (many < 0).any() else None
    times = np.abs(many).astype(np.int64)
    return Spikes(
        np.repeat((step + 1) * dt, times),
        np.repeat(sender.astype(np.int64), times),
        found.shape[1:],
        len(found),
        dt,
        None if signs is None else np.repeat(signs, times),
    )


def recorded(
    times: ArrayLike,
    senders: ArrayLike | None,
    size: int | tuple[int, ...],
    duration: float,
    dt: float = 1.0,
    start: float = 0.0,
    code_dt: float | None = None,
) -> Spikes:
    """Spikes of a run within (start, start + duration], for a decoder.

    ``times`` [ms], ``senders`` one a spike (None: all of sender 0), ``size`` or shape of the
    senders, ``dt`` [ms] the step of the run.  Times are counted from ``start``.  ``code_dt`` is the
    step of the code, where it is not that of the run: the spikes then stand in its steps.
    """
    found = array(times, "times").ravel() - finite(start, "start", "ms")
    of = np.zeros(len(found)) if senders is None else senders
    of = integers(of, "senders", (len(found),))
    dt, duration = positive(dt, "dt", "ms"), positive(duration, "duration", "ms")
    at_least(duration, "duration", dt, "ms")
    shape = shape_of(size, "size")
    inside = (found > 0.25 * dt) & (found <= duration + 0.25 * dt)
    found, of = found[inside], of[inside]
    if code_dt is None:
        return Spikes(found, of, shape, math.floor(duration / dt + 0.5), dt)
    code_dt = positive(code_dt, "code_dt", "ms")
    # A spike is stamped with the end of the step it is in.
    since = np.maximum(found - dt, 0.0)
    return Spikes(since, of, shape, math.floor(duration / code_dt + 0.5), code_dt, None, "run")


def by_time(
    times: Floats, shape: tuple[int, ...], steps: int, dt: float, signs: Any = None
) -> Spikes:
    """One exact spike a sender at ``times`` [ms] (flat, inf or NaN for none)."""
    senders = np.flatnonzero(np.isfinite(times))
    return Spikes(times[senders], senders, shape, steps, dt, signs, "exact")
