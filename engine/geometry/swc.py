"""Reading SWC files: one point a line, `number type x y z radius parent`, in um.

Cannon et al. 1998, J. Neurosci. Methods 84:49.  Type 1 is the soma.  Parents may come later in the
file than their children; what a reader could misunderstand is refused with the line.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np

from engine.errors import DataError
from engine.geometry.morphology import Morphology

MOST_POINTS = 100_000
MOST_BYTES = 32_000_000
FARTHEST = 1e7  # um from the origin
FIELDS = "number type x y z radius parent"


def load_swc(
    path: str | os.PathLike[str], scale: float = 1.0, radius: float | None = None
) -> Morphology:
    """The morphology in a file.

    ``scale`` is the um of one unit of the file; ``radius`` [um] stands in where the file has a
    radius of 0 or less, which is refused otherwise.  Raises DataError, in a sentence with the line.
    """
    found = Path(path)
    if not (math.isfinite(scale) and scale > 0):
        raise DataError(f"the scale of a morphology must be more than 0, it is {scale:g}")
    if radius is not None and not (math.isfinite(radius) and radius > 0):
        raise DataError(f"the radius of a morphology must be more than 0 um, it is {radius:g}")
    try:
        size = found.stat().st_size
        if size > MOST_BYTES:
            raise DataError(
                f'"{found.name}" has {size / 1e6:,.0f} MB, more than {MOST_BYTES // 1_000_000} MB; '
                "thin it out"
            )
        text = found.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise DataError(f'"{found.name}" cannot be opened: {reason}; check the path') from error
    return parse_swc(text, found.name, scale, radius)


def parse_swc(
    text: str, name: str = "morphology", scale: float = 1.0, radius: float | None = None
) -> Morphology:
    """The morphology that the text of an SWC file describes; as `load_swc`."""
    rows: list[tuple[float, ...]] = []
    lines: list[int] = []
    numbers: dict[int, int] = {}
    for line, content in enumerate(text.splitlines(), 1):
        entry = content.split("#", 1)[0].replace(",", " ").split()
        if not entry:
            continue
        if len(rows) == MOST_POINTS:
            raise DataError(f'"{name}" has more than {MOST_POINTS:,} points; thin it out')
        row = _numbers(entry, f'"{name}", line {line}')
        if int(row[0]) in numbers:
            where = lines[numbers[int(row[0])]]
            raise DataError(
                f'"{name}", line {line}: point {int(row[0])} stands in line {where} already; '
                "give every point a number of its own"
            )
        numbers[int(row[0])] = len(rows)
        rows.append(row)
        lines.append(line)
    if not rows:
        raise DataError(f'"{name}" has no points; a line of an SWC file is `{FIELDS}`')
    table = np.array(rows, np.float64)
    parent = _parents(table, lines, numbers, name)
    thickness = _radii(table[:, 5] * scale, lines, name, radius)
    order = _from_the_roots(parent, lines, name)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    ordered = parent[order]
    return Morphology(
        name=name,
        position=table[order, 2:5] * scale,
        radius=thickness[order],
        kind=table[order, 1].astype(np.int64),
        parent=np.where(ordered >= 0, place[ordered], -1),
    )


def _numbers(entry: list[str], where: str) -> tuple[float, ...]:
    """The seven numbers of a line."""
    if len(entry) < 7:
        raise DataError(
            f"{where}: there are {len(entry)} numbers, not the 7 of `{FIELDS}`; correct it"
        )
    try:
        row = tuple(float(word) for word in entry[:7])
    except ValueError:
        raise DataError(
            f"{where}: `{' '.join(entry)[:60]}` is not 7 numbers, `{FIELDS}`; correct it"
        ) from None
    if not all(abs(value) <= FARTHEST for value in row):
        raise DataError(f"{where}: a number is not finite or beyond {FARTHEST:g}; correct it")
    for value, what in ((row[0], "number"), (row[1], "type"), (row[6], "parent")):
        if value != int(value):
            raise DataError(f"{where}: the {what} {value:g} is no whole number; correct it")
    return row


def _parents(table: np.ndarray, lines: list[int], numbers: dict[int, int], name: str) -> np.ndarray:
    """The place of every point's parent, -1 for a root."""
    found = np.empty(len(table), np.int64)
    for place, (own, wanted) in enumerate(zip(table[:, 0], table[:, 6], strict=True)):
        where = f'"{name}", line {lines[place]}'
        if wanted == own:
            raise DataError(f"{where}: point {own:g} is its own parent; write -1 for a root")
        if wanted >= 0 and int(wanted) not in numbers:
            raise DataError(f"{where}: its parent {wanted:g} is nowhere in the file; correct it")
        found[place] = numbers[int(wanted)] if wanted >= 0 else -1
    return found


def _radii(radii: np.ndarray, lines: list[int], name: str, instead: float | None) -> np.ndarray:
    bad = np.flatnonzero(radii <= 0)
    if not bad.size:
        return radii
    if instead is None:
        more = f" (and {bad.size - 1:,} more)" if bad.size > 1 else ""
        raise DataError(
            f'"{name}", line {lines[bad[0]]}: the radius is {radii[bad[0]]:g}{more}; correct it, '
            "or say with `radius` what to take instead"
        )
    return np.where(radii > 0, radii, instead)


def _from_the_roots(parent: np.ndarray, lines: list[int], name: str) -> np.ndarray:
    """Places in an order in which every parent comes before its children; else there is a circle.

    Branch after branch: a child follows its parent at once where it can.
    """
    children: list[list[int]] = [[] for _ in parent]
    waiting: list[int] = []
    for place in range(len(parent) - 1, -1, -1):
        above = int(parent[place])
        if above < 0:
            waiting.append(place)
        else:
            children[above].append(place)
    order: list[int] = []
    while waiting:
        place = waiting.pop()
        order.append(place)
        waiting.extend(children[place])
    if len(order) < len(parent):
        lost = min(set(range(len(parent))).difference(order))
        raise DataError(
            f'"{name}", line {lines[lost]}: following parents from here goes round in a circle; '
            "a cell is a tree"
        )
    return np.array(order, np.int64)
