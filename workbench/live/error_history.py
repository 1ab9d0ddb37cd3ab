"""How far a population that learns was from its teacher, over a whole run."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analysis import teaching_error
from engine.analysis.teaching import TAU, WINDOW
from engine.runtime.plan import Chunk

MOST_KEPT = 4_000  # numbers; of a longer run neighbours are joined
MOST_SENT = 600

Spikes = tuple[NDArray[np.float64], NDArray[np.integer]]  # times [ms] and senders


@dataclass
class ErrorHistory:
    """`teaching_error` of ``size`` members, window by window of simulated time.

    ``ends`` are the emitters of the population and of its teacher.
    """

    ends: tuple[int, int]
    size: int
    dt: float
    every: int = 1  # windows whose mean is one of the numbers that are kept
    heard: bool = True  # whether the spikes of both ends can be seen
    start: float = 0.0  # ms, of the window that is being filled
    _spikes: list[tuple[Spikes, Spikes]] = field(default_factory=list)
    _sums: list[float] = field(default_factory=list)  # of the errors of so many windows
    _taught: list[int] = field(default_factory=list)  # how many of these had something taught
    _filled: int = 0  # windows that the last of them has so far

    def feed(self, chunk: Chunk) -> None:
        """Take over what a stretch of the run has brought."""
        if not self.heard or not all(end in chunk.spikes for end in self.ends):
            self._give_up()
            return
        first, second = (_spikes(chunk, end, self.dt) for end in self.ends)
        self._spikes.append((first, second))
        stop = (chunk.start + chunk.steps) * self.dt
        if stop < self.start + WINDOW - 0.5 * self.dt:
            return
        both = [_joined([pair[end] for pair in self._spikes]) for end in (0, 1)]
        found = teaching_error(both[0], both[1], self.size, stop + 0.5 * self.dt, self.start)
        self.start += len(found) * WINDOW
        rest = [(times > self.start, times, senders) for times, senders in both]
        late, taught = ((times[new], senders[new]) for new, times, senders in rest)
        self._spikes = [(late, taught)]
        self._keep(found.tolist())

    def _give_up(self) -> None:
        """A part of the run is missing: what there was is not the error of the whole run."""
        self.heard = False
        self._spikes, self._sums, self._taught, self._filled = [], [], [], 0

    def _keep(self, errors: list[float]) -> None:
        for error in errors:
            if self._filled in (0, self.every):
                self._sums.append(0.0)
                self._taught.append(0)
                self._filled = 0
            taught = math.isfinite(error)
            self._sums[-1] += error if taught else 0.0
            self._taught[-1] += taught
            self._filled += 1
        while len(self._sums) > MOST_KEPT:
            self._filled += 0 if len(self._sums) % 2 else self.every
            self._sums, self._taught = _added(self._sums, 2), _added(self._taught, 2)
            self.every *= 2

    @property
    def errors(self) -> NDArray[np.float64]:
        """The mean error of every ``every`` windows; NaN where nothing was taught."""
        return self._means(1)

    def _means(self, joined: int) -> NDArray[np.float64]:
        whole = len(self._sums) - (self._filled < self.every)
        whole -= whole % joined
        sums, taught = (_added(each[:whole], joined) for each in (self._sums, self._taught))
        number = np.array(taught, np.float64)
        return np.where(number > 0, np.array(sums) / np.maximum(number, 1), np.nan)

    def seen(self) -> tuple[dict[str, object], dict[str, NDArray]]:
        """All of it in no more than ``MOST_SENT`` numbers; ``every`` ms lie between two."""
        joined = -(-max(1, len(self._sums)) // MOST_SENT)
        head: dict[str, object] = {"every": joined * self.every * WINDOW, "heard": self.heard}
        head |= {"tau": TAU, "window": WINDOW}
        return head, {"error": self._means(joined).astype(np.float32)}


def _added(values: list[Any], count: int) -> list[Any]:
    """The sums of every ``count``, the last perhaps of fewer."""
    return [sum(values[k : k + count]) for k in range(0, len(values), count)]


def _spikes(chunk: Chunk, emitter: int, dt: float) -> Spikes:
    steps, senders = chunk.spikes[emitter]
    return (np.asarray(steps, np.float64) + 1.0) * dt, np.asarray(senders, np.int64)


def _joined(parts: list[Spikes]) -> Spikes:
    times, senders = zip(*parts, strict=True)
    return np.concatenate(times), np.concatenate(senders)
