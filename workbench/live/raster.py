"""The raster: every neuron of every population, reduced to the pixels that can show it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.live.axis import TimeAxis
from workbench.live.frames import Body
from workbench.live.recording import LiveRecording

LEAST_SHARE = 0.06  # of the height for the smallest population, so that ten neurons stay visible


@dataclass(frozen=True)
class Rows:
    """Where neurons stand: device pixel row of each, and top and height of each population."""

    height: int
    row_of: NDArray[np.uint16]
    groups: tuple[tuple[str, int, int], ...]  # id, top, height


def rows(sizes: dict[str, int], height: int, gap: int) -> Rows:
    """Stack populations over ``height`` device pixels, in order, ``gap`` pixels apart.

    Heights are proportional to sizes, but none is below ``LEAST_SHARE`` of what there is.
    """
    if not sizes:
        return Rows(height, np.empty(0, np.uint16), ())
    gap = min(gap, height // (3 * len(sizes)))
    room = height - gap * (len(sizes) - 1)
    share = np.array(list(sizes.values()), float)
    share = np.maximum(share / share.sum(), min(LEAST_SHARE, 0.5 / len(sizes)))
    edges = np.rint(np.concatenate([[0.0], np.cumsum(share / share.sum())]) * room).astype(int)
    groups, places = [], []
    for place, (node, size) in enumerate(sizes.items()):
        top, tall = int(edges[place]) + gap * place, int(edges[place + 1] - edges[place])
        groups.append((node, top, tall))
        middle = (np.arange(size) + 0.5) * tall / size
        places.append(top + np.minimum(middle.astype(int), max(0, tall - 1)))
    row_of = np.clip(np.concatenate(places), 0, height - 1).astype(np.uint16)
    return Rows(height, row_of, tuple(groups))


def take(
    recording: LiveRecording, axis: TimeAxis, placed: Rows, since: int | None, body: Body
) -> dict[str, object]:
    """Add all columns from ``since`` on to ``body`` and describe them.

    The newest column is still filling: it is sent again with the next frame, and columns replace
    those of the same number, so no spike is lost or counted twice.  Few spikes go as points (column
    and row, uint16 each), many as counts of every pixel (uint8[columns, height]).
    """
    first, stop = axis.shown(recording.steps)
    first = first if since is None else min(stop, max(first, since))
    steps, neurons = recording.spikes.since(axis.first_step(first))
    column = axis.columns_of(steps) - first
    row = placed.row_of[neurons]
    head: dict[str, object] = {"first": first, "stop": stop, "settled": max(0, stop - 1)}
    if 4 * column.size <= (stop - first) * placed.height:
        body.add("raster.x", column.astype(np.uint16))
        body.add("raster.y", row)
        return head
    pixels = np.bincount(column * placed.height + row, minlength=(stop - first) * placed.height)
    body.add("raster.strip", np.minimum(pixels, 255).astype(np.uint8))
    return head
