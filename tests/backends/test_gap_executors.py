"""Gap junctions: compiled against the reference, whatever the layout, threads and cuts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from executors import (
    COMPILED,
    NO_COMPILER,
    check_checkpoint,
    check_cuts,
    check_reference,
    check_threads,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plastic_networks import rule, tiring
from small_networks import one_of_everything, random_connections

from engine.backends.registry import make_executor
from engine.errors import BackendError
from engine.runtime.plan import NetworkPlan, ProjectionPlan

HELD = 2  # the port at which a current is held


def joined(seed: int = 1, dtype: str = "float64") -> NetworkPlan:
    """One of everything, with junctions within and between populations besides."""
    plan = one_of_everything(seed, dtype)
    rng = np.random.default_rng(seed)
    for source, target, weight, index in (
        (0, 0, 0.5, np.uint16),
        (0, 2, (0.1, 1.0), np.uint32),
        (2, 0, (0.1, 1.0), np.uint16),
        (1, 2, 0.3, np.uint16),
    ):
        sizes = (plan.populations[end].size for end in (source, target))
        rows = random_connections(rng, *sizes, 0.1, weight, 1, index)
        name = f"{source}-{target}"
        plan.projections.append(ProjectionPlan(name, source, target, HELD, rows, gap=True))
    return plan


@pytest.mark.parametrize("make", COMPILED, indirect=True)
@pytest.mark.parametrize("seed", [1, 2])
def test_spikes_are_those_of_the_reference(make, seed: int) -> None:
    plan = joined(seed)
    without = [each for each in plan.projections if not each.gap]
    check_reference(make, plan, replace(plan, projections=without))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 1000),
    maker=st.sampled_from(COMPILED),
    cuts=st.lists(st.integers(1, 60), max_size=6),
)
def test_junctions_depend_on_no_thread_or_cut(seed: int, maker: str, cuts: list[int]) -> None:
    check_cuts(maker, joined(seed), cuts)


def test_threads_may_come_and_go_between_calls() -> None:
    check_threads(joined(dtype="float32"))


def test_a_checkpoint_goes_on_exactly(make) -> None:
    check_checkpoint(make, joined(), 61, (37, 63))


def test_a_current_that_flows_in_flows_out_elsewhere(make) -> None:
    """Two neurons that nothing else moves keep the sum of their potentials."""
    plan = joined()
    one = plan.populations[2]
    step_map = one.step_map
    constants = one.constants | {"P_v": 1.0, "E_L": 0.0, "v_th": 1e6, "v_reset": 0.0, "P_I": 0.02}
    state = np.array([[-3.0, 9.0, 4.0], [0.0, 0.0, 0.0]])
    pairs = np.array([[0.0, 2.0, 0.0], [2.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    rows = random_connections(np.random.default_rng(1), 3, 3, 1.0, (0.0, 1.0), 1)
    rows.weight = pairs.reshape(-1)
    cells = replace(one, size=3, constants=constants, state=state, step_map=step_map)
    edge = ProjectionPlan("edge", 0, 0, HELD, rows, gap=True)
    executor = make(replace(plan, populations=[cells], sources=[], projections=[edge], monitors=[],
                            record_sources=()))  # fmt: skip
    executor.advance(1)
    expected = state[0] + 0.02 * (pairs * (state[0] - state[0][:, None])).sum(1)
    np.testing.assert_allclose(executor.states()[0][0], expected, atol=1e-13)
    executor.advance(2000)
    np.testing.assert_allclose(executor.states()[0][0], state[0].mean(), atol=1e-9)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"source": 3}, "has no membrane to join"),
        ({"plasticity": rule("stdp")}, "gap junctions need connections, and no rule"),
        ({"release": tiring()}, "gap junctions need connections, and no rule"),
        ({"delay": 4}, "act at once"),
    ],
)
@pytest.mark.parametrize("backend", ["numba_cpu", "cuda_shim"])
def test_what_cannot_be_joined_is_refused(changes, said: str, backend: str) -> None:
    if backend == "cuda_shim" and NO_COMPILER:
        pytest.skip(NO_COMPILER)
    plan = joined()
    last, changes = plan.projections[-4], dict(changes)
    rows = replace(last.connections, delay=changes.pop("delay", 1))
    if "source" in changes:
        rows = replace(rows, sources=plan.sources[0].size)
    plan.projections[-4] = replace(last, connections=rows, **changes)
    with pytest.raises(BackendError, match=said):
        make_executor(plan, backend=backend)
