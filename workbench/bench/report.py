"""``workbench bench``: runs the measures and prints a table or JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence

from engine.document.text import near
from engine.errors import BackendError, DataError
from workbench.bench.beside import beside
from workbench.bench.measures import MEASURES, Figure


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
        for figure in beside(names, quick, repeats):
            figures += _shown([figure], as_json)
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
