"""Plots as SVG text: ratios as dots with their spread, bars, lines over decades.

A drawing inside a page follows the page's theme, a ``standalone`` one the system's: see `svg.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from workbench.svg import WIDTH, drawing, rule, text
from workbench.theme import POPULATIONS

LEFT, RIGHT = (150, 340), 120  # for the labels of lanes (at least, at most), and for their numbers
LETTER = 6.6  # of a label, on average
LANE, GAP, AXIS = 22, 12, 34
BAR = 10
PLOT, PLOT_LEFT, PLOT_RIGHT = 300, 64, 200  # height and margins of lines


@dataclass(frozen=True)
class Mark:
    """A value with its spread; ``hollow`` tells a second kind of the same colour."""

    value: float
    low: float
    high: float
    colour: int = 0
    hollow: bool = False


@dataclass(frozen=True)
class Lane:
    """A line of a plot: what it is, its marks, and the bound it should reach."""

    group: str
    label: str
    marks: Sequence[Mark]
    bound: float | None = None
    at_most: bool = False


@dataclass(frozen=True)
class Line:
    """Points over two axes; ``fit`` are the values of a fitted line at the same places."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    fit: Sequence[float] = field(default=())


def number(value: float) -> str:
    """Three digits, without exponents where a person would write none."""
    if not value:
        return "0"
    if not 1e-3 <= abs(value) < 1e6:
        return f"{value:.2e}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")
    return f"{value:,.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def dots(lanes: Sequence[Lane], title: str, standalone: bool = False) -> str:
    """Ratios on an axis of decades, 1 marked; whiskers are the lowest and the highest."""
    return _lanes(lanes, title, _decades(lanes), _dot, standalone)


def bars(lanes: Sequence[Lane], title: str, standalone: bool = False, one: bool = True) -> str:
    """Values from zero, 1 marked where they are ratios; whiskers are the lowest and the highest."""
    return _lanes(lanes, title, _linear(lanes, one), _bar, standalone)


@dataclass(frozen=True)
class _Scale:
    """A place in 0..1 for a value, and the values that are marked on the axis."""

    place: Callable[[float], float]
    ticks: Sequence[float]
    one: bool = True  # whether 1 is worth a line of its own


def _values(lanes: Iterable[Lane]) -> Iterator[float]:
    for lane in lanes:
        yield from (value for mark in lane.marks for value in (mark.low, mark.value, mark.high))
        if lane.bound is not None:
            yield lane.bound


def _decades(lanes: Sequence[Lane]) -> _Scale:
    positive = [value for value in _values(lanes) if value > 0]
    return _log_scale(min(1.0, *positive), max(1.0, *positive), margin=0.04)


def _log_scale(low: float, high: float, margin: float) -> _Scale:
    first, last = math.log10(low), math.log10(high)
    first, last = first - margin * (last - first + 0.3), last + margin * (last - first + 0.3)
    wide = last - first > 2.6
    steps = (1,) if wide else (1, 2, 5)
    ticks = [
        step * 10.0**decade
        for decade in range(math.floor(first), math.ceil(last) + 1)
        for step in steps
        if first <= math.log10(step) + decade <= last
    ]
    return _Scale(lambda value: (math.log10(max(value, low)) - first) / (last - first), ticks)


def _linear(lanes: Sequence[Lane], one: bool) -> _Scale:
    high = max(_values(lanes), default=1.0) or 1.0
    step = next(
        step * 10.0**decade
        for decade in range(-9, 13)
        for step in (1, 2, 5)
        if high / (step * 10.0**decade) <= 6
    )
    ticks = [step * place for place in range(math.floor(high / step) + 1)]
    return _Scale(lambda value: value / (1.04 * high), ticks, one=one and high >= 1)


def _lanes(
    lanes: Sequence[Lane],
    title: str,
    scale: _Scale,
    draw: Callable[[Mark, Callable[[float], float], float], str],
    standalone: bool,
) -> str:
    """Lanes under each other, grouped, with an axis below."""
    longest = max((len(lane.label) for lane in lanes), default=0)
    left = min(max(LETTER * longest + 20, LEFT[0]), LEFT[1])

    def across(value: float) -> float:
        return left + scale.place(value) * (WIDTH - left - RIGHT)

    parts, down = [], 6.0
    for group, members in groupby(lanes, key=lambda lane: lane.group):
        if group:
            parts.append(text(0, down + 15, group, "group"))
            down += LANE
        for lane in members:
            middle = down + LANE / 2
            label = _shortened(lane.label, left - 20)
            parts.append(text(left - 14, middle + 4, label, anchor="end"))
            parts += [draw(mark, across, middle) for mark in lane.marks]
            if lane.bound is not None:
                parts.append(_reach(across(lane.bound), middle, lane))
            parts.append(text(WIDTH - RIGHT + 14, middle + 4, _numbers(lane), "number"))
            down += LANE
        down += GAP
    frame = [_axis(across(tick), down, tick) for tick in scale.ticks]
    if scale.one:
        frame.append(rule(across(1.0), 0, down, "one"))
    return drawing([*frame, *parts], down + AXIS - GAP, title, standalone)


def _shortened(label: str, room: float) -> str:
    most = int(room / LETTER)
    return label if len(label) <= most else f"{label[: most - 1]}…"


def _numbers(lane: Lane) -> str:
    return " · ".join(number(mark.value) for mark in lane.marks)


def _axis(x: float, bottom: float, tick: float) -> str:
    return rule(x, 0, bottom, "grid") + text(x, bottom + 15, f"{tick:g}", "tick", "middle")


def _reach(x: float, middle: float, lane: Lane) -> str:
    said = f"to reach: {'≤' if lane.at_most else '≥'} {lane.bound:g}"
    return f"<g><title>{said}</title>{rule(x, middle - 8, middle + 8, 'reach')}</g>"


def _dot(mark: Mark, across: Callable[[float], float], middle: float) -> str:
    shape = f'<circle cx="{across(mark.value):.1f}" cy="{middle:.1f}" r="4.5"'
    return f'{_whisker(mark, across, middle)}{shape} class="{_kind(mark)}"/>'


def _bar(mark: Mark, across: Callable[[float], float], middle: float) -> str:
    begin, end = across(0.0), across(mark.value)
    return (
        f'<rect x="{begin:.1f}" y="{middle - BAR / 2:.1f}" width="{max(end - begin, 1):.1f}" '
        f'height="{BAR}" rx="2" class="{_kind(mark)}" fill-opacity=".8" stroke="none"/>'
        f"{_whisker(mark, across, middle)}"
    )


def _kind(mark: Mark) -> str:
    return f"c{mark.colour % len(POPULATIONS)}{' hollow' if mark.hollow else ''}"


def _whisker(mark: Mark, across: Callable[[float], float], middle: float) -> str:
    if mark.low == mark.high:
        return ""
    kind = f"spread c{mark.colour % len(POPULATIONS)}"
    return (
        f'<line x1="{across(mark.low):.1f}" x2="{across(mark.high):.1f}" y1="{middle:.1f}" '
        f'y2="{middle:.1f}" class="{kind}"/>'
    )


def lines(
    found: Sequence[Line], title: str, x_label: str, y_label: str, standalone: bool = False
) -> str:
    """Points and fitted lines over two axes of decades; labels stand beside the last points."""
    xs = [value for line in found for value in line.x if value > 0]
    ys = [value for line in found for value in (*line.y, *line.fit) if value > 0]
    along, up = _log_scale(min(xs), max(xs), 0.03), _log_scale(min(ys), max(ys), 0.05)
    top, bottom = 26.0, 26.0 + PLOT

    def across(value: float) -> float:
        return PLOT_LEFT + along.place(value) * (WIDTH - PLOT_LEFT - PLOT_RIGHT)

    def down(value: float) -> float:
        return bottom - up.place(value) * PLOT

    parts = [text(PLOT_LEFT, 12, y_label)]
    for tick in up.ticks:
        y, right = down(tick), WIDTH - PLOT_RIGHT
        ends = f'x1="{PLOT_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"'
        parts.append(f'<line {ends} class="grid"/>')
        parts.append(text(PLOT_LEFT - 8, y + 4, f"{tick:g}", "tick", "end"))
    for tick in along.ticks:
        parts.append(rule(across(tick), top, bottom, "grid"))
        parts.append(text(across(tick), bottom + 16, _short(tick), "tick", "middle"))
    parts.append(text(WIDTH - PLOT_RIGHT, bottom + 34, x_label, anchor="end"))
    parts += _curves(found, across, down)
    return drawing(parts, bottom + 42, title, standalone)


def _curves(
    found: Sequence[Line], across: Callable[[float], float], down: Callable[[float], float]
) -> Iterator[str]:
    taken: list[float] = []  # heights of labels so far: two never stand on each other
    for place, line in enumerate(found):
        kind = f"c{place % len(POPULATIONS)}"
        if line.fit:
            points = sorted(zip(line.x, line.fit, strict=True))
            path = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in points)
            yield f'<polyline points="{path}" class="{kind} fit" style="fill:none"/>'
        for x, y in zip(line.x, line.y, strict=True):
            yield f'<circle cx="{across(x):.1f}" cy="{down(y):.1f}" r="4" class="{kind}"/>'
        height = down(max(zip(line.x, line.y, strict=True))[1])
        while any(abs(height - other) < 16 for other in taken):
            height += 4
        taken.append(height)
        label = WIDTH - PLOT_RIGHT + 16
        yield f'<circle cx="{label:.1f}" cy="{height:.1f}" r="4" class="{kind}"/>'
        yield text(label + 10, height + 4, line.label)


def _short(value: float) -> str:
    """A count on an axis: 10 k, 1 M."""
    for factor, letter in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= factor:
            return f"{value / factor:g}{letter}"
    return f"{value:g}"
