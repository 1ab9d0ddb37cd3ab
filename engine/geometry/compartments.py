"""Compartments of a cell: points on its branches, each with half of the way to its neighbours.

A compartment's point lies in its middle, or at the very end of a branch, and branches meet in one
point.  So potentials at both ends and at branch points are compartments, neighbours are joined by
the whole cable between their points, and errors are of second order everywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError

Floats = NDArray[np.float64]
MOST_COMPARTMENTS = 100_000
_NS = 1e5  # nS, for 1 Ohm cm and a resistance of 1/um: 1e9 nS / (1e4 um/cm)


@dataclass(frozen=True, eq=False)
class Compartments:
    """N compartments of one or several trees, parents before their children.

    ``parent`` is -1 for a root; ``path`` is the cable between both points as length over cross
    section [1/um], 0 for a root; ``distance`` is the way to the root along the cable.
    """

    parent: NDArray[np.int64]  # [N]
    area: Floats  # um^2 of membrane
    path: Floats  # 1/um
    position: Floats  # um, [N, 3]
    radius: Floats  # um
    distance: Floats  # um

    def __len__(self) -> int:
        return len(self.parent)

    def conductance(self, axial_resistivity: float) -> Floats:
        """nS between each compartment and its parent, for Ohm cm; 0 for a root."""
        found = np.zeros(len(self))
        joined = self.parent >= 0
        found[joined] = _NS / (axial_resistivity * self.path[joined])
        return found

    def ends(self) -> NDArray[np.int64]:
        """Compartments with one neighbour: a root with one child and all without a child."""
        counts = np.bincount(self.parent[self.parent >= 0], minlength=len(self))
        return np.flatnonzero(counts + (self.parent >= 0) == 1)


def straight(length: float, diameter: float, count: int) -> Compartments:
    """A cylinder of ``length`` and ``diameter`` um with ``count`` points at equal distances.

    The first and the last point are its ends; a single one stands for the whole cylinder.
    Raises DataError for fewer.
    """
    if count < 1:
        raise DataError(f"a cable cannot have {count} compartments; give it at least 1")
    x = np.linspace(0.0, length, count) if count > 1 else np.zeros(1)
    step = length / max(1, count - 1)
    area = np.full(count, math.pi * diameter * step)
    if count > 1:
        area[[0, -1]] /= 2
    path = np.full(count, step / (math.pi * diameter**2 / 4))
    path[0] = 0.0
    position = np.column_stack([x, np.zeros(count), np.zeros(count)])
    return Compartments(
        np.arange(count, dtype=np.int64) - 1,
        area,
        path,
        position,
        np.full(count, diameter / 2),
        x,
    )
