"""The compute threads: turns are fair, waiting costs nothing, one failure touches no other job."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from workbench.live import compute
from workbench.live.compute import ComputePool


class Work:
    """A job that notes its slices; ``answer`` gives what each returns."""

    def __init__(self, answer: Callable[[int], float | None], seconds: float = 0.0) -> None:
        self.answer, self.seconds = answer, seconds
        self.slices: list[float] = []
        self.error: BaseException | None = None
        self.inside = 0
        self.overlapped = False

    def slice(self, seconds: float) -> float | None:
        self.inside += 1
        self.overlapped |= self.inside > 1
        self.slices.append(time.monotonic())
        time.sleep(self.seconds)
        self.inside -= 1
        return self.answer(len(self.slices))

    def crashed(self, error: BaseException) -> None:
        self.error = error


@pytest.fixture
def pool() -> Iterator[ComputePool]:
    made = ComputePool(2, "test", idle=0.2)
    yield made
    assert made.shutdown()


def until(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.002)
    return condition()


def test_a_job_runs_until_it_says_there_is_no_more(pool: ComputePool) -> None:
    job = Work(lambda n: None if n == 5 else 0.0)
    assert pool.submit(job).wait(5.0)
    assert len(job.slices) == 5


def test_jobs_take_turns() -> None:
    pool = ComputePool(1, "turns")
    jobs = [Work(lambda n: 0.0 if n < 400 else None, 0.0005) for _ in range(4)]
    tickets = [pool.submit(job) for job in jobs]
    assert until(lambda: sum(len(job.slices) for job in jobs) >= 100)
    counts = [len(job.slices) for job in jobs]
    assert max(counts) - min(counts) <= 1 + max(counts) // 20
    assert all(ticket.wait(10.0) for ticket in tickets)
    assert pool.shutdown()


def test_a_job_is_never_in_two_threads_at_once(pool: ComputePool) -> None:
    job = Work(lambda n: 0.0 if n < 200 else None, 0.0002)
    ticket = pool.submit(job)
    while not ticket.done:
        ticket.wake()
    assert not job.overlapped


def test_a_parked_job_rests_until_it_is_woken(pool: ComputePool) -> None:
    job = Work(lambda n: math.inf if n == 1 else None)
    ticket = pool.submit(job)
    assert until(lambda: len(job.slices) == 1)
    assert not ticket.wait(0.05)
    ticket.wake()
    assert ticket.wait(2.0)


def test_a_wake_during_a_slice_is_not_lost(pool: ComputePool) -> None:
    began, go_on = threading.Event(), threading.Event()

    class Slow(Work):
        def slice(self, seconds: float) -> float | None:
            began.set()
            go_on.wait(2.0)
            return super().slice(seconds)

    job = Slow(lambda n: math.inf if n == 1 else None)
    ticket = pool.submit(job)
    assert began.wait(2.0)
    ticket.wake()
    go_on.set()
    assert ticket.wait(2.0)


def test_a_delay_is_kept_and_a_wake_cuts_it_short(pool: ComputePool) -> None:
    delayed = Work(lambda n: 0.05 if n == 1 else None)
    assert pool.submit(delayed).wait(2.0)
    assert delayed.slices[1] - delayed.slices[0] >= 0.05
    impatient = Work(lambda n: 30.0 if n == 1 else None)
    ticket = pool.submit(impatient)
    assert until(lambda: len(impatient.slices) == 1)
    ticket.wake()
    assert ticket.wait(2.0)


def test_a_stale_sleep_does_not_queue_a_job_twice(pool: ComputePool) -> None:
    job = Work(lambda n: [0.03, 0.3, None][min(n, 3) - 1])
    ticket = pool.submit(job)
    assert until(lambda: len(job.slices) == 1)
    ticket.wake()
    assert until(lambda: len(job.slices) == 2)
    time.sleep(0.06)  # the first sleep would be over now
    assert len(job.slices) == 2
    assert ticket.wait(2.0)


def test_a_crash_ends_one_job_and_no_other(pool: ComputePool) -> None:
    def explode(n: int) -> float:
        raise ArithmeticError("a bug")

    broken, sound = Work(explode), Work(lambda n: 0.0 if n < 50 else None, 0.001)
    other = pool.submit(sound)
    assert pool.submit(broken).wait(2.0)
    assert isinstance(broken.error, ArithmeticError)
    assert other.wait(5.0)
    assert len(sound.slices) == 50
    assert sound.error is None


def test_threads_end_when_idle_and_start_again(pool: ComputePool) -> None:
    assert pool.submit(Work(lambda n: None)).wait(2.0)
    assert until(lambda: pool.alive == 0, 2.0)
    assert pool.submit(Work(lambda n: None)).wait(2.0)


def test_shutdown_stops_running_jobs_and_refuses_new_ones() -> None:
    pool = ComputePool(2, "shutdown")
    jobs = [Work(lambda n: 0.0, 0.001) for _ in range(5)]
    tickets = [pool.submit(job) for job in jobs]
    assert until(lambda: all(job.slices for job in jobs))
    assert pool.shutdown()
    assert all(ticket.wait(0.1) for ticket in tickets)
    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(Work(lambda n: None))


def test_cores_are_shared_among_the_jobs_that_are_not_parked(
    pool: ComputePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compute, "allowed_cores", lambda: 4)
    assert pool.share == 4
    first, second = (pool.submit(Work(lambda n: 0.01)) for _ in range(2))
    parked = Work(lambda n: math.inf)
    pool.submit(parked)
    assert until(lambda: bool(parked.slices) and pool.share == 2)
    assert not first.done
    assert not second.done
    for _ in range(4):
        pool.submit(Work(lambda n: 0.01))
    assert pool.share == 1
