"""``workbench bench``: runs the measures and prints a table or JSON."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine import Simulation
from engine.document.text import near
from engine.errors import BackendError, DataError
from workbench.bench.measures import MEASURES, Figure, Peer
from workbench.bench.networks import CASES, Case, document

BRIAN2 = "WORKBENCH_BENCH_BRIAN2"
BRIAN2_SCRIPT = Path(__file__).parent / "peers" / "brian2_networks.py"
BRIAN2_CASES = ("cuba", "coba")


def measure(
    names: Sequence[str], quick: bool = False, peers: bool = False, as_json: bool = False
) -> int:
    """Measure ``names`` (all, if empty), print the figures and return the exit status."""
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        remedy = near(unknown[0], MEASURES) or f"choose among {', '.join(MEASURES)}"
        raise DataError(f'there is no benchmark "{unknown[0]}"; {remedy}')
    repeats = 3 if quick else 5
    figures: list[Figure] = []
    missing: list[str] = []
    for name in names or MEASURES:
        try:
            found = MEASURES[name](quick, repeats)
        except BackendError as error:
            if names:
                raise
            missing.append(f"{name}: {error}")
            found = []
        figures += _shown(found, as_json)
    if peers:
        figures += _shown(beside_brian2(names, quick, repeats), as_json)
    if as_json:
        machine = {"machine": platform.machine(), "cores": os.cpu_count(), "missing": missing}
        print(json.dumps(machine | {"figures": [figure.plain() for figure in figures]}))
    for sentence in () if as_json else missing:
        print(sentence)
    return 0


def _shown(figures: list[Figure], as_json: bool) -> list[Figure]:
    for figure in () if as_json else figures:
        print(row(figure), flush=True)
    return figures


def row(figure: Figure) -> str:
    """A figure as a line of the table: median, lowest to highest, unit, note."""
    low, high = min(figure.values), max(figure.values)
    spread = f"({low:.3g} to {high:.3g})" if len(figure.values) > 1 else ""
    return (
        f"{figure.name:<48} {figure.median:>8.3g} {spread:<20} {figure.unit:<18} {figure.note}"
    ).rstrip()


def beside_brian2(names: Sequence[str], quick: bool, repeats: int) -> list[Figure]:
    """Brian2's C++ standalone and ours in turn: the ratios of run times, theirs over ours."""
    python = os.environ.get(BRIAN2)
    if not python:
        raise BackendError(
            f"no peer was found; set {BRIAN2} to the Python of an environment with Brian2"
        )
    if not Path(python).is_file():
        raise BackendError(f'{BRIAN2} names "{python}", which is not a file; correct it')
    found = []
    for case in CASES:
        if case.name not in BRIAN2_CASES or (names and case.name not in names):
            continue
        duration = case.quick if quick else case.duration
        try:
            ours, theirs, rate = _in_turn(python, case, duration, 2 * repeats)
        except (ChildProcessError, OSError) as error:
            raise BackendError(f"Brian2 could not run {case.name}: {error}") from error
        ratios = np.divide(theirs, ours).tolist()
        note = (
            f"ours {np.median(ours):.3f} s, theirs {np.median(theirs):.3f} s for "
            f"{duration:g} ms; theirs fires at {rate:.1f} Hz"
        )
        found.append(Figure(f"{case.name}: Brian2's time over ours", "times", ratios, note))
    return found


def _in_turn(
    python: str, case: Case, duration: float, repeats: int
) -> tuple[list[float], list[float], float]:
    """Seconds of our runs and of theirs, and their rate in Hz; the first pair does not count."""
    peer = Peer(_brian2, python, case.name, str(duration))
    ours, theirs, rate = [], [], 0.0
    try:
        for _ in range(repeats + 1):
            answer = peer.ask("run")
            theirs.append(answer["run_s"])
            rate = answer["rate_hz"]
            with Simulation(document(case)) as running:
                ours.append(running.run(duration).run_s)
    finally:
        peer.close()
    return ours[1:], theirs[1:], rate


def _brian2(python: str, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen([python, str(BRIAN2_SCRIPT), *arguments], **options)
