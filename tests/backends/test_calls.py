"""Short calls of the compiled executor: the lists of spikes move on, grow and lose nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_networks import delta_lif, lif_constants, one_of_everything

from engine.backends.numba_cpu import spike_lists
from engine.backends.numba_cpu.executor import NumbaExecutor
from engine.runtime.plan import (
    Chunk,
    Connections,
    NetworkPlan,
    PopulationPlan,
    ProjectionPlan,
    SourcePlan,
)

STEPS = 200
SIZE = 700


def spikes_of(chunks: list[Chunk], emitter: int) -> tuple[list[int], list[int]]:
    """Steps and senders of an emitter over all chunks."""
    parts = [np.concatenate([chunk.spikes[emitter][k] for chunk in chunks]) for k in (0, 1)]
    return parts[0].tolist(), parts[1].tolist()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    calls=st.lists(st.sampled_from([1, 2, 9, 40]), min_size=8, max_size=30),
    threads=st.sampled_from([1, 2]),
)
def test_any_cut_into_calls_gives_the_same_spikes_with_lists_that_begin_small(
    calls: list[int], threads: int
) -> None:
    plan = one_of_everything()
    truth = NumbaExecutor(plan).advance(sum(calls))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spike_lists, "FIRST_CAPACITY", 1)
        executor = NumbaExecutor(plan, threads)
        chunks = [executor.advance(steps) for steps in calls]
        executor.close()
    for emitter in truth.spikes:
        assert spikes_of(chunks, emitter) == spikes_of([truth], emitter)


def burst(steps: list[int]) -> SourcePlan:
    """A source whose members all spike in each of these steps."""
    at = np.repeat(np.array(steps, np.int64), SIZE)
    who = np.tile(np.arange(SIZE, dtype=np.uint32), len(steps))
    return SourcePlan("burst", SIZE, "spikes", 2, steps=at, senders=who)


def driven(source: SourcePlan) -> NetworkPlan:
    """Every member of ``source`` makes its own neuron spike, three steps later."""
    step_map = delta_lif()
    state = np.zeros((2, SIZE))
    state[0] = -60.0  # below the threshold
    part = PopulationPlan("n", SIZE, step_map, lif_constants(step_map), state, 1)
    one = np.arange(SIZE + 1, dtype=np.int64)
    pairs = Connections(SIZE, SIZE, one, one[:-1].astype(np.uint16), 1000.0, 3)
    wires = [ProjectionPlan("p", 1, 0, 0, pairs)]
    return NetworkPlan(0.1, 1, np.dtype(float), [part], [source], wires, record_sources=(0,))


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("call", [1, 4, 50])
def test_recorded_bursts_find_room_and_arrive(threads: int, call: int) -> None:
    steps = [0, 5, 6, 7, 90]  # those between meet refractory neurons
    executor = NumbaExecutor(driven(burst(steps)), threads)
    chunks = [executor.advance(call) for _ in range(100 // call)]
    executor.close()
    assert spikes_of(chunks, 1)[0] == [step for step in steps for _ in range(SIZE)]
    assert spikes_of(chunks, 1)[1] == list(range(SIZE)) * len(steps)
    assert set(spikes_of(chunks, 0)[0]) == {3, 93}


def test_a_source_that_is_given_more_spikes_is_given_room() -> None:
    quiet = replace(burst([]), steps=np.array([2]), senders=np.array([0], np.uint32))
    executor = NumbaExecutor(driven(quiet))
    chunks = [executor.advance(10)]
    executor.set_source(0, burst(list(range(12, 40))))
    chunks += [executor.advance(10) for _ in range(4)]
    assert spikes_of(chunks, 1)[0] == [2, *(step for step in range(12, 40) for _ in range(SIZE))]


def test_going_back_in_the_middle_of_short_calls_gives_the_same_again() -> None:
    executor = NumbaExecutor(one_of_everything())
    for _ in range(9):
        executor.advance(7)
    kept = executor.checkpoint()
    first = [executor.advance(steps) for steps in (3, 50, 1, 20)]
    executor.restore(kept)
    second = [executor.advance(steps) for steps in (20, 1, 3, 50)]
    for emitter in first[0].spikes:
        assert spikes_of(first, emitter) == spikes_of(second, emitter)


def test_threads_meet_no_oftener_than_every_other_step_where_delays_allow_it() -> None:
    wide = replace(driven(burst([])), sources=[], projections=[], record_sources=())
    executor = NumbaExecutor(wide, 2)
    assert executor.block > 1
    assert NumbaExecutor(driven(burst([1])), 2).block == 3
