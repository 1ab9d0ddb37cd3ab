"""Neurons that compete learn handwritten digits without being told which is which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine import learning
from engine.learning.course import Cancel, Progress, Trained, Watch
from engine.learning.diehl_cook import ROUND
from engine.models.declaration import Parameter
from workbench.curves import Curve, Panel, Wall
from workbench.studio.course import part, seed, shown_last
from workbench.studio.digits import FOLDER, digits, shuffled
from workbench.studio.task import Panels, Stage, Task, Values

READ_BY = 5000  # digits, the last ones shown, by which each neuron is given its digit
SIDE = 28  # pixels


class Taught(NamedTuple):
    """What a network has learnt."""

    course: Trained[learning.Features]
    assigned: NDArray[np.int64]  # digit of each neuron, -1 for none
    tested: int  # digits that it read afterwards
    right: float  # share of them that it read rightly

    @property
    def fields(self) -> NDArray[np.float64]:
        """The weights [neurons, 28, 28] in nS, by the digit of the neuron."""
        return fields(self.course.state.weights)[np.argsort(self.assigned, kind="stable")]


def taught(
    rule: learning.DiehlCook,
    seen: int,
    test: int,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    watch: Watch | None = None,
    tested: Callable[[Callable[[], float]], None] | None = None,
) -> Taught:
    """One pass over ``seen`` digits in an order of the rule's seed, then ``test`` others, at rest.

    ``tested`` is given what computes the share of the test digits so far that is read rightly.
    """
    images, labels = shuffled(seen, rule.seed)
    tests, answers = digits("t10k", test)
    between = seen / (seen + test)
    told = progress or (lambda share, text: None)
    run = rule.train(
        images, labels, progress=part(told, 0, between), cancel=cancel, watch=watch
    )  # fmt: skip
    if not run.complete:
        return Taught(run, np.full(rule.neurons, -1), 0, float("nan"))
    last = slice(-min(READ_BY, seen // 2), None)
    assigned = learning.assign_classes(run.state.spikes[last], labels[last])

    def share(spikes: NDArray[np.int32]) -> float:
        read = learning.read_classes(spikes, assigned)
        return float(np.mean(read == answers[: len(spikes)]))

    def look(spikes: NDArray[np.int32], _: Sequence[float]) -> None:
        if tested is not None and len(spikes):
            tested(partial(share, spikes))

    found = rule.respond(
        run.state, tests, progress=part(told, between, 1), cancel=cancel, watch=look
    )
    read = len(found.state)
    return Taught(run, assigned, read, share(found.state) if read else float("nan"))


def run(values: Values, stage: Stage) -> str:
    """Receptive fields that form, the errors of the last 250 digits, then those of test digits."""
    count, test, neurons = (round(values[name]) for name in ("digits", "test", "neurons"))
    rule = learning.DiehlCook(
        neurons, rate=values["rate"], theta_plus=values["theta_plus"], seed=round(values["seed"])
    )
    weights: ArrayLike = np.zeros((SIDE * SIDE, neurons))
    errors: Sequence[float] = []
    right: Callable[[], float] | None = None

    def draw() -> Panels:
        return [
            Wall(fields(weights), "weights of each neuron from the pixels"),
            wrong(errors, count, right and right()),
        ]

    def seen(features: learning.Features, so_far: Sequence[float]) -> None:
        nonlocal weights, errors
        weights, errors = features.weights, so_far
        stage.show(draw)

    def tested(share: Callable[[], float]) -> None:
        nonlocal right
        right = share
        stage.show(draw)

    stage.show(draw)
    stage.progress(0.0, "making the network")
    with shown_last(stage, draw):
        found = taught(
            rule, count, test, progress=stage.progress, cancel=stage.cancel, watch=seen,
            tested=tested,
        )  # fmt: skip
    if found.tested:
        return (
            f"Without labels {neurons} neurons learn to read {found.right:.1%} of {found.tested:,} "
            f"test digits in one pass over {count:,}"
        )
    shown = len(found.course.state.spikes)
    begin = f"Stopped after {shown:,} digits of {count:,}:"
    if len(errors) < 2:  # the first of them are what the others are read by
        return f"{begin} too few to say what it reads"
    return f"{begin} it reads {1 - errors[-1]:.1%} of the last {ROUND} rightly"


def fields(weights: ArrayLike) -> NDArray[np.float64]:
    """Weights [pixels, neurons] as pictures [neurons, 28, 28]."""
    return np.asarray(weights, np.float64).T.reshape(-1, SIDE, SIDE)


def wrong(errors: Sequence[float], count: int, right: float | None) -> Panel:
    """The share read wrongly of every 250 of ``count`` digits, and of the test digits."""
    shown = np.minimum(np.arange(1, len(errors) + 1) * ROUND, count)
    curves = [Curve(shown, errors, "while learning")]
    if right is not None:
        curves.append(Curve([0, count], [1 - right] * 2, "test digits"))
    return Panel(curves, "digits shown", "share read wrongly", zero=True)


TASK = Task(
    "diehl_cook",
    "Digits without labels",
    "Every pixel drives all neurons; whichever fires silences the others, and its synapses take "
    "after what it saw. Thresholds rise with every spike, so that all neurons find something. "
    "Labels only say afterwards which digit each neuron answers most.",
    "Diehl & Cook 2015, Frontiers in Computational Neuroscience 9:99",
    run,
    {
        "neurons": Parameter(100, "", (4, 400), "neurons that compete", kind="integer"),
        "digits": Parameter(10_000, "", (50, 50_000), "digits shown", kind="integer"),
        "test": Parameter(1000, "", (50, 10_000), "digits to test it with", kind="integer"),
        "rate": Parameter(
            learning.DiehlCook.rate, "", (1e-4, 0.5), "learning rate, a share of the largest weight"
        ),
        "theta_plus": Parameter(
            learning.DiehlCook.theta_plus, "mV", (0, 5), "what a spike adds to the threshold"
        ),
        "seed": seed("digits and weights"),
    },
    data=FOLDER,
)
