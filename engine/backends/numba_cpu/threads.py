"""How many threads a network on the CPU may have at most, and with how many it begins."""

from __future__ import annotations

import time
from functools import cache

import numpy as np

from engine.backends.numba_cpu.executor import NumbaExecutor, divisible
from engine.backends.numba_cpu.network import LONGEST_BLOCK
from engine.backends.thread_choice import ThreadChoice, candidates
from engine.backends.workload import step_cost
from engine.cores import allowed_cores
from engine.errors import BackendError
from engine.runtime.plan import NetworkPlan

MOST = 32  # threads of one network: rows of synapses are cut into as many parts
LEAST_NS = 1000.0  # work between two meetings below which no second thread can pay
MEETINGS = 400  # of a measurement, less than a millisecond
MEASUREMENTS = 3


def chosen(plan: NetworkPlan) -> NumbaExecutor:
    """An executor that finds out by itself with how many threads ``plan`` goes fastest."""
    most = min(allowed_cores(), MOST)
    if most == 1 or not divisible(plan) or step_cost(plan) * LONGEST_BLOCK < LEAST_NS:
        return NumbaExecutor(plan)
    executor = NumbaExecutor(plan, most)
    work = step_cost(plan) * executor.block
    if work < LEAST_NS:
        return NumbaExecutor(plan)
    meeting = meeting_ns(np.dtype(plan.dtype).name)
    gain = {threads: work / threads + meeting * (threads > 1) for threads in candidates(most)}
    executor.choice = ThreadChoice(most, min(gain, key=gain.__getitem__))
    return executor


def fixed(plan: NetworkPlan, threads: int | str) -> NumbaExecutor:
    """An executor with this number of threads; raises BackendError if it is not one."""
    if isinstance(threads, str) or threads < 1:
        raise BackendError(f'{threads} threads cannot run a network; ask for at least 1, or "auto"')
    return NumbaExecutor(plan, threads)


@cache
def meeting_ns(dtype: str = "float32") -> float:
    """Nanoseconds that a meeting of two threads takes here, measured once in a process.

    A network without neurons does nothing but meet, once a block of `LONGEST_BLOCK` steps.  Any
    ``dtype`` gives the same: that of the network that asks has its driver compiled already.
    """
    executor = NumbaExecutor(NetworkPlan(0.1, 0, np.dtype(dtype), []), 2)
    found: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(MEASUREMENTS + 1):  # the first one starts the thread
        for threads, seconds in found.items():
            executor.limit_threads(threads)
            began = time.perf_counter()
            executor.advance(MEETINGS * LONGEST_BLOCK)
            seconds.append((time.perf_counter() - began) / MEETINGS)
    executor.close()
    return max(0.0, 1e9 * (min(found[2]) - min(found[1])))
