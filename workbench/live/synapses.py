"""The synapses of one connection that learns, and the pictures that their weights make.

A picture is made by means: each pixel is the mean weight of the synapses that fall into it, and
where there are none it is empty.  Which synapse falls where is found once; a picture of new weights
is then one pass over them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.document import Node
from engine.document.geometry_fields import FROM_TOP
from engine.document.spaces import grid_shape_of
from engine.document.structure import GRID, LINE, RING
from engine.geometry.space import columns_of, grid_shape
from engine.runtime.places import space_of
from engine.runtime.plan import Connections

MOST = 1 << 18  # synapses that are looked at; of more an even share stands for all
SIDE = 256  # pixels of a matrix across and down, at most
FIELD_SIDE = 64  # of one receptive field
MOST_FIELDS = 144  # that stand beside one another, as far as there are pixels
MOST_PIXELS = 1 << 17  # of all of them

Numbers = NDArray[np.int64]
Weights = NDArray[np.floating]


@dataclass(frozen=True)
class Picture:
    """Which of the weights fall into which pixel."""

    shape: tuple[int, ...]  # [rows, columns], or [fields, rows, columns]
    chosen: Numbers  # synapses
    pixel: Numbers  # of each of them
    count: NDArray[np.float64]  # synapses of each pixel

    def of(self, weights: Weights) -> NDArray[np.float64]:
        """The mean weight in every pixel; NaN where there is no synapse."""
        sums = np.bincount(self.pixel, weights[self.chosen], self.count.size)
        with np.errstate(invalid="ignore"):
            return (sums / self.count).reshape(self.shape)


@dataclass(frozen=True)
class Grid:
    """How the members of a source lie in a picture of it."""

    rows: int
    columns: int
    pixel: Numbers  # of each member


def share_of(synapses: int, most: int = MOST) -> Numbers:
    """Numbers of an even share of so many synapses, all if they are no more than ``most``.

    Each stretch gives one, at random: a regular step would always meet the same targets.
    """
    if synapses <= most:
        return np.arange(synapses)
    edges = np.linspace(0, synapses, most + 1).astype(np.int64)
    inside = np.random.default_rng(0).random(most) * np.diff(edges)
    return edges[:-1] + inside.astype(np.int64)


def senders_of(connections: Connections, chosen: Numbers) -> Numbers:
    """The source member of each of the ``chosen`` synapses."""
    return np.searchsorted(connections.row, chosen, "right") - 1


def matrix(connections: Connections, rows: int, columns: int) -> Picture:
    """Sources downwards, targets across, in no more than so many pixels."""
    rows, columns = min(rows, SIDE, connections.sources), min(columns, SIDE, connections.targets)
    chosen = share_of(connections.synapses)
    down = senders_of(connections, chosen) * rows // connections.sources
    across = connections.target[chosen].astype(np.int64) * columns // connections.targets
    return _picture((rows, columns), chosen, down * columns + across)


def fields(connections: Connections, grid: Grid) -> Picture:
    """What each target receives from where, one picture a target: of the first of many."""
    shown = min(connections.targets, MOST_FIELDS, max(1, MOST_PIXELS // (grid.rows * grid.columns)))
    chosen = np.flatnonzero(connections.target < shown)
    chosen = chosen[share_of(len(chosen))]
    place = connections.target[chosen].astype(np.int64) * (grid.rows * grid.columns)
    pixel = place + grid.pixel[senders_of(connections, chosen)]
    return _picture((shown, grid.rows, grid.columns), chosen, pixel)


def _picture(shape: tuple[int, ...], chosen: Numbers, pixel: Numbers) -> Picture:
    count = np.bincount(pixel, minlength=int(np.prod(shape))).astype(np.float64)
    return Picture(shape, chosen, pixel, count)


def grid_of(node: Node, seed: int) -> Grid:
    """The members of ``node`` where its geometry has them, in a square if it has none.

    Row by row from the top, as a picture is read; places have their second axis upwards, so the
    first row of a grid is the lowest unless it says otherwise.
    """
    geometry = node.geometry or {}
    kind = geometry["kind"] if node.is_placed else ""
    place = np.arange(node.size)
    if kind in (LINE, RING):
        return _fitted(np.zeros(node.size, np.int64), place, 1, node.size)
    if kind in ("", GRID):
        columns, rows, layers = grid_shape_of(node) if kind == GRID else grid_shape(node.size)
        down, layer = place // columns % rows, place // (columns * rows)
        down = rows - 1 - down if kind == GRID and not geometry.get(FROM_TOP) else down
        across = place % columns + layer * columns  # layers stand beside one another
        return _fitted(down, across, rows, columns * layers)
    return _scattered(node, seed)


def _scattered(node: Node, seed: int) -> Grid:
    """Members anywhere: a square over all of them with about as many pixels."""
    found = space_of(node, seed)
    position = np.zeros((node.size, 2)) if found is None else found.position[:, :2]
    low, extent = position.min(axis=0), np.ptp(position, axis=0)
    side = columns_of(node.size)
    share = (position - low) / np.where(extent > 0, extent, 1.0)
    across, up = np.minimum((share * side).astype(np.int64), side - 1).T
    return _fitted(side - 1 - up, across, side, side)


def _fitted(down: Numbers, across: Numbers, rows: int, columns: int) -> Grid:
    """A grid in no more than ``FIELD_SIDE`` pixels either way."""
    fewer, narrower = min(rows, FIELD_SIDE), min(columns, FIELD_SIDE)
    pixel = (down * fewer // rows) * narrower + across * narrower // columns
    return Grid(fewer, narrower, pixel)
