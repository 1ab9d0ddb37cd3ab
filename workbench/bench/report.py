"""``workbench bench``: runs the measures and prints a table or JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine import Simulation
from engine.document.text import near
from engine.errors import BackendError, DataError
from workbench.bench.measures import MEASURES, Figure, Peer
from workbench.bench.networks import CASES, document

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
    for name in names or MEASURES:
        found = MEASURES[name](quick, repeats)
        figures += found
        if not as_json:
            for figure in found:
                print(row(figure), flush=True)
    if peers:
        for figure in beside_brian2(names, quick, repeats):
            figures.append(figure)
            if not as_json:
                print(row(figure), flush=True)
    if as_json:
        machine = {"machine": platform.machine(), "cores": os.cpu_count()}
        print(json.dumps(machine | {"figures": [figure.plain() for figure in figures]}))
    return 0


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
            peer = Peer(python, str(BRIAN2_SCRIPT), [case.name, str(duration)])
            ours, theirs = [], []
            for _ in range(repeats):
                theirs.append(peer.run()["run_s"])
                with Simulation(document(case)) as running:
                    ours.append(running.run(duration).run_s)
            peer.close()
        except (ChildProcessError, OSError) as error:
            raise BackendError(f"Brian2 could not run {case.name}: {error}") from error
        ratios = np.divide(theirs, ours).tolist()
        note = f"ours {np.median(ours):.3f} s, theirs {np.median(theirs):.3f} s"
        found.append(Figure(f"{case.name}: Brian2's time over ours", "times", ratios, note))
    return found
