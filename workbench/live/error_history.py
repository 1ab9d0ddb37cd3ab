"""How far a population that learns was from its teacher, over a whole run."""

from __future__ import annotations

from dataclasses import dataclass, field

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
    errors: list[float] = field(default_factory=list)  # NaN where nothing was taught
    every: int = 1  # windows that one of them is the mean of
    heard: bool = True  # whether the spikes of both ends can be seen
    start: float = 0.0  # ms, of the window that is being filled
    _spikes: list[tuple[Spikes, Spikes]] = field(default_factory=list)
    _fresh: list[float] = field(default_factory=list)  # errors that wait to be joined

    def feed(self, chunk: Chunk) -> None:
        """Take over what a stretch of the run has brought."""
        if not all(end in chunk.spikes for end in self.ends):
            self.heard = False
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

    def _keep(self, errors: list[float]) -> None:
        self._fresh += errors
        whole = len(self._fresh) // self.every * self.every
        self.errors += _means(self._fresh[:whole], self.every)
        self._fresh = self._fresh[whole:]
        while len(self.errors) > MOST_KEPT:
            even = len(self.errors) // 2 * 2
            left = self.errors[even:] * self.every  # of an odd one its mean stands for its windows
            self.errors = _means(self.errors[:even], 2)
            self.every, self._fresh = 2 * self.every, left + self._fresh

    def seen(self) -> tuple[dict[str, object], dict[str, NDArray]]:
        """All of it in no more than ``MOST_SENT`` numbers; ``every`` ms lie between two."""
        joined = -(-max(1, len(self.errors)) // MOST_SENT)
        errors = _means(self.errors[: len(self.errors) // joined * joined], joined)
        head: dict[str, object] = {"every": joined * self.every * WINDOW, "heard": self.heard}
        head |= {"tau": TAU, "window": WINDOW}
        return head, {"error": np.array(errors, np.float32)}


def _spikes(chunk: Chunk, emitter: int, dt: float) -> Spikes:
    steps, senders = chunk.spikes[emitter]
    return (np.asarray(steps, np.float64) + 1.0) * dt, np.asarray(senders, np.int64)


def _joined(parts: list[Spikes]) -> Spikes:
    times, senders = zip(*parts, strict=True)
    return np.concatenate(times), np.concatenate(senders)


def _means(errors: list[float], count: int) -> list[float]:
    """The mean of every ``count``, of those in which something was taught."""
    if count == 1:
        return errors
    rows = np.array(errors).reshape(-1, count)
    taught = np.isfinite(rows)
    number = taught.sum(axis=1)
    sums = np.where(taught, rows, 0.0).sum(axis=1)
    return np.where(number > 0, sums / np.maximum(number, 1), np.nan).tolist()
