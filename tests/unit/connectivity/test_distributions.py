"""Drawn numbers have the moments of their law, keep its bounds, and do not depend on size."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from engine.connectivity.distributions import draw

N = 40_000
CASES = [
    ({"distribution": "normal", "mean": 3.0, "std": 2.0}, stats.norm(3, 2)),
    ({"distribution": "uniform", "low": -1.0, "high": 4.0}, stats.uniform(-1, 5)),
    ({"distribution": "exponential", "mean": 2.5}, stats.expon(scale=2.5)),
    (
        {"distribution": "lognormal", "mean": 2.0, "std": 1.0},
        stats.lognorm(s=math.sqrt(math.log(1.25)), scale=2 / math.sqrt(1.25)),
    ),
]


@pytest.mark.parametrize(("spec", "law"), CASES, ids=lambda case: str(case)[:30])
def test_values_follow_the_law(spec, law):
    values = draw(spec, N, seed=7, stream=11)
    assert stats.kstest(values, law.cdf).pvalue > 1e-4
    assert abs(values.mean() - law.mean()) < 5 * law.std() / math.sqrt(N)


@pytest.mark.parametrize(("spec", "law"), CASES, ids=lambda case: str(case)[:30])
def test_neighbours_are_independent(spec, law):
    ranks = law.cdf(draw(spec, N, seed=3, stream=5))
    for lag in (1, 2, 3, 4):
        correlation = np.corrcoef(ranks[:-lag], ranks[lag:])[0, 1]
        assert abs(correlation) < 5 / math.sqrt(N)


def test_values_are_moved_to_the_bounds():
    values = draw({"distribution": "normal", "mean": 0, "std": 1, "low": -0.5, "high": 1}, N, 1, 1)
    assert values.min() == -0.5
    assert values.max() == 1.0
    assert (values == -0.5).mean() == pytest.approx(stats.norm.cdf(-0.5), abs=0.02)


def test_more_values_begin_with_the_same_ones():
    spec = {"distribution": "exponential", "mean": 1}
    np.testing.assert_array_equal(draw(spec, 10, 1, 2), draw(spec, 1000, 1, 2)[:10])
    assert not np.array_equal(draw(spec, 10, 1, 2), draw(spec, 10, 1, 3))
    assert not np.array_equal(draw(spec, 10, 1, 2), draw(spec, 10, 2, 2))
