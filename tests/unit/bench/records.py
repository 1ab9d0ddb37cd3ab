"""A record with figures of every kind of plot, made up: for tests of what is shown."""

from __future__ import annotations

from typing import Any

from workbench.bench import history
from workbench.bench.measures import Figure

HOSTILE = "<script>alert(1)</script> & \"quotes\" | 'pipes'"


def made_up() -> dict[str, Any]:
    """The record; notes, names and the machine carry what must be escaped."""
    found = history.new_record()
    axes = {"x_label": "neurons", "y_label": "s per simulated s"}
    series = [
        {"label": "80 each", "x": [1e3, 1e4, 1e6], "y": [0.002, 0.02, 3.0], **axes},
        {"label": "1,000 each", "x": [1e3, 1e4], "y": [0.02, 0.2], "fit": [0.02, 0.2], **axes},
    ]
    figures = {
        "beside": [
            Figure("cuba: Brian2's time over ours (float32)", "times", [2.4, 2.6, 2.8], HOSTILE),
            Figure("cuba: Brian2's time over ours (float64)", "times", [1.5]),
            Figure("coba: NEST's time over ours (float32)", "times", [80.0, 90.0]),
        ],
        "training-beside": [
            Figure("training a: ours, forward", "times", [0.1, 0.11]),
            Figure("training a: snnTorch, forward", "times", [1.6, 1.7]),
        ],
        "scaling": [Figure(f"scaling: {HOSTILE}", "s", [1.0], "", {"series": series})],
        "startup": [Figure("startup: import engine", "s", [0.004, 0.005])],
        "live": [Figure("live: frames a second", "1/s", [28.0])],
    }
    for name, entries in figures.items():
        history.put(found, *history.measured(name, entries, repeats=3))
    history.put(found, *history.measured("gpu", [], f"gpu: {HOSTILE}"))
    found["machine"]["processor"] = HOSTILE
    return found
