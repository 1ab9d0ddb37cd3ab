"""Random numbers: the published generator, the same values everywhere, the right distributions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from engine.backends import philox
from engine.backends.numba_cpu import random as compiled

# kat_vectors of Random123 1.14 (Salmon et al. 2011): counter, key, result of philox4x32-10.
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@njit(error_model="numpy")
def compiled_philox(c0, c1, c2, c3, k0, k1):
    return philox.philox(c0, c1, c2, c3, k0, k1)


@njit(error_model="numpy")
def fill_words(out, members, step, purpose, seed, stream):
    compiled.word_row(out, 0, members, step, purpose, seed, stream)


@njit(error_model="numpy")
def fill_normals(out, members, step, purpose, seed, stream, like):
    compiled.normal_row(out, 0, members, step, purpose, seed, stream, like)


@njit(error_model="numpy")
def fill_escapes(out, members, step, purpose, seed, stream, like):
    compiled.escape_row(out, 0, members, step, purpose, seed, stream, like)


@pytest.mark.parametrize("run", [philox.philox, compiled_philox], ids=["numpy", "compiled"])
@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_philox_gives_the_published_vectors(run, counter, key, expected) -> None:
    words = run(*(np.uint64(word) for word in (*counter, *key)))
    assert tuple(int(word) for word in words) == expected


@pytest.mark.parametrize("step", [0, 1, 12345, 2**32 - 1, 2**32 + 7])
def test_compiled_words_and_normals_are_the_oracles_to_the_last_bit(step: int) -> None:
    members, key = 256, philox.key(7, 99)
    words = np.zeros(members, np.uint32)
    fill_words(words.ctypes.data, members, step, 3, *key)
    np.testing.assert_array_equal(words, philox.words(7, 99, step, members, 3))
    for like in (np.float64(0), np.float32(0)):
        normals = np.zeros(members, like.dtype)
        fill_normals(normals.ctypes.data, members, step, philox.NORMAL + 2, *key, like)
        expected = philox.normals(7, 99, step, members, 2, like.dtype)
        np.testing.assert_array_equal(normals, expected)
        escapes = np.zeros(members, like.dtype)
        fill_escapes(escapes.ctypes.data, members, step, philox.ESCAPE + 2, *key, like)
        expected = philox.escapes(7, 99, step, members, 2, like.dtype)
        np.testing.assert_array_equal(escapes, expected)


def test_normals_in_single_precision_are_those_in_double_rounded() -> None:
    double = np.concatenate([philox.normals(1, 2, step, 100_000) for step in range(3)])
    single = np.concatenate([philox.normals(1, 2, s, 100_000, 0, np.float32) for s in range(3)])
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, double, rtol=1e-6)


def test_escapes_in_single_precision_are_those_in_double_rounded() -> None:
    words = philox.words(1, 2, 3, 100_000, 4)
    words[:4] = 0, 1, 2**32 - 2, 2**32 - 1  # the largest and the smallest
    double, single = philox.log_exponential(words), philox.single_log_exponential(words)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, double, rtol=1e-6, atol=1e-6)
    exact = np.log(-np.log1p((words[2:4].astype(float) + 0.5) / 2.0**32 - 1.0))
    np.testing.assert_allclose(double[2:4], exact, rtol=1e-14)


def test_escapes_are_below_the_logarithm_of_x_with_the_probability_of_an_exponential() -> None:
    draws = np.concatenate([philox.escapes(1, 2, step, 200_000) for step in range(5)])
    for x in (1e-4, 0.01, 0.1, 1.0, 4.0):
        p = -math.expm1(-x)
        spread = math.sqrt(p * (1.0 - p) / draws.size)
        assert abs(float(np.mean(draws < math.log(x))) - p) < 5 * spread


def test_the_logarithm_in_single_precision_is_right_at_both_ends() -> None:
    words = np.array([0, 1, 2**31 - 1, 2**31, 3 * 2**30, 2**32 - 2, 2**32 - 1], np.uint64)
    expected = [math.log((int(word) + 0.5) / 2.0**32) for word in words]
    np.testing.assert_allclose(philox.single_logarithm(words), expected, rtol=2e-7)


@given(st.integers(1, 300), st.integers(0, 2**40), st.integers(0, 2**70), st.integers(0, 2**32 - 1))
def test_a_number_depends_on_its_place_alone(members, step, seed, stream) -> None:
    all_of_them = philox.normals(seed, stream, step, 300)
    np.testing.assert_array_equal(
        philox.normals(seed, stream, step, members), all_of_them[:members]
    )


def test_seeds_streams_steps_and_purposes_give_other_numbers() -> None:
    places = [(1, 2, 3, 0), (2, 2, 3, 0), (1, 3, 3, 0), (1, 2, 4, 0), (1, 2, 3, 1),
              (1, 2, 3 + 2**32, 0), (1 + 2**32, 2, 3, 0)]  # fmt: skip
    words = [philox.words(seed, stream, step, 64, what) for seed, stream, step, what in places]
    for k, mine in enumerate(words):
        for other in words[:k]:
            assert np.mean(mine == other) < 0.05


def test_normals_have_the_moments_and_tails_of_the_normal_law() -> None:
    draws = np.concatenate([philox.normals(1, 2, step, 200_000) for step in range(5)])
    root = math.sqrt(draws.size)
    assert abs(draws.mean()) < 5 / root
    assert abs(draws.var() - 1.0) < 5 * math.sqrt(2) / root
    assert abs((draws**3).mean()) < 5 * math.sqrt(15) / root
    assert abs((draws**4).mean() - 3.0) < 5 * math.sqrt(96) / root
    beyond = float(np.mean(np.abs(draws) > 3.0))
    assert beyond == pytest.approx(math.erfc(3.0 / math.sqrt(2.0)), rel=0.1)
    neighbours = np.corrcoef(draws[:-1], draws[1:])[0, 1]
    assert abs(neighbours) < 5 / root


def test_uniforms_fill_the_open_interval_evenly() -> None:
    draws = philox.uniforms(3, 4, 5, 100_000, 0)
    assert 0.0 < draws.min() < draws.max() < 1.0
    counts = np.bincount((draws * 100).astype(int), minlength=100)
    chi = float(((counts - 1000.0) ** 2 / 1000.0).sum())
    assert chi < 99 + 5 * math.sqrt(2 * 99)


@pytest.mark.parametrize("rate", [0.001, 0.1, 1.0, 2.0, 15.9, 17.0, 100.0])
def test_counts_follow_the_poisson_law(rate: float) -> None:
    ladder = philox.ladder(rate)
    counts = np.concatenate([philox.counts(1, 2, step, 50_000, ladder) for step in range(4)])
    most = int(rate + 8 * math.sqrt(rate) + 8)
    expected = np.array(
        [math.exp(k * math.log(rate) - rate - math.lgamma(k + 1)) for k in range(most)]
    )
    seen = np.bincount(counts, minlength=most)[:most] / counts.size
    error = np.sqrt(expected * (1.0 - expected) / counts.size) + 1e-6
    assert (np.abs(seen - expected) < 5.5 * error).all()


def test_large_counts_have_mean_and_variance_of_the_rate() -> None:
    counts = philox.counts(1, 2, 0, 200_000, philox.ladder(1000.0)).astype(float)
    assert counts.mean() == pytest.approx(1000.0, abs=5 * math.sqrt(1000 / 200_000))
    assert counts.var() == pytest.approx(1000.0, rel=0.02)


def test_rates_of_members_do_not_touch_each_other() -> None:
    rates = np.array([0.0, 0.5, 20.0, 400.0])
    together = philox.counts(1, 2, 9, 4, philox.ladder(rates))
    assert together[0] == 0
    assert together[3] > 250
    # The rate 20 asks for two parts, in which the rate 0.5 is halved; alone it is counted in one.
    many = np.concatenate([philox.counts(1, 2, s, 4, philox.ladder(rates)) for s in range(3000)])
    assert many.reshape(-1, 4)[:, 1].mean() == pytest.approx(0.5, abs=0.07)


@given(st.floats(1e-300, 1e300))
def test_logarithm_is_within_two_units_of_the_last_place(x: float) -> None:
    assert float(philox.logarithm(x)) == pytest.approx(math.log(x), rel=5e-16, abs=2e-16)


def test_circle_goes_round() -> None:
    words = np.random.default_rng(1).integers(0, 2**32, 10_000, dtype=np.uint64)
    words[:8] = [0, 2**29, 2**30 - 1, 2**30, 2**31, 3 * 2**30, 7 * 2**29, 2**32 - 1]
    cosine, sine = philox.circle(words)
    angle = 2.0 * math.pi * (words + 0.5) / 2.0**32
    np.testing.assert_allclose(cosine, np.cos(angle), atol=3e-15)
    np.testing.assert_allclose(sine, np.sin(angle), atol=3e-15)
