"""How a peer is spoken to: a line of JSON for every run, a line of JSON for its answer.

``PYTHON SCRIPT CASE [JSON]`` says "ready" when it can run.  The settings are ``duration`` (ms),
``threads``, ``record`` (whether spikes are kept), ``step`` (ms), ``method`` and
``precision``.  A request is
``{"seed": 3, "spikes": "file.npz"}``: the times (ms) and senders of all spikes go into that file.
An answer holds ``run_s``, ``build_s``, ``rate_hz`` and, where it can be known,
``bytes_per_synapse``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Settings:
    """What stays the same over the runs of a peer."""

    case: str
    duration: float = 1000.0  # ms
    threads: int = 1
    record: bool = False
    step: float | None = None  # ms, of the clock; None: the benchmark's own
    method: str | None = None  # that solves the equations; None: the benchmark's own
    precision: str = "float64"


@dataclass
class Run:
    """What one run gave."""

    run_s: float
    build_s: float
    spikes: int
    cells: int
    times: np.ndarray | None = None  # ms
    senders: np.ndarray | None = None
    bytes_per_synapse: float | None = None


def settings(known: Collection[str]) -> Settings:
    """The settings on the command line; the process ends if the case is not ``known``."""
    if len(sys.argv) < 2 or sys.argv[1] not in known:
        raise SystemExit(f"name one of these networks: {', '.join(known)}")
    given = json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}
    return Settings(sys.argv[1], **given)


def serve(chosen: Settings, run: Callable[[int], Run]) -> None:
    """Answer every line on stdin with a run; ``run`` takes the seed."""
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        found = run(int(request["seed"]))
        if "spikes" in request:
            np.savez(request["spikes"], times=found.times, senders=found.senders)
        print(json.dumps(answer(found, chosen.duration)), flush=True)


def answer(found: Run, duration: float) -> dict[str, Any]:
    """A run as the figures that are asked for."""
    rate = 1000.0 * found.spikes / (found.cells * duration)
    given: dict[str, Any] = {
        "run_s": found.run_s,
        "build_s": found.build_s,
        "rate_hz": rate,
    }
    if found.bytes_per_synapse is not None:
        given["bytes_per_synapse"] = found.bytes_per_synapse
    return given


def resident_bytes() -> int | None:
    """Memory that this process holds; None where the system does not tell."""
    status = Path("/proc/self/statm")
    if not status.exists():
        return None
    import resource

    return int(status.read_text().split()[1]) * resource.getpagesize()
