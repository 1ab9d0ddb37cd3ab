"""Measures of spike trains against definitions, and against what Elephant and PySpike give."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine
from engine import analysis

RNG = np.random.default_rng(11)
FIRST = [100, 300, 400, 405, 410, 500, 700, 800, 805, 810, 815, 900]
SECOND = [100, 200, 205, 210, 295, 350, 400, 510, 600, 605, 700, 910]
A, B = [0.2, 0.4, 0.6, 0.7], [0.3, 0.45, 0.8, 0.9, 0.95]
C, D = [0.2, 0.4, 0.6], [0.1, 0.4, 0.5, 0.6]


def poisson(rate_hz: float, duration: float) -> np.ndarray:
    return np.sort(RNG.uniform(0, duration, RNG.poisson(rate_hz * duration / 1000)))


@pytest.mark.parametrize(
    ("cost", "expected"), [(0.0, 0.0), (0.01, 10.65), (0.1, 14.5), (1.0, 18.0)]
)
def test_victor_purpura_as_elephant_gives_it(cost: float, expected: float) -> None:
    assert analysis.victor_purpura(FIRST, SECOND, cost) == pytest.approx(expected, abs=1e-12)


def test_van_rossum_has_the_stated_normalisation() -> None:
    assert analysis.van_rossum([10.0], [], 20.0) ** 2 == pytest.approx(0.5)
    assert analysis.van_rossum([10.0], [17.0], 20.0) ** 2 == pytest.approx(1 - math.exp(-7 / 20))
    # Elephant 1.2.1 counts a missing spike as 1, not as 1/2.
    assert analysis.van_rossum(FIRST, SECOND, 5.0) == pytest.approx(4.773331663755353 / 2**0.5)
    assert analysis.van_rossum(FIRST, SECOND, 20.0) == pytest.approx(5.415200170099997 / 2**0.5)


def test_van_rossum_is_the_integral_that_it_stands_for() -> None:
    t = np.arange(0, 3000, 0.01)
    f, g = (
        sum(np.where(t >= s, np.exp(-np.maximum(t - s, 0) / 15), 0) for s in spikes)
        for spikes in (FIRST, SECOND)
    )
    expected = math.sqrt(np.sum((f - g) ** 2) * 0.01 / 15)
    assert analysis.van_rossum(FIRST, SECOND, 15.0) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("first", "second", "stop", "expected"),
    [
        (A, B, 1, 0.4375),
        (C, D, 1, 0.23333333333333334),
        (FIRST, SECOND, 1000, 0.514409090909091),
        (A, [], 1, 0.78),
        (A, [0.5], 1, 0.56),
        ([], [0.5], 1, 0.5),
    ],
)
def test_isi_distance_as_pyspike_gives_it(first, second, stop, expected) -> None:
    assert analysis.isi_distance(first, second, 0, stop) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [(A, B, 2 / 9), (C, D, 4 / 7), (FIRST, SECOND, 0.5), ([1, 2, 3], [2.1], 0.5), ([], [], 1.0)],
)
def test_spike_synchronization_as_pyspike_gives_it(first, second, expected) -> None:
    assert analysis.spike_synchronization(first, second) == pytest.approx(expected)


def test_local_irregularity_as_elephant_gives_it() -> None:
    assert analysis.cv2(FIRST) == pytest.approx(0.927825310402443)
    assert analysis.lv(FIRST) == pytest.approx(1.0781892725828541)
    assert analysis.cv_isi(FIRST) == pytest.approx(0.9921173695687421)


def test_local_irregularity_does_not_see_a_slow_change_of_rate() -> None:
    slow = np.cumsum(np.linspace(5, 50, 400))  # regular, ever slower
    assert analysis.cv_isi(slow) > 0.4
    assert analysis.cv2(slow) < 0.02
    assert analysis.lv(slow) < 0.001


def test_local_irregularity_is_one_for_poisson_and_a_mean_over_cells() -> None:
    times = poisson(1000, 40_000)
    assert analysis.cv2(times) == pytest.approx(1.0, abs=0.02)
    assert analysis.lv(times) == pytest.approx(1.0, abs=0.03)
    both = analysis.cv2_of_cells([*FIRST, *SECOND, 1, 2], [0] * 12 + [3] * 12 + [5] * 2)
    assert both.tolist() == pytest.approx([analysis.cv2(FIRST), analysis.cv2(SECOND)])
    assert analysis.lv_of_cells([1, 2, 3], [0, 0, 0]).size == 0


def test_the_fano_factor_of_cells_is_theirs_and_not_the_populations() -> None:
    clock, random = np.arange(5.0, 20_000, 10.0), poisson(100, 20_000)
    times, senders = np.r_[clock, random], np.repeat([0, 1], [len(clock), len(random)])
    fano = analysis.fano_of_cells(times, senders, 3, 0, 20_000, 100)
    assert fano[0] == 0.0
    assert fano[1] == pytest.approx(1.0, abs=5 * math.sqrt(2 / 200))
    assert math.isnan(fano[2])


def test_the_psth_of_spikes_locked_to_events_stands_at_their_lag() -> None:
    events = np.arange(100.0, 5000.0, 100.0)
    times = np.r_[events + 12.0, poisson(20, 5000)]
    middle, rate = analysis.psth(times, events, before=50, after=50, width=5, cells=2)
    assert middle.tolist() == np.arange(-47.5, 50, 5).tolist()
    assert middle[np.argmax(rate)] == 12.5
    assert rate.max() == pytest.approx(1000 / 5 / 2 + 10, abs=8)
    background = np.delete(rate, np.argmax(rate))
    assert background.mean() == pytest.approx(10, abs=4)


def test_a_spike_at_the_event_belongs_to_the_bin_before_it() -> None:
    _, rate = analysis.psth([100.0], [100.0], before=5, after=5, width=5)
    assert rate.tolist() == [200.0, 0.0]


def test_the_cross_correlogram_stands_at_the_delay() -> None:
    first = poisson(20, 20_000)
    lag, pairs = analysis.cross_correlogram(first, first + 7.0, reach=20, width=1)
    assert lag[np.argmax(pairs)] == 7.0
    assert pairs.max() >= len(first)
    expected = len(first) ** 2 / 20_000  # pairs by chance in a bin of 1 ms
    assert np.median(pairs) == pytest.approx(expected, abs=6 * math.sqrt(expected))


def test_the_auto_correlogram_lacks_the_spike_itself() -> None:
    lag, pairs = analysis.auto_correlogram(np.arange(0, 1000, 10.0), reach=15, width=5)
    assert lag.tolist() == [-15, -10, -5, 0, 5, 10, 15]
    assert pairs.tolist() == [0, 99, 0, 0, 0, 99, 0]


def test_the_correlation_matrix_as_elephant_gives_it() -> None:
    times, senders = FIRST + SECOND, [0] * 12 + [1] * 12
    matrix = analysis.correlation_matrix(times, senders, 3, 0, 1000, 5)
    assert matrix[0, 1] == pytest.approx(0.20212766, abs=1e-8)
    assert np.diag(matrix)[:2].tolist() == pytest.approx([1, 1])
    assert np.isnan(matrix[2]).all()
    assert analysis.mean_correlation(times, senders, 3, 0, 1000, 5) == matrix[0, 1]
    assert math.isnan(analysis.mean_correlation(FIRST, senders[:12], 3, 0, 1000, 5))


def test_synchrony_is_1_of_equal_signals_and_the_root_of_their_number_apart() -> None:
    signal = RNG.normal(size=(4000, 1))
    assert analysis.synchrony(np.repeat(signal, 7, axis=1)) == pytest.approx(1.0)
    assert analysis.synchrony(RNG.normal(size=(4000, 25))) == pytest.approx(0.2, abs=0.02)
    # Half of the variance is shared: chi^2 = (1 + 1/25)/2 in the limit.
    mixed = signal + RNG.normal(size=(4000, 25))
    assert analysis.synchrony(mixed) == pytest.approx(math.sqrt(1.04 / 2), abs=0.02)
    assert math.isnan(analysis.synchrony(np.ones((5, 3))))


def test_a_volley_is_found_among_spikes_with_its_size_centre_and_scatter() -> None:
    sharp = 50.0 + np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    found = analysis.volley([*sharp, 10.0, 11.0, 90.0], width=2.0)
    assert (found.size, found.centre) == (5, 50.0)
    assert found.std == pytest.approx(np.std(sharp))
    assert analysis.volley([0.1 * 3, 0.1 * 3 + 0.3], width=0.3).size == 2
    none, one = analysis.volley([]), analysis.volley([4.0])
    assert (none.size, one.size, one.centre) == (0, 1, 4.0)
    assert math.isnan(none.centre)
    assert math.isnan(one.std)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: analysis.synchrony([1.0, 2.0]), "`signals` must be samples x cells, not 2"),
        (lambda: analysis.synchrony([[1.0], [np.inf]]), "`signals` holds inf at place 1, 0"),
        (lambda: analysis.synchrony([["a"]]), "`signals` must be an array of numbers"),
        (lambda: analysis.volley([1.0], width=0), "`width` must be more than 0 ms"),
        (lambda: analysis.van_rossum([1.0, np.nan], []), "`first` holds nan at place 1"),
        (lambda: analysis.van_rossum([1.0], [], tau=0), "`tau` must be more than 0 ms"),
        (lambda: analysis.van_rossum([1.0], [], tau="x"), "`tau` must be a number"),
        (lambda: analysis.victor_purpura([[1.0]], []), "not 1 x 1"),
        (lambda: analysis.victor_purpura(["a"], []), "`first` must be an array of numbers"),
        (lambda: analysis.victor_purpura([1], [], cost=-1), "`cost` must be at least 0 per ms"),
        (lambda: analysis.isi_distance([1], [2], 5, 5), "holds no time"),
        (lambda: analysis.counts([1], 0, 1, 0), "`width` must be more than 0 ms"),
        (lambda: analysis.counts_by_cell([1], [5], 2, 0, 9, 1), "cell 5 is not one of 2"),
        (lambda: analysis.intervals([1, 2], [0]), "1 senders stand beside 2 spike times"),
        (lambda: analysis.intervals([1.0], [0.5]), "`senders` must be whole numbers"),
        (lambda: analysis.psth([1], []), "no events"),
        (lambda: analysis.psth([1], [1], before=1, after=1, width=5), "no bin of 5 ms"),
        (lambda: analysis.cross_correlogram([1], [1], width=-1), "`width` must be more than 0"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_a_sentence(call, words: str) -> None:
    with pytest.raises(engine.DataError) as caught:
        call()
    assert words in str(caught.value)
    assert "; " in str(caught.value)


def test_counts_that_would_fill_the_memory_are_refused() -> None:
    with pytest.raises(engine.LimitError, match="widen the bins"):
        analysis.counts_by_cell([1.0], [0], 1_000_000, 0, 1e6, 1)
    with pytest.raises(engine.LimitError, match="shorten the reach"):
        analysis.cross_correlogram(np.zeros(20_000), np.zeros(20_000))
