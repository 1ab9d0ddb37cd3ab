"""LEABRA learns to answer ten patterns with ten others, by the difference of two phases.

O'Reilly & Munakata 2000.  The squared error of what five networks expect, epoch by epoch.
"""

import numpy as np
from showing import progress, show

from engine import learning
from engine.learning.draws import Draws
from workbench.curves import Curve, Panel


def run(quick: bool) -> tuple[str, list[Panel]]:
    """Ten pairs, a few seeds."""
    net, curves, right = learning.Leabra((25, 20, 10), (5, 1)), [], []
    for seed in range(2 if quick else 5):
        draws, inputs = Draws(seed, "patterns"), np.zeros((10, 25))
        for row in inputs:
            row[draws.order(25)[:6]] = 1.0
        found = net.train(inputs, np.eye(10), epochs=40, seed=seed, progress=progress)
        right.append(np.mean(net.answer(found.state, inputs).argmax(1) == np.arange(10)))
        curves.append(Curve(np.arange(found.rounds), found.error, f"seed {seed}"))
    words = f"LEABRA answers {np.mean(right):.0%} of ten patterns rightly after 40 epochs"
    return words, [Panel(curves, "epoch", "squared error", zero=True)]


if __name__ == "__main__":
    show("leabra_pairs", __doc__ or "", run)
