"""An evolving network learns to read digits in one pass, growing neurons as it needs them.

Wysoski, Benuskova & Kasabov 2006.  Bright pixels fire first; MNIST is read from the folder that
WORKBENCH_DATA names.  Above, the share of test digits that are read rightly; below, how many
neurons there are, over the number of digits seen.
"""

import gzip

import numpy as np
from showing import progress, show

from engine import learning
from engine.runtime.data_files import find
from workbench.curves import Curve, Panel

TEST = 1000


def run(quick: bool) -> tuple[str, list[Panel]]:
    """One pass in parts, tested after each."""
    images, labels = digits("train")
    seen = [100, 200] if quick else [250, 500, 1000, 2000, 4000]
    tests, answers = (part[:TEST] for part in digits("t10k"))
    ranks, tests = coded(images[: seen[-1]]), coded(tests)
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


def digits(part: str) -> tuple[np.ndarray, np.ndarray]:
    """Images [N, 28, 28] and labels [N] of MNIST."""
    found = [
        find(f"mnist/{part}-{name}-ubyte.gz", None, "data set", (".gz",))
        for name in ("images-idx3", "labels-idx1")
    ]
    images, labels = (np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8) for path in found)
    return images[16:].reshape(-1, 28, 28), labels[8:].astype(np.int64)


if __name__ == "__main__":
    show("evolving_digits", __doc__ or "", run)
