"""Writes docs/reproductions.md from the table in reproduced.py and from what was measured.

python docs/make_reproductions.py             write the page from docs/data/reproductions.json
python docs/make_reproductions.py --run ID..  measure these rows first (parts of ids will do)
python docs/make_reproductions.py --missing   measure first what has never been measured
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
FOUND_IN = ("tests/golden", "examples", "examples/learning", "docs")
sys.path[:0] = [str(ROOT / folder) for folder in FOUND_IN]

from reproduced import SECTIONS, Row, Section  # noqa: E402  (found through the line above)

RECORD = ROOT / "docs/data/reproductions.json"
PAGE = ROOT / "docs/reproductions.md"
HEAD = """<!-- Written by docs/make_reproductions.py from docs/reproduced.py; edit that table. -->

# What has been reproduced

Numbers of papers, of other simulators and of accurate solutions, beside ours. Each is also held by
a test with a tolerance, in `tests/golden`. Over seeds ours is the mean, with the standard
deviation. `python docs/make_reproductions.py --run ID` measures a row again.
"""


def record() -> dict[str, list[float]]:
    """What has been measured: id of a row -> a number a seed."""
    return json.loads(RECORD.read_text("utf-8")) if RECORD.is_file() else {}


def measure(row: Row) -> list[float]:
    """Ours, to nine digits."""
    found = np.atleast_1d(np.asarray(row.ours(), np.float64))
    return [float(f"{value:.9g}") for value in found]


def shown(value: float, digits: int) -> str:
    """A number with so many digits, and a real minus sign."""
    return f"{value:.{digits}g}".replace("-", "−")


def theirs(row: Row) -> str:
    """The number of the paper, or its range."""
    if isinstance(row.theirs, tuple):
        return " to ".join(shown(value, row.digits) for value in row.theirs)
    return shown(row.theirs, row.digits)


def ours(row: Row, values: list[float]) -> str:
    """The mean, and how much seeds differ."""
    mean = shown(float(np.mean(values)), row.digits)
    if len(values) == 1:
        return mean
    return f"{mean} ± {shown(float(np.std(values, ddof=1)), 2)}"


def apart(row: Row, values: list[float]) -> str:
    """How far ours lies from theirs."""
    mean = float(np.mean(values))
    if isinstance(row.theirs, tuple):
        low, high = row.theirs
        return "within" if low <= mean <= high else "outside"
    if mean == row.theirs:
        return "equal"
    share = abs(mean - row.theirs) / abs(row.theirs)
    return "under 1e-6" if share < 1e-6 else f"{100 * share:.2g} %"


def table(section: Section, measured: dict[str, list[float]]) -> Iterator[str]:
    """The lines of a section."""
    yield f"## {section.title}"
    yield ""
    yield "| paper | what | where | theirs | ours | apart |"
    yield "|---|---|---|---|---|---|"
    for row in section.rows:
        unit = f" {row.unit}" if row.unit else ""
        values = measured.get(row.id)
        mine = "not measured yet" if values is None else ours(row, values) + unit
        far = "" if values is None else apart(row, values)
        yield f"| {row.paper} | {row.ran} | {row.figure} | {theirs(row)}{unit} | {mine} | {far} |"
    yield ""
    for file, words in section.pictures:
        yield f"![{words}](images/{file})"
        yield ""


def page(measured: dict[str, list[float]]) -> str:
    """The whole page."""
    lines = [line for section in SECTIONS for line in table(section, measured)]
    return f"{HEAD}\n" + "\n".join(lines).rstrip() + "\n"


def main() -> None:
    """Measure what is asked for, and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--run", nargs="+", default=[], metavar="ID")
    parser.add_argument("--missing", action="store_true")
    options = parser.parse_args()
    measured = record()
    rows = [row for section in SECTIONS for row in section.rows]
    for row in rows:
        if any(part in row.id for part in options.run) or (
            options.missing and row.id not in measured
        ):
            measured[row.id] = measure(row)
            print(f"{row.id:<24} {theirs(row):>16} {ours(row, measured[row.id]):>24}", flush=True)
            kept = {each.id: measured[each.id] for each in rows if each.id in measured}
            RECORD.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    PAGE.write_text(page(measured), "utf-8")


if __name__ == "__main__":
    main()
