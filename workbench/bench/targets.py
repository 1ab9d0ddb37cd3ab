"""The figures to reach: the one place where they stand.

The table that ``workbench bench`` prints, its page and docs/performance.md all judge by them.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.bench.live_learning import SEEN

REACHED, SHORT, OPEN = "reached", "short", "not measured"


@dataclass(frozen=True)
class Target:
    """A bound on the median of a figure."""

    group: str  # heading in the table of targets
    work: str  # what is done
    against: str  # what it is compared with, or the unit
    figure: str  # name of the figure that is judged
    bound: float
    at_most: bool = False

    @property
    def said(self) -> str:
        """The bound as text: ``≥ 2.5 x``."""
        times = " ×" if "over" in self.against else ""
        return f"{'≤' if self.at_most else '≥'} {self.bound:.3g}{times}"

    def met(self, value: float) -> bool:
        """Whether ``value`` reaches the bound."""
        return value <= self.bound if self.at_most else value >= self.bound


@dataclass(frozen=True)
class Verdict:
    """A target and what was measured; ``value`` and spread are None where nothing was."""

    target: Target
    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def word(self) -> str:
        """``reached``, ``short`` or ``not measured``."""
        if self.value is None:
            return OPEN
        return REACHED if self.target.met(self.value) else SHORT


def _beside(work: str, case: str, brian2: float, nest: float) -> tuple[Target, Target]:
    def target(peer: str, bound: float) -> Target:
        figure = f"{case}: {peer}'s time over ours (float32)"
        return Target("Simulation, one thread", work, f"{peer}'s time over ours", figure, bound)

    return target("Brian2", brian2), target("NEST", nest)


def _training(work: str, figure: str, bound: float) -> Target:
    name = f"training: {figure}"
    return Target("Training, one thread", work, "ours over the plain loop", name, bound, True)


def _threads(work: str, against: str, figure: str, bound: float) -> Target:
    """A ratio of times; 1.6 times as fast is 1 / 1.6 of the time."""
    return Target("Threads and calls", work, against, f"threads: {figure}", bound, True)


def _start(work: str, unit: str, figure: str, bound: float) -> Target:
    return Target("Start-up and compiling", work, unit, figure, bound, True)


_LIF = "LIF layer, T = 32, B = 16, N = 4,096"
TARGETS: tuple[Target, ...] = (
    *_beside("CUBA, 4,000 neurons", "cuba", 2.5, 40),
    *_beside("COBA, 4,000 neurons", "coba", 6, 100),
    *_beside("COBAHH, 4,000 neurons", "cobahh", 15, 60),
    *_beside("Brunel, 12,500 neurons, 15.6 million synapses", "brunel", 6, 35),
    *_beside("Izhikevich, 1,000 neurons, all-to-all, noise", "izhikevich", 2, 8),
    *_beside("STDP, 1,000 Poisson inputs", "stdp", 2, 5),
    # As the bounds were set: against Brian2's connections by probability, NEST's by in-degree.
    _beside("Building 15.6 million synapses, by probability", "building by probability", 2, 5)[0],
    _beside("Building 15.6 million synapses, fixed in-degree", "building", 2, 5)[1],
    Target(
        "Memory",
        "A static synapse, weight included",
        "bytes",
        "building: bytes a synapse",
        8,
        at_most=True,
    ),
    *(
        Target(
            "Live views",
            f"4,000 neurons that learn, frames with the {kind} of the weights",
            "over none",
            f"live: learning, run time with frames of the {kind} over none",
            1.15,
            at_most=True,
        )
        for kind in SEEN
    ),
    _threads("Brunel, two threads", "over one thread", "brunel float32, two to one", 1 / 1.6),
    _threads("COBAHH, two threads", "over one thread", "cobahh float32, two to one", 1 / 1.6),
    *(
        _threads(
            f"{title} driven from Python in short calls",
            "over one long call",
            f"{case}, short calls, 1 threads",
            1.05,
        )
        for title, case in (
            ("CUBA", "cuba"),
            ("COBA", "coba"),
            ("COBAHH", "cobahh"),
            ("Brunel", "brunel"),
        )
    ),
    _start("Process to first spike, 4,000 neurons, warm", "s", "startup: warm", 1.5),
    _start("Process to first spike, 4,000 neurons, empty cache", "s", "startup: cold", 8),
    _start("First compile of a new model", "s", "startup: compile", 5),
    _start("A compiled model loaded again", "s", "startup: load", 0.05),
    _training(f"{_LIF}: forward", "LIF, 32 steps, forward", 0.12),
    _training(f"{_LIF}: forward and backward", "LIF, 32 steps, forward + backward", 0.25),
    _training("Linear 512 and LIF, T = 500", "linear 512 + LIF, forward + backward", 0.55),
    _training("Convolutions, T = 8, B = 64", "convolutional net, forward + backward", 0.70),
    Target(
        "Training, one thread",
        "Convolutions, T = 8, B = 64: peak memory",
        "ours over the leanest library's",
        "training c: peak memory, ours over the leanest library's",
        1,
        at_most=True,
    ),
    _training("Izhikevich", "Izhikevich, published scheme, forward + backward", 0.4),
    _training("AdEx", "AdEx, Euler, forward + backward", 0.4),
    _training("A model of one's own", "a model of one's own, Euler, forward + backward", 0.4),
    _training(
        "Every neuron, the slowest of them", "every model: the slowest, forward + backward", 0.4
    ),
)


def judge(figures: Iterable[Mapping[str, Any]]) -> list[Verdict]:
    """Every target beside the figure of its name, from the figures of a record."""
    values = {figure["name"]: figure["values"] for figure in figures if figure["values"]}
    return [
        Verdict(target, statistics.median(found), min(found), max(found))
        if (found := values.get(target.figure))
        else Verdict(target)
        for target in TARGETS
    ]


def target_of(figure: str) -> Target | None:
    """The target that the figure of this name has, if any."""
    return next((target for target in TARGETS if target.figure == figure), None)
