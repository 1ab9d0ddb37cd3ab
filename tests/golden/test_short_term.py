"""Published numbers of short-term depression and facilitation, through whole documents.

Tsodyks & Markram 1997; Markram et al. 1998.  Steady states in closed form.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import engine
from engine import rules

TAU = 2.0  # ms, of the current by which releases are seen
DEPRESSING = {"U": 0.5, "tau_rec": 800.0, "tau_facil": 0.0}
FACILITATING = {"U": 0.15, "tau_rec": 130.0, "tau_facil": 530.0}
STRONG = {"U": 0.05, "tau_rec": 100.0, "tau_facil": 1000.0}


def releases(
    times: list[float], weight: float = 1.0, delay: float = 1.0, dt: float = 0.1, **rule: Any
) -> np.ndarray:
    """What each of the spikes of one source at ``times`` delivers, in shares of the weight."""
    precision = rule.pop("precision", "float64")
    net = engine.Network("one synapse", dt=dt, precision=precision)
    cell = net.population("cell", 1, "lif_psc_exp", v_th=200, tau_exc=TAU)
    source = net.source("source", "spike_times", times=times)
    chosen = engine.plasticity("tsodyks_markram", **rule)
    net.connect(source, cell, rules.one_to_one(), weight, delay, "exc", plasticity=chosen)
    net.record(cell, "I_exc")
    t, current = net.simulate(max(times) + delay + 10.0)["cell"].trace("I_exc")
    current = np.concatenate([[0.0], current[:, 0].astype(float)])
    jumps = current[1:] - current[:-1] * math.exp(-dt / TAU)
    arrive = np.searchsorted(t, np.array(times) + delay - dt / 2)
    others = np.delete(jumps, arrive)
    assert np.abs(others).max() < (1e-12 if precision == "float64" else 1e-6) * weight
    return jumps[arrive] / weight


def regular(rate: float, count: int) -> list[float]:
    return [10.0 + 1000.0 / rate * k for k in range(count)]


@pytest.mark.parametrize(
    ("rule", "rate", "expected"),
    [
        (DEPRESSING, 10.0, [0.5, 0.2793758, 0.1820257, 0.1390701]),
        (FACILITATING, 20.0, [0.15, 0.238859, 0.2731896, 0.2789324]),
    ],
)
def test_the_first_releases_of_a_regular_train(
    rule: dict[str, float], rate: float, expected: list[float]
) -> None:
    np.testing.assert_allclose(releases(regular(rate, 4), **rule), expected, atol=6e-8)


@pytest.mark.parametrize(
    ("rule", "rate", "steady"),
    [
        (DEPRESSING, 10.0, 0.10514789),
        (DEPRESSING, 20.0, 0.05712586),
        (FACILITATING, 20.0, 0.27456523),
        (FACILITATING, 10.0, 0.35237934),
        (STRONG, 50.0, 0.16969629),
    ],
)
def test_the_steady_release_of_a_regular_train(
    rule: dict[str, float], rate: float, steady: float
) -> None:
    last = releases(regular(rate, 400), **rule)[-1]
    assert last == pytest.approx(steady, rel=1e-7)
    interval, u = 1000.0 / rate, rule["U"]
    if rule["tau_facil"]:
        u /= 1 - (1 - rule["U"]) * math.exp(-interval / rule["tau_facil"])
    recovery = math.exp(-interval / rule["tau_rec"])
    assert last == pytest.approx(u * (1 - recovery) / (1 - (1 - u) * recovery), rel=1e-10)


def in_python(times: list[float], U: float, tau_rec: float, tau_facil: float) -> list[float]:
    """The rule as the catalogue of the field has it, spike by spike."""
    u, x, before, found = 0.0, 1.0, -math.inf, []
    for time in times:
        u *= math.exp(-(time - before) / tau_facil) if tau_facil else 0.0
        x = 1 + (x - 1) * math.exp(-(time - before) / tau_rec)
        u += U * (1 - u)
        found.append(u * x)
        x, before = x - u * x, time
    return found


@pytest.mark.parametrize("rule", [DEPRESSING, FACILITATING, STRONG])
@pytest.mark.parametrize("delay", [0.1, 7.3])
def test_an_irregular_train_and_two_spikes_of_one_step(
    rule: dict[str, float], delay: float
) -> None:
    times = [3.0, 3.1, 11.7, 60.0, 61.2, 400.0, 400.3, 900.0]
    np.testing.assert_allclose(
        releases(times, 40.0, delay, **rule), in_python(times, **rule), atol=1e-12
    )
    both = releases([5.0, 5.0], **rule)  # both stand in one step, one after the other
    assert both[0] == pytest.approx(sum(in_python([5.0, 5.0], **rule)), abs=1e-12)


def test_single_precision_keeps_six_digits_over_long_intervals() -> None:
    times = [10.0 + 900.0 * k for k in range(5)]
    found = releases(times, precision="float32", **DEPRESSING)
    np.testing.assert_allclose(found, in_python(times, **DEPRESSING), rtol=2e-6)


def test_the_time_step_does_not_matter() -> None:
    times = regular(20.0, 6)
    coarse = releases(times, dt=1.0, **FACILITATING)
    np.testing.assert_allclose(coarse, releases(times, dt=0.05, **FACILITATING), atol=1e-13)


def test_short_term_depression_is_not_in_the_weights() -> None:
    net = engine.Network(dt=0.1)
    source = net.source("source", "spike_times", times=[1.0, 2.0, 3.0])
    cell = net.population("cell", 3, "lif_cond_exp")
    net.connect(source, cell, weight=2.0, delay=1.0, port="exc", plasticity="tsodyks_markram")
    with engine.Simulation(net.document) as running:
        running.run(10.0)
        assert running.weights(net.document.edges[0].id).tolist() == [2.0] * 3
