"""A simulation gives the same spikes however it is run, and can be changed, kept and resumed."""

from __future__ import annotations

import time

import numpy as np
import pytest
from runtime_networks import small, spikes_of

import engine
from engine import Network, Simulation, rules, simulate
from engine.errors import DataError, DocumentError, LimitError, RunStopped


def recorded(seed: int = 1) -> Network:
    network = small(seed)
    network.record("exc", "spikes")
    network.record("inh", "spikes")
    return network


def times_and_senders(run: engine.Run) -> np.ndarray:
    parts = [np.column_stack([run[n].spikes.times, run[n].spikes.senders]) for n in ("exc", "inh")]
    return np.concatenate(parts)


@pytest.fixture(scope="module")
def reference() -> np.ndarray:
    spikes = times_and_senders(simulate(recorded().document, 200.0))
    assert len(spikes) > 100
    return spikes


def test_two_threads_give_the_same_spikes(reference):
    again = times_and_senders(simulate(recorded().document, 200.0, threads=2))
    np.testing.assert_array_equal(again, reference)


def test_another_recorder_changes_no_spike(reference):
    network = recorded()
    network.record(network["exc"][:7], "v", interval=0.5)
    network.record("inh", "rate")
    np.testing.assert_array_equal(times_and_senders(network.simulate(200.0)), reference)


def test_cutting_the_time_differently_changes_no_spike(reference):
    with Simulation(recorded().document) as simulation:
        cuts = [1, 2, 3, 14, 15, 16, 400, 1549]
        chunks = [simulation.advance(steps) for steps in cuts]
        assert simulation.time_ms == 200.0
        exc = spikes_of(chunks, simulation.population_index["exc"])
    expected = reference[: len(exc)]
    np.testing.assert_array_equal(exc[:, 1], expected[:, 1])
    np.testing.assert_allclose((exc[:, 0] + 1) * 0.1, expected[:, 0])


def test_adding_a_population_changes_no_spike_of_the_others(reference):
    network = recorded()
    network.population("more", 5, "izhikevich")
    network.connect("exc", "more", rules.all_to_all(), 1.0, 1.0, port="exc")
    np.testing.assert_array_equal(times_and_senders(network.simulate(200.0)), reference)


def test_another_seed_gives_other_spikes(reference):
    again = times_and_senders(simulate(recorded(seed=2).document, 200.0))
    assert again.shape != reference.shape or not np.array_equal(again, reference)


def test_a_checkpoint_resumes_exactly():
    with (
        Simulation(recorded().document) as first,
        Simulation(recorded().document, threads=2) as other,
    ):
        first.advance(777)
        kept = first.checkpoint()
        expected = first.advance(500)
        other.restore(kept)
        assert other.step == 777
        resumed = other.advance(500)
        for emitter in expected.spikes:
            np.testing.assert_array_equal(resumed.spikes[emitter], expected.spikes[emitter])
        first.restore(kept)
        again = first.advance(500)
        np.testing.assert_array_equal(again.spikes[0], expected.spikes[0])


def test_a_checkpoint_of_another_document_is_refused():
    with Simulation(small(1).document) as first, Simulation(small(2).document) as other:
        with pytest.raises(DataError, match="the checkpoint is of another document"):
            other.restore(first.checkpoint())


def test_a_parameter_changed_while_running_acts_from_the_next_step_on():
    network = Network("one", dt=0.1)
    network.population("cell", 1, "lif", t_ref=0.0)
    network.source("current", "constant_current", amplitude=0.0)
    network.connect("current", "cell")
    with Simulation(network.document) as simulation:
        simulation.advance(1000)
        assert simulation.states("cell")["v"][0] == -65.0
        simulation.set_parameter("current", "amplitude", 100.0)
        simulation.advance(2000)
        assert simulation.states("cell")["v"][0] == pytest.approx(-55.0, abs=1e-3)
        simulation.set_parameter("cell", "E_L", "-70 mV")
        simulation.advance(2000)
        assert simulation.states("cell")["v"][0] == pytest.approx(-60.0, abs=1e-3)
        simulation.set_parameter("cell", "E_L", None)
        simulation.advance(2000)
        assert simulation.states("cell")["v"][0] == pytest.approx(-55.0, abs=1e-3)
        assert simulation.document.nodes_by_id["cell"].parameters == {"t_ref": 0.0}


@pytest.mark.parametrize("weight", [engine.uniform(0.0, 80.0), 25.0, "0.03 nA"], ids=str)
def test_a_changed_weight_is_the_weight_of_a_network_built_with_it(weight):
    with Simulation(small().document) as changed:
        changed.set_weight("drive-exc", weight)
        with Simulation(changed.document) as built:
            expected = built.advance(1000).spikes[0]
            np.testing.assert_array_equal(changed.advance(1000).spikes[0], expected)
    assert expected[0].size > 20


def test_changed_weights_of_explicit_and_one_to_one_connections_stay_with_their_pair():
    network = Network("pairs", dt=0.1)
    network.population("cell", 2, "lif_psc_delta")
    network.source("drive", "spike_times", 2, times=[1.0, 1.0], senders=[0, 1])
    rule = rules.explicit([(1, 0), (0, 1)])
    network.connect("drive", "cell", rule, [1.0, 2.0], [1.0, 1.0], port="exc", id="listed")
    network.connect("drive", "cell", rules.one_to_one(), 0.0, 2.0, port="exc", id="straight")
    with Simulation(network.document) as simulation:
        simulation.set_weight("listed", [3.0, 5.0])
        simulation.set_weight("straight", 4.0)
        simulation.advance(20)
        np.testing.assert_allclose(simulation.states("cell")["v"], [-62.0, -60.0])
        simulation.advance(10)
        decayed = np.array([3.0, 5.0]) * np.exp(-1.0 / 20.0)
        np.testing.assert_allclose(simulation.states("cell")["v"], -65.0 + decayed + 4.0)
        with pytest.raises(DocumentError, match="rebuild the network"):
            simulation.set_weight("straight", engine.uniform(0.0, 1.0))


def test_wrong_changes_are_refused_in_a_sentence():
    with Simulation(small().document) as simulation:
        with pytest.raises(DocumentError, match="did you mean `tau_m`"):
            simulation.set_parameter("exc", "tua_m", 3.0)
        with pytest.raises(DocumentError, match="there is no such node"):
            simulation.set_parameter("nobody", "rate", 3.0)
        with pytest.raises(DocumentError, match="there is no such connection"):
            simulation.set_weight("nothing", 3.0)
        with pytest.raises(DocumentError, match="pA"):
            simulation.set_weight("drive-exc", "3 mV")


def test_monitors_asked_for_come_first_and_in_order():
    network = small()
    network.record("exc", "v")
    wanted = [("inh", "v", (3, 1), 2), ("exc", "v", "mean", 5)]
    with Simulation(network.document, monitors=wanted) as simulation:
        chunk = simulation.advance(20)
        assert [samples.shape for samples in chunk.monitors] == [(10, 2), (4,), (20, 60)]
        np.testing.assert_allclose(chunk.monitors[1], chunk.monitors[2][4::5].mean(1))
        v = simulation.states("inh")["v"]
        np.testing.assert_array_equal(chunk.monitors[0][-1], v[[3, 1]])


def test_cancel_is_answered_soon_and_keeps_what_there_is():
    network = recorded()
    began = time.monotonic()
    run = network.simulate(1e8, cancel=lambda: time.monotonic() - began > 1.0)
    assert time.monotonic() - began < 3.0
    assert not run.complete
    assert 0 < run.bio_s < 1e5
    assert run["exc"].spikes.times[-1] <= 1000 * run.bio_s


def test_progress_tells_of_building_then_of_running():
    told: list[tuple[float, str]] = []
    small().simulate(50.0, progress=lambda share, text: told.append((share, text)))
    texts = [text for _, text in told]
    assert "connecting exc with inh" in texts
    assert told[-1] == (1.0, "running")


def test_building_can_be_cancelled():
    with pytest.raises(RunStopped, match="building was cancelled"):
        Simulation(small().document, cancel=lambda: True)


def test_a_network_that_does_not_fit_is_refused_with_the_figures():
    network = Network("huge")
    network.population("exc", 10**9, "lif")
    with pytest.raises(LimitError, match=r"1,000,000,000 neurons .* needs about .* [GT]B"):
        network.simulate(10.0)


def test_a_closed_simulation_says_so():
    simulation = Simulation(small().document)
    simulation.close()
    with pytest.raises(DataError, match="the simulation is closed"):
        simulation.advance(1)


def test_a_document_with_errors_is_refused_with_all_of_them():
    network = small()
    broken = engine.document.replace(
        network.document,
        simulation=engine.document.replace(network.document.simulation, dt=0.0, threads=0),
    )
    with pytest.raises(DocumentError) as caught:
        Simulation(broken)
    assert len(caught.value.problems) == 2


def test_a_dead_time_may_come_and_go_while_a_source_spikes():
    network = Network("counted", dt=0.1, seed=5)
    network.population("cell", 20, "lif_psc_delta", v_th=-64.0)
    network.source("noise", "poisson", 20, rate=400.0)
    network.connect("noise", "cell", rules.one_to_one(), weight=0.7, delay=2.0, port="exc")
    network.record("noise", "spikes")
    with Simulation(network.document) as simulation:

        def intervals() -> np.ndarray:
            chunk = simulation.advance(3000)
            steps, senders = chunk.spikes[1]
            assert steps.size > 500
            return np.concatenate([np.diff(steps[senders == member]) for member in range(20)])

        assert intervals().min() < 30
        simulation.set_parameter("noise", "dead_time", 3.0)
        simulation.limit_threads(1)
        assert intervals().min() >= 29  # 3 ms, and a spike lies anywhere in its step
        kept = simulation.checkpoint()
        after = simulation.advance(500)
        simulation.restore(kept)
        np.testing.assert_array_equal(simulation.advance(500).spikes[0], after.spikes[0])
        simulation.set_parameter("noise", "dead_time", None)
        assert intervals().min() < 30
        assert simulation.time_ms == 950.0


def test_one_to_one_may_list_a_weight_and_a_delay_for_each() -> None:
    net = engine.Network(dt=0.5, precision="float64")
    net.source("in", "spike_times", 3, times=[1.0, 1.0, 1.0], senders=[0, 1, 2])
    net.population("cells", 3, "pif", ports={"exc": "delta"}, v_th=200, v_reset=0)
    net.connect("in", "cells", engine.rules.one_to_one(), port="exc", id="e",
                weight=[1.0, 2.0, 3.0], delay=[3.0, 0.5, 1.5])  # fmt: skip
    rises = []
    with engine.Simulation(net.document) as running:
        for _ in range(9):
            running.advance(1)
            rises.append(running.states("cells")["v"].copy())
        v = np.array(rises)  # [steps, cells]
        assert [int(np.argmax(v[:, k] > 0)) for k in range(3)] == [7, 2, 4]
        assert v[-1].tolist() == [1.0, 2.0, 3.0]
        running.set_weight("e", [6.0, 5.0, 4.0])
        assert running.weights("e").tolist() == [6.0, 5.0, 4.0]
