"""Places, and synapses by distance: who is connected, how strongly, how late."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backends import philox
from engine.connectivity import spatial, work
from engine.connectivity.between import Between
from engine.connectivity.build import connect
from engine.connectivity.expected import expected_synapses
from engine.connectivity.rules import Pattern
from engine.errors import DataError, DocumentError
from engine.geometry.space import Space, field, grid, grid_shape, line, ring
from engine.random import TARGETS, stream

RULE = {"kind": "distance", "profile": "gaussian", "p": 0.9, "scale": 60.0,
        "self_connections": True}  # fmt: skip
LINEAR = {"distribution": "distance_linear", "offset": 0.3, "slope": 4.0}


def scattered(size: int, seed: int = 1, periodic: bool = False, depth: float = 0.0) -> Space:
    axes = 3 if depth else 2
    shares = np.full((size, 3), 0.5)
    shares[:, :axes] = np.random.default_rng(seed).random((size, axes))
    return field(shares, (400.0, 300.0, depth), (periodic, periodic, periodic))


def build(between: Between, rule=RULE, weight=1.0, delay=1.0, seed=1, same=False, **options):
    sizes = len(between.source), len(between.target)
    pattern = Pattern("a-b", *sizes, same, seed, between)
    return connect(pattern, rule, weight, delay, 0.1, np.float64, **options)


def pairs_of(made) -> np.ndarray:
    return np.stack([np.repeat(np.arange(made.sources), np.diff(made.row)), made.target], axis=1)


def distances(between: Between) -> np.ndarray:
    """[sources, targets], by trying every copy of a periodic field."""
    apart = between.source.places.T[:, None, :] - between.target.places.T[None, :, :]
    shifts = [[k * period for k in (-2, -1, 0, 1, 2)] if period else [0.0]
              for period in between.source.period]  # fmt: skip
    return np.min([np.linalg.norm(apart + shift, axis=2) for shift in product(*shifts)], axis=0)


# -- places ---------------------------------------------------------------------------------------


def test_a_line_is_even_and_around_its_middle():
    np.testing.assert_allclose(line(4, 100.0, (10.0, 5.0, 0.0)).position,
                               [[-27.5, 5], [-2.5, 5], [22.5, 5], [47.5, 5]])  # fmt: skip


def test_a_grid_runs_row_by_row_and_its_last_row_may_be_short():
    found = grid(5, grid_shape(5, columns=3), (90.0, 40.0, 0.0)).position
    np.testing.assert_allclose(found, [[-30, -10], [0, -10], [30, -10], [-30, 10], [0, 10]])
    assert grid_shape(10) == (4, 3, 1)  # about as many columns as rows


def test_distances_on_a_ring_follow_it_and_it_is_drawn_round():
    here = ring(8, 80.0)
    first = np.zeros(8, np.int64)
    np.testing.assert_allclose(here.distance(first, here, np.arange(8)),
                               [0, 10, 20, 30, 40, 30, 20, 10])  # fmt: skip
    np.testing.assert_allclose(np.hypot(*here.drawn().T), 80 / (2 * np.pi))
    np.testing.assert_array_equal(line(3, 9.0).drawn(), line(3, 9.0).position)


def test_spaces_that_close_otherwise_have_no_distance():
    with pytest.raises(DataError, match="closes after 80 um and does not close"):
        build(Between(ring(8, 80.0), line(8, 80.0)))


# -- who is connected -----------------------------------------------------------------------------


def shares(between: Between, rule) -> np.ndarray:
    d = distances(between)
    found = {
        "gaussian": rule["p"] * np.exp(-0.5 * (d / rule["scale"]) ** 2),
        "exponential": rule["p"] * np.exp(-d / rule["scale"]),
        "box": np.where(d <= rule["scale"], rule["p"], 0.0),
        "linear": rule["p"] * np.maximum(0.0, 1 - d / rule["scale"]),
        "gamma": rule["p"] * (d / 120) ** 2 * np.exp(2 - d / 60),  # of shape 3, its peak at 120 um
    }[rule["profile"]]
    reach = rule.get("reach", math.inf)
    inside = d <= (math.inf if isinstance(reach, list) else reach)
    if isinstance(reach, list):
        everybody = np.arange(len(between.source))[:, None], np.arange(len(between.target))
        apart = between.source.apart(everybody[0], between.target, everybody[1])
        inside = (apart[0] <= reach[0]) & (apart[1] <= reach[1])
    return np.where(inside & (d >= rule.get("beyond", 0.0)), found, 0.0)


@pytest.mark.parametrize("depth", [0.0, 100.0], ids=["flat", "deep"])
@pytest.mark.parametrize("periodic", [False, True], ids=["open", "periodic"])
@pytest.mark.parametrize("more", [
    {}, {"profile": "exponential"}, {"profile": "box"}, {"profile": "exponential", "reach": 50.0},
    {"profile": "linear"}, {"profile": "gamma", "shape": 3}, {"beyond": 40.0, "reach": 90.0},
    {"reach": [30.0, 80.0]}, {"scale": 8.0},
])  # fmt: skip
def test_every_pair_has_its_own_word_and_meets_by_its_distance(more, periodic, depth):
    """Pair by pair, against the definition."""
    between = Between(scattered(37, 1, periodic, depth), scattered(131, 2, periodic, depth))
    rule = RULE | more
    made, chance = build(between, rule), shares(between, rule)
    seed, key = philox.key(1, stream("a-b", TARGETS))
    expected = []
    for source in range(37):
        for target in range(131):
            words = philox.philox(np.uint64(target // 4), np.uint64(source), np.uint64(0),
                                  np.uint64(0), seed, key)  # fmt: skip
            if (float(words[target % 4]) + 0.5) * 2.0**-32 < chance[source, target]:
                expected.append([source, target])
    np.testing.assert_array_equal(pairs_of(made), expected)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 60), st.integers(1, 700), st.booleans(), st.sampled_from([0.0, 40.0, 300.0]),
    st.floats(1.0, 500.0), st.sampled_from(["gaussian", "box", "gamma"]),
)  # fmt: skip
def test_who_looks_around_finds_whom_everybody_finds_who_looks_at_all(
    sources, targets, periodic, depth, scale, profile
):
    shape = {"shape": 2.5} if profile == "gamma" else {}
    rule = RULE | {"profile": profile, "scale": scale, "beyond": 3.0, **shape}
    ends = scattered(sources, 1, periodic, depth), scattered(targets, 2, periodic, depth)
    found = []
    for worth in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(spatial, "are_worth", lambda boxes, worth=worth: worth)
            found.append(build(Between(*ends), rule, same=sources == targets))
    np.testing.assert_array_equal(found[0].row, found[1].row)
    np.testing.assert_array_equal(found[0].target, found[1].target)


@pytest.mark.parametrize(("shape", "periodic", "pairs"), [
    ((10, 10, 1), True, 4 * 100), ((10, 10, 1), False, 2 * 2 * 90),
    ((9, 8, 7), True, 6 * 504), ((9, 8, 7), False, 2 * (8 * 8 * 7 + 9 * 7 * 7 + 9 * 8 * 6)),
    ((40, 40, 1), True, 4 * 1600),
])  # fmt: skip
def test_the_next_place_of_a_grid_lies_within_its_spacing(shape, periodic, pairs):
    """0.1 + 0.2 is more than 0.3, and still a neighbour is one; corners meet across the sides."""
    size = math.prod(shape)
    extent = tuple(0.3 * count if count > 1 else 0.0 for count in shape)
    here = grid(size, shape, extent, (periodic, periodic, periodic))
    rule = RULE | {"profile": "box", "p": 1.0, "scale": 0.3, "self_connections": False}
    assert build(Between(here, here), rule, same=True).synapses == pairs


# -- a fixed number by distance --------------------------------------------------------------------


@pytest.mark.parametrize("degree", ["indegree", "outdegree"])
@pytest.mark.parametrize("depth", [0.0, 100.0], ids=["flat", "deep"])
def test_each_has_exactly_so_many_different_partners(degree, depth):
    here = scattered(150, 1, True, depth)
    rule = RULE | {"self_connections": False, degree: 12}
    made = build(Between(here, here), rule, same=True)
    pairs = pairs_of(made)
    side = 1 if degree == "indegree" else 0
    np.testing.assert_array_equal(np.bincount(pairs[:, side], minlength=150), 12)
    assert len(np.unique(pairs, axis=0)) == len(pairs)
    assert not np.any(pairs[:, 0] == pairs[:, 1])
    assert np.all(np.diff(pairs[:, 0] * 150 + pairs[:, 1]) > 0)  # rows by source, in order
    apart = distances(Between(here, here))
    assert apart[tuple(pairs.T)].mean() < 0.7 * apart.mean()


@pytest.mark.parametrize("degree", ["indegree", "outdegree"])
def test_partners_are_drawn_in_the_ratio_of_the_profile(degree):
    """One of five at known distances, 4,000 times; then two of them, without the first."""
    at = np.array([0.0, 50, 100, 150, 200])
    few = Space(np.stack([at, np.zeros(5)], axis=1))
    many = Space(np.zeros((4000, 2)))
    between = Between(few, many) if degree == "indegree" else Between(many, few)
    weight = np.exp(-at / 80) / np.exp(-at / 80).sum()
    side = 0 if degree == "indegree" else 1
    rule = RULE | {"profile": "exponential", "scale": 80.0}
    counts = np.bincount(pairs_of(build(between, rule | {degree: 1}))[:, side], minlength=5)
    assert np.sum((counts - 4000 * weight) ** 2 / (4000 * weight)) < 18.5  # 1 in 1,000, 4 degrees
    twice = weight + np.array(
        [sum(weight[i] * weight[k] / (1 - weight[i]) for i in range(5) if i != k) for k in range(5)]
    )
    counts = np.bincount(pairs_of(build(between, rule | {degree: 2}))[:, side], minlength=5)
    np.testing.assert_allclose(counts / 4000, twice, atol=4 * 0.5 / math.sqrt(4000))


def test_too_few_partners_near_are_told_by_member():
    here = grid(100, (10, 10, 1), (100.0, 100.0, 0.0))
    rule = RULE | {"profile": "box", "scale": 10.0, "self_connections": False}
    with pytest.raises(DocumentError, match="member 0 wants 3 partners, and 2 are near enough"):
        build(Between(here, here), rule | {"outdegree": 3}, same=True)
    assert build(Between(here, here), rule | {"indegree": 2}, same=True).synapses == 200
    assert build(Between(here, here), rule | {"indegree": 0}, same=True).synapses == 0


@pytest.mark.parametrize("extent", [(4000.0, 4000.0, 0.0), (700.0, 700.0, 700.0)])
@pytest.mark.parametrize("more", [{"scale": 15.0}, {"profile": "box", "scale": 45.0}])
def test_how_many_there_will_be_is_said_of_short_reaches_too(extent, more):
    """Sampling members of both ends would find hardly a pair, and each with itself too often."""
    shape = grid_shape(9000, layers=20 if extent[2] else 1)
    here = grid(9000, shape, extent)
    rule = RULE | {"self_connections": False, **more}
    said = expected_synapses(rule, 9000, 9000, True, Between(here, here))
    assert build(Between(here, here), rule, same=True).synapses == pytest.approx(said, rel=0.1)


def test_how_many_there_are_is_what_is_expected_and_falls_as_the_profile_does():
    between = Between(scattered(600, 1, True), scattered(900, 2, True))
    made = build(between)
    mean = 600 * 900 * 0.9 * 2 * np.pi * 60**2 / (400 * 300)
    # A gaussian of 60 um does not quite vanish half a field away.
    assert made.synapses == pytest.approx(mean, rel=0.03)
    said = expected_synapses(RULE, 600, 900, False, between)
    assert made.synapses == pytest.approx(said, rel=0.05)
    d = distances(between)
    met = np.zeros(d.shape, bool)
    met[tuple(pairs_of(made).T)] = True
    for near in range(0, 150, 30):
        here = (d >= near) & (d < near + 30)
        wanted = shares(between, RULE)[here]
        spread = math.sqrt(np.sum(wanted * (1 - wanted)))
        assert abs(met[here].sum() - wanted.sum()) < 4.5 * spread


def test_nobody_meets_itself_where_that_is_left_out():
    here = scattered(50)
    rule = RULE | {"profile": "box", "p": 1.0, "scale": 1e4}
    assert build(Between(here, here), rule, same=True).synapses == 50 * 50
    made = build(Between(here, here), rule | {"self_connections": False}, same=True)
    assert made.synapses == 50 * 49
    assert not np.any(np.diff(pairs_of(made), axis=1) == 0)


@pytest.mark.parametrize("rule", [RULE | {"p": 0.0}, RULE | {"scale": 1e-3}])
def test_nobody_near_is_no_error(rule):
    made = build(Between(scattered(10, 1), scattered(10, 2)), rule, weight=LINEAR, delay=LINEAR)
    assert made.synapses == 0


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 90), st.integers(1, 150), st.booleans(),
    st.sampled_from(["gaussian", "exponential", "box"]), st.integers(1, 3),
    st.sampled_from([{}, {"indegree": 1}, {"outdegree": 1}, {"scale": 20.0}]),
)  # fmt: skip
def test_threads_and_cuts_change_no_synapse(sources, targets, periodic, profile, threads, more):
    between = Between(scattered(sources, 1, periodic), scattered(targets, 2, periodic))
    rule = RULE | {"profile": profile} | more
    if len(more) and profile == "box":
        rule |= {"scale": 1000.0}
    alone = build(between, rule, LINEAR, LINEAR)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "PIECE", 50)
        patch.setattr(work, "SHARE", 100)
        patch.setattr(work, "allowed_cores", lambda: 8)
        shared = build(between, rule, LINEAR, LINEAR, threads=threads)
    for name in ("row", "target", "weight", "delay"):
        np.testing.assert_array_equal(getattr(alone, name), getattr(shared, name))


def test_a_pair_is_the_same_whatever_others_are_there():
    """More targets, or a shorter reach, leave the pairs that remain as they were."""
    few, many = scattered(40, 2), scattered(40, 2)
    more = Space(np.concatenate([many.position, scattered(60, 3).position]))
    source = scattered(30)
    first = {tuple(pair) for pair in pairs_of(build(Between(source, few)))}
    second = {tuple(pair) for pair in pairs_of(build(Between(source, more))) if pair[1] < 40}
    assert first == second
    near = build(Between(source, few), RULE | {"reach": 70.0})
    d = distances(Between(source, few))
    assert {tuple(pair) for pair in pairs_of(near)} == {p for p in first if d[p] <= 70.0}


# -- values ---------------------------------------------------------------------------------------


def test_weights_follow_the_distance():
    between = Between(scattered(30, 1, True), scattered(70, 2, True))
    d = distances(between)
    for weight, expected in (
        ({"distribution": "distance_linear", "offset": 2.0, "slope": -5.0, "low": 0.5},
         np.maximum(2.0 - 5.0 * d / 1000, 0.5)),
        ({"distribution": "distance_gaussian", "peak": -3.0, "scale": 80.0},
         -3.0 * np.exp(-0.5 * (d / 80) ** 2)),
        ({"distribution": "distance_exponential", "peak": 3.0, "scale": 80.0, "high": 2.0},
         np.minimum(3.0 * np.exp(-d / 80), 2.0)),
    ):  # fmt: skip
        made = build(between, weight=weight)
        np.testing.assert_allclose(made.weight, expected[tuple(pairs_of(made).T)], rtol=1e-12)


def test_delays_follow_the_distance_in_whole_steps_and_sort_the_rows():
    between = Between(scattered(30), scattered(70, 2))
    made = build(between, delay=LINEAR, weight=LINEAR)
    d = distances(between)[tuple(pairs_of(made).T)]
    np.testing.assert_array_equal(made.delay, np.floor((0.3 + 4.0 * d / 1000) / 0.1 + 0.5))
    np.testing.assert_allclose(made.weight, 0.3 + 4.0 * d / 1000)  # after the rows were sorted
    for row in range(30):
        inside = slice(made.row[row], made.row[row + 1])
        order = np.lexsort((made.target[inside], made.delay[inside]))
        np.testing.assert_array_equal(order, np.arange(len(order)))


def test_listed_pairs_and_other_rules_take_values_by_distance_too():
    between = Between(scattered(20), scattered(20, 2))
    d = distances(between)
    pairs = [[7, 3], [2, 5], [7, 1], [0, 0]]
    made = build(between, {"kind": "explicit", "pairs": pairs}, weight=LINEAR, delay=LINEAR)
    np.testing.assert_allclose(made.weight, 0.3 + 4.0 * d[tuple(pairs_of(made).T)] / 1000)
    assert {tuple(pair) for pair in pairs_of(made)} == {tuple(pair) for pair in pairs}
    made = build(between, {"kind": "one_to_one"}, weight=LINEAR)
    np.testing.assert_allclose(made.weight, 0.3 + 4.0 * np.diag(d) / 1000)
