"""Random numbers of a task: the engine's counter-based streams, one draw after the other."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.backends import philox
from engine.checked import Whole, whole
from engine.learning.checked import Floats, require_room
from engine.random import stream


class Draws:
    """Draws of the stream ``name`` of ``seed``: the n-th draw is the same on every machine."""

    def __init__(self, seed: int, name: str) -> None:
        self.seed, self.stream = whole(seed, "seed", 0), stream(name, "learning")
        self.step = 0  # draws made

    def _next(self) -> int:
        self.step += 1
        return self.step - 1

    def _size(self, shape: tuple[int, ...]) -> int:
        size = math.prod(shape)
        require_room(size, "random numbers")
        return size

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Floats:
        """Numbers between ``low`` and ``high``, of ``shape``."""
        size = self._size(shape)
        found = philox.uniforms(self.seed, self.stream, self._next(), size, 0)
        return (low + (high - low) * found).reshape(shape)

    def normal(self, *shape: int) -> Floats:
        """Standard normal numbers, of ``shape``."""
        size = self._size(shape)
        return philox.normals(self.seed, self.stream, self._next(), size).reshape(shape)

    def order(self, size: int) -> Whole:
        """The numbers 0 .. size - 1 in random order."""
        return np.argsort(self.uniform(size), kind="stable")

    def choice(self, size: int, share: float = 0.5) -> NDArray[np.bool_]:
        """True with probability ``share``, [size]."""
        return self.uniform(size) < share
