"""Work for a page on the compute threads, of which only the newest of each kind matters.

A piece of work is a generator: between two ``yield`` others have their turn, and newer work of the
same kind takes its place there; what it returns is delivered.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from engine.errors import WorkbenchError
from workbench.live.compute import ComputePool, Ticket

log = logging.getLogger("workbench")

Work = Generator[None, None, Any]


@dataclass(eq=False)
class _Piece:
    work: Work
    due: float  # on the monotonic clock: what is dragged on is not begun at every step


class Newest:
    """Pieces of work by kind, done in the order of ``kinds``; ``deliver`` is called on a thread.

    ``deliver(kind, result)`` gets what a piece returned, the ``WorkbenchError`` it raised, or None
    where a bug ended it (the traceback is in the log).
    """

    def __init__(
        self, pool: ComputePool, kinds: tuple[str, ...], deliver: Callable[[str, Any], None]
    ) -> None:
        self._pool, self._kinds, self._deliver = pool, kinds, deliver
        self._lock = threading.Lock()
        self._pieces: dict[str, _Piece] = {}
        self._ticket: Ticket | None = None
        self._closed = False

    def ask(self, kind: str, work: Work, delay: float = 0.0) -> None:
        """Begin ``work`` in ``delay`` seconds, in the place of any of its kind."""
        with self._lock:
            if self._closed:
                return
            self._pieces[kind] = _Piece(work, time.monotonic() + delay)
            if self._ticket is None or self._ticket.done:
                self._ticket = self._pool.submit(self)
            else:
                self._ticket.wake()

    def forget(self, *kinds: str) -> None:
        """Do no more of these kinds (of all, if none is named)."""
        with self._lock:
            for kind in kinds or self._kinds:
                self._pieces.pop(kind, None)

    def close(self) -> None:
        """Do nothing any more."""
        with self._lock:
            self._closed = True
            self._pieces.clear()
            if self._ticket is not None:
                self._ticket.wake()

    def slice(self, seconds: float) -> float | None:
        """Go on with what is due, as a job of the pool."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            kind, piece, wait = self._next()
            if piece is None:
                return None if self._closed else wait
            self._step(kind, piece)
        return 0.0

    def crashed(self, error: BaseException) -> None:
        """Nothing is left running; the next question begins anew."""
        log.error("the model page's work failed", exc_info=error)

    def _next(self) -> tuple[str, _Piece | None, float]:
        """What to go on with, or how long to wait for the first that is due."""
        now = time.monotonic()
        with self._lock:
            for kind in self._kinds:
                piece = self._pieces.get(kind)
                if piece is not None and piece.due <= now:
                    return kind, piece, 0.0
            dues = [piece.due for piece in self._pieces.values()]
        return "", None, max(0.001, min(dues) - now) if dues else math.inf

    def _step(self, kind: str, piece: _Piece) -> None:
        result: Any = None
        try:
            next(piece.work)
            return
        except StopIteration as done:
            result = done.value
        except WorkbenchError as error:
            result = error
        except Exception:
            log.exception("a drawing of the model page failed")
        with self._lock:
            if self._pieces.get(kind) is not piece:
                return  # something newer has been asked for
            del self._pieces[kind]
        self._deliver(kind, result)
