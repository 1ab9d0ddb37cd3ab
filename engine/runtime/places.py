"""The places of the members of a document's nodes."""

from __future__ import annotations

import numpy as np

from engine.connectivity.between import Between
from engine.connectivity.distributions import draw
from engine.document import Document, Edge, Node
from engine.document.geometry import COLUMNS, FROM_TOP, closes, geometry_number
from engine.document.structure import GRID, LINE, RANDOM, RING
from engine.document.values import is_spatial
from engine.geometry import space
from engine.geometry.space import Space
from engine.random import PLACES, stream

_UNIT = {"distribution": "uniform", "low": 0.0, "high": 1.0}


def space_of(node: Node, seed: int) -> Space | None:
    """Where the members of ``node``, whose geometry has no problem, are; None without places.

    Places drawn at random depend on ``seed`` and the node's id.
    """
    if node.geometry is None or not node.is_placed:
        return None
    geometry, size = node.geometry, node.size

    def number(name: str) -> float:
        return geometry_number(geometry, name)

    match geometry["kind"]:
        case kind if kind == LINE:
            return space.line(size, number("length"), number("x"), number("y"))
        case kind if kind == RING:
            return space.ring(size, number("length"))
        case kind if kind == GRID:
            columns = int(number(COLUMNS)) or None
            return space.grid(size, number("width"), number("height"), columns,
                              any(closes(node)), number("x"), number("y"),
                              bool(geometry.get(FROM_TOP)))  # fmt: skip
        case kind if kind == RANDOM:
            shares = draw(_UNIT, 2 * size, seed, stream(node.id, PLACES)).reshape(2, size).T
            return space.field(np.ascontiguousarray(shares, np.float64), number("width"),
                               number("height"), any(closes(node)), number("x"),
                               number("y"))  # fmt: skip
    return Space(np.array(geometry["positions"], np.float64).reshape(-1, 2))


def goes_by_distance(edge: Edge) -> bool:
    """Whether the places of both ends matter to the synapses of ``edge``."""
    by_rule = edge.rule.get("kind") == "distance"
    return by_rule or is_spatial(edge.weight) or is_spatial(edge.delay)


def between(document: Document, edge: Edge) -> Between | None:
    """Where both ends of ``edge`` are; None where an end has no places."""
    ends = (document.node(edge.source), document.node(edge.target))
    seed = document.simulation.seed
    spaces = [space_of(node, seed) if node is not None else None for node in ends]
    source, target = spaces
    return Between(source, target) if source is not None and target is not None else None
