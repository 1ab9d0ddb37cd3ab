"""A run holds what recorders asked for, measures it rightly, and comes back from a file."""

from __future__ import annotations

import numpy as np
import pytest
from runtime_networks import small

import engine
from engine import Network, analysis, load_run, rules
from engine.errors import DataError
from engine.runtime.recorders import Intervals


@pytest.fixture(scope="module")
def run() -> engine.Run:
    network = small()
    network.record("exc", "spikes")
    network.record(network["exc"][2:4], "v", interval=0.5)
    network.record(network["exc"][[9, 3]], "v", interval=1.0)
    network.record(network["inh"][5], "spikes")
    network.record("exc", "rate", interval=10.0)
    network.record("drive", "spikes")
    return network.simulate(400.0)


def test_spikes_are_stamped_in_ms_with_the_end_of_their_step(run):
    spikes = run["exc"].spikes
    steps = spikes.times / 0.1
    np.testing.assert_allclose(steps, np.round(steps))
    assert spikes.times.min() >= 0.1
    assert spikes.times.max() <= 400.0
    assert (np.diff(spikes.times) >= 0).all()
    assert spikes.senders.max() < 60


def test_rate_and_cv_of_the_whole_run_equal_those_of_its_spikes(run):
    spikes = run["exc"].spikes
    assert run["exc"].rate_hz() == pytest.approx(1000 * len(spikes) / (60 * 400.0))
    assert run["exc"].rate_hz() == pytest.approx(run["exc"].rate_hz(0.0, 400.0))
    expected = analysis.cv_isi(spikes.times, spikes.senders)
    assert run["exc"].cv_isi() == pytest.approx(expected, rel=1e-9)
    assert run["inh"].rate_hz() > 0  # though only one of its members is recorded


def test_only_the_members_asked_for_are_kept(run):
    assert set(run["inh"].spikes.senders) <= {5}
    trace = run["exc"].trace("v")
    assert trace.members.tolist() == [2, 3, 9]
    times, values = trace
    assert values.shape == (800, 3)
    assert times[:2].tolist() == [0.5, 1.0]


def test_a_rate_recorder_counts_every_spike_once(run):
    times, rate = run["exc"].trace("rate")
    assert times.tolist() == [10.0 * k for k in range(1, 41)]
    assert rate.sum() * 60 * 0.010 == pytest.approx(len(run["exc"].spikes))


def test_spikes_of_a_source_can_be_recorded(run):
    assert run["drive"].rate_hz(0.0, 400.0) == pytest.approx(20.0, abs=4.0)


def test_what_was_not_recorded_is_said_with_the_remedy(run):
    with pytest.raises(DataError, match=r"`w` of \"exc\" was not recorded \(recorded: rate, v\)"):
        run["exc"].trace("w")
    with pytest.raises(DataError, match='there is no node "nobody"; there are exc, inh, drive'):
        run["nobody"]
    bare = small().simulate(10.0)
    with pytest.raises(DataError, match='the spikes of "exc" were not recorded'):
        assert bare["exc"].spikes is None
    assert bare["exc"].rate_hz() >= 0


def test_a_saved_run_comes_back_equal(run, tmp_path):
    again = load_run(run.save(tmp_path / "run.npz"))
    assert again.document == run.document
    assert again.summary() == run.summary()
    np.testing.assert_array_equal(again["exc"].spikes.times, run["exc"].spikes.times)
    np.testing.assert_array_equal(again["exc"].spikes.senders, run["exc"].spikes.senders)
    np.testing.assert_array_equal(again["exc"].trace("v").values, run["exc"].trace("v").values)
    assert again["inh"].rate_hz(0.0, 200.0) == run["inh"].rate_hz(0.0, 200.0)
    with np.load(tmp_path / "run.npz", allow_pickle=False) as arrays:
        assert "exc/times" in arrays.files


def test_a_file_that_is_no_run_is_refused(tmp_path):
    (tmp_path / "text.npz").write_text("no")
    np.savez(tmp_path / "other.npz", times=np.arange(3))
    for name in ("text.npz", "other.npz"):
        with pytest.raises(DataError, match="is not a saved run"):
            load_run(tmp_path / name)
    with pytest.raises(DataError, match="is not there"):
        load_run(tmp_path / "absent.npz")


def test_saving_where_it_cannot_be_leaves_nothing(run, tmp_path):
    with pytest.raises(DataError, match="cannot save"):
        run.save(tmp_path / "absent" / "run.npz")
    assert list(tmp_path.iterdir()) == []


def test_a_second_run_goes_on_and_is_stamped_so():
    network = small()
    network.record("exc", "spikes")
    network.record(network["exc"][0], "v")
    with engine.Simulation(network.document) as simulation:
        first, second = simulation.run(100.0), simulation.run(100.0)
    whole = network.simulate(200.0)
    joined = np.concatenate([first["exc"].spikes.times, second["exc"].spikes.times])
    np.testing.assert_array_equal(joined, whole["exc"].spikes.times)
    assert second["exc"].trace("v").times[0] == 100.1
    later = whole["exc"].rate_hz(100.0, 200.0)
    assert second["exc"].rate_hz(100.0, 200.0) == pytest.approx(later)


def test_intervals_counted_in_pieces_are_those_of_the_whole():
    rng = np.random.default_rng(3)
    steps = np.sort(rng.integers(0, 10_000, 900))
    senders = rng.integers(0, 40, 900).astype(np.uint32)
    kept = Intervals(50)
    for first in range(0, 900, 70):
        kept.take(steps[first : first + 70], senders[first : first + 70])
    assert kept.total == 900
    assert kept.cv() == pytest.approx(analysis.cv_isi(steps, senders))


def test_a_pulse_reaches_the_next_step_after_one_step_of_delay():
    network = Network("pair", dt=1.0)
    network.population("cell", 1, "izhikevich", solver="izhikevich_2003")
    network.source("spike", "spike_times", times=[5.0])
    network.connect("spike", "cell", rules.one_to_one(), 20.0, 1.0, port="exc")
    network.record("cell", "v")
    times, v = network.simulate(10.0)["cell"].trace("v")
    quiet = Network("alone", dt=1.0)
    quiet.population("cell", 1, "izhikevich", solver="izhikevich_2003")
    quiet.record("cell", "v")
    difference = v - quiet.simulate(10.0)["cell"].trace("v").values
    assert times[np.argmax(difference[:, 0] > 0)] == 6.0
