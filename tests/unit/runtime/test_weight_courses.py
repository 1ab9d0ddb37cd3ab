"""Weights recorded while a network learns, and learning that is off at first."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.document import from_json, to_json
from engine.errors import DataError, DocumentError, LimitError


def learner(**rule) -> engine.Network:
    """Thirty drives onto ten cells through 200 synapses that learn, and an edge that does not."""
    net = engine.Network(seed=3)
    drive = net.source("drive", "poisson", size=30, rate=60)
    cells = net.population("cells", 10, "lif_psc_exp")
    net.connect(drive, cells, rule=engine.rules.fixed_indegree(20), weight=engine.uniform(20, 120),
                delay=1.5, port="exc", id="learns",
                plasticity=engine.plasticity("stdp", A_plus=0.05, **rule))  # fmt: skip
    net.connect(cells, cells, weight=-1, delay=2, port="inh", id="fixed")
    return net


def test_weights_are_sampled_at_multiples_of_the_interval_and_kept_in_the_file(tmp_path) -> None:
    net = learner()
    net.record("learns", "weights", interval="10 ms")
    run = net.simulate(95.0)
    times, values = run.weight_trace("learns")
    assert times.tolist() == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert values.shape == (10, 200)
    with engine.Simulation(learner().document) as beside:
        start = beside.weights("learns")
        beside.run(30.0)
        np.testing.assert_array_equal(values[0], start)
        np.testing.assert_array_equal(values[3], beside.weights("learns"))
    run.save(tmp_path / "run.npz")
    again = engine.load_run(tmp_path / "run.npz").weight_trace("learns")
    np.testing.assert_array_equal(again.values, values)


def test_chosen_synapses_are_recorded_and_recorders_of_one_edge_are_joined() -> None:
    net = learner()
    net.record("learns", "weights", interval=20, members=[7, 0])
    net.record("learns", "weights", interval=10, members=range(2))
    course = net.simulate(40.0).weight_trace("learns")
    assert course.members.tolist() == [0, 1, 7]
    assert course.times.tolist() == [0, 10, 20, 30, 40]
    assert net.simulate(40.0).weights("learns")[7] == course.values[-1, 2]


def test_recording_weights_changes_no_spike() -> None:
    net = learner()
    net.record("cells", "spikes")
    plain = net.simulate(120.0)
    net.record("learns", "weights", interval=0.7)
    watched = net.simulate(120.0)
    np.testing.assert_array_equal(plain["cells"].spikes.times, watched["cells"].spikes.times)
    np.testing.assert_array_equal(plain.weights("learns"), watched.weights("learns"))


def test_a_run_from_a_checkpoint_records_the_weights_it_would_have_had() -> None:
    net = learner()
    net.record("learns", "weights", interval=25)
    with engine.Simulation(net.document) as running:
        running.run(50.0)
        kept = running.checkpoint()
        wanted = running.run(50.0).weight_trace("learns")
    with engine.Simulation(net.document) as other:
        other.restore(kept)
        found = other.run(50.0).weight_trace("learns")
    assert found.times.tolist() == [50, 75, 100]
    np.testing.assert_array_equal(found.values, wanted.values)


def test_a_rule_that_is_off_at_first_holds_weights_until_it_is_switched_on() -> None:
    document = from_json(to_json(learner(on=False).document))
    with engine.Simulation(document) as running:
        start = running.weights("learns")
        np.testing.assert_array_equal(running.run(50.0).weights("learns"), start)
        running.set_plasticity("learns", on=True)
        assert (running.run(50.0).weights("learns") != start).any()


def test_what_was_learnt_can_be_tried_with_weights_held() -> None:
    with engine.Simulation(learner().document) as learning:
        learnt = learning.run(100.0).weights("learns")
        kept = learning.checkpoint()
    with engine.Simulation(learner(on=False).document) as trial:
        trial.restore(kept)
        np.testing.assert_array_equal(trial.run(100.0).weights("learns"), learnt)


@pytest.mark.parametrize(
    ("edge", "variable", "members", "sentence"),
    [
        ("learns", "v", None, "has no `v` to record; record its `weights`, or a node"),
        ("fixed", "weights", None, "stay as they are; give it a rule"),
        ("learns", "weights", [-1], "are no synapses to record; count them from 0"),
        ("learnt", "weights", None, "there is no node .learnt."),
    ],
)
def test_what_cannot_be_recorded_of_a_connection_is_said(edge, variable, members, sentence) -> None:
    with pytest.raises(DocumentError, match=sentence):
        learner().record(edge, variable, members=members)


def test_a_synapse_that_there_is_not_is_told_when_the_run_begins() -> None:
    net = learner()
    net.record("learns", "weights", members=[3, 200])
    with pytest.raises(DocumentError, match="synapse 200 does not exist; there are 200"):
        net.simulate(10.0)
    with pytest.raises(DataError, match='weights of "learns" were not recorded'):
        learner().simulate(10.0).weight_trace("learns")


def test_weights_that_would_fill_the_memory_are_refused_in_a_sentence() -> None:
    net = learner()
    net.record("learns", "weights", interval=0.1)
    with pytest.raises(LimitError, match=r"what the recorders keep needs about .*; record fewer"):
        net.simulate(1e12)
    with pytest.raises(DocumentError, match="`on` of a learning rule is true or false, not"):
        engine.plasticity("stdp", on=1)  # type: ignore[arg-type]


def test_learnt_weights_are_restored_from_the_file_of_a_run(tmp_path) -> None:
    engine.simulate(learner().document, 100.0).save(tmp_path / "run.npz")
    learnt = engine.load_run(tmp_path / "run.npz").weights("learns")
    with engine.Simulation(learner(on=False).document) as trial:
        trial.restore_weights("learns", learnt)
        np.testing.assert_array_equal(trial.weights("learns"), learnt)
        np.testing.assert_array_equal(trial.run(50.0).weights("learns"), learnt)


@pytest.mark.parametrize(
    ("edge", "weights", "sentence"),
    [
        ("learns", [1.0], "1 weights stand beside 200 synapses; give what `weights` gave"),
        ("learns", "many", "the weights are not a list of numbers"),
        ("learns", [np.nan] * 200, "a weight of nan is outside of 0 to 140"),
        ("learns", [141.0] * 200, "a weight of 141 is outside of 0 to 140"),
        ("fixed", [1.0] * 100, "its synapses do not learn"),
    ],
)
def test_weights_that_synapses_cannot_have_are_not_restored(edge, weights, sentence) -> None:
    with engine.Simulation(learner().document) as running:
        before = running.weights("learns")
        with pytest.raises(DocumentError, match=sentence):
            running.restore_weights(edge, weights)
        np.testing.assert_array_equal(running.weights("learns"), before)
