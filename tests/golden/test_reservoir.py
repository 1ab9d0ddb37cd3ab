"""Read-outs and reservoirs: what is known in closed form, and what a liquid can do (E4)."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine import learning

SEEDS = range(1, 6)


def lagged(signal: np.ndarray, delays: range) -> np.ndarray:
    """The signal some steps ago, a column a delay."""
    return np.stack([np.concatenate([np.zeros(k), signal[: len(signal) - k]]) for k in delays], 1)


def test_a_delay_line_remembers_each_of_its_steps_exactly_and_no_more() -> None:
    """Jaeger 2001: MC is the number of states, which is also its bound."""
    u = np.random.default_rng(0).uniform(-1, 1, 3000)
    found = learning.memory_capacity(u, lagged(u, range(1, 21)), longest=40)
    assert found.bound == 20
    assert found.total == pytest.approx(20.0, abs=1e-9)
    assert found.by_delay[:20] == pytest.approx(1.0, abs=1e-9)
    assert not found.by_delay[20:].any()


@pytest.mark.parametrize("leak", [0.3, 0.6, 0.9])
def test_a_leaky_unit_remembers_as_its_impulse_response_says(leak: float) -> None:
    """x(n) = a x(n-1) + u(n): corr^2(u(n-k), x(n)) = a^(2k) (1 - a^2), whose sum from 0 is 1."""
    u = np.random.default_rng(1).normal(size=100_000)
    x = np.zeros(len(u))
    for n in range(1, len(u)):
        x[n] = leak * x[n - 1] + u[n]
    found = learning.memory_capacity(u, x[:, None], longest=30)
    expected = leak ** (2.0 * found.delays) * (1 - leak**2)
    # A squared correlation is known to 2 |r| / sqrt(steps); 4 of these.
    error = 4 * (2 * np.sqrt(expected) / np.sqrt(50_000)) + 15.1 / 50_000
    assert np.all(np.abs(found.by_delay - expected) < error)
    assert found.total <= found.bound


@pytest.mark.parametrize("decay", [0.7, 0.95])
def test_a_ring_of_linear_units_has_the_capacity_of_the_theorem(decay: float) -> None:
    """Rodan & Tino 2011, IEEE Trans. Neural Networks 22:131: MC = N - 1 + r^(2N)."""
    size, rng = 12, np.random.default_rng(2)
    u, sign = rng.uniform(-1, 1, 20_000), rng.choice([-1.0, 1.0], size)
    states = np.zeros((len(u), size))
    for n in range(1, len(u)):
        states[n] = decay * np.roll(states[n - 1], 1) + sign * u[n]
    found = learning.memory_capacity(u, states, longest=80)
    assert found.total == pytest.approx(size - 1 + decay ** (2 * size), abs=0.25)
    assert found.total <= found.bound


def test_states_that_heard_nothing_remember_nothing() -> None:
    rng = np.random.default_rng(3)
    found = learning.memory_capacity(rng.normal(size=2000), rng.normal(size=(2000, 30)), 100)
    assert found.total < 0.05


def test_ridge_without_penalty_is_least_squares_and_shrinks_with_it() -> None:
    rng = np.random.default_rng(4)
    x, true = rng.normal(size=(50, 4)), rng.normal(size=(4, 2))
    read = learning.ridge(x, x @ true + [3.0, -1.0], penalties=0)
    assert read.weights == pytest.approx(true, abs=1e-10)
    assert read.bias == pytest.approx([3.0, -1.0], abs=1e-10)
    held = learning.ridge(x, x @ true, penalties=1e3)
    assert np.abs(held.weights).max() < 0.01 * np.abs(true).max()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), features=st.integers(1, 30), together=st.sampled_from([0, 3, 5]))
def test_errors_of_samples_left_out_are_those_of_fits_without_them(
    seed: int, features: int, together: int
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(20, features))
    y = x @ rng.normal(size=(features, 2)) + rng.normal(size=(20, 2))
    group = np.arange(20) % together if together else None
    read = learning.ridge(x, y, penalties=[0.03, 0.5], groups=group)
    group = np.arange(20) if group is None else group
    unit = np.sum((x - x.mean(0)) ** 2) / features
    for penalty, error in zip(read.penalties, read.errors, strict=True):
        total = 0.0
        for one in np.unique(group):
            kept = group != one
            a, b = x[kept] - x[kept].mean(0), y[kept] - y[kept].mean(0)
            weights = np.linalg.solve(a.T @ a + penalty * unit * np.eye(features), a.T @ b)
            answer = (x[~kept] - x[kept].mean(0)) @ weights + y[kept].mean(0)
            total += float(np.sum((answer - y[~kept]) ** 2))
        assert error == pytest.approx(total / y.size, rel=1e-8)
    assert read.penalty == read.penalties[read.errors.argmin()]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), tau=st.floats(1.0, 200.0))
def test_a_filtered_train_is_the_sum_of_its_kernels(seed: int, tau: float) -> None:
    rng = np.random.default_rng(seed)
    times, senders = np.sort(rng.uniform(0, 500, 60)), rng.integers(0, 3, 60)
    at = np.sort(np.concatenate([rng.uniform(0, 600, 9), times[:2]]))
    since = at[:, None] - times
    kernel = np.where(since >= 0, np.exp(-np.maximum(since, 0) / tau), 0.0)
    expected = np.stack([(kernel * (senders == one)).sum(1) for one in range(3)], 1)
    found = learning.filtered_spikes(times, senders, 3, at, tau)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_states_that_depend_on_each_other_count_once_in_the_rank() -> None:
    base = np.random.default_rng(5).normal(size=(8, 5))
    assert learning.kernel_rank(base @ np.random.default_rng(6).normal(size=(5, 40))) == 5
    assert learning.kernel_rank(np.zeros((3, 4))) == 0


def share_known(states: np.ndarray, bits: np.ndarray, delay: int) -> float:
    """How often a read-out knows on 500 trials whether two bits differ, after 1,000 others."""
    differ, states = bits[delay:] ^ bits[:-delay], states[delay:]
    read = learning.ridge(states[:1000], learning.one_hot(differ[:1000]))
    return float(np.mean(read.classify(states[1000:1500]) == differ[1000:1500]))


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_liquid_knows_whether_two_bits_differ_which_its_input_cannot(seed: int) -> None:
    """Chance is 0.5, five of its standard deviations 0.112; a line divides three of four cases."""
    bits = np.random.default_rng(seed).integers(0, 2, 1502)
    liquid, alone = learning.tell(0.25 + 0.5 * bits, seed)
    assert share_known(liquid, bits, 1) > 0.9
    assert share_known(liquid, bits, 2) > 0.612
    assert share_known(alone, bits, 1) < 0.75


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_states_are_farther_apart_the_farther_the_inputs_are(seed: int) -> None:
    rng = np.random.default_rng(seed)
    numbers, sign = rng.uniform(0.2, 0.8, 100), rng.choice([-1.0, 1.0], 100)
    states = [learning.tell(numbers + d * sign, seed)[0] for d in (0.0, 0.0, 0.01, 0.04, 0.16)]
    apart = [learning.separation(states[0], one).mean() for one in states[1:]]
    assert apart[0] == 0.0
    assert 0 < apart[1] < apart[2] < apart[3]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_column_of_the_paper_separates_and_is_read_as_well(seed: int) -> None:
    """Maass, Natschlaeger & Markram 2002: 135 neurons, 27 of them inhibitory, 15 x 3 x 3 places."""
    net = learning.liquid(seed, column=True)
    places = np.concatenate([net.positions(name) for name in ("exc", "inh")])
    assert (net["exc"].size, net["inh"].size) == (108, 27)
    assert len(np.unique(places, axis=0)) == 135
    assert np.ptp(places, axis=0) == pytest.approx([1400, 200, 200])
    made = engine.Simulation(net.document).plan.projections
    wanted = column_synapses(net)
    for edge, mean, spread in wanted:
        found = next(each for each in made if each.id == edge).connections.synapses
        assert abs(found - mean) < 4.5 * spread
    bits = np.random.default_rng(seed).integers(0, 2, 1502)
    liquid, alone = learning.tell(0.25 + 0.5 * bits, seed, column=True)
    assert share_known(liquid, bits, 1) > 0.9
    assert share_known(liquid, bits, 2) > 0.612
    assert share_known(alone, bits, 1) < 0.75
    rng = np.random.default_rng(seed)
    numbers, sign = rng.uniform(0.2, 0.8, 100), rng.choice([-1.0, 1.0], 100)
    states = [
        learning.tell(numbers + d * sign, seed, column=True)[0] for d in (0.0, 0.01, 0.04, 0.16)
    ]
    apart = [learning.separation(states[0], one).mean() for one in states[1:]]
    assert 0 < apart[0] < apart[1] < apart[2]


def column_synapses(net: engine.Network) -> list[tuple[str, float, float]]:
    """(edge, mean, spread) of the numbers of synapses that C exp(-(D/2)^2) gives, D in places."""
    found = []
    for one, other, share in (("exc", "exc", 0.3), ("exc", "inh", 0.2), ("inh", "exc", 0.4),
                              ("inh", "inh", 0.1)):  # fmt: skip
        here, there = net.positions(one) / 100, net.positions(other) / 100
        d = np.linalg.norm(here[:, None] - there[None], axis=2)
        p = share * np.exp(-((d / 2) ** 2))
        if one == other:
            np.fill_diagonal(p, 0.0)
        found.append((f"{one}-{other}", p.sum(), np.sqrt((p * (1 - p)).sum())))
    return found


@pytest.mark.slow
def test_a_liquid_makes_as_many_states_as_it_is_told_streams() -> None:
    """Legenstein & Maass 2007: the kernel quality of streams that end alike is their number."""
    rng = np.random.default_rng(7)
    final = []
    for _ in range(12):
        told = np.concatenate([rng.random(10), [0.5]])
        final.append([states[-1] for states in learning.tell(told, 1, tau=5.0)])
    liquid, alone = (np.array(part) for part in zip(*final, strict=True))
    # The lines themselves have forgotten all but the last number, exp(-30/5) ago.
    assert learning.kernel_rank(liquid, 0.03) == 12
    assert learning.kernel_rank(alone, 0.03) < 6


@pytest.mark.slow
def test_spoken_digits_are_read_from_a_liquid() -> None:
    """600 recordings, 150 of them held back: by chance a tenth of these, at most a quarter."""
    if not os.environ.get("WORKBENCH_DATA"):
        pytest.skip("WORKBENCH_DATA names no folder of data sets")
    import sys
    from pathlib import Path

    sys.path.append(str(Path(__file__).parents[2] / "examples/learning"))
    import spoken_digits

    heard = spoken_digits.hearing(600, seed=1)
    held_back = np.arange(600) % 4 == 0
    assert spoken_digits.right(heard, "liquid", held_back) > 0.75
