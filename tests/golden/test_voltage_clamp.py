"""Hodgkin and Huxley's gates with the potential held (catalogue A11, T0 and T1)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import response
from engine.models.registry import neuron_models

HH = neuron_models()["hodgkin_huxley"]
MEMBRANE = "dv/dt = (G_Na*(E_Na - v) + G_K*(E_K - v) + g_L*(E_L - v) + I)/C : mV"
assert MEMBRANE in HH.equations
CLAMPED = replace(HH, name="clamped", protocols={}, ports={},
                  equations=HH.equations.replace(MEMBRANE, "dv/dt = 0*I/C : mV"))  # fmt: skip
AT_REST = {"m": 0.0529324853, "h": 0.5961207535, "n": 0.3176769141}


@pytest.mark.parametrize(
    ("volts", "taus"),
    [
        (-65.0, {"m": 0.2367668787, "h": 8.5160107644, "n": 5.4585846875}),
        (0.0, {"m": 0.2390790675, "h": 1.0273248, "n": 1.6454801}),
    ],
)
def test_gates_relax_with_their_time_constants(volts, taus):
    start = {"v": volts, "m": 0.5, "h": 0.5, "n": 0.5}
    states = response(CLAMPED, 0.0, 200.0, 0.01, initial=start).states
    for gate, tau in taus.items():
        x = states[gate] - states[gate][-1]
        last = round(tau / 0.01)
        found = -0.01 * last / np.log(x[last] / x[0])
        assert found == pytest.approx(tau, rel=1e-5)


def test_currents_of_a_step_from_rest_to_zero():
    answer = response(CLAMPED, 0.0, 5.0, 0.01, initial={"v": 0.0, **AT_REST})
    m, h, n = (answer.states[gate] for gate in "mhn")
    sodium, potassium = 120 * m**3 * h * (0 - 50), 36 * n**4 * (0 + 77)
    assert sodium.min() == pytest.approx(-1456.837898, rel=2e-5)
    assert answer.t[sodium.argmin()] == pytest.approx(0.61761, abs=0.01)
    assert potassium[-1] == pytest.approx(1665.502055, rel=1e-6)
