"""Synapses with a rise: alpha, bi-exponential, NMDA; through documents and on one neuron alone.

Closed forms: Rall 1967 (alpha), Roth & van Rossum 2009 (difference of exponentials), Jahr & Stevens
1990 (magnesium).  Potentials by conductances: adaptive solutions of high order.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import engine
from engine import rules
from engine.equations.constants import resolve
from engine.equations.evaluate import evaluate
from engine.models.compose import compose
from engine.models.registry import neuron_models, synapse_models

B2 = {"C": 250, "g_L": 25, "E_L": -70, "v_reset": -70, "v_th": -55}  # tau_m 10 ms
PASSIVE = {"C": 200, "g_L": 10, "E_L": -65, "v_th": 200}


def traces(
    synapse: str, weight: float, dt: float, duration: float = 150.0, **params: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times since the spike arrived [ms], v [mV] and what the synapse opens (I or g)."""
    net = engine.Network("one synapse", dt=dt, precision="float64")
    cell = net.population("cell", 1, "lif", ports={"syn": synapse}, **params)
    source = net.source("source", "spike_times", times=[1.0])
    net.connect(source, cell, rules.one_to_one(), weight, delay=1.0, port="syn")
    opened = "I_syn" if synapse.endswith("current") else "g_syn"
    net.record(cell, "v")
    net.record(cell, opened)
    cells = net.simulate(duration)["cell"]
    times, v = cells.trace("v")
    return np.round(times - 2.0, 9), v[:, 0], cells.trace(opened)[1][:, 0]


def alone(synapse: str, start: float, dt: float, **params: float) -> np.ndarray:
    """v [mV] at 0, dt ... of one neuron after a spike that put ``start`` into the first stage."""
    model = replace(neuron_models()["lif"], ports={"syn": synapse})
    found = engine.response(model, 0.0, 100.0, dt, params, {"h_syn": start}, solver=None)
    return found.states["v"]


def peak(t: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """Place and height of the largest sample, by the parabola through it and its neighbours."""
    top = int(values.argmax())
    left, middle, right = values[top - 1 : top + 2]
    shift = 0.5 * (left - right) / (left - 2 * middle + right)
    return t[top] + shift * (t[1] - t[0]), middle - 0.25 * (left - right) * shift


@pytest.mark.parametrize(
    ("tau", "height", "at"), [(2.0, 1.30006625, 6.6509976), (0.3258, 0.30693005, 1.7006466)]
)
def test_potential_of_an_alpha_current(tau: float, height: float, at: float) -> None:
    t, v, current = traces("alpha_current", 100.0, 0.01, **B2, tau_syn=tau)
    where, found = peak(t, v + 70)
    assert (where, found) == (pytest.approx(at, abs=5e-5), pytest.approx(height, rel=1e-6))
    after = np.maximum(t, 0) / tau
    np.testing.assert_allclose(current, 100 * after * np.exp(1 - after), atol=1e-9)
    assert np.trapezoid(current, t) == pytest.approx(100 * math.e * tau, rel=1e-4)
    assert np.abs(v[t <= 0] + 70).max() == 0.0  # nothing before t_spike + delay
    single = alone("alpha_current", 100 * math.e, 0.01, **B2, tau_syn=tau)
    assert single.max() + 70 == pytest.approx(height, rel=2e-5)


@pytest.mark.parametrize("dt", [0.01, 0.1, 1.0])
def test_an_alpha_current_as_slow_as_the_membrane_is_exact_on_any_grid(dt: float) -> None:
    """Three equal time constants in a row: v = w e t^2/(2 tau C) exp(-t/tau)."""
    t, v, _ = traces("alpha_current", 100.0, dt, **B2, tau_syn=10.0)
    t, v = t[t >= 0], v[t >= 0]
    expected = 100 * math.e * t**2 / (2 * 10 * 250) * np.exp(-t / 10)
    np.testing.assert_allclose(v + 70, expected, atol=1e-11)


@pytest.mark.parametrize(
    ("rise", "decay", "at", "factor"),
    [
        (0.5, 5.0, 1.27921394, 1.43505518),
        (2.0, 100.0, 7.98372042, 1.10521503),
        (0.5, 3.0, 1.07505568, 1.71716290),
    ],
)
def test_a_biexponential_is_normalised_to_its_peak(
    rise: float, decay: float, at: float, factor: float
) -> None:
    times = {"tau_rise_syn": rise, "tau_decay_syn": decay}
    for synapse in ("biexp_current", "biexp_conductance", "nmda"):
        t, _, opened = traces(synapse, 3.0, 0.01, 100.0, **PASSIVE, **times)
        where, height = peak(t, opened)
        assert (where, height) == (pytest.approx(at, abs=5e-5), pytest.approx(3.0, rel=1e-6))
        after = np.maximum(t, 0)
        course = 3.0 * factor * (np.exp(-after / decay) - np.exp(-after / rise))
        np.testing.assert_allclose(opened, course, atol=2e-8)


def test_a_biexponential_of_two_equal_time_constants_is_the_alpha_synapse() -> None:
    _, wanted, _ = traces("alpha_current", 100.0, 0.1, **B2, tau_syn=2.0)
    for decay, slack in ((2.0, 1e-12), (2.0 * (1 + 1e-9), 1e-8)):
        constants = {"tau_rise_syn": 2.0, "tau_decay_syn": decay}
        _, found, _ = traces("biexp_current", 100.0, 0.1, **B2, **constants)
        np.testing.assert_allclose(found, wanted, atol=slack)


def test_the_order_of_the_two_time_constants_does_not_matter() -> None:
    found = [
        traces("biexp_conductance", 5.0, 0.1, **PASSIVE, tau_rise_syn=a, tau_decay_syn=b)[2]
        for a, b in ((0.5, 5.0), (5.0, 0.5))
    ]
    np.testing.assert_allclose(*found, atol=1e-12)


@pytest.mark.parametrize(("dt", "slack"), [(0.01, 1.5e-6), (0.1, 1e-4)])
@pytest.mark.parametrize(
    ("synapse", "params", "height", "at"),
    [
        ("alpha_conductance", {"tau_syn": 2.0}, 6.0341503, 7.927),
        ("biexp_conductance", {"tau_rise_syn": 0.5, "tau_decay_syn": 5.0}, 6.2037860, 9.5848),
    ],
)
def test_potential_of_a_conductance_with_a_rise(
    synapse: str, params: dict[str, float], height: float, at: float, dt: float, slack: float
) -> None:
    t, v, _ = traces(synapse, 5.0, dt, **PASSIVE, **params)
    assert v.max() + 65 == pytest.approx(height, abs=slack)
    assert peak(t, v)[0] == pytest.approx(at, abs=0.002)


@pytest.mark.parametrize("dt", [0.01, 0.1])
@pytest.mark.parametrize(
    ("leak", "height", "at"), [(-65.0, 0.5729139, 42.757), (-50.0, 1.0314772, 42.91)]
)
def test_potential_of_an_nmda_synapse(leak: float, height: float, at: float, dt: float) -> None:
    cell = {**PASSIVE, "E_L": leak}
    t, v, _ = traces("nmda", 2.0, dt, **cell)
    assert v.max() - leak == pytest.approx(height, abs=5e-7)
    assert peak(t, v)[0] == pytest.approx(at, abs=0.01)
    times = {"tau_rise_syn": 2.0, "tau_decay_syn": 100.0}
    _, free, _ = traces("nmda", 2.0, dt, **cell, Mg_syn=0)
    _, plain, _ = traces("biexp_conductance", 2.0, dt, **cell, **times)
    np.testing.assert_allclose(free, plain, atol=2e-4)  # without magnesium nothing is blocked


def nmda_current(v: np.ndarray) -> np.ndarray:
    """The current of an open conductance of 1 at these potentials."""
    system = compose(neuron_models()["lif"], {"nmda": "nmda"})
    scope = resolve(system.parameters.values(), {}, 1) | {"v": v, "g_nmda": 1.0}
    return np.asarray(evaluate(system.aliases["I_nmda"], scope))


def test_the_block_by_magnesium() -> None:
    v = np.array([-65.0, -40.0, -20.525252, 1e-9])
    expected = [0.0596681536, 0.2301553183, 0.5, 0.7811816192]
    np.testing.assert_allclose(nmda_current(v) / -v, expected, rtol=1e-7)


def test_the_most_negative_current_of_an_nmda_synapse() -> None:
    v = np.linspace(-28, -26, 2001)
    assert peak(v, nmda_current(v))[0] == pytest.approx(-26.955187, abs=1e-5)


def test_ports_of_every_kind_on_one_neuron_add_up() -> None:
    """Currents of a linear membrane superpose, whatever port they come by."""
    kinds = {name: name for name, model in synapse_models().items() if model.weight == "current"}
    kinds["delta"] = "delta"
    assert len(kinds) >= 5

    def run(ports: list[str]) -> np.ndarray:
        net = engine.Network("ports", dt=0.1, precision="float64")
        cell = net.population("cell", 1, "lif", ports=kinds, **{**PASSIVE, "t_ref": 0})
        for place, port in enumerate(ports):
            source = net.source(f"to_{port}", "spike_times", times=[1.0 + place])
            net.connect(source, cell, rules.one_to_one(), 2.0, delay=0.5, port=port)
        net.record(cell, "v")
        return net.simulate(40.0)["cell"].trace("v")[1][:, 0] + 65

    names = list(kinds)
    together = run(names)
    alone = [run(names[:end]) - run(names[: end - 1]) for end in range(1, len(names) + 1)]
    np.testing.assert_allclose(together, np.sum(alone, axis=0), atol=1e-12)
    assert all(np.abs(part).max() > 1e-3 for part in alone)
