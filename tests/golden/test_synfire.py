"""The synfire chain: which volleys run through it and which die (catalogue E3; Diesmann 1999)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import synfire

import engine
from engine import analysis
from workbench.store.files import load_example

pytestmark = pytest.mark.slow
SEEDS = range(1, 6)
VOLLEYS = 8


def survivors(size: int, std: float) -> float:
    """Share of volleys that reach the last group, over all seeds."""
    return float(
        np.mean([synfire.survives(course) for seed in SEEDS
                 for course in synfire.fates(size, std, VOLLEYS, seed)])
    )  # fmt: skip


def test_in_the_gallery_strong_volleys_go_on_and_weak_ones_die() -> None:
    made = load_example("synfire")
    for seed in SEEDS:
        seeded = replace(made, simulation=replace(made.simulation, seed=seed))
        last = engine.simulate(seeded, 900.0)["group-10"].spikes.times
        after = [np.sum((last > at) & (last < at + 80)) for at in (100, 300, 500, 700)]
        assert min(after[0], after[2]) > 90
        assert max(after[1], after[3]) < 50


def test_a_hundred_spikes_survive_scattered_by_up_to_3_ms() -> None:
    assert survivors(100, 0.0) >= 0.9
    assert survivors(100, 3.0) >= 0.9


def test_twenty_spikes_die_however_close_together() -> None:
    assert survivors(20, 0.0) <= 0.1


def test_a_scattered_volley_needs_more_spikes_than_a_sharp_one() -> None:
    """The separatrix rises with the scatter; at small scatter it lies between 30 and 60 spikes."""
    assert survivors(30, 0.0) <= 0.1
    assert survivors(60, 0.0) >= 0.9
    assert survivors(60, 5.0) <= 0.2


def test_volleys_that_survive_become_the_same_whatever_they_were() -> None:
    """The attractor: nearly all neurons within about half a ms, from weak and wide beginnings."""
    for seed in SEEDS:
        ends = []
        for size, std in ((60, 0.0), (100, 3.0)):
            courses = synfire.fates(size, std, 4, seed)
            ends.append(np.mean([(c[-1].size, c[-1].std) for c in courses], axis=0))
            assert ends[-1][0] == pytest.approx(100, abs=6)
            assert ends[-1][1] < 0.8
        assert ends[0] == pytest.approx(ends[1], rel=0.3)


def test_a_group_hands_a_volley_on_within_a_ms_and_its_delay() -> None:
    for seed in SEEDS:
        (course,) = synfire.fates(100, 0.0, 1, seed)
        hand_over = np.diff([volley.centre for volley in course]) - synfire.DELAY
        assert hand_over.mean() == pytest.approx(0.6, abs=0.2)


def test_the_weight_is_an_epsp_of_0_14_mv() -> None:
    at_zero = {"v": 0.0, "I_exc": 0.0}
    cell = {**synfire.NEURON, "E_L": 0, "v_th": 100, "v_reset": 0}
    spikes = {"exc": [(1.0, synfire.WEIGHT)]}
    answer = engine.response("lif_psc_alpha", 0.0, 20.0, 0.01, params=cell, spikes=spikes,
                             initial=at_zero)  # fmt: skip
    assert answer.states["v"].max() == pytest.approx(0.14, rel=2e-3)


def test_the_background_leaves_neurons_6_mv_below_threshold_and_firing_at_some_hz() -> None:
    made = synfire.chain(()).document
    free = replace(
        made,
        nodes=tuple(
            replace(node, parameters={**node.parameters, "v_th": 100})
            if node.id == "group-1"
            else node
            for node in made.nodes
        ),
    )
    net = engine.Network.of(free)
    net.record("group-1", "v")
    _, v = net.simulate(2000.0)["group-1"].trace("v")
    assert v[1000:].mean() == pytest.approx(-70 + 8.5, abs=0.15)
    assert v[1000:].std() == pytest.approx(2.8, abs=0.1)
    alone = engine.Network.of(made).simulate(3000.0)
    assert 1.5 < alone["group-1"].rate_hz(200.0) < 4
    assert analysis.mean_rate(alone["group-10"].spikes.times, 100, 200.0, 3000.0) < 8
