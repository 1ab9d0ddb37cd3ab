"""The geometry of a node: what its members are to one another.

Compartments of a cable or of a measured cell, one a member:

    {"kind": "cable", "length": 1000, "diameter": 2, "axial_resistivity": 100, "ends": "sealed"}
    {"kind": "morphology", "path": "cell.swc", "axial_resistivity": 100, "longest": 20}

Ends are sealed, or killed: held at their initial potential; a list of two says it of each end.
Or neurons that have places, see `engine/geometry/space.py`; `spacing` may stand for the extent:

    {"kind": "line", "length": 1000}              {"kind": "ring", "spacing": 10}
    {"kind": "grid", "columns": 20, "width": 1000, "height": 1000, "periodic": true,
     "from_top": true}
    {"kind": "grid", "columns": 15, "rows": 3, "layers": 3, "spacing": 100, "periodic": ["x"]}
    {"kind": "random", "width": 1000, "height": 1000, "depth": 200, "round": true, "x": 500}
    {"kind": "positions", "positions": [[0, 0], [10, 5]]}      or three numbers each
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from engine.document import lookup
from engine.document.check_values import value_problems
from engine.document.geometry_fields import CABLE, FIELDS, KILLED, MORPHOLOGY, OTHERS, SEALED
from engine.document.spaces import space_problems
from engine.document.structure import SPACES, Document, Node
from engine.document.text import describe, near, one_of
from engine.equations.cable import is_per_area, require_linear
from engine.errors import EquationError, Problem
from engine.geometry.compartments import MOST_COMPARTMENTS
from engine.models.declaration import NeuronModel


def ends_of(geometry: Mapping[str, Any]) -> tuple[str, str]:
    """What the first and the last end of a cable are."""
    ends = geometry.get("ends") or SEALED
    return (ends, ends) if isinstance(ends, str) else (ends[0], ends[1])


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
    found = [*_unknown(geometry, kind, path), *_numbers(geometry, kind, path)]
    if kind in SPACES:
        return found or space_problems(node, geometry, path)
    return found + _FORMS[kind](node, geometry, path)


def _unknown(geometry: Mapping[str, Any], kind: str, path: str) -> list[Problem]:
    known = (*OTHERS[kind], *FIELDS[kind])
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


_FORMS: Mapping[str, Callable[[Node, Mapping[str, Any], str], list[Problem]]] = {
    CABLE: _ends,
    MORPHOLOGY: _file,
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
