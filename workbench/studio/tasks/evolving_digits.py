"""An evolving network learns to read digits in one pass, growing neurons as it needs them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine import learning
from engine.models.declaration import Parameter
from workbench.curves import Curve, Panel, Wall
from workbench.studio.course import Pace, after, pace, seed, shown_last
from workbench.studio.digits import FOLDER, digits, halved, shuffled
from workbench.studio.task import Panels, Stage, Task, Values

MODULATION, SHARE, SIMILARITY = 0.97, 0.7, 0.68
DIM = 0.02  # a pixel below never fires
TEST = 1000
LOOKS, LOOKED_AT = 25, 150  # times that test digits are read while it learns, and how many
SLICE = 50  # test digits between two looks at whether to stop
NEWEST = 40  # neurons in the wall


def coded(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The order in which pixels of half the resolution fire: bright first, dark never."""
    small = halved(images)
    return learning.rank_order(np.where(small > DIM, 1.0 - small, np.inf))


def run(values: Values, stage: Stage) -> str:
    """One pass; the test digits that are read rightly, how many neurons there are, the newest."""
    stage.show(lambda: drawn([], [], [], None))
    count = round(values["digits"])
    images, labels = shuffled(count, round(values["seed"]))
    tests, answers = digits("t10k", TEST)
    ranks, tests = coded(images), coded(tests)
    rule = learning.Evolving(
        ranks.shape[1], values["modulation"], values["share"], values["similarity"]
    )
    seen: list[int] = []
    right: list[float] = []
    sizes: list[int] = []
    every, pacer = max(1, count // LOOKS), Pace(values["pace"])
    newest: learning.Repository | None = None

    def look(grown: learning.Repository, made: Sequence[float]) -> None:
        nonlocal newest
        newest = grown
        if len(made) % every == 0:
            found = rule.classify(grown, tests[:LOOKED_AT])
            seen.append(len(made))
            right.append(float(np.mean(found == answers[:LOOKED_AT])))
            sizes.append(grown.size)
        stage.show(draw)
        pacer.keep()

    def draw() -> Panels:
        return drawn(seen, right, sizes, newest)

    with shown_last(stage, draw):
        found = rule.fit(
            ranks, labels, progress=stage.progress, cancel=stage.cancel, watch=look
        )  # fmt: skip
        read, correct = 0, 0
        for first in range(0, TEST if found.complete else LOOKED_AT, SLICE):
            if found.complete and read and stage.cancel():
                break
            part = slice(first, first + SLICE)
            correct += int(np.sum(rule.classify(found.state, tests[part]) == answers[part]))
            read += SLICE
    size = found.state.size
    return (
        f"{after(found, 'digit', count)} {correct / read:.1%} of {read:,} test digits are read "
        f"rightly, by {size:,} neuron{'' if size == 1 else 's'}"
    )


def drawn(
    seen: Sequence[int],
    right: Sequence[float],
    sizes: Sequence[int],
    grown: learning.Repository | None,
) -> Panels:
    """Both curves over the digits seen, and what the newest neurons prefer."""
    weights = np.zeros((NEWEST, 196))
    if grown is not None:
        last = grown.weights[-NEWEST:][::-1]
        weights[: len(last)] = last
    return [
        *courses(seen, right, sizes),
        Wall(weights.reshape(-1, 14, 14), "weights of the newest neurons: early pixels are dark"),
    ]


def courses(
    seen: Sequence[int], right: Sequence[float], sizes: Sequence[int]
) -> tuple[Panel, Panel]:
    """The share of test digits read rightly, and the number of neurons, over the digits seen."""
    return (
        Panel([Curve(seen, right), Curve(seen, right, "", "dots", 0)], "digits seen",
              "share read rightly", zero=True),
        Panel([Curve(seen, sizes), Curve(seen, sizes, "", "dots", 0)], "digits seen", "neurons",
              zero=True),
    )  # fmt: skip


TASK = Task(
    "evolving_digits",
    "A network that grows",
    "Bright pixels fire first. Each digit makes a neuron that prefers its order of spikes, or is "
    "merged with one of its class that is alike; every digit is seen once.",
    "Wysoski, Benuskova & Kasabov 2006, LNCS 4131:61",
    run,
    {
        "digits": Parameter(4000, "", (50, 20_000), "digits to learn from", kind="integer"),
        "modulation": Parameter(MODULATION, "", (0.5, 0.999), "what the next spike counts"),
        "share": Parameter(SHARE, "", (0.05, 1), "threshold, as a share of the highest potential"),
        "similarity": Parameter(SIMILARITY, "", (0, 1), "neurons more alike than this are merged"),
        "pace": pace(400, "digits"),
        "seed": seed("the order of digits"),
    },
    data=FOLDER,
)
