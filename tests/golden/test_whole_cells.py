"""Whole cells: measured shapes, synapses in pA and nS, and point neurons spread over a cable."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import pytest

import engine
from engine import cable, rules

DATA = Path(os.environ.get("WORKBENCH_DATA", "")) / "morphology"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the data folder is not here")
EXAMPLES = Path(__file__).parents[2] / "examples"
# A cylinder of 2e4 um^2: with 1 uF/cm^2 and 0.05 mS/cm^2 it has 200 pF and 10 nS.
POINT = {"kind": "cable", "length": 2e4 / math.pi / 20, "diameter": 20.0}


def input_resistance(name: str, longest: float) -> tuple[int, float, np.ndarray]:
    """Compartments, resistance [MOhm] at the root, and v - E_L [mV] everywhere."""
    net = engine.Network("cell", dt=0.5)
    shape = {"kind": "morphology", "path": f"morphology/{name}.swc", "longest": longest}
    cell = net.population(
        "cell", None, "passive", geometry=shape | {"axial_resistivity": 150}, R_m=20
    )
    source = net.source("source", "constant_current", amplitude=10.0)
    net.connect(source, cell, rules.explicit([(0, 0)]), weight=1.0)
    net.record(cell, "v", interval=50.0)
    v = net.simulate(400.0)["cell"].trace("v")[1][-1] + 65
    return cell.size, v[0] / 10 * 1e3, v


@needs_data
@pytest.mark.parametrize(
    "name", ["morph_allen_485574832", "morph_ca1_n120", "morph_l5pc_with_axon"]
)
def test_a_measured_cell_settles_as_its_compartments_get_shorter(name):
    sizes, found = [], []
    for longest in (160.0, 80.0, 40.0, 20.0):
        size, resistance, v = input_resistance(name, longest)
        sizes.append(size)
        found.append(resistance)
        assert 0 < v.min() < v.max() == v[0]  # nothing lies above where the current enters
    errors = np.abs(np.array(found[:3]) - found[3])
    assert errors[0] > 1.5 * errors[1] > 1.5**2 * errors[2]
    assert errors[2] < 1e-3 * found[3]
    # More than a cell without any resistance inside, less than its soma alone would have.
    area = cable.load_swc(DATA / f"{name}.swc").area
    assert found[3] > 20.0 / (area * 1e-8) * 1e-3


def by_rall(name: str, slices: int = 30) -> float:
    """Input resistance [MOhm] at the root by Rall's recursion from the tips on, each piece of the
    file as so many cylinders, read and computed without the engine."""
    lines = [line.split("#")[0].split() for line in (DATA / f"{name}.swc").read_text().splitlines()]
    rows = [[float(word) for word in line[:7]] for line in lines if line]
    place = {row[0]: k for k, row in enumerate(rows)}
    parent = [place.get(row[6], -1) for row in rows]
    soma = [row[1] == 1 for row in rows]
    alone = sum(soma) == 1  # a soma of one point is a sphere
    below: list[list[int]] = [[] for _ in rows]
    for k, above in enumerate(parent):
        if above >= 0:
            below[above].append(k)
    order = [parent.index(-1)]
    for k in order:
        order += below[k]
    R_m, R_i = 2e6, 1.5  # MOhm um^2 and MOhm um: 20 kOhm cm^2 and 150 Ohm cm
    total = [4 * math.pi * row[5] ** 2 / R_m if soma[k] and alone else 0.0
             for k, row in enumerate(rows)]  # fmt: skip
    for k in order[:0:-1]:
        start, end = rows[parent[k]], rows[k]
        length, first = math.dist(start[2:5], end[2:5]), start[5]
        if soma[parent[k]] and not soma[k]:  # a neurite begins at the surface
            length, first = max(0.0, length - start[5]), end[5]
        conductance = total[k]
        for piece in range(slices if length else 0):
            radius = end[5] + (first - end[5]) * (piece + 0.5) / slices
            along = math.hypot(length, end[5] - first) / length
            leak, axial = 2 * math.pi * radius * along / R_m, R_i / (math.pi * radius**2)
            infinite, L = math.sqrt(leak / axial), length / slices * math.sqrt(leak * axial)
            share = conductance / infinite
            conductance = infinite * (share + math.tanh(L)) / (1 + share * math.tanh(L))
        total[parent[k]] += conductance
    return 1 / total[order[0]]


@needs_data
@pytest.mark.parametrize(
    "name", ["morph_allen_485574832", "morph_ca1_n120", "morph_l5pc_with_axon"]
)
def test_a_measured_cell_has_the_input_resistance_of_rall_s_recursion(name: str) -> None:
    assert input_resistance(name, 20.0)[1] == pytest.approx(by_rall(name), rel=3e-4)


def postsynaptic(net: engine.Network, target) -> np.ndarray:
    spikes = net.source("spike", "spike_times", times=[1.0])
    net.connect(spikes, target, rules.explicit([(0, 0)]), weight="5 nS", delay=1.0, port="exc")
    net.record(target[[0]], "v")
    return net.simulate(40.0)[target.id].trace("v")[1][:, 0]


def test_a_synapse_on_a_compartment_has_a_conductance_in_nanosiemens():
    net = engine.Network("compartment", dt=0.05)
    ours = postsynaptic(net, net.population("cell", 1, "passive", geometry=POINT))
    other = engine.Network("point", dt=0.05)
    neuron = other.population("cell", 1, "lif_cond_exp", C=200, g_L=10, v_th=200)
    expected = postsynaptic(other, neuron)
    assert expected.max() > -61
    assert np.allclose(ours, expected, atol=2e-4)


def spikes_of(model: str, current: float, weight: float, shape: object, count: int) -> np.ndarray:
    net = engine.Network("neuron", dt=0.01, precision="float64")
    cell = net.population("cell", count, model, geometry=shape)
    source = net.source("source", "constant_current", amplitude=current)
    net.connect(source, cell, rules.explicit([(0, 0)]), weight=weight)
    net.record(cell[[0]], "spikes")
    return net.simulate(150.0)["cell"].spikes.times


@pytest.mark.parametrize(
    ("model", "current", "total"),
    [("hodgkin_huxley", 10.0, 2000.0), ("traub_miles", 200.0, 200.0)],  # of 2e4 um^2; of a cell
)
@pytest.mark.parametrize("count", [1, 7])
def test_a_cell_without_resistance_inside_is_the_point_neuron(model, current, total, count):
    point = spikes_of(model, current, 1.0, None, 1)
    spread = spikes_of(model, total, 1.0, POINT | {"axial_resistivity": 0.1}, count)
    assert len(point) > 5
    assert np.allclose(spread, point, atol=0.03)


def test_a_jump_of_one_compartment_spreads_without_swinging():
    net = engine.Network("jump", dt=0.1)
    shape = {"kind": "cable", "length": 200.0, "diameter": 2.0}
    cell = net.population("cell", 41, "lif_psc_delta", geometry=shape, v_th=0, t_ref=0)
    spikes = net.source("spike", "spike_times", times=[1.0])
    net.connect(spikes, cell, rules.explicit([(0, 20)]), weight=10.0, delay=1.0, port="exc")
    net.record(cell, "v")
    v = net.simulate(6.0)["cell"].trace("v")[1] + 65
    assert v.min() >= 0.0
    after = v[np.argmax(v[:, 20]) :, 20]
    assert np.all(np.diff(after) <= 0)


def test_parameters_may_differ_between_compartments():
    net = engine.Network("hot spot", dt=0.025)
    shape = {"kind": "cable", "length": 1000.0, "diameter": 2.0}
    sodium = [120.0] * 20 + [0.0] * 81
    cell = net.population("cell", 101, "hodgkin_huxley", geometry=shape, g_Na=sodium)
    source = net.source("source", "step_current", amplitude=2000.0, start=1.0, stop=1.5)
    net.connect(source, cell, rules.explicit([(0, 0)]), weight=1.0)
    net.record(cell, "v")
    v = net.simulate(10.0)["cell"].trace("v")[1]
    assert v[:, 5].max() > 0 > -20 > v[:, 80].max() > -66  # it fires there and fades beyond


def test_the_axon_of_the_gallery_carries_every_spike_at_its_speed():
    net = engine.Network.load(EXAMPLES / "axon.json")
    run = net.simulate(100.0)
    spikes = run["axon"].spikes
    counts = np.bincount(spikes.senders, minlength=151)
    assert counts[0] >= 6
    assert counts[0] - counts[150] in (0, 1)  # the last one may still be on its way
    node = net.document.node("axon")
    where = cable.compartments(node.geometry, node.size).distance
    velocity = cable.conduction_velocity(spikes.times, spikes.senders, where, (600, 2400))
    assert velocity == pytest.approx(0.336, rel=0.02)
    v = run["axon"].trace("v")[1]
    assert np.ptp(v[:, 1:].max(axis=0)) < 15.0  # it does not fade on its way
