"""How long connecting neurons takes, and how many bytes a synapse has."""

from __future__ import annotations

import time

from engine.connectivity.build import Pattern, connect
from workbench.bench.measures import Figure


def building(quick: bool, repeats: int) -> list[Figure]:
    """Seconds to connect neurons, by rule, and bytes a synapse."""
    targets = 2_500 if quick else 12_500
    rules = {
        "fixed in-degree": {"kind": "fixed_indegree", "n": targets // 10, "multapses": True},
        "probability": {"kind": "probability", "p": 0.1},
    }
    found = []
    for name, rule in rules.items():
        seconds, made = [], None
        for _ in range(repeats + 1):
            began = time.perf_counter()
            pattern = Pattern("bench", targets, targets, True, 1)
            made = connect(pattern, {"self_connections": True, **rule}, 1.0, 1.5, 0.1)
            seconds.append(time.perf_counter() - began)
        assert made is not None
        note = f"{made.synapses:,} synapses, {made.nbytes / made.synapses:.2f} bytes each"
        found.append(Figure(f"building: {name}", "s", seconds[1:], note))
    return found
