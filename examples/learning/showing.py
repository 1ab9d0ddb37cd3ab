"""What the scripts beside it share: two options, progress on one line, a plot in a file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.errors import WorkbenchError
from workbench.curves import Panel, Wall, panels


def show(name: str, what: str, run: Callable[[bool], tuple[str, Sequence[Panel | Wall]]]) -> None:
    """Run an example: print its number, and write its plot as ``name``.svg.

    ``run(quick)`` gives the sentence with the number and the panels of the plot.
    """
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--quick", action="store_true", help="fewer seeds and rounds")
    parser.add_argument("--out", type=Path, default=Path.cwd(), help="folder for the plot")
    options = parser.parse_args()
    try:
        words, drawn = run(options.quick)
    except WorkbenchError as error:
        sys.exit(str(error))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / f"{name}.svg").write_text(panels(drawn, words), encoding="utf-8")
    print(words)


def progress(share: float, text: str) -> None:
    """How far a course is, on one line of the terminal."""
    if sys.stderr.isatty():
        print(f"\r{share:4.0%} {text:60}", end="\r", file=sys.stderr)
