"""Neurons that compete learn handwritten digits without being told which is which.

Diehl & Cook 2015.  The data set MNIST is read from the folder that WORKBENCH_DATA names.  Above,
the weights of the excitatory neurons from the 28 x 28 pixels; below, the share of digits that were
read wrongly while the network learnt, and of the test digits afterwards.
"""

from typing import NamedTuple

import numpy as np
from showing import digits, progress, show

from engine import learning
from workbench.curves import Curve, Panel, Wall

ALL = 55_000
READ_BY = 5000  # digits, the last ones shown, by which each neuron is given its digit


class Taught(NamedTuple):
    """What a network has learnt."""

    right: float  # share of the test digits that is read rightly
    error: np.ndarray  # share read wrongly of every 250 digits while learning
    weights: np.ndarray  # [pixels, neurons], nS
    assigned: np.ndarray  # digit of each neuron, -1 for none


def taught(neurons: int = 100, seen: int = 20_000, test: int = 10_000, seed: int = 0) -> Taught:
    """One pass over ``seen`` digits in an order of the seed, then ``test`` others, at rest."""
    images, labels = digits("train", ALL)
    order = np.random.default_rng(seed).permutation(ALL)[:seen]  # the first of the file teach less
    images, labels = images[order], labels[order]
    tests, answers = digits("t10k", test)
    network = learning.DiehlCook(neurons, seed=seed)
    run = network.train(images, labels, progress=progress)
    last = slice(-min(READ_BY, seen // 2), None)
    assigned = learning.assign_classes(run.state.spikes[last], labels[last])
    spikes = network.respond(run.state, tests, progress=progress).state
    right = float(np.mean(learning.read_classes(spikes, assigned) == answers))
    return Taught(right, run.error, run.state.weights, assigned)


def run(quick: bool) -> tuple[str, list[Panel | Wall]]:
    """The features of all neurons, and how errors became fewer."""
    seen, test, neurons = (600, 200, 25) if quick else (20_000, 10_000, 100)
    found = taught(neurons, seen, test)
    words = (
        f"Without labels {neurons} neurons learn to read {found.right:.1%} of {test:,} test digits "
        f"in one pass over {seen:,}"
    )
    fields = found.weights.T.reshape(neurons, 28, 28)
    shown = np.minimum(np.arange(1, len(found.error) + 1) * 250, seen)
    ends = [0, seen]
    return words, [
        Wall(fields[np.argsort(found.assigned, kind="stable")],
             "weights of each neuron, by its digit"),
        Panel([Curve(shown, found.error, "while learning"),
               Curve(ends, [1 - found.right] * 2, "test digits")],
              "digits shown", "share read wrongly", zero=True),
    ]  # fmt: skip


if __name__ == "__main__":
    show("diehl_cook", __doc__ or "", run)
