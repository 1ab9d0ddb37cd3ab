"""Rewards that a connection was given, and what they have left in it: the last seconds of a run."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.runtime import Simulation
from engine.runtime.plan import Chunk

MOST_LEVELS = 4_000  # samples that are kept, one a slice of the run
MOST_REWARDS = 4_000
MOST_SENT = 600  # samples of a frame, evenly taken


@dataclass
class RewardHistory:
    """Of the connection ``edge``; ``emitter`` is the node of the plan that rewards it, if any."""

    edge: str
    names: tuple[str, ...]  # of its modulators
    emitter: int | None = None
    times: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_LEVELS))  # ms
    levels: deque[tuple[float, ...]] = field(default_factory=lambda: deque(maxlen=MOST_LEVELS))
    given: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=MOST_REWARDS))

    def feed(self, chunk: Chunk, simulation: Simulation) -> None:
        """Take over what a stretch of the run has brought."""
        dt = simulation.dt
        if self.emitter in chunk.spikes:
            steps = np.asarray(chunk.spikes[self.emitter][0])
            self.given.extend((float(step + 1) * dt, 1.0) for step in steps[-MOST_REWARDS:])
        self.times.append((chunk.start + chunk.steps) * dt)
        self.levels.append(tuple(simulation.modulators(self.edge).values()))

    def reward(self, time: float, amount: float) -> None:
        """A reward from outside was given at ``time`` ms."""
        self.given.append((time, amount))

    def seen(self, window: float) -> tuple[dict[str, object], dict[str, NDArray]]:
        """The last ``window`` ms; times are sent as ms before the newest, which floats hold."""
        now = self.times[-1] if self.times else 0.0
        times = np.array(self.times) - now
        levels = np.array(self.levels).reshape(len(times), len(self.names))
        first = int(np.searchsorted(times, -window))
        kept = np.unique(np.linspace(first, len(times) - 1, MOST_SENT).astype(int))
        kept = kept[kept >= first] if len(times) else np.zeros(0, int)
        given = np.array([each for each in self.given if each[0] >= now - window]).reshape(-1, 2)
        arrays = {
            "time": times[kept].astype(np.float32),
            "level": levels[kept].astype(np.float32),
            "given.time": (given[:, 0] - now).astype(np.float32),
            "given.amount": given[:, 1].astype(np.float32),
        }
        return {"now": now, "names": list(self.names)}, arrays
