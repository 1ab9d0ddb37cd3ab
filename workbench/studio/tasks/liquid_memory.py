"""What a liquid remembers of the bits that it was told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from engine import learning
from engine.learning.course import follow
from engine.learning.liquids import EVERY, GRIDS, INPUT_ID, LINES, SIZE
from engine.models.declaration import Parameter
from workbench.curves import Curve, Panel
from workbench.studio.course import after, seed, shown_last
from workbench.studio.listening import NODES, raster
from workbench.studio.task import Panels, Stage, Task, Values

DELAYS = (1, 2, 3, 4)
KINDS = ("liquid", "its input")
LOOKS = 20  # times that a read-out is made while the liquid is told
LEAST = 60  # bits that it learns from
SHOWN = 10  # numbers in the raster
Floats = NDArray[np.float64]


def random_bits(count: int, number: int) -> NDArray[np.int64]:
    """What is told, [count]."""
    return np.random.default_rng(number).integers(0, 2, count)


def values_of(bits: NDArray[np.int64]) -> NDArray[np.floating]:
    """The numbers by which bits are told."""
    return 0.25 + 0.5 * bits


def known_of(states: Floats, classes: NDArray[np.int64], learnt: int) -> float:
    """The share of classes that a read-out knows after the first ``learnt``."""
    if np.ptp(classes[:learnt]) == 0:
        return float(np.mean(classes[learnt:] == classes[0]))
    read = learning.ridge(states[:learnt], learning.one_hot(classes[:learnt]))
    return float(np.mean(read.classify(states[learnt:]) == classes[learnt:]))


def differing(states: Floats, bits: NDArray[np.int64], delay: int) -> float:
    """How often a read-out of states [bits, neurons] knows whether a bit is another than before.

    It learns from the first two thirds.
    """
    differ = bits[delay:] ^ bits[:-delay]
    return known_of(states[delay:], differ, 2 * len(bits) // 3)


class Telling:
    """A liquid that is told bits; what is known of them so far."""

    def __init__(self, bits: NDArray[np.int64], number: int, strength: float, tau: float) -> None:
        self.bits, self.told = bits, 0
        net = learning.telling(values_of(bits), number, strength)
        at = EVERY * np.arange(1, len(bits) + 1)
        self.heard = learning.listen(net.document, NODES, at, tau)
        self.states = [np.zeros((len(bits), size)) for size in (SIZE, LINES)]
        self.last: list[learning.Heard] = []
        self.asked: list[int] = []  # bits told when a read-out was made
        self.known = np.zeros((0, len(KINDS), len(DELAYS)))  # what it knew then

    def course(self) -> Iterator[tuple[Floats, float | None]]:
        """Bit after bit; after some of them the share that a read-out of the liquid knows wrongly.

        Between two steps at most one read-out is made.
        """
        every = max(1, len(self.bits) // LOOKS)
        for moment in self.heard:
            self.told += 1
            liquid = np.concatenate([moment.states[name] for name in GRIDS])
            for states, now in zip(self.states, (liquid, moment.states[INPUT_ID]), strict=True):
                states[self.told - 1] = now
            self.last = [*self.last, moment][-SHOWN:]
            yield liquid, None
            if self.told < LEAST or (self.told % every and self.told < len(self.bits)):
                continue
            known = np.zeros((len(KINDS), len(DELAYS)))
            for (kind, place), _ in np.ndenumerate(known):
                states = self.states[kind][: self.told]
                known[kind, place] = differing(states, self.bits[: self.told], DELAYS[place])
                yield liquid, None
            self.asked.append(self.told)
            self.known = np.concatenate([self.known, known[None]])
            yield liquid, 1.0 - known[0, 0]


def run(values: Values, stage: Stage) -> str:
    """A liquid hears bits; what a read-out knows of it and of its input, as more is heard."""
    count, number = round(values["bits"]), round(values["seed"])
    stage.show(lambda: drawn([], np.zeros((0, len(KINDS), len(DELAYS))), []))
    stage.progress(0.0, "making the network")
    telling = Telling(random_bits(count, number), number, values["strength"], values["tau"])

    def draw() -> Panels:
        return drawn(telling.asked, telling.known, telling.last)

    def seen(*_: object) -> None:
        stage.progress(telling.told / count, f"{telling.told:,} bits were told")
        stage.show(draw)

    with shown_last(stage, draw):
        found = follow(telling.course(), np.zeros(1), count, cancel=stage.cancel, watch=seen)
    said = after(found, "bit", count, telling.told)
    if not len(telling.known):
        return f"{said} they are too few to learn from"
    liquid, alone = telling.known[-1]
    return (
        f"{said} a read-out of the liquid knows in {liquid[0]:.0%} of cases whether two bits in a "
        f"row differ, one of its input in {alone[0]:.0%}; of bits {DELAYS[-1]} apart in "
        f"{liquid[-1]:.0%} and {alone[-1]:.0%}"
    )


def drawn(asked: Sequence[int], known: Floats, heard: Sequence[learning.Heard]) -> Panels:
    """What is known of bits in a row as more were told, of others by now, and the last spikes."""
    rows = [Curve(asked, known[:, kind, 0], name, colour=kind) for kind, name in enumerate(KINDS)]
    dots = [Curve(asked, known[:, kind, 0], "", "dots", kind) for kind in range(len(KINDS))]
    now = known[-1] if len(known) else np.full((len(KINDS), len(DELAYS)), np.nan)
    return [
        Panel([*rows, *dots], "bits told", "share known: do two in a row differ?",
              zero=True),
        Panel([Curve(DELAYS, now[kind], name, "dots") for kind, name in enumerate(KINDS)],
              "bits ago", "share known by now", 120.0, zero=True),
        raster(heard),
    ]  # fmt: skip


TASK = Task(
    "liquid_memory",
    "What a liquid remembers",
    "400 neurons, which learn nothing, are told bits, one every 30 ms. Whether a bit is another "
    "than one before is in no neuron of the input: a linear read-out of the liquid knows.",
    "Maass, Natschläger & Markram 2002, Neural Computation 14:2531",
    run,
    {
        "bits": Parameter(1500, "", (LEAST, 5000), "bits that are told", kind="integer"),
        "strength": Parameter(1.0, "", (0, 3), "strength of the synapses in the liquid"),
        "tau": Parameter(30.0, "ms", (1, 300), "time constant of the read-out"),
        "seed": seed("the liquid and the bits"),
    },
)
