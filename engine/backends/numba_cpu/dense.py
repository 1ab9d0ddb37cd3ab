"""Which projections take a dense form; `dense_layout.py` makes the arrays that it needs.

Projections whose synapses share a delay are added row by row of those sources that spiked.  Where
the rows are dense there is something better than an index for every synapse: with one weight for
all, a bit for every pair (`counting.py`); with a weight for each and every target in every row, no
index at all.  Which it is depends on the plan alone, so that sums round alike for any threads.
"""

from __future__ import annotations

import numpy as np

from engine.backends.numba_cpu import layout as tables
from engine.runtime.plan import Connections, Constant, ProjectionPlan

LEAST_DENSITY = 1 / 16  # synapses a pair: from here on a bit a pair is less than 16 bits a synapse
MOST_COMPARED = 1 << 22  # synapses compared at a time


def form(connections: Connections, weight: Constant) -> int:
    """The kind of a projection with one delay: `LIST_ROWS`, `LIST_COUNTS` or `LIST_FULL`."""
    if np.ndim(weight):
        return tables.LIST_ROWS if targets_left_out(connections) is None else tables.LIST_FULL
    pairs = connections.sources * connections.targets
    dense = connections.synapses >= LEAST_DENSITY * pairs > 0
    return tables.LIST_COUNTS if dense else tables.LIST_ROWS


def counts_spikes(plan: ProjectionPlan) -> bool:
    """Whether the projection's rows are made rows of bits."""
    connections = plan.connections
    if (
        plan.one_to_one
        or connections is None
        or np.ndim(connections.delay)
        or plan.release
        or plan.gap
    ):
        return False
    return form(connections, connections.weight) == tables.LIST_COUNTS


def targets_left_out(connections: Connections) -> int | None:
    """0 if every row has every target, 1 if all but that of the source's own number, else None."""
    sources, targets = connections.sources, connections.targets
    if connections.synapses == sources * targets > 0:
        return 0 if _in_order(connections, targets) else None
    if sources == targets and connections.synapses == sources * (targets - 1) > 0:
        return 1 if _in_order(connections, targets - 1) else None
    return None


def _in_order(connections: Connections, length: int) -> bool:
    """Whether every row has ``length`` targets: all of them, or all but its own, ascending."""
    if (np.diff(connections.row) != length).any():
        return False
    rows = connections.target.reshape(connections.sources, length)
    columns = np.arange(length)
    at_once = max(1, MOST_COMPARED // length)
    for first in range(0, connections.sources, at_once):
        part = rows[first : first + at_once]
        expected = columns
        if length < connections.targets:
            expected = columns + (columns >= np.arange(first, first + len(part))[:, None])
        if (part != expected).any():
            return False
    return True
