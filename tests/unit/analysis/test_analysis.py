"""Measures of spike trains give what they are defined to be."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine import analysis

RNG = np.random.default_rng(5)


def poisson(rate_hz: float, cells: int, duration: float) -> tuple[np.ndarray, np.ndarray]:
    number = RNG.poisson(rate_hz * cells * duration / 1000)
    return RNG.uniform(0, duration, number), RNG.integers(0, cells, number)


def test_intervals_are_within_a_cell_and_in_order():
    interval, cell = analysis.intervals([3.0, 1.0, 10.0, 2.5, 7.0], [0, 0, 1, 1, 0])
    assert interval.tolist() == [2.0, 4.0, 7.5]
    assert cell.tolist() == [0, 0, 1]


def test_a_regular_train_has_no_variation_and_a_poisson_train_has_one():
    assert analysis.cv_isi(np.arange(10) * 5.0, np.zeros(10)) == pytest.approx(0.0, abs=1e-12)
    assert analysis.cv_isi(*poisson(200, 50, 10_000)) == pytest.approx(1.0, abs=0.02)


def test_cells_with_fewer_than_five_spikes_are_left_out():
    times = [1.0, 2.0, 4.0, 8.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    senders = [0, 0, 0, 0, 1, 1, 1, 1, 1]
    assert analysis.cv_of_cells(times, senders).tolist() == [0.0]
    assert math.isnan(analysis.cv_isi(times[:4], senders[:4]))
    assert math.isnan(analysis.cv_isi([], []))


def test_a_spike_at_the_end_of_the_window_counts_and_one_at_its_start_does_not():
    assert analysis.mean_rate([100.0, 150.0, 200.0], 2, 100.0, 200.0) == 10.0
    assert analysis.counts([0.1, 1.0, 1.1, 2.0], 0.0, 2.0, 1.0).tolist() == [2, 2]


def test_times_on_a_grid_fall_in_the_right_bin_despite_rounding():
    times = np.arange(1, 10_001) * 0.1
    assert (analysis.counts(times, 0.0, 1000.0, 1.0) == 10).all()


def test_the_smoothed_rate_of_a_steady_train_is_its_rate_up_to_the_ends():
    times = np.arange(1, 1001) * 1.0
    _, rate = analysis.smoothed_rate(times, 1, 0.0, 1000.0, sigma=5.0)
    np.testing.assert_allclose(rate, 1000.0)


def test_fano_is_one_for_poisson_and_zero_for_a_regular_count():
    times, _ = poisson(10, 1000, 5000)
    assert analysis.fano(times, 0, 5000) == pytest.approx(1.0, abs=5 * math.sqrt(2 / 5000))
    assert analysis.fano(np.arange(1, 101), 0, 100) == 0.0
    assert math.isnan(analysis.fano([], 0, 100))


def test_the_spectrum_of_a_poisson_population_is_flat_at_one():
    times, _ = poisson(10, 1000, 60_000)
    frequency, power = analysis.population_spectrum(times, 0, 60_000)
    assert power[frequency > 10].mean() == pytest.approx(1.0, abs=0.05)


def test_the_spectral_peak_is_the_frequency_of_the_modulation():
    steps = np.arange(4000)
    number = RNG.poisson(20 * (1 + np.sin(2 * np.pi * 0.040 * steps)))
    times = np.repeat(steps + 0.5, number)
    peak = analysis.spectral_peak(*analysis.population_spectrum(times, 0, 4000), low=5)
    assert peak == pytest.approx(40, abs=4)
    assert math.isnan(analysis.spectral_peak([], []))
