"""The measured shape of a cell: points with radii, joined to a tree, and its compartments.

A piece between two points is a frustum.  A soma of one point is a sphere; one of several points is
made of frusta like everything else, so three points in a row give the surface of a sphere as well.
A neurite that hangs on a soma begins at its surface, not its centre, and is joined to its middle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError, LimitError
from engine.geometry.compartments import MOST_COMPARTMENTS, Compartments, Floats

SOMA = 1


@dataclass(frozen=True, eq=False)
class Morphology:
    """Points of a cell, parents before their children."""

    name: str
    position: Floats  # um, [points, 3]
    radius: Floats  # um
    kind: NDArray[np.int64]  # 1 soma, 2 axon, 3 basal, 4 apical dendrite, others: see the file
    parent: NDArray[np.int64]  # -1 for a root

    @cached_property
    def pieces(self) -> tuple[Floats, Floats, Floats]:
        """Length, radius at the parent's end and at the own end [um] of the piece above each point.

        Of a piece between a soma and a neurite, what lies inside the soma is left out.
        """
        above = np.maximum(self.parent, 0)
        span = np.linalg.norm(self.position - self.position[above], axis=1)
        inside, outside = self.kind == SOMA, self.kind[above] == SOMA
        first = np.where(outside & ~inside, self.radius, self.radius[above])
        last = np.where(inside & ~outside, self.radius[above], self.radius)
        hidden = np.where(outside & ~inside, self.radius[above], 0.0)
        hidden = np.where(inside & ~outside, self.radius, hidden)
        length = np.where(self.parent >= 0, np.maximum(span - hidden, 0.0), 0.0)
        return length, first, last

    @cached_property
    def spheres(self) -> NDArray[np.bool_]:
        """Points that are a soma by themselves, or all there is of a tree."""
        joined = (self.parent >= 0) & (self.kind == SOMA)
        joined &= self.kind[np.maximum(self.parent, 0)] == SOMA
        company = joined.copy()
        company[self.parent[joined]] = True
        alone = self.parent < 0
        alone[self.parent[self.parent >= 0]] = False
        return ((self.kind == SOMA) & ~company) | alone

    @property
    def length(self) -> float:
        """Length of all cable [um]; a soma that is a sphere has none."""
        return float(self.pieces[0].sum())

    @property
    def area(self) -> float:
        """Surface of the membrane [um^2]."""
        length, first, last = self.pieces
        side = np.where(length > 0, np.hypot(length, last - first), 0.0)
        spheres = 4 * math.pi * self.radius[self.spheres] ** 2
        return float((math.pi * (first + last) * side).sum() + spheres.sum())

    @property
    def trees(self) -> int:
        """Pieces that are not joined with one another."""
        return int((self.parent < 0).sum())

    @cached_property
    def branches(self) -> list[NDArray[np.int64]]:
        """Stretches of cable without a branch in between, each the points from its beginning on.

        They begin and end at roots, branch points, tips and where a soma begins.
        """
        count = len(self.parent)
        joined = self.parent >= 0
        above = np.maximum(self.parent, 0)
        children = np.bincount(self.parent[joined], minlength=count)
        ending = (children != 1) | ~joined
        change = joined & ((self.kind == SOMA) != (self.kind[above] == SOMA))
        soma = self.kind == SOMA
        ending |= change & soma  # the soma's own point is a beginning and an end
        ending[above[change & soma[above]]] = True
        found = []
        for last in np.flatnonzero(ending & joined):
            line = [int(last), int(self.parent[last])]
            while not ending[line[-1]]:
                line.append(int(self.parent[line[-1]]))
            found.append(np.array(line[::-1], np.int64))
        return sorted(found, key=lambda line: int(line[1]))

    def compartments(self, longest: float) -> Compartments:
        """Compartments no longer than ``longest`` um.

        Each branch is cut into equal parts, with a point at both ends.  Raises DataError for a
        length that is none, LimitError where there would be more than 100,000.
        """
        if not (math.isfinite(longest) and longest > 0):
            raise DataError(f"the longest compartment must be more than 0 um, it is {longest:g} um")
        lengths = np.array([self.pieces[0][line[1:]].sum() for line in self.branches])
        parts = np.maximum(1, np.ceil(lengths / longest - 1e-9))
        wanted = self.trees + parts[lengths > 0].sum()
        if wanted > MOST_COMPARTMENTS:
            raise LimitError(
                f'"{self.name}" would have {wanted:,.0f} compartments of at most {longest:g} um, '
                f"more than {MOST_COMPARTMENTS:,}; let them be longer"
            )
        builder = _Builder(self)
        for line, part in zip(self.branches, parts, strict=True):
            builder.add(line, int(part))
        return builder.done()


class _Builder:
    """Collects compartments branch by branch."""

    def __init__(self, cell: Morphology) -> None:
        self.cell = cell
        roots = np.flatnonzero(cell.parent < 0)
        self.place = {int(root): k for k, root in enumerate(roots)}  # point -> compartment
        self.parent = [np.full(len(roots), -1, np.int64)]
        self.rows = [np.column_stack([cell.position[roots], cell.radius[roots]])]
        self.area = [np.zeros(len(roots))]
        self.path = [np.zeros(len(roots))]
        self.distance = [np.zeros(len(roots))]
        self.count = len(roots)
        self.extra: list[tuple[int, float]] = []  # membrane that a branch leaves to where it begins
        self.reached = {int(root): 0.0 for root in roots}

    def add(self, line: NDArray[np.int64], parts: int) -> None:
        """A branch through these points, in so many parts."""
        cell, start, end = self.cell, int(line[0]), int(line[-1])
        length, first, last = (row[line[1:]] for row in cell.pieces)
        total = float(length.sum())
        if total == 0:  # inside the soma, or points on one another
            self.place[end], self.reached[end] = self.place[start], self.reached[start]
            return
        along = np.concatenate([[0.0], np.cumsum(length)])
        cuts = np.linspace(0.0, total, 2 * parts + 1)
        area, path = _sums(along, length, first, last, cuts)
        mine = np.arange(parts) + self.count
        own = area[1::2].copy()  # the half before each point ...
        own[:-1] += area[2::2]  # ... and the half behind it
        self.extra.append((self.place[start], float(area[0])))
        self.parent.append(np.concatenate([[self.place[start]], mine[:-1]]))
        self.area.append(own)
        self.path.append(path[::2] + path[1::2])
        self.distance.append(self.reached[start] + cuts[2::2])
        points = np.column_stack([cell.position[line], np.append(first[:1], last)])
        self.rows.append(np.column_stack([np.interp(cuts[2::2], along, row) for row in points.T]))
        self.count += parts
        self.place[end], self.reached[end] = self.count - 1, self.reached[start] + total

    def done(self) -> Compartments:
        """All of them."""
        area, rows = np.concatenate(self.area), np.concatenate(self.rows)
        for place, more in self.extra:
            area[place] += more
        for point in np.flatnonzero(self.cell.spheres):
            area[self.place[int(point)]] += 4 * math.pi * self.cell.radius[point] ** 2
        return Compartments(
            np.concatenate(self.parent),
            area,
            np.concatenate(self.path),
            rows[:, :3],
            rows[:, 3],
            np.concatenate(self.distance),
        )


def _sums(
    along: Floats, length: Floats, first: Floats, last: Floats, cuts: Floats
) -> tuple[Floats, Floats]:
    """Membrane [um^2] and length over cross section [1/um] between neighbouring ``cuts``.

    Pieces of ``length`` with the radii ``first`` and ``last`` begin and end at ``along``.
    """
    safe = np.where(length > 0, length, 1.0)
    steep = np.where(length > 0, (last - first) / safe, 0.0)
    whole_area = np.where(length > 0, math.pi * (first + last) * np.hypot(length, last - first), 0)
    whole_path = length / (math.pi * first * last)
    area = np.concatenate([[0.0], np.cumsum(whole_area)])
    path = np.concatenate([[0.0], np.cumsum(whole_path)])
    piece = np.clip(np.searchsorted(along, cuts, "right") - 1, 0, len(length) - 1)
    inside = np.minimum(cuts - along[piece], length[piece])
    there = first[piece] + steep[piece] * inside
    area_to = area[piece] + math.pi * (first[piece] + there) * inside * np.hypot(1, steep[piece])
    path_to = path[piece] + inside / (math.pi * first[piece] * there)
    return np.diff(area_to), np.diff(path_to)
