"""Compiling before anybody presses Run.

Two processes compile, since a compiler in this one would hold up the pages it serves; what they
leave in the kernel cache is only loaded here, and not before the first page has been shown.  When
that is done a third one compiles, with the lowest priority, what any other network of shipped
models would need.  ``python -m workbench.live.warm driver|models|rest [DOC]`` is such a process.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from engine.child import spawn
from engine.document import Document, load
from engine.errors import WorkbenchError
from workbench.store.files import FIRST_EXAMPLE, examples, load_example

log = logging.getLogger(__name__)

DRIVER, MODELS, REST = "driver", "models", "rest"
# The page comes first, but a user may be waiting for what is compiled; nobody waits for the rest.
NICENESS = {DRIVER: 5, MODELS: 5, REST: 15}
PARTS = (DRIVER, MODELS)  # compiled side by side; the first takes longest
PATIENCE = 3.0  # s to wait for a first page before kernels are loaded all the same

Piece = tuple[str, Callable[[], None]]


class WarmUp:
    """Makes a server ready for the first run, on a thread, without delaying the first page."""

    def __init__(self, path: Path | None = None) -> None:
        """``path``: the document that pages open, None for the running example."""
        self._path = path
        self._shown = threading.Event()
        self._lock = threading.Lock()
        self._stopped = False
        self._processes: list[subprocess.Popen[bytes]] = []
        self._thread = threading.Thread(target=self._work, name="warm-up", daemon=True)

    def start(self) -> None:
        """Begin; call it when the server listens."""
        self._thread.start()

    def page_shown(self) -> None:
        """A page is complete in its browser."""
        self._shown.set()

    def stop(self) -> None:
        """Compile no more."""
        with self._lock:
            self._stopped = True
            for process in self._processes:
                process.terminate()
        self._shown.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Block until what the first run needs is compiled and loaded, and the rest has begun.

        False if ``timeout`` seconds were not enough.
        """
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        try:
            self._prepare()
        except Exception:
            # The first run will meet whatever it is, and tell it where the user can see it.
            log.warning("compiling ahead of the first run failed", exc_info=True)

    def _prepare(self) -> None:
        from engine.runtime.warm import is_shipped_warm, is_warm, warm_up

        first = next(documents(self._path))
        with suppress(WorkbenchError):
            if not is_warm(first):
                self._start_compiling(*PARTS)
        # Importing is most of what the first page costs; it may not have been asked for yet.
        import workbench.app  # noqa: F401

        for process in self._processes:
            process.wait()
        self._shown.wait(PATIENCE)
        if not self._stopped:
            with suppress(WorkbenchError):
                warm_up(first)
        if not is_shipped_warm():
            self._start_compiling(REST)

    def _start_compiling(self, *parts: str) -> None:
        """Run this module as processes; where that cannot be, the caller compiles itself."""
        path = [] if self._path is None else [str(self._path)]
        quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        with self._lock:
            if self._stopped or not sys.executable:
                return
            with suppress(OSError):
                for part in parts:
                    self._processes.append(spawn(__name__, part, *path, **quiet))


def documents(path: Path | None) -> Iterator[Document]:
    """What to compile for, soonest needed first: the document that opens, then the gallery's
    networks that do not learn (those that do have rules of their own: `learning_documents`)."""
    yield load_example(FIRST_EXAMPLE) if path is None else load(path)
    yield from (example.document for example in examples() if not _learns(example.document))


def learning_documents() -> Iterator[Document]:
    """The gallery's networks that learn."""
    yield from (example.document for example in examples() if _learns(example.document))


def _learns(document: Document) -> bool:
    return any(edge.plasticity is not None for edge in document.edges)


def pieces(part: str, path: Path | None = None) -> Iterator[Piece]:
    """What is to be compiled as ``part``, soonest needed first; each names itself."""
    from engine.document.structure import FLOAT_TYPES
    from engine.runtime.warm import (
        shipped,
        shipped_driver,
        shipped_training,
        warm_driver,
        warm_up,
    )

    if part == REST:
        for precision in FLOAT_TYPES:
            yield shipped_driver(precision)
            yield from shipped(precision)
        for document in learning_documents():
            yield document.name, partial(warm_up, document)
        yield from shipped_training()
        return
    for document in documents(path):
        yield document.name, partial(warm_driver if part == DRIVER else warm_up, document)


def compile_all(say: Callable[[str], Any]) -> float:
    """Compile, or load, what networks and layers of shipped models need; the seconds it took.

    ``say`` is told each piece when it is ready.  A second process compiles drivers meanwhile.
    """
    from engine.runtime.warm import note_shipped

    began = time.perf_counter()
    quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    helper: subprocess.Popen[bytes] | None = None
    with suppress(OSError):  # then all is compiled here
        helper = spawn(__name__, DRIVER, **quiet)
    try:
        for title, act in (*pieces(MODELS), *pieces(REST)):
            with suppress(WorkbenchError):
                act()
                say(title)
    finally:
        if helper is not None:
            helper.terminate()  # at the end it has nothing left to do
            helper.wait()
    note_shipped()
    return time.perf_counter() - began


def main() -> None:
    """Compile one part; what cannot be run needs nothing compiled."""
    from engine.runtime.warm import note_shipped

    part, *path = sys.argv[1:]
    server = os.getppid()
    if hasattr(os, "nice"):
        os.nice(NICENESS[part])
    for _, act in pieces(part, Path(path[0]) if path else None):
        if os.getppid() != server:
            return  # it was killed, and nobody waits for this any more
        with suppress(WorkbenchError):
            act()
    if part == REST:
        note_shipped()


if __name__ == "__main__":
    main()
