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
    ("example", "rates", "cvs"),
    [("vogels_abbott", (4.5, 6.8), (0.45, 0.65)), ("vogels_abbott_coba", (15, 25), (1.0, 2.0))],
)
def test_vogels_abbott_goes_on_by_itself_irregularly_and_asynchronously(example, rates, cvs):
    for seed in FEW:
        run = simulate(prepared(example, seed, "exc", "inh"), 1200.0)
        exc = run["exc"]
        assert rates[0] < exc.rate_hz(200.0) < rates[1]
        assert cvs[0] < exc.cv_isi(200.0) < cvs[1]
        assert exc.rate_hz(1000.0) > 0.3 * exc.rate_hz(200.0)
        assert run["inh"].rate_hz(200.0) == pytest.approx(exc.rate_hz(200.0), rel=0.1)
        times, senders = exc.spikes.times, exc.spikes.senders
        some = senders < 200
        assert analysis.mean_correlation(times[some], senders[some], 200, 200.0, 1200.0) < 0.05


def test_a_network_of_conductances_that_nobody_kicks_stays_silent():
    for seed in FEW:
        made = prepared("vogels_abbott_coba", seed)
        nodes = tuple(replace(node, initial={}) for node in made.nodes)
        assert simulate(replace(made, nodes=nodes), 200.0)["exc"].rate_hz() == 0


def rhythms(made: Document, duration: float = 4000.0) -> list[float]:
    """(rate of excitation, of inhibition [Hz], alpha and gamma frequency [Hz], power of the alpha
    peak over that of independent cells) of Izhikevich's network."""
    run = simulate(made, duration)
    times = run["exc"].spikes.times
    frequency, power = analysis.population_spectrum(times, 0.0, duration, segment=1000.0)
    peaks = [analysis.spectral_peak(frequency, power, *band) for band in ((3, 15), (20, 60))]
    highest = float(power[frequency == peaks[0]][0])
    return [run["exc"].rate_hz(), run["inh"].rate_hz(), *peaks, highest]


def test_izhikevich_1000_fires_as_published_and_in_two_rhythms():
    """Ten seeds of 4 s of the published code in NumPy: 7.35 +- 0.12 and 6.83 +- 0.13 Hz; peaks at 7
    to 8.2 and at 25 to 37 Hz."""
    found = np.array([rhythms(prepared("izhikevich_1000", seed, "exc", "inh")) for seed in FEW])
    exc, inh, alpha, gamma, power = found.T
    assert ((exc > 7.0) & (exc < 7.6)).all()
    assert ((inh > 6.45) & (inh < 7.1)).all()
    assert 6.5 <= np.mean(alpha) <= 8.5
    assert 25 <= np.mean(gamma) <= 37
    assert (power > 20).all()


def test_without_its_synapses_izhikevich_1000_has_no_rhythm():
    for seed in FEW:
        made = prepared("izhikevich_1000", seed, "exc", "inh")
        noise = tuple(edge for edge in made.edges if edge.port == "current")
        alone = rhythms(replace(made, edges=noise), 2000.0)
        assert alone[0] > 1
        assert alone[-1] < 5
