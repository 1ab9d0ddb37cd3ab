"""SpikeProp learns XOR by the times of single spikes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine import learning
from engine.models.declaration import Parameter, option
from workbench.curves import Curve, Panel
from workbench.studio.course import Pace, after, pace, seed, shown_last
from workbench.studio.task import Panels, Stage, Task, Values

RATE, EPOCHS, HIDDEN = 0.01, 2000, 5
STRENGTHS = (12.0, 5.0)  # of the weights at the start: with fixed signs, with free ones
MOST_SHOWN = 100.0  # ms^2: an error above says only that the net is far from learning


def run(values: Values, stage: Stage) -> str:
    """One network; the error, and the output's spike for each of the four inputs."""
    times, targets = learning.xor_times()
    free, epochs = bool(values["signs"]), round(values["epochs"])
    net = learning.SpikeProp((3, round(values["hidden"]), 1), mixed=free)
    errors: Sequence[float] = []
    spikes: list[NDArray[np.float64]] = []
    pacer = Pace(values["pace"])

    def draw() -> Panels:
        return [Panel([Curve(np.arange(len(spikes)), errors_shown(errors))], "epoch",
                      "squared error, ms²", zero=True), moves(spikes)]  # fmt: skip

    def seen(weights: list[NDArray[np.float64]], so_far: Sequence[float]) -> None:
        nonlocal errors
        errors = so_far
        spikes.append(net.fire(weights, times)[-1][:, 0])
        stage.show(draw)
        pacer.keep()

    with shown_last(stage, draw):
        found = net.train(
            times, targets, rate=values["rate"], epochs=epochs,
            weights=net.start(round(values["seed"]), STRENGTHS[free]),
            progress=stage.progress, cancel=stage.cancel, watch=seen,
        )  # fmt: skip
    if found.reached:
        return f"XOR is learnt after {found.rounds:,} epochs: the squared error is below 1 ms²"
    return f"{after(found, 'epoch', epochs)} the squared error is {found.error[-1]:.3g} ms²"


def errors_shown(errors: ArrayLike) -> NDArray[np.float64]:
    """Errors that can be looked at together."""
    return np.minimum(np.asarray(errors, np.float64), MOST_SHOWN)


def moves(spikes: Sequence[NDArray[np.float64]]) -> Panel:
    """When the output fires [epochs][4] for each of the inputs, in ms."""
    epochs, times = np.arange(len(spikes)), np.reshape(spikes, (-1, 4))
    curves = [Curve(epochs, times[:, n], f"{n // 2} xor {n % 2}") for n in range(4)]
    return Panel(curves, "epoch", "output spike, ms")


TASK = Task(
    "spikeprop_xor",
    "XOR by spike times",
    "Each input spikes at 0 or 6 ms; the output should spike at 10 ms where they differ, at 16 ms "
    "where they are alike. The network descends on the square of what its spike is off.",
    "Bohte, Kok & La Poutré 2002, Neurocomputing 48:17",
    run,
    {
        "hidden": Parameter(HIDDEN, "", (2, 20), "hidden neurons", kind="integer"),
        "signs": option(1, "one hidden neuron inhibits", "every weight may have either sign"),
        "rate": Parameter(RATE, "", (1e-4, 1), "learning rate"),
        "epochs": Parameter(EPOCHS, "", (1, 20_000), "epochs at most", kind="integer"),
        "pace": pace(15, "epochs"),
        "seed": seed("the weights at the start"),
    },
)
