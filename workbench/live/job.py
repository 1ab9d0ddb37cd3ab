"""What the compute threads do for a live run: build its network, then advance it slice by slice."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from engine.document import Document
from engine.errors import WorkbenchError
from workbench.live.pace import Pace
from workbench.live.recording import LiveRecording, every
from workbench.session import sentence

log = logging.getLogger(__name__)

Report = Callable[[str, str], None]  # state and sentence
BUG = "bug"  # reported instead of a sentence: the caller has the words, the log the traceback


class BuildJob:
    """Makes a simulation, in one go; the build itself asks ``cancelled`` now and then."""

    def __init__(self, build: Callable[[], None], report: Report, document: Document) -> None:
        self._build, self._report, self._document = build, report, document

    def slice(self, seconds: float) -> None:
        """Build.  An error that is the user's to mend is reported in its own words."""
        try:
            self._build()
        except WorkbenchError as error:
            self._report("failed", sentence(error, self._document))

    def crashed(self, error: BaseException) -> None:
        """A bug: a sentence for the page, the traceback for the log."""
        log.error("building a network failed", exc_info=error)
        self._report("failed", BUG)


class RunJob:
    """Advances one simulation.  Everything but ``slice`` may be called from any thread.

    The simulation is touched by ``slice`` alone: edits wait in ``edits`` until the next slice
    begins, and the end of the job closes the simulation.
    """

    def __init__(
        self,
        simulation: Any,
        recording: LiveRecording,
        pace: Pace,
        edits: deque[Callable[[Any], None]],
        report: Report,
        news: Callable[[], None],
        share: Callable[[], int] | None = None,
    ) -> None:
        """``share()`` says how many cores the run may use now; None: as many as it likes."""
        self.recording, self.pace = recording, pace
        self._simulation, self._edits = simulation, edits
        self._report, self._news = report, news
        self._share = share
        self._going, self._ending = False, False
        self._goal: int | None = None  # step at which to pause
        self._intent = threading.Lock()

    def go(self, ms: float | None = None) -> None:
        """Run on, for ``ms`` (at least a step) or until held.  Wake the job's ticket afterwards."""
        steps = None if ms is None else every(ms, self.pace.dt)
        with self._intent:
            self._going = True
            self._goal = None if steps is None else self.recording.steps + steps
            self.pace.restart()

    def hold(self) -> None:
        """Do no further slice."""
        self._going = False

    def end(self) -> None:
        """Close the simulation at the next turn.  Wake the job's ticket afterwards."""
        self._going, self._ending = False, True

    def slice(self, seconds: float) -> float | None:
        """Apply edits, then advance for about ``seconds`` or as the pace allows."""
        if self._ending:
            self._simulation.close()
            return None
        try:
            self._apply_edits()
            return self._advance(seconds) if self._going else self._rest()
        except WorkbenchError as error:
            self._simulation.close()
            self._report("stopped", self._words(error))
            return None

    def crashed(self, error: BaseException) -> None:
        """A bug in one run: say so and leave the traceback in the log."""
        log.error("a live run failed", exc_info=error)
        self._report("failed", BUG)

    def _apply_edits(self) -> None:
        while self._edits:
            edit = self._edits.popleft()
            try:
                edit(self._simulation)
            except WorkbenchError as error:
                # A value that this network cannot take: the run goes on with the old one.
                self._report("", self._words(error))

    def _words(self, error: WorkbenchError) -> str:
        return sentence(error, self._simulation.document)

    def _rest(self) -> float:
        """Standing still: show what views have asked for since."""
        if self.recording.learning is not None:
            self.recording.learning.attend(self._simulation)
            self._news()
        return math.inf

    def _advance(self, seconds: float) -> float:
        begin, done = time.monotonic(), self.recording.steps
        steps = self.pace.steps(begin, done, seconds)
        with self._intent:
            goal = self._goal
        if goal is not None:
            steps = min(max(1, steps), goal - done)
        if steps > 0:
            if self._share is not None:
                self._simulation.limit_threads(self._share())
            chunk = self._simulation.advance(steps)
            end = time.monotonic()
            self.pace.did(end, done + steps, steps, end - begin)
            self.recording.feed(chunk)
            for node, shades in self.recording.drawn.items():
                shades.feed(chunk, partial(self._simulation.states, node))
            if self.recording.learning is not None:
                self.recording.learning.attend(self._simulation, chunk)
            self._news()
        if goal is None or self.recording.steps < goal:
            return self.pace.delay(time.monotonic(), self.recording.steps)
        with self._intent:
            reached = self._goal == goal  # nobody has said otherwise since
            if reached:
                self._going, self._goal = False, None
        if reached:
            self._report("paused", "")
        return 0.0 if self._going else math.inf
