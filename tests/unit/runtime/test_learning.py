"""Learning seen from a simulation: weights read, kept, changed, switched on and off."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.document import Document
from engine.errors import DataError, DocumentError


def document(rule: str = "fixed_indegree", **connection) -> Document:
    """Thirty drives onto ten cells through synapses that learn, and a recurrent edge that does
    not."""
    net = engine.Network(seed=3)
    drive = net.source("drive", "poisson", size=30, rate=60)
    cells = net.population("cells", 30 if rule == "one_to_one" else 10, "lif_psc_exp")
    made = engine.rules.one_to_one() if rule == "one_to_one" else engine.rules.fixed_indegree(20)
    learns = engine.plasticity("stdp", A_plus=0.05)
    given = {"weight": engine.uniform(20, 120), "delay": 1.5, "plasticity": learns, **connection}
    net.connect(drive, cells, rule=made, port="exc", id="learns", **given)
    net.connect(cells, cells, rule=engine.rules.probability(0.3), weight=-5, delay=2, port="inh",
                id="fixed")  # fmt: skip
    return net.document


def test_weights_are_read_while_running_and_kept_with_the_run(tmp_path) -> None:
    with engine.Simulation(document()) as running:
        start = running.weights("learns")
        run = running.run(300.0)
        np.testing.assert_array_equal(run.weights("learns"), running.weights("learns"))
        assert start.shape == (200,)
        assert np.mean(start != run.weights("learns")) > 0.9
        assert running.weights("fixed").tolist() == [-5.0] * running.weights("fixed").size
    run.save(tmp_path / "run.npz")
    again = engine.load_run(tmp_path / "run.npz")
    np.testing.assert_array_equal(again.weights("learns"), run.weights("learns"))
    with pytest.raises(DataError, match=r'"fixed" is not a connection that learns .*: learns'):
        again.weights("fixed")


def test_one_to_one_synapses_learn_each_for_itself() -> None:
    learns = engine.plasticity("stdp_multiplicative", A_plus=0.05)
    run = engine.simulate(document("one_to_one", weight=600, plasticity=learns), 300.0)
    weights = run.weights("learns")
    assert weights.shape == (30,)
    assert len(set(weights.tolist())) > 20


def test_learning_is_switched_off_and_on() -> None:
    with engine.Simulation(document()) as running:
        running.run(50.0)
        running.set_plasticity("learns", on=False)
        held = running.weights("learns")
        running.set_plasticity("learns", A_plus=0.1)  # stays off
        running.run(50.0)
        np.testing.assert_array_equal(running.weights("learns"), held)
        running.set_plasticity("learns", on=True)
        running.run(50.0)
        assert np.mean(running.weights("learns") != held) > 0.5


def test_a_changed_rule_is_the_documents_and_acts() -> None:
    with engine.Simulation(document()) as running:
        running.set_plasticity("learns", A_plus=0.0, A_minus=1.0)
        running.run(300.0)
        assert running.weights("learns").mean() < 10.0
        changed = running.document.edges_by_id["learns"].plasticity
        assert changed is not None
        assert changed["parameters"] == {"A_plus": 0.0, "A_minus": 1.0}
        running.set_plasticity("learns", A_plus=None, A_minus=None)
        assert running.document.edges_by_id["learns"].plasticity == engine.plasticity("stdp")


def test_new_weights_move_the_bounds_that_follow_from_them() -> None:
    with engine.Simulation(document()) as running:
        running.set_weight("learns", 300)
        assert running.weights("learns").tolist() == [300.0] * 200
        running.run(100.0)
        assert 140.0 < running.weights("learns").max() <= 600.0


def test_tails_of_a_distribution_start_at_the_bounds() -> None:
    rule = engine.plasticity("stdp", w_max=80)
    with engine.Simulation(document(weight=engine.normal(60, 40), plasticity=rule)) as running:
        weights = running.weights("learns")
        assert (weights.min(), weights.max()) == (0.0, 80.0)


def test_what_cannot_learn_says_so() -> None:
    with engine.Simulation(document()) as running:
        with pytest.raises(DocumentError, match="its synapses do not learn"):
            running.set_plasticity("fixed", on=False)
        with pytest.raises(DocumentError, match=r"no such connection.*did you mean `learns`"):
            running.set_plasticity("learn", on=False)
        with pytest.raises(DocumentError, match="not a parameter of stdp"):
            running.set_plasticity("learns", tau=3.0)
        with pytest.raises(DocumentError, match="w_min must lie below w_max"):
            running.set_plasticity("learns", w_max=-1.0)


def test_a_checkpoint_of_a_simulation_holds_the_weights() -> None:
    with engine.Simulation(document()) as running:
        running.run(50.0)
        saved = running.checkpoint()
        kept = running.weights("learns")
        running.run(50.0)
        running.restore(saved)
        np.testing.assert_array_equal(running.weights("learns"), kept)


@pytest.mark.parametrize("threads", [1, 2])
def test_learned_weights_do_not_depend_on_device_settings(threads: int) -> None:
    expected = engine.simulate(document(), 200.0).weights("learns")
    found = engine.simulate(document(), 200.0, threads=threads).weights("learns")
    np.testing.assert_array_equal(found, expected)


def test_short_term_plasticity_is_switched_off_and_changed_while_running() -> None:
    net = engine.Network(dt=0.1, precision="float64")
    source = net.source("source", "spike_times", times=[1.0, 11.0, 21.0, 31.0])
    cell = net.population("cell", 1, "lif_psc_delta", v_th=200, tau_m=1e5)
    rule = engine.plasticity("tsodyks_markram", U=0.5, tau_rec=1e6)
    net.connect(source, cell, weight=10, delay=1, port="exc", plasticity=rule, id="tires")
    net.record(cell, "v")
    with engine.Simulation(net.document) as running:
        steps = []
        for change in ({}, {"on": False}, {"on": True, "U": 1.0}, {"U": 0.0}):
            if change:
                running.set_plasticity("tires", **change)
            v = running.run(10.0)["cell"].trace("v")[1][:, 0]
            steps.append(float(v.max() - v.min()))
        # 0.5 of all; all, though 0.5 of the rest is used; what is left; nothing
        np.testing.assert_allclose(steps[:3], [5.0, 10.0, 2.5], atol=0.02)
        assert steps[3] < 0.01
        assert running.weights("tires").tolist() == [10.0]
        with pytest.raises(DocumentError, match="outside of its bounds"):
            running.set_plasticity("tires", U=2)


def noisy(sigma: float = 0.2, seed: int = 3) -> Document:
    """Two connections of one drive and the same cells, one synapse a cell, alike but for a name."""
    net = engine.Network(seed=seed)
    drive = net.source("drive", "poisson", size=30, rate=60)
    cells = net.population("cells", 30, "lif_psc_exp")
    rule = engine.plasticity("stdp_van_rossum", w_max=1000, sigma=sigma)
    for name in ("one", "two"):
        net.connect(drive, cells, engine.rules.one_to_one(), weight=600, delay=1, port="exc",
                    id=name, plasticity=rule)  # fmt: skip
    return net.document


def test_noise_is_that_of_its_seed_and_its_connection_however_a_run_is_cut() -> None:
    whole = engine.simulate(noisy(), 200.0)
    with engine.Simulation(noisy()) as running:
        for part in (13.0, 150.0, 37.0):
            running.run(part)
        np.testing.assert_array_equal(running.weights("one"), whole.weights("one"))
    assert np.mean(whole.weights("one") != whole.weights("two")) > 0.5
    other = engine.simulate(noisy(seed=4), 200.0)
    assert not np.array_equal(other.weights("one"), whole.weights("one"))
    silent = engine.simulate(noisy(0.0), 200.0)
    np.testing.assert_array_equal(silent.weights("one"), silent.weights("two"))


def test_noise_is_taken_away_from_a_run_that_goes_on() -> None:
    with engine.Simulation(noisy()) as running:
        for name in ("one", "two"):
            running.set_plasticity(name, sigma=0.0)
        running.run(200.0)
        np.testing.assert_array_equal(running.weights("one"), running.weights("two"))


@pytest.mark.parametrize(
    "rule",
    [engine.rules.probability(0.4), engine.rules.one_to_one(), engine.rules.fixed_indegree(3)],
    ids=["probability", "one to one", "indegree"],
)
@pytest.mark.parametrize("plasticity", [None, "stdp"])
def test_pairs_say_whose_the_weights_are(rule: dict, plasticity: str | None) -> None:
    """Sources spike one after the other; integrators without a leak rise by what each sends."""
    net, size = engine.Network(seed=3, precision="float64"), 8
    times = [1.0 + 2.0 * member for member in range(size)]
    net.source("in", "spike_times", size, times=times, senders=list(range(size)))
    net.population("cells", size, "pif", ports={"exc": "delta"}, v_th=200, v_reset=0)
    delay = 1.0 if plasticity else engine.uniform(0.5, 1.5)
    net.connect("in", "cells", rule, weight=engine.uniform(1, 3), delay=delay, port="exc", id="e",
                plasticity=plasticity)  # fmt: skip
    with engine.Simulation(net.document) as running:
        expected, found = np.zeros((size, size)), np.zeros((size, size))
        np.add.at(expected, tuple(running.pairs("e").T), running.weights("e"))
        before = running.states("cells")["v"].copy()
        for source in range(size):
            running.run(2.9 if source == 0 else 2.0)
            now = running.states("cells")["v"].copy()
            found[source], before = now - before, now
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert (expected > 0).sum() >= size
