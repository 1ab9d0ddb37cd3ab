"""A few compute threads for all sessions: every job gets a slice of time in turn.

Kernels release the GIL, so a slice of simulation and the server's event loop run side by side.  A
job is anything with ``slice``; it is never run by two threads at once, it stands in the queue only
while it has something to do, and what it raises ends that job and no other.  Threads start with the
first job and end when nothing has been due for a while.
"""

from __future__ import annotations

import atexit
import heapq
import itertools
import logging
import math
import os
import threading
import time
from collections import deque
from functools import cache
from typing import Protocol

from engine.cores import allowed_cores

SLICE = 0.010  # s of wall time a turn: short enough to pause at once, long beside its overhead
IDLE = 10.0  # s without work after which a thread ends

log = logging.getLogger(__name__)


class Job(Protocol):
    """Work that is done a slice at a time."""

    def slice(self, seconds: float) -> float | None:
        """Work for about ``seconds``.  Return when to come again: after that many seconds (0: as
        soon as it is this job's turn, ``math.inf``: when woken), or None when there is no more."""
        ...

    def crashed(self, error: BaseException) -> None:
        """``slice`` raised: the job will not be called again."""
        ...


class Ticket:
    """The place of one job in a pool."""

    def __init__(self, pool: ComputePool, job: Job) -> None:
        self._pool, self._job = pool, job
        self._state = "parked"  # parked, queued, sleeping, working, done
        self._woken = False  # while working: come again at once
        self._due = math.inf

    @property
    def done(self) -> bool:
        """True when the job has ended."""
        return self._state == "done"

    def wake(self) -> None:
        """Give the job its next turn now, whatever it was waiting for."""
        self._pool._wake(self)

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the job has ended; False when ``timeout`` seconds were not enough."""
        return self._pool._wait(self, timeout)


class ComputePool:
    """``threads`` workers that take turns over all submitted jobs, first come, first served."""

    def __init__(self, threads: int, name: str = "compute", idle: float = IDLE) -> None:
        self.threads = threads
        self._name, self._idle = name, idle
        self._change = threading.Condition()
        self._queue: deque[Ticket] = deque()
        self._sleepers: list[tuple[float, int, Ticket]] = []
        self._order = itertools.count()
        self._workers: set[threading.Thread] = set()
        self._waiting = 0
        self._active = 0  # jobs queued, working, or sleeping until their next slice
        self._closed = False

    def submit(self, job: Job) -> Ticket:
        """Queue ``job``; it runs until its slice returns None.  RuntimeError after shutdown."""
        ticket = Ticket(self, job)
        with self._change:
            if self._closed:
                raise RuntimeError("the compute threads have been shut down")
            self._enqueue(ticket)
        return ticket

    def shutdown(self, timeout: float = 2.0) -> bool:
        """Stop after the slices now running; jobs still queued are dropped.  True when all
        threads have ended within ``timeout`` seconds."""
        with self._change:
            self._closed = True
            self._queue.clear()
            self._sleepers.clear()
            self._change.notify_all()
            workers = list(self._workers)
        end = time.monotonic() + timeout
        for worker in workers:
            worker.join(max(0.0, end - time.monotonic()))
        return not any(worker.is_alive() for worker in workers)

    @property
    def share(self) -> int:
        """Cores that one job may use: all, divided among the jobs that are not parked."""
        with self._change:
            return max(1, allowed_cores() // max(1, self._active))

    @property
    def alive(self) -> int:
        """Threads that exist now."""
        with self._change:
            return len(self._workers)

    # What follows runs with the condition held, or in a worker.

    def _enqueue(self, ticket: Ticket) -> None:
        self._active += ticket._state == "parked"
        ticket._state = "queued"
        self._queue.append(ticket)
        if self._waiting:
            self._change.notify()
        if self._waiting < len(self._queue) and len(self._workers) < self.threads:
            self._start_worker()

    def _start_worker(self) -> None:
        name = f"{self._name}-{next(self._order)}"
        worker = threading.Thread(target=self._work, name=name, daemon=True)
        self._workers.add(worker)
        worker.start()

    def _wake(self, ticket: Ticket) -> None:
        with self._change:
            if self._closed:
                return
            if ticket._state == "working":
                ticket._woken = True
            elif ticket._state in ("parked", "sleeping"):
                self._enqueue(ticket)

    def _wait(self, ticket: Ticket, timeout: float | None) -> bool:
        with self._change:
            return self._change.wait_for(lambda: ticket.done or self._closed, timeout)

    def _work(self) -> None:
        while self._turn():
            pass  # between turns nothing here holds on to a job that has ended

    def _turn(self) -> bool:
        """One slice of the job whose turn it is; False when this worker shall end."""
        ticket = self._next()
        if ticket is None:
            return False
        delay = None
        try:
            delay = ticket._job.slice(SLICE)
        except BaseException as error:
            self._report(ticket, error)
        self._put_back(ticket, delay)
        return True

    def _report(self, ticket: Ticket, error: BaseException) -> None:
        try:
            ticket._job.crashed(error)
        except Exception:
            log.exception("a job failed while it reported its failure")

    def _next(self) -> Ticket | None:
        """The ticket whose turn it is; None when this worker shall end."""
        with self._change:
            idle_since = time.monotonic()
            while not self._closed:
                now = time.monotonic()
                self._rouse(now)
                if self._queue:
                    ticket = self._queue.popleft()
                    ticket._state, ticket._woken = "working", False
                    return ticket
                if not self._sleepers and now - idle_since >= self._idle:
                    break
                due = self._sleepers[0][0] if self._sleepers else idle_since + self._idle
                self._waiting += 1
                self._change.wait(max(0.0, due - now))
                self._waiting -= 1
            self._workers.discard(threading.current_thread())
            return None

    def _rouse(self, now: float) -> None:
        """Queue sleepers that are due.  An entry whose ticket was woken since is stale."""
        while self._sleepers and self._sleepers[0][0] <= now:
            due, _, ticket = heapq.heappop(self._sleepers)
            if ticket._state == "sleeping" and ticket._due == due:
                self._enqueue(ticket)

    def _put_back(self, ticket: Ticket, delay: float | None) -> None:
        with self._change:
            if delay is None or self._closed:
                ticket._state = "done"
                self._active -= 1
                self._change.notify_all()
            elif delay <= 0 or ticket._woken:
                ticket._state = "queued"
                self._queue.append(ticket)
            elif math.isinf(delay):
                ticket._state = "parked"
                self._active -= 1
            else:
                ticket._state, ticket._due = "sleeping", time.monotonic() + delay
                heapq.heappush(self._sleepers, (ticket._due, next(self._order), ticket))


@cache
def pool() -> ComputePool:
    """The threads that simulate: one less than there are cores, for the event loop, at least 2."""
    return _registered(ComputePool(max(2, (os.cpu_count() or 2) - 1), "simulate"))


@cache
def builders() -> ComputePool:
    """The threads that build networks, apart, so that a long build delays no running session."""
    return _registered(ComputePool(2, "build"))


def _registered(made: ComputePool) -> ComputePool:
    atexit.register(made.shutdown)
    return made
