"""Distances of spike trains are metrics, and do not depend on what they should not depend on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import analysis

TIMES = st.integers(0, 4000).map(lambda k: k / 4)  # a grid that sums are exact on
TRAINS = st.lists(TIMES, max_size=12)
COSTS = st.sampled_from([0.0, 0.015625, 0.125, 2.0])
TAUS = st.floats(0.5, 500)


@given(TRAINS, TRAINS, TRAINS, COSTS)
def test_victor_purpura_is_a_metric_between_its_limits(a, b, c, cost) -> None:
    far = analysis.victor_purpura(a, b, cost)
    assert far == analysis.victor_purpura(b, a, cost)
    assert analysis.victor_purpura(a, a, cost) == 0
    through = analysis.victor_purpura(a, c, cost) + analysis.victor_purpura(c, b, cost)
    assert far <= through + 1e-9
    assert abs(len(a) - len(b)) - 1e-9 <= far <= len(a) + len(b) + 1e-9


@given(TRAINS, TRAINS, COSTS)
def test_victor_purpura_equals_the_recursion_that_defines_it(a, b, cost) -> None:
    a, b = sorted(a), sorted(b)
    table = np.zeros((len(a) + 1, len(b) + 1))
    table[:, 0], table[0] = np.arange(len(a) + 1), np.arange(len(b) + 1)
    for i, s in enumerate(a):
        for j, t in enumerate(b):
            moved = table[i, j] + cost * abs(s - t)
            table[i + 1, j + 1] = min(table[i, j + 1] + 1, table[i + 1, j] + 1, moved)
    assert analysis.victor_purpura(a, b, cost) == pytest.approx(table[-1, -1])


@given(TRAINS, TRAINS, TRAINS, TAUS)
def test_van_rossum_is_a_metric(a, b, c, tau) -> None:
    far = analysis.van_rossum(a, b, tau)
    assert far == pytest.approx(analysis.van_rossum(b, a, tau), abs=1e-9)
    assert analysis.van_rossum(a, a, tau) == 0
    through = analysis.van_rossum(a, c, tau) + analysis.van_rossum(c, b, tau)
    assert far <= through + 1e-6


@given(TRAINS, TRAINS, TAUS)
def test_van_rossum_equals_the_double_sum(a, b, tau) -> None:
    times = np.array([*a, *b])
    sign = np.repeat([1.0, -1.0], [len(a), len(b)])
    kernel = np.exp(-np.abs(times[:, None] - times) / tau)
    assert analysis.van_rossum(a, b, tau) ** 2 == pytest.approx(
        0.5 * sign @ kernel @ sign, abs=1e-9
    )


@given(TRAINS, TRAINS, st.integers(-100, 100), st.permutations(range(12)))
def test_distances_do_not_depend_on_when_it_all_happens_nor_on_the_order(a, b, shift, order):
    mixed = [a[k] + shift for k in order if k < len(a)]
    moved = [t + shift for t in b]
    assert analysis.victor_purpura(mixed, moved, 0.125) == analysis.victor_purpura(a, b, 0.125)
    assert analysis.van_rossum(mixed, moved) == pytest.approx(analysis.van_rossum(a, b), abs=1e-6)
    sync = analysis.spike_synchronization(a, b)
    assert analysis.spike_synchronization(mixed, moved) == sync


@given(TRAINS, TRAINS, st.sampled_from([0.25, 2.0, 8.0]))
def test_parameter_free_measures_do_not_depend_on_the_unit_of_time(a, b, factor) -> None:
    scaled = [t * factor for t in a], [t * factor for t in b]
    isi = analysis.isi_distance(a, b, 0, 1000)
    assert analysis.isi_distance(*scaled, 0, 1000 * factor) == pytest.approx(isi)
    sync = analysis.spike_synchronization(a, b)
    assert analysis.spike_synchronization(*scaled) == sync
    assert 0 <= isi <= 1
    assert 0 <= sync <= 1
    assert analysis.isi_distance(b, a, 0, 1000) == pytest.approx(isi)
    assert analysis.spike_synchronization(b, a) == sync
    assert analysis.isi_distance(a, a, 0, 1000) == 0


@given(TRAINS, TRAINS)
def test_exchanging_trains_mirrors_the_cross_correlogram(a, b) -> None:
    _, pairs = analysis.cross_correlogram(a, b, reach=100, width=1)
    _, other = analysis.cross_correlogram(b, a, reach=100, width=1)
    assert pairs.tolist() == other[::-1].tolist()
    gaps = np.abs(np.subtract.outer(a, b))
    assert np.count_nonzero(gaps < 100.5) <= pairs.sum() <= np.count_nonzero(gaps <= 100.5)
