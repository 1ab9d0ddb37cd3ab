"""Curves, dots and rasters over linear axes, walls of pictures: panels one under the other."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.runtime.png import of_grey
from workbench.svg import WIDTH, drawing, text

Floats = NDArray[np.float64]
LEFT, RIGHT, TOP, GAP = 64.0, 160.0, 26.0, 62.0
NEAR = 0.3  # how far a drawn line may lie from the true one, in the drawing's units
COLOURS = 8
USUAL = 180.0  # height of a panel
# The box of the first panel's curves, with room for what its axes and lines stick out.
FIRST_CURVES = f"{LEFT - 16:g} {TOP - 14:g} {WIDTH - RIGHT - LEFT + 26:g} {USUAL + 32:g}"
MANY = 2 * WIDTH  # points of a line, of which not all are looked at
LARGEST = 1e30  # what is beyond is no number that can be drawn


@dataclass(frozen=True)
class Curve:
    """Values at places: a "line", "dots", or "ticks" (a raster; ``y`` is the row)."""

    x: ArrayLike
    y: ArrayLike
    label: str = ""
    kind: str = "line"
    colour: int | None = None  # None: by place in the panel


@dataclass(frozen=True)
class Panel:
    """Curves over common axes; ``zero`` has the axis begin at 0."""

    curves: Sequence[Curve]
    x_label: str
    y_label: str
    height: float = USUAL
    zero: bool = False


@dataclass(frozen=True)
class Wall:
    """Pictures [N, rows, columns] beside one another; 0 is the paper, ink the highest per cent."""

    pictures: ArrayLike
    label: str
    across: int = 20

    @property
    def height(self) -> float:
        """In units of the drawing."""
        _, rows, columns = np.shape(self.pictures)
        return (WIDTH - LEFT - RIGHT) * self._lines * (rows + 1) / (self.across * (columns + 1))

    @property
    def _lines(self) -> int:
        """Lines of pictures; without any, one that is empty."""
        return max(1, -(-len(np.asarray(self.pictures)) // self.across))

    def drawn(self, top: float) -> Iterator[str]:
        """The elements of the drawing, from ``top`` down.

        One picture says where there is ink, so that both themes have their own colour for it.
        """
        size = f'width="{WIDTH - LEFT - RIGHT:.0f}" height="{self.height:.1f}"'
        box = f'x="{LEFT:.0f}" y="{top:.1f}" {size}'
        name = f"wall{top:.0f}"
        packed = b64encode(of_grey(self._together())).decode("ascii")
        yield text(LEFT, top - 8, self.label)
        yield (
            f'<mask id="{name}" maskUnits="userSpaceOnUse" {box}><image {box} '
            f'preserveAspectRatio="none" style="image-rendering:pixelated" '
            f'href="data:image/png;base64,{packed}"/></mask>'
        )
        yield f'<rect {box} style="fill:var(--wb-text)" mask="url(#{name})"/>'

    def _together(self) -> Floats:
        """One picture of all, a pixel between any two."""
        found = np.asarray(self.pictures, np.float64)
        found = np.where(np.isfinite(found), found, 0.0)  # what is no number has no ink
        _, rows, columns = found.shape
        lines = self._lines
        whole = np.zeros((lines, rows + 1, self.across, columns + 1))
        full = (float(np.quantile(found, 0.99)) if found.size else 0.0) or 1.0
        for place, picture in enumerate(np.minimum(found / full, 1.0)):
            whole[place // self.across, :rows, place % self.across, :columns] = picture
        return whole.reshape(lines * (rows + 1), -1)


def panels(found: Iterable[Panel | Wall], title: str, standalone: bool = True) -> str:
    """The panels under each other as one drawing."""
    parts: list[str] = []
    top = TOP
    for panel in found:
        parts += panel.drawn(top) if isinstance(panel, Wall) else _panel(panel, top)
        top += panel.height + GAP
    return drawing(parts, top - GAP + 42, title, standalone)


def _panel(panel: Panel, top: float) -> Iterator[str]:
    points = [_points(curve) for curve in panel.curves]
    together = np.concatenate([np.zeros((0, 2)), *points])
    x_low, x_high = _range(together[:, 0], False)
    y_low, y_high = _range(together[:, 1], panel.zero)
    wide = WIDTH - LEFT - RIGHT

    def placed(values: Floats) -> Floats:
        across = LEFT + (values[:, 0] - x_low) / (x_high - x_low) * wide
        return np.column_stack(
            [across, top + panel.height * (1.0 - (values[:, 1] - y_low) / (y_high - y_low))]
        )

    yield text(LEFT, top - 8, panel.y_label)
    for tick in ticks(y_low, y_high, 4):
        y = placed(np.array([[x_low, tick]]))[0, 1]
        ends = f'x1="{LEFT:.0f}" x2="{WIDTH - RIGHT:.0f}" y1="{y:.1f}" y2="{y:.1f}"'
        yield f'<line {ends} class="grid"/>'
        yield text(LEFT - 8, y + 4, f"{tick:g}", "tick", "end")
    bottom = top + panel.height
    for tick in ticks(x_low, x_high, 6):
        x = placed(np.array([[tick, y_low]]))[0, 0]
        yield text(x, bottom + 16, f"{tick:g}", "tick", "middle")
    yield text(WIDTH - RIGHT, bottom + 32, panel.x_label, anchor="end")
    labels = 0
    for place, (curve, values) in enumerate(zip(panel.curves, points, strict=True)):
        kind = f"c{(place if curve.colour is None else curve.colour) % COLOURS}"
        yield from _drawn(curve.kind, placed(values), kind)
        if curve.label:
            height = top + 8 + 18 * labels
            yield f'<circle cx="{WIDTH - RIGHT + 16}" cy="{height:.1f}" r="4" class="{kind}"/>'
            yield text(WIDTH - RIGHT + 26, height + 4, curve.label)
            labels += 1


def _range(values: Floats, zero: bool) -> tuple[float, float]:
    """From where to where an axis goes: 0 to 1 where there is nothing yet to be seen."""
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    low = min(low, 0.0) if zero else low
    if high - low > 1e-9 * max(abs(low), abs(high)):
        return low, high
    around = 0.1 * abs(low)  # one value: in the middle
    return (low - around, low + around) if around else (0.0, 1.0)


def _drawn(form: str, at: Floats, kind: str) -> Iterator[str]:
    if form == "line":
        if not len(at):
            return
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in reduced(_thinned(at)))
        yield f'<polyline points="{points}" class="{kind}" style="fill:none;stroke-width:1.5"/>'
        return
    if form == "ticks":
        strokes = "".join(f"M{x:.1f} {y - 3:.1f}v6" for x, y in at)
        yield f'<path d="{strokes}" class="{kind}"/>'
        return
    for x, y in at:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" class="{kind}"/>'


def _points(curve: Curve) -> Floats:
    """The points [N, 2] of a curve that can be drawn."""
    x, y = np.asarray(curve.x, np.float64), np.asarray(curve.y, np.float64)
    found = np.column_stack([x.ravel(), y.ravel()])
    return found[(np.abs(found) <= LARGEST).all(1)]


def _thinned(at: Floats) -> Floats:
    """Of a line with more points than can be seen, the lowest and highest of every unit of width.

    It is as noisy to look at, and drawn in a few ms however long it becomes.
    """
    column = np.floor(at[:, 0]).astype(np.int64)
    if len(at) <= MANY or np.any(np.diff(at[:, 0]) < 0):
        return at
    begin = np.flatnonzero(np.append(True, np.diff(column) > 0))
    order = np.lexsort((at[:, 1], column))
    last = np.append(begin[1:], len(at)) - 1
    return at[np.unique(np.concatenate([[0], order[begin], order[last], [len(at) - 1]]))]


def reduced(points: Floats) -> Floats:
    """The fewest of ``points`` [N, 2] whose line stays within `NEAR` of all (Douglas & Peucker
    1973)."""
    kept = np.unique([0, len(points) - 1])
    waiting = np.arange(1, len(points) - 1)  # points that may be far from the line through `kept`
    while len(waiting):
        chord = np.searchsorted(kept, waiting) - 1
        begin = points[kept[chord]]
        way, apart = points[kept[chord + 1]] - begin, points[waiting] - begin
        # The distance from the chord; its ends may coincide.
        along = np.sum(apart * way, 1) / np.maximum(np.sum(way * way, 1), 1e-12)
        far = np.hypot(*(apart - np.clip(along, 0.0, 1.0)[:, None] * way).T)
        first = np.flatnonzero(np.append(True, np.diff(chord) > 0))
        length = np.diff(np.append(first, len(waiting)))
        farthest = np.maximum.reduceat(far, first)
        split = farthest > NEAR
        place = np.where(far == np.repeat(farthest, length), np.arange(len(far)), len(far))
        new = np.minimum.reduceat(place, first)[split]
        kept = np.sort(np.append(kept, waiting[new]))
        open_ = np.repeat(split, length)
        open_[new] = False
        waiting = waiting[open_]
    return points[kept]


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers from ``low`` to ``high``, at most one more than ``most``."""
    span = high - low
    least = math.floor(math.log10(span / most))
    step, decade = next(
        (digit * 10.0**decade, decade)
        for decade in range(least, least + 3)
        for digit in (1, 2, 5)
        if span / (digit * 10.0**decade) <= most
    )
    count = np.arange(np.ceil(low / step), np.floor(high / step) + 1)
    return [float(round(k * step, max(0, -decade))) + 0.0 for k in count]
