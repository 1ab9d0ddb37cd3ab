"""Neurons in steps against lists worked out with the published libraries.

Input x1 into one neuron, v = 0 at first, threshold 1; spikes, then v after each step.  The lists
are SpikingJelly 2.0.0's, `decay_input` and `v_reset` as there.
"""

from __future__ import annotations

import numpy as np
import pytest

import engine

torch = pytest.importorskip("torch")

X1 = [0.6, 0.6, 0.6, 0.0, 1.2, 0.3, 0.9, 0.9, 0.0, 2.5]
DECAYED = [0.3, 0.45, 0.525, 0.2625, 0.73125, 0.515625, 0.7078125, 0.8039062, 0.4019531]
LISTS = {
    "IF, hard": (
        "if_discrete", {}, "0100101001", [0.6, 0, 0.6, 0.6, 0, 0.3, 0, 0.9, 0.9, 0],
    ),
    "IF, soft": (
        "if_discrete", {"soft_reset": 1}, "0100111101",
        [0.6, 0.2, 0.8, 0.8, 1.0, 0.3, 0.2, 0.1, 0.1, 1.6],
    ),
    "LIF, decayed input, hard": (
        "lif_discrete", {"tau": 2}, "0000000001", [*DECAYED, 0.0],
    ),
    "LIF, decayed input, soft": (
        "lif_discrete", {"tau": 2, "soft_reset": 1}, "0000000001", [*DECAYED, 0.4509765],
    ),
    "LIF, hard": (
        "lif_discrete", {"tau": 2, "decay_input": 0}, "0010101001",
        [0.6, 0.9, 0, 0, 0, 0.3, 0, 0.9, 0.45, 0],
    ),
    "LIF, soft": (
        "lif_discrete", {"tau": 2, "decay_input": 0, "soft_reset": 1}, "0010101001",
        [0.6, 0.9, 0.05, 0.025, 0.2125, 0.40625, 0.103125, 0.9515625, 0.4757812, 1.7378907],
    ),
    "PLIF": ("plif", {"w": 0}, "0000000001", [*DECAYED, 0.0]),
    "PLIF, tau": ("plif", {"tau": 2, "soft_reset": 1}, "0000000001", [*DECAYED, 0.4509765]),
    "Leaky, subtract": (
        "snntorch_leaky", {"beta": 0.9}, "0100101101",
        [0.6, 1.14, 0.626, 0.5634, 1.70706, 0.836354, 1.6527185, 1.3874466, 0.2487019, 2.7238317],
    ),
    "Leaky, zero": (
        "snntorch_leaky", {"soft_reset": 0}, "0100101001",
        [0.6, 1.14, 0.6, 0.54, 1.686, 0.3, 1.17, 0.9, 0.81, 3.229],
    ),
    "Leaky, zero at once": (
        "snntorch_leaky", {"soft_reset": 0, "reset_delay": 0}, "0100101001",
        [0.6, 0, 0.6, 0.54, 0, 0.3, 0, 0.9, 0.81, 0],
    ),
    "Synaptic, subtract": (
        "synaptic", {"alpha": 0.8, "beta": 0.9}, "0010101111",
        [0.24, 0.648, 1.1688, 0.5204, 1.3231437, 0.9946564, 1.8982525, 1.8708766, 1.6137483,
         2.196341],
    ),
    "Synaptic, zero": (
        "synaptic", {"soft_reset": 0}, "0010010101",
        [0.24, 0.648, 1.1688, 0, 0.854784, 1.5731328, 0, 1.1624494, 0, 1.7439675],
    ),
}  # fmt: skip
SCALE = {"synaptic": 0.4}  # of the input


@pytest.mark.parametrize("case", LISTS)
def test_a_layer_has_the_published_spikes_and_potentials(case: str) -> None:
    from engine.deep import Spiking

    model, parameters, spikes, potentials = LISTS[case]
    layer = Spiking(model, traces=("v",), **parameters)
    emitted, v = layer(SCALE.get(model, 1) * torch.tensor(X1).reshape(-1, 1))
    assert "".join(str(int(spike)) for spike in emitted.ravel()) == spikes
    # The one input that meets the threshold exactly may fall on either side of it in float32.
    np.testing.assert_allclose(v.ravel(), potentials, atol=1e-5)


@pytest.mark.parametrize("case", LISTS)
def test_the_simulator_gives_the_same(case: str) -> None:
    model, parameters, spikes, potentials = LISTS[case]
    x = SCALE.get(model, 1) * np.array(X1)
    found = engine.response(model, x, duration=10, dt=1, params=parameters)
    fired = [int(spike) for spike in spikes]
    np.testing.assert_array_equal(found.spike_times, np.flatnonzero(fired) + 1.0)
    np.testing.assert_allclose(found.states["v"][1:], potentials, atol=1e-6)


def test_a_spike_adds_its_weight_at_the_end_of_the_step() -> None:
    network = engine.Network(dt=1.0)
    network.source("x", "spike_times", times=[1, 2, 3, 5])
    network.population("n", 1, "if_discrete")
    network.record("n", "spikes")
    network.connect("x", "n", weight=0.5, delay=1)
    run = network.simulate(10)
    # 0.5 each at 2, 3, 4 and 6 ms: 1.0 is reached at 3 and at 6 ms.
    assert list(run["n"].spikes.times) == [3.0, 6.0]


def test_the_alpha_neuron_answers_an_impulse_with_its_own_alpha_function() -> None:
    expected = [0, 0.189453, 0.3220701, 0.411113, 0.4670017, 0.4979015, 0.5101913, 0.5088361]
    x = np.eye(1, 8)[0]
    found = engine.response("alpha", x, 8, 1, params={"alpha": 0.9, "beta": 0.8})
    np.testing.assert_allclose(found.states["v"][1:], expected, atol=1e-6)


@pytest.mark.parametrize("soft", [0, 1])
def test_the_alpha_neuron_is_reset_a_step_after_its_spike(soft: int) -> None:
    """Its published update, written out."""
    alpha, beta, th = 0.9, 0.8, 0.6
    scale = np.log(alpha) / (np.log(beta) - np.log(alpha)) + 1
    exc = inh = v = 0.0
    expected = []
    for x in X1:
        r = float(v > th)
        new_exc, new_inh = alpha * exc + x, beta * inh - x
        new_v = scale * (new_exc + new_inh)
        if soft:
            exc, inh, v = new_exc - r * th, new_inh - r * new_inh, new_v + r * inh
        else:
            exc, inh, v = new_exc * (1 - r), new_inh * (1 - r), new_v * (1 - r)
        expected.append(v)
    params = {"v_th": th, "soft_reset": soft}
    found = engine.response("alpha", np.array(X1), 10, 1, params=params)
    np.testing.assert_allclose(found.states["v"][1:], expected, atol=1e-12)
    assert found.spike_times.size > 1


@pytest.mark.parametrize(
    ("beta", "level", "count", "first"),
    [(0.07, 0.1, 11, [13, 28, 44, 61, 78, 96, 114, 133]),
     (1.6, 0.3, 7, [3, 14, 29, 51, 86, 134, 187])],
)  # fmt: skip
def test_the_adaptive_neuron_of_lsnns_fires_in_the_steps_of_its_papers(
    beta: float, level: float, count: int, first: list[int]
) -> None:
    found = engine.response("alif", np.full(200, level), 200, 1, params={"beta": beta})
    assert found.spike_times.size == count
    np.testing.assert_array_equal(found.spike_times[: len(first)] - 1, first)  # steps from 0


def test_the_input_of_the_adaptive_neuron_is_scaled_as_in_2018_if_asked() -> None:
    params = {"scale_input": 1, "alpha": 0.8}
    found = engine.response("alif", np.array([1.0, 0.0]), 2, 1, params=params)
    np.testing.assert_allclose(found.states["v"][1:], [0.2, 0.16], atol=1e-12)


def test_a_time_constant_is_the_sigmoid_of_what_is_learnt() -> None:
    entry = engine.models()["plif"]["parameters"]
    assert entry["tau"]["default"] == pytest.approx(2.0)
    four = engine.response("plif", np.array(X1), 10, 1, params={"w": -1.0986123}).states["v"]
    same = engine.response("lif_discrete", np.array(X1), 10, 1, params={"tau": 4}).states["v"]
    np.testing.assert_allclose(four, same, atol=1e-7)


def test_the_demonstration_of_the_lessons_fires_as_it_did_there() -> None:
    """mem := 0.819 mem + 0.4 x - spk; the first spikes are counted from 1."""
    x = np.r_[np.zeros(10), np.full(240, 0.2)]
    found = engine.response("snntorch_leaky", x, 250, 1, params={"beta": 0.819})
    assert found.spike_times[:5].tolist() == [22, 35, 48, 61, 74]
    assert found.spike_times.size == 18
    assert found.states["v"].max() == pytest.approx(1.006555, abs=1e-6)


@pytest.mark.parametrize(("current", "interval"), [(1.5, 21.9722458), (3.0, 8.1093022)])
def test_nir_s_leaky_neuron_fires_at_the_closed_rate(current: float, interval: float) -> None:
    found = engine.response("nir_lif", current, 100, 0.1, interpolate=True)
    np.testing.assert_allclose(np.diff(found.spike_times), interval, rtol=1e-6)


def test_an_impulse_into_nir_s_synapse_has_the_closed_form_potential() -> None:
    dt = 0.01
    impulse = np.zeros(3000)
    impulse[0] = 1 / dt
    for model in ("nir_cuba_li", "nir_cuba_lif"):
        found = engine.response(model, impulse, 30, dt)
        v = found.states["v"]
        assert v.max() == pytest.approx(0.031498026, rel=1e-5)
        assert found.t[v.argmax()] == pytest.approx(9.241962, abs=dt)


def test_nir_s_integrators_without_a_threshold_never_fire() -> None:
    t = np.arange(101) * 0.1
    ramp = engine.response("nir_i", 3.0, 10, 0.1, params={"R": 2})
    np.testing.assert_allclose(ramp.states["v"], 6 * t, atol=1e-9)
    leaky = engine.response("nir_li", 5.0, 10, 0.1)
    np.testing.assert_allclose(leaky.states["v"], 5 * -np.expm1(-t / 20), atol=1e-12)
    assert ramp.spike_times.size == leaky.spike_times.size == 0
