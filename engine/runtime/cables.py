"""Geometries of the document as compartments, and as the parameters of a compartment's step map."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from engine.document import Node
from engine.document.geometry import ends_of
from engine.document.geometry_fields import CABLE, KILLED, geometry_number
from engine.equations import cable
from engine.equations.stepmap import StepMap
from engine.errors import DocumentError, Problem
from engine.geometry import Compartments, Morphology, load_swc, straight
from engine.runtime.data_files import find
from engine.runtime.plan import Constant

SUFFIXES = (".swc",)
UM2 = 0.01  # (10 um)^2, the coherent unit of area


def compartments_of(geometry: dict[str, Any], size: int, folder: Path | None) -> Compartments:
    """The compartments of a geometry without problems.

    A cable has ``size`` of them; how many a morphology has follows from its file, which lies in
    ``folder`` or in the data folder.  Raises DataError or LimitError.
    """
    if geometry["kind"] == CABLE:
        length, diameter = (geometry_number(geometry, name) for name in ("length", "diameter"))
        return straight(length, diameter, size)
    return _cut(morphology_of(geometry, folder), geometry_number(geometry, "longest"))


def morphology_of(geometry: dict[str, Any], folder: Path | None) -> Morphology:
    """The morphology that a geometry names; read once as long as its file stays the same."""
    found = found_file(geometry, folder)
    state = found.stat()
    scale, radius = geometry_number(geometry, "scale"), geometry_number(geometry, "radius")
    return _read(found, (state.st_mtime_ns, state.st_size), scale, radius or None)


def found_file(geometry: dict[str, Any], folder: Path | None) -> Path:
    """The file that the geometry of a morphology names.  Raises DataError."""
    return find(str(geometry["path"]), folder, "morphology", SUFFIXES)


@lru_cache(maxsize=8)
def _read(path: Path, state: tuple[int, int], scale: float, radius: float | None) -> Morphology:
    return load_swc(path, scale, radius)


@lru_cache(maxsize=8)
def _cut(morphology: Morphology, longest: float) -> Compartments:
    return morphology.compartments(longest)


def compartment_parameters(
    node: Node, step_map: StepMap, folder: Path | None, per_area: bool
) -> dict[str, Constant]:
    """What the geometry of ``node`` says of each compartment, for `engine.equations.constants`.

    Raises DocumentError where a morphology has another number of compartments than the node.
    """
    geometry = node.geometry
    if geometry is None or step_map.tree is None:
        return {}
    found = compartments_of(geometry, node.size, folder)
    if len(found) != node.size:
        message = f'"{node.title}" has {len(found):,} compartments, its size says {node.size:,}'
        remedy = f"set the size to {len(found)}"
        raise DocumentError(Problem(f"nodes/{node.id}/size", "size", message, remedy))
    clamp = np.zeros(node.size)
    if geometry["kind"] == CABLE:
        for place, end in zip((0, -1), ends_of(geometry), strict=True):
            clamp[place] += cable.HELD if end == KILLED else 0.0
    resistivity = geometry_number(geometry, "axial_resistivity")
    area = found.area * UM2 if per_area else found.area / found.area.sum()
    return {
        cable.AREA: area,
        cable.CONDUCTANCE: found.conductance(resistivity),
        cable.PARENT: found.parent.astype(np.float64),
        cable.COUNT: float(node.size),
        cable.CLAMP: clamp,
    }
