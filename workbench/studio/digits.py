"""Handwritten digits of MNIST, from the folder of data sets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.runtime.sample_files import samples

FOLDER = "mnist"
ALL = 55_000  # pictures to learn from


def digits(part: str, count: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The first pictures [count, 28, 28] and digits [count] of MNIST, "train" or "t10k".

    Raises DataError, which says which file is missing and where to put it.
    """
    images, labels = (
        np.array(samples(f"{FOLDER}/{part}-{name}-ubyte.gz", 0, count, None).items)
        for name in ("images-idx3", "labels-idx1")
    )
    return images.astype(np.uint8, copy=False), labels.ravel().astype(np.int64)


def shuffled(count: int, number: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """``count`` of the digits to learn from, in an order that follows from ``number``.

    All of the file take part: the first of it teach less.
    """
    images, labels = digits("train", ALL)
    order = np.random.default_rng(number).permutation(ALL)[:count]
    return images[order], labels[order]


def halved(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Pictures at half the resolution, 0 to 1, [count, 196]."""
    small = images.reshape(len(images), 14, 2, 14, 2).mean((2, 4))
    return small.reshape(len(images), -1) / 255
