"""The recorders of one run: fed with chunks, they become the results of nodes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from engine.document import Document, Recorder, replace
from engine.document.structure import WEIGHTS, WEIGHTS_EVERY
from engine.runtime.build import Built, Monitor
from engine.runtime.plan import Chunk
from engine.runtime.recorders import (
    Intervals,
    RateKeeper,
    SpikeKeeper,
    StateKeeper,
    sample_every,
)
from engine.runtime.result import NodeResult
from engine.runtime.weight_courses import WeightCourses

SPIKES, RATE = "spikes", "rate"
RATE_BIN = 1.0  # ms, of a rate recorder without an interval


def merged(document: Document, recorders: Iterable[Recorder]) -> list[Recorder]:
    """One recorder for each node and variable: all members asked for, at the shortest interval."""
    found: dict[tuple[str, str], Recorder] = {}
    for recorder in recorders:
        key = (recorder.node, recorder.variable)
        found[key] = _both(document, found[key], recorder) if key in found else recorder
    return list(found.values())


def _both(document: Document, first: Recorder, second: Recorder) -> Recorder:
    members = None
    if first.members is not None and second.members is not None:
        node = document.node(first.node)
        size = 0 if node is None else node.size  # of an edge: parts that are chosen need none
        members = sorted({*first.indices(size), *second.indices(size)})
    default = WEIGHTS_EVERY if first.variable == WEIGHTS else None
    intervals = (first.interval or default, second.interval or default)
    interval = None if None in intervals else min(filter(None, intervals))
    return replace(first, members=members, interval=interval)


def monitors_of(document: Document, recorders: Iterable[Recorder]) -> list[Monitor]:
    """The monitors that (merged) recorders of states need, in order."""
    return [
        (
            recorder.node,
            recorder.variable,
            tuple(recorder.indices(document.nodes_by_id[recorder.node].size)),
            sample_every(recorder, document.simulation.dt),
        )
        for recorder in recorders
        if recorder.variable not in (SPIKES, RATE, WEIGHTS)
    ]


class Recording:
    """All that one run keeps."""

    def __init__(
        self,
        document: Document,
        recorders: Sequence[Recorder],
        built: Built,
        first_monitor: int = 0,
    ) -> None:
        """``recorders`` are merged; their monitors stand in the plan from ``first_monitor`` on."""
        self.document, self.built = document, built
        self.dt = built.plan.dt
        counted = {node.id for node in document.populations}
        self.spikes: dict[str, SpikeKeeper] = {}
        self.rates: dict[str, RateKeeper] = {}
        self.states: dict[tuple[str, str], StateKeeper] = {}
        self.first_step: int | None = None
        place = first_monitor
        counted |= {entry.node for entry in recorders if entry.variable == SPIKES}
        self.intervals = {
            node.id: Intervals(node.size) for node in document.nodes if node.id in counted
        }
        self.weights = WeightCourses(recorders, built)
        for recorder in recorders:
            if recorder.variable == WEIGHTS:
                continue
            node = document.nodes_by_id[recorder.node]
            if recorder.variable == SPIKES:
                members = None
                if recorder.members is not None:
                    members = np.asarray(recorder.indices(node.size), np.int64)
                self.spikes[node.id] = SpikeKeeper(node.size, members)
            elif recorder.variable == RATE:
                every = sample_every(recorder, self.dt, RATE_BIN)
                self.rates[node.id] = RateKeeper(node.size, every)
            else:
                keeper = StateKeeper(built.plan.monitors[place], place, node.size)
                self.states[node.id, recorder.variable] = keeper
                place += 1

    def take(self, chunk: Chunk) -> None:
        """Keep what is wanted of the next chunk."""
        if self.first_step is None:
            self.first_step = chunk.start
        for node in {*self.intervals, *self.spikes, *self.rates}:
            found = chunk.spikes.get(self.built.emitter(node))
            if found is None:
                continue
            steps, senders = found
            if node in self.intervals:
                self.intervals[node].take(steps, senders)
            if node in self.spikes:
                self.spikes[node].take(steps, senders)
            if node in self.rates:
                end = chunk.start + chunk.steps - self.first_step
                self.rates[node].take(steps - self.first_step, end)
        for keeper in self.states.values():
            keeper.take(chunk)

    def results(self, steps: int) -> dict[str, NodeResult]:
        """What was kept in ``steps`` steps, by node."""
        duration, first = round(steps * self.dt, 9), self.first_step or 0
        start = round(first * self.dt, 9)
        found = {
            node.id: NodeResult(node.id, node.size, duration, start) for node in self.document.nodes
        }
        for node, intervals in self.intervals.items():
            found[node].total, found[node].cv = intervals.total, intervals.cv()
        for node, keeper in self.spikes.items():
            found[node].recorded = keeper.result(self.dt)
            found[node].members = keeper.members
        for node, keeper in self.rates.items():
            found[node].traces[RATE] = keeper.result(self.dt, first)
        for (node, variable), keeper in self.states.items():
            found[node].traces[variable] = keeper.result(self.dt, first)
        return found
