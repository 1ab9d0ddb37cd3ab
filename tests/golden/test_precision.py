"""What single precision, the default, costs: nothing that statistics or a plot would show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import engine
from engine.analysis import cv_isi
from workbench.store.files import load_example

# A drive that keeps the neuron below its threshold, so that no spike's jitter is in the comparison.
BELOW = {
    "lif_psc_exp": (20.0, {"v_th": 0.0}),
    "lif_cond_exp": (0.5, {"v_th": 0.0}),
    "adex": (2.0, {}),
    "izhikevich": (0.2, {}),
    "hodgkin_huxley": (0.005, {}),
    "traub_miles": (0.02, {}),
}


def trace(model: str, precision: str) -> np.ndarray:
    """v (mV) of one neuron over 100 ms of Poisson input."""
    weight, parameters = BELOW[model]
    net = engine.Network("one", seed=4, precision=precision)
    net.population("cell", 1, model, **parameters)
    net.source("drive", "poisson", rate=500)
    net.connect("drive", "cell", weight=weight, delay=1.0)
    net.record("cell", "v")
    net.record("cell", "spikes")
    run = net.simulate(100.0)
    assert len(run["cell"].spikes.times) == 0
    return run["cell"].trace("v").values[:, 0].astype(float)


@pytest.mark.parametrize("model", BELOW)
def test_a_trace_in_single_precision_is_within_a_ten_thousandth_of_a_millivolt(model: str) -> None:
    single, double = trace(model, "float32"), trace(model, "float64")
    assert np.ptp(double) > 0.3  # the input moved it
    assert np.abs(single - double).max() < 1e-4


def measured(example: str, precision: str, duration: float, seed: int) -> tuple[float, float]:
    """Rate (Hz) and CV of the intervals of an example's excitatory neurons after 100 ms."""
    document = load_example(example)
    settings = replace(document.simulation, precision=precision, seed=seed, duration=duration)
    run = engine.simulate(replace(document, simulation=settings), duration)
    spikes = run["exc"].spikes
    late = spikes.times > 100.0
    rate = late.sum() / document.nodes_by_id["exc"].size / (duration - 100.0) * 1000.0
    return float(rate), cv_isi(spikes.times[late], spikes.senders[late])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("example", "duration", "rate", "cv"),
    [
        ("vogels_abbott", 1500.0, 0.05, 0.04),
        ("vogels_abbott_coba", 1500.0, 0.10, 0.10),
        ("brunel", 300.0, 0.03, 0.05),
    ],
)
def test_rates_and_irregularity_do_not_depend_on_the_precision(example, duration, rate, cv) -> None:
    seeds = (1, 2, 3)
    single = np.mean([measured(example, "float32", duration, seed) for seed in seeds], axis=0)
    double = np.mean([measured(example, "float64", duration, seed) for seed in seeds], axis=0)
    assert single[0] == pytest.approx(double[0], rel=rate)
    assert single[1] == pytest.approx(double[1], abs=cv)
