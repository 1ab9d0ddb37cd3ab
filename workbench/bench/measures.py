"""What is measured, each as the median of several runs with its spread."""

from __future__ import annotations

import importlib
import json
import statistics
import subprocess
from collections.abc import Callable
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


def _network(case: Case) -> Callable[[bool, int], list[Figure]]:
    return lambda quick, repeats: simulation(case, quick, repeats)


def _live(quick: bool, repeats: int) -> list[Figure]:
    from workbench.bench.live import live

    return live(quick, repeats)


def _later(module: str) -> Callable[[bool, int], list[Figure]]:
    """The measure of a module's name, imported when it is asked for."""

    def call(quick: bool, repeats: int) -> list[Figure]:
        found = importlib.import_module(f"workbench.bench.{module}")
        return list(getattr(found, module)(quick, repeats))

    return call


MEASURES: dict[str, Callable[[bool, int], list[Figure]]] = {
    **{case.name: _network(case) for case in CASES},
    "building": _later("building"),
    "scaling": _later("scaling"),
    "startup": _later("startup"),
    "live": _live,
}


class Peer:
    """Another process that prints "ready" and then answers every line with one of JSON."""

    def __init__(self, start: Callable[..., subprocess.Popen[str]], *arguments: str) -> None:
        """``start`` is called with ``arguments`` and the options of `subprocess.Popen`."""
        pipe, quiet = subprocess.PIPE, subprocess.DEVNULL
        self.process = start(*arguments, stdin=pipe, stdout=pipe, stderr=quiet, text=True)
        self._line("ready")

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
        self.process.stdin.close()
        self.process.wait(timeout=30)
