"""The gallery's networks fire as they do in the simulators of the field.

Ranges over several seeds.  Vogels-Abbott: Brian2 2.9, 4 seeds, 1.2 s (rates 5.46-5.75 and
18.3-20.7 Hz, CVs .528-.542 and 1.60-1.68).  Brunel: NEST 3.10 at full size, first 100 ms dropped.
Izhikevich: the published code in NumPy, 10 seeds of 4 s.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import engine
from engine import analysis, simulate
from engine.document import Document, Recorder
from workbench.store.files import load_example

SEEDS = (1, 2, 3, 4, 5)


def prepared(example: str, seed: int, *nodes: str) -> Document:
    """The example with this seed, recording the spikes of ``nodes``."""
    made = load_example(example)
    recorders = tuple(Recorder(f"rec-{node}", node, "spikes") for node in nodes)
    return replace(made, recorders=recorders, simulation=replace(made.simulation, seed=seed))


def rates_and_cvs(example: str) -> tuple[np.ndarray, np.ndarray, list[engine.Run]]:
    """Over all neurons, the first 200 of 1,200 ms left out."""
    runs = [simulate(prepared(example, seed, "exc", "inh"), 1200.0) for seed in SEEDS]
    rates, cvs = [], []
    for run in runs:
        exc, inh = (run[node].rate_hz(200.0) for node in ("exc", "inh"))
        rates.append((3200 * exc + 800 * inh) / 4000)
        cvs.append(run["exc"].cv_isi(200.0))
    return np.array(rates), np.array(cvs), runs


def test_vogels_abbott_with_currents():
    rates, cvs, runs = rates_and_cvs("vogels_abbott")
    assert ((rates > 4.5) & (rates < 6.8)).all()
    assert rates.mean() == pytest.approx(5.59, abs=0.25)
    assert ((cvs > 0.45) & (cvs < 0.65)).all()
    assert all(run["exc"].rate_hz(1000.0) > 2 for run in runs)


def test_vogels_abbott_with_conductances():
    rates, cvs, runs = rates_and_cvs("vogels_abbott_coba")
    assert ((rates > 15) & (rates < 25)).all()
    assert rates.mean() == pytest.approx(19.5, abs=1.7)
    assert (cvs > 1).all()
    assert all(run["exc"].rate_hz(1000.0) > 5 for run in runs)


def test_izhikevich_1000_fires_as_published_and_in_two_rhythms():
    exc, inh, alpha, gamma = [], [], [], []
    for seed in SEEDS:
        run = simulate(prepared("izhikevich_1000", seed, "exc", "inh"), 4000.0)
        exc.append(run["exc"].rate_hz())
        inh.append(run["inh"].rate_hz())
        times = run["exc"].spikes.times
        spectrum = analysis.population_spectrum(times, 0.0, 4000.0, segment=1000.0)
        alpha.append(analysis.spectral_peak(*spectrum, 3.0, 15.0))
        gamma.append(analysis.spectral_peak(*spectrum, 20.0, 60.0))
    assert np.mean(exc) == pytest.approx(7.35, abs=0.25)
    assert np.mean(inh) == pytest.approx(6.83, abs=0.35)
    assert 5 < np.mean(alpha) < 10
    assert 23 < np.mean(gamma) < 40


def brunel(g: float, eta: float, seed: int, duration: float) -> engine.Run:
    """The example with other inhibition ``g`` and drive ``eta`` (as shipped: 5 and 2)."""
    made = prepared("brunel", seed, "exc")
    nodes = tuple(
        replace(node, parameters={"rate": node.parameters["rate"] * eta / 2})
        if node.kind == "source"
        else node
        for node in made.nodes
    )
    edges = tuple(
        replace(edge, weight=-0.1 * g) if edge.source == "inh" else edge for edge in made.edges
    )
    return simulate(replace(made, nodes=nodes, edges=edges), duration)


def measures(run: engine.Run) -> tuple[float, float, float]:
    """(rate, CV, Fano factor of the 1 ms count of 1,000 cells), the first 100 ms left out."""
    end = 1000 * run.bio_s
    spikes = run["exc"].spikes
    some = spikes.times[spikes.senders < 1000]
    fano = analysis.fano(some, 100.0, end)
    return run["exc"].rate_hz(100.0), run["exc"].cv_isi(100.0), fano


def peak(run: engine.Run, low: float, high: float, segment: float) -> float:
    """Frequency of the population's strongest rhythm within a band."""
    times, end = run["exc"].spikes.times, 1000 * run.bio_s
    spectrum = analysis.population_spectrum(times, 100.0, end, segment=segment)
    return analysis.spectral_peak(*spectrum, low, high)


@pytest.mark.slow
def test_brunel_is_asynchronous_and_irregular_as_shipped():
    found = np.array([measures(brunel(5.0, 2.0, seed, 400.0)) for seed in SEEDS])
    rate, cv, fano = found.T
    assert ((rate > 34) & (rate < 42)).all()
    assert rate.mean() == pytest.approx(37.65, rel=0.03)
    assert (cv > 0.3).all()
    assert (fano < 20).all()


@pytest.mark.slow
def test_brunel_oscillates_fast_under_strong_inhibition():
    run = brunel(6.0, 4.0, 1, 400.0)
    rate, cv, fano = measures(run)
    assert 53 < rate < 65
    assert cv > 0.5
    assert fano > 2 * measures(brunel(5.0, 2.0, 1, 400.0))[2]
    assert 150 < peak(run, 50.0, 400.0, 200.0) < 230


@pytest.mark.slow
def test_brunel_oscillates_slowly_under_a_weak_drive():
    run = brunel(4.5, 0.9, 1, 700.0)
    rate, _, fano = measures(run)
    assert 4 < rate < 7.5
    assert fano > 10
    assert 15 <= peak(run, 5.0, 100.0, 300.0) <= 30


@pytest.mark.slow
def test_brunel_is_regular_and_synchronous_when_excitation_wins():
    run = brunel(3.0, 2.0, 1, 300.0)
    rate, cv, _ = measures(run)
    assert 300 < rate < 360
    assert cv < 0.1
