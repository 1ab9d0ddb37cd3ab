"""Cables against closed forms (Rall 1977; Jack, Noble & Tsien 1975) and axons against velocities.

The velocities were computed with NEURON 9.0.2 (E_L -54.3 mV, Crank-Nicolson, dt 0.0025 ms, 1001
segments, between 0.4 and 0.7 of the length); Hodgkin & Huxley (1952) themselves computed 18.8 m/s.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine
from engine import cable, rules

D, R_M, R_I = 2.0, 20.0, 100.0  # um, kOhm cm^2, Ohm cm: lambda 1 mm, tau 20 ms
LAMBDA, TAU, R_SEMI = 1000.0, 20.0, 318.309886
CURRENT = 100.0  # pA


def passive(count: int, length: float, dt: float = 0.1, ends: object = "sealed", at: int = 0):
    """A passive cable of ``length`` lambda and a current into one of its compartments."""
    net = engine.Network("cable", dt=dt)
    shape = {"kind": "cable", "length": length * LAMBDA, "diameter": D, "axial_resistivity": R_I}
    cell = net.population("cable", count, "passive", geometry={**shape, "ends": ends}, R_m=R_M)
    source = net.source("source", "constant_current", amplitude=CURRENT)
    net.connect(source, cell, rules.explicit([(0, at)]), weight=1.0)
    return net, cell


def steady(net: engine.Network, cell, duration: float = 300.0) -> np.ndarray:
    """v - E_L [mV] of all compartments after 15 time constants."""
    net.record(cell, "v", interval=10.0)
    return net.simulate(duration)["cable"].trace("v")[1][-1] + 65


def test_length_and_time_constants_and_input_resistances():
    assert cable.length_constant(2, 20, 100) == pytest.approx(1000.0, rel=1e-9)
    assert cable.length_constant("4 um", "20 kOhm cm^2", "100 Ohm cm") == pytest.approx(1414.2136)
    assert cable.time_constant("20 kOhm cm^2", 1) == pytest.approx(20.0, rel=1e-12)
    assert cable.input_resistance(2, 20, 100) == pytest.approx(318.309886, rel=1e-8)
    assert cable.input_resistance(4, 20, 100) == pytest.approx(112.539540, rel=1e-8)
    both = cable.input_resistance(2, 20, 100, end="infinite")
    assert both == pytest.approx(318.309886 / 2, rel=1e-8)
    sealed = cable.input_resistance(2, 20, 100, 1000, "sealed")
    assert sealed / R_SEMI == pytest.approx(1.3130352855, rel=1e-8)
    assert cable.equalising_time_constant(1.0) == pytest.approx(0.0919997, rel=1e-6)


@pytest.mark.parametrize(
    ("X", "T", "value"),
    [
        (0, 1, 0.84270079),
        (0, 0.25, 0.52049988),
        (1, 1, 0.23361244),
        (1, 0.25, 0.04213124),
        (2, 2, 0.10388916),
        (1, 1e6, math.exp(-1)),
        (700, 4, 0.0),
        (1, 0, 0.0),
    ],
)
def test_step_response_of_an_endless_cable(X, T, value):
    assert float(cable.step_response(X, T)) == pytest.approx(value, rel=2e-7, abs=1e-12)


@pytest.mark.parametrize("end", ["sealed", "killed"])
def test_steady_profiles_end_as_their_ends_say(end):
    value = {"sealed": 0.6480542737, "killed": 0.0}[end]
    assert cable.steady_state([0.0, 1.0], 1.0, end) == pytest.approx([1.0, value], abs=1e-10)
    assert cable.steady_state(1.0, 2000.0, end) == pytest.approx(math.exp(-1))


def test_a_step_of_current_travels_as_jack_noble_and_tsien_computed():
    net, cell = passive(801, 8.0, dt=0.05)  # 100 compartments a lambda; its end is far away
    net.record(cell[[0, 100, 200]], "v")
    times, v = net.simulate(41.0)["cable"].trace("v")
    found = (v + 65) / (CURRENT * R_SEMI * 1e-3)
    for X, T in [(0, 1.0), (0, 0.25), (1, 1.0), (1, 0.25), (2, 2.0)]:
        now = np.argmin(np.abs(times - T * TAU))
        assert found[now, X] == pytest.approx(float(cable.step_response(X, T)), rel=1e-3)


def test_a_semi_infinite_cable_falls_exponentially():
    v = steady(*passive(801, 8.0))
    assert v[0] / CURRENT * 1e3 == pytest.approx(R_SEMI, rel=1e-4)
    assert np.allclose(v[:301] / v[0], np.exp(-np.arange(301) / 100), rtol=1e-4)


def test_an_infinite_cable_has_half_the_resistance():
    v = steady(*passive(1601, 16.0, at=800))
    assert v[800] / CURRENT * 1e3 == pytest.approx(R_SEMI / 2, rel=1e-4)
    assert v[900] / v[800] == pytest.approx(math.exp(-1), rel=1e-3)


def test_a_sealed_cable_of_one_length_constant():
    v = steady(*passive(101, 1.0))
    assert v[-1] / v[0] == pytest.approx(0.6480542737, rel=1e-4)
    assert v[0] / CURRENT * 1e3 == pytest.approx(R_SEMI * 1.3130352855, rel=1e-4)
    X = np.linspace(0, 1, 101)
    assert np.allclose(v / v[0], cable.steady_state(X, 1.0, "sealed"), rtol=1e-4)


def test_a_killed_end_stays_at_rest():
    v = steady(*passive(101, 1.0, ends=["sealed", "killed"]))
    assert v[-1] == 0.0
    X = np.linspace(0, 1, 101)
    assert np.allclose(v / v[0], cable.steady_state(X, 1.0, "killed"), rtol=1e-4, atol=1e-12)
    expected = cable.input_resistance(D, R_M, R_I, LAMBDA, "killed")
    assert v[0] / CURRENT * 1e3 == pytest.approx(expected, rel=1e-4)


def test_errors_fall_with_the_square_of_the_number_of_compartments():
    exact = cable.input_resistance(D, R_M, R_I, LAMBDA, "sealed")
    errors = [
        steady(*passive(parts + 1, 1.0))[0] / CURRENT * 1e3 / exact - 1 for parts in (10, 20, 40)
    ]
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.03)
    assert errors[1] / errors[2] == pytest.approx(4.0, rel=0.03)


def test_differences_along_a_cable_equalise_faster_than_they_decay():
    net = engine.Network("cable", dt=0.01)
    shape = {"kind": "cable", "length": LAMBDA, "diameter": D, "axial_resistivity": R_I}
    profile = -65 + 10 * np.cos(np.pi * np.linspace(0, 1, 101))
    cell = net.population(
        "cable", 101, "passive", geometry=shape, R_m=R_M, initial={"v": profile.tolist()}
    )
    net.record(cell[[0]], "v")
    times, v = net.simulate(4.0)["cable"].trace("v")
    slope = np.polyfit(times, np.log(v[:, 0] + 65), 1)[0]
    assert -1 / slope / TAU == pytest.approx(cable.equalising_time_constant(1.0), rel=1e-3)


def test_errors_of_time_fall_with_the_square_of_the_step():
    found = {}
    for dt in (0.2, 0.1, 0.05, 0.0125):
        net, cell = passive(41, 1.0, dt=dt)
        net.record(cell[[40]], "v", interval=5.0)
        found[dt] = net.simulate(10.0)["cable"].trace("v")[1][-1, 0]
    errors = [abs(found[dt] - found[0.0125]) for dt in (0.2, 0.1, 0.05)]
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.15)
    assert errors[1] / errors[2] == pytest.approx(4.0, rel=0.15)


def axon(
    diameter: float, R_i: float, temperature: float, length: float, count: int, dt: float, amplitude
) -> tuple[float, float]:
    """Velocity [m/s] between 0.4 and 0.7 of an axon, and the highest v [mV] in its middle."""
    net = engine.Network("axon", dt=dt)
    shape = {
        "kind": "cable",
        "length": length,
        "diameter": diameter,
        "axial_resistivity": R_i,
    }
    cell = net.population(
        "axon", count, "hodgkin_huxley", geometry=shape, E_L=-54.3, temperature=temperature
    )
    source = net.source("source", "step_current", amplitude=amplitude, start=0.0, stop=0.5)
    net.connect(source, cell, rules.explicit([(0, 0)]), weight=1.0)
    net.record(cell, "spikes")
    net.record(cell[[count // 2]], "v")
    run = net.simulate(14.0)
    spikes = run["axon"].spikes
    where = cable.compartments(shape, count).distance
    between = (0.4 * length, 0.7 * length)
    velocity = cable.conduction_velocity(spikes.times, spikes.senders, where, between)
    return velocity, float(run["axon"].trace("v")[1].max())


AXONS = [  # diameter, R_i, temperature, length, current, m/s
    (476.0, 35.4, 18.5, 100_000.0, 1e7, 18.7318),
    (476.0, 35.4, 6.3, 100_000.0, 1e7, 12.3227),
    (1.0, 100.0, 6.3, 3000.0, 1000.0, 0.33601),
    (1.0, 100.0, 18.5, 3000.0, 1000.0, 0.51080),
    (2.0, 100.0, 6.3, 4500.0, 3000.0, 0.47522),
]


@pytest.mark.parametrize(("diameter", "R_i", "temperature", "length", "current", "speed"), AXONS)
def test_an_action_potential_travels_at_its_velocity_at_two_resolutions(
    diameter, R_i, temperature, length, current, speed
):
    coarse, _ = axon(diameter, R_i, temperature, length, 251, 0.01, current)
    fine, peak = axon(diameter, R_i, temperature, length, 501, 0.005, current)
    assert coarse == pytest.approx(speed, rel=0.02)
    assert fine == pytest.approx(speed, rel=0.005)
    assert abs(fine - speed) <= abs(coarse - speed) + 0.002 * speed
    if temperature == 6.3:
        assert peak == pytest.approx(37.95, abs=0.02)


def test_velocity_grows_with_the_root_of_the_diameter():
    thin, _ = axon(1.0, 100.0, 6.3, 3000.0, 401, 0.005, 1000.0)
    thick, _ = axon(2.0, 100.0, 6.3, 3000.0 * math.sqrt(2), 401, 0.005, 3000.0)
    assert thick / thin == pytest.approx(math.sqrt(2), rel=1e-3)
