"""Neurons in steps against lists worked out with the published libraries.

Input x1 into one neuron, v = 0 at first, threshold 1; spikes, then v after each step.  The lists
are SpikingJelly 2.0.0's, `decay_input` and `v_reset` as there.
"""

from __future__ import annotations

import numpy as np
import pytest

import engine

torch = pytest.importorskip("torch")

X1 = [0.6, 0.6, 0.6, 0.0, 1.2, 0.3, 0.9, 0.9, 0.0, 2.5]
DECAYED = [0.3, 0.45, 0.525, 0.2625, 0.73125, 0.515625, 0.7078125, 0.8039062, 0.4019531]
LISTS = {
    "IF, hard": (
        "if_discrete", {}, "0100101001", [0.6, 0, 0.6, 0.6, 0, 0.3, 0, 0.9, 0.9, 0],
    ),
    "IF, soft": (
        "if_discrete", {"soft_reset": 1}, "0100111101",
        [0.6, 0.2, 0.8, 0.8, 1.0, 0.3, 0.2, 0.1, 0.1, 1.6],
    ),
    "LIF, decayed input, hard": (
        "lif_discrete", {"tau": 2}, "0000000001", [*DECAYED, 0.0],
    ),
    "LIF, decayed input, soft": (
        "lif_discrete", {"tau": 2, "soft_reset": 1}, "0000000001", [*DECAYED, 0.4509765],
    ),
    "LIF, hard": (
        "lif_discrete", {"tau": 2, "decay_input": 0}, "0010101001",
        [0.6, 0.9, 0, 0, 0, 0.3, 0, 0.9, 0.45, 0],
    ),
    "LIF, soft": (
        "lif_discrete", {"tau": 2, "decay_input": 0, "soft_reset": 1}, "0010101001",
        [0.6, 0.9, 0.05, 0.025, 0.2125, 0.40625, 0.103125, 0.9515625, 0.4757812, 1.7378907],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LISTS)
def test_a_layer_has_the_published_spikes_and_potentials(case: str) -> None:
    from engine.deep import Spiking

    model, parameters, spikes, potentials = LISTS[case]
    layer = Spiking(model, traces=("v",), **parameters)
    emitted, v = layer(torch.tensor(X1).reshape(-1, 1))
    assert "".join(str(int(spike)) for spike in emitted.ravel()) == spikes
    # The one input that meets the threshold exactly may fall on either side of it in float32.
    np.testing.assert_allclose(v.ravel(), potentials, atol=1e-5)


@pytest.mark.parametrize("case", LISTS)
def test_the_simulator_gives_the_same(case: str) -> None:
    model, parameters, spikes, potentials = LISTS[case]
    found = engine.response(model, np.array(X1), duration=10, dt=1, params=parameters)
    fired = [int(spike) for spike in spikes]
    np.testing.assert_array_equal(found.spike_times, np.flatnonzero(fired) + 1.0)
    np.testing.assert_allclose(found.states["v"][1:], potentials, atol=1e-6)


def test_a_spike_adds_its_weight_at_the_end_of_the_step() -> None:
    network = engine.Network(dt=1.0)
    network.source("x", "spike_times", times=[1, 2, 3, 5])
    network.population("n", 1, "if_discrete")
    network.record("n", "spikes")
    network.connect("x", "n", weight=0.5, delay=1)
    run = network.simulate(10)
    # 0.5 each at 2, 3, 4 and 6 ms: 1.0 is reached at 3 and at 6 ms.
    assert list(run["n"].spikes.times) == [3.0, 6.0]
