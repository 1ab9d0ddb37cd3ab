"""Learning by times, rates and reward: the catalogue's numbers (D3, D4, D7 to D10, D12)."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch

from engine import learning
from engine.deep import EProp, Spiking
from engine.learning.draws import Draws
from engine.learning.spikeprop import psp

SEEDS = range(5)
FIRED, SLOPE = 5.598181, 0.25609636  # ms, 1/ms: a neuron of SpikeProp that three spikes reach
TEMPOTRON_SCALE, TEMPOTRON_PEAK = 2.1165347360, 6.931472  # V_0, ms


def test_a_neuron_of_spikeprop_fires_at_the_time_and_slope_of_the_catalogue() -> None:
    arrivals = np.array([[0.0 + 1, 2 + 2, 5 + 3]])
    found = learning.first_crossing([[0.6, 0.9, 0.7]], arrivals, 7.0, 1.0, 40.0)
    assert found.time[0, 0] == pytest.approx(FIRED, rel=1e-6)
    assert found.slope[0, 0] == pytest.approx(SLOPE, rel=1e-6)
    derivative = -psp(found.time[0, 0] - 1.0, 7.0) / found.slope[0, 0]
    assert derivative == pytest.approx(-3.6149179, rel=1e-6)
    net, weights = learning.SpikeProp((3, 1), delays=(1.0,)), [np.array([[[0.6], [0.9], [0.7]]])]
    assert net.fire(weights, [[0.0, 3.0, 7.0]])[-1] == pytest.approx(FIRED, rel=1e-6)


@pytest.mark.slow
def test_spikeprop_learns_xor_from_at_least_seven_of_ten_seeds() -> None:
    times, targets = learning.xor_times()
    runs = [
        learning.SpikeProp((3, 5, 1)).train(times, targets, rate=0.01, epochs=2000, seed=seed)
        for seed in range(10)
    ]
    assert sum(run.reached for run in runs) >= 7


def test_without_fixed_signs_spikeprop_learns_xor_within_three_hundred_epochs() -> None:
    times, targets = learning.xor_times()
    net = learning.SpikeProp((3, 5, 1), mixed=True)
    reached = []
    for seed in range(10):
        start = net.start(seed, strength=5.0)
        run = net.train(times, targets, rate=0.01, epochs=300, seed=seed, weights=start)
        fired = net.fire(run.state, times)[-1]
        assert not run.reached or np.sum((fired - targets) ** 2) <= 1.0
        reached.append(run.reached)
    assert sum(reached) >= 7


def test_the_kernel_of_the_tempotron_has_the_scale_and_peak_of_the_catalogue() -> None:
    neuron = learning.Tempotron(4, tau=15.0)
    assert neuron.scale == pytest.approx(TEMPOTRON_SCALE, rel=1e-9)
    assert neuron.peak_time == pytest.approx(TEMPOTRON_PEAK, rel=1e-6)
    assert neuron.kernel(neuron.peak_time) == pytest.approx(1.0, rel=1e-12)


def test_the_highest_potential_of_a_tempotron_is_that_of_the_catalogue() -> None:
    neuron = learning.Tempotron(4, tau=15.0)
    peak = neuron.peak([0.3, 0.5, 0.4, -0.2], neuron.spikes([[10.0, 20.0, 25.0, 60.0]]))
    assert peak.potential[0] == pytest.approx(1.0194728, rel=1e-6)
    assert peak.time[0] == pytest.approx(29.5296, abs=5e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_tempotron_learns_as_many_random_patterns_as_it_has_inputs(seed: int) -> None:
    neuron = learning.Tempotron(100)
    times, wanted = learning.latency_patterns(100, 100, seed=seed)
    patterns = neuron.spikes(times)
    run = neuron.train(patterns, wanted, cycles=300, seed=seed)
    assert run.reached
    assert np.array_equal(neuron.fires(run.state, patterns), wanted)


@pytest.mark.parametrize("seed", SEEDS)
def test_oja_finds_the_principal_eigenvector(seed: int) -> None:
    covariance = np.array([[3.0, 1.0], [1.0, 1.0]])
    # Four points whose covariance is exactly that; their order is random.
    values, vectors = np.linalg.eigh(covariance)
    points = np.concatenate([s * np.sqrt(2 * values) * vectors for s in (1.0, -1.0)], 1).T
    assert np.allclose(points.T @ points / 4, covariance)
    start = learning.random_weights(2, seed)
    found = learning.train(
        partial(learning.oja, rate=0.002), start, np.tile(points, (50, 1)), epochs=30, seed=seed
    ).state
    assert np.sign(found[0]) * found == pytest.approx([0.92387953, 0.38268343], abs=0.01)
    assert found @ covariance @ found == pytest.approx(3.41421356, abs=0.06)
    # In the mean over the points an update leaves the eigenvector where it is.
    exact = vectors[:, 1]
    mean = np.mean([learning.oja(exact, x, rate=1.0) for x in points], 0)
    assert mean == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("patterns", [2, 4])
def test_bcm_ends_at_k_for_one_of_k_patterns(seed: int, patterns: int) -> None:
    samples = np.tile(np.eye(patterns), (50, 1))
    start = learning.Sliding(np.abs(learning.random_weights(patterns, seed, 0.5)), 0.0)
    rule = partial(learning.bcm, rate=0.002, tau=50.0)
    found = learning.train(rule, start, samples, epochs=200, seed=seed).state
    answers = np.sort(np.eye(patterns) @ found.w)
    assert answers[-1] == pytest.approx(patterns, rel=0.05)
    assert answers[:-1] == pytest.approx(np.zeros(patterns - 1), abs=0.01)


def test_bcm_stands_still_at_its_fixed_point() -> None:
    at = learning.Sliding(np.array([2.0, 0.0]), 2.0)  # E[y^2] = (4 + 0)/2
    for pattern in np.eye(2):
        assert np.array_equal(learning.bcm(at, pattern).w, at.w)


def test_the_two_thresholds_of_abs_part_nothing_depression_and_potentiation() -> None:
    assert learning.abs_change([0.1, 0.2, 0.5, 0.8, 0.9], 0.2, 0.8).tolist() == [0, 0, -1, 1, 1]
    w = np.array([0.5, 0.5, 0.5])
    active = np.array([1.0, 1.0, 0.0])  # y = 1
    assert learning.abs_rule(w, active, low=0.2, high=0.8, rate=0.1).tolist() == [0.6, 0.6, 0.5]
    assert learning.abs_rule(w, active, low=0.2, high=1.2, rate=0.1).tolist() == [0.4, 0.4, 0.5]


def test_hebb_recalls_orthonormal_patterns_exactly_and_the_pseudo_inverse_independent_ones() -> (
    None
):
    draws = Draws(0, "patterns")
    apart = np.linalg.qr(draws.normal(8, 8))[0][:3]
    targets = draws.normal(3, 4)
    assert learning.supervised_hebb(apart, targets) @ apart.T == pytest.approx(targets.T, abs=1e-12)
    alike = apart + 0.5 * apart[0]
    assert learning.pseudo_inverse(alike, targets) @ alike.T == pytest.approx(targets.T, abs=1e-10)
    assert np.abs(learning.supervised_hebb(alike, targets) @ alike.T - targets.T).max() > 0.1


def test_the_check_mark_of_leabra() -> None:
    assert learning.xcal([0.02, 0.5], [0.3, 0.3]) == pytest.approx([-0.18, 0.2], rel=1e-12)


def test_contrastive_hebbian_learning_is_softly_bounded() -> None:
    w = np.array([[0.25]])
    up = learning.chl(w, (np.array([0.2]), np.array([0.5])), (np.ones(1), np.ones(1)), rate=0.1)
    assert up[0, 0] == pytest.approx(0.25 + 0.1 * 0.9 * 0.75)
    down = learning.chl(w, (np.ones(1), np.ones(1)), (np.zeros(1), np.ones(1)), rate=0.1)
    assert down[0, 0] == pytest.approx(0.25 - 0.1 * 0.25)


def test_kwta_inhibits_between_the_k_th_and_the_next() -> None:
    drive = [0.2, 0.9, 0.5, 0.7]
    assert learning.kwta(drive, 2, q=0.25) == pytest.approx(0.5 + 0.25 * (0.7 - 0.5))
    for k in (1, 2, 3):
        assert np.sum(np.array(drive) > learning.kwta(drive, k)) == k


@pytest.mark.parametrize("seed", SEEDS)
def test_leabra_learns_to_associate_patterns(seed: int) -> None:
    draws = Draws(seed, "patterns")
    inputs = np.zeros((10, 25))
    for row in inputs:
        row[draws.order(25)[:6]] = 1.0
    net = learning.Leabra((25, 20, 10), (5, 1))
    run = net.train(inputs, np.eye(10), epochs=40, seed=seed)
    assert np.array_equal(net.answer(run.state, inputs).argmax(1), np.arange(10))
    assert run.error[-1] < 0.2 * run.error[0]


def test_a_neuron_of_an_evolving_network_weighs_its_inputs_by_their_order() -> None:
    rule = learning.Evolving(4, modulation=0.5, share=0.7, similarity=0.9)
    run = rule.fit([[0, 2, 1, -1]], [3])
    (weights,), (threshold,) = run.state.weights, run.state.thresholds
    assert weights.tolist() == [1.0, 0.25, 0.5, 0.0]
    assert threshold == pytest.approx(0.7 * (1 + 0.25**2 + 0.5**2))


def test_alike_neurons_of_a_class_are_merged_to_their_mean() -> None:
    rule = learning.Evolving(4, modulation=0.5, similarity=0.4)
    run = rule.fit([[0, 1, 2, 3], [1, 0, 2, 3], [3, 2, 1, 0], [0, 1, 2, 3]], [0, 0, 0, 1])
    assert run.state.classes.tolist() == [0, 0, 1]
    assert run.state.merged.tolist() == [2, 1, 1]
    assert run.state.weights[0].tolist() == [0.75, 0.75, 0.25, 0.125]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_spiking_critic_finds_the_discounted_reward(seed: int) -> None:
    agent, world = learning.ActorCritic(), learning.track(5, actions=1)
    found = agent.train(world, 250, seed=seed).state.values
    assert world.values(agent.discount) == pytest.approx(agent.discount ** np.arange(4, -1, -1))
    assert found == pytest.approx(world.values(agent.discount), abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_spiking_actor_finds_the_way(seed: int) -> None:
    run = learning.ActorCritic().train(learning.track(5), 100, seed=seed)
    assert run.error[:3].sum() > 20
    assert run.error[-20:].mean() < 5.5  # 5 is the fewest


@pytest.mark.parametrize("beta", [0.0, 0.3, "mixed"])
def test_eprop_equals_bptt_in_one_layer_without_reset(beta: float | str) -> None:
    """T0: the same gradients to rounding, against the training kernels' own backward pass."""
    steps, batch, inputs, neurons, outputs = 60, 3, 8, 6, 2
    betas = np.linspace(0, 1, neurons) if beta == "mixed" else float(beta)
    net = EProp(inputs, neurons, outputs, recurrent=False, resets=False, beta=betas,
                dtype=torch.float64, seed=3)  # fmt: skip
    with torch.no_grad():
        net.w_in *= 3.0
    draws = Draws(1, "eprop")
    x = torch.tensor(draws.uniform(steps, batch, inputs) < 0.1).double()
    y = torch.tensor(draws.normal(steps, batch, outputs))
    loss = net.gradients(x, y)
    found = {name: value.grad for name, value in net.named_parameters() if name != "w_rec"}
    for parameter in net.parameters():
        parameter.grad = None
    layer = Spiking("alif", surrogate="triangle", tau=20.0, tau_a=200.0, beta=betas, resets=0.0)
    spikes, out, error = layer(x @ net.w_in.T), torch.zeros(batch, outputs), torch.tensor(0.0)
    assert 0.05 < float(spikes.detach().mean()) < 0.6
    for t in range(steps):
        out = net.kappa * out + spikes[t] @ net.w_out.T + net.bias
        error = error + 0.5 * (out - y[t]).square().sum() / (steps * batch)
    error.backward()
    assert loss == pytest.approx(error.item(), rel=1e-10)
    for name, gradient in found.items():
        expected = dict(net.named_parameters())[name].grad
        assert expected is not None
        assert torch.allclose(gradient, expected, rtol=1e-9, atol=1e-12), name


@pytest.mark.slow
@pytest.mark.parametrize("feedback", ["symmetric", "random"])
@pytest.mark.parametrize("seed", SEEDS)
def test_eprop_learns_a_pattern(feedback: str, seed: int) -> None:
    from engine.deep import fit_eprop

    draws = Draws(seed, "pattern")
    x = torch.tensor(draws.uniform(200, 1, 20) < 0.05).float()
    turn = 2 * np.pi * np.arange(200) / 200
    y = torch.tensor(np.sin(turn) + 0.5 * np.sin(2 * turn + 1)).float()[:, None, None]
    net = EProp(20, 50, 1, beta=0.07, feedback=feedback, seed=seed)
    run = fit_eprop(net, lambda step: (x, y, None), 60, rate=0.005)
    assert run.error[-10:].mean() < 0.25 * float(0.5 * y.square().mean())
