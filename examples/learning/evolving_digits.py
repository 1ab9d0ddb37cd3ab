"""An evolving network learns to read digits in one pass, growing neurons as it needs them.

Wysoski, Benuskova & Kasabov 2006.  Bright pixels fire first; the data set MNIST is read from the
folder that WORKBENCH_DATA names.  Above, the share of test digits that are read rightly; below, how
many neurons there are, over the number of digits seen.
"""

import numpy as np
from showing import progress, show

from engine import learning
from workbench.curves import Panel
from workbench.studio.digits import digits
from workbench.studio.tasks.evolving_digits import (
    MODULATION,
    SHARE,
    SIMILARITY,
    TEST,
    coded,
    courses,
)


def run(quick: bool) -> tuple[str, list[Panel]]:
    """One pass in parts, tested after each."""
    seen = [100, 200] if quick else [250, 500, 1000, 2000, 4000]
    images, labels = digits("train", seen[-1])
    tests, answers = digits("t10k", TEST)
    ranks, tests = coded(images), coded(tests)
    rule = learning.Evolving(ranks.shape[1], MODULATION, SHARE, SIMILARITY)
    grown, right, sizes = None, [], []
    for first, last in zip([0, *seen], seen, strict=False):
        grown = rule.fit(ranks[first:last], labels[first:last], grown, progress=progress).state
        right.append(float(np.mean(rule.classify(grown, tests) == answers)))
        sizes.append(grown.size)
    words = (
        f"Evolving network on MNIST: {right[-1]:.1%} of {TEST} test digits after one pass over "
        f"{seen[-1]} digits, with {sizes[-1]} neurons"
    )
    return words, list(courses(seen, right, sizes))


if __name__ == "__main__":
    show("evolving_digits", __doc__ or "", run)
