"""LEABRA learns to answer ten patterns with ten others, by the difference of two phases.

O'Reilly & Munakata 2000.  The squared error of what five networks expect, epoch by epoch.
"""

import numpy as np
from showing import progress, show

from workbench.curves import Curve, Panel
from workbench.studio.tasks.leabra_pairs import EPOCHS, PAIRS, RATE, network, patterns


def run(quick: bool) -> tuple[str, list[Panel]]:
    """Ten pairs, a few seeds."""
    net, curves, right = network(), [], []
    for seed in range(2 if quick else 5):
        inputs = patterns(PAIRS, seed)
        found = net.train(
            inputs, np.eye(PAIRS), rate=RATE, epochs=EPOCHS, seed=seed, progress=progress
        )
        right.append(np.mean(net.answer(found.state, inputs).argmax(1) == np.arange(PAIRS)))
        curves.append(Curve(np.arange(found.rounds), found.error, f"seed {seed}"))
    words = f"LEABRA answers {np.mean(right):.0%} of ten patterns rightly after {EPOCHS} epochs"
    return words, [Panel(curves, "epoch", "squared error", zero=True)]


if __name__ == "__main__":
    show("leabra_pairs", __doc__ or "", run)
