"""Work cut into pieces: shared between threads, with progress, and ended when the user asks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from engine.cores import allowed_cores
from engine.errors import RunStopped

Progress = Callable[[float], None]
Cancel = Callable[[], bool]
Lane = Sequence[tuple[Any, ...]]  # arguments of calls that one thread makes in this order

PIECE = 1_000_000  # synapses between two looks at progress and cancel
SHARE = 500_000  # synapses below which another thread is not worth its start
LOOK = 0.05  # s between two looks while threads work


def building_threads(asked: int | str) -> int:
    """Threads to connect with: as many as a run is to have, or all where the program may choose."""
    return asked if isinstance(asked, int) else allowed_cores()


class Work:
    """What connecting one edge takes: passes of compiled calls that release the GIL."""

    def __init__(
        self, edge: str, progress: Progress | None, cancel: Cancel | None, threads: int, passes: int
    ) -> None:
        """``passes``: how often `run` will be called, for progress; ``threads``: at most so many"""
        self.edge, self.progress, self.cancel = edge, progress, cancel
        self.threads, self.passes = max(1, min(threads, allowed_cores())), passes
        self._passed, self._done = 0, 0
        self._stopped = threading.Event()

    def lanes(self, synapses: float) -> int:
        """How many threads so many synapses are worth."""
        return max(1, min(self.threads, int(synapses / SHARE)))

    def rows(self, act: Callable[..., Any], rows: int, cost: float, *arguments: Any) -> list[Any]:
        """Call ``act(first, last, *arguments)`` for ranges that cover ``rows``, in any order.

        ``cost`` is what a row takes, in synapses.  Returns the results by range, in order.
        """
        tasks = [(*span, *arguments) for span in spans(0, rows, PIECE / max(cost, 1.0))]
        count = self.lanes(rows * cost)
        results = self.run(act, [tasks[lane::count] for lane in range(count)])
        return [results[k % count][k // count] for k in range(len(tasks))]

    def run(self, act: Callable[..., Any], lanes: Sequence[Lane]) -> list[list[Any]]:
        """Call ``act`` with all arguments of all lanes, each lane on a thread; the results.

        Raises RunStopped, when every thread has come to rest, if the user wants to stop.
        """
        total = max(1, sum(len(lane) for lane in lanes))
        self._done = 0
        if len(lanes) == 1:
            found = [list(self._in_turn(act, lanes[0], total))]
        else:
            with ThreadPoolExecutor(len(lanes), thread_name_prefix="workbench-build") as pool:
                found = self._together(pool, act, lanes, total)
        self._passed += 1
        self._look(0.0)
        return found

    def _in_turn(self, act: Callable[..., Any], lane: Lane, total: int) -> Iterator[Any]:
        for arguments in lane:
            self._look(self._done / total)
            yield act(*arguments)
            self._done += 1

    def _together(
        self, pool: ThreadPoolExecutor, act: Callable[..., Any], lanes: Sequence[Lane], total: int
    ) -> list[list[Any]]:
        futures: list[Future[list[Any]]] = [pool.submit(self._lane, act, lane) for lane in lanes]
        waiting = set(futures)
        try:
            while waiting:
                self._look(min(1.0, self._done / total))
                waiting = wait(waiting, timeout=LOOK).not_done
            return [future.result() for future in futures]
        except BaseException:
            self._stopped.set()
            raise

    def _lane(self, act: Callable[..., Any], lane: Lane) -> list[Any]:
        found = []
        for arguments in lane:
            if self._stopped.is_set():
                break
            found.append(act(*arguments))
            self._done += 1  # a count lost between threads costs a little smoothness, no more
        return found

    def _look(self, share: float) -> None:
        """Say that ``share`` of this pass is done; stop if the user wants to."""
        if self.cancel is not None and self.cancel():
            raise RunStopped(
                f'building was cancelled while connecting "{self.edge}"; nothing was kept'
            )
        if self.progress is not None:
            self.progress(min(1.0, (self._passed + share) / max(1, self.passes)))


def spans(first: int, last: int, size: float) -> list[tuple[int, int]]:
    """Ranges of at most ``size`` (at least 1) that cover [first, last)."""
    step = max(1, int(size))
    return [(begin, min(begin + step, last)) for begin in range(first, last, step)]
