"""How long the program takes from nothing to its first spikes, and a new model to be compiled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from engine.backends.cache import FOLDER_VARIABLE
from workbench.bench.measures import Figure

HEAVY = ("torch", "numba", "sympy", "scipy", "panel")  # what `import engine` leaves alone

IMPORT = f"""
import json, sys, time
began = time.perf_counter()
import engine
seconds = time.perf_counter() - began
engine.models()
print(json.dumps([seconds, [n for n in {HEAVY!r} if n in sys.modules]]))
"""
SPIKES = """
import engine
from workbench.store.files import load_example
engine.simulate(load_example("vogels_abbott"), 10.0)
"""
# A new model: its mathematics as text, the kernel compiled, thrown out of memory, loaded again.
COMPILE = """
import json, time
from engine.backends import cache
from engine.backends.numba_cpu import kernels
from engine.equations.compile import compile_model
from engine.models.registry import get

def seconds(name, ports):
    began = time.perf_counter()
    model = get(name)
    step_map = compile_model(model, {**model.ports, **ports})
    kernels.kernel(step_map, "float32")
    return time.perf_counter() - began

ports = {"exc": "exp_conductance", "inh": "exp_conductance"}
models = {"lif": {}, "adex": {}, "traub_miles": ports}
cold = {name: seconds(name, ports) for name, ports in models.items()}
cache._loaded.clear()
kernels._kernels.clear()
warm = {name: seconds(name, ports) for name, ports in models.items()}
# The first of all is left out: it pays for the compiler's own start.
print(json.dumps([[times[name] for name in models if name != "lif"] for times in (cold, warm)]))
"""


def startup(quick: bool, repeats: int) -> Iterator[Figure]:
    """``import engine``; from a process to its first spikes, warm and cold; compiling a model."""
    imports = [json.loads(_process(IMPORT)[1]) for _ in range(repeats)]
    loaded = imports[-1][1]
    note = f"loads {', '.join(loaded)}" if loaded else f"loads none of {', '.join(HEAVY)}"
    yield Figure("startup: import engine", "s", [seconds for seconds, _ in imports], note)
    _process(SPIKES)  # compiles where that has not been done
    warm = [_process(SPIKES)[0] for _ in range(2 if quick else repeats)]
    yield Figure("startup: warm", "s", warm, "a process to its first spikes, 4,000 neurons")
    if not quick:
        cold = [_process(SPIKES, folder)[0] for folder in _empty_folders(min(repeats, 3))]
        yield Figure("startup: cold", "s", cold, "the same with no compiled code on the machine")
    compiled, again = [], []
    for folder in _empty_folders(1 if quick else min(repeats, 3)):
        first, second = json.loads(_process(COMPILE, folder)[1])
        compiled.append(max(first))
        again.append(max(second))
    note = "the slower of adex and traub_miles with two conductance ports"
    yield Figure("startup: compile", "s", compiled, note)
    yield Figure("startup: load", "s", again, note)


def _empty_folders(count: int) -> Iterator[str]:
    for _ in range(count):
        with tempfile.TemporaryDirectory() as folder:
            yield folder


def _process(code: str, cache: str | None = None) -> tuple[float, str]:
    """Seconds that a process with ``code`` takes, and what it prints."""
    own = {} if cache is None else {FOLDER_VARIABLE: cache}
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **own},
    )
    return time.perf_counter() - began, done.stdout
