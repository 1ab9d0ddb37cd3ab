"""Runs of tasks: a process each, no more at a time than there are cores, the others in line.

All sessions of a server share one `Line`.  A `Run` is begun by joining it; from then on it tells
whoever asked what happens, on threads of its own, until it has ended.
"""

from __future__ import annotations

import atexit
import json
import logging
import math
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import IO, Any

from engine.child import spawn
from engine.cores import CORES, allowed_cores
from workbench.locale import text

log = logging.getLogger("workbench")

WORKER = "workbench.studio.worker"
STOP_S = 5.0  # wall time that a task has to say what it has learnt, once it is stopped
LATE_S = 600.0  # wall time of a run from which on it makes room for those who wait
LOST_S = 3.0  # after which a drawing that nobody has seen is taken as lost on its way
MOST_LINE = 8 * 2**20  # bytes; a longer one is none of the worker's
# One core each: libraries would take all there are, and a class shares them.
ONE_CORE: Mapping[str, str] = dict.fromkeys(
    (CORES, "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)


@dataclass(frozen=True)
class Event:
    """What happens to a run.

    ``kind`` is "waiting" (in line, whose place may have changed), "begun", "progress" (``share``,
    ``text``), "drawing" (``text``: the SVG), "stopping" (by the line, ``text``
    is why), or one of `ENDS`: "done" and "refused" (``text``: the sentence), "stopped" (before it
    could say what it had), "failed" (a bug or a violent end).
    """

    kind: str
    text: str = ""
    share: float = 0.0


ENDS = ("done", "refused", "stopped", "failed")


class Run:
    """One task being learnt: waits in line, is a process, ends; ``tell`` hears every `Event`."""

    def __init__(
        self, task: str, values: Mapping[str, float], tell: Callable[[Run, Event], None]
    ) -> None:
        self.task, self.values = task, dict(values)
        self._tell = tell
        self._lock = threading.Lock()  # of the process and its input
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = self._silent = False
        self._began = math.inf  # on the monotonic clock, as is the next
        self._unseen_since: float | None = None

    def stop(self) -> None:
        """Ask it to say what it has and end; after ``STOP_S`` it is ended."""
        with self._lock:
            self._stopping = True
            self._write({"stop": True})
        _later(STOP_S, self._kill)

    def end(self) -> None:
        """End it at once; it tells that it was stopped, without a last word."""
        self._stopping = True
        self._kill()

    @property
    def is_late(self) -> bool:
        """Whether it has learnt for ``LATE_S``, and nobody has stopped it yet."""
        return not self._stopping and time.monotonic() - self._began >= LATE_S

    def close(self) -> None:
        """End it at once and tell nothing any more."""
        self._silent = self._stopping = True
        self._kill()

    def seen(self) -> None:
        """The last drawing has been seen: the next one may come."""
        with self._lock:
            if self._unseen_since is not None:
                self._unseen_since = None
                self._write({"seen": True})

    @property
    def process_id(self) -> int | None:
        """Of its process, while there is one."""
        return None if self._process is None else self._process.pid

    def tell(self, event: Event) -> None:
        """Pass on what happens."""
        if not self._silent:
            self._tell(self, event)

    def work(self) -> None:
        """Be a process from beginning to end; called on a thread of its own."""
        end = None
        try:
            if self._start():
                self.tell(Event("begun"))
                end = self._listen()
        except Exception:
            log.exception("the process that learns %s cannot be run", self.task)
        finally:
            self._bury(told=end is not None)
        self.tell(end or Event("stopped" if self._stopping else "failed"))

    def _start(self) -> bool:
        with self._lock:
            if self._stopping:
                return False
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            self._process = spawn(WORKER, environment=ONE_CORE, **pipes)
            self._began = time.monotonic()
            self._write({"task": self.task, "values": self.values})
        return True

    def _listen(self) -> Event | None:
        """Tell what the process says until its end; None where it ends without a word."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        with process.stdout as lines:
            while (event := _heard(lines)) is not None:
                if event.kind in ENDS:
                    return event
                if event.kind == "drawing":
                    self._unseen_since = time.monotonic()
                since = self._unseen_since
                if since is not None and time.monotonic() - since > LOST_S:
                    self.seen()
                self.tell(event)
        return None

    def _bury(self, told: bool) -> None:
        """End the process, if any, which has said all; give its number back to the system."""
        if self._process is None:
            return
        if not told:
            # It may be ending by itself: how it ends is for the log.
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_S)
        self._kill()
        code = self._process.wait()
        if not told and not self._stopping:
            log.error("the process that learnt %s ended with %s", self.task, code)

    def _write(self, message: dict[str, Any]) -> None:
        """Under the lock: one line to the process, which may have gone."""
        pipe = None if self._process is None else self._process.stdin
        if pipe is not None and not pipe.closed:
            with suppress(OSError):
                pipe.write(json.dumps(message).encode("ascii") + b"\n")
                pipe.flush()

    def _kill(self) -> None:
        with self._lock:
            process = self._process
            if process is None:
                return
            if process.poll() is None:
                process.kill()
            with suppress(OSError):
                if process.stdin is not None:
                    process.stdin.close()


def _later(seconds: float, do: Callable[[], None]) -> threading.Timer:
    """``do()`` after so long, unless the timer is cancelled or the server has ended."""
    timer = threading.Timer(seconds, do)
    timer.daemon = True
    timer.start()
    return timer


def _heard(lines: IO[bytes]) -> Event | None:
    """The next event of a worker; None at the end, or where it does not keep to the protocol."""
    line = lines.readline(MOST_LINE)
    if not line.endswith(b"\n"):
        return None
    try:
        found = json.loads(line)
        kind = found["kind"]
        if kind == "failed":
            log.error("a task failed:\n%s", found["trace"])
            return Event(kind)
        return Event(kind, found["svg" if kind == "drawing" else "text"], found.get("share", 0.0))
    except (ValueError, LookupError, TypeError):
        log.error("a worker said %.200r, which is not understood", line)
        return None


class Line:
    """Runs that want a core: ``places`` of them are processes, the others wait their turn."""

    def __init__(self, places: int) -> None:
        self.places = places
        self._lock = threading.Lock()
        self._waiting: deque[Run] = deque()
        self._running: set[Run] = set()

    def join(self, run: Run) -> None:
        """Begin ``run`` as soon as there is a core for it."""
        with self._lock:
            self._waiting.append(run)
        self._serve()

    def before(self, run: Run) -> int | None:
        """How many are served before ``run``; None where it does not wait."""
        with self._lock:
            return self._waiting.index(run) if run in self._waiting else None

    def stop(self, run: Run) -> None:
        """End ``run`` wherever it stands, so that it can still say what it has."""
        if self._leave(run):
            run.tell(Event("stopped"))
        else:
            run.stop()

    def drop(self, run: Run) -> None:
        """End ``run`` at once and for good; it tells nothing any more."""
        run.close()
        self._leave(run)

    def close(self) -> None:
        """End all runs."""
        with self._lock:
            runs = [*self._running, *self._waiting]
            self._waiting.clear()
        for run in runs:
            run.close()

    def _leave(self, run: Run) -> bool:
        """Take ``run`` out of those who wait; whether it was one of them."""
        with self._lock:
            waits = run in self._waiting
            if waits:
                self._waiting.remove(run)
        if waits:
            self._serve()
        return waits

    def _serve(self) -> None:
        """Begin those for whom there is a core; tell the others that the line has moved.

        For as many as wait, one that has learnt long enough is stopped.
        """
        with self._lock:
            begun = []
            while self._waiting and len(self._running) < self.places:
                begun.append(self._waiting.popleft())
                self._running.add(begun[-1])
            waiting = list(self._waiting)
            late = [run for run in self._running if run.is_late][: len(waiting)]
        for run in begun:
            name = f"learning-{run.task}"
            threading.Thread(target=self._work, args=(run,), daemon=True, name=name).start()
        for run in waiting:
            run.tell(Event("waiting"))
        for run in late:
            run.tell(Event("stopping", text("studio.late", minutes=round(LATE_S / 60))))
            run.stop()

    def _work(self, run: Run) -> None:
        timer = _later(LATE_S + 1, self._serve)  # to look whether anybody waits for its place
        try:
            run.work()
        finally:
            timer.cancel()
            with self._lock:
                self._running.discard(run)
            self._serve()


@cache
def line() -> Line:
    """The line of this server: as many processes as it has cores."""
    made = Line(allowed_cores())
    atexit.register(made.close)
    return made
