"""A recurrent network of adaptive neurons learns to draw a curve by e-prop, forward in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.learning.course import Cancel, Progress, Trained, Watch
from engine.learning.draws import Draws
from engine.models.declaration import Parameter, option
from workbench.curves import Curve, Panel
from workbench.studio.course import after, seed, shown_last
from workbench.studio.task import Panels, Stage, Task, Values

if TYPE_CHECKING:
    from engine.deep import EProp

STEPS, INPUTS, NEURONS = 500, 20, 100
RATE, UPDATES, ADAPTATION = 0.003, 250, 0.07
FEEDBACK = ("symmetric", "random")
MOST_SPIKES = 5000  # in a drawing: of more, some of the neurons are shown
BETWEEN = 3  # updates between two looks at the output: it takes a run of the network


def curve() -> NDArray[np.float64]:
    """What is wanted, [steps]: four sines."""
    turn = 2 * np.pi * np.arange(STEPS) / STEPS
    return np.sum([np.sin(k * turn + k) / k for k in (1, 2, 3, 5)], 0)


def told(number: int = 0) -> NDArray[np.float32]:
    """The input [steps, 1, inputs]: spikes at random, the same each time."""
    return (Draws(number, "input").uniform(STEPS, 1, INPUTS) < 0.05).astype(np.float32)


def network(
    feedback: str, neurons: int = NEURONS, adaptation: float = ADAPTATION, number: int = 0
) -> EProp:
    """A network of which the second half adapts."""
    from engine.deep import EProp

    beta = np.where(np.arange(neurons) < neurons // 2, 0.0, adaptation)
    return EProp(INPUTS, neurons, 1, beta=beta, feedback=feedback, seed=number)


def learnt(
    net: EProp,
    updates: int,
    rate: float = RATE,
    number: int = 0,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    watch: Watch | None = None,
) -> Trained[dict[str, NDArray[np.float32]]]:
    """Teach ``net`` the curve."""
    from engine.deep import fit_eprop

    x, y = told(number), curve().astype(np.float32)[:, None, None]
    return fit_eprop(net, lambda _: (x, y, None), updates, rate=rate, progress=progress,
                     cancel=cancel, watch=watch)  # fmt: skip


def answered(net: EProp, number: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The read-out [steps] and the spikes [steps, neurons] of the network."""
    out, spikes = net(told(number))
    return out[:, 0, 0].numpy().astype(float), spikes[:, 0].numpy()


def explained(out: NDArray[np.float64]) -> float:
    """The share of the variance of the curve that a read-out explains."""
    wanted = curve().astype(np.float32)
    return 1.0 - float(np.mean((out - wanted) ** 2) / np.var(wanted, ddof=1))


def run(values: Values, stage: Stage) -> str:
    """One network; the loss, what it draws, its spikes."""
    updates, neurons, number = (round(values[name]) for name in ("updates", "neurons", "seed"))
    losses: Sequence[float] = []
    answer = np.full(STEPS, np.nan), np.zeros((0, neurons))

    def draw() -> Panels:
        return [loss(losses), *drawn(*answer)]

    stage.show(draw)
    stage.progress(0.0, "making the network")
    feedback = FEEDBACK[round(values["feedback"])]
    net = network(feedback, neurons, values["adaptation"], number)

    def seen(_: object, so_far: Sequence[float]) -> None:
        nonlocal losses, answer
        # Within an update the network must not be run: it would lose its place.
        if len(so_far) > len(losses) and len(losses) % BETWEEN == 0:
            answer = answered(net, number)
        losses = list(so_far)
        stage.show(draw)

    with shown_last(stage, draw):
        found = learnt(net, updates, values["rate"], number, progress=stage.progress,
                       cancel=stage.cancel, watch=seen)  # fmt: skip
        answer = answered(net, number)
    share = max(0.0, explained(answer[0]))
    return (
        f"{after(found, 'update', updates)} the network explains {share:.1%} of the variance of "
        "the curve"
    )


def loss(losses: Sequence[float]) -> Panel:
    """The loss by update."""
    return Panel([Curve(np.arange(len(losses)), losses)], "update", "loss", zero=True)


def drawn(out: NDArray[np.float64], spikes: NDArray[np.float64]) -> tuple[Panel, Panel]:
    """What is wanted and what the network makes of it, and its spikes."""
    every = 1 + int(np.count_nonzero(spikes)) // MOST_SPIKES
    at, who = np.nonzero(spikes[:, ::every])
    steps = np.arange(STEPS)
    curves = [Curve(steps, curve(), "wanted"), Curve(steps, out, "network")]
    return Panel(curves, "step", "output"), Panel(
        [Curve(at, who * every, "", "ticks")], "step", "neuron"
    )


TASK = Task(
    "eprop_pattern",
    "Drawing a curve by e-prop",
    "The input is the same noise each time; a read-out of the neurons' spikes should follow a "
    "curve. Each synapse remembers what it did, and a learning signal says what it was worth: "
    "nothing is computed backward in time.",
    "Bellec et al. 2020, Nature Communications 11:3625",
    run,
    {
        "neurons": Parameter(NEURONS, "", (10, 300), "neurons", kind="integer"),
        "feedback": option(0, "learning signals by the read-out's weights", "by random weights"),
        "adaptation": Parameter(
            ADAPTATION, "", (0, 2), "what a spike adds to thresholds of half the neurons"
        ),
        "rate": Parameter(RATE, "", (1e-5, 1), "learning rate"),
        "updates": Parameter(UPDATES, "", (1, 5000), "updates", kind="integer"),
        "seed": seed("weights and input"),
    },
)
