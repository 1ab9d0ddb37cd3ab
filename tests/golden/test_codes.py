"""Every number of the catalogue's section on codes: papers, snnTorch, SpikingJelly."""

from __future__ import annotations

import numpy as np
import pytest

from engine import coding
from engine.errors import DataError

SIGNAL = [0, 0.3, 0.35, 1.2, 1.1, 0.2, 0.2, 0.9, 1.6, 1.4]
SIX = [0.02, 0.1, 0.25, 0.5, 0.8, 1.0]
LATE = 6.3  # ms: the linear latency of 0.3 in 10 steps
SNNTORCH_LOG = [9.0, 1.3680271, 0.5300441, 0.2623170, 0.1633263, 0.1304955]  # of SIX
RESPONSES = [0.0026026, 0.1493818, 0.9037071, 0.5762291, 0.0387258, 0.0002743]  # of 0.3
PHASES = {0.7109375: 0.7109375, 0.3: 0.30078125}  # what eight phases say of a value
FLOAT32 = 2e-5  # what the packages' numbers are good for


def test_binary_is_active_with_any_spike_in_the_window() -> None:
    spikes = coding.from_dense([[0, 1, 0], [0, 1, 1], [0, 0, 0]])
    np.testing.assert_array_equal(coding.decode_binary(spikes), [0, 1, 1])


def test_poisson_probability_is_exact_not_r_dt() -> None:
    """1 - exp(-r dt) = 0.393469 at r dt = 0.5, over 8 standard deviations below 0.5."""
    spikes = coding.rate(np.ones(400), rate_max=500.0, steps=1000, seed=3)
    share = len(spikes) / 400_000
    assert abs(share - 0.3934693402873666) < 4 * np.sqrt(0.39347 * 0.60653 / 400_000)


@pytest.mark.parametrize("seed", range(5))
def test_bernoulli_counts_have_mean_and_variance_of_a_binomial(seed: int) -> None:
    steps, x = 100, 0.3
    counts = coding.rate(np.full(4000, x), "bernoulli", steps=steps, seed=seed).counts()
    variance = steps * x * (1 - x)
    assert abs(counts.mean() - steps * x) < 4 * np.sqrt(variance / 4000)
    assert abs(counts.var() / variance - 1) < 4 * np.sqrt(2 / 4000)


def test_linear_latency() -> None:
    assert coding.latency([0.3], steps=10).times == pytest.approx([LATE])
    whole = coding.latency([0.3], convention="spikingjelly", steps=10)
    assert whole.times == pytest.approx([6.0])
    assert whole.at.tolist() == [6]
    clamped = coding.latencies([0.0, 0.005, 0.3, 1.0], convention="snntorch", steps=10)
    np.testing.assert_allclose(clamped, [8.91, 8.91, LATE, 0.0])


def test_logarithmic_latency_of_snntorch_is_normalised_by_the_batch() -> None:
    found = coding.latencies(SIX, "log", "snntorch", threshold=0.01, steps=10)
    np.testing.assert_allclose(found, SNNTORCH_LOG, rtol=FLOAT32)
    alone = coding.latencies(SIX[1:], "log", "snntorch", threshold=0.01, steps=10)
    assert alone[0] == pytest.approx(9.0)  # the same 0.1 beside other values


def test_logarithmic_latency_without_normalisation_does_not_depend_on_the_batch() -> None:
    expected = [3.4657359, 0.5268023, 0.2041104, 0.1010135, 0.0628940, 0.0502514]
    found = coding.latency(SIX, "log", threshold=0.01, tau=5.0, steps=10).first()
    np.testing.assert_allclose(found, expected, rtol=FLOAT32)
    alone = coding.latency(SIX[1:], "log", threshold=0.01, tau=5.0, steps=10).first()
    np.testing.assert_array_equal(alone, found[1:])


def test_logarithmic_latency_of_spikingjelly_is_zero_for_one() -> None:
    found = coding.latencies([0.0, 1.0], "log", "spikingjelly", steps=10)
    np.testing.assert_array_equal(found, [9.0, 0.0])
    grey = coding.latencies([0.05], "log", "spikingjelly", steps=10)
    assert grey == [np.round(9 - np.log(np.expm1(9) * 0.05 + 1))]


def test_rank_order() -> None:
    np.testing.assert_array_equal(coding.ranks([0.9, 0.1, 0.5]), [0, 2, 1])
    spikes = coding.rank_order([0.9, 0.1, 0.5])
    np.testing.assert_array_equal(coding.decode_rank_order(spikes, mod=0.5), [1, 0.25, 0.5])


def test_phase() -> None:
    spikes = coding.phase(list(PHASES), phases=8)
    digits = ["".join(map(str, row)) for row in spikes.dense(int).T]
    assert digits == ["10110110", "01001101"]
    np.testing.assert_array_equal(coding.decode_phase(spikes), list(PHASES.values()))


def test_burst() -> None:
    count, interval = coding.burst_of([0.5, 0.9], most=5, isi_max=10, isi_min=2)
    assert count.tolist() == [3, 5]
    assert interval.tolist() == [6, 3]
    alone, at_rest = (coding.burst_of(x, most=5, isi_max=10, isi_min=2) for x in (0.2, 0.0))
    assert (int(alone[0]), int(alone[1])) == (1, 10)  # one spike has the longest interval
    assert int(at_rest[0]) == 0
    rows = coding.burst([0.5, 0.9]).dense(int).T
    assert np.flatnonzero(rows[0]).tolist() == [0, 6, 12]
    assert np.flatnonzero(rows[1]).tolist() == [0, 3, 6, 9, 12]
    assert coding.burst([0.5, 0.9], steps=13).dense().shape == (13, 2)  # it just fits
    with pytest.raises(DataError):
        coding.burst([0.5, 0.9], steps=12)


def test_population() -> None:
    centre, width = coding.receptive_fields(8)
    assert width == pytest.approx(1 / 9)
    assert centre[0] == pytest.approx(-1 / 12)
    np.testing.assert_allclose(coding.responses(0.3)[:6], RESPONSES, atol=5e-8)
    latency = 10 * (1 - coding.responses(0.3))
    np.testing.assert_allclose(latency[:5], [9.974, 8.506, 0.963, 4.238, 9.613], atol=5e-4)
    spikes = coding.population(0.3, steps=10)
    np.testing.assert_allclose(spikes.first()[1:4], [8.506, 0.963, 4.238], atol=5e-4)
    assert np.isinf(spikes.first()[[0, 4, 5, 6, 7]]).all()  # later than 9 of 10


def test_step_forward() -> None:
    spikes = coding.step_forward(SIGNAL, threshold=0.25)
    assert spikes.dense(int).tolist() == [0, 1, 0, 1, 1, -1, -1, 1, 1, 1]
    assert coding.decode_step_forward(spikes, 0.25, begin=0.0)[-1] == 1.0


def test_threshold_based() -> None:
    assert coding.tbr_threshold(SIGNAL, 0.5) == pytest.approx(0.415748978, abs=1e-9)
    spikes = coding.threshold_based(SIGNAL, factor=0.5)
    assert spikes.dense(int).tolist() == [0, 0, 0, 1, 0, -1, 0, 1, 1, 0]


def test_delta_of_snntorch() -> None:
    spikes = coding.delta(SIGNAL[:8], threshold=0.2)
    assert spikes.dense(int).tolist() == [0, 1, 0, 1, 0, -1, 0, 1]
    rises = coding.delta(SIGNAL[:8], threshold=0.2, polarity="on")
    assert rises.dense(int).tolist() == [0, 1, 0, 1, 0, 0, 0, 1]


def test_bsa_spikes_where_the_filter_takes_enough_away() -> None:
    """By hand: h = [1, 2, 1]; s = [1, 2, 1, 1, 0], threshold 1/4 of the sum, which is 1."""
    spikes = coding.bsa([1, 2, 1, 1, 0], threshold=0.25, kernel=[1, 2, 1])
    # n = 0: sum|s| - sum|s - h| = 4 >= 1, s becomes 0 0 0 1 0.  n = 2: 1 - (1 + 1 + 1) < 1.
    # n = 3: 1 - (0 + 2) < 1.
    assert spikes.dense(int).tolist() == [1, 0, 0, 0, 0]
    assert coding.decode_bsa(spikes, kernel=[1, 2, 1]).tolist() == [1, 2, 1, 0, 0]


@pytest.mark.parametrize("apart", [0.0, 1.0, 10.0, 50.0])
def test_temporal_patterns_are_compared_by_van_rossums_distance(apart: float) -> None:
    one, other = coding.temporal([20.0]), coding.temporal([20.0 + apart])
    squared = coding.distance(one, other, tau=10.0) ** 2
    assert squared == pytest.approx(1 - np.exp(-apart / 10), abs=1e-12)
    assert coding.distance(one, coding.temporal([])) ** 2 == pytest.approx(0.5)


def test_decisions() -> None:
    spikes = coding.from_dense([[0, 1, 0], [1, 0, 1], [1, 0, 1]])
    assert spikes.counts().tolist() == [2, 1, 2]
    assert coding.winner(spikes) == 0
    assert coding.first_spike(spikes) == 1
    assert coding.membrane_maximum([[0.1, 0.7], [0.9, 0.2]]) == 0
    assert coding.vote(spikes, [4, 4, 7]) == 7  # 2 spikes a neuron against 1.5


def test_logarithmic_latency_of_spikingjelly_in_a_short_window() -> None:
    """t = (T - 1) - ln(a x + 1), a = e^(T - 1) - 1; long windows hide the -1 of a."""
    x = np.linspace(0.0, 1.0, 201)
    for steps in (2, 3, 4):
        expected = np.round((steps - 1) - np.log(np.expm1(steps - 1.0) * x + 1))
        found = coding.latencies(x, "log", "spikingjelly", steps=steps)
        np.testing.assert_array_equal(found, expected)


def test_a_sample_as_far_from_the_moving_mean_as_the_threshold_gives_no_spike() -> None:
    signal = [0.0, 0.25, 0.0, 0.5]  # means before: 0, 0.125, 0.083
    spikes = coding.moving_window(signal, threshold=0.25, window=3)
    assert spikes.dense(int).tolist() == [0, 0, 0, 1]


def test_a_part_of_a_run_is_counted_from_its_start() -> None:
    """Within (start, start + duration], and the senders there are."""
    seen = coding.recorded([10.0, 10.1, 12.0, 20.0, 20.1], [0, 1, 0, 1, 0], 2, 10, dt=0.1, start=10)
    np.testing.assert_allclose(seen.times, [0.1, 2.0, 10.0])
    assert seen.senders.tolist() == [1, 0, 1]
    with pytest.raises(DataError):
        coding.recorded([1.0], [2], 2, 10)


def test_neurons_of_label_0_have_a_vote_and_those_of_minus_1_have_none() -> None:
    spikes = coding.from_dense([[1, 0, 1], [0, 0, 1]])
    assert coding.vote(spikes, [0, 1, -1]) == 0
    assert coding.vote(coding.from_dense([[0, 0, 1]]), [0, 1, -1]) is None
