"""What arrives may be added to a state after the step: same spikes, same samples, fewer rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from executors import MAKERS
from plastic_networks import LEARNING, learning
from small_networks import current_lif, delta_lif, lif_constants, one_of_everything

from engine.backends.numba_cpu.late import kernel_map, late_rows
from engine.backends.numba_cpu.printer import kernel_source
from engine.backends.registry import make_executor
from engine.runtime.plan import Chunk, Executor, MonitorPlan, NetworkPlan

STEPS = 400
COMPILED = ["numba", "numba, 2 threads", "numba, 3 threads"]


def stepwise(plan: NetworkPlan) -> NetworkPlan:
    """The plan with populations that take one step at a time."""
    return replace(plan, populations=[replace(p, stepwise=True) for p in plan.populations])


def everything() -> NetworkPlan:
    """One of everything, with the states of late ports watched in every step and now and then."""
    plan = stepwise(one_of_everything())
    watched = [MonitorPlan(place, row, 1, "state") for place in (0, 1) for row in (1, 2)]
    return replace(plan, monitors=[*plan.monitors, *watched])


def same(mine: Chunk, theirs: Chunk) -> None:
    for emitter, (steps, senders) in theirs.spikes.items():
        np.testing.assert_array_equal(mine.spikes[emitter][0], steps)
        np.testing.assert_array_equal(mine.spikes[emitter][1], senders)
    for kept, expected in zip(mine.monitors, theirs.monitors, strict=True):
        np.testing.assert_allclose(kept, expected, rtol=1e-10, atol=1e-9)


@pytest.fixture(scope="module")
def truth() -> Chunk:
    """The reference's account, which adds up what arrives first."""
    return MAKERS["torch"](everything()).advance(STEPS)


def test_only_a_port_that_adds_to_a_state_of_a_stepwise_population_is_late() -> None:
    exc, _, some = everything().populations
    assert (exc.step_map, some.step_map) == (current_lif(), delta_lif())
    assert late_rows(exc) == {0: 1, 1: 2}
    assert late_rows(some) == {}
    assert late_rows(replace(exc, stepwise=False)) == {}


def test_the_kernel_neither_reads_nor_clears_rows_of_late_ports() -> None:
    exc = everything().populations[0]
    late, usual = (
        kernel_source(kernel_map(each), np.dtype("float32"), ())
        for each in (exc, replace(exc, stepwise=False))
    )
    for row in ("D0", "D1"):
        assert f"_row({row}," in usual
        assert f"_row({row}," not in late
    assert "_row(D2," in late


@pytest.mark.parametrize("make", COMPILED, indirect=True)
def test_spikes_and_samples_are_those_of_the_reference(make, truth: Chunk) -> None:
    same(make(everything()).advance(STEPS), truth)


def test_sums_round_alike_for_any_threads_and_cuts() -> None:
    whole = make_executor(everything()).advance(200)
    other = make_executor(everything(), threads=3)
    parts = [other.advance(steps) for steps in (9, 1, 190)]
    for place, kept in enumerate(whole.monitors):
        again = np.concatenate([part.monitors[place] for part in parts])
        np.testing.assert_array_equal(again, kept)


def test_monitors_change_no_spike(truth: Chunk) -> None:
    chunk = make_executor(replace(everything(), monitors=[])).advance(STEPS)
    for population in range(3):
        np.testing.assert_array_equal(chunk.spikes[population][1], truth.spikes[population][1])


@pytest.mark.parametrize("make", COMPILED, indirect=True)
def test_spikes_on_their_way_keep_their_weight(make) -> None:
    plan = everything()
    mine, theirs = make(plan), MAKERS["torch"](plan)

    def changed(executor: Executor) -> Chunk:
        executor.advance(101)
        executor.set_constants(0, lif_constants(current_lif(), E_L=-46.0))
        executor.set_weight(0, 1.0)
        executor.set_weight(10, np.linspace(0.0, 9.0, 150))
        return executor.advance(200)

    same(changed(mine), changed(theirs))


def test_a_checkpoint_goes_on_exactly_with_other_threads() -> None:
    one, two = make_executor(everything()), make_executor(everything(), threads=2)
    one.advance(137)
    two.restore(one.checkpoint())
    expected, chunk = one.advance(150), two.advance(150)
    same(chunk, expected)
    for kept, same_kept in zip(chunk.monitors, expected.monitors, strict=True):
        if kept.ndim == 2:
            np.testing.assert_array_equal(kept, same_kept)


@pytest.mark.parametrize("make", COMPILED, indirect=True)
def test_synapses_that_learn_may_end_at_late_ports(make) -> None:
    plan = stepwise(learning())
    mine, theirs = make(plan), MAKERS["torch"](plan)
    same(mine.advance(300), theirs.advance(300))
    for place in LEARNING:
        np.testing.assert_array_equal(mine.weights(place), theirs.weights(place))
