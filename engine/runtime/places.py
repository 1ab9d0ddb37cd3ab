"""The places of the members of a document's nodes."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.connectivity.between import Between
from engine.connectivity.distributions import draw
from engine.document import Document, Edge, Node
from engine.document.geometry_fields import FROM_TOP, ROUND, geometry_number
from engine.document.spaces import closes, extent_of, grid_shape_of, periodic_axes
from engine.document.structure import GRID, LINE, POSITIONS, RING
from engine.document.values import is_spatial
from engine.geometry import space
from engine.geometry.space import Space, Three
from engine.random import PLACES, stream

_UNIT = {"distribution": "uniform", "low": 0.0, "high": 1.0}


def space_of(node: Node, seed: int) -> Space | None:
    """Where the members of ``node``, whose geometry has no problem, are; None without places.

    Places drawn at random depend on ``seed`` and the node's id.
    """
    if node.geometry is None or not node.is_placed:
        return None
    geometry, size, extent = node.geometry, node.size, extent_of(node)
    match geometry["kind"]:
        case kind if kind == LINE:
            return space.line(size, extent[0], _middle(geometry))
        case kind if kind == RING:
            return space.ring(size, extent[0])
        case kind if kind == POSITIONS:
            return Space(np.array(geometry["positions"], np.float64), closes(node))
        case kind if kind == GRID:
            axes, top = periodic_axes(geometry), bool(geometry.get(FROM_TOP))
            return space.grid(size, grid_shape_of(node), extent, axes, _middle(geometry), top)
    return _scattered(node, geometry, extent, seed)


def _middle(geometry: dict[str, Any]) -> Three:
    x, y, z = (geometry_number(geometry, axis) for axis in space.AXES)
    return x, y, z


def _scattered(node: Node, geometry: dict[str, Any], extent: Three, seed: int) -> Space:
    """Anywhere within the extent, axis by axis from one stream; flat at z without a depth."""
    axes = 3 if extent[2] else 2
    words = draw(_UNIT, axes * node.size, seed, stream(node.id, PLACES)).reshape(axes, -1).T
    shares = np.full((node.size, 3), 0.5)
    found = np.ascontiguousarray(words, np.float64)
    shares[:, :axes] = space.round_shares(found) if geometry.get(ROUND) else found
    return space.field(shares, extent, periodic_axes(geometry), _middle(geometry))


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
