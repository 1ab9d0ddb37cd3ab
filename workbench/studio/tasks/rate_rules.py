"""Rules on rates: Oja finds the principal component, BCM one pattern, Hebb recalls many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from engine import learning
from engine.errors import RunStopped
from engine.learning.course import follow
from engine.learning.draws import Draws
from engine.models.declaration import Parameter, option
from workbench.curves import Curve, Panel
from workbench.studio.course import Pace, after, pace, seed, shown_last
from workbench.studio.task import Panels, Stage, Task, Values

Floats = NDArray[np.float64]
COVARIANCE, COMPONENT = ((3, 1), (1, 1)), (0.92387953, 0.38268343)
SAMPLES = 4000  # of the docs
OJA_RATE, BCM_RATE, BCM_TAU = 0.005, 0.002, 50.0
PATTERNS, ROUND = 4, 40  # samples after which the answers of a BCM neuron are looked at
STORED, INPUTS, OUTPUTS = np.arange(5, 101, 5), 100, 20


@dataclass
class Principal:
    """Oja on points of covariance [[3, 1], [1, 1]], of number 0: those of the docs."""

    rate: float = OJA_RATE
    samples: int = SAMPLES
    number: int = 0
    along: list[float] = field(default_factory=list)  # the principal component
    length: list[float] = field(default_factory=list)

    def course(self) -> Iterator[tuple[Floats, float]]:
        """The weights after each sample, and how many degrees they are off."""
        draws = Draws(self.number + 1, "points")
        points = draws.normal(self.samples, 2) @ np.linalg.cholesky(COVARIANCE).T
        w = learning.random_weights(2, self.number)
        for x in points:
            w = learning.oja(w, x, rate=self.rate)
            self.along.append(abs(float(w @ np.array(COMPONENT))))
            self.length.append(float(np.linalg.norm(w)))
            yield w, self.off

    @property
    def off(self) -> float:
        """How many degrees the weights are from the principal component."""
        return float(np.degrees(np.arccos(min(1.0, self.along[-1] / self.length[-1]))))

    def panel(self) -> Panel:
        """The weight so far."""
        curves = [
            Curve(np.arange(len(seen)), seen, name)
            for seen, name in ((self.along, "along the component"), (self.length, "length"))
        ]
        return Panel(curves, "sample", "Oja: weight", zero=True)

    def said(self) -> str:
        """How far off it ended."""
        return f"Oja is {self.off:.2f} degrees from the principal component"


@dataclass
class Selective:
    """BCM on four patterns that overlap."""

    rate: float = BCM_RATE
    samples: int = 150 * ROUND
    number: int = 0
    answers: list[Floats] = field(default_factory=list)  # [rounds][patterns]

    def course(self) -> Iterator[tuple[learning.Sliding, float]]:
        """The neuron after each round, and its highest answer."""
        patterns = np.eye(PATTERNS) + 0.2
        start = np.abs(learning.random_weights(PATTERNS, self.number, 0.3))
        state = learning.Sliding(start, 0.0)
        rule = partial(learning.bcm, rate=self.rate, tau=BCM_TAU)
        samples = np.tile(patterns, (ROUND // PATTERNS, 1))
        for _ in range(self.samples // ROUND):
            try:
                state = learning.train(rule, state, samples, epochs=1, seed=self.number).state
            except RunStopped:  # told by who follows, who knows which round this is
                yield state._replace(theta=np.nan), np.nan
                return
            self.answers.append(patterns @ state.w)
            yield state, float(self.answers[-1].max())

    def panel(self) -> Panel:
        """The answers so far."""
        rounds, seen = ROUND * np.arange(len(self.answers)), np.reshape(self.answers, (-1, 4))
        curves = [Curve(rounds, seen[:, k], f"pattern {k + 1}") for k in range(PATTERNS)]
        return Panel(curves, "sample", "BCM: answer", zero=True)

    def said(self) -> str:
        """What it answers."""
        best = np.sort(self.answers[-1])
        return (
            f"BCM answers one of four patterns with {best[-1]:.2f}, the others with "
            f"{best[-2]:.2f} at most"
        )


@dataclass
class Recall:
    """Signs recalled wrongly by two rules, over the number of random patterns of 100 inputs."""

    number: int = 0
    wrong: dict[str, list[float]] = field(
        default_factory=lambda: {"Hebb": [], "pseudo-inverse": []}
    )

    def course(self) -> Iterator[tuple[Floats, float]]:
        """The weights for each number of patterns, and the share that Hebb's has wrong."""
        draws = Draws(self.number + 2, "recall")
        for count in STORED:
            patterns = np.sign(draws.normal(int(count), INPUTS)) / 10.0
            targets = np.sign(draws.normal(int(count), OUTPUTS))
            rules = learning.supervised_hebb, learning.pseudo_inverse
            for rule, seen in zip(rules, self.wrong.values(), strict=True):
                w = rule(patterns, targets)
                seen.append(float(np.mean(np.sign(patterns @ w.T) != targets)))
            yield w, self.wrong["Hebb"][-1]

    def panel(self) -> Panel:
        """The errors so far."""
        curves = [
            Curve(STORED[: len(seen)], seen, name, colour=place)
            for place, (name, seen) in enumerate(self.wrong.items())
        ]
        return Panel(curves, "patterns", "share of wrong answers", zero=True)

    def said(self) -> str:
        """How many patterns are too many for Hebb."""
        hebb, better = (100 * seen[-1] for seen in self.wrong.values())
        stored = STORED[len(self.wrong["Hebb"]) - 1]
        return (
            f"Hebb recalls {hebb:.1f} % of the signs wrongly if {stored} patterns are stored, the "
            f"pseudo-inverse {better:.1f} %"
        )


Rule = Principal | Selective | Recall


def run(values: Values, stage: Stage) -> str:
    """One of the rules; what its weights do, sample by sample."""
    number, samples = round(values["seed"]), round(values["samples"])
    rules: tuple[Rule, ...] = (
        Principal(values["oja_rate"], samples, number),
        Selective(values["bcm_rate"], max(samples, ROUND), number),
        Recall(number),
    )
    chosen = round(values["rule"])
    rule = rules[chosen]
    planned = (samples, max(1, samples // ROUND), len(STORED))[chosen]  # rounds of the course
    pacer = Pace(values["pace"] * planned / samples)

    def draw() -> Panels:
        return [rule.panel()]

    def seen(*_: object) -> None:
        stage.show(draw)
        pacer.keep()

    with shown_last(stage, draw):
        found = follow(
            rule.course(), np.zeros(1), planned, progress=stage.progress, cancel=stage.cancel,
            watch=seen, text=NAMES[chosen], measure=MEASURES[chosen],
        )  # fmt: skip
    unit, size = (("sample", 1), ("sample", ROUND), ("set", 1))[chosen]
    return f"{after(found, unit, planned * size, found.rounds * size)} {rule.said()}"


NAMES = ("Oja", "BCM", "Hebb and pseudo-inverse")
MEASURES = ("degrees off", "highest answer", "Hebb's share of wrong answers")
TASK = Task(
    "rate_rules",
    "Rules on rates",
    "Oja's rule finds the direction in which points vary most, with a weight of length 1. BCM "
    "makes a neuron selective: it answers one of four patterns and no other. Hebb recalls what was "
    "stored at once, the fewer patterns the better.",
    "Oja 1982; Bienenstock, Cooper & Munro 1982; Personnaz, Guyon & Dreyfus 1986",
    run,
    {
        "rule": option(0, *NAMES),
        "oja_rate": Parameter(OJA_RATE, "", (1e-5, 1), "learning rate of Oja's rule"),
        "bcm_rate": Parameter(BCM_RATE, "", (1e-5, 1), "learning rate of BCM"),
        "samples": Parameter(150 * ROUND, "", (ROUND, 100_000), "samples", kind="integer"),
        "pace": pace(1000, "samples"),
        "seed": seed("weights and samples"),
    },
)
