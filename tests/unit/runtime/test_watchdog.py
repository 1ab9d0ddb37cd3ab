"""A run that leaves the numbers is stopped, and says where, when and what to do."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine import Network, RunStopped, rules
from engine.runtime.watchdog import ceiling


def test_not_a_number_stops_the_run_naming_population_variable_time_and_remedy():
    unstable = engine.define(
        "unstable", equations="dv/dt = v**2/(1 * ms * mV) : mV", threshold="v < -1*mV",
        reset="v = 0*mV", initial={"v": 1.0}, solver="euler",
    )  # fmt: skip
    network = Network("blow-up", dt=1.0)
    network.population("cell", 3, unstable)
    network.record("cell", "v")
    with pytest.raises(RunStopped) as caught:
        network.simulate(1000.0)
    said = str(caught.value)
    assert 'population "cell": `v` of neuron 0 (and of 2 more)' in said
    assert " ms; use a dt below 1 ms" in said
    run = caught.value.run
    assert isinstance(run, engine.Run)
    assert not run.complete
    assert len(run["cell"].trace("v").times) == round(1000 * run.bio_s)


def test_runaway_excitation_is_stopped():
    network = Network("runaway", dt=0.1)
    network.population("exc", 50, "lif_psc_exp", initial={"v": engine.uniform(-65.0, -49.0)})
    network.connect("exc", "exc", rules.all_to_all(), 2000.0, 1.0, port="exc")
    network.record("exc", "spikes")
    with pytest.raises(RunStopped, match=r'population "exc": its rate has been 4\d\d Hz') as caught:
        network.simulate(5000.0)
    assert len(caught.value.run["exc"].spikes) > 1000


def test_a_strong_but_steady_drive_is_not_a_runaway():
    network = Network("driven", dt=0.1)
    network.population("cell", 1, "lif")
    network.source("current", "constant_current", amplitude=5000.0)
    network.connect("current", "cell")
    assert network.simulate(1000.0)["cell"].rate_hz() > 350


@pytest.mark.parametrize(("t_ref", "dt", "most"), [(2.0, 0.1, 476.2), (0.0, 0.1, 1e4)])
def test_the_ceiling_lies_below_the_greatest_possible_rate(t_ref, dt, most):
    assert 0.4 * most < 1000 * ceiling(t_ref, dt) / dt < most


def test_nan_in_one_neuron_is_found():
    network = Network("nan", dt=0.1)
    network.population("cell", 5, "lif")
    with engine.Simulation(network.document) as simulation:
        simulation.advance(1)
        simulation.executor.states()[0][0, 3] = np.nan
        with pytest.raises(RunStopped, match=r"`v` of neuron 3 is not a number at 0\.2 ms"):
            simulation.advance(1)


def test_the_time_named_is_near_the_time_it_happened():
    """Runs are looked at in slices of wall time; a small network does seconds in one."""
    network = Network("late", dt=0.1)
    network.population("cell", 10, "hodgkin_huxley", solver="euler")
    network.source("shock", "step_current", amplitude=1e6, start=3000.0, stop=3100.0)
    network.connect("shock", "cell")
    with pytest.raises(RunStopped, match=r"between .* and .* ms; use a dt below 0\.1 ms") as caught:
        network.simulate(20_000.0)
    words = str(caught.value).partition(" between ")[2].split()
    first, last = float(words[0]), float(words[2])
    assert first <= 3000.2 < last <= first + 100
