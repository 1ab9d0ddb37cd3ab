"""Curves on which a function of two variables is 0, as polylines: marching squares.

Every crossing of an edge of the grid is bisected, so the points lie on the curve to rounding and
only the chords between them depend on the grid.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.checked import Floats

HALVINGS = 50
Edge = tuple[int, int, int]  # 0: along x, 1: along y; then row and column of its first corner


def zero_lines(
    function: Callable[[Floats, Floats], Floats], x: Floats, y: Floats
) -> tuple[Floats, ...]:
    """The lines [points, 2] where ``function`` of (x, y) is 0, within the grid ``x`` by ``y``.

    Cells with a corner that is not finite are left out, and so are poles.
    """
    with np.errstate(all="ignore"):
        values = function(*np.meshgrid(x, y))
        points = _on_edges(function, values, x, y, 0) | _on_edges(function, values, x, y, 1)
    return tuple(
        np.array([points[edge] for edge in chain])
        for chain in _chains(_segments(values > 0, points))
    )


def _on_edges(
    function: Callable[[Floats, Floats], Floats], values: Floats, x: Floats, y: Floats, axis: int
) -> dict[Edge, tuple[float, float]]:
    """Edge -> the point on it where the function passes 0, for all edges along one axis."""
    ahead = values[:, 1:] if axis == 0 else values[1:, :]
    here = values[:, :-1] if axis == 0 else values[:-1, :]
    row, column = np.nonzero(((here > 0) != (ahead > 0)) & np.isfinite(here) & np.isfinite(ahead))
    line, fixed = (x, y[row]) if axis == 0 else (y, x[column])
    place = column if axis == 0 else row

    def along(s: Floats) -> Floats:
        return function(s, fixed) if axis == 0 else function(fixed, s)

    low, high, rising = line[place], line[place + 1], here[row, column] > 0
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        left = (along(middle) > 0) == rising
        low, high = np.where(left, middle, low), np.where(left, high, middle)
    root = 0.5 * (low + high)
    ends = np.maximum(np.abs(here[row, column]), np.abs(ahead[row, column]))
    sound = np.abs(along(root)) <= ends
    at = (root, fixed) if axis == 0 else (fixed, root)
    return {
        (axis, int(r), int(c)): (float(a), float(b))
        for r, c, a, b, good in zip(row, column, *at, sound, strict=True)
        if good
    }


def _segments(
    positive: NDArray[np.bool_], points: dict[Edge, tuple[float, float]]
) -> dict[Edge, list[Edge]]:
    """Which crossings are neighbours: those of one cell, in pairs."""
    linked: dict[Edge, list[Edge]] = {edge: [] for edge in points}
    rows, columns = positive.shape
    cells = {
        (r - dr, c - dc)
        for axis, r, c in points
        for dr, dc in ((0, 0), (1, 0) if axis == 0 else (0, 1))
    }
    for r, c in sorted(cells):
        if not (0 <= r < rows - 1 and 0 <= c < columns - 1):
            continue
        # Around the cell: below, right, above, left.
        around = ((0, r, c), (1, r, c + 1), (0, r + 1, c), (1, r, c))
        met = [edge for edge in around if edge in points]
        if len(met) == 4:  # a saddle of the function: either pairing is right to the grid
            first = positive[r, c]
            met = [met[k] for k in ((0, 1, 2, 3) if first else (3, 0, 1, 2))]
        for a, b in zip(met[::2], met[1::2], strict=False):
            linked[a].append(b)
            linked[b].append(a)
    return linked


def _chains(linked: dict[Edge, list[Edge]]) -> list[list[Edge]]:
    """Neighbours strung together: open lines from their ends, then closed ones."""
    ends = [edge for edge, others in linked.items() if len(others) == 1]
    waiting = {edge: list(others) for edge, others in linked.items()}
    found: list[list[Edge]] = []
    for start in [*ends, *linked]:
        chain = [start]
        while waiting[chain[-1]]:
            follower = waiting[chain[-1]].pop()
            waiting[follower].remove(chain[-1])
            chain.append(follower)
        if len(chain) > 1:
            found.append(chain)
    return found
