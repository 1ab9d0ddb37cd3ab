"""What is measured, each as the median of several runs with its spread."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from engine import Simulation
from workbench.bench.networks import CASES, Case, document


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


def start(quick: bool, repeats: int) -> list[Figure]:
    """From starting a process to the first spikes of 4,000 neurons, kernels in the cache."""
    del quick  # a start is a start
    code = (
        "from workbench.store.files import load_example; import engine; "
        "engine.simulate(load_example('vogels_abbott'), 10.0)"
    )
    seconds = [_process(code) for _ in range(repeats + 1)]
    return [Figure("start: process to first spikes of 4,000 neurons", "s", seconds[1:])]


def imports(quick: bool, repeats: int) -> list[Figure]:
    """``import engine`` in a fresh process, less what Python itself needs."""
    del quick
    bare = statistics.median(_process("pass") for _ in range(repeats))
    seconds = [_process("import engine; engine.models()") - bare for _ in range(repeats)]
    return [Figure("import: engine", "s", seconds)]


def _process(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return time.perf_counter() - began


def _network(case: Case) -> Callable[[bool, int], list[Figure]]:
    return lambda quick, repeats: simulation(case, quick, repeats)


MEASURES: dict[str, Callable[[bool, int], list[Figure]]] = {
    **{case.name: _network(case) for case in CASES},
    "building": building,
    "start": start,
    "import": imports,
}


class Peer:
    """Another simulator in a process of its own, asked for one run at a time."""

    def __init__(self, python: str, script: str, arguments: Sequence[str]) -> None:
        self.process = subprocess.Popen(
            [python, script, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._line("ready")

    def run(self) -> dict[str, float]:
        """One run: seconds and rate."""
        assert self.process.stdin is not None
        self.process.stdin.write("run\n")
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
        self.process.stdin.close()
        self.process.wait(timeout=30)
