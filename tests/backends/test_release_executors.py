"""Synapses that tire: compiled against the reference, whatever the layout, threads and cuts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from executors import (
    COMPILED,
    ONE_EACH,
    check_checkpoint,
    check_cuts,
    check_reference,
    check_refusals,
    check_threads,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plastic_networks import releasing, rule, tiring
from small_networks import delta_lif, lif_constants

from engine.backends.registry import make_executor
from engine.errors import BackendError
from engine.runtime.plan import (
    Connections,
    Executor,
    NetworkPlan,
    PopulationPlan,
    ProjectionPlan,
    ReleasePlan,
    SourcePlan,
)


@pytest.mark.parametrize("make", COMPILED, indirect=True)
@pytest.mark.parametrize("seed", [1, 2])
def test_spikes_are_those_of_the_reference(make, seed: int) -> None:
    plan = releasing(seed)
    without = [replace(each, release=None) for each in plan.projections]
    check_reference(make, plan, replace(plan, projections=without))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 1000),
    maker=st.sampled_from(COMPILED),
    cuts=st.lists(st.integers(1, 60), max_size=6),
)
def test_releases_depend_on_no_thread_block_or_cut(seed: int, maker: str, cuts: list[int]) -> None:
    check_cuts(maker, releasing(seed), cuts)


def test_threads_may_come_and_go_between_calls() -> None:
    check_threads(releasing())


def test_a_checkpoint_goes_on_exactly(make) -> None:
    check_checkpoint(make, releasing(), 130, (60, 90))


@pytest.mark.parametrize("make", ONE_EACH, indirect=True)
def test_a_refused_checkpoint_leaves_no_trace_in_synapses_that_tire(make) -> None:
    check_refusals(make, releasing())


# -- one synapse ----------------------------------------------------------------------------------


def one_synapse(learns: ReleasePlan | None, steps: list[int], delay: int, own: bool) -> NetworkPlan:
    """A source whose spikes move a passive membrane by 1 mV."""
    step_map = delta_lif()
    constants = lif_constants(step_map, v_th=1e6, P_v=1.0, E_L=0.0)
    cell = PopulationPlan("cell", 1, step_map, constants, np.zeros((2, 1)), 0)
    senders = np.zeros(len(steps), np.uint32)
    source = SourcePlan("source", 1, "spikes", 0, steps=np.array(steps), senders=senders)
    delays = np.array([delay], np.uint16) if own else delay
    rows = Connections(1, 1, np.array([0, 1]), np.zeros(1, np.uint16), 1.0, delays)
    projection = ProjectionPlan("edge", 1, 0, 0, rows, release=learns)
    return NetworkPlan(0.1, 1, np.dtype(np.float64), [cell], [source], [projection])


def levels(executor: Executor, *parts: int) -> list[float]:
    """v after each of the parts."""
    found = []
    for part in parts:
        executor.advance(part)
        found.append(float(executor.states()[0][0, 0]))
    return found


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("delay", [1, 7, 65])
def test_a_release_arrives_exactly_its_delay_after_the_spike(make, delay: int, own: bool) -> None:
    executor = make(one_synapse(tiring(U=0.4, tau_facil=0.0), [3], delay, own))
    assert levels(executor, 3 + delay, 1) == [0.0, pytest.approx(0.4)]


def test_two_spikes_of_one_step_are_released_one_after_the_other(make) -> None:
    learns = tiring(U=0.4, tau_facil=0.0)
    assert levels(make(one_synapse(learns, [2, 2], 1, False)), 4) == [pytest.approx(0.4 + 0.24)]


def test_off_means_whole_weights_while_the_states_go_on(make) -> None:
    learns = tiring(U=0.5, tau_facil=0.0, tau_rec=1e6)
    executor = make(one_synapse(learns, [0, 10, 20], 1, False))
    expected = [pytest.approx(level, abs=1e-4) for level in (0.5, 1.5, 1.625)]
    found = levels(executor, 5)
    executor.set_plasticity(0, replace(learns, on=False))
    found += levels(executor, 10)
    executor.set_plasticity(0, learns)
    assert found + levels(executor, 10) == expected


def test_new_weights_and_numbers_act_on_spikes_from_now_on(make) -> None:
    learns = tiring(U=0.5, tau_facil=0.0, tau_rec=0.01)
    executor = make(one_synapse(learns, [0, 4], 9, False))
    executor.advance(3)
    executor.set_weight(0, 10.0)
    executor.set_plasticity(0, tiring(U=0.25, tau_facil=0.0, tau_rec=0.01))
    assert levels(executor, 8, 8) == [pytest.approx(0.5), pytest.approx(0.5 + 2.5)]


# -- what cannot be -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"connections": None, "one_to_one": True}, "given as connections"),
        ({"plasticity": rule("stdp")}, "one of the two rules"),
    ],
)
def test_a_projection_that_cannot_tire_is_refused(changes, said: str) -> None:
    plan = one_synapse(tiring(), [0], 1, False)
    plan.projections[0] = replace(plan.projections[0], **changes)
    with pytest.raises(BackendError, match=said):
        make_executor(plan)


def test_a_current_cannot_tire_a_synapse() -> None:
    plan = one_synapse(tiring(), [0], 1, False)
    plan.sources[0] = replace(plan.sources[0], kind="current")
    with pytest.raises(BackendError, match="no spikes to release at"):
        make_executor(plan)
