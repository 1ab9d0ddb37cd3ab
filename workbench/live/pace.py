"""Pace of a live run: how many steps to do now, and how fast it is going.

Pure bookkeeping over times that are passed in, so that it can be tested without waiting.
"""

from __future__ import annotations

from collections import deque
from statistics import median

GRAIN = 0.008  # s of wall time between two slices of a paced run
PATIENCE = 0.25  # s that a run may lag behind its pace before the debt is forgotten
HORIZON = 1.0  # s over which the real-time factor is measured
SLICES = 21  # slices whose median is the cost of a step; some are held up by other threads


class Pace:
    """Steps against wall time.  ``dt`` is in ms; times are in seconds of a monotonic clock."""

    def __init__(self, dt: float, speed: float = 1.0) -> None:
        self.dt = dt
        self.speed = speed  # x real time; 0: as fast as possible
        self.cost = 0.0  # s a step; 0 before the first slice
        self._costs: deque[float] = deque(maxlen=SLICES)
        self._origin: tuple[float, int] | None = None  # wall time and step from which is counted
        self._log: deque[tuple[float, int]] = deque()

    def restart(self) -> None:
        """Forget the past: the run was paused, or its speed has changed."""
        self._origin = None
        self._log.clear()

    def steps(self, now: float, step: int, seconds: float) -> int:
        """How many steps to do in a slice of ``seconds`` that starts at ``now``; may be 0."""
        most = max(1, int(seconds / self.cost)) if self.cost else 1
        if self.speed <= 0:
            return most
        if self._origin is None:
            self._origin = (now, step)
        due = self._due(now) - step
        if due * self.dt * 1e-3 > PATIENCE * self.speed:
            # It cannot keep up: count from here, or a later burst would make up for lost time.
            self._origin = (now, step)
            due = most
        return max(0, min(most, due))

    def delay(self, now: float, step: int) -> float:
        """Seconds until the next slice is worth its turn: a grain of time, or a step, is due."""
        if self.speed <= 0 or self._origin is None:
            return 0.0
        wall, first = self._origin
        seconds_a_step = self.dt * 1e-3 / self.speed
        reached = wall + (step - first) * seconds_a_step
        return max(0.0, reached + max(GRAIN, seconds_a_step) - now)

    def did(self, now: float, step: int, steps: int, seconds: float) -> None:
        """``steps`` were done in ``seconds`` and ended at ``now`` with ``step`` in all."""
        self._costs.append(seconds / steps)
        self.cost = median(self._costs)
        self._log.append((now, step))
        while self._log[-1][0] - self._log[0][0] > HORIZON:
            self._log.popleft()

    @property
    def possible(self) -> float:
        """Biological time over computing time: the factor that full speed would reach."""
        return self.dt * 1e-3 / self.cost if self.cost else 0.0

    @property
    def achieved(self) -> float:
        """Biological time over wall time in the last second; 0 before it can be known."""
        if len(self._log) < 2:
            return 0.0
        (first, before), (last, after) = self._log[0], self._log[-1]
        return (after - before) * self.dt * 1e-3 / (last - first) if last > first else 0.0

    def _due(self, now: float) -> int:
        """The step that a run on pace would have done by ``now``."""
        wall, first = self._origin or (now, 0)
        return first + int((now - wall) * self.speed / (self.dt * 1e-3))
