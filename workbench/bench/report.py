"""``workbench bench``: measures, prints a table or JSON, writes the record and its page."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.document.files import write_atomically
from engine.errors import DataError, WorkbenchError, near
from workbench.bench import history
from workbench.bench.measures import MEASURES, Figure, Measure
from workbench.bench.targets import OPEN, judge, target_of

QUICK_S = 60.0  # that a quick run of everything may take
REPEATS, QUICK_REPEATS = 5, 3
INTERRUPTED = 130
NAME = 58  # width of a figure's name in the table
PAGE = "page.html"
# What a measure may meet that says something about this machine and not about the program.
_FAILURES = (WorkbenchError, OSError, subprocess.SubprocessError)


def measure(
    names: Sequence[str],
    quick: bool = False,
    peers: bool = False,
    as_json: bool = False,
    out: Path | None = None,
) -> int:
    """Measure ``names`` (all, if empty), print the figures and return the exit status.

    ``out`` is a folder for ``bench.json`` and ``page.html``; it is written after every figure, so
    an interruption keeps what is measured.  Raises DataError for an unknown name or a folder that
    cannot be written to, and what a single named measure raises.
    """
    chosen = _chosen(names, peers)
    folder = None if out is None else _folder(out)
    record = history.opened(folder)
    session = _Session(chosen, record, quick, as_json, folder)
    session.named, session.strict = bool(names), len(names) == 1 and not peers
    try:
        session.run()
        status = 0
    except KeyboardInterrupt:
        print("workbench: interrupted; what was measured is kept", file=sys.stderr)
        status = INTERRUPTED
    session.end()
    return status


def listing() -> str:
    """The measures that can be named, a line each."""
    widest = max(map(len, MEASURES))
    lines = []
    for entry in MEASURES.values():
        peers = " (with --peers, or named)" if entry.beside else ""
        lines.append(f"{entry.name:<{widest}}  {entry.about}{peers}")
    return "\n".join(lines)


def _chosen(names: Sequence[str], peers: bool) -> list[Measure]:
    """The measures to make, in the register's order without repeats."""
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        remedy = near(unknown[0], MEASURES) or f"choose among {', '.join(MEASURES)}"
        raise DataError(f'there is no benchmark "{unknown[0]}"; {remedy}')
    chosen = []
    for entry in MEASURES.values():
        if entry.beside and entry.name not in names and peers:
            chosen.append(replace(entry, only=tuple(names)))
        elif entry.name in names or (not names and not entry.beside):
            chosen.append(entry)
    return chosen


def _folder(out: Path) -> Path:
    """The folder to write to, made if need be; said before anything is measured."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_atomically(out / ".bench-writable", b"")
        (out / ".bench-writable").unlink()
    except (OSError, DataError) as error:
        raise DataError(f'"{out}" cannot be written to; choose another folder') from error
    return out


class _Session:
    """The measures of one call: what is printed, kept and written."""

    def __init__(
        self,
        chosen: list[Measure],
        record: dict[str, Any],
        quick: bool,
        as_json: bool,
        folder: Path | None,
    ) -> None:
        self.chosen, self.record, self.quick, self.folder = chosen, record, quick, folder
        self.as_json = as_json
        self.named = False  # what was named is measured however long it takes
        self.strict = False  # a measure that gives nothing is an error and not a remark
        self.missing: list[str] = []
        self.began = time.perf_counter()

    def run(self) -> None:
        """Make every measure.  KeyboardInterrupt passes through after the record was kept."""
        for place, entry in enumerate(self.chosen):
            spent = time.perf_counter() - self.began
            if self.quick and not self.named and not entry.beside:
                if spent + entry.quick_s > QUICK_S:
                    self._lacks(f"{entry.name}: left out, the quick minute is used up; name it")
                    continue
            self._progress(f"{entry.name} ({place + 1} of {len(self.chosen)}, {spent:.0f} s)")
            self._make(entry)

    def _make(self, entry: Measure) -> None:
        """One measure; every figure is kept at once, whatever becomes of those after it."""
        repeats = QUICK_REPEATS if self.quick else REPEATS
        found: list[Figure] = []
        began = time.perf_counter()

        def keep(missing: str = "") -> None:
            seconds = round(time.perf_counter() - began, 1)
            conditions = {"quick": self.quick, "repeats": repeats, "seconds": seconds}
            self._keep(entry, found, missing, conditions)

        try:
            for figure in entry.figures(self.quick, repeats):
                found.append(figure)
                self._show(figure)
                keep()
        except _FAILURES as error:
            if self.strict and not found:
                raise
            keep(f"{entry.name}: {_sentence(error)}")
        except KeyboardInterrupt:
            keep(f"{entry.name}: interrupted")
            raise
        finally:
            self._progress("")

    def _lacks(self, missing: str) -> None:
        self.missing.append(missing)
        if not self.as_json:
            print(missing, flush=True)

    def _keep(
        self, entry: Measure, found: list[Figure], missing: str, conditions: dict[str, Any]
    ) -> None:
        if missing:
            self._lacks(missing)
        had = any(figure["measure"] == entry.name for figure in self.record["figures"])
        if found or not had:  # what an earlier call measured is worth more than a remark
            head, figures = history.measured(entry.name, found, missing, **conditions)
            history.put(self.record, head, figures)
        self._write()

    def _write(self) -> None:
        if self.folder is not None:
            from workbench.bench.page import page

            write_atomically(self.folder / history.FILE, history.text(self.record).encode())
            write_atomically(self.folder / PAGE, page(self.record).encode())

    def _progress(self, text: str) -> None:
        if sys.stderr.isatty():
            words = f"measuring {text}" if text else ""
            print(f"\r\x1b[K{words}", end="", file=sys.stderr, flush=True)

    def _show(self, figure: Figure) -> None:
        self._progress("")
        if not self.as_json:
            print(row(figure), flush=True)

    def end(self) -> None:
        """Say what was reached and where the record is."""
        if self.as_json:
            print(json.dumps(self.record | {"missing": self.missing}))
            return
        said = list(targets_lines(self.record["figures"]))
        if said and self.quick:
            said.append("runs were short; measure without --quick for figures that count")
        for line in said:
            print(line)
        if self.folder is not None:
            print(f"\n{self.folder / history.FILE}\n{self.folder / PAGE}")


def _sentence(error: BaseException) -> str:
    """One line about what kept a measure from being made."""
    if isinstance(error, WorkbenchError):
        return str(error).partition("\n")[0]
    said = str(error).partition("\n")[0] or type(error).__name__
    return f"failed, {said}; measure it alone with --debug to see where"


def row(figure: Figure) -> str:
    """A figure as a line of the table: median, lowest to highest, unit, target, note."""
    values = [value for value in figure.values if math.isfinite(value)]
    if not values:
        return f"{figure.name:<{NAME}} {'-':>8} {'':<20} {figure.unit:<18} {figure.note}".rstrip()
    spread = f"({min(values):.3g} to {max(values):.3g})" if len(values) > 1 else ""
    target = target_of(figure.name)
    asked = "" if target is None else f"[{target.said}] "
    return (
        f"{figure.name:<{NAME}} {figure.median:>8.3g} {spread:<20} {figure.unit:<18} "
        f"{asked}{figure.note}"
    ).rstrip()


def targets_lines(figures: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The targets that were measured, with whether they are reached; nothing if none was."""
    verdicts = [verdict for verdict in judge(figures) if verdict.word != OPEN]
    if not verdicts:
        return
    works = [f"{verdict.target.work}, {verdict.target.against}" for verdict in verdicts]
    widest = max(map(len, works))
    yield ""
    yield f"{'figure to reach':<{widest}} {'asked':>10} {'measured':>10}"
    for work, verdict in zip(works, verdicts, strict=True):
        asked = verdict.target.said
        yield f"{work:<{widest}} {asked:>10} {verdict.value:>10.3g}  {verdict.word}"
