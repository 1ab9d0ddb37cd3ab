"""What a live run remembers for its views: fed by the compute thread, read by the page's loop.

The monitors that views need are asked of the simulation here as well; they never change spikes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from engine.runtime.plan import Chunk, NetworkPlan, SourcePlan
from workbench.live.frames import WINDOW_MOST
from workbench.live.history import CountHistory, SampleHistory, SpikeHistory
from workbench.live.learning import LearningWatch
from workbench.live.shades import Activity, Shades

TRACED = 3  # neurons a population whose membrane potential is kept
TRACE_EVERY = 0.1  # ms between their samples, where dt is smaller
MEAN_EVERY = 1.0  # ms between samples of a population's mean
BIN = 1.0  # ms, the bins of firing rates
TRACE_MEMORY = 16e6  # bytes for all traces together; many populations keep fewer seconds

Monitor = tuple[str, str, tuple[int, ...] | str, int]  # node, state, members or "mean", every


@dataclass(frozen=True)
class Member:
    """One node as the views see it.  ``emitter`` is None where no spikes of it are recorded."""

    id: str
    size: int
    emitter: int | None
    population: bool
    membrane: str = ""  # the state drawn as its potential; "" for a source
    source: int | None = None  # place among the sources of the plan


def every(interval: float, dt: float) -> int:
    """``interval`` ms in whole steps of ``dt`` ms, at least one."""
    return max(1, round(interval / dt))


def wanted_monitors(populations: dict[str, tuple[int, str]], dt: float) -> list[Monitor]:
    """The monitors of a live run: for each population (id -> size, membrane state) the traces of
    its first members, then its mean.  A population without a membrane state has none."""
    found: list[Monitor] = []
    for node, (size, membrane) in populations.items():
        if membrane:
            members = tuple(range(min(size, TRACED)))
            found.append((node, membrane, members, every(TRACE_EVERY, dt)))
            found.append((node, membrane, "mean", every(MEAN_EVERY, dt)))
    return found


@dataclass
class Signal:
    """Samples of one monitor: sample k was taken at the end of step (k + 1) * every - 1."""

    every: int
    history: SampleHistory
    place: int  # which of the chunk's monitors


@dataclass
class LiveRecording:
    """The last seconds of one run.  Hold ``lock`` while reading the histories."""

    dt: float
    members: list[Member]
    spikes: SpikeHistory
    counts: CountHistory
    traces: dict[str, Signal]
    means: dict[str, Signal]
    sources: list[SourcePlan] = field(default_factory=list)  # the plan's own list: as they are now
    seed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    steps: int = 0
    listeners: list[Callable[[Chunk], None]] = field(default_factory=list)
    drawn: dict[str, Shades] = field(default_factory=dict)  # nodes whose members are drawn
    learning: LearningWatch | None = None  # the connections that learn

    def feed(self, chunk: Chunk) -> None:
        """Take over what an advance produced (on the compute thread)."""
        with self.lock:
            self.spikes.feed(chunk)
            self.counts.feed(chunk)
            for signal in (*self.traces.values(), *self.means.values()):
                signal.history.feed(chunk.monitors[signal.place])
            self.steps = chunk.start + chunk.steps
        for listener in self.listeners:
            listener(chunk)

    @property
    def time(self) -> float:
        """Simulated time in ms."""
        return self.steps * self.dt

    @property
    def maps(self) -> list[str]:
        """The nodes whose members light up in their places, populations first."""
        return [name for name, shades in self.drawn.items() if isinstance(shades, Activity)]

    def fade_of(self, node: str) -> float:
        """Simulated time [ms] in which the light of a spike of one of `maps` falls to 1/e."""
        shades = self.drawn[node]
        assert isinstance(shades, Activity)
        return shades.fade

    @property
    def populations(self) -> list[Member]:
        """The members that are populations, in the order of the plan."""
        return [member for member in self.members if member.population]

    def rates(self, tau: float = 200.0) -> dict[str, float]:
        """Current rate in Hz of every member with spikes: exponential window of ``tau`` ms."""
        bin_ms = self.counts.bin_steps * self.dt
        stop = self.counts.complete
        counts = self.counts.between(stop - int(5 * tau / bin_ms), stop)
        age = np.arange(len(counts))[::-1] * bin_ms
        weight = np.exp(-age / tau)
        total = weight.sum() * bin_ms * 1e-3
        spikes = weight @ counts if len(counts) else np.zeros(counts.shape[1])
        emitting = [member for member in self.members if member.emitter is not None]
        return {
            member.id: float(spikes[place]) / (total * member.size) if total else 0.0
            for place, member in enumerate(emitting)
        }


def recording_of(
    plan: NetworkPlan, membranes: dict[str, str], monitors: list[Monitor]
) -> LiveRecording:
    """An empty recording for a run of ``plan``.

    ``membranes``: population -> state drawn as its potential.  ``monitors`` are those of
    ``wanted_monitors``, which stand first in the plan.
    """
    members = [
        Member(item.id, item.size, place, True, membranes.get(item.id, ""))
        for place, item in enumerate(plan.populations)
    ]
    for place, source in enumerate(plan.sources):
        emitter = len(plan.populations) + place if place in plan.record_sources else None
        members.append(Member(source.id, source.size, emitter, False, source=place))
    return LiveRecording(
        plan.dt,
        members,
        SpikeHistory([item.size for item in plan.populations], every(WINDOW_MOST, plan.dt)),
        _counts(members, plan.dt),
        *_signals(monitors, plan.dt),
        sources=plan.sources,
        seed=plan.seed,
    )


def _counts(members: list[Member], dt: float) -> CountHistory:
    emitters = [member.emitter for member in members if member.emitter is not None]
    bin_steps = every(BIN, dt)
    # Smoothing and the current rate look back beyond the window.
    return CountHistory(emitters, bin_steps, int((WINDOW_MOST + 100) / (bin_steps * dt)) + 2)


def _signals(monitors: list[Monitor], dt: float) -> tuple[dict[str, Signal], dict[str, Signal]]:
    traces: dict[str, Signal] = {}
    means: dict[str, Signal] = {}
    share = TRACE_MEMORY / max(1, len(monitors) // 2)
    for place, (node, _, chosen, interval) in enumerate(monitors):
        keep = int(WINDOW_MOST / (interval * dt)) + 2
        if chosen == "mean":
            means[node] = Signal(interval, SampleHistory(1, keep), place)
        else:
            keep = min(keep, int(share / (8 * len(chosen))))
            traces[node] = Signal(interval, SampleHistory(len(chosen), keep), place)
    return traces, means
