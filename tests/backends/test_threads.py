"""Threads of the compiled executor: they change no spike, come and go, and never hang."""

from __future__ import annotations

import gc
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_networks import one_of_everything

from engine.backends.numba_cpu.executor import NumbaExecutor
from engine.backends.numba_cpu.meeting import COLUMNS, ORDER, PARKED
from engine.backends.numba_cpu.threads import chosen, meeting_ns
from engine.backends.registry import make_executor
from engine.backends.thread_choice import ThreadChoice
from engine.errors import BackendError
from engine.runtime.plan import Chunk, NetworkPlan

STEPS = 300


def spikes_of(chunks: list[Chunk]) -> dict[int, tuple[list[int], list[int]]]:
    """Steps and senders of every emitter over all chunks."""
    return {
        emitter: tuple(
            np.concatenate([chunk.spikes[emitter][part] for chunk in chunks]).tolist()
            for part in (0, 1)
        )
        for emitter in chunks[0].spikes
    }


@pytest.fixture(scope="module", params=["float64", "float32"])
def plan_and_truth(request: pytest.FixtureRequest):
    plan = one_of_everything(dtype=request.param)
    return plan, spikes_of([NumbaExecutor(plan).advance(STEPS)])


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    calls=st.lists(st.tuples(st.integers(1, 4), st.sampled_from([1, 3, 7, 90])), min_size=4),
    parts=st.sampled_from([2, 3, 4]),
)
def test_threads_may_change_between_any_two_calls(plan_and_truth, calls, parts: int) -> None:
    plan, truth = plan_and_truth
    executor, chunks = NumbaExecutor(plan, parts), []
    for threads, steps in calls:
        executor.limit_threads(threads)
        steps = min(steps, STEPS - executor.step)
        if steps:
            chunks.append(executor.advance(steps))
            assert executor.threads == min(threads, parts)
    if executor.step < STEPS:
        chunks.append(executor.advance(STEPS - executor.step))
    executor.close()
    assert spikes_of(chunks) == truth


@pytest.mark.parametrize("call", [1, 13, STEPS])
def test_auto_gives_the_same_spikes_while_it_tries(plan_and_truth, call: int) -> None:
    plan, truth = plan_and_truth
    executor = NumbaExecutor(plan, 2)
    executor.choice = ThreadChoice(2)
    chunks, used = [], set()
    while executor.step < STEPS:
        chunks.append(executor.advance(min(call, STEPS - executor.step)))
        used.add(executor.threads)
    executor.close()
    assert spikes_of(chunks) == truth
    assert executor.choice.costs.keys() >= used


def test_a_checkpoint_goes_from_three_threads_to_auto(plan_and_truth) -> None:
    plan, truth = plan_and_truth
    first, second = NumbaExecutor(plan, 3), make_executor(plan, threads="auto")
    chunks = [first.advance(100)]
    second.restore(first.checkpoint())
    chunks.append(second.advance(STEPS - 100))
    assert spikes_of(chunks) == truth


def test_networks_run_side_by_side_in_threads_of_python(plan_and_truth) -> None:
    plan, truth = plan_and_truth

    def spikes(threads: int):
        executor = NumbaExecutor(plan, threads)
        return spikes_of([executor.advance(10) for _ in range(STEPS // 10)])

    with ThreadPoolExecutor(4) as pool:
        assert all(found == truth for found in pool.map(spikes, [1, 2, 1, 2, 3, 1]))


@pytest.mark.parametrize("threads", [2, 3])
def test_a_thread_that_is_done_while_its_caller_is_held_up_is_not_told_again(
    plan_and_truth, threads: int
) -> None:
    # Told twice, it would do the work of the next order under the name of this one, and again.
    plan, truth = plan_and_truth
    executor, woken = NumbaExecutor(plan, threads), []
    team = executor._team
    wake = team._wake

    def slowly(thread: int) -> None:
        woken.append((team._order, thread))
        assert len(set(woken)) == len(woken), "woken twice for one order"
        wake(thread)
        time.sleep(0.05)  # the caller has no processor, or waits for Python's lock

    team._wake = slowly
    chunks = [executor.advance(10) for _ in range(STEPS // 10)]
    executor.close()
    assert spikes_of(chunks) == truth
    assert (1, 1) in woken


def network_threads() -> int:
    return sum(thread.name.startswith("workbench-network") for thread in threading.enumerate())


def until_no_more_than(count: int) -> bool:
    end = time.monotonic() + 10.0
    while network_threads() > count and time.monotonic() < end:
        time.sleep(0.01)
    return network_threads() <= count


def test_threads_end_with_close_and_with_the_last_reference() -> None:
    gc.collect()
    before = network_threads()
    closed, dropped = NumbaExecutor(one_of_everything(), 3), NumbaExecutor(one_of_everything(), 2)
    closed.advance(5)
    dropped.advance(5)
    assert network_threads() > before
    closed.close()
    del dropped
    gc.collect()
    assert until_no_more_than(before)
    with pytest.raises(BackendError, match="the network is closed; build it again"):
        closed.advance(1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_network_runs_on_with_threads_of_its_own(plan_and_truth) -> None:
    plan, truth = plan_and_truth
    executor = NumbaExecutor(plan, 2)
    chunks = [executor.advance(100)]
    child = os.fork()
    if child == 0:
        chunks.append(executor.advance(STEPS - 100))
        os._exit(0 if spikes_of(chunks) == truth else 1)
    assert os.waitpid(child, 0)[1] == 0
    chunks.append(executor.advance(STEPS - 100))
    assert spikes_of(chunks) == truth


def test_a_thread_that_does_not_come_is_an_error_and_no_hang() -> None:
    executor = NumbaExecutor(one_of_everything(), 2)
    executor.advance(5)
    order = executor._team._desk.cells[COLUMNS + ORDER]
    end = time.monotonic() + 10.0
    while order[0] != PARKED and time.monotonic() < end:
        time.sleep(0.01)  # until the second thread has gone to sleep at its door
    executor._layout.network[0]["patience"] = 100
    order[0] = 0  # says that it is awake, so nobody wakes it
    with pytest.raises(BackendError, match="did not come back within half a minute"):
        executor.advance(5)


def test_two_callers_at_once_are_refused() -> None:
    executor = NumbaExecutor(one_of_everything())
    executor._busy = True
    with pytest.raises(BackendError, match="is being advanced already"):
        executor.advance(1)


def test_small_networks_get_no_second_thread_by_auto() -> None:
    assert chosen(NetworkPlan(0.1, 0, np.dtype(np.float64), [])).parts == 1


def test_a_meeting_takes_time_and_is_measured_once() -> None:
    assert 0.0 <= meeting_ns() < 1e9
    assert meeting_ns() == meeting_ns()
