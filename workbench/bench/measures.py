"""What is measured, each as the median of several runs with its spread."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from engine import Simulation
from workbench.bench.networks import CASES, Case, document

HEAVY = ("torch", "numba", "sympy", "scipy", "panel")  # what `import engine` leaves alone


@dataclass
class Figure:
    """One measured figure."""

    name: str
    unit: str
    values: list[float]
    note: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def median(self) -> float:
        """The middle of the runs."""
        return statistics.median(self.values)

    def plain(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self) | {"median": self.median}


def simulation(case: Case, quick: bool, repeats: int) -> list[Figure]:
    """Seconds of computing for a simulated second, one thread, and seconds to build."""
    made = document(case)
    duration = case.quick if quick else case.duration
    factors, builds, rates = [], [], {}
    for _ in range(repeats):
        with Simulation(made) as running:
            builds.append(running.build_s)
            run = running.run(duration)
        factors.append(run.run_s / run.bio_s)
        rates = run.summary()["rates_hz"]
    note = ", ".join(f"{name} {rate:.1f} Hz" for name, rate in rates.items())
    # The first build may have compiled.
    return [
        Figure(f"{case.name}: run", "s per simulated s", factors, note, {"rates_hz": rates}),
        Figure(f"{case.name}: build", "s", builds[1:] or builds),
    ]


def building(quick: bool, repeats: int) -> list[Figure]:
    """Seconds to connect neurons, by rule, and bytes a synapse."""
    from engine.connectivity.build import Pattern, connect

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


def _network(case: Case) -> Callable[[bool, int], list[Figure]]:
    return lambda quick, repeats: simulation(case, quick, repeats)


def _live(quick: bool, repeats: int) -> list[Figure]:
    from workbench.bench.live import live

    return live(quick, repeats)


MEASURES: dict[str, Callable[[bool, int], list[Figure]]] = {
    **{case.name: _network(case) for case in CASES},
    "building": building,
    "startup": startup,
    "live": _live,
}


class Peer:
    """Another process that prints "ready" and then answers every line with one of JSON."""

    def __init__(self, start: Callable[..., subprocess.Popen[str]], *arguments: str) -> None:
        """``start`` is called with ``arguments`` and the options of `subprocess.Popen`."""
        pipe, quiet = subprocess.PIPE, subprocess.DEVNULL
        self.process = start(*arguments, stdin=pipe, stdout=pipe, stderr=quiet, text=True)
        try:
            self._line("ready")
        except ChildProcessError:
            self.close()
            raise

    def ask(self, line: str) -> dict[str, float]:
        """Send ``line`` and wait for the answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return json.loads(self._line("{"))

    def _line(self, start: str) -> str:
        """The next line of the peer that begins so; what it says besides is passed over."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(start):
                return line
        raise ChildProcessError(f"the peer ended with status {self.process.wait()}")

    def close(self) -> None:
        """End the peer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()
