"""An evolving network learns to read digits in one pass, growing neurons as it needs them.

Wysoski, Benuskova & Kasabov 2006.  Bright pixels fire first; the data set MNIST is read from the
folder that WORKBENCH_DATA names.  Above, the share of test digits that are read rightly; below, how
many neurons there are, over the number of digits seen.
"""

import numpy as np
from showing import digits, progress, show

from engine import learning
from workbench.curves import Curve, Panel

TEST = 1000


def run(quick: bool) -> tuple[str, list[Panel]]:
    """One pass in parts, tested after each."""
    seen = [100, 200] if quick else [250, 500, 1000, 2000, 4000]
    images, labels = digits("train", seen[-1])
    tests, answers = digits("t10k", TEST)
    ranks, tests = coded(images), coded(tests)
    rule = learning.Evolving(ranks.shape[1], modulation=0.97, share=0.7, similarity=0.68)
    grown, right, sizes = None, [], []
    for first, last in zip([0, *seen], seen, strict=False):
        grown = rule.fit(ranks[first:last], labels[first:last], grown, progress=progress).state
        right.append(float(np.mean(rule.classify(grown, tests) == answers)))
        sizes.append(grown.size)
    words = (
        f"Evolving network on MNIST: {right[-1]:.1%} of {TEST} test digits after one pass over "
        f"{seen[-1]} digits, with {sizes[-1]} neurons"
    )
    return words, [
        Panel([Curve(seen, right), Curve(seen, right, "", "dots", 0)], "digits seen",
              "share read rightly", zero=True),
        Panel([Curve(seen, sizes), Curve(seen, sizes, "", "dots", 0)], "digits seen", "neurons",
              zero=True),
    ]  # fmt: skip


def coded(images: np.ndarray) -> np.ndarray:
    """The order in which pixels of half the resolution fire: bright first, dark never."""
    small = images.reshape(len(images), 14, 2, 14, 2).mean((2, 4)).reshape(len(images), -1) / 255
    return learning.rank_order(np.where(small > 0.02, 1.0 - small, np.inf))


if __name__ == "__main__":
    show("evolving_digits", __doc__ or "", run)
