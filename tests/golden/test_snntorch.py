"""snnTorch's neurons in every combination of its resets, against the package itself.

The lists are what snnTorch 1.0.0 computes for the input below (0.4 of it into `Synaptic`), from
zero states: ``Leaky(beta=0.9)``, ``Synaptic(alpha=0.8, beta=0.9)``, ``Alpha(alpha=0.9, beta=0.8,
threshold=0.6)``, each with ``reset_mechanism`` and ``reset_delay``; spikes, the potential after
each step, and the gradient of sum(w * spikes), w from 1 to 2, by the input, with its surrogate.
The input is strong enough for a neuron to stay above its threshold after a subtractive reset.
"""

from __future__ import annotations

import numpy as np
import pytest

import engine

torch = pytest.importorskip("torch")

INPUT = np.array([0.6, 1.5, 1.5, 1.5, 1.5, 0.2, 0.0, 0.9, 2.9, 0.4, 0.1, 0.0])
SCALE = {"synaptic": 0.4}
# model, parameters, spikes, potentials, gradients
CASES = [
    (
        "snntorch_leaky", {"soft_reset": 1, "reset_delay": 1}, "011111011110",
        [0.6, 2.04, 2.336, 2.6024, 2.84216, 1.757944, 0.5821494, 1.423935, 3.181541,
         2.263387, 1.137048, 0.0233432],
        [1.976313, 1.765096, 1.857395, 1.993236, 2.161023, 2.35721, 2.376815, 2.01034,
         1.57822, 1.71357, 1.783382, 0.192045],
    ),
    (
        "snntorch_leaky", {"soft_reset": 1, "reset_delay": 0}, "011111011100",
        [0.6, 1.04, 1.436, 1.7924, 2.11316, 1.101844, 0.9916594, 0.7924933, 2.613244,
         1.75192, 1.676728, 1.509055],
        [0.934955, 0.993071, 1.093229, 1.162234, 1.271561, 1.40448, 1.017122, 1.071637,
         1.089478, 1.200017, 1.210264, 0.591919],
    ),
    (
        "snntorch_leaky", {"soft_reset": 0, "reset_delay": 1}, "011110011000",
        [0.6, 2.04, 1.5, 1.5, 1.5, 0.2, 0.18, 1.062, 2.9, 0.4, 0.46, 0.414],
        [0.471823, 0.09344, 0.340837, 0.367055, 0.393273, 1.657953, 1.621278, 1.576551,
         0.047156, 1.211483, 0.902389, 0.455666],
    ),
    (
        "snntorch_leaky", {"soft_reset": 0, "reset_delay": 0}, "011110011000",
        [0.6, 0, 0, 0, 0, 0.2, 0.18, 0, 0, 0.4, 0.46, 0.414],
        [0.434614, 0.06789, 0.162468, 0.45813, -0.233922, 1.610918, 1.613112, 1.605318,
         -0.031239, 1.100198, 0.853744, 0.455666],
    ),
    (
        "synaptic", {"soft_reset": 1, "reset_delay": 1}, "011111111111",
        [0.24, 1.008, 1.1408, 1.6136, 2.321744, 2.665173, 2.659139, 2.761611, 3.740159,
         4.32991, 4.507933, 4.345951],
        [5.602372, 4.142505, 2.207117, 0.971964, 0.602285, 0.446939, 0.322587, 0.212134,
         0.129035, 0.081893, 0.046086, 0.017938],
    ),
    (
        "synaptic", {"soft_reset": 1, "reset_delay": 0}, "011111111111",
        [0.24, 0.008, 0.2408001, 0.8036003, 1.592744, 2.009073, 2.068649, 2.23017, 3.261862,
         3.899443, 4.120513, 3.997272],
        [3.059286, 2.593614, 1.878603, 1.224288, 0.967464, 0.763106, 0.51392, 0.305934,
         0.165835, 0.102701, 0.057372, 0.022305],
    ),
    (
        "synaptic", {"soft_reset": 0, "reset_delay": 1}, "010101010101",
        [0.24, 1.008, 0, 1.58688, 0, 1.575603, 0, 1.368386, 0, 1.963767, 0, 1.288811],
        [2.527277, 1.74605, 0.819787, 1.024733, 0.919294, 1.149118, 1.010593, 1.263241,
         0.704697, 0.880872, 0.877558, 1.096947],
    ),
    (
        "synaptic", {"soft_reset": 0, "reset_delay": 0}, "011111111111",
        [0.24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [2.093421, 1.826584, 1.587599, 1.248645, 1.249966, 1.406032, 1.531151, 1.313463,
         0.82272, 0.923458, 0.945569, 1.096947],
    ),
    (
        "alpha", {"soft_reset": 1, "v_th": 0.6}, "000101111111",
        [0, 0.1136717, 0.4774216, 1.013953, -2.303045, 8.443819, 7.437327, 6.12336,
         6.022547, 9.341971, 8.066759, 6.407544],
        [0.610553, 0.369591, 0.110745, 0.018971, 0.035668, 0.026693, 0.032669, 0.026037,
         0.017692, 0.015097, 0.010214, 0],
    ),
    (
        "alpha", {"soft_reset": 0, "v_th": 0.6}, "000100000100",
        [0, 0.1136717, 0.4774216, 1.013953, 0, 0, 0.0378906, 0.0644139, 0.2527299,
         0.9326768, 0, 0],
        [0.58788, 0.347297, 0.089596, 0, 0, 0.938686, 0.692163, 0.429281, 0.164632, 0, 0,
         0],
    ),
]  # fmt: skip
NAMES = [f"{model} {parameters}" for model, parameters, *_ in CASES]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_layer_has_the_spikes_potentials_and_gradients_of_the_package(case: tuple) -> None:
    from engine.deep import Spiking

    model, parameters, spikes, potentials, gradients = case
    layer = Spiking(model, traces=("v",), surrogate="atan", **parameters)
    x = torch.tensor(SCALE.get(model, 1.0) * INPUT).reshape(-1, 1).requires_grad_()
    emitted, v = layer(x)
    (emitted * torch.linspace(1.0, 2.0, len(INPUT)).reshape(-1, 1)).sum().backward()
    assert "".join(str(int(spike)) for spike in emitted.ravel()) == spikes
    np.testing.assert_allclose(v.detach().ravel(), potentials, atol=2e-6)
    np.testing.assert_allclose(x.grad.ravel(), gradients, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_simulator_has_its_spikes_and_potentials(case: tuple) -> None:
    model, parameters, spikes, potentials, _ = case
    x = SCALE.get(model, 1.0) * INPUT
    found = engine.response(model, x, duration=len(x), dt=1, params=parameters)
    fired = [int(spike) for spike in spikes]
    np.testing.assert_array_equal(found.spike_times, np.flatnonzero(fired) + 1.0)
    np.testing.assert_allclose(found.states["v"][1:], potentials, atol=2e-6)
