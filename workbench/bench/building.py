"""How long connecting neurons takes, by rule, and how many bytes a synapse has."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.connectivity.build import connect
from engine.connectivity.rules import Pattern
from engine.runtime.plan import Connections
from workbench.bench.measures import Figure

NEURONS, QUICK_NEURONS = 12_500, 4_000
SHARE = 0.1  # of all pairs: 15.6 million synapses
RULES: dict[str, dict[str, Any]] = {
    "fixed in-degree": {"kind": "fixed_indegree", "multapses": True},
    "fixed in-degree, distinct": {"kind": "fixed_indegree", "multapses": False},
    "fixed out-degree": {"kind": "fixed_outdegree", "multapses": True},
    "probability": {"kind": "probability"},
    "all to all": {"kind": "all_to_all"},
}
WEIGHT = {"distribution": "normal", "mean": 1.0, "std": 0.2}
DELAY = {"distribution": "uniform", "low": 0.5, "high": 2.5}  # ms


def building(quick: bool, repeats: int) -> Iterator[Figure]:
    """Seconds to connect neurons, by rule; what two threads gain; bytes a synapse."""
    size = QUICK_NEURONS if quick else NEURONS
    for name in RULES:
        yield _figure(f"building: {name}", size, repeats, RULES[name])
    drawn = {"weight": WEIGHT, "delay": DELAY}
    yield _figure(
        "building: probability, weights and delays drawn",
        size,
        repeats,
        RULES["probability"],
        **drawn,
    )
    for name in ("fixed in-degree", "probability"):
        yield _gain(f"building: {name}, one thread over two", size, repeats, RULES[name])
    yield _bytes(size)


def _built(size: int, rule: dict[str, Any], **given: Any) -> tuple[float, Connections]:
    """Seconds, and what was built, on one thread unless ``given`` says otherwise."""
    whole = {"p": SHARE, "n": round(SHARE * size), "self_connections": True, **rule}
    asked = {"weight": 1.0, "delay": 1.5, "dt": 0.1, "dtype": np.float32, **given}
    pattern = Pattern("bench", size, size, True, 1)
    began = time.perf_counter()
    made = connect(pattern, whole, **asked)
    return time.perf_counter() - began, made


def _figure(name: str, size: int, repeats: int, rule: dict[str, Any], **given: Any) -> Figure:
    _, made = _built(size, rule, **given)  # compiles or loads
    seconds = [_built(size, rule, **given)[0] for _ in range(repeats)]
    nanoseconds = 1e9 * min(seconds) / made.synapses
    per_synapse = made.nbytes / made.synapses
    note = f"{made.synapses:,} synapses, {nanoseconds:.1f} ns and {per_synapse:.2f} bytes each"
    return Figure(name, "s", seconds, note, {"synapses": made.synapses, "bytes": made.nbytes})


def _gain(name: str, size: int, repeats: int, rule: dict[str, Any]) -> Figure:
    """Time of one thread over that of two, in turn."""
    ratios = []
    for _ in range(repeats + 1):
        one, two = (_built(size, rule, threads=threads)[0] for threads in (1, 2))
        ratios.append(one / two)
    return Figure(name, "ratio", ratios[1:], "the same synapses")


def _bytes(size: int) -> Figure:
    """Bytes of a synapse with a float32 weight of its own, row pointers included."""
    _, made = _built(size, RULES["fixed in-degree"], weight=WEIGHT)
    _, plain = _built(size, RULES["fixed in-degree"])
    note = (
        f"each with a weight of its own; {plain.nbytes / plain.synapses:.2f} with one weight for "
        "all, 1 more with delays of their own, 2 more above 65,536 targets"
    )
    return Figure("building: bytes a synapse", "bytes", [made.nbytes / made.synapses], note)
