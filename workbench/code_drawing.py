"""A code as a drawing: what is encoded, its spikes, and what they are read as again.

Values stand beside the rows of their spikes, pictures beside the raster of all pixels, signals over
the raster on the same axis of time.  Nothing here knows the engine but arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.svg import drawing, text

Floats = NDArray[np.floating]
SHADES = 9  # greys of a picture
MOST_SPIKES = 3_000  # drawn; of more, every second, third ... one
MOST_BARS = 64  # values that have a bar each
TALLEST = 260.0  # px of a list of values
MOST_TRACES = 4  # channels that have a line each
LINE, TITLE, AXIS = 14.0, 20.0, 30.0  # px: a line of words, a title, an axis with its unit
EDGE = 3.0  # px between the first instant and the edge of a raster
EMPTY = 1e-9
STYLE = """.plot .ground{fill:var(--wb-raised)}
.plot .shade{fill:var(--wb-text)}
.plot rect.given{fill:var(--wb-tertiary)}
.plot polyline.given{fill:none;stroke:var(--wb-tertiary);stroke-width:1.5}
.plot path.read,.plot polyline.read{fill:none;stroke:var(--wb-warning);stroke-width:2}
.plot text.read{fill:var(--wb-warning)}
.plot .spike{fill:none;stroke-width:1.5}
.plot .up{stroke:var(--wb-accent)}
.plot .down{stroke:var(--wb-error)}
.plot .now{stroke:var(--wb-text);stroke-width:1}
"""


@dataclass(frozen=True)
class Shown:
    """One item and its spikes: arrays, as `engine.coding` gives them.

    ``values`` [N], a picture [H, W], or a signal [T, C] (``signal``); ``decoded`` of the same
    shape.  ``times`` [ms], ``senders`` and ``signs`` (+1, -1; None: all +1) of ``rows`` senders in
    ``duration`` ms.
    """

    values: Floats
    decoded: Floats
    times: Floats
    senders: NDArray[np.integer]
    signs: NDArray[np.integer] | None
    rows: int
    duration: float
    signal: bool = False


@dataclass(frozen=True)
class Words:
    """What stands in the drawing."""

    values: str
    spikes: str
    decoded: str
    unit: str = "ms"


@dataclass(frozen=True)
class Box:
    """A place in the drawing, in px."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Drawn:
    """A drawing as SVG text, and where the time of its spikes runs from left to right."""

    svg: str
    time: Box


def code_drawing(shown: Shown, words: Words, width: float, standalone: bool = False) -> Drawn:
    """The drawing, ``width`` px wide."""
    if shown.signal:
        parts, height, time = _signal(shown, words, width)
    elif shown.values.ndim == 2 and min(shown.values.shape) > 1:
        parts, height, time = _picture(shown, words, width)
    else:
        parts, height, time = _values(shown, words, width)
    title = f"{words.values}, {words.spikes}, {words.decoded}"
    svg = drawing(parts, height, title, standalone, width, STYLE)
    inner = Box(time.left + EDGE, time.top, time.width - 2 * EDGE, time.height)
    return Drawn(svg, inner)


def _values(shown: Shown, words: Words, width: float) -> tuple[list[str], float, Box]:
    """The values, with those that were read, beside their spikes' rows."""
    values, decoded = shown.values.ravel(), shown.decoded.ravel()
    left = 0.3 * width
    tall = min(22.0 * len(values), TALLEST)
    tall = max(tall, 4.0 * min(shown.rows, 50))
    place, raster = Box(8.0, TITLE, left - 20.0, tall), Box(left, TITLE, width - left - 8, tall)
    parts = [text(place.left, LINE, words.values), text(raster.left, LINE, words.spikes)]
    below = raster.top + tall + 18
    if len(values) <= MOST_BARS:
        parts += _bars(values, decoded, place)
        parts.append(f'<path d="M{place.left + 2:.1f} {below - 10:.1f}v11" class="read"/>')
        parts.append(text(place.left + 8, below, words.decoded))
    else:
        half = 0.5 * place.width - 2
        low, high = _extent(values)
        parts += _heat(values[:, None], Box(place.left, place.top, half, tall), low, high)
        second = Box(place.left + half + 4, place.top, half, tall)
        parts += _heat(np.nan_to_num(decoded)[:, None], second, low, high)
        parts.append(text(place.left + place.width, below, words.decoded, "", "end"))
    parts += _raster(shown, raster)
    parts += _time(raster, shown.duration, words.unit)
    return parts, tall + TITLE + AXIS, raster


def _bars(values: Floats, decoded: Floats, box: Box) -> Iterator[str]:
    """A bar for every value, and the value that was read as a mark."""
    low, high = _extent(np.concatenate([values, decoded, [0.0]]))
    each = box.height / len(values)
    thick = max(1.0, min(10.0, 0.6 * each))
    for place, (value, read) in enumerate(zip(values, decoded, strict=True)):
        middle = box.top + (place + 0.5) * each
        start, end = (_across(box, number, low, high) for number in (0.0, float(value)))
        yield (
            f'<rect x="{min(start, end):.1f}" y="{middle - thick / 2:.1f}" '
            f'width="{max(abs(end - start), 1.0):.1f}" height="{thick:.1f}" class="given"/>'
        )
        if np.isfinite(read):
            x = _across(box, float(read), low, high)
            tick = thick / 2 + 2
            yield f'<path d="M{x:.1f} {middle - tick:.1f}v{2 * tick:.1f}" class="read"/>'


def _picture(shown: Shown, words: Words, width: float) -> tuple[list[str], float, Box]:
    """The picture, below it what was read, and the raster of all pixels beside them."""
    high, wide = shown.values.shape
    side = 0.3 * width
    tall = min(side * high / wide, 2 * side)
    low, most = _extent(shown.values)
    below = TITLE + tall + TITLE + 4
    raster = Box(side + 20.0, TITLE, width - side - 28.0, 2 * tall + TITLE + 4)
    decoded = np.nan_to_num(shown.decoded.reshape(high, wide))
    parts = [
        text(8, LINE, words.values),
        *_heat(shown.values, Box(8.0, TITLE, side, tall), low, most),
        text(8, below - 6, words.decoded),
        *_heat(decoded, Box(8.0, below, side, tall), low, most),
        text(raster.left, LINE, words.spikes),
        *_raster(shown, raster),
        *_time(raster, shown.duration, words.unit),
    ]
    return parts, raster.top + raster.height + AXIS, raster


def _signal(shown: Shown, words: Words, width: float) -> tuple[list[str], float, Box]:
    """The signal with what was read, over the raster on the same axis of time."""
    values = shown.values.reshape(len(shown.values), -1)
    decoded = shown.decoded.reshape(values.shape)
    across = (8.0, width - 16.0)
    parts = [text(8, LINE, words.values)]
    top, tall = TITLE, 0.22 * width
    low, high = _extent(np.concatenate([values.ravel(), decoded.ravel()]))
    if values.shape[1] <= MOST_TRACES:
        box = Box(across[0], top, across[1], tall)
        for kind, data in (("given", values), ("read", decoded)):
            parts += [_line(data[:, k], box, low, high, kind) for k in range(data.shape[1])]
        name = text(width - 8, LINE, words.decoded, "read", "end")
        parts.append(name)
    else:
        box = Box(across[0], top, across[1], tall)
        parts += _heat(values.T[::-1], box, low, high)
    raster = Box(
        across[0], top + tall + TITLE + 4, across[1], max(24.0, min(tall, 16 * shown.rows))
    )
    # Of a sound the lowest band stands lowest, above and in the raster.
    many = values.shape[1] > MOST_TRACES
    parts += [text(8, raster.top - 6, words.spikes), *_raster(shown, raster, many)]
    bottom = raster
    if many:
        bottom = Box(across[0], raster.top + raster.height + TITLE + 4, across[1], tall)
        parts.append(text(8, bottom.top - 6, words.decoded))
        parts += _heat(decoded.T[::-1], bottom, low, high)
    parts += _time(bottom, shown.duration, words.unit)
    whole = Box(across[0], TITLE, across[1], bottom.top + bottom.height - TITLE)
    return parts, bottom.top + bottom.height + AXIS, whole


def _extent(values: Floats) -> tuple[float, float]:
    """Smallest and largest finite value; never the same."""
    found = values[np.isfinite(values)]
    low, high = (float(found.min()), float(found.max())) if found.size else (0.0, 1.0)
    return (low, high) if high - low > EMPTY else (low, low + 1.0)


def _across(box: Box, value: float, low: float, high: float) -> float:
    return box.left + (value - low) / (high - low) * box.width


def _line(values: Floats, box: Box, low: float, high: float, kind: str) -> str:
    """A trace whose samples stand in the middle of their steps; for many, what a pixel sees."""
    x = box.left + (np.arange(len(values)) + 0.5) / len(values) * box.width
    y = box.top + box.height * (1.0 - (values - low) / (high - low))
    if len(values) > 2 * box.width:  # the least and the most of every pixel, in turn
        edges = np.linspace(0, len(values), int(box.width) + 1).astype(int)[:-1]
        ends = [np.minimum.reduceat(y, edges), np.maximum.reduceat(y, edges)]
        x, y = np.repeat(x[edges], 2), np.stack(ends, 1).ravel()
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    return f'<polyline points="{points}" class="{kind}"/>'


def _heat(values: Floats, box: Box, low: float, high: float) -> Iterator[str]:
    """A picture in a few shades, a path each; of more rows than pixels every second, third ..."""
    down, across = (
        max(1, int(np.ceil(count / room)))
        for count, room in zip(values.shape, (box.height, box.width), strict=True)
    )
    shade = np.clip((values[::down, ::across] - low) / (high - low), 0.0, 1.0)
    level = np.rint(shade * (SHADES - 1)).astype(int)
    yield (
        f'<rect x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" class="ground"/>'
    )
    wide, tall = box.width / level.shape[1], box.height / level.shape[0]
    for each in range(1, SHADES):
        runs = "".join(
            f"M{box.left + start * wide:.1f} {box.top + row * tall:.1f}"
            f"h{(stop - start) * wide:.1f}v{tall:.1f}h{-(stop - start) * wide:.1f}z"
            for row, start, stop in _runs(level == each)
        )
        if runs:
            opacity = each / (SHADES - 1)
            yield f'<path d="{runs}" class="shade" fill-opacity="{opacity:.2f}"/>'


def _runs(mask: NDArray[np.bool_]) -> Iterator[tuple[int, int, int]]:
    """(row, start, stop) of everything that is set, joined along rows."""
    padded = np.pad(mask.astype(np.int8), ((0, 0), (1, 1)))
    change = np.diff(padded, axis=1)
    rows, starts = np.nonzero(change == 1)
    _, stops = np.nonzero(change == -1)
    yield from zip(rows.tolist(), starts.tolist(), stops.tolist(), strict=True)


def _raster(shown: Shown, box: Box, upwards: bool = False) -> Iterator[str]:
    """A stroke a spike, a row a sender; spikes down are of another colour."""
    yield (
        f'<rect x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" class="ground"/>'
    )
    each = box.height / max(shown.rows, 1)
    tall = max(2.0 if shown.rows > 200 else 3.5, min(0.7 * each, 14.0))
    few = slice(None, None, max(1, -(-len(shown.times) // MOST_SPIKES)))
    share = np.clip(shown.times[few] / shown.duration, 0.0, 1.0)
    x = box.left + EDGE + share * (box.width - 2 * EDGE)
    row = shown.senders[few]
    row = shown.rows - 1 - row if upwards else row
    y = box.top + (row + 0.5) * each - tall / 2
    down = np.zeros(len(x), bool) if shown.signs is None else shown.signs[few] < 0
    for kind, chosen in (("up", ~down), ("down", down)):
        marks = "".join(
            f"M{a:.1f} {b:.1f}v{tall:.1f}" for a, b in zip(x[chosen], y[chosen], strict=True)
        )
        if marks:
            yield f'<path d="{marks}" class="spike {kind}"/>'


def _time(box: Box, duration: float, unit: str) -> Iterator[str]:
    """Both ends of the axis of time."""
    y = box.top + box.height + LINE
    yield text(box.left, y, "0", "tick")
    yield text(box.left + box.width, y, f"{duration:.4g} {unit}", "tick", "end")
