"""Rewards and teachers seen from a simulation, and runs that learn themselves out of hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import engine
from engine.document import Document
from engine.errors import DataError, DocumentError, RunStopped


def document(rule: dict[str, Any] | str = "r_stdp", **connection: Any) -> Document:
    """Thirty drives onto ten cells; the synapses learn, and a slow source rewards them."""
    net = engine.Network(seed=3)
    drive = net.source("drive", "poisson", size=30, rate=60)
    cells = net.population("cells", 10, "lif_psc_exp")
    critic = net.source("critic", "poisson", size=1, rate=20)
    given = {"weight": 70, "delay": 1.5, "reward": critic, **connection}
    net.connect(drive, cells, port="exc", id="learns", plasticity=rule, **given)
    net.connect(cells, cells, weight=-5, delay=2, port="inh", id="fixed")
    return net.document


def test_spikes_of_a_node_reward_and_are_part_of_what_a_run_depends_on() -> None:
    rewarded = engine.simulate(document(), 500.0).weights("learns")
    alone = engine.simulate(document(reward=None), 500.0).weights("learns")
    assert np.mean(rewarded != 70.0) > 0.9
    assert set(alone) == {70.0}


def test_a_reward_from_outside_acts_from_its_moment_on() -> None:
    with engine.Simulation(document(reward=None)) as running:
        running.run(200.0)
        running.reward("learns", 2.0)
        assert set(running.weights("learns")) == {70.0}
        run = running.run(300.0)
        assert np.mean(run.weights("learns") != 70.0) > 0.9


def test_what_a_reward_leaves_can_be_read_while_it_fades() -> None:
    with engine.Simulation(document(reward=None)) as running:
        running.run(50.0)
        assert running.modulators("learns") == {"d": 0.0}
        assert running.modulators("fixed") == {}
        running.reward("learns", 2.0)
        running.run(200.0)  # which is tau_d
        assert running.modulators("learns")["d"] == pytest.approx(2 * np.exp(-1.0), rel=1e-9)


def test_a_reward_waits_in_a_checkpoint_until_it_reaches_a_dendritic_synapse() -> None:
    rule = engine.plasticity("r_stdp", "dendritic")
    with engine.Simulation(document(rule, reward=None, delay=4)) as running:
        running.run(300.0)
        running.reward("learns", 5.0)
        saved = running.checkpoint()
        expected = running.run(200.0).weights("learns")
        running.restore(saved)
        np.testing.assert_array_equal(running.run(200.0).weights("learns"), expected)
    assert np.mean(expected != 70.0) > 0.9


@pytest.mark.parametrize("threads", [1, 2])
def test_rewarded_weights_do_not_depend_on_threads(threads: int) -> None:
    expected = engine.simulate(document(), 300.0).weights("learns")
    found = engine.simulate(document(), 300.0, threads=threads).weights("learns")
    np.testing.assert_array_equal(found, expected)


def test_parameters_of_a_rule_with_eligibilities_change_while_it_runs() -> None:
    with engine.Simulation(document()) as running:
        running.run(200.0)
        before = running.weights("learns")
        running.set_plasticity("learns", tau_c=50.0, eta=5.0)
        np.testing.assert_array_equal(running.weights("learns"), before)
        running.run(200.0)
        assert np.mean(running.weights("learns") != before) > 0.9
        rule = running.document.edges_by_id["learns"].plasticity or {}
        assert (rule["reward"], rule["parameters"]["tau_c"]) == ("critic", 50.0)


def test_a_reward_that_nothing_learns_from_is_one_sentence() -> None:
    with engine.Simulation(document()) as running:
        for wrong in (float("nan"), float("inf"), "much", None, True):
            with pytest.raises(DocumentError, match="a reward is a finite number, not"):
                running.reward("learns", wrong)
        with pytest.raises(DocumentError, match="its synapses learn from no rewards; give it"):
            running.reward("fixed")
        with pytest.raises(DocumentError, match="there is no such connection"):
            running.reward("nothing")
    with pytest.raises(DataError, match="closed"):
        running.reward("learns")


# -- out of hand ----------------------------------------------------------------------------------


def test_weights_that_grow_until_a_population_runs_away_stop_the_run_by_name() -> None:
    rule = engine.plasticity("stdp", A_plus=1.0, A_minus=0.0, w_max=9e8)
    with pytest.raises(RunStopped) as caught:
        engine.simulate(document(rule, reward=None), 2000.0)
    said = str(caught.value)
    assert said.startswith('connection "learns": its weights grew from 70 to 9e+08, then ')
    assert 'then population "cells": its rate has been' in said
    assert said.endswith("; lower its learning rate, or bound its weights more closely")
    kept = caught.value.run.weights("learns")
    assert set(kept) == {70.0}
    assert caught.value.run.bio_s < 2.0


def test_a_weight_that_no_synapse_can_have_stops_the_run_with_a_time() -> None:
    rule = engine.plasticity("stdp", A_plus=1.0, A_minus=0.0, w_max=5e9)
    with pytest.raises(RunStopped, match=r'"learns": a weight reached 5e\+09 by [\d.]+ ms; lower'):
        engine.simulate(document(rule, reward=None), 2000.0)


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), "nan pA"])
def test_weights_that_are_no_numbers_are_refused(weight: Any) -> None:
    with pytest.raises(DocumentError):
        document(weight=weight)
    with engine.Simulation(document()) as running, pytest.raises(DocumentError):
        running.set_weight("learns", weight)
