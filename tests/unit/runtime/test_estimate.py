"""The size of a network is known before it is built."""

from __future__ import annotations

import math

import pytest

from engine import LimitError, Network, Simulation, rules
from engine.runtime.estimate import available_memory, estimate


def network() -> Network:
    made = Network("two")
    made.population("exc", 3000, "lif_psc_exp")
    made.population("inh", 500, "izhikevich")
    made.connect("exc", ["exc", "inh"], rules.probability(0.05), 1.0, 1.0, port="exc")
    made.connect("inh", "exc", rules.fixed_indegree(40), -1.0, 1.0, port="inh")
    return made


def test_neurons_and_synapses_are_those_that_are_built():
    expected = estimate(network().document)
    with Simulation(network().document) as simulation:
        built = simulation.built.synapses
    assert expected.neurons == 3500
    assert abs(expected.synapses - built) < 5 * math.sqrt(built)
    assert expected.synapses_of["inh-exc"] == 120_000
    assert expected.bytes > 2 * built


def test_synapses_that_learn_are_larger_by_weight_and_column():
    made = network()
    before = estimate(made.document).bytes_of["edges/inh-exc"]
    made.connect("inh", "exc", rules.fixed_indegree(40), 1.0, 1.0, port="exc", plasticity="stdp")
    after = estimate(made.document).bytes_of["edges/inh-exc-2"]
    assert before == 2 * 120_000
    assert after == (2 + 4 + 4 + 2 + 4) * 120_000  # weights twice: a run keeps a copy


def test_time_grows_with_the_duration():
    short, long = (estimate(network().document, duration) for duration in (100.0, 1000.0))
    assert long.run_s == pytest.approx(10 * short.run_s)
    assert long.build_s == short.build_s


def test_what_does_not_fit_is_refused_with_both_figures():
    expected = estimate(network().document)
    expected.require_fits(1e9)
    with pytest.raises(
        LimitError,
        match=r"3,500 neurons and 6.* about .* most of it edges/exc-exc with .* and 1 MB of memory",
    ):
        expected.require_fits(1e6)


def test_recording_more_than_fits_is_refused_before_the_run():
    made = network()
    made.record("exc", "v")
    assert estimate(made.document, 1000.0).recorded_bytes == 3000 * 10_000 * 4
    with pytest.raises(LimitError, match="what the recorders keep needs about"):
        made.simulate(1e8)


def test_the_memory_of_this_machine_is_known():
    assert 1e8 < available_memory()
