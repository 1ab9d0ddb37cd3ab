"""Brunel 2000: the four regimes, each over five seeds (catalogue E1, and what the paper says).

NEST 3.10.0 gives 37.65 Hz, CV .395 at (g, eta) = (5, 2); 58.9 Hz and 193 Hz at (6, 4); 5.64 Hz and
20 Hz at (4.5, 0.9); 333.3 Hz at (3, 2).
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import brunel_regimes as brunel
import numpy as np
import pytest

import engine
from engine import analysis
from workbench.store.files import load_example

pytestmark = pytest.mark.slow
SEEDS = range(1, 6)
LASTING = {"brunel_slow": 700.0}  # ms; of others 400


@cache
def signatures(name: str) -> list[brunel.Signature]:
    """The example's measures over the seeds."""
    made, found = load_example(name), []
    for seed in SEEDS:
        seeded = replace(made, simulation=replace(made.simulation, seed=seed))
        run = engine.simulate(seeded, LASTING.get(name, 400.0))
        found.append(brunel.signature(run))
    return found


def all_of(name: str, measure: str) -> np.ndarray:
    """One measure, by seed."""
    return np.array([getattr(signature, measure) for signature in signatures(name)])


def test_the_shipped_network_is_asynchronous_and_irregular() -> None:
    rate = all_of("brunel", "rate")
    assert ((rate > 34) & (rate < 42)).all()
    assert rate.mean() == pytest.approx(37.65, rel=0.03)
    assert (all_of("brunel", "cv") > 0.3).all()
    assert (all_of("brunel", "fano") < 20).all()
    # 200 independent cells would have 1/sqrt(200) = 0.07.
    assert (all_of("brunel", "synchrony") < 0.15).all()
    assert (all_of("brunel", "correlation") < 0.03).all()


def test_strong_inhibition_under_a_strong_drive_oscillates_fast() -> None:
    rate, peak = all_of("brunel_fast", "rate"), all_of("brunel_fast", "peak")
    assert ((rate > 53) & (rate < 65)).all()
    assert ((peak > 150) & (peak < 230)).all()
    assert (all_of("brunel_fast", "cv") > 0.5).all()
    assert (all_of("brunel_fast", "fano") > 2 * all_of("brunel", "fano").mean()).all()


def test_a_drive_below_threshold_oscillates_slowly() -> None:
    rate, peak = all_of("brunel_slow", "rate"), all_of("brunel_slow", "peak")
    assert ((rate > 4) & (rate < 7.5)).all()
    assert ((peak >= 15) & (peak <= 30)).all()
    assert (all_of("brunel_slow", "fano") > 10).all()
    # The population beats several times between two spikes of a neuron.
    assert (peak > 2 * rate).all()


def test_weak_inhibition_makes_clusters_that_fire_in_turn() -> None:
    """Each neuron fires every 3.0 ms, twice the delay: those who just fired are refractory when the
    others' volley arrives, and ready for the next."""
    assert all_of("brunel_synchronous", "rate") == pytest.approx(333.3, abs=1)
    assert (all_of("brunel_synchronous", "cv") < 0.01).all()
    assert (all_of("brunel_synchronous", "fano") > 100).all()
    assert (all_of("brunel_synchronous", "synchrony") > 0.4).all()
    assert all_of("brunel_synchronous", "peak") == pytest.approx(1000 / brunel.DELAY, rel=0.01)


@pytest.mark.parametrize(
    ("name", "within"),
    [("brunel", 0.04), ("brunel_fast", 0.1), ("brunel_slow", 0.25), ("brunel_synchronous", 0.04)],
)
def test_rates_are_near_the_fixed_point_of_the_mean_field(name: str, within: float) -> None:
    expected = {"brunel": 37.949697, "brunel_slow": 6.516702, "brunel_fast": 55.841262,
                "brunel_synchronous": 327.008}  # fmt: skip
    theory = brunel.mean_field_rate(brunel.REGIMES[name])
    assert theory == pytest.approx(expected[name], rel=2e-6)
    assert all_of(name, "rate").mean() == pytest.approx(theory, rel=within)


def test_excitatory_and_inhibitory_neurons_fire_alike() -> None:
    """In model A both have the same parameters and inputs."""
    for seed in SEEDS:
        run = brunel.brunel_network(brunel.REGIMES["brunel"], seed).simulate(300.0)
        assert run["inh"].rate_hz(100.0) == pytest.approx(run["exc"].rate_hz(100.0), rel=0.02)


@pytest.mark.parametrize(("g", "eta", "hz"), [(8.0, 2.0, 12.987525), (5.0, 3.0, None)])
def test_inhibition_and_drive_change_the_rate_as_the_mean_field_says(g, eta, hz) -> None:
    regime = brunel.Regime("between", g, eta)
    theory = brunel.mean_field_rate(regime)
    assert hz is None or theory == pytest.approx(hz, rel=2e-6)
    for seed in SEEDS:
        run = brunel.brunel_network(regime, seed).simulate(250.0)
        assert run["exc"].rate_hz(100.0) == pytest.approx(theory, rel=0.06)


def test_twice_the_delay_makes_the_fast_oscillation_about_half_as_fast() -> None:
    for seed in SEEDS:
        slower = replace(brunel.REGIMES["brunel_fast"], delay=3.0)
        run = brunel.brunel_network(slower, seed).simulate(300.0)
        spectrum = analysis.population_spectrum(
            run["exc"].spikes.times, 100.0, 300.0, width=0.5, segment=200.0
        )
        peak = analysis.spectral_peak(*spectrum, 20.0, 800.0)
        assert 0.4 < peak / all_of("brunel_fast", "peak").mean() < 0.7
