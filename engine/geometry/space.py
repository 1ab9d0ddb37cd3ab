"""Where the members of a population are: on a line, on a ring, in a grid, anywhere in a field.

Positions are in um, members in order: along the line, row by row of the grid.  A ring and a field
that is periodic close: what leaves it at one side comes in at the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Space:
    """``position`` [N, 2] in um; ``period`` of each axis in um, 0 where it does not close.

    The first axis of a ring runs along it.
    """

    position: Floats
    period: tuple[float, float] = (0.0, 0.0)
    ring: bool = False

    def __len__(self) -> int:
        return len(self.position)

    def distance(self, members: NDArray[np.integer], other: Space, others: NDArray[np.integer]):
        """Distance [um] of ``members`` from ``others`` of another space, one by one.

        The shortest way, around where this space is periodic.  Raises DataError where one of the
        two closes and the other does not, or at another length.
        """
        apart = np.abs(self.position[members] - other.position[others])
        for axis, period in enumerate(together(self, other)):
            if period > 0:
                apart[..., axis] %= period
                apart[..., axis] = np.minimum(apart[..., axis], period - apart[..., axis])
        return np.hypot(apart[..., 0], apart[..., 1])

    def drawn(self) -> Floats:
        """[N, 2] as on paper: a ring is round."""
        if not self.ring:
            return self.position
        angle = 2 * np.pi * self.position[:, 0] / self.period[0]
        radius = self.period[0] / (2 * np.pi)
        return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def together(one: Space, other: Space) -> tuple[float, float]:
    """The periods of two spaces between which distances are measured.

    Raises DataError unless both close alike.
    """
    if one.period == other.period and one.ring == other.ring:
        return one.period
    shown = " and ".join(_closes(each) for each in (one, other))
    raise DataError(
        f"there is no distance between two populations of which one {shown}; give both the same "
        "periods"
    )


def _closes(space: Space) -> str:
    if not any(space.period):
        return "does not close"
    return "closes after " + " by ".join(f"{period:g} um" for period in space.period if period)


def line(size: int, length: float, x: float = 0.0, y: float = 0.0) -> Space:
    """``size`` members evenly along ``length`` um, the middle at (x, y)."""
    along = x + length * ((np.arange(size) + 0.5) / size - 0.5)
    return Space(np.stack([along, np.full(size, y)], axis=1))


def ring(size: int, length: float) -> Space:
    """``size`` members evenly around a ring of ``length`` um, which distances follow."""
    along = length * np.arange(size) / size
    return Space(np.stack([along, np.zeros(size)], axis=1), (length, 0.0), ring=True)


def columns_of(size: int, columns: int | None = None) -> int:
    """How many columns a grid of ``size`` has where nobody says it: about as many as rows."""
    return columns or math.ceil(math.sqrt(size))


def grid(
    size: int,
    width: float,
    height: float,
    columns: int | None = None,
    periodic: bool = False,
    x: float = 0.0,
    y: float = 0.0,
    from_top: bool = False,
) -> Space:
    """``size`` members row by row in a grid of ``width`` by ``height`` um around (x, y).

    The first row is the lowest, or the uppermost (``from_top``); the last may be shorter.
    """
    across = columns_of(size, columns)
    rows = math.ceil(size / across)
    place = np.arange(size)
    shares = np.stack([(place % across + 0.5) / across, (place // across + 0.5) / rows], axis=1)
    if from_top:
        shares[:, 1] = 1.0 - shares[:, 1]
    return field(shares, width, height, periodic, x, y)


def field(
    shares: Floats,
    width: float,
    height: float,
    periodic: bool = False,
    x: float = 0.0,
    y: float = 0.0,
) -> Space:
    """Members at ``shares`` [N, 2] (0 to 1) of a field of ``width`` by ``height`` um."""
    position = np.array([x, y]) + (np.asarray(shares, np.float64) - 0.5) * (width, height)
    return Space(position, (width, height) if periodic else (0.0, 0.0))
