"""A liquid and its input, drawn while it listens."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.learning import Heard
from engine.learning.liquids import GRIDS, INPUT_ID, LABELS, LINES
from workbench.curves import Curve, Panel

SHOWN = {INPUT_ID: LINES, "exc": 80, "inh": 20}  # members that are drawn
GAP = 4  # rows between two groups
NODES = (*GRIDS, INPUT_ID)


def raster(heard: Sequence[Heard], begin: float = 0.0) -> Panel:
    """Spikes of the moments ``heard`` from ``begin`` [ms] on: the input, below some neurons."""
    curves, row = [], 0
    for colour, (name, count) in enumerate(SHOWN.items()):
        times = np.concatenate([np.zeros(0), *(one.times[name] for one in heard)])
        senders = np.concatenate([np.zeros(0), *(one.senders[name] for one in heard)])
        few = (senders < count) & (times > begin)
        label = LABELS.get(name, name).lower()
        curves.append(Curve(times[few] - begin, row + senders[few], label, "ticks", colour))
        row += count + GAP
    return Panel(curves, "ms", f"input (0 to {LINES - 1}), some neurons", 260.0)
