"""A cell as a drawing: its compartments seen from the side that shows most, coloured by a value.

Nothing here knows the engine: compartments are arrays of places, radii and parents, as
`engine.cable.compartments` gives them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.svg import WIDTH, drawing, text

Floats = NDArray[np.float64]
# Low to high: quiet blue, through grey, to a warm red; told apart with any colour vision.
SCALE = ("#3a5fb0", "#3d8bfd", "#8fb8f0", "#b8c0cc", "#f0b48a", "#e8743b", "#c0392b")
CLASSES = 13  # colours between the ends of the scale
WIDTHS = 6  # thicknesses that a drawing tells apart
THINNEST, THICKEST = 0.8, 1 / 90  # px, and of the width of the drawing
FINEST = 12  # decimals of a place in um
TALLEST = 640.0  # px of a drawing as wide as a page
MARGIN, LEGEND = 24.0, 44.0


def outline(
    position: ArrayLike, parent: ArrayLike, radius: ArrayLike, width: float, tallest: float
) -> dict[str, Any]:
    """What a page draws of a cell, in px, and the colours of potentials from low to high.

    ``position`` [N, 3], ``radius`` [N] (um) and ``parent`` [N] (-1 for a root) are those of its
    compartments.  ``points`` are x and y of each in turn, ``strokes`` widths of the lines from
    their parents.
    """
    place, height = _fitted(position, width, tallest)
    return {
        "width": width,
        "height": height,
        "points": np.round(place, 1).ravel().tolist(),
        "parent": np.asarray(parent, np.int64).tolist(),
        "strokes": _strokes(np.asarray(radius, np.float64), width).tolist(),
        "scale": [colour(shade) for shade in range(CLASSES)],
    }


def dots(position: ArrayLike, colour: str, width: float, tallest: float) -> dict[str, Any]:
    """What a page draws of neurons that have places [N, 2] or [N, 3] (um): brighter as they fire.

    Where they are on the screen is for the page to say, which may turn what has depth.
    """
    places = np.asarray(position, np.float64)
    extent = float(np.ptp(places, axis=0).max()) or 1.0
    digits = 4 - math.floor(math.log10(extent))  # a ten-thousandth of it shows nowhere
    digits = min(max(0, digits), FINEST)
    return {
        "width": width,
        "tallest": tallest,
        "places": {"axes": places.shape[1], "at": np.round(places, digits).ravel().tolist()},
        "colour": colour,
    }


def cell_svg(
    position: ArrayLike,
    parent: ArrayLike,
    radius: ArrayLike,
    values: ArrayLike | None = None,
    unit: str = "mV",
    title: str = "",
    standalone: bool = False,
) -> str:
    """A cell as SVG text, coloured by ``values`` [N] if they are given, with their scale below."""
    above, width = np.asarray(parent, np.int64), WIDTH - 2 * MARGIN
    place, height = _fitted(position, width, TALLEST)
    strokes = _strokes(np.asarray(radius, np.float64), width)
    shade = np.full(len(above), CLASSES // 2)
    parts: list[str] = []
    if values is not None:
        found = np.asarray(values, np.float64)
        low, high = float(found.min()), float(found.max())
        shade = np.round((found - low) / ((high - low) or 1.0) * (CLASSES - 1)).astype(int)
        parts += _legend(low, high, unit, height + 2 * MARGIN)
    joined = np.flatnonzero(above >= 0)
    for key in sorted({(int(shade[k]), float(strokes[k])) for k in joined}):
        lines = joined[(shade[joined] == key[0]) & (strokes[joined] == key[1])]
        d = _lines(place + MARGIN, above, lines)
        style = f'stroke="{colour(key[0])}" stroke-width="{key[1]:.1f}" stroke-linecap="round"'
        parts.append(f'<path d="{d}" fill="none" {style}/>')
    for root in np.flatnonzero(above < 0):
        x, y = place[root] + MARGIN
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour(int(shade[root]))}"/>')
    below = LEGEND if values is not None else 0.0
    return drawing(parts, height + 2 * MARGIN + below, title, standalone)


def colour(shade: int) -> str:
    """The colour of one of `CLASSES` shades, "#rrggbb"."""
    at = min(max(shade, 0), CLASSES - 1) / (CLASSES - 1) * (len(SCALE) - 1)
    first = min(int(at), len(SCALE) - 2)
    ends = [[int(SCALE[first + k][i : i + 2], 16) for i in (1, 3, 5)] for k in (0, 1)]
    mixed = (round(a + (at - first) * (b - a)) for a, b in zip(*ends, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _fitted(position: ArrayLike, width: float, tallest: float) -> tuple[Floats, float]:
    """Places [N, 2] in px, y downwards, in a box of ``width`` and the height that is returned."""
    points = np.asarray(position, np.float64).reshape(-1, 3)
    spans = np.ptp(points, axis=0)
    across, up = _two_widest(spans)
    flat = np.column_stack([points[:, across], -points[:, up]])
    flat -= flat.min(axis=0)
    span = flat.max(axis=0)
    scale = min(width / (span[0] or 1.0), tallest / (span[1] or 1.0))
    flat *= scale
    flat[:, 0] += (width - span[0] * scale) / 2
    return flat, max(float(span[1] * scale), 1.0)


def _two_widest(spans: Floats) -> tuple[int, int]:
    """The axis drawn across and the one drawn up: the least extended of x, y, z is left out."""
    left_out = 2 if spans[2] <= max(min(spans[0], spans[1]), 1e-9) else int(np.argmin(spans[:2]))
    kept = [axis for axis in range(3) if axis != left_out]
    return kept[0], kept[1]


def _strokes(radius: Floats, width: float) -> Floats:
    """A width of line [px] for each radius, one of a few; ``width`` is that of the drawing."""
    most = float(radius.max(initial=0.0)) or 1.0
    share = np.ceil(np.sqrt(radius / most) * WIDTHS) / WIDTHS
    return np.round(THINNEST + (THICKEST * width - THINNEST) * share**2, 1)


def _lines(place: Floats, parent: NDArray[np.int64], members: NDArray[np.int64]) -> str:
    """Path data: a stroke from each member's parent to the member, joined where they follow."""
    words, last = [], -1
    for k in members:
        start = int(parent[k])
        if start != last:
            words.append(f"M{_point(place[start])}")
        words.append(f"L{_point(place[k])}")
        last = int(k)
    return "".join(words)


def _point(place: Floats) -> str:
    return f"{place[0]:.1f} {place[1]:.1f}"


def _legend(low: float, high: float, unit: str, top: float) -> list[str]:
    """The scale of colours with its ends in numbers."""
    size = 200 / CLASSES
    blocks = [
        f'<rect x="{MARGIN + k * size:.1f}" y="{top:.1f}" width="{size + 0.5:.1f}" height="8" '
        f'fill="{colour(k)}"/>'
        for k in range(CLASSES)
    ]
    digits = max(0, 2 - math.floor(math.log10(high - low))) if high > low else 2
    ends = [f"{value:.{min(digits, 6)}f} {unit}" for value in (low, high)]
    return [
        *blocks,
        text(MARGIN, top + 24, ends[0], "number"),
        text(MARGIN + 200, top + 24, ends[1], "number", "end"),
    ]
