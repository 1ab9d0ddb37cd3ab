"""The process that learns one task: it is told which, learns it, says how it goes, and ends.

``python -m workbench.studio.worker`` reads lines of JSON and writes lines of JSON::

    {"task": "spikeprop_xor", "values": {"rate": 0.01}}      the first line that it reads
    {"seen": true}                                           the last drawing has been seen
    {"stop": true}                                           enough: say what there is, and end

    {"kind": "progress", "share": 0.3, "text": "..."}        what it writes
    {"kind": "drawing", "svg": "<svg ...>"}
    {"kind": "done", "text": "the sentence with the number"}
    {"kind": "refused", "text": "the sentence of a WorkbenchError"}
    {"kind": "failed", "trace": "the traceback of a bug"}

Whatever it is told is a name of a shipped task and numbers, and is checked here once more.  A
drawing is made only when the last one has been seen, so there is never one too many on its way, and
the newest is the one that is drawn.  When what it reads ends, whoever started it has gone: then so
does it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from engine.errors import DataError, WorkbenchError
from workbench.curves import panels
from workbench.locale import text
from workbench.studio import task as tasks
from workbench.studio.task import Panels, Task, Throttled
from workbench.studio.values import checked, missing

MOST_READ = 65_536  # bytes of a line that it is told
MOST_DRAWN = 4 * 2**20  # bytes of a drawing; a hundred receptive fields have some 100 kB
MOST_SAID = 1000  # characters of a sentence
MOST_TRACE = 20_000  # characters of a traceback
BETWEEN_S = 0.1  # wall time between two words of progress
NICENESS = 5  # the pages of a class come first
MOST_DATA = 4 * 2**30  # bytes of memory; the largest of the shipped tasks has less than 0.5 GiB
FIRST_TO_GO = "500"  # of 1000: where memory ends it is taken from here, not from the server


class Told:
    """What this process is told, line by line; a `Stage` for the task that it learns."""

    def __init__(self, lines: IO[bytes], out: IO[bytes], leave: Callable[[], Any]) -> None:
        """``leave()`` is called when ``lines`` ends."""
        self._lines, self._out, self._leave = lines, out, leave
        self._writing = threading.Lock()
        self._stopped, self._seen = threading.Event(), threading.Event()
        self._seen.set()
        self._drawn = Throttled(self._send_drawing)
        self._said = float("-inf")
        self._title = ""

    def order(self) -> tuple[Task, dict[str, float]]:
        """The task and its numbers, from the first line.  Raises DataError."""
        found = _read(self._lines)
        if found is None or not isinstance(found.get("task"), str):
            raise DataError("this is not the name of a task with its numbers; give both as JSON")
        task = tasks.get(found["task"])
        given = found.get("values", {})
        if not isinstance(given, dict):
            raise DataError(f"the numbers of {task.name} are not given by name; give them as JSON")
        values = checked(task, given)
        if sentence := missing(task):
            raise DataError(sentence)
        self._title = task.title
        return task, values

    def listen(self) -> None:
        """Hear the further lines on a thread of its own, until there are no more."""
        threading.Thread(target=self._hear, daemon=True, name="told").start()

    def _hear(self) -> None:
        while (found := _read(self._lines)) is not None:
            if found.get("stop") is True:
                self._stopped.set()
            if found.get("seen") is True:
                self._seen.set()
        self._leave()

    # A Stage

    def progress(self, share: float, text: str) -> None:
        """See `Stage`."""
        now = time.monotonic()
        if now - self._said >= BETWEEN_S:
            self._said = now
            share = min(max(float(share), 0.0), 1.0) if share == share else 0.0
            self.say("progress", share=round(share, 4), text=str(text)[:MOST_SAID])

    def cancel(self) -> bool:
        """See `Stage`."""
        return self._stopped.is_set()

    def show(self, draw: Callable[[], Panels], last: bool = False) -> None:
        """See `Stage`."""
        if last or self._seen.is_set():
            self._drawn.show(draw, last)

    def _send_drawing(self, found: Panels) -> None:
        svg = panels(found, self._title)
        if len(svg) > MOST_DRAWN:
            print(f"a drawing of {len(svg):,} characters is too large to show", file=sys.stderr)  # noqa: T201
            return
        self._seen.clear()
        self.say("drawing", svg=svg)

    def say(self, kind: str, **facts: Any) -> None:
        """Write one line."""
        line = json.dumps({"kind": kind, **facts}).encode("ascii")
        with self._writing:
            self._out.write(line + b"\n")
            self._out.flush()


def _read(lines: IO[bytes]) -> dict[str, Any] | None:
    """The next line; {} for one that is no object, None where there are none or one is too long."""
    line = lines.readline(MOST_READ + 1)
    if not line or len(line) > MOST_READ:
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def learn(told: Told) -> None:
    """Learn what ``told`` orders, and say how that ended."""
    try:
        task, values = told.order()
        told.listen()
        told.say("done", text=str(task.run(values, told))[:MOST_SAID])
    except WorkbenchError as error:
        told.say("refused", text=str(error)[:MOST_SAID])
    except MemoryError:
        told.say("refused", text=text("studio.memory"))
    except Exception:
        told.say("failed", trace=traceback.format_exc()[-MOST_TRACE:])


def be_modest() -> None:
    """Leave the others of this machine their cores and their memory, as far as it has means."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    # Windows has no such module, and what a user may set is for the system to say.
    with suppress(ImportError, OSError, ValueError):
        import resource

        # Not the whole address space: libraries reserve much of it that they never use.
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_DATA, most))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO)


def main() -> None:
    """Learn one task; what it prints goes where errors go, so that the lines stay ours."""
    # Ctrl-C of a server reaches its children too: they end when what they read does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    be_modest()
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    # Without asking: what it learns is of no use to anybody any more.
    told = Told(sys.stdin.buffer, out, lambda: os._exit(0))
    with suppress(OSError):  # nobody listens any more
        learn(told)
    # Threads of libraries may be at work still, and all has been said.
    os._exit(0)


if __name__ == "__main__":
    main()
