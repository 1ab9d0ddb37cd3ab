"""Winner-take-all, rates through layers, and a hybrid network: small networks that compute."""

from __future__ import annotations

import os

import competition
import feed_forward
import numpy as np
import pytest

import engine

SEEDS = range(1, 6)
TURNS = [place % competition.POOLS for place in range(4)]


def pair_fires(seed: int, strong: int, inhibition: float) -> np.ndarray:
    """Spikes of two neurons from 300 to 1500 ms; the ``strong`` one has half as much input more."""
    net = engine.Network("two", seed=seed)
    pair = net.population("pair", 2, "lif_psc_exp", tau_inh=20, t_ref=5)
    for member in range(2):
        source = net.source(f"input-{member}", "poisson", rate=1400 if member == strong else 900)
        net.connect(source, pair, engine.rules.explicit([(0, member)]), 40, port="exc")
    other = engine.rules.all_to_all(self_connections=False)
    net.connect(pair, pair, other, inhibition, port="inh")
    net.record(pair, "spikes")
    spikes = net.simulate(1500.0)["pair"].spikes
    return np.bincount(spikes.senders[spikes.times > 300], minlength=2)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("strong", [0, 1])
def test_of_two_neurons_that_inhibit_each_other_only_the_stronger_fires(seed, strong) -> None:
    """Catalogue E7."""
    fired = pair_fires(seed, strong, -400.0)
    assert fired[strong] > 40
    assert fired[1 - strong] == 0
    assert pair_fires(seed, strong, 0.0)[1 - strong] > 10


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_pool_with_more_drive_silences_the_others(seed: int) -> None:
    found = competition.held(TURNS, seed=seed)
    assert found.winners.tolist() == TURNS
    assert (found.shares > 0.95).all()


@pytest.mark.slow
def test_with_equal_drive_one_wins_by_chance() -> None:
    found = [competition.held([None] * 4, seed=seed) for seed in SEEDS]
    winners = np.concatenate([each.winners for each in found])
    assert len(set(winners.tolist())) > 1
    assert np.median([each.shares for each in found]) > 0.5


@pytest.mark.slow
def test_the_smaller_the_difference_the_more_often_chance_decides() -> None:
    """The psychometric curve of decision-making (Wang 2002), in three points."""
    right = [
        np.mean([competition.held(TURNS, more, seed=seed).winners == TURNS for seed in SEEDS])
        for more in (0.0, 0.01, 0.1)
    ]
    assert right[0] < 0.5
    assert right[0] + 0.1 < right[1] <= right[2]
    assert right[2] > 0.95


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_without_inhibition_nobody_wins(seed: int) -> None:
    found = competition.held([0], inhibition=0.0, seed=seed)
    assert found.shares.max() < 0.3
    assert found.rates.min() > 100


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_noise_lets_every_layer_pass_the_rate_on(seed: int) -> None:
    passed = feed_forward.passed_on(feed_forward.layers(seed=seed).simulate(2200.0))
    rates, alike, late, _ = map(list, zip(*passed, strict=True))
    assert rates == pytest.approx([feed_forward.RATE] * 5, rel=0.15)
    assert min(alike) > 0.95
    assert sorted(late) == late
    assert 20 < late[-1] < 50


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_without_noise_layers_fire_in_volleys_and_with_it_they_do_not(seed: int) -> None:
    def chi(noise: bool) -> list[float]:
        run = feed_forward.layers(noise, amplitude=0.0, seed=seed).simulate(1200.0)
        return [layer[3] for layer in feed_forward.passed_on(run)]

    noisy, quiet = chi(True), chi(False)
    assert max(noisy) < 0.12  # 1/sqrt(200) = 0.07 is what independent cells have
    assert quiet[-1] > 0.8
    assert sorted(quiet) == quiet


@pytest.mark.slow
def test_a_hybrid_network_learns_in_its_layer_of_rates_too() -> None:
    if not os.environ.get("WORKBENCH_DATA"):
        pytest.skip("WORKBENCH_DATA names no folder of data sets")
    from workbench.studio.tasks.hybrid_digits import made, pixels

    for seed in SEEDS:
        course = made("hybrid", 1000, seed)
        net, before = course.net, course.net.first.weight.detach().clone()
        course.train(4)
        assert course.right[-1] > 0.5  # chance: 0.1
        assert float((net.first.weight.detach() - before).abs().mean()) > 0.01
        assert set(net.fired(pixels("t10k", 1)[0][0]).ravel()) == {0.0, 1.0}
