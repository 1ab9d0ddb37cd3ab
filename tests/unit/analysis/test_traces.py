"""Spectra, impedances and spike shapes of arrays, against SciPy and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, signal, special

import engine
from engine import analysis

RNG = np.random.default_rng(3)


@pytest.mark.parametrize(("samples", "segment"), [(5000, 250.0), (4096, 256.5), (100, 1e4)])
def test_the_power_spectrum_is_scipys(samples: int, segment: float) -> None:
    values = RNG.normal(size=samples) + 3
    frequency, power = analysis.power_spectrum(values, 0.5, segment)
    length = min(int(segment / 0.5), samples)
    expected = signal.welch(
        values,
        2000.0,
        window=np.hanning(length),
        nperseg=length,
        noverlap=length - max(1, length // 2),
    )
    np.testing.assert_allclose(frequency, expected[0])
    np.testing.assert_allclose(power, expected[1], rtol=1e-9, atol=1e-18)


def test_the_power_of_a_sine_is_half_its_square_in_its_band() -> None:
    t = np.arange(0, 20_000, 1.0)
    frequency, power = analysis.power_spectrum(3 * np.sin(2 * np.pi * 0.04 * t), 1.0, 1000)
    assert analysis.spectral_peak(frequency, power) == pytest.approx(40)
    assert analysis.band_power(frequency, power, 35, 45) == pytest.approx(4.5, rel=1e-3)
    assert analysis.band_power(frequency, power, 60, 90) < 1e-6
    assert analysis.band_power([], []) == 0


def test_the_spectrum_of_a_train_tends_to_its_rate() -> None:
    times = np.sort(RNG.uniform(0, 200_000, 4000))
    frequency, power = analysis.train_spectrum(times, 0, 200_000)
    assert power[frequency > 20].mean() == pytest.approx(20, rel=0.05)


def test_a_component_is_amplitude_and_phase_whatever_the_length_of_the_record() -> None:
    t = np.arange(0, 333.3, 0.1)
    found = analysis.component(7 + 2.5 * np.cos(2 * np.pi * 0.012 * t - 0.4), 0.1, 12)
    assert abs(found) == pytest.approx(2.5, rel=1e-9)
    assert np.angle(found) == pytest.approx(-0.4, rel=1e-9)


def test_the_impedance_from_a_zap_is_that_of_the_membrane() -> None:
    current = np.r_[analysis.zap_current(4000, 0.1, 1, 80, 20.0), np.zeros(2000)]
    lif = engine.response("lif", current=current, duration=4200, dt=0.1)
    frequency, found = analysis.impedance(current, lif.states["v"][1:], 0.1)
    inside = (frequency > 3) & (frequency < 60)
    # v at the end of a step answers the current that acted during it: half a step late.
    middle = found[inside] * np.exp(-2e-3j * np.pi * frequency[inside] * 0.05)
    expected = analysis.linear_impedance("lif", frequency[inside])
    assert np.abs(middle / expected - 1).max() < 0.01
    closed = 0.1 / (1 + 2e-3j * np.pi * frequency[inside] * 20)
    np.testing.assert_allclose(expected, closed, rtol=1e-12)


def test_the_siegert_rate_is_its_integral() -> None:
    for mean, std in [(12, 5), (18, 4), (15, 2), (30, 0.5), (-5, 8), (14, 0.3)]:
        low, high = (x / std / math.sqrt(2) for x in (0 - mean, 15 - mean))
        passage = integrate.quad(lambda x: special.erfcx(-x), low, high, epsabs=0, epsrel=1e-11)[0]
        expected = 1000 / (2 + 20 * math.sqrt(math.pi) * passage)
        assert analysis.siegert_rate(mean, std) == pytest.approx(expected, rel=1e-8)


def test_rates_in_the_limits_of_no_noise_and_of_no_hope() -> None:
    rates = analysis.siegert_rate([30, 10, 18, -300], [0, 0, 1e-4, 3])
    closed = 1000 / (2 + 20 * math.log(2))
    assert rates[0] == pytest.approx(closed)
    assert rates[1] == rates[3] == 0
    assert rates[2] == pytest.approx(analysis.lif_rate(18, t_ref=2), rel=1e-6)
    assert analysis.siegert_rate([30], [1e-9])[0] == pytest.approx(closed, rel=1e-9)


def triangle() -> tuple[np.ndarray, np.ndarray]:
    """From -60 by 100 mV/ms to 40 and back by 50 mV/ms, a dip to -80, and again."""
    corners = [0, 5, 6, 8, 8.4, 12, 15, 16, 18, 18.4, 22]
    values = [-60, -60, 40, -60, -80, -60, -60, 40, -60, -80, -60]
    t = np.arange(0, 22.0005, 0.001)
    return t, np.interp(t, corners, values)


def test_the_shape_of_a_spike_made_of_straight_lines() -> None:
    shapes = analysis.spike_shapes(*triangle(), level=-20.0)
    assert [round(shape.time, 6) for shape in shapes] == [5.4, 15.4]
    first = shapes[0]
    assert first.threshold == pytest.approx(-60, abs=0.1)
    assert first.peak == pytest.approx(40, abs=0.2)
    assert first.peak_time == pytest.approx(6, abs=2e-3)
    assert first.half_level == pytest.approx(-10, abs=0.1)
    assert first.half_width == pytest.approx(1.5, abs=5e-3)
    assert first.width == pytest.approx(0.6 + 1.2, abs=1e-6)
    assert first.trough == pytest.approx(-80, abs=0.1)
    assert first.ahp == pytest.approx(20, abs=0.1)
    assert first.max_slope == pytest.approx(100)
    assert first.min_slope == pytest.approx(-50)


def test_what_a_trace_does_not_show_is_nan_and_not_guessed() -> None:
    t = np.arange(5.0)
    (shape,) = analysis.spike_shapes(t, [-30.0, -10, 0, 10, 20], base=-30)
    assert math.isnan(shape.half_width)
    assert math.isnan(shape.width)
    assert math.isnan(shape.threshold)
    assert analysis.spike_shapes(t, np.full(5, -60.0)) == ()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: analysis.spike_shapes([0, 1, 2], [0, 1]), "2 potentials stand at 3 times"),
        (lambda: analysis.spike_shapes([0, 2, 1], [0, 1, 2]), "times that ascend"),
        (
            lambda: analysis.spike_shapes([0, 1, 2], [0, 1, 2], level=math.nan),
            "`level` must be a finite",
        ),
        (lambda: analysis.power_spectrum([1, 2], 1), "2 samples have no spectrum"),
        (lambda: analysis.component(np.ones(100), 0.1, 9000), "do not show 9000 Hz"),
        (lambda: analysis.impedance([1, 1, 1, 1], [1, 2, 3, 4], 1), "the current never changes"),
        (lambda: analysis.impedance([1, 2], [1], 1), "1 potentials stand beside 2"),
        (lambda: analysis.zap_current(100, 0.1, 5, 1), "do not rise"),
        (lambda: analysis.siegert_rate(1, -1), "`std` must be 0 or more"),
        (lambda: analysis.siegert_rate(1, 1, v_reset=20), "`v_reset` must lie below"),
        (lambda: analysis.lif_rate(1, tau=0), "`tau` must be more than 0 ms"),
        (lambda: analysis.lif_rate(np.inf), "`drive` holds inf"),
        (lambda: analysis.campbell(1, -1), "`rate` must be 0 or more Hz"),
    ],
)
def test_arrays_that_cannot_be_measured_are_refused_in_a_sentence(call, words: str) -> None:
    with pytest.raises(engine.DataError) as caught:
        call()
    assert words in str(caught.value)
    assert "; " in str(caught.value)
