"""The geometry of a node: what its members are to one another.

Compartments of a cable or of a measured cell, one a member:

    {"kind": "cable", "length": 1000, "diameter": 2, "axial_resistivity": 100, "ends": "sealed"}
    {"kind": "morphology", "path": "cell.swc", "axial_resistivity": 100, "longest": 20}

Ends are sealed, or killed: held at their initial potential; a list of two says it of each end.
Or neurons that have places, see `engine/geometry/space.py`:

    {"kind": "line", "length": 1000}              {"kind": "ring", "length": 1000}
    {"kind": "grid", "columns": 20, "width": 1000, "height": 1000, "periodic": true,
     "from_top": true}
    {"kind": "random", "width": 1000, "height": 1000, "x": 500}
    {"kind": "positions", "positions": [[0, 0], [10, 5]]}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from engine.document import lookup
from engine.document.check_values import value_problems
from engine.document.structure import GRID, LINE, POSITIONS, RANDOM, RING, SPACES, Document, Node
from engine.document.text import describe, near, number_problem, one_of
from engine.equations.cable import is_per_area, require_linear
from engine.equations.units import quantity
from engine.errors import EquationError, Problem
from engine.geometry.compartments import MOST_COMPARTMENTS
from engine.models.declaration import NeuronModel

CABLE, MORPHOLOGY = "cable", "morphology"
SEALED, KILLED = "sealed", "killed"
PERIODIC = "periodic"
FROM_TOP = "from_top"  # the first row is the uppermost, as in a picture
COLUMNS = "columns"


@dataclass(frozen=True)
class Field:
    """One number of a geometry."""

    unit: str
    bounds: tuple[float, float]
    default: float | None  # None: it must be given
    doc: str
    optional: bool = False  # may be left out without a default
    whole: bool = False


_EXTENT = (1e-3, 1e8)
_LENGTH = Field("um", _EXTENT, 1000.0, "from one end to the other")
_AREA = {
    "width": Field("um", _EXTENT, 1000.0, "from left to right"),
    "height": Field("um", _EXTENT, 1000.0, "from bottom to top"),
}
_MIDDLE = {
    "x": Field("um", (-1e8, 1e8), 0.0, "the middle, from left to right"),
    "y": Field("um", (-1e8, 1e8), 0.0, "the middle, from bottom to top"),
}
_RESISTIVITY = Field("Ohm cm", (0.1, 1e6), 100.0, "resistivity of the inside")
FIELDS: Mapping[str, Mapping[str, Field]] = {
    CABLE: {
        "length": Field("um", (1e-3, 1e8), None, "length of the cable"),
        "diameter": Field("um", (1e-3, 1e5), None, "diameter of the cable"),
        "axial_resistivity": _RESISTIVITY,
    },
    MORPHOLOGY: {
        "axial_resistivity": _RESISTIVITY,
        "longest": Field("um", (1e-2, 1e6), 20.0, "length of the longest compartment"),
        "scale": Field("1", (1e-6, 1e6), 1.0, "um of one unit of the file"),
        "radius": Field("um", (1e-3, 1e4), None, "stands in where the file has none", True),
    },
    LINE: {"length": _LENGTH, **_MIDDLE},
    RING: {"length": Field("um", _EXTENT, 1000.0, "the way once around")},
    GRID: {
        COLUMNS: Field("1", (1, 1e6), None, "members in a row", True, True),
        **_AREA,
        **_MIDDLE,
    },
    RANDOM: {**_AREA, **_MIDDLE},
    POSITIONS: {},
}
_OTHERS = {
    CABLE: ("kind", "ends"),
    MORPHOLOGY: ("kind", "path"),
    LINE: ("kind",),
    RING: ("kind",),
    GRID: ("kind", PERIODIC, FROM_TOP),
    RANDOM: ("kind", PERIODIC),
    POSITIONS: ("kind", "positions"),
}


def geometry_number(geometry: Mapping[str, Any], name: str) -> float:
    """A number of a geometry without problems, in its unit, or its default (0 without one)."""
    field = FIELDS[geometry["kind"]][name]
    value = geometry.get(name)
    return quantity((field.default or 0.0) if value is None else value, field.unit, name)


def ends_of(geometry: Mapping[str, Any]) -> tuple[str, str]:
    """What the first and the last end of a cable are."""
    ends = geometry.get("ends") or SEALED
    return (ends, ends) if isinstance(ends, str) else (ends[0], ends[1])


def closes(node: Node) -> tuple[float, float]:
    """The length [um] after which each axis of the node's places begins anew, 0 where none does."""
    geometry = node.geometry or {}
    if geometry.get("kind") == RING:
        return geometry_number(geometry, "length"), 0.0
    if geometry.get(PERIODIC) is True:
        return geometry_number(geometry, "width"), geometry_number(geometry, "height")
    return 0.0, 0.0


def geometry_problems(document: Document, node: Node) -> list[Problem]:
    """Every problem of a node's geometry but for the file that it may name."""
    path = f"nodes/{node.id}/geometry"
    if node.geometry is None:
        return []
    if node.is_placed:
        return form_problems(node)
    if node.kind != "population":
        message = f'"{node.title}" is a source, whose members can have places and nothing else'
        remedy = f"use one of {one_of(SPACES)}, or leave geometry out"
        return [Problem(path, "geometry", message, remedy)]
    return form_problems(node) + _model(document, node, path)


def form_problems(node: Node) -> list[Problem]:
    """Every problem of a node's geometry by itself."""
    geometry, path = node.geometry or {}, f"nodes/{node.id}/geometry"
    kind = geometry.get("kind")
    if not isinstance(kind, str) or kind not in FIELDS:
        message = f"`kind` of a geometry must be one of {one_of(FIELDS)}, not {describe(kind)}"
        remedy = near(kind, FIELDS) or "choose one"
        return [Problem(f"{path}/kind", "geometry-kind", message, remedy)]
    return [
        *_unknown(geometry, kind, path),
        *_numbers(geometry, kind, path),
        *_FORMS.get(kind, _flags)(node, geometry, path),
    ]


def _unknown(geometry: Mapping[str, Any], kind: str, path: str) -> list[Problem]:
    known = (*_OTHERS[kind], *FIELDS[kind])
    return [
        Problem(
            f"{path}/{name}",
            "unknown-field",
            f"a {kind} has no field {describe(name)}",
            near(name, known) or f"it has {one_of(known)}",
        )
        for name in geometry
        if name not in known
    ]


def _numbers(geometry: Mapping[str, Any], kind: str, path: str) -> list[Problem]:
    problems = []
    for name, field in FIELDS[kind].items():
        value, where = geometry.get(name), f"{path}/{name}"
        if value is None and field.default is None and not field.optional:
            message = f"a {kind} needs its `{name}`"
            problems.append(Problem(where, "missing", message, f"give it in {field.unit}"))
        elif isinstance(value, list | dict):
            message = f"`{name}` must be one number, not {describe(value)}"
            problems.append(Problem(where, "value", message, f"give it in {field.unit}"))
        elif value is not None:
            problems += value_problems(value, field.unit, where, name, None, field.bounds)
            if field.whole and not isinstance(value, int):
                message = f"`{name}` must be a whole number, not {describe(value)}"
                problems.append(Problem(where, "value", message, "correct it"))
    return problems


def _ends(node: Node, geometry: Mapping[str, Any], path: str) -> list[Problem]:
    ends = geometry.get("ends")
    pair = ends if isinstance(ends, list) else [ends, ends]
    if ends is None or (len(pair) == 2 and all(end in (SEALED, KILLED) for end in pair)):
        return _size(node, path)
    message = f"`ends` must be {SEALED} or {KILLED}, or a list of two of these"
    return [Problem(f"{path}/ends", "ends", f"{message}, not {describe(ends)}", "correct it")]


def _file(node: Node, geometry: Mapping[str, Any], path: str) -> list[Problem]:
    file = geometry.get("path")
    if isinstance(file, str) and file.strip():
        return _size(node, path)
    message = f"`path` must name an SWC file, not {describe(file)}"
    return [Problem(f"{path}/path", "missing", message, "give a path relative to the document")]


def _size(node: Node, path: str) -> list[Problem]:
    if not isinstance(node.size, int) or node.size <= MOST_COMPARTMENTS:
        return []
    message = f'"{node.title}" has {node.size:,} compartments, the limit is {MOST_COMPARTMENTS:,}'
    return [Problem(path, "compartments", message, "let them be longer")]


def _flags(node: Node, geometry: Mapping[str, Any], path: str) -> list[Problem]:
    del node
    problems = []
    for name in (PERIODIC, FROM_TOP):
        if not isinstance(geometry.get(name, False), bool):
            message = f"`{name}` must be true or false, not {describe(geometry[name])}"
            problems.append(Problem(f"{path}/{name}", "value", message, "correct it"))
    return problems


def _positions(node: Node, geometry: Mapping[str, Any], path: str) -> list[Problem]:
    listed, where = geometry.get("positions"), f"{path}/positions"
    if not isinstance(listed, list):
        message = f"`positions` must be a list of [x, y] in um, not {describe(listed)}"
        return [Problem(where, "missing", message, "give one a member")]
    if isinstance(node.size, int) and len(listed) != node.size:
        message = f'{len(listed):,} positions stand for {node.size:,} members of "{node.title}"'
        return [Problem(where, "list", message, "give one a member")]
    for place, pair in enumerate(listed):
        wrong = "it must be two numbers [x, y]"
        if isinstance(pair, list) and len(pair) == 2:
            wrong = next(filter(None, map(number_problem, pair, "xy")), None)
        if wrong:
            return [Problem(f"{where}/{place}", "value", f"position {place}: {wrong}")]
    return []


_FORMS: Mapping[str, Callable[[Node, Mapping[str, Any], str], list[Problem]]] = {
    CABLE: _ends,
    MORPHOLOGY: _file,
    POSITIONS: _positions,
}


def _model(document: Document, node: Node, path: str) -> list[Problem]:
    model = lookup.model_of(document, node)
    if not isinstance(model, NeuronModel):
        return []
    problems = []
    refusal = _refusal(lookup.Same(model))
    if refusal is not None:
        problems.append(Problem(path, "geometry-model", *refusal))
    if node.solver is not None:
        message = "a cable has a solver of its own, for all compartments together"
        problems.append(Problem(f"nodes/{node.id}/solver", "solver", message, "leave it open"))
    return problems


@lru_cache(maxsize=128)
def _refusal(key: lookup.Same) -> tuple[str, str] | None:
    """Why a model cannot be laid on a cable, and what to do."""
    try:
        bare = replace(key.model, ports={}).compose()
        is_per_area(bare)
        require_linear(bare)
    except EquationError as error:
        return error.message, error.remedy
    return None
