"""What the inspector's drawing of a node shows while the network runs: a shade for each member."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.document import Document
from engine.runtime.places import space_of
from engine.runtime.plan import Chunk

if TYPE_CHECKING:
    from workbench.live.recording import Member

Shade = NDArray[np.uint8]
MOST = 20_000  # members that are drawn
FADE = 15.0  # ms in which the light of a spike falls to 1/e
FEWEST = 2.0  # stretches of a run in which it does so at least
States = Callable[[], dict[str, NDArray[np.floating]]]


class Shades(Protocol):
    """The newest shade of every member."""

    def feed(self, chunk: Chunk, states: States) -> None:
        """Take over what a stretch of the run has brought."""
        ...

    def take(self) -> tuple[Shade, str] | None:
        """(shades 0 to 255, what their ends mean); None while there is nothing to tell apart."""
        ...


class Potentials:
    """The membrane potential of all compartments of a cell, within its extent so far."""

    def __init__(self, membrane: str) -> None:
        self.membrane = membrane  # its state
        self.low, self.high = math.inf, -math.inf
        self._values = np.zeros(0, np.float32)

    def feed(self, chunk: Chunk, states: States) -> None:
        """Take over the newest potentials."""
        values = states()[self.membrane]
        self._values = values.astype(np.float32)
        self.low = min(self.low, float(values.min()))
        self.high = max(self.high, float(values.max()))

    def take(self) -> tuple[Shade, str] | None:
        """Low and high in mV."""
        if not self.high > self.low:
            return None
        shades = (self._values - self.low) * (255 / (self.high - self.low))
        return np.clip(shades, 0, 255).astype(np.uint8), f"{self.low:.1f} … {self.high:.1f} mV"


class Activity:
    """The spikes of members that have places: each lights up and fades.

    It fades in simulated time, but takes a few stretches of the run at least: in a fast run it
    would be gone before it is drawn.
    """

    def __init__(self, emitter: int, size: int, dt: float) -> None:
        self.emitter, self.dt = emitter, dt
        self.fade = FADE  # ms of simulated time, as the newest stretch has it
        self._light = np.zeros(size, np.float32)

    def feed(self, chunk: Chunk, states: States) -> None:
        """Add the spikes of ``chunk``, the later ones brighter."""
        steps, senders = chunk.spikes.get(self.emitter, (np.zeros(0), np.zeros(0, np.int64)))
        fade = self.fade = max(FADE, FEWEST * chunk.steps * self.dt)
        self._light *= math.exp(-chunk.steps * self.dt / fade)
        age = (chunk.start + chunk.steps - np.asarray(steps)) * self.dt
        np.maximum.at(self._light, np.asarray(senders, np.int64), np.exp(-age / fade))

    def take(self) -> tuple[Shade, str] | None:
        """Dark for silence, light for a spike just now."""
        return (np.clip(self._light, 0, 1) * 255).astype(np.uint8), ""


def places_of(document: Document, node: str) -> NDArray[np.float32]:
    """Where members with places are drawn, [N, 2] or [N, 3] in um."""
    space = space_of(document.nodes_by_id[node], document.simulation.seed)
    assert space is not None
    return space.drawn().astype(np.float32)


def drawn_of(
    document: Document, members: Sequence[Member], membranes: Mapping[str, str], dt: float
) -> dict[str, Shades]:
    """Node -> its shades, for those whose members are drawn.

    ``members`` are the nodes as views see them, ``membranes`` says which state is a population's
    potential; ``dt`` in ms.
    """
    found: dict[str, Shades] = {}
    for member in members:
        node = document.nodes_by_id[member.id]
        if node.is_cell and node.id in membranes:
            found[node.id] = Potentials(membranes[node.id])
        elif node.is_placed and member.emitter is not None and node.size <= MOST:
            found[node.id] = Activity(member.emitter, node.size, dt)
    return found
