"""A hybrid network: a layer of rates, a layer of spiking neurons and a read-out, trained as one.

The rates (ReLU) are the currents of the spiking neurons; surrogate gradients go through the spikes
to the weights before them.  Beside it the same network without spikes, and with spikes alone.
MNIST is read from the folder that WORKBENCH_DATA names (a data set).  From above: the share of test
digits that are read rightly, and the spikes of the hybrid for one of them.
"""

import numpy as np
from showing import progress, show

from workbench.curves import Curve, Panel
from workbench.studio.tasks.hybrid_digits import (
    COUNT,
    EPOCHS,
    KINDS,
    SHOWN,
    TEST,
    made,
    pixels,
    raster,
    shares,
)


def run(quick: bool) -> tuple[str, list[Panel]]:
    """All three kinds on the same digits."""
    count, epochs, seeds = (1000, 2, 1) if quick else (COUNT, EPOCHS, 2)
    curves, ends, fired = [], {}, np.zeros((0, SHOWN))
    for kind in KINDS:
        runs = [made(kind, count, seed) for seed in range(seeds)]
        for course in runs:
            course.train(epochs, progress=progress)
        right = np.mean([course.right for course in runs], axis=0)
        fired = runs[0].net.fired(pixels("t10k", 1)[0][0]) if kind == "hybrid" else fired
        curves.append(Curve(np.arange(1, epochs + 1), right, kind))
        ends[kind] = right[-1]
    words = (
        f"Hybrid network on MNIST: {ends['hybrid']:.1%} of {TEST} test digits after {count} digits "
        f"{epochs} times; with rates alone {ends['rates']:.1%}, with spikes alone "
        f"{ends['spikes']:.1%}; a neuron fires {fired.mean():.2f} spikes a step"
    )
    return words, [shares(curves), raster(fired)]


if __name__ == "__main__":
    show("hybrid_digits", __doc__ or "", run)
