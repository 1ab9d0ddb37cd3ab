"""LEABRA learns to answer patterns with others, by the difference of two phases."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine import learning
from engine.learning.draws import Draws
from engine.models.declaration import Parameter
from workbench.curves import Curve, Panel, Wall
from workbench.studio.course import Pace, after, pace, seed, shown_last
from workbench.studio.task import Panels, Stage, Task, Values

INPUTS, ON, HIDDEN, PAIRS = 25, 6, 20, 10
RATE, EPOCHS = 0.2, 40
Weights = tuple[NDArray[np.float64], ...]


def patterns(pairs: int, number: int) -> NDArray[np.float64]:
    """Random patterns [pairs, inputs], six inputs on in each."""
    draws, inputs = Draws(number, "patterns"), np.zeros((pairs, INPUTS))
    for row in inputs:
        row[draws.order(INPUTS)[:ON]] = 1.0
    return inputs


def network(pairs: int = PAIRS, hidden: int = HIDDEN) -> learning.Leabra:
    """A quarter of the hidden units active, one output for each pattern."""
    return learning.Leabra((INPUTS, hidden, pairs), (max(1, hidden // 4), 1))


def run(values: Values, stage: Stage) -> str:
    """One network; the error by epoch, and what it expects for each pattern."""
    pairs, epochs, number = (round(values[name]) for name in ("pairs", "epochs", "seed"))
    net, inputs = network(pairs, round(values["hidden"])), patterns(pairs, number)
    weights: Weights = net.start(number)
    errors: list[float] = []
    pacer = Pace(values["pace"])

    def draw() -> Panels:
        return [
            Panel([Curve(np.arange(1, len(errors) + 1), errors)], "epoch", "squared error",
                  zero=True),
            Wall([net.answer(weights, inputs), np.eye(pairs)],
                 "what is expected for each pattern, a row each; what is right", across=4),
        ]  # fmt: skip

    def seen(now: Weights, so_far: Sequence[float]) -> None:
        nonlocal weights, errors
        ended = len(so_far) > len(errors)
        weights, errors = now, list(so_far)
        stage.show(draw)
        if ended:
            pacer.keep()

    stage.show(draw)
    with shown_last(stage, draw):
        found = net.train(
            inputs, np.eye(pairs), rate=values["rate"], epochs=epochs, seed=number,
            progress=stage.progress, cancel=stage.cancel, watch=seen,
        )  # fmt: skip
    right = int(np.sum(net.answer(found.state, inputs).argmax(1) == np.arange(pairs)))
    return f"{after(found, 'epoch', epochs)} {right} of {pairs} patterns are answered rightly"


TASK = Task(
    "leabra_pairs",
    "Pairs of patterns",
    "The network settles twice for each pattern, once expecting an answer and once given it; what "
    "a synapse learns is the difference. In each layer a few units win and silence the others.",
    "O'Reilly & Munakata 2000, Computational Explorations in Cognitive Neuroscience",
    run,
    {
        "pairs": Parameter(PAIRS, "", (2, 40), "pairs to be learnt", kind="integer"),
        "hidden": Parameter(HIDDEN, "", (4, 100), "hidden units", kind="integer"),
        "rate": Parameter(RATE, "", (1e-4, 1), "learning rate"),
        "epochs": Parameter(EPOCHS, "", (1, 1000), "times all pairs are shown", kind="integer"),
        "pace": pace(8, "epochs"),
        "seed": seed("patterns and weights"),
    },
)
