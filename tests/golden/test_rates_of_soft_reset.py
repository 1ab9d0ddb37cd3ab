"""What networks with activations become in spikes (D13): rates of neurons that are reset softly.

With a soft reset nothing of the input is lost, so a neuron's rate over T steps is its activation,
clipped and rounded down to a multiple of 1/T (Rueckauer et al. 2017, Frontiers in Neuroscience
11:682); from half the threshold on it is rounded to the nearest (QCFS, Bu et al. 2022, ICLR).
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike

import engine


def counts(x: ArrayLike, steps: int, start: float = 0.0, threshold: float = 1.0) -> np.ndarray:
    """Spikes in ``steps`` of one neuron for each constant input ``x``, run as a population."""
    inputs = np.ravel(x).astype(float)
    net = engine.Network(dt=1.0, precision="float64")
    cells = net.population("cells", inputs.size, "if_discrete", v_th=threshold, soft_reset=1,
                           initial={"v": start})  # fmt: skip
    one = net.source("one", "constant_current", inputs.size, amplitude=1.0)
    net.connect(one, cells, engine.rules.one_to_one(), port="current", weight=inputs.tolist())
    net.record(cells, "spikes")
    spikes = net.simulate(float(steps))["cells"].spikes
    return np.bincount(spikes.senders, minlength=inputs.size)


def rounded_down(x: ArrayLike, steps: int, start: float, threshold: float) -> np.ndarray:
    """The rate of the catalogue: clip(floor(T x / th + v0 / th) / T, 0, 1)."""
    found = np.floor(steps * np.asarray(x) / threshold + start / threshold)
    return np.clip(found / steps, 0, 1)


def qcfs(x: ArrayLike, levels: int, largest: float) -> np.ndarray:
    """The activation with which a network is trained that is to be converted."""
    found = np.floor(np.asarray(x) * levels / largest + 0.5)
    return largest * np.clip(found / levels, 0, 1)


def test_counts_from_half_the_threshold_on() -> None:
    assert counts([0.25, 0.33, 0.7, 1.3], 16, start=0.5).tolist() == [4, 5, 11, 16]


def test_quantised_activations_are_what_neurons_do_in_as_many_steps() -> None:
    x = [0.1, 0.125, 0.374, 0.375, 0.7, 0.9]
    assert qcfs(x, 4, 1.0).tolist() == [0, 0.25, 0.25, 0.5, 0.75, 1]
    np.testing.assert_array_equal(counts(x, 4, start=0.5) / 4, qcfs(x, 4, 1.0))


# Eighths: exact in binary, so that a sum of steps is the product.
EIGHTHS = st.integers(-16, 24).map(lambda number: number / 8)


@settings(max_examples=25, deadline=None)
@given(
    x=st.lists(EIGHTHS, min_size=1, max_size=8),
    steps=st.integers(1, 40),
    start=st.integers(0, 7).map(lambda number: number / 8),
    threshold=st.sampled_from([0.5, 1.0, 2.0]),
)
def test_a_rate_is_the_activation_clipped_and_rounded_down(x, steps, start, threshold) -> None:
    start *= threshold
    found = counts(x, steps, start, threshold) / steps
    # Below 0 nobody fires; what is taken beyond a spike a step is not given back.
    np.testing.assert_array_equal(found, rounded_down(x, steps, start, threshold))


@pytest.mark.parametrize("steps", [32, 256])
def test_a_network_normalised_by_its_activations_stays_within_a_step_of_them(steps: int) -> None:
    """Two layers, w_l *= lam_(l-1) / lam_l and b_l /= lam_l: |rate lam - activation| <= lam / T.

    The bound is that of a neuron whose input is constant, so each layer is given the rates of the
    layer before it; those of the last layer add what the first was off.
    """
    rng = np.random.default_rng(5)
    x = rng.uniform(0, 1, (20, 6))
    weights = [rng.normal(0, 0.6, (6, 8)), rng.normal(0, 0.6, (8, 4))]
    biases = [rng.normal(0, 0.2, 8), rng.normal(0, 0.2, 4)]
    activations, largest = [x], [1.0]
    for w, b in zip(weights, biases, strict=True):
        activations.append(np.maximum(0.0, activations[-1] @ w + b))
        largest.append(float(activations[-1].max()))  # Diehl et al. 2015
    rates, bound = x, 0.0
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True), start=1):
        scaled, shift = w * largest[layer - 1] / largest[layer], b / largest[layer]
        current = rates @ scaled + shift
        rates = counts(current, steps).reshape(current.shape) / steps
        bound = bound * float(np.abs(w).sum(0).max()) + largest[layer] / steps
        off = np.abs(rates * largest[layer] - activations[layer]).max()
        assert 0 < off <= bound * (1 + 1e-9)
