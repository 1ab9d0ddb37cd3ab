"""A tempotron learns to fire for some patterns of spikes and not for others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine import learning
from engine.models.declaration import Parameter
from workbench.curves import Curve, Panel
from workbench.studio.course import Pace, after, pace, seed, shown_last
from workbench.studio.task import Panels, Stage, Task, Values

INPUTS, CYCLES = 50, 500
RATE = 0.01  # of the threshold, shared by the inputs
TIMES = np.arange(0.0, 560.0, 0.5)  # ms, at which potentials are drawn


def run(values: Values, stage: Stage) -> str:
    """One set of patterns; the errors of each cycle, and the potential for two of the patterns."""
    inputs, cycles, number = (round(values[name]) for name in ("inputs", "cycles", "seed"))
    neuron = learning.Tempotron(inputs, tau=values["tau"])
    count = max(2, round(values["load"] * inputs))
    times, wanted = learning.latency_patterns(count, inputs, seed=number)
    weights, errors = neuron.start(number), []
    pacer = Pace(values["pace"])

    def draw() -> Panels:
        return [
            Panel([Curve(np.arange(1, len(errors) + 1), errors)], "cycle", "share of wrong answers",
                  zero=True),
            potentials(neuron, weights, times, wanted),
        ]  # fmt: skip

    def seen(now: NDArray[np.float64], so_far: Sequence[float]) -> None:
        nonlocal weights, errors
        ended = len(so_far) > len(errors)
        weights, errors = now, list(so_far)
        stage.show(draw)
        if ended:
            pacer.keep()

    stage.show(draw)
    with shown_last(stage, draw):
        found = neuron.train(
            neuron.spikes(times), wanted, rate=values["rate"] / inputs, cycles=cycles, seed=number,
            progress=stage.progress, cancel=stage.cancel, watch=seen,
        )  # fmt: skip
    if found.reached:
        return f"All {count} patterns are learnt after {found.rounds:,} cycles"
    right = float(np.mean(neuron.fires(found.state, neuron.spikes(times)) == wanted))
    return f"{after(found, 'cycle', cycles)} {right:.1%} of {count} patterns are answered rightly"


def potentials(
    neuron: learning.Tempotron, weights: ArrayLike, times: ArrayLike, wanted: ArrayLike
) -> Panel:
    """The potential for one pattern of each class, of ``times`` [patterns, inputs] in ms."""
    patterns = np.asarray(times, np.float64)
    chosen = int(np.argmax(wanted)), int(np.argmin(wanted))
    curves = [
        Curve(TIMES, neuron.kernel(TIMES[:, None] - patterns[n]) @ np.asarray(weights), name)
        for n, name in zip(chosen, ("should fire", "should not"), strict=True)
    ]
    return Panel([*curves, Curve(TIMES, np.ones_like(TIMES), "threshold")], "ms", "potential")


TASK = Task(
    "tempotron_capacity",
    "To fire or not to fire",
    "Every input spikes once in half a second, at random; for half of the patterns the neuron "
    "should fire. Up to some 2 to 3 patterns for each input can be learnt.",
    "Gütig & Sompolinsky 2006, Nature Neuroscience 9:420",
    run,
    {
        "inputs": Parameter(INPUTS, "", (5, 200), "inputs", kind="integer"),
        "load": Parameter(1.0, "", (0.1, 4), "patterns for each input"),
        "tau": Parameter(15.0, "ms", (2, 100), "membrane time constant"),
        "rate": Parameter(
            RATE, "", (1e-5, 10), "learning rate, in thresholds, shared by the inputs"
        ),
        "cycles": Parameter(CYCLES, "", (1, 10_000), "rounds of all patterns", kind="integer"),
        "pace": pace(25, "cycles"),
        "seed": seed("patterns and weights"),
    },
)
