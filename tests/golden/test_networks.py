"""The gallery's networks fire as they do in the simulators of the field.

``THEIRS`` is what Brian2 2.9 and NEST 3.10 gave together, measured by `workbench.bench.agreement`
over its windows with the same initial conditions, and the standard error of that mean.  Ours over
``SEEDS`` must lie within four standard errors, theirs and ours together.  Izhikevich's rates by
population: the published code in NumPy, 10 seeds of 4 s.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import engine
from engine import analysis, simulate
from engine.document import Document, Recorder
from workbench.bench.agreement import sampled
from workbench.bench.networks import CASES
from workbench.store.files import load_example

SEEDS = range(1, 11)
FEW = range(1, 6)
THEIRS = {  # (rate [Hz], its standard error), (CV, its standard error)
    "cuba": ((5.605, 0.054), (0.533, 0.002)),
    "coba": ((18.72, 0.25), (1.607, 0.006)),
    "cobahh": ((42.8, 0.9), (1.874, 0.012)),
    "brunel": ((37.5, 0.08), (0.3955, 0.0015)),
    "izhikevich": ((7.253, 0.013), (0.437, 0.001)),
}
WITHIN = 4.0  # standard errors


def prepared(example: str, seed: int, *nodes: str) -> Document:
    """The example with this seed, recording the spikes of ``nodes``."""
    made = load_example(example)
    recorders = tuple(Recorder(f"rec-{node}", node, "spikes") for node in nodes)
    return replace(made, recorders=recorders, simulation=replace(made.simulation, seed=seed))


def agrees(name: str, precision: str, seeds: range = SEEDS) -> None:
    """Assert that rate and CV of a case of the benchmark are those of the other simulators."""
    case = next(case for case in CASES if case.name == name)
    sample = sampled(case, precision, seeds)
    for values, (mean, error) in zip((sample.rate, sample.CV), THEIRS[name], strict=True):
        own = values.std(ddof=1) / np.sqrt(len(values))
        assert abs(values.mean() - mean) < WITHIN * np.hypot(own, error)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("name", ["cuba", "coba", "izhikevich"])
def test_networks_fire_as_in_other_simulators(name, precision):
    agrees(name, precision)


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("name", ["cobahh", "brunel"])
def test_large_networks_fire_as_in_other_simulators(name, precision):
    agrees(name, precision)


@pytest.mark.parametrize(
    ("example", "low", "high"), [("vogels_abbott", 2, 12), ("vogels_abbott_coba", 5, 40)]
)
def test_vogels_abbott_goes_on_by_itself(example, low, high):
    for seed in FEW:
        run = simulate(prepared(example, seed, "exc"), 1200.0)
        assert low < run["exc"].rate_hz(1000.0) < high


def test_izhikevich_1000_fires_as_published_and_in_two_rhythms():
    exc, inh, alpha, gamma = [], [], [], []
    for seed in FEW:
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
    found = np.array([measures(brunel(5.0, 2.0, seed, 400.0)) for seed in FEW])
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
