"""The cortical microcircuit at a tenth: its layers fire in the order of the whole network."""

from __future__ import annotations

from pathlib import Path

import microcircuit as cortex
import numpy as np
import pytest

from engine.analysis import cv_of_cells
from engine.document import load

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_whole_network_has_as_many_neurons_and_synapses_as_published() -> None:
    """Potjans & Diesmann 2014: 77,169 neurons, about 0.3 thousand million synapses."""
    assert sum(cortex.SIZES.values()) == 77_169
    whole = cortex.microcircuit(1.0).document
    assert [node.size for node in whole.populations] == list(cortex.SIZES.values())
    wired = sum(edge.rule["n"] for edge in whole.edges if edge.rule["kind"] == "fixed_total")
    assert wired == pytest.approx(298_880_941, rel=1e-3)  # NEST's example tells this number
    assert not any(edge.source == "mean" for edge in whole.edges)


def test_the_document_in_the_gallery_is_a_tenth_of_it() -> None:
    shipped = load(EXAMPLES / "microcircuit.json")
    assert shipped.edges == cortex.microcircuit(0.1).document.edges


def test_what_a_tenth_lacks_of_its_mean_input_is_a_current() -> None:
    """van Albada et al. 2015: 0.001 tau_syn (1 - sqrt k) (sum w K nu + w_ext K_ext nu_ext) in pA;
    here for layer 5, from the catalogue's table."""
    sizes = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
    p = np.array([0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0])
    nu = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])
    inputs = np.log(1 - p) / np.log(1 - 1 / (sizes * sizes[4])) / sizes[4]
    w = 87.8 * np.array([1, -4] * 4)
    for k in (0.1, 0.5):
        current = 0.001 * 0.5 * (1 - np.sqrt(k)) * (np.sum(w * inputs * nu) + 87.8 * 2000 * 8)
        edges = cortex.microcircuit(k).document.edges
        (found,) = [edge for edge in edges if (edge.source, edge.target) == ("mean", "L5E")]
        assert found.weight == pytest.approx(current, abs=2e-3)
        (own,) = [edge for edge in edges if (edge.source, edge.target) == ("L5E", "L5E")]
        assert own.weight["mean"] == pytest.approx(87.8 / np.sqrt(k), rel=1e-4)
        assert own.rule["n"] == pytest.approx(inputs[4] * sizes[4] * k**2, rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
def test_the_whole_network_fires_as_published(seed: int) -> None:
    """Within a quarter of the rates of NEST's example; 300 million synapses, 2.3 GB."""
    run = cortex.microcircuit(1.0, seed).simulate(400.0)
    assert run.synapses == pytest.approx(298_880_941, rel=1e-3)
    rates = [run[name].rate_hz(200.0) for name in cortex.SIZES]
    np.testing.assert_allclose(rates, cortex.RATES, rtol=0.25)
    assert np.argsort(rates).tolist()[:2] == [0, 6]
    assert set(np.argsort(rates)[-2:]) <= {4, 5, 7}


@pytest.mark.slow
def test_a_tenth_fires_in_the_order_of_the_whole() -> None:
    rates, irregular = [], []
    for seed in range(1, 6):
        run = cortex.microcircuit(0.1, seed).simulate(1000.0)
        late = [run[name].spikes.times > 200 for name in cortex.SIZES]
        rates.append([
            part.sum() / (0.1 * size * 0.8)
            for part, size in zip(late, cortex.SIZES.values(), strict=True)
        ])  # fmt: skip
        spikes = run["L5E"].spikes
        irregular.append(np.nanmean(cv_of_cells(spikes.times, spikes.senders)))
    mean = np.mean(rates, axis=0)
    assert np.argsort(mean).tolist() == np.argsort(cortex.RATES).tolist()
    # Correlations are not kept, so rates are a little below those of the whole.
    np.testing.assert_allclose(mean[1:], cortex.RATES[1:], rtol=0.35)
    assert 0.2 < mean[0] < 1.2
    # Inhibition fires more than excitation in every layer of every network.
    by_layer = np.reshape(rates, (len(rates), 4, 2))
    assert (by_layer[:, :, 1] > by_layer[:, :, 0]).all()
    # Irregular, if less than the whole: part of the input is a constant current here.
    assert 0.5 < np.mean(irregular) < 1.1
