"""Where the members of a population are: on a line, on a ring, in a grid, anywhere in a field.

Positions are in um, two numbers a member, or three where a space has depth; members in order: along
the line, row by row of the grid, sheet after sheet.  A ring and an axis that is periodic close:
what leaves at one side comes in at the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError

Floats = NDArray[np.float64]
Three = tuple[float, float, float]
AXES = ("x", "y", "z")
NOWHERE: Three = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Space:
    """``position`` [N, 2] or [N, 3] and ``period`` of each axis, in um; 0 where it does not close.

    The first axis of a ring runs along it.
    """

    position: Floats
    period: Three = NOWHERE
    ring: bool = False

    def __len__(self) -> int:
        return len(self.position)

    @property
    def places(self) -> Floats:
        """[3, N], axis by axis: what is flat lies at z = 0."""
        found = np.zeros((3, len(self)))
        found[: self.position.shape[1]] = self.position.T
        return found

    def part(self, members: slice | NDArray[np.integer]) -> Space:
        """Some of the members, where they are."""
        return replace(self, position=self.position[members])

    def distance(
        self, members: NDArray[np.integer], other: Space, others: NDArray[np.integer]
    ) -> Floats:
        """Distance [um] of ``members`` from ``others`` of another space, one by one.

        The shortest way, around where this space is periodic.  Raises DataError where one of the
        two closes and the other does not, or at another length.
        """
        square = sum(part**2 for part in self.apart(members, other, others))
        return np.sqrt(square)

    def apart(
        self, members: NDArray[np.integer], other: Space, others: NDArray[np.integer]
    ) -> list[Floats]:
        """How far apart they are on each of the three axes [um]; raises as `distance` does."""
        found, here, there = [], self.places, other.places
        for axis, period in enumerate(together(self, other)):
            found.append(shortest(np.abs(here[axis][members] - there[axis][others]), period))
        return found

    def drawn(self) -> Floats:
        """[N, 2] or [N, 3] as on paper: a ring is round."""
        if not self.ring:
            return self.position
        angle = 2 * np.pi * self.position[:, 0] / self.period[0]
        radius = self.period[0] / (2 * np.pi)
        return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def shortest(apart: Floats, period: float) -> Floats:
    """Distances along one axis, the short way round where it has a ``period``."""
    if not period > 0:
        return apart
    left = apart % period
    return np.minimum(left, period - left)


def alike(one: Three, other: Three) -> bool:
    """Whether two spaces with these periods close alike, but for rounding."""
    return all(math.isclose(a, b, rel_tol=1e-9) for a, b in zip(one, other, strict=True))


def together(one: Space, other: Space) -> Three:
    """The periods of two spaces between which distances are measured.

    Raises DataError unless both close alike.
    """
    if alike(one.period, other.period):
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


def line(size: int, length: float, middle: Three = NOWHERE) -> Space:
    """``size`` members evenly along ``length`` um of the first axis around ``middle``."""
    shares = np.full((size, 3), 0.5)
    shares[:, 0] = (np.arange(size) + 0.5) / size
    return field(shares, (length, 0.0, 0.0), middle=middle)


def ring(size: int, length: float) -> Space:
    """``size`` members evenly around a ring of ``length`` um, which distances follow."""
    along = length * np.arange(size) / size
    return Space(np.stack([along, np.zeros(size)], axis=1), (length, 0.0, 0.0), ring=True)


def columns_of(size: int, columns: int | None = None) -> int:
    """How many columns a grid of ``size`` has where nobody says it: about as many as rows."""
    return columns or math.ceil(math.sqrt(size))


def grid_shape(
    size: int, columns: int | None = None, rows: int | None = None, layers: int | None = None
) -> tuple[int, int, int]:
    """Columns, rows and layers of a grid that has room for ``size`` members.

    What is not said follows from the rest, about as many rows as columns; one layer.
    """
    deep = layers or 1
    sheet = max(1, math.ceil(size / deep))  # a wrong document may say that there is nobody
    across = columns or (math.ceil(sheet / rows) if rows else columns_of(sheet))
    return across, rows or math.ceil(sheet / across), deep


def grid(
    size: int,
    shape: tuple[int, int, int],
    extent: Three,
    periodic: tuple[bool, bool, bool] = (False, False, False),
    middle: Three = NOWHERE,
    from_top: bool = False,
) -> Space:
    """``size`` members row by row, sheet after sheet, in a grid of ``extent`` um around ``middle``.

    ``shape`` is that of `grid_shape`; each has the middle of an equal part of the extent.  The
    first row is the lowest, or the uppermost (``from_top``); the last of a sheet may be shorter.
    """
    across, rows, _ = shape
    place = np.arange(size)
    at = place % across, place // across % rows, place // (across * rows)
    shares = np.stack([(k + 0.5) / n for k, n in zip(at, shape, strict=True)], axis=1)
    if from_top:
        shares[:, 1] = 1.0 - shares[:, 1]
    return field(shares, extent, periodic, middle)


def field(
    shares: Floats,
    extent: Three,
    periodic: tuple[bool, bool, bool] = (False, False, False),
    middle: Three = NOWHERE,
) -> Space:
    """Members at ``shares`` [N, 3] (0 to 1) of a field of ``extent`` um around ``middle``.

    It is flat where it has no depth and lies at z = 0.
    """
    position = np.array(middle) + (np.asarray(shares, np.float64) - 0.5) * np.array(extent)
    flat = extent[2] == 0 and middle[2] == 0
    period = tuple(
        length if closes else 0.0 for length, closes in zip(extent, periodic, strict=True)
    )
    return Space(position[:, :2] if flat else position, period)  # pyright: ignore


def round_shares(words: Floats) -> Floats:
    """Numbers [N, 2] or [N, 3] between 0 and 1 as even shares of a disc, or of a ball."""
    turn = 2 * np.pi * words[:, 1]
    if words.shape[1] == 2:
        far = 0.5 * np.sqrt(words[:, 0])
        return 0.5 + np.stack([far * np.cos(turn), far * np.sin(turn)], axis=1)
    up = 2 * words[:, 2] - 1  # the cosine of the angle with the third axis
    far, out = 0.5 * np.cbrt(words[:, 0]), np.sqrt(1 - up**2)
    parts = far * out * np.cos(turn), far * out * np.sin(turn), far * up
    return 0.5 + np.stack(parts, axis=1)
