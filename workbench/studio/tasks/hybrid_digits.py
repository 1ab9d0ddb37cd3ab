"""A layer of rates, a layer of spiking neurons and a read-out, trained as one by gradients."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.models.declaration import Parameter, option
from workbench.curves import Curve, Panel
from workbench.studio.course import after, seed, shown_last
from workbench.studio.digits import FOLDER, digits, halved
from workbench.studio.task import Panels, Stage, Task, Values

if TYPE_CHECKING:
    from engine.deep import HybridCourse

KINDS = ("rates", "hybrid", "spikes")
COUNT, EPOCHS, RATE, TEST = 4000, 5, 2e-3, 2000
SHOWN = 24  # neurons in the raster


def run(values: Values, stage: Stage) -> str:
    """One kind of network; its loss, the test digits it reads, its spikes at one digit."""
    digits("train", 1)  # a missing data set is said before anything is made
    kind, epochs = KINDS[round(values["kind"])], round(values["epochs"])
    stage.show(lambda: drawn([], [], 1, None))
    stage.progress(0.0, "making the network")
    course = made(kind, round(values["digits"]), round(values["seed"]), values["rate"])
    shown = pixels("t10k", 1)[0][0]

    def draw() -> Panels:
        fired = None if kind == "rates" else course.net.fired(shown)
        return drawn(course.losses, course.right, course.batches, fired)

    with shown_last(stage, draw):
        found = course.train(epochs, progress=stage.progress, cancel=stage.cancel,
                             watch=lambda *_: stage.show(draw))  # fmt: skip
    said = after(found, "epoch", epochs)
    if not course.right:
        return f"{said} no test digits were read"
    return f"{said} {course.right[-1]:.1%} of {TEST:,} test digits are read rightly"


@cache
def pixels(part: str, count: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Digits [count, 196] of half the resolution, 0 to 1, and which they are."""
    images, which = digits(part, count)
    return halved(images), which


def made(kind: str, count: int, number: int = 0, rate: float = RATE) -> HybridCourse:
    """A network that learns ``count`` digits and is asked for others."""
    from engine.deep import HybridCourse, Labelled

    given, asked = (Labelled(*pixels(*part)) for part in (("train", count), ("t10k", TEST)))
    return HybridCourse(kind, given, asked, number, rate)


def drawn(
    losses: Sequence[float],
    right: Sequence[float],
    batches: int,
    fired: NDArray[np.float32] | None,
) -> Panels:
    """The loss of each of so many ``batches`` an epoch, the test digits by epoch, spikes."""
    done = (np.arange(len(losses)) + 1) / batches
    found = [
        Panel([Curve(done, losses)], "epoch", "loss of each batch", zero=True),
        shares([Curve(np.arange(1, len(right) + 1), right, colour=0),
                Curve(np.arange(1, len(right) + 1), right, "", "dots", 0)]),
    ]  # fmt: skip
    return found if fired is None else [*found, raster(fired)]


def shares(curves: Sequence[Curve]) -> Panel:
    """The share of test digits read rightly, by epoch."""
    return Panel(curves, "epoch", "share read rightly")


def raster(fired: NDArray[np.float32]) -> Panel:
    """What some neurons did at one digit, [steps, neurons]."""
    at, who = np.nonzero(fired[:, :SHOWN])
    return Panel([Curve(at + 1, who, "", "ticks")], "step", "spiking neuron")


TASK = Task(
    "hybrid_digits",
    "Rates and spikes in one network",
    "The rates of the first layer are the currents of spiking neurons. Gradients go through the "
    "spikes, by a surrogate of their slope, to the weights before them.",
    "Neftci, Mostafa & Zenke 2019, IEEE Signal Processing Magazine 36:51",
    run,
    {
        "kind": option(1, "rates alone", "rates, then spikes", "spikes alone"),
        "digits": Parameter(COUNT, "", (64, 50_000), "digits to learn from", kind="integer"),
        "epochs": Parameter(20, "", (1, 100), "times they are shown", kind="integer"),
        "rate": Parameter(RATE, "", (1e-5, 1), "learning rate"),
        "seed": seed("weights and the order of digits"),
    },
    data=FOLDER,
)
