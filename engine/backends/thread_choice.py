"""With how many threads a network goes fastest, found by trying while it runs.

Whether a second thread pays depends on the network, on its activity, on the machine and on what
else runs on it, so nothing but the clock can tell.  Now and then a few short slices are therefore
run with each number of threads in turn, and the best is kept until the next look.  The results of
a network do not depend on it.
"""

from __future__ import annotations

from statistics import median

TRIAL_S = 0.002  # s of every slice of a trial
ROUNDS = 3  # slices of every number of threads in a trial
HOPELESS = 2.0  # times slower than the best in its first slice: not tried any more in this trial
GAIN = 0.95  # another number must take less than this share of the time of the one in use
FIRST_LOOK_S, LONGEST_LOOK_S = 1.0, 8.0  # s of running between two trials; doubled without news
SURPRISE = 1.4  # times slower than in the trial: look again
SHORTEST_LOOK_S = 0.25
SLICE_S = 0.05  # s of a slice outside a trial, so that a surprise is noticed
FIRST_STEPS = 16  # of a number of threads never tried


def candidates(most: int) -> list[int]:
    """The numbers of threads worth trying: those that share ``most`` parts evenly."""
    return [threads for threads in range(1, most + 1) if most % threads == 0]


class ThreadChoice:
    """Says with how many threads to do the next steps, and is told how long they took.

    ``first`` is used until something better is found.  Nothing here looks at a clock.
    """

    def __init__(self, most: int, first: int = 1) -> None:
        self.limit = most  # may be lowered and raised at any time, from any thread
        self._limited = most  # the limit that this trial and its outcome keep to
        self.kept = min(first, most)
        self._candidates = candidates(most)
        self._costs: dict[int, float] = {}  # threads -> s a step, when last tried
        self._seen: dict[int, list[float]] = {}  # in this trial
        self._queue: list[int] = []  # slices of the trial still to be done
        self._steps, self._seconds = 0, 0.0  # of the slice going on
        self._since, self._pause = 0.0, FIRST_LOOK_S  # s since the last trial, s until the next
        self._begin()

    @property
    def costs(self) -> dict[int, float]:
        """Seconds a step by number of threads, when last tried."""
        return dict(self._costs)

    def next(self, left: int) -> tuple[int, int]:
        """Threads and number (at most ``left``) of the next steps."""
        if self.limit != self._limited:  # what was best need not be any more
            self._limited = self.limit
            self._begin()
        if self._limited == 1:
            return 1, left
        threads, seconds = self.kept, SLICE_S
        if self._queue:
            threads, seconds = self._queue[0], TRIAL_S - self._seconds
        cost = self._costs.get(threads)
        steps = FIRST_STEPS if cost is None else int(seconds / cost) + 1
        return min(threads, self._limited), max(1, min(left, steps))

    def did(self, threads: int, steps: int, seconds: float) -> None:
        """``steps`` with ``threads`` took ``seconds``."""
        if self._limited == 1:
            return
        self._steps, self._seconds = self._steps + steps, self._seconds + seconds
        if threads not in self._costs:
            self._costs[threads] = self._seconds / self._steps
        if self._queue and threads == self._queue[0]:
            if self._seconds >= TRIAL_S:
                self._tried(threads, self._seconds / self._steps)
        else:
            self._watch(seconds)

    def _begin(self) -> None:
        self._seen = {threads: [] for threads in self._candidates if threads <= self._limited}
        self._queue = [*self._seen] * ROUNDS if len(self._seen) > 1 else []
        self._steps, self._seconds, self._since = 0, 0.0, 0.0

    def _tried(self, threads: int, cost: float) -> None:
        self._seen[threads].append(cost)
        self._costs[threads] = cost
        self._queue.pop(0)
        self._steps, self._seconds = 0, 0.0
        best = min(costs[0] for costs in self._seen.values() if costs)
        self._queue = [
            each
            for each in self._queue
            if not self._seen[each] or self._seen[each][0] <= HOPELESS * best
        ]
        if not self._queue:
            self._decide()

    def _decide(self) -> None:
        found = {threads: median(costs) for threads, costs in self._seen.items()}
        self._costs.update(found)
        best = min(found, key=found.__getitem__)
        if best != self.kept and found[best] < GAIN * found.get(self.kept, float("inf")):
            self.kept, self._pause = best, FIRST_LOOK_S
        else:
            self._pause = min(2 * self._pause, LONGEST_LOOK_S)

    def _watch(self, seconds: float) -> None:
        """Look again when it is time, or when the steps have become slow."""
        self._since += seconds
        if self._seconds < SLICE_S:
            return
        slow = self._seconds / self._steps > SURPRISE * self._costs[min(self.kept, self._limited)]
        self._steps, self._seconds = 0, 0.0
        if self._since >= self._pause or (slow and self._since >= SHORTEST_LOOK_S):
            self._begin()
