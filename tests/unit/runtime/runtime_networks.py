"""Small networks that the tests of the runtime share."""

from __future__ import annotations

import numpy as np

import engine
from engine import Network, rules
from engine.runtime.plan import Chunk


def small(seed: int = 1, threads: int = 1) -> Network:
    """Ninety current-driven LIF neurons, excitatory and inhibitory, mixed delays, Poisson drive."""
    network = Network("small", dt=0.1, seed=seed)
    common = {"E_L": -49.0, "v_reset": -60.0, "t_ref": 5.0}
    initial = {"v": engine.uniform(-60.0, -50.0)}
    network.population("exc", 60, "lif_psc_exp", initial=initial, **common)
    network.population("inh", 30, "lif_psc_exp", initial=initial, **common)
    network.source("drive", "poisson", 40, rate=20.0)
    delay = engine.normal(1.5, 0.5, low=0.1)
    network.connect("exc", ["exc", "inh"], rules.probability(0.1), 60.0, delay, port="exc")
    network.connect("inh", ["exc", "inh"], rules.fixed_indegree(5), -120.0, 0.8, port="inh")
    weight = engine.uniform(10.0, 50.0)
    network.connect("drive", "exc", rules.probability(0.2), weight, 1.0, port="exc")
    return network


def spikes_of(chunks: list[Chunk], emitter: int) -> np.ndarray:
    """All (step, sender) of one emitter, [spikes, 2]."""
    pairs = [np.column_stack(chunk.spikes[emitter]) for chunk in chunks]
    return np.concatenate(pairs)
