"""The tempotron: one neuron that learns to fire for some patterns of spikes and not for others.

Guetig and Sompolinsky 2006, Nature Neuroscience 9:420.  The potential is a sum of kernels,

    V(t) = sum_i w_i K(t - t_i),   K(s) = V_0 (exp(-s/tau) - exp(-s/tau_s)),   tau_s = tau/4,

with V_0 such that K has the peak 1.  Where the neuron errs, the weights of the afferents that
spiked before the time t_max of the highest potential change by +-rate K(t_max - t_i).  Between two
spikes V is a difference of two exponentials, so its maximum is known in closed form: no time step.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine import checked
from engine.checked import Whole, flag, number, told, whole
from engine.errors import DataError
from engine.learning.checked import Floats, array
from engine.learning.course import Cancel, Progress, Trained, Watch, follow
from engine.learning.draws import Draws

LONGEST = 1200.0  # time constants of rise that a pattern may last: exponentials stay in range


class Peak(NamedTuple):
    """The highest potential of each pattern, and when [ms]."""

    potential: Floats
    time: Floats


class Spikes(NamedTuple):
    """Patterns of spikes in order of time, [patterns, spikes]; what does not come is last."""

    time: Floats  # ms; that of the last spike for those that do not come
    sender: Whole
    comes: NDArray[np.bool_]
    # From here on what potentials are made of: times since the middle of a pattern, so that
    # exponentials stay in range; when the next spike comes; exp(t/tau), exp(t/tau_s), 0: no spike.
    since: Floats
    end: Floats
    slow: Floats
    fast: Floats

    def only(self, place: int) -> Spikes:
        """One of the patterns."""
        parts: list[Any] = [part[place : place + 1] for part in self]
        return Spikes(*parts)


@dataclass(frozen=True)
class Tempotron:
    """The neuron: ``tau`` of its membrane and ``tau_s`` (None: tau/4) of its synapses, in ms."""

    inputs: int
    tau: float = 15.0
    tau_s: float | None = None
    threshold: float = 1.0

    def __post_init__(self) -> None:
        whole(self.inputs, "inputs")
        number(self.tau, "tau", 0)
        number(self.threshold, "threshold", 0)
        if self.tau_s is not None and not number(self.tau_s, "tau_s", 0) < self.tau:
            raise DataError("`tau_s` must be shorter than `tau`; a quarter of it is usual")

    @property
    def rise(self) -> float:
        """The time constant of the synapses [ms]."""
        return self.tau / 4.0 if self.tau_s is None else self.tau_s

    @property
    def peak_time(self) -> float:
        """When the kernel peaks [ms after the spike]."""
        return self.tau * self.rise / (self.tau - self.rise) * math.log(self.tau / self.rise)

    @property
    def scale(self) -> float:
        """V_0, which makes the kernel's peak 1."""
        at = self.peak_time
        return 1.0 / (math.exp(-at / self.tau) - math.exp(-at / self.rise))

    def kernel(self, since: ArrayLike) -> Floats:
        """K at times [ms] since a spike; 0 before."""
        given = np.maximum(checked.real(since, "since"), 0.0)  # -inf of a spike that never comes
        later = checked.array(given, "since", silent=True)
        return self.scale * (np.exp(-later / self.tau) - np.exp(-later / self.rise))

    def spikes(self, times: ArrayLike, senders: ArrayLike | None = None) -> Spikes:
        """Patterns [P, S] of spike times [ms] in order; inf: the spike does not come.

        ``senders`` [P, S] are the afferents; without them spike n is of afferent n, as in a code
        by latency.  Raises DataError.
        """
        given = array(times, "times", (None, None), silent=True)
        if senders is None:
            if given.shape[1] != self.inputs:
                message = f"`times` has {given.shape[1]:,} spikes a pattern for {self.inputs:,}"
                raise DataError(f"{message} inputs; give one an input, or `senders` as well")
            sender = np.broadcast_to(np.arange(self.inputs), given.shape)
        else:
            sender = checked.integers(senders, "senders", given.shape)
            if sender.min() < 0 or sender.max() >= self.inputs:
                raise DataError(f"`senders` must be 0 to {self.inputs - 1}; look at the largest")
        comes = np.isfinite(given)
        span = float(np.ptp(given[comes])) if comes.any() else 0.0
        if span > LONGEST * self.rise:
            message = f"`times` span {span:g} ms, more than {LONGEST * self.rise:g}"
            raise DataError(f"{message} at this `tau_s`; cut the patterns or start each at 0")
        order = np.argsort(given, axis=1, kind="stable")
        last = float(given[comes].max()) if comes.any() else 0.0
        at = np.take_along_axis(np.where(comes, given, last), order, 1)
        comes = np.take_along_axis(comes, order, 1)
        since = at - 0.5 * (at[:, :1] + at[:, -1:])
        # Long enough after the last spike for any maximum to be before.
        end = np.concatenate([since[:, 1:], since[:, -1:] + LONGEST * self.rise / 4], 1)
        slow, fast = (np.exp(since / tau) * comes for tau in (self.tau, self.rise))
        sender = np.take_along_axis(sender, order, 1)
        return Spikes(at, sender, comes, since, end, slow, fast)

    def peak(self, weights: ArrayLike, patterns: Spikes) -> Peak:
        """The highest potential of every pattern, and its time; 0 at rest counts too."""
        given = array(weights, "weights", (self.inputs,))
        return self._peak(given, self._patterns(patterns))

    def _patterns(self, given: object) -> Spikes:
        """What `spikes` made for as many inputs; DataError otherwise."""
        if not isinstance(given, Spikes) or (
            given.sender.size and int(given.sender.max()) >= self.inputs
        ):
            raise DataError(
                f"`patterns` must be what `spikes` makes for {self.inputs:,} inputs, not "
                f"{told(given)}"
            )
        return given

    def _peak(self, weights: Floats, patterns: Spikes) -> Peak:
        weight = weights[patterns.sender]
        tau, rise = self.tau, self.rise
        slow = np.cumsum(weight * patterns.slow, 1)
        fast = np.cumsum(weight * patterns.fast, 1)
        both = (slow > 0) & (fast > 0)
        quotient = np.where(both, fast, 1.0) * tau / (np.where(both, slow, 1.0) * rise)
        top = tau * rise / (tau - rise) * np.log(quotient)
        inside = both & (top > patterns.since) & (top < patterns.end)
        when = np.where(inside, top, patterns.since)  # else where the next interval begins: a kink
        height = self.scale * (slow * np.exp(-when / tau) - fast * np.exp(-when / rise))
        place = height.argmax(1)
        rows = np.arange(len(place))
        after = when[rows, place] - patterns.since[rows, place]
        return Peak(height[rows, place], patterns.time[rows, place] + after)

    def fires(self, weights: ArrayLike, patterns: Spikes) -> NDArray[np.bool_]:
        """Whether the potential reaches the threshold in each pattern."""
        return self.peak(weights, patterns).potential >= self.threshold

    def correction(
        self, weights: Floats, patterns: Spikes, place: int, wanted: bool
    ) -> Floats | None:
        """What the error in one pattern adds to the weights at rate 1, [inputs]; None without."""
        given = self._patterns(patterns)
        place = whole(place, "place", 0, len(given.time) - 1)
        weight = array(weights, "weights", (self.inputs,))
        return self._correction(weight, given, place, flag(wanted, "wanted"))

    def _correction(
        self, weights: Floats, patterns: Spikes, place: int, wanted: bool
    ) -> Floats | None:
        one = patterns.only(place)
        (potential,), (time,) = self._peak(weights, one)
        if (potential >= self.threshold) == wanted:
            return None
        kernel = self.kernel(time - one.time[0]) * one.comes[0]
        found = np.bincount(one.sender[0], kernel, self.inputs).astype(np.float64)
        return found if wanted else -found

    def start(self, seed: int = 0, spread: float | None = None) -> Floats:
        """Random weights [inputs], normal with standard deviation ``spread`` (None: 1/inputs)."""
        size = 1.0 / self.inputs if spread is None else number(spread, "spread", 0)
        return size * Draws(seed, "tempotron").normal(self.inputs)

    def train(
        self,
        patterns: Spikes,
        wanted: ArrayLike,
        *,
        rate: float | None = None,
        momentum: float = 0.99,
        cycles: int = 1000,
        seed: int = 0,
        weights: ArrayLike | None = None,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        watch: Watch | None = None,
    ) -> Trained[Floats]:
        """Go through the patterns again and again, in random order, until none is wrong.

        ``wanted`` [P] says for which the neuron should fire.  The result's error is the share of
        wrong answers in each cycle, while it learnt.  A correction goes on by ``momentum``, as in
        the paper; ``rate`` None is 0.01 threshold shared by the inputs.  Raises DataError,
        RunStopped.
        """
        size = len(self._patterns(patterns).time)
        answer = checked.array(wanted, "wanted")
        if answer.shape != (size,) or not np.isin(answer, (0, 1)).all():
            raise DataError(f"`wanted` must be {size:,} times true or false; one a pattern")
        step = 0.01 * self.threshold / self.inputs if rate is None else number(rate, "rate", 0)
        kept = number(momentum, "momentum", 0, 0.9999, open_low=False)
        first = self.start(seed) if weights is None else array(weights, "weights", (self.inputs,))
        draws = Draws(seed, "tempotron cycles")

        def course() -> Iterator[tuple[Floats, float | None]]:
            now, push = first, np.zeros(self.inputs)
            while True:
                wrong = 0
                for place in draws.order(size):
                    found = self._correction(now, patterns, int(place), bool(answer[place]))
                    if found is not None:
                        wrong += 1
                        push = kept * push + step * found
                        now = now + push
                    yield now, None
                yield now, wrong / size

        return follow(
            course(), first, whole(cycles, "cycles"), tolerance=0.0, progress=progress,
            cancel=cancel, watch=watch, text="tempotron", measure="share of errors",
        )  # fmt: skip


def latency_patterns(
    patterns: int, inputs: int, duration: float = 500.0, seed: int = 0
) -> tuple[Floats, NDArray[np.bool_]]:
    """The task of the paper: each input spikes once, at a random time, and half should fire.

    Returns times [patterns, inputs] in ms and labels [patterns].
    """
    draws = Draws(seed, "latency patterns")
    times = draws.uniform(
        whole(patterns, "patterns"), whole(inputs, "inputs"), high=number(duration, "duration", 0)
    )
    return times, draws.order(patterns) < patterns // 2
