"""Places of a node's members, as far as a document says them: extent, periods, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.document.geometry_fields import (
    COLUMNS,
    FIELDS,
    FROM_TOP,
    LAYERS,
    PERIODIC,
    ROUND,
    ROWS,
    SIDES,
    SPACING,
    geometry_number,
)
from engine.document.structure import GRID, LINE, POSITIONS, RING, Node
from engine.document.text import describe, number_problem, one_of
from engine.errors import Problem
from engine.geometry.space import AXES, NOWHERE, Three, grid_shape

FARTHEST = 1e9  # um from the origin that a member may stand


def grid_shape_of(node: Node) -> tuple[int, int, int]:
    """Columns, rows and layers of the grid that a node's members stand in."""
    geometry = node.geometry or {}
    counts = (int(geometry_number(geometry, name)) or None for name in (COLUMNS, ROWS, LAYERS))
    return grid_shape(node.size, *counts)


def extent_of(node: Node) -> Three:
    """The extent [um] of the places of a node along x, y and z; 0 where they have none."""
    geometry = node.geometry or {}
    kind = geometry.get("kind")
    spacing = geometry_number(geometry, SPACING) if SPACING in FIELDS[str(kind)] else 0.0
    if kind in (LINE, RING):
        return (spacing * node.size or geometry_number(geometry, "length")), 0.0, 0.0
    width, height, depth = (geometry_number(geometry, side) for side in SIDES)
    if kind != GRID:
        return width, height, depth
    columns, rows, layers = grid_shape_of(node)
    if spacing:
        return spacing * columns, spacing * rows, spacing * layers if layers > 1 else 0.0
    # Where nobody says it, layers are as far apart as columns are.
    return width, height, depth or (layers * width / columns if layers > 1 else 0.0)


def periodic_axes(geometry: Mapping[str, Any]) -> tuple[bool, bool, bool]:
    """Which axes a geometry says are periodic; ``true`` means all that have an extent."""
    said: Any = geometry.get(PERIODIC)
    said = said if said is True or isinstance(said, list) else ()
    across, up, deep = (said is True or axis in said for axis in AXES)
    return across, up, deep


def closes(node: Node) -> Three:
    """The length [um] after which each axis of the node's places begins anew, 0 where none does."""
    geometry = node.geometry or {}
    if geometry.get("kind") == RING:
        return extent_of(node)
    if not any(periodic_axes(geometry)):
        return NOWHERE
    pairs = zip(extent_of(node), periodic_axes(geometry), strict=True)
    across, up, deep = (length if closed else 0.0 for length, closed in pairs)
    return across, up, deep


def space_problems(node: Node, geometry: Mapping[str, Any], path: str) -> list[Problem]:
    """What is wrong with the places of a node beyond its single numbers, which are right."""
    found = [*_flags(geometry, path), *_axes(geometry, path)]
    if geometry.get("kind") == POSITIONS:
        found += _positions(node, geometry, path)
    if not found:
        found += [*_spacing(geometry, path), *_room(node, geometry, path)]
    return found or _closing(node, geometry, path)


def _flags(geometry: Mapping[str, Any], path: str) -> list[Problem]:
    problems = []
    for name in (FROM_TOP, ROUND):
        if not isinstance(geometry.get(name, False), bool):
            message = f"`{name}` must be true or false, not {describe(geometry[name])}"
            problems.append(Problem(f"{path}/{name}", "value", message, "correct it"))
    return problems


def _axes(geometry: Mapping[str, Any], path: str) -> list[Problem]:
    said = geometry.get(PERIODIC, False)
    listed = isinstance(said, list) and all(axis in AXES for axis in said)
    if isinstance(said, bool) or listed:
        return []
    message = f"`{PERIODIC}` must be true or false, not {describe(said)}"
    remedy = f"correct it, or list some of the axes {one_of(AXES)}"
    return [Problem(f"{path}/{PERIODIC}", "value", message, remedy)]


def _spacing(geometry: Mapping[str, Any], path: str) -> list[Problem]:
    """Either a spacing or an extent."""
    if geometry.get(SPACING) is None:
        return []
    both = [name for name in ("length", *SIDES) if geometry.get(name) is not None]
    if not both:
        return []
    message = f"`{SPACING}` and `{both[0]}` both say how large it is"
    return [Problem(f"{path}/{SPACING}", "spacing", message, "leave one of them out")]


def _room(node: Node, geometry: Mapping[str, Any], path: str) -> list[Problem]:
    """Whether a grid has a place for every member."""
    if geometry.get("kind") != GRID or not isinstance(node.size, int) or node.size < 1:
        return []
    columns, rows, layers = grid_shape_of(node)
    if columns * rows * layers >= node.size:
        return []
    shape = f"{columns:,} columns, {rows:,} rows and {layers:,} layers"
    message = (
        f"a grid of {shape} has {columns * rows * layers:,} places for the {node.size:,} members "
        f'of "{node.title}"'
    )
    return [Problem(f"{path}/{ROWS}", "room", message, f"leave `{ROWS}` open, or correct the size")]


def _closing(node: Node, geometry: Mapping[str, Any], path: str) -> list[Problem]:
    """What closes needs an extent to close after, and corners that meet."""
    said, where = geometry.get(PERIODIC) or False, f"{path}/{PERIODIC}"
    if not said or not isinstance(node.size, int) or node.size < 1:
        return []
    if geometry.get(ROUND) is True:
        message = "what is round cannot be periodic: it has no sides to meet"
        return [Problem(where, "periodic", message, f"leave out `{ROUND}` or `{PERIODIC}`")]
    wanted = AXES[:2] if said is True else said
    for side, axis, length in zip(SIDES, AXES, extent_of(node), strict=True):
        if axis in wanted and length == 0:
            message = f"it cannot be periodic in {axis}, where it has no extent"
            return [Problem(where, "periodic", message, f"give its `{side}`, or leave {axis} out")]
    return []


def _positions(node: Node, geometry: Mapping[str, Any], path: str) -> list[Problem]:
    listed, where = geometry.get("positions"), f"{path}/positions"
    if not isinstance(listed, list):
        message = f"`positions` must be a list of [x, y] in um, not {describe(listed)}"
        return [Problem(where, "missing", message, "give one a member, of two numbers or three")]
    if isinstance(node.size, int) and len(listed) != node.size:
        message = f'{len(listed):,} positions stand for {node.size:,} members of "{node.title}"'
        return [Problem(where, "list", message, "give one a member")]
    numbers = len(listed[0]) if listed and isinstance(listed[0], list) else 2
    for place, found in enumerate(listed):
        wrong = _position(found, numbers)
        if wrong:
            return [Problem(f"{where}/{place}", "value", f"position {place}: {wrong}")]
    return []


def _position(found: Any, numbers: int) -> str | None:
    """Why ``found`` is no place among others of so many ``numbers``."""
    if not isinstance(found, list) or len(found) not in (2, 3):
        return "it must be two numbers [x, y], or three"
    if len(found) != numbers:
        return f"it has {len(found)} numbers, the first position has {numbers}"
    return next(filter(None, map(_coordinate, found, AXES)), None)


def _coordinate(value: Any, axis: str) -> str | None:
    """Why ``value`` is no coordinate of a place, or None."""
    wrong = number_problem(value, axis)
    if wrong is None and abs(value) > FARTHEST:
        return f"`{axis}` must lie between -{FARTHEST:g} and {FARTHEST:g} um, not {describe(value)}"
    return wrong
