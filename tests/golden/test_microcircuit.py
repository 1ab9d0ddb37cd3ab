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
    # Irregular, if less than the whole: part of the input is a constant current here.
    assert 0.5 < np.mean(irregular) < 1.1
