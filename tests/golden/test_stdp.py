"""Published numbers and signatures of spike-timing-dependent plasticity."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.document import replace
from workbench.store.files import load_example

PRE, POST = [10, 30, 50, 75, 100], [12, 33, 45, 80, 95, 130]  # ms
DELAY = 0.1


def learned(
    rule: str,
    delay: str = "axonal",
    dt: float = 0.1,
    precision: str = "float64",
    **parameters: float,
) -> float:
    """The change of one weight, of a range of 1, after the spikes PRE and POST."""
    net = engine.Network(dt=dt, precision=precision)
    pre = net.source("pre", "spike_times", times=PRE, senders=[0] * len(PRE))
    # A relay makes the target spike one delay after each of these times; over an axonal delay the
    # other spikes are as late, over a dendritic one the target's come back later still.
    behind = 0.0 if delay == "axonal" else 2 * DELAY
    times = [time - behind for time in POST]
    post = net.source("post", "spike_times", times=times, senders=[0] * len(POST))
    target = net.population("target", 1, "lif_psc_delta", t_ref=0.1)
    chosen = engine.plasticity(rule, delay, w_max=1, **parameters)
    edge = net.connect(pre, target, weight=0.5, delay=DELAY, port="exc", plasticity=chosen)
    net.connect(post, target, weight=30, delay=DELAY, port="exc")
    net.record(target, "spikes")
    run = net.simulate(150.0)
    np.testing.assert_allclose(run["target"].spikes.times, np.add(times, DELAY), atol=1e-9)
    return float(run.weights(edge[0])[0] - 0.5)


@pytest.mark.parametrize("delay", ["axonal", "dendritic"])
@pytest.mark.parametrize(
    ("rule", "parameters", "expected"),
    [
        ("stdp", {"A_plus": 0.01, "A_minus": 0.0105}, 0.0110424284),
        ("stdp_nearest", {"A_plus": 0.01, "A_minus": 0.0105}, 0.0131105588),
        (
            "stdp",
            {"A_plus": 0.01, "A_minus": 0.006, "tau_plus": 16.8, "tau_minus": 33.7},
            0.0107753159,
        ),
    ],
)
def test_the_change_by_two_trains_of_spikes(
    rule: str, parameters: dict[str, float], expected: float, delay: str
) -> None:
    assert learned(rule, delay, **parameters) == pytest.approx(expected, abs=1e-10)


def test_the_window_does_not_depend_on_the_time_step() -> None:
    coarse, fine = (learned("stdp", dt=dt, A_plus=0.01) for dt in (0.1, 0.01))
    assert coarse == pytest.approx(fine, abs=1e-12)


def test_single_precision_keeps_six_digits_of_a_weight() -> None:
    parameters = {"A_plus": 0.01, "A_minus": 0.0105}
    single = learned("stdp", precision="float32", **parameters)
    assert single == pytest.approx(0.0110424284, abs=2e-7)


def song(rule: str, seconds: float, seed: int, **parameters: float) -> tuple[np.ndarray, float]:
    """Weights [1000] as shares of the strongest, and the rate [Hz] of the last half, of Song's
    neuron with another rule on its synapses."""
    document = load_example("stdp")
    edge = document.edges_by_id["synapses"]
    assert edge.plasticity is not None
    given = {name: edge.plasticity["parameters"][name] for name in ("w_max", "A_plus", "A_minus")}
    chosen = engine.plasticity(rule, **(given | parameters))
    edges, settings = (replace(edge, plasticity=chosen),), replace(document.simulation, seed=seed)
    run = engine.simulate(replace(document, edges=edges, simulation=settings), 1000.0 * seconds)
    rate = run["neuron"].rate_hz(500.0 * seconds)
    return run.weights("synapses") / given["w_max"], rate


@pytest.mark.slow
def test_additive_weights_end_at_either_bound() -> None:
    for seed in range(1, 6):
        weights, rate = song("stdp", 100.0, seed)
        low, middle, high = np.histogram(weights, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0])[0][[0, 2, 4]]
        assert low > 2.0 * middle
        assert high > 2.0 * middle
        assert 10.0 < rate < 40.0  # Song et al., Fig. 2: it settles near 20 Hz


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["stdp_multiplicative", "stdp_van_rossum"])
def test_weights_gather_around_one_value_where_changes_depend_on_them(rule: str) -> None:
    for seed in range(1, 6):
        weights, _ = song(rule, 100.0, seed, A_plus=0.002, A_minus=0.004)
        counts = np.histogram(weights, 5, (0.0, 1.0))[0]
        assert counts[1:4].max() > 2 * max(counts[0], counts[-1])
        assert weights.std() < 0.2
