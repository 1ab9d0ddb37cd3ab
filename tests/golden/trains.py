"""One synapse between two given trains of spikes, for the tests of learning rules."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import engine

DELAY = 1.0  # ms, of every connection


def changed(
    rule: dict,
    pre: Sequence[float],
    post: Sequence[float],
    weight: float = 0.5,
    dt: float = 0.1,
    duration: float | None = None,
) -> float:
    """The change of one weight when its source spikes at ``pre`` and its target at ``post`` [ms].

    The rule's delay must be axonal.  The source's spikes reach the synapse, and a relay makes the
    target spike, one delay later.
    """
    net = engine.Network(dt=dt, precision="float64")
    sources = [
        net.source(name, "spike_times", times=list(map(float, times)), senders=[0] * len(times))
        for name, times in (("pre", pre), ("post", post))
    ]
    target = net.population("target", 1, "lif_psc_delta", t_ref=dt, v_th=100, v_reset=0, E_L=0)
    chosen = {**rule, "parameters": {"w_min": 0, "w_max": 1, **rule["parameters"]}}
    edge = net.connect(
        sources[0], target, weight=weight, delay=DELAY, port="exc", plasticity=chosen
    )
    net.connect(sources[1], target, weight=1e5, delay=DELAY, port="exc")
    net.record(target, "spikes")
    last = max([0.0, *pre, *post])
    run = net.simulate(last + 2 * DELAY + dt if duration is None else duration)
    np.testing.assert_allclose(run["target"].spikes.times, np.add(post, DELAY), atol=1e-9)
    return float(run.weights(edge[0])[0] - weight)
