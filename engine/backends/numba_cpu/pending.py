"""Spikes on their way when a weight changes: they keep the weight they were sent with.

Where all synapses of a projection share a delay, spikes wait in a list and meet the weight when
they arrive.  Before a weight changes, those still waiting are therefore put into the ring of their
port with the old weight, and the projection takes from its list only what is sent from now on.
"""

from __future__ import annotations

import numpy as np

from engine.backends.numba_cpu import layout as tables
from engine.backends.numba_cpu.network import Layout
from engine.runtime.plan import ProjectionPlan

WAITING = (
    tables.LIST_ROWS,
    tables.LIST_COUNTS,
    tables.LIST_FULL,
    tables.LIST_ONE,
    tables.COUNT_ONE,
)


def settle(
    layout: Layout, index: int, step: int, spikes: tuple[np.ndarray, np.ndarray] | None
) -> None:
    """Put what waits for projection ``index`` before ``step`` into the ring of its port.

    ``spikes`` are the steps and senders of its emitter that may still be on their way; None for a
    Poisson source whose counts are kept instead.
    """
    plan, record = layout.plan.projections[index], layout.projections[layout.place[index]]
    if record["kind"] not in WAITING:
        return
    delay = int(record["delay"])
    first = max(int(record["since"]), step - delay)
    record["since"] = step
    if spikes is None:
        spikes = counted(layout, int(record["current"]), first, step)
    steps, senders = spikes
    waits = steps >= first
    steps, senders = steps[waits], senders[waits].astype(np.int64)
    if not steps.size:
        return
    if not plan.one_to_one:
        steps, senders = _synapses(plan, steps, senders)
        target = np.asarray(plan.connections.target)[senders] if plan.connections else senders
    else:
        target = senders
    ring = layout.ring_of(plan.target, plan.port)
    weights = layout.arrays.get(("projection", layout.place[index], "weights"))
    weight = layout.dtype.type(record["weight"]) if weights is None else weights[senders]
    np.add.at(ring, ((steps + delay) % len(ring), target), weight)


def counted(layout: Layout, source: int, first: int, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Spikes of a Poisson source in steps [first, step), each as often as it was counted."""
    counts = layout.array("source", source, "counts")
    steps = np.arange(max(first, 0), step)
    rows = counts[steps % len(counts), : layout.plan.sources[source].size]
    at, senders = np.nonzero(rows)
    often = rows[at, senders]
    return np.repeat(steps[at], often), np.repeat(senders, often)


def _synapses(
    plan: ProjectionPlan, steps: np.ndarray, senders: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Step and synapse of every spike at every synapse of its sender."""
    if plan.connections is None:
        return steps, senders
    row = plan.connections.row
    length = row[senders + 1] - row[senders]
    before = np.cumsum(length) - length
    within = np.arange(int(length.sum())) - np.repeat(before, length)
    return np.repeat(steps, length), np.repeat(row[senders], length) + within
