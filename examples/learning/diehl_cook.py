"""Neurons that compete learn handwritten digits without being told which is which.

Diehl & Cook 2015.  The data set MNIST is read from the folder that WORKBENCH_DATA names.  Above,
the weights of the excitatory neurons from the 28 x 28 pixels; below, the share of digits that were
read wrongly while the network learnt, and of the test digits afterwards.
"""

import numpy as np
from showing import digits, progress, show

from engine import learning
from workbench.curves import Curve, Panel, Wall

ALL = 55_000
READ_BY = 5000  # digits, the last ones shown, by which each neuron is given its digit


def run(quick: bool) -> tuple[str, list[Panel | Wall]]:
    """One pass, then the test digits with learning off."""
    seen, test, neurons = (600, 200, 25) if quick else (20_000, 10_000, 100)
    images, labels = digits("train", ALL)
    order = np.random.default_rng(0).permutation(ALL)[:seen]  # the first of the file teach less
    images, labels = images[order], labels[order]
    tests, answers = digits("t10k", test)
    network = learning.DiehlCook(neurons)
    run = network.train(images, labels, progress=progress)
    features = run.state
    last = slice(-min(READ_BY, seen // 2), None)
    assigned = learning.assign_classes(features.spikes[last], labels[last])
    spikes = network.respond(features, tests, progress=progress).state
    right = float(np.mean(learning.read_classes(spikes, assigned) == answers))
    words = (
        f"Without labels {neurons} neurons learn to read {right:.1%} of {test:,} test digits in "
        f"one pass over {seen:,}"
    )
    fields = features.weights.T.reshape(neurons, 28, 28)
    shown = np.minimum(np.arange(1, run.rounds + 1) * 250, seen)
    ends = [0, seen]
    return words, [
        Wall(fields[np.argsort(assigned, kind="stable")], "weights of each neuron, by its digit"),
        Panel([Curve(shown, run.error, "while learning"),
               Curve(ends, [1 - right] * 2, "test digits")],
              "digits shown", "share read wrongly", zero=True),
    ]  # fmt: skip


if __name__ == "__main__":
    show("diehl_cook", __doc__ or "", run)
