"""What rules of rates make of a neuron's inputs: selective for one pattern, or their main axis."""

from __future__ import annotations

import numpy as np
import pytest

import engine

EACH = 50  # inputs of a group
SHOWN = 500.0  # ms that a pattern is shown


def trains(rates: np.ndarray, seed: int) -> tuple[list[float], list[int]]:
    """Poisson spikes of two groups whose rates [Hz] in every period are ``rates`` [periods, 2]."""
    rng = np.random.default_rng(seed)
    times, senders = [], []
    for member in range(2 * EACH):
        counts = rng.poisson(rates[:, member // EACH] * SHOWN / 1000.0)
        began = np.repeat(SHOWN * np.arange(len(rates)), counts)
        found = np.unique(np.ceil(began + rng.uniform(0.0, SHOWN, began.size)))
        times.append(found)
        senders.append(np.full(found.size, member))
    order = np.argsort(np.concatenate(times), kind="stable")
    every, who = np.concatenate(times)[order], np.concatenate(senders)[order]
    return every.tolist(), who.tolist()


def learnt(rates: np.ndarray, rule: dict, seed: int, weight) -> engine.Run:
    """A neuron without a leak, whose rate is the sum of its inputs' over 15 mV, learns."""
    net = engine.Network(dt=1.0, seed=seed, precision="float64")
    times, senders = trains(rates, seed)
    inputs = net.source("in", "spike_times", 2 * EACH, times=times, senders=senders)
    cell = net.population("cell", 1, "pif", ports={"exc": "delta"})
    net.connect(inputs, cell, weight=weight, delay=1, port="exc", id="e", plasticity=rule)
    net.record(cell, "spikes")
    return net.simulate(SHOWN * len(rates))


@pytest.mark.slow
def test_a_bcm_neuron_becomes_selective_for_one_of_two_patterns() -> None:
    """Fixed points of two equally likely orthogonal patterns: (2, 0) and (0, 2), in rate_0."""
    rule = engine.plasticity("bcm", A=4e-4, rate_0=20, tau_theta=5000, w_min=0, w_max=0.6)
    periods, late = 800, 480  # by then it has settled
    winning, losing = [], []
    for seed in range(1, 6):
        which = np.random.default_rng(seed).integers(0, 2, periods)
        rates = np.where(np.arange(2) == which[:, None], 40.0, 0.0)
        run = learnt(rates, rule, seed, engine.uniform(0.05, 0.25))
        period = np.minimum(run["cell"].spikes.times // SHOWN, periods - 1).astype(int)
        counts = np.bincount(period, minlength=periods)[late:]
        firing = [counts[which[late:] == k].mean() * 1000.0 / SHOWN for k in (0, 1)]
        winning.append(max(firing))
        losing.append(min(firing))
    assert np.mean(winning) == pytest.approx(40.0, rel=0.1)
    assert min(winning) > 25.0
    assert max(losing) < 3.0


@pytest.mark.slow
def test_oja_turns_the_weights_into_the_main_axis_of_the_inputs() -> None:
    """Patterns (sqrt 2, sqrt 2) and (2, 0), whose mean of x x is [[3, 1], [1, 1]]."""
    patterns = 15.0 * np.array([[2**0.5, 2**0.5], [2.0, 0.0]])
    rule = engine.plasticity("oja", A=1e-3, rate_0=15, w_n=0.2, w_min=0, w_max=1)
    axes = []
    for seed in range(1, 6):
        which = np.random.default_rng(seed).integers(0, 2, 400)
        weights = learnt(patterns[which], rule, seed, 0.15).weights("e")
        mean = weights.reshape(2, EACH).mean(1)
        axes.append(mean / np.linalg.norm(mean))
    found = np.mean(axes, 0)
    np.testing.assert_allclose(found, [0.92387953, 0.38268343], atol=0.05)
