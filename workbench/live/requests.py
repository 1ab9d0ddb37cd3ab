"""What a browser asks of the live view, none of it to be trusted: sizes, kinds, rewards."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from engine.document.structure import TILES
from workbench.live.frames import WINDOW_MOST
from workbench.live.learning import KINDS

PIXELS = (16, 8192)  # least and most of a side that a browser may ask for
WINDOW_LEAST = 10.0  # ms


@dataclass(frozen=True)
class View:
    """What a browser shows: its number for it, window in ms, and plot sizes in device pixels.

    A tile that is closed has no size.
    """

    id: int
    window: float
    raster: tuple[int, int, int] | None  # columns, rows, gap between populations
    traces: int | None
    rates: int | None


def view_of(data: Any) -> View:
    """The view that a browser asks for; ValueError for anything that is not one."""
    try:
        number, window = int(data["id"]), float(data["window"])
        columns = {name: _side(data[name], "columns") for name in ("raster", "traces", "rates")}
        rows, gap = _side(data["raster"], "rows"), int((data["raster"] or {"gap": 0})["gap"])
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError("a view lacks a number") from error
    if not WINDOW_LEAST <= window <= WINDOW_MOST or not 0 <= gap <= (rows or 0):
        raise ValueError("the window or the gap is out of range")
    across = columns["raster"]
    sides = None if across is None or rows is None else (across, rows, gap)
    return View(number, window, sides, columns["traces"], columns["rates"])


def _side(asked: Any, name: str) -> int | None:
    """A side of a tile's plot in pixels; None of one that is closed."""
    if asked is None:
        return None
    side, (low, high) = int(asked[name]), PIXELS
    if not low <= side <= high:
        raise ValueError(f"a side is outside {low} to {high} pixels")
    return side


@dataclass(frozen=True)
class LearningView:
    """What a browser shows of a connection that learns: a kind of view, in device pixels."""

    kind: str
    columns: int
    rows: int


def learning_view_of(data: Any) -> LearningView:
    """The view of learning that a browser asks for; ValueError for anything that is not one."""
    try:
        sides = int(data["columns"]), int(data["rows"])
        kind = data["kind"]
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError("a view of learning lacks a number") from error
    if kind not in KINDS or not all(1 <= side <= PIXELS[1] for side in sides):
        raise ValueError("a view of learning is of no kind or size that there is")
    return LearningView(kind, *sides)


def reward_of(data: Any) -> tuple[str, float]:
    """The connection that a person rewards, and the amount; ValueError for anything else."""
    try:
        edge, amount = data["edge"], float(data["amount"])
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError("a reward lacks its amount") from error
    if not isinstance(edge, str) or not math.isfinite(amount):
        raise ValueError("a reward is of no connection or amount that there is")
    return edge, amount


def tiles_chosen(data: Any) -> list[str]:
    """The tiles that a person wants open, in order; ValueError for anything else."""
    if not isinstance(data, list) or not all(isinstance(name, str) for name in data):
        raise ValueError("a choice of tiles is no list of names")
    return data[: len(TILES)]
