"""What a live run shows of the connections that learn: looked at between two slices.

Looking costs time in which the network stands still, so it is rationed: the watch knows how long
the last look took and takes the next when that is a small share of the time since.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.document import Document, Edge
from engine.document.memo import remembered
from engine.document.plasticity import bounds_of_rule, weight_unit, weights_change
from engine.runtime import Simulation
from engine.runtime.plan import Chunk, Connections, PlasticityPlan
from workbench.live.error_history import ErrorHistory
from workbench.live.frames import RATE, WINDOW_MOST, Body
from workbench.live.pairs import SAMPLED, PairHistory, RuleWindow
from workbench.live.reward_history import RewardHistory
from workbench.live.synapses import Picture, fields, grid_of, matrix, senders_of, share_of

log = logging.getLogger(__name__)

LOOKS = 10.0  # a second at most, but at what scrolls: weights change slowly beside it
SHARE = 0.04  # of the time of a run that looking may take
BIN = 6  # pixels of a bar of the histogram, about
MOST_BINS, FEWEST_BINS = 64, 16
COUNTED = 1 << 16  # synapses of a histogram; of more an even share
HISTOGRAM, MATRIX, FIELDS, REWARDS = "histogram", "matrix", "fields", "rewards"
WINDOW, ERRORS = "window", "errors"
KINDS = (HISTOGRAM, MATRIX, FIELDS, WINDOW, REWARDS, ERRORS)
LEVELS = 254.0  # shades of a picture: 1 to 255, 0 is empty
ROOM = 0.04  # share of the range beyond the outermost weights

Seen = tuple[dict[str, Any], dict[str, NDArray]]  # for the header of a frame, and for its body


@dataclass(frozen=True)
class Wish:
    """What a browser wants to see: which kind of view of which edge, in how many pixels."""

    edge: str
    kind: str
    columns: int
    rows: int


@dataclass(frozen=True)
class Look:
    """What was seen: numbers for the header of a frame and arrays for its body."""

    wish: Wish
    number: int  # counts the looks of a run
    head: dict[str, Any]
    arrays: dict[str, NDArray]

    def add_to(self, body: Body) -> dict[str, Any]:
        """Put the arrays into the body of a frame; the entry of its header."""
        for name, array in self.arrays.items():
            body.add(f"learning.{name}", array)
        return {"edge": self.wish.edge, "kind": self.wish.kind, **self.head}


@dataclass
class Extent:
    """The range that is drawn: it grows at once and shrinks when less than half is used."""

    low: float = 0.0
    high: float = 1.0

    def hold(self, low: float, high: float, room: float = ROOM) -> None:
        """Let the range reach from ``low`` to ``high`` at least, with room for more."""
        room = room * (high - low) or 0.5 * abs(high) or 1.0
        inside = self.low <= low and high <= self.high
        if not inside or high - low + 2 * room < 0.5 * (self.high - self.low):
            self.low, self.high = low - room, high + room


@dataclass
class Learner:
    """One connection that learns."""

    edge: Edge
    connections: Connections
    unit: str
    bounds: tuple[float, float] | None  # of its rule, as they are now
    chosen: NDArray[np.int64]  # synapses of the histogram
    start: NDArray[np.floating]  # their weights at the start
    pairs: PairHistory
    window: RuleWindow
    rewards: RewardHistory | None = None  # of a rule that learns from them
    errors: ErrorHistory | None = None  # of a rule that a teacher teaches
    pictures: dict[Wish, Picture] = field(default_factory=dict)
    extents: dict[str, Extent] = field(default_factory=dict)

    def update(self, document: Document) -> None:
        """Take over edits of the rule that reached the run."""
        edge = document.edges_by_id[self.edge.id]
        if edge is not self.edge:
            self.edge, self.bounds = edge, bounds_of_rule(document, edge)

    def histogram(self, wish: Wish, weights: NDArray[np.floating]) -> Seen:
        """Shares [%] of the synapses in each bin of the range, now and at the start."""
        now = weights[self.chosen]
        now = now[np.isfinite(now)]  # a run that has gone out of hand is stopped, but not at once
        both = [part for part in (self.start, now) if part.size]
        least = min((float(part.min()) for part in both), default=0.0)
        most = max((float(part.max()) for part in both), default=1.0)
        extent = self.extents.setdefault(HISTOGRAM, Extent())
        extent.hold(least, most)
        bins = min(MOST_BINS, max(FEWEST_BINS, wish.columns // BIN))
        arrays = {"now": _shares(now, extent, bins), "start": _shares(self.start, extent, bins)}
        return {"low": extent.low, "high": extent.high, "bounds": self.bounds}, arrays

    def picture(self, wish: Wish, document: Document, weights: NDArray[np.floating]) -> Seen:
        """Mean weights as shades, of a matrix or of the fields of all targets."""
        made = self.pictures.get(wish)
        if made is None:
            self.pictures = {wish: self._made(wish, document)}  # one is looked at
            made = self.pictures[wish]
        values = made.of(weights).astype(np.float32)
        there = np.isfinite(values)
        least = float(values.min(where=there, initial=np.inf))
        most = float(values.max(where=there, initial=-np.inf))
        extent = self.extents.setdefault(wish.kind, Extent())
        if most >= least:
            extent.hold(*self._from_nothing(least, most))
        low, high = self._drawn(extent)
        head = {"low": low, "high": high, "shape": list(made.shape)}
        return head, {"shades": _shades(values, there, low, high)}

    @staticmethod
    def _from_nothing(low: float, high: float) -> tuple[float, float]:
        """The range from 0 on, if that is near."""
        if 0.0 < low < 0.5 * high:
            return 0.0, high
        return (low, 0.0) if 0.5 * low < high < 0.0 else (low, high)

    def _drawn(self, extent: Extent) -> tuple[float, float]:
        """The range as a scale of shades has it: not beyond what weights can be."""
        low, high = (-np.inf, np.inf) if self.bounds is None else self.bounds
        low, high = max(extent.low, low), min(extent.high, high)
        return (low, high) if high > low else (extent.low, extent.high)

    def _made(self, wish: Wish, document: Document) -> Picture:
        if wish.kind == MATRIX:
            return matrix(self.connections, wish.rows, wish.columns)
        source = document.nodes_by_id[self.edge.source]
        return fields(self.connections, grid_of(source, document.simulation.seed))


def _shares(weights: NDArray[np.floating], extent: Extent, bins: int) -> NDArray[np.float32]:
    """Of each of so many bins, in per cent."""
    place = ((weights - extent.low) * (bins / (extent.high - extent.low))).astype(np.int64)
    counts = np.bincount(np.clip(place, 0, bins - 1), minlength=bins)
    return (100.0 * counts / max(1, len(weights))).astype(np.float32)


def _shades(
    values: NDArray[np.float32], there: NDArray[np.bool_], low: float, high: float
) -> NDArray[np.uint8]:
    scaled = 1.5 + (np.where(there, values, low) - low) * (LEVELS / (high - low))
    return np.where(there, np.clip(scaled, 1, 255), 0).astype(np.uint8)


class LearningWatch:
    """The connections of one run that learn.  ``wish`` is the page's; the rest is done by the
    thread that advances the simulation, which swaps ``look`` when there is something new."""

    def __init__(self, document: Document, learners: Iterable[Learner]) -> None:
        self.document = document
        self.learners: Mapping[str, Learner] = {each.edge.id: each for each in learners}
        self.wish: Wish | None = None
        self.look: Look | None = None
        self._due = 0.0
        self._failed: Wish | None = None  # what could not be seen

    def attend(self, simulation: Simulation, chunk: Chunk | None = None) -> None:
        """Take over what a stretch of the run has brought, and look if it is time to.

        Without a chunk the run stands still: only a new wish is a reason to look, or a rule that
        may have been edited.
        """
        wish, look = self.wish, self.look
        if chunk is not None:
            self._follow(simulation, chunk, wish)
        if wish is None or wish == self._failed or wish.edge not in self.learners:
            return
        new = look is None or look.wish != wish or (chunk is None and wish.kind == WINDOW)
        begin = time.perf_counter()
        if not new and (chunk is None or begin < self._due):
            return
        try:
            head, arrays = self._seen(wish, simulation)
        except Exception:
            # A view that fails must not end the run.
            log.exception("%s of a connection that learns could not be seen", wish.kind)
            self._failed = wish
            return
        self.look = Look(wish, 1 if look is None else look.number + 1, head, arrays)
        cost = time.perf_counter() - begin
        # What is seen for the first time takes longer once: the next look tells what a look takes.
        least = 1.0 / (RATE if wish.kind == REWARDS else LOOKS)
        self._due = begin + (cost + least if new else max(least, cost / SHARE))

    def _follow(self, simulation: Simulation, chunk: Chunk, wish: Wish | None) -> None:
        """Keep what views show of the past: pairs while they are looked at, the rest always."""
        for learner in self.learners.values():
            if learner.rewards is not None:
                learner.rewards.feed(chunk, simulation)
            if learner.errors is not None:
                learner.errors.feed(chunk)
            if wish is not None and (wish.edge, wish.kind) == (learner.edge.id, WINDOW):
                learner.pairs.feed(chunk)

    def reward(self, simulation: Simulation, edge: str, amount: float) -> None:
        """Reward the synapses of ``edge`` now.  Raises DocumentError as `Simulation.reward`."""
        simulation.reward(edge, amount)
        rewards = self.learners[edge].rewards
        if rewards is not None:
            rewards.reward(simulation.time_ms, amount)

    def _seen(self, wish: Wish, simulation: Simulation) -> Seen:
        learner = self.learners[wish.edge]
        learner.update(simulation.document)
        if wish.kind == REWARDS:
            assert learner.rewards is not None
            return learner.rewards.seen(WINDOW_MOST)
        if wish.kind == ERRORS:
            assert learner.errors is not None
            return learner.errors.seen()
        if wish.kind == WINDOW:
            start = float(learner.start.mean()) if learner.start.size else None
            return learner.window.seen(simulation.document, start, learner.pairs)
        weights = simulation.weights(wish.edge)
        if wish.kind == HISTOGRAM:
            return learner.histogram(wish, weights)
        return learner.picture(wish, self.document, weights)


def kinds_of(learner: Learner) -> list[str]:
    """The views that there are of a connection."""
    rewarded = [REWARDS] if learner.rewards is not None else []
    taught = [ERRORS] if learner.errors is not None else []
    return [HISTOGRAM, MATRIX, FIELDS, WINDOW, *rewarded, *taught]


def watch_of(simulation: Simulation) -> LearningWatch:
    """A watch over all connections of a network that learn."""
    document = simulation.document
    found = []
    for edge in document.edges:
        projection = simulation.plan.projections[simulation.built.projections[edge.id]]
        if projection.plasticity is not None and projection.connections is not None:
            ends = (projection.source, projection.target)
            rule = projection.plasticity
            found.append(_learner(document, edge, projection.connections, rule, ends))
    return LearningWatch(document, found)


def _learner(
    document: Document,
    edge: Edge,
    connections: Connections,
    plan: PlasticityPlan,
    ends: tuple[int, int],
) -> Learner:
    chosen = share_of(connections.synapses, COUNTED)
    given = np.broadcast_to(connections.weight, connections.synapses)
    hears = bool(plan.rule.on_reward)
    rewards = RewardHistory(edge.id, plan.rule.modulators, plan.reward) if hears else None
    dt, taught = document.simulation.dt, plan.teacher
    ends_taught = None if taught is None else (ends[1], taught)
    errors = ErrorHistory(ends_taught, connections.targets, dt) if ends_taught else None
    unit, bounds = weight_unit(document, edge), bounds_of_rule(document, edge)
    late = int(connections.delay)
    few = share_of(connections.synapses, SAMPLED)
    pairs = PairHistory(
        ends,
        senders_of(connections, few),
        connections.target[few].astype(np.int64),
        (0, late) if plan.dendritic else (late, 0),
        dt,
    )
    past = (pairs, RuleWindow(edge.id), rewards, errors)
    return Learner(edge, connections, unit, bounds, chosen, given[chosen], *past)


def learns(document: Document) -> bool:
    """Whether a document has a connection whose weights a run changes."""
    found = lambda: any(weights_change(edge) for edge in document.edges)  # noqa: E731
    return remembered(document, "learns", (), found)
