"""Dense projections: counting spikes by bits and rows without an index give what adding gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_networks import DT, current_lif, lif_constants

from engine.backends.numba_cpu import bits, counting, dense_layout
from engine.backends.numba_cpu import layout as tables
from engine.backends.numba_cpu.dense import LEAST_DENSITY, form
from engine.backends.registry import make_executor
from engine.runtime.plan import (
    Connections,
    Executor,
    NetworkPlan,
    PopulationPlan,
    ProjectionPlan,
    SourcePlan,
)

SOURCES = 90
STEPS = 40


def connections(kind: str, targets: int, weight: float | str) -> Connections:
    """``kind`` "dense", "with multapses", "full" or "without self"; random weights if "random"."""
    rng = np.random.default_rng(targets)
    sources = targets if kind == "without self" else SOURCES
    pairs = np.ones((sources, targets), int)
    if kind == "without self":
        np.fill_diagonal(pairs, 0)
    elif kind == "dense":
        pairs = rng.random(pairs.shape) < 0.3
    elif kind == "with multapses":
        pairs = rng.poisson(0.2, pairs.shape)
    elif kind == "with a pair 40 times":
        pairs = (rng.random(pairs.shape) < 0.5).astype(int)
        pairs[:3, -1] = 40
    source, target = np.nonzero(pairs)
    often = pairs[source, target].astype(int)
    row = np.concatenate([[0], np.cumsum(pairs.sum(1))]).astype(np.int64)
    target = np.repeat(target, often).astype(np.uint16)
    weights = rng.uniform(-1.0, 2.0, target.size) if weight == "random" else weight
    return Connections(sources, targets, row, target, weights, 3)


def plan(connected: Connections, dtype: str = "float64") -> NetworkPlan:
    """A source that emits none, few, many and repeated spikes a step, onto silent neurons."""
    rng = np.random.default_rng(1)
    volleys = [rng.integers(0, connected.sources, n) for n in (0, 1, 2, 7, 8, 62, 63, 64, 150, 300)]
    steps = np.repeat(np.arange(len(volleys)), [len(volley) for volley in volleys])
    senders = np.concatenate(volleys).astype(np.uint32)
    source = SourcePlan("s", connected.sources, "spikes", 1, steps=steps, senders=senders)
    step_map = current_lif()
    state = np.zeros((len(step_map.states), connected.targets), dtype)
    constants = lif_constants(step_map, v_th=1e9)
    population = PopulationPlan("p", connected.targets, step_map, constants, state, 1)
    projection = ProjectionPlan("s-p", 1, 0, 0, connected)
    return NetworkPlan(DT, 1, np.dtype(dtype), [population], [source], [projection])


def states(executor: Executor, parts: list[int]) -> np.ndarray:
    for part in parts:
        executor.advance(part)
    return np.array(executor.states()[0])


@pytest.mark.parametrize("targets", [2, 64, 130, 700])
@pytest.mark.parametrize("kind", ["dense", "with multapses", "full", "without self"])
@pytest.mark.parametrize("weight", [0.1, "random"], ids=["one weight", "a weight each"])
def test_a_dense_projection_is_that_of_the_reference(kind, weight, targets) -> None:
    connected = connections(kind, targets, weight)
    made = plan(connected)
    expected = states(make_executor(made, backend="torch_reference"), [STEPS])
    one = states(make_executor(made), [STEPS])
    np.testing.assert_allclose(one, expected, rtol=1e-12, atol=1e-13)
    # Not a bit depends on threads or on how the time is cut.
    for threads in (2, 3):
        other = states(make_executor(made, threads=threads), [1, 4, STEPS - 5])
        np.testing.assert_array_equal(other, one)


@pytest.mark.parametrize("targets", [200, 65300])
def test_pairs_of_very_many_synapses_and_targets_that_need_32_bits(targets) -> None:
    kind = "with a pair 40 times" if targets == 200 else "with multapses"
    made = plan(connections(kind, targets, 0.1))
    expected = states(make_executor(made, backend="torch_reference"), [STEPS])
    for threads in (1, 2):
        mine = states(make_executor(made, threads=threads), [STEPS])
        np.testing.assert_allclose(mine, expected, rtol=1e-12, atol=1e-13)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(0, 2**32 - 1), st.booleans())
def test_as_many_spikes_as_are_counted_together_fit_a_byte(often: int, seed: int, once) -> None:
    rng = np.random.default_rng(seed)
    beside = rng.poisson(rng.uniform(0, 0.3), (150, 60))  # synapses beyond the first of a pair
    beside[rng.integers(0, 150, 5), rng.integers(0, 60, 5)] += often
    beside[:, 7] += rng.integers(0, 3)
    rest = np.concatenate([np.repeat(np.arange(60), row) for row in beside]).astype(np.uint16)
    most = dense_layout.most_spikes(rest, 60, once)
    assert most <= counting.MOST
    worst = np.sort(beside, 0)[::-1][:most].sum(0) if once else beside.max(0) * most
    assert worst.max() + most <= 255


def test_the_form_is_chosen_by_weights_and_density() -> None:
    assert form(connections("dense", 200, 0.1), 0.1) == tables.LIST_COUNTS
    assert form(connections("dense", 200, "random"), np.ones(3)) == tables.LIST_ROWS
    assert form(connections("full", 200, "random"), np.ones(3)) == tables.LIST_FULL
    assert form(connections("without self", 200, "random"), np.ones(3)) == tables.LIST_FULL
    sparse = connections("dense", 200, 0.1)
    sparse = replace(sparse, targets=int(200 / LEAST_DENSITY))
    assert form(sparse, 0.1) == tables.LIST_ROWS


def test_rows_of_the_right_length_but_with_a_pair_twice_are_not_full() -> None:
    connected = connections("full", 100, "random")
    twice = connected.target.copy()
    twice[7] = twice[6]
    assert form(replace(connected, target=twice), connected.weight) == tables.LIST_ROWS


def test_weights_may_become_one_and_many_while_the_network_runs() -> None:
    made = plan(connections("full", 100, 0.1))
    many = np.random.default_rng(2).uniform(0.0, 1.0, made.projections[0].connections.synapses)
    results = []
    for executor in (make_executor(made), make_executor(made, backend="torch_reference")):
        executor.advance(6)
        executor.set_weight(0, many)
        executor.advance(3)
        executor.set_weight(0, 0.4)
        results.append(states(executor, [STEPS - 9]))
    np.testing.assert_allclose(results[0], results[1], rtol=1e-12, atol=1e-13)


def test_single_precision_follows_double() -> None:
    connected = connections("dense", 700, 0.5)
    mine = states(make_executor(plan(connected, "float32")), [13])
    assert mine.dtype == np.float32
    expected = states(make_executor(plan(connected), backend="torch_reference"), [13])
    np.testing.assert_allclose(mine[1], expected[1], rtol=2e-6)  # the current
    np.testing.assert_allclose(mine[0], expected[0], atol=1e-4)  # mV


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(st.integers(0, 199), max_size=60).map(sorted), min_size=1, max_size=6))
def test_bits_and_rest_are_the_synapses_again(rows: list[list[int]]) -> None:
    row = np.cumsum([0, *(len(targets) for targets in rows)]).astype(np.int64)
    target = np.array([target for targets in rows for target in targets], np.uint16)
    filled = np.zeros((len(rows), counting.BLOCK // 64), np.uint64)
    again, rest = np.zeros(len(rows) + 1, np.int64), np.zeros(len(target), np.uint16)
    used = bits.fill_bits(row, target, filled, again, rest)
    columns = np.unpackbits(filled.view(np.uint8), axis=1, bitorder="little")
    found = [
        sorted([*np.flatnonzero(columns[k]).tolist(), *rest[again[k] : again[k + 1]].tolist()])
        for k in range(len(rows))
    ]
    assert found == rows
    assert used == again[-1] == sum(len(targets) - len(set(targets)) for targets in rows)
