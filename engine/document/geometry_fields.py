"""What may stand in a geometry: the fields of each kind, their units, bounds and defaults.

The tables are the only place where they are listed; checks, the inspector and whatever makes
places or compartments go by them.  Examples stand in `document/geometry.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.document.structure import GRID, LINE, POSITIONS, RANDOM, RING
from engine.document.values import EXTENT
from engine.equations.units import quantity

CABLE, MORPHOLOGY = "cable", "morphology"
SEALED, KILLED = "sealed", "killed"
PERIODIC = "periodic"  # true: every axis that has an extent; or a list of axes
FROM_TOP = "from_top"  # the first row is the uppermost, as in a picture
ROUND = "round"  # a disc, an ellipse or a ball within the extent
COLUMNS, ROWS, LAYERS = "columns", "rows", "layers"
SPACING = "spacing"
SIDES = ("width", "height", "depth")  # along x, y and z


@dataclass(frozen=True)
class Field:
    """One number of a geometry."""

    unit: str
    bounds: tuple[float, float]
    default: float | None  # None: it must be given
    doc: str
    optional: bool = False  # may be left out without a default
    whole: bool = False


_FAR = (-1e8, 1e8)
_LENGTH = Field("um", EXTENT, 1000.0, "from one end to the other")
_SPACED = {SPACING: Field("um", EXTENT, None, "from one place to the next", True)}
_DEPTH = {"depth": Field("um", EXTENT, None, "from front to back", True)}
_AREA = {
    "width": Field("um", EXTENT, 1000.0, "from left to right"),
    "height": Field("um", EXTENT, 1000.0, "from bottom to top"),
    **_DEPTH,
}
_MIDDLE = {
    "x": Field("um", _FAR, 0.0, "the middle, from left to right"),
    "y": Field("um", _FAR, 0.0, "the middle, from bottom to top"),
    "z": Field("um", _FAR, 0.0, "the middle, from front to back"),
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
    LINE: {"length": _LENGTH, **_SPACED, **_MIDDLE},
    RING: {"length": Field("um", EXTENT, 1000.0, "the way once around"), **_SPACED},
    GRID: {
        COLUMNS: Field("1", (1, 1e6), None, "members in a row", True, True),
        ROWS: Field("1", (1, 1e6), None, "rows in a layer", True, True),
        LAYERS: Field("1", (1, 1e6), 1.0, "sheets, one behind the other", whole=True),
        **_SPACED,
        **_AREA,
        **_MIDDLE,
    },
    RANDOM: {**_AREA, **_MIDDLE},
    # Only where they close.
    POSITIONS: {side: replace(each, default=None, optional=True) for side, each in _AREA.items()},
}
# What else may stand in each.
OTHERS: Mapping[str, tuple[str, ...]] = {
    CABLE: ("kind", "ends"),
    MORPHOLOGY: ("kind", "path"),
    LINE: ("kind",),
    RING: ("kind",),
    GRID: ("kind", PERIODIC, FROM_TOP),
    RANDOM: ("kind", PERIODIC, ROUND),
    POSITIONS: ("kind", "positions", PERIODIC),
}
# What a page offers as switches, by kind.
FLAGS: Mapping[str, tuple[str, ...]] = {GRID: (FROM_TOP,), RANDOM: (ROUND,)}


def geometry_number(geometry: Mapping[str, Any], name: str) -> float:
    """A number of a geometry without problems, in its unit, or its default (0 without one)."""
    field = FIELDS[geometry["kind"]][name]
    value = geometry.get(name)
    return quantity((field.default or 0.0) if value is None else value, field.unit, name)
