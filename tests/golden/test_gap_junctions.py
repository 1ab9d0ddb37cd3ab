"""Gap junctions through documents: a conductance between two membranes, both ways.

Closed forms of passive membranes: Gerstner et al. 2014, section 3.1; at rest the potential behind a
junction is g/(g + g_L) of that before it.
"""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine import cable, rules

PASSIVE = {"C": 200, "g_L": 10, "E_L": -65, "v_th": 200}


def pair(g: float, dt: float = 0.1, duration: float = 600.0, **options: object) -> np.ndarray:
    """v - E_L [mV] of two passive cells [steps, 2], the first with 100 pA from the beginning."""
    net = engine.Network("pair", dt=dt, precision="float64")
    cells = [net.population(name, 1, "lif", **PASSIVE) for name in ("one", "two")]
    drive = net.source("drive", "step_current", amplitude=100, start=0, stop=1e6)
    net.connect(drive, cells[0])
    first, second = cells if options.pop("forward", True) else cells[::-1]
    net.connect(first, second, rules.one_to_one(), g, port="gap")
    for cell in cells:
        net.record(cell, "v")
    run = net.simulate(duration, **options)
    return np.concatenate([run[name].trace("v")[1] for name in ("one", "two")], axis=1) + 65


@pytest.mark.parametrize("g", [1.0, 10.0, 0.0])
@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_a_passive_pair_at_rest(g: float, dt: float) -> None:
    one, two = pair(g, dt)[-1]
    assert two / one == pytest.approx(g / (g + 10), rel=1e-10)
    assert one == pytest.approx(100 / (10 + 10 * g / (10 + g)), rel=1e-10)


def test_a_junction_is_the_same_from_either_end() -> None:
    np.testing.assert_array_equal(pair(1.0), pair(1.0, forward=False))
    assert pair(1.0)[-1, 1] / pair(1.0)[-1, 0] == pytest.approx(0.0909090909, rel=1e-9)


def exact(g: float, t: np.ndarray) -> np.ndarray:
    """The pair in closed form: the mean relaxes with C/g_L, the difference with C/(g_L + 2 g)."""
    mean = 5.0 * (1 - np.exp(-t * 10 / 200))
    difference = 100 / (10 + 2 * g) * (1 - np.exp(-t * (10 + 2 * g) / 200))
    return np.stack([mean + difference / 2, mean - difference / 2], axis=1)


def test_a_shorter_step_is_better_at_least_in_proportion() -> None:
    errors = []
    for dt in (0.4, 0.2, 0.1, 0.05):
        found = pair(5.0, dt, 40.0)
        errors.append(np.abs(found - exact(5.0, dt * np.arange(1, len(found) + 1))).max())
    assert errors[-1] < 0.003
    assert all(ratio < 0.51 for ratio in np.divide(errors[1:], errors[:-1]))


def ring(rule: dict, **options: object) -> np.ndarray:
    """The last v - E_L of three passive cells of one population, the first with a current."""
    net = engine.Network("ring", dt=0.1, precision="float64")
    cells = net.population("cells", 3, "lif", **PASSIVE)
    drive = net.source("drive", "step_current", amplitude=100, start=0, stop=1e6)
    net.connect(drive, cells, rules.explicit([[0, 0]]))
    net.connect(cells, cells, rule, 2.0, port="gap")
    net.record(cells, "v")
    return net.simulate(600.0, **options)["cells"].trace("v")[1][-1] + 65


def solved(pairs: list[tuple[int, int]]) -> np.ndarray:
    matrix = 10.0 * np.eye(3)
    for a, b in pairs:
        matrix[[a, b], [a, b]] += 2.0
        matrix[[a, b], [b, a]] -= 2.0
    return np.linalg.solve(matrix, [100.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("rule", "pairs"),
    [
        (rules.explicit([[0, 1], [1, 2]]), [(0, 1), (1, 2)]),
        (rules.explicit([[1, 0], [0, 1], [2, 1]]), [(0, 1), (1, 2)]),  # both orders are one
        (rules.explicit([[0, 1], [0, 1]]), [(0, 1), (0, 1)]),  # two in parallel
        (rules.all_to_all(), [(0, 1), (0, 2), (1, 2)]),
    ],
)
def test_junctions_within_a_population(rule: dict, pairs: list[tuple[int, int]]) -> None:
    np.testing.assert_allclose(ring(rule), solved(pairs), rtol=1e-10)
    np.testing.assert_array_equal(ring(rule), ring(rule, threads=2))


def test_two_neurons_that_fire_at_different_rates_fire_together_when_joined() -> None:
    def spikes(g: float) -> list[np.ndarray]:
        net = engine.Network("synchrony", dt=0.025)
        cells = net.population("cells", 2, "hodgkin_huxley", initial={"v": [-65.0, -60.0]})
        drive = net.source("drive", "constant_current", 2, amplitude=1.0)
        net.connect(drive, cells, rules.explicit([[0, 0], [1, 1]]), weight=[9.0, 11.0])
        net.connect(cells, cells, rules.explicit([[0, 1]]), f"{g} mS/cm^2", port="gap")
        net.record(cells, "spikes")
        found = net.simulate(400.0)["cells"].spikes
        return [found.times[found.senders == k] for k in (0, 1)]

    alone, joined = spikes(0.0), spikes(0.5)
    assert len(alone[1]) > len(alone[0])
    assert len(joined[0]) == len(joined[1]) > 10
    assert np.abs(joined[0][5:] - joined[1][5:]).max() < 1.0


def test_a_new_conductance_acts_at_both_ends_while_running() -> None:
    net = engine.Network("pair", dt=0.1, precision="float64")
    one, two = (net.population(name, 1, "lif", **PASSIVE) for name in ("one", "two"))
    drive = net.source("drive", "step_current", amplitude=100, start=0, stop=1e6)
    net.connect(drive, one)
    net.connect(two, one, rules.one_to_one(), 1.0, port="gap", id="joint")
    net.record(one, "v")
    net.record(two, "v")
    with engine.Simulation(net.document) as running:
        running.run(600.0)
        running.set_weight("joint", "10 nS")
        run = running.run(600.0)
    last = [run[name].trace("v")[1][-1, 0] + 65 for name in ("one", "two")]
    np.testing.assert_allclose(last, [100 / 15, 50 / 15], rtol=1e-10)


def test_a_junction_between_two_dendrites_divides_the_potential_by_their_resistances() -> None:
    """V2/V1 = R/(R + 1/g), R the input resistance of the second cable at its end."""
    net = engine.Network(dt=0.05)
    shape = {"length": 200, "diameter": 4, "axial_resistivity": 100, "ends": "sealed"}
    for name in ("first", "second"):
        net.population(name, 41, "passive", geometry={"kind": "cable", **shape})
        net.record(name, "v")
    conductance = 2.0  # nS
    net.connect("first", "second", engine.rules.explicit([(40, 0)]), conductance, port="gap")
    current = net.source("current", "constant_current", amplitude=1.0)
    net.connect(current, "first", engine.rules.explicit([(0, 0)]), weight=100.0)
    run = net.simulate(400.0)
    rest = -65.0
    end = run["first"].trace("v").values[-1, -1] - rest
    begin = run["second"].trace("v").values[-1, 0] - rest
    resistance = cable.input_resistance(4, 20, 100, length=200, end="sealed")  # MOhm
    assert begin / end == pytest.approx(resistance / (resistance + 1000.0 / conductance), rel=1e-4)
