"""Connections obey their rule, are sorted, and depend on nothing but seed, edge and sizes."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from engine.connectivity.build import connect
from engine.connectivity.expected import bytes_per_synapse, expected_synapses
from engine.connectivity.rules import Pattern
from engine.errors import DocumentError, RunStopped
from engine.runtime.plan import Connections

sizes = st.integers(1, 60)
seeds = st.integers(0, 2**32 - 1)


def build(kind, sources, targets, same=False, seed=1, weight=1.0, delay=1.0, **fields):
    rule = {"kind": kind, "self_connections": True, "multapses": True} | fields
    return connect(Pattern("a-b", sources, targets, same, seed), rule, weight, delay, 0.1)


def pairs_of(made: Connections) -> np.ndarray:
    source = np.repeat(np.arange(made.sources), np.diff(made.row))
    return np.column_stack([source, made.target])


def assert_sorted(made: Connections) -> None:
    delay = np.broadcast_to(made.delay, made.synapses).astype(np.int64)
    key = np.column_stack([pairs_of(made)[:, 0], delay, made.target])
    order = np.lexsort(key.T[::-1])
    np.testing.assert_array_equal(key, key[order])


@given(sizes, sizes, seeds, st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_fixed_indegree_gives_every_target_its_number_of_sources(
    sources, targets, seed, multapses, same
):
    targets = sources if same else targets
    n = sources // 2
    made = build(
        "fixed_indegree", sources, targets, same, seed,
        n=n, multapses=multapses, self_connections=not same or n == 0,
    )  # fmt: skip
    pairs = pairs_of(made)
    np.testing.assert_array_equal(np.bincount(pairs[:, 1], minlength=targets), n)
    assert multapses or len(np.unique(pairs, axis=0)) == len(pairs)
    assert not same or not (pairs[:, 0] == pairs[:, 1]).any()
    assert_sorted(made)


@given(sizes, sizes, seeds, st.integers(0, 500), st.booleans())
@settings(max_examples=60, deadline=None)
def test_fixed_total_makes_exactly_so_many(sources, targets, seed, n, same):
    targets = sources if same else targets
    made = build("fixed_total", sources, targets, same, seed, n=n,
                 self_connections=not same or sources == 1)  # fmt: skip
    assert made.synapses == n
    pairs = pairs_of(made)
    assert not same or sources == 1 or not (pairs[:, 0] == pairs[:, 1]).any()
    assert_sorted(made)


def test_fixed_total_draws_both_ends_alike_and_independently():
    made = build("fixed_total", 40, 25, n=200_000)
    counts = np.zeros((40, 25))
    np.add.at(counts, tuple(pairs_of(made).T), 1)
    assert stats.chisquare(counts.ravel()).pvalue > 1e-4
    assert stats.chi2_contingency(counts).pvalue > 1e-4
    other = build("fixed_total", 40, 25, n=200_000, seed=2)
    assert not np.array_equal(np.diff(made.row), np.diff(other.row))


@given(sizes, sizes, seeds, st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_fixed_outdegree_gives_every_source_its_number_of_targets(
    sources, targets, seed, multapses, same
):
    targets = sources if same else targets
    n = targets // 2
    made = build(
        "fixed_outdegree", sources, targets, same, seed,
        n=n, multapses=multapses, self_connections=not same or n == 0,
    )  # fmt: skip
    pairs = pairs_of(made)
    np.testing.assert_array_equal(np.diff(made.row), n)
    assert multapses or len(np.unique(pairs, axis=0)) == len(pairs)
    assert not same or not (pairs[:, 0] == pairs[:, 1]).any()
    assert_sorted(made)


@pytest.mark.parametrize("p", [0.003, 0.02, 0.5, 0.97])
def test_probability_connects_pairs_as_often_as_it_says(p):
    made = build("probability", 700, 900, p=p)
    pairs = 700 * 900
    assert abs(made.synapses - p * pairs) < 5 * math.sqrt(p * (1 - p) * pairs)
    in_degree = np.bincount(made.target, minlength=900)
    assert abs(in_degree.var() / (700 * p * (1 - p)) - 1) < 5 * math.sqrt(2 / 900)
    assert len(np.unique(pairs_of(made), axis=0)) == made.synapses
    assert_sorted(made)


@given(sizes, seeds, st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_probability_never_connects_a_neuron_with_itself_when_told_so(size, seed, p):
    made = build("probability", size, size, True, seed, p=p, self_connections=False)
    pairs = pairs_of(made)
    assert not (pairs[:, 0] == pairs[:, 1]).any()
    assert made.row[-1] == len(made.target)


def test_probability_of_none_and_of_all():
    assert build("probability", 30, 40, p=0.0).synapses == 0
    assert build("probability", 30, 40, p=1.0).synapses == 1200
    alone = build("probability", 30, 30, same=True, p=1.0, self_connections=False)
    assert alone.synapses == 870


def test_self_connections_are_only_those_within_one_population():
    made = build("all_to_all", 5, 5, same=False, self_connections=False)
    assert made.synapses == 25


@pytest.mark.parametrize("kind", ["fixed_indegree", "fixed_outdegree"])
def test_degrees_choose_partners_evenly(kind):
    made = build(kind, 200, 200, n=50, multapses=False)
    other = made.target if kind == "fixed_outdegree" else pairs_of(made)[:, 0]
    counts = np.bincount(other, minlength=200)
    # Hypergeometric counts: variance 50 (1 - 1/4) = 37.5 each.
    chi = ((counts - 50) ** 2 / 37.5).sum()
    assert abs(chi - 200) < 5 * math.sqrt(2 * 200)


def test_degrees_as_large_as_the_pool_take_everybody():
    made = build("fixed_indegree", 7, 3, n=7, multapses=False)
    np.testing.assert_array_equal(np.diff(made.row), 3)


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 29)), max_size=50))
@settings(deadline=None)
def test_explicit_pairs_come_back(pairs):
    made = build("explicit", 20, 30, pairs=[list(pair) for pair in pairs])
    assert sorted(map(tuple, pairs_of(made).tolist())) == sorted(pairs)
    assert_sorted(made)


def test_explicit_weights_and_delays_stay_with_their_pair():
    pairs = [[1, 2], [0, 1], [1, 0]]
    made = build("explicit", 2, 3, pairs=pairs, weight=[12.0, 1.0, 10.0], delay=[0.2, 0.1, 0.3])
    assert pairs_of(made).tolist() == [[0, 1], [1, 2], [1, 0]]
    assert made.weight.tolist() == [1.0, 12.0, 10.0]
    assert made.delay.tolist() == [1, 2, 3]


def test_one_to_one_pairs_equal_places():
    made = build("one_to_one", 6, 6)
    assert pairs_of(made).tolist() == [[i, i] for i in range(6)]


def test_the_same_seed_gives_the_same_synapses_whatever_else_is_asked():
    fields = {"p": 0.1, "weight": {"distribution": "normal", "mean": 1, "std": 1}}
    first = build("probability", 300, 300, **fields)
    seen: list[float] = []
    rule = {"kind": "probability", "p": 0.1, "self_connections": True, "multapses": True}
    again = connect(
        Pattern("a-b", 300, 300, False, 1), rule, fields["weight"], 1.0, 0.1, progress=seen.append
    )
    np.testing.assert_array_equal(first.target, again.target)
    np.testing.assert_array_equal(first.weight, again.weight)
    assert seen[-1] == 1.0
    assert not np.array_equal(build("probability", 300, 300, seed=2, p=0.1).target, first.target)


def test_distributed_delays_are_whole_steps_and_sort_the_rows():
    delay = {"distribution": "normal", "mean": 1.5, "std": 0.75, "low": 0.0}
    made = build("fixed_indegree", 100, 200, n=50, delay=delay)
    assert made.delay.dtype == np.uint8
    assert made.delay.min() == 1
    assert abs(made.delay.mean() - 15) < 0.5
    assert_sorted(made)


def test_a_delay_longer_than_can_be_kept_is_refused_with_the_remedy():
    with pytest.raises(DocumentError, match=r"edges/a-b/delay: .*65,535.*6553.5 ms"):
        build("all_to_all", 2, 2, delay=7000.0)


def test_indices_are_as_small_as_the_population_allows():
    assert build("one_to_one", 65_536, 65_536).target.dtype == np.uint16
    assert build("one_to_one", 65_537, 65_537).target.dtype == np.uint32


def test_a_rule_the_populations_cannot_meet_is_refused():
    with pytest.raises(DocumentError, match="30 different partners are wanted, but only 20"):
        build("fixed_indegree", 20, 5, n=30, multapses=False)
    with pytest.raises(DocumentError, match="one to one needs equal sizes, not 3 and 4"):
        build("one_to_one", 3, 4)
    with pytest.raises(DocumentError, match="pair 0 names target 9, of 5 members"):
        build("explicit", 5, 5, pairs=[[0, 9]])


def test_building_can_be_cancelled():
    rule = {"kind": "probability", "p": 0.1, "self_connections": True}
    pattern = Pattern("a-b", 20_000, 20_000, False, 1)
    with pytest.raises(RunStopped, match='cancelled while connecting "a-b"'):
        connect(pattern, rule, 1.0, 1.0, 0.1, cancel=lambda: True)


@pytest.mark.parametrize("kind", ["probability", "fixed_indegree", "fixed_outdegree", "all_to_all"])
def test_building_needs_at_most_twice_the_memory_of_the_result(kind):
    fields = {"p": 0.1, "n": 200, "weight": {"distribution": "normal", "mean": 1, "std": 1}}
    tracemalloc.start()
    made = build(kind, 2000, 2000, **fields)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert made.nbytes < peak < 2 * made.nbytes


@pytest.mark.parametrize(
    "kind", ["probability", "fixed_indegree", "fixed_outdegree", "fixed_total", "all_to_all"]
)
def test_the_expected_number_of_synapses_is_what_is_built(kind):
    rule = {"kind": kind, "p": 0.1, "n": 20, "self_connections": False, "multapses": True}
    made = build(**rule, sources=200, targets=200, same=True)
    expected = expected_synapses(rule, 200, 200, True)
    assert abs(made.synapses - expected) <= (5 * math.sqrt(expected) if "p" in kind else 0)
    assert made.nbytes == bytes_per_synapse(200, False, False, 8) * made.synapses + made.row.nbytes
