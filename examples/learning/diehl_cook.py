"""Neurons that compete learn handwritten digits without being told which is which.

Diehl & Cook 2015.  The data set MNIST is read from the folder that WORKBENCH_DATA names.  Above,
the weights of the excitatory neurons from the 28 x 28 pixels; below, the share of digits that were
read wrongly while the network learnt, and of the test digits afterwards.
"""

from showing import progress, show

from engine import learning
from workbench.curves import Panel, Wall
from workbench.studio.tasks.diehl_cook import taught, wrong


def run(quick: bool) -> tuple[str, list[Panel | Wall]]:
    """The features of all neurons, and how errors became fewer."""
    seen, test, neurons = (600, 200, 25) if quick else (20_000, 10_000, 100)
    found = taught(learning.DiehlCook(neurons), seen, test, progress=progress)
    words = (
        f"Without labels {neurons} neurons learn to read {found.right:.1%} of {test:,} test digits "
        f"in one pass over {seen:,}"
    )
    return words, [
        Wall(found.fields, "weights of each neuron, by its digit"),
        wrong(found.course.error, seen, found.right),
    ]


if __name__ == "__main__":
    show("diehl_cook", __doc__ or "", run)
