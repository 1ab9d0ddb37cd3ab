"""SpikeProp learns XOR: the output's spike moves to 10 ms for 1 and 16 ms for 0.

Bohte, Kok & La Poutre 2002.  Above, the squared error of twenty networks; below, the output's spike
for the four inputs as one of them learns.
"""

import numpy as np
from showing import progress, show

from engine import learning
from workbench.curves import Curve, Panel
from workbench.studio.tasks.spikeprop_xor import (
    EPOCHS,
    HIDDEN,
    RATE,
    STRENGTHS,
    errors_shown,
    moves,
)


def run(quick: bool) -> tuple[str, list[Panel]]:
    """Ten seeds with the signs of the paper and ten with free ones, and one of these watched."""
    times, targets = learning.xor_times()
    signed, free = (learning.SpikeProp((3, HIDDEN, 1), mixed=mixed) for mixed in (False, True))
    curves, said = [], []
    for colour, (net, strength) in enumerate(zip((signed, free), STRENGTHS, strict=True)):
        runs = [
            net.train(
                times,
                targets,
                rate=RATE,
                epochs=EPOCHS,
                weights=net.start(seed, strength),
                progress=progress,
            )
            for seed in range(2 if quick else 10)
        ]
        epochs = sorted(found.rounds for found in runs if found.reached)
        said.append(f"{len(epochs)} of {len(runs)} ({epochs[0]} to {epochs[-1]} epochs)")
        for n, found in enumerate(runs):
            shown, name = errors_shown(found.error), ("fixed signs", "free signs")[colour]
            curves.append(Curve(np.arange(found.rounds), shown, "" if n else name, colour=colour))
    spikes = watched(free, times, targets, 80)
    words = f"XOR by spike times is learnt by {said[0]}, with free signs by {said[1]}"
    return words, [
        Panel(curves, "epoch", "squared error, ms²", zero=True),
        moves(spikes),
    ]


def watched(
    net: learning.SpikeProp, times: np.ndarray, targets: np.ndarray, epochs: int
) -> list[np.ndarray]:
    """The output's spikes [epochs][4] in ms while the first network learns."""
    weights, seen = net.start(0, STRENGTHS[1]), []
    for _ in range(epochs):
        seen.append(net.fire(weights, times)[-1][:, 0])
        weights = net.descend(weights, net.gradient(weights, times, targets)[1], RATE)
    return seen


if __name__ == "__main__":
    show("spikeprop_xor", __doc__ or "", run)
