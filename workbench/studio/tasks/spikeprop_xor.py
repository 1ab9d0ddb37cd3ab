"""SpikeProp learns XOR by the times of single spikes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from engine import learning
from engine.models.declaration import Parameter, option
from workbench.curves import Curve, Panel
from workbench.studio.task import Panels, Stage, Task, Values

MOST_SHOWN = 100.0  # ms^2: an error above says only that the net is far from learning


def run(values: Values, stage: Stage) -> str:
    """One network; the error, and the output's spike for each of the four inputs."""
    times, targets = learning.xor_times()
    net = learning.SpikeProp((3, round(values["hidden"]), 1), mixed=bool(values["signs"]))
    spikes: list[np.ndarray] = []

    def seen(weights: list[np.ndarray], errors: Sequence[float]) -> None:
        spikes.append(net.fire(weights, times)[-1][:, 0])
        stage.show(lambda: drawn(errors, spikes))

    found = net.train(
        times, targets, rate=values["rate"], epochs=round(values["epochs"]),
        weights=net.start(round(values["seed"]), 5.0 if values["signs"] else 12.0),
        progress=stage.progress, cancel=stage.cancel, watch=seen,
    )  # fmt: skip
    stage.show(lambda: drawn(found.error, spikes), last=True)
    if found.reached:
        return f"XOR is learnt after {found.rounds:,} epochs: the squared error is below 1 ms²"
    return f"After {found.rounds:,} epochs the squared error is {found.error[-1]:.3g} ms²"


def drawn(errors: ArrayLike, spikes: list[np.ndarray]) -> Panels:
    """The error by epoch, and below when the output fires."""
    epochs, times = np.arange(len(spikes)), np.array(spikes)
    moves = [Curve(epochs, times[:, n], f"{n // 2} xor {n % 2}") for n in range(4)]
    return [
        Panel([Curve(epochs, np.minimum(errors, MOST_SHOWN))], "epoch", "squared error, ms²",
              zero=True),
        Panel(moves, "epoch", "output spike, ms"),
    ]  # fmt: skip


TASK = Task(
    "spikeprop_xor",
    "XOR by spike times",
    "Each input spikes at 0 or 6 ms; the output should spike at 10 ms where they differ, at 16 ms "
    "where they are alike. The network descends on the square of what its spike is off.",
    "Bohte, Kok & La Poutré 2002, Neurocomputing 48:17",
    run,
    {
        "hidden": Parameter(5, "", (2, 20), "hidden neurons", kind="integer"),
        "signs": option(0, "one hidden neuron inhibits", "every weight may have either sign"),
        "rate": Parameter(0.01, "", (1e-4, 1), "learning rate"),
        "epochs": Parameter(2000, "", (1, 20_000), "rounds at most", kind="integer"),
        "seed": Parameter(0, "", (0, 1e6), "of the weights at the start", kind="integer"),
    },
)
