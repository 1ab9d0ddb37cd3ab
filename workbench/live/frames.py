"""A frame: a small JSON header and one binary body; and the pace at which frames are sent.

At most one frame is on its way to a browser.  The next is made only after the browser has said
that it has drawn the last, from whatever is newest then: nothing queues anywhere.
"""

from __future__ import annotations

import asyncio
import time

import numpy as np
from numpy.typing import NDArray

RATE = 30.0  # frames a second at most
WINDOW_MOST = 5000.0  # ms, the longest window a view can show
PATIENCE = 2.0  # s to wait for an acknowledgement before a frame counts as lost
ALIGNMENT = 8  # bytes, so that a browser can view any type in place


class Body:
    """Arrays one after another in one piece of memory, with a table of contents."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self.arrays: dict[str, list[object]] = {}  # name -> [type, offset, length]

    def add(self, name: str, array: NDArray) -> None:
        """Append ``array``, flattened in C order."""
        data = np.ascontiguousarray(array).tobytes()
        self.arrays[name] = [array.dtype.name, self._size, array.size]
        padding = -len(data) % ALIGNMENT
        self._parts += [data, bytes(padding)]
        self._size += len(data) + padding

    def bytes(self) -> bytes:
        """The whole body."""
        return b"".join(self._parts)


class FramePacer:
    """Says when the next frame may be sent.  Lives on one event loop."""

    def __init__(self, rate: float = RATE, patience: float = PATIENCE) -> None:
        self._interval, self._patience = 1.0 / rate, patience
        self._seq = 0
        self._sent_at = -1.0
        self._news = asyncio.Event()
        self._drawn = asyncio.Event()
        self._drawn.set()
        self._closed = False
        self.lost = 0  # frames never acknowledged in time

    @property
    def waiting(self) -> bool:
        """True while a frame is on its way."""
        return not self._drawn.is_set()

    def news(self) -> None:
        """There is something new to show."""
        self._news.set()

    def close(self) -> None:
        """End ``turn`` for good."""
        self._closed = True
        self._news.set()
        self._drawn.set()

    def sent(self) -> int:
        """A frame leaves now; returns its number."""
        self._seq += 1
        self._sent_at = time.monotonic()
        self._drawn.clear()
        return self._seq

    def acknowledge(self, seq: int) -> None:
        """The browser has drawn frame ``seq``; late word of an earlier one is ignored."""
        if seq == self._seq:
            self._drawn.set()

    async def turn(self) -> bool:
        """Wait until a frame may and should be sent; False when closed.

        That is: the last frame was drawn (or is lost), its interval is over, and there are news.
        """
        await self._acknowledged()
        await self._news.wait()
        await asyncio.sleep(max(0.0, self._sent_at + self._interval - time.monotonic()))
        self._news.clear()
        return not self._closed

    async def _acknowledged(self) -> None:
        try:
            await asyncio.wait_for(self._drawn.wait(), self._patience)
        except TimeoutError:
            self.lost += 1
            self._drawn.set()
