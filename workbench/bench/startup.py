"""How long the program takes from nothing to its first spikes."""

from __future__ import annotations

import json
import subprocess
import sys
import time

from workbench.bench.measures import Figure

HEAVY = ("torch", "numba", "sympy", "scipy", "panel")  # what `import engine` leaves alone


def startup(quick: bool, repeats: int) -> list[Figure]:
    """``import engine`` in fresh processes, and from a process to its first spikes."""
    del quick  # a start is a start
    code = (
        "import json, sys, time; began = time.perf_counter(); import engine; "
        "seconds = time.perf_counter() - began; engine.models(); "
        f"print(json.dumps([seconds, [n for n in {HEAVY!r} if n in sys.modules]]))"
    )
    imports = [json.loads(_process(code)[1]) for _ in range(repeats)]
    loaded = imports[-1][1]
    note = f"loads {', '.join(loaded)}" if loaded else f"loads none of {', '.join(HEAVY)}"
    code = (
        "from workbench.store.files import load_example; import engine; "
        "engine.simulate(load_example('vogels_abbott'), 10.0)"
    )
    spikes = [_process(code)[0] for _ in range(repeats + 1)]
    return [
        Figure("startup: import engine", "s", [seconds for seconds, _ in imports], note),
        Figure("startup: process to first spikes of 4,000 neurons", "s", spikes[1:]),
    ]


def _process(code: str) -> tuple[float, str]:
    """Seconds that a process with ``code`` takes, and what it prints."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return time.perf_counter() - began, done.stdout
