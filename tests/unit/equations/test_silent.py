"""Ports at which nothing arrives are left out of a step map, to no effect on what it computes."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.equations.compile import compile_model
from engine.equations.silent import without
from engine.equations.tree import names
from engine.models.registry import get, neuron_models


def read(step_map) -> set[str]:
    lists = (*step_map.update, *step_map.jumps, *step_map.reset)
    return set().union(*(names(assign.value) for assign in lists))


@pytest.mark.parametrize("name", neuron_models())
def test_no_input_of_a_silent_port_is_read_and_all_else_stays(name: str) -> None:
    whole = compile_model(get(name))
    ports = [entry.port for entry in whole.inputs]
    for silent in (ports, ports[:1], ports[1:]):
        less = without(whole, silent)
        gone = {entry.name for entry in whole.inputs if entry.port in silent}
        assert not read(less) & gone
        assert (less.states, less.inputs, less.constants) == (
            whole.states,
            whole.inputs,
            whole.constants,
        )
    assert without(whole, ()) is whole


@pytest.mark.parametrize(
    ("name", "weight"),
    [("lif_psc_exp", 120), ("lif_cond_exp", 20), ("adex", 20), ("izhikevich", 20)],
)
def test_a_silent_wire_changes_no_spike_and_no_trace(name: str, weight: float) -> None:
    """A wire of weight 0 makes its port count as used."""
    traces = []
    for wired in (False, True):
        net = engine.Network(seed=3)
        net.population("cells", 70, name)
        net.source("drive", "poisson", size=70, rate=400)
        net.connect("drive", "cells", rule=engine.rules.one_to_one(), weight=weight, delay=1)
        if wired:
            net.connect("cells", "cells", weight=0.0, delay=0.5, port="inh")
        net.record("cells", "spikes")
        net.record("cells", "v")
        run = net.simulate(200.0)
        traces.append((run["cells"].spikes.times, run["cells"].trace("v").values))
    assert len(traces[0][0]) > 20
    for one, other in zip(*traces, strict=True):
        np.testing.assert_array_equal(one, other)
