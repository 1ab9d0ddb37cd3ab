"""Plots as SVG text: ratios as dots with their spread, bars, lines over decades.

Colours are the tokens of `workbench.theme`; a drawing inside a page follows the page's theme, a
drawing in a file of its own (``standalone``) follows the system's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby

from workbench.theme import DARK, LIGHT, POPULATIONS, variables

WIDTH = 880  # user units; a page shows them one to one where there is room
LEFT, RIGHT = (150, 340), 120  # for the labels of lanes (at least, at most), and for their numbers
LETTER = 6.6  # of a label, on average
LANE, GAP, AXIS = 22, 12, 34
BAR = 10
PLOT, PLOT_LEFT, PLOT_RIGHT = 300, 64, 200  # height and margins of lines

STYLE = """svg.plot{display:block;width:100%;max-width:880px;height:auto}
.plot text{font:12px var(--wb-font);fill:var(--wb-secondary)}
.plot .group{fill:var(--wb-text);font-weight:600;
paint-order:stroke;stroke:var(--wb-surface);stroke-width:8px}
.plot .number{font:12px var(--wb-mono);fill:var(--wb-text)}
.plot .tick{font:11px var(--wb-mono);fill:var(--wb-quiet)}
.plot .grid{stroke:var(--wb-line);stroke-width:1}
.plot .one{stroke:var(--wb-tertiary);stroke-width:1}
.plot .reach{stroke:var(--wb-text);stroke-width:2}
.plot .spread{stroke-width:2;stroke-opacity:.45}
.plot .fit{fill:none;stroke-width:1.5;stroke-opacity:.55}
""" + "".join(
    f".plot .c{place}{{fill:{colour};stroke:{colour}}}\n"
    f".plot .c{place}.hollow{{fill:var(--wb-surface);stroke-width:2}}\n"
    for place, colour in enumerate(POPULATIONS)
)


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
            parts.append(_text(0, down + 15, group, "group"))
            down += LANE
        for lane in members:
            middle = down + LANE / 2
            label = _shortened(lane.label, left - 20)
            parts.append(_text(left - 14, middle + 4, label, anchor="end"))
            parts += [draw(mark, across, middle) for mark in lane.marks]
            if lane.bound is not None:
                parts.append(_reach(across(lane.bound), middle, lane))
            parts.append(_text(WIDTH - RIGHT + 14, middle + 4, _numbers(lane), "number"))
            down += LANE
        down += GAP
    frame = [_axis(across(tick), down, tick) for tick in scale.ticks]
    if scale.one:
        frame.append(_rule(across(1.0), 0, down, "one"))
    return _svg([*frame, *parts], down + AXIS - GAP, title, standalone)


def _shortened(label: str, room: float) -> str:
    most = int(room / LETTER)
    return label if len(label) <= most else f"{label[: most - 1]}…"


def _numbers(lane: Lane) -> str:
    return " · ".join(number(mark.value) for mark in lane.marks)


def _axis(x: float, bottom: float, tick: float) -> str:
    return _rule(x, 0, bottom, "grid") + _text(x, bottom + 15, f"{tick:g}", "tick", "middle")


def _reach(x: float, middle: float, lane: Lane) -> str:
    said = f"to reach: {'≤' if lane.at_most else '≥'} {lane.bound:g}"
    return f"<g><title>{said}</title>{_rule(x, middle - 8, middle + 8, 'reach')}</g>"


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

    parts = [_text(PLOT_LEFT, 12, y_label)]
    for tick in up.ticks:
        y, right = down(tick), WIDTH - PLOT_RIGHT
        ends = f'x1="{PLOT_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"'
        parts.append(f'<line {ends} class="grid"/>')
        parts.append(_text(PLOT_LEFT - 8, y + 4, f"{tick:g}", "tick", "end"))
    for tick in along.ticks:
        parts.append(_rule(across(tick), top, bottom, "grid"))
        parts.append(_text(across(tick), bottom + 16, _short(tick), "tick", "middle"))
    parts.append(_text(WIDTH - PLOT_RIGHT, bottom + 34, x_label, anchor="end"))
    parts += _curves(found, across, down)
    return _svg(parts, bottom + 42, title, standalone)


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
        yield _text(label + 10, height + 4, line.label)


def _short(value: float) -> str:
    """A count on an axis: 10 k, 1 M."""
    for factor, letter in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= factor:
            return f"{value / factor:g}{letter}"
    return f"{value:g}"


def _rule(x: float, top: float, bottom: float, kind: str) -> str:
    return f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}" class="{kind}"/>'


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "") -> str:
    attributes = f' class="{kind}"' if kind else ""
    attributes += f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{attributes}>{escape(words)}</text>'


def _svg(parts: Iterable[str], height: float, title: str, standalone: bool) -> str:
    size = f'viewBox="0 0 {WIDTH} {height:.0f}"'
    begin = f'<svg class="plot" role="img" {size} aria-label="{escape(title)}"'
    if not standalone:
        return f"{begin}>{''.join(parts)}</svg>"
    named = ' xmlns="http://www.w3.org/2000/svg"'  # a name, not an address: nothing is fetched
    colours = (
        f"svg{{{variables(LIGHT)}}}\n@media (prefers-color-scheme:dark){{svg{{{variables(DARK)}}}}}"
    )
    size = f'width="{WIDTH}" height="{height:.0f}"'
    ground = '<rect width="100%" height="100%" rx="8" style="fill:var(--wb-surface)"/>'
    body = "\n".join(parts)
    return f"{begin}{named} {size}>\n<style>{colours}\n{STYLE}</style>\n{ground}\n{body}\n</svg>\n"
