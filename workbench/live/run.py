"""One live run: a document's simulation on the compute threads, steered from the page.

The page's side lives on one thread (the event loop of the session); the simulation's side lives on
the compute threads and only ever writes to ``_Shown``.  ``publish`` carries news from there into
the parameters, so that watchers of parameters always run on the page's thread.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import param

from engine.document import Document, Edge
from engine.document.plasticity import learns_at_first, parameters_of_rule
from engine.document.validate import require_valid
from engine.runtime import Simulation
from workbench.changes import same_rule
from workbench.live import compute
from workbench.live.describe import membranes_of
from workbench.live.job import BUG, BuildJob, RunJob
from workbench.live.learning import watch_of
from workbench.live.pace import Pace
from workbench.live.recording import LiveRecording, recording_of, wanted_monitors
from workbench.live.shades import drawn_of
from workbench.locale import text
from workbench.session import what_changed

STATES = ("empty", "ready", "building", "running", "paused", "stopped", "failed")
STEP = 1.0  # ms that one press of Step advances
CLOCK_EVERY = 0.1  # s between changes of clock and factors
BUILD_AHEAD = 0.999  # share of progress that a build may claim before it is done


class LiveRun(param.Parameterized):
    """Run, pause, step, reset and stop the network of ``session``; it goes on until paused.

    (``duration`` of a document is for batch runs.)  Edits of parameters and weights reach the
    network at the next slice; for others ``reasons`` says why it must be rebuilt, and Run rebuilds.
    """

    state = param.Selector(default="empty", objects=list(STATES))
    time_ms = param.Number(0.0, doc="Simulated time in ms.")
    real_time_factor = param.Number(0.0, doc="Biological over wall time in the last second.")
    possible_factor = param.Number(0.0, doc="The factor that full speed would reach.")
    speed = param.Number(1.0, bounds=(0.0, None), doc="x real time; 0: as fast as possible.")
    progress = param.Tuple((0.0, ""), doc="Of a build: share done, and what is being done.")
    message = param.String("", doc="One sentence about the run, or nothing.")
    failure = param.String("", doc="Why the run ended by itself, or nothing; never cut short.")
    reasons = param.List([], doc="Why the network running is not the one drawn.")

    def __init__(self, session: Any, **params: Any) -> None:
        super().__init__(**params)
        self._session = session
        self._seen: Document = session.document  # the newest document whose edits were passed on
        self._built: Document | None = None  # the document of the network that runs
        self._lock = threading.Lock()
        self._news: list[Callable[[], None]] = []
        self._clock_at = 0.0
        self._clear("")
        self._watcher = session.param.watch(self._document_changed, "document")

    # What the page calls.

    def run(self) -> None:
        """Run on; build first where there is no network, or the one there is no longer drawn."""
        if self.reasons or not (self._building or self._job):
            self._start(None)
        elif not self._after_build(None) and self._job is not None:
            self._go(None)

    def pause(self) -> None:
        """Stand still where it is; everything shown stays."""
        if not self._after_build(0.0) and self._job is not None:
            self._job.hold()
            self._show("paused", self.message)

    def _after_build(self, ms: float | None) -> bool:
        """While building: how long to run when it is done.  False if nothing is being built."""
        with self._lock:
            if self._building:
                self._wanted = ms
            return self._building

    def toggle(self) -> None:
        """Pause while running or building, else run."""
        if self.state in ("running", "building"):
            self.pause()
        else:
            self.run()

    def step(self) -> None:
        """Advance by 1 ms (at least one step) and pause."""
        if self._building:
            return
        if self._job is not None and not self.reasons:
            self._go(STEP)
        else:
            self._start(STEP)

    def reset(self) -> None:
        """Back to time 0 with nothing shown; Run builds the network as it is drawn."""
        self._end()
        self._clear("")

    def stop(self) -> None:
        """End the run and free its memory; what it showed stays until the next run."""
        if self._building:
            self.reset()
        elif self._job is not None:
            self._end()
            self._show("stopped", text("run.ended", time=f"{self._shown_time():,.1f}"))

    def close(self) -> None:
        """The session ends: nothing of the run remains."""
        self._session.param.unwatch(self._watcher)
        self._news.clear()
        self._end()

    # What the page's loop reads.

    def on_news(self, callback: Callable[[], None]) -> None:
        """Call ``callback``, from any thread, when there is something new to show."""
        self._news.append(callback)

    @property
    def recording(self) -> LiveRecording | None:
        """What the run remembers for its views; None before the first build."""
        return self._recording

    @property
    def document(self) -> Document | None:
        """The document of the network in ``recording``."""
        return self._built if self._recording is not None else None

    def reward(self, edge: str, amount: float) -> None:
        """Reward a connection that learns from rewards, at this moment of the run."""
        watch = self._recording.learning if self._recording is not None else None
        if watch is not None and self._ticket is not None and edge in watch.learners:
            self._edits.append(lambda simulation: watch.reward(simulation, edge, amount))
            self._ticket.wake()

    def look(self) -> None:
        """Let the run see what its views have asked for, also while it stands still."""
        if self._ticket is not None:
            self._ticket.wake()

    @property
    def epoch(self) -> int:
        """Changes with every new or cleared recording."""
        return self._epoch

    def publish(self) -> None:
        """Bring the parameters up to date (on the page's thread)."""
        with self._lock:
            state, message, progress = self._shown
            failure = self._failure
        now = time.monotonic()
        values: dict[str, Any] = {"state": state, "message": message, "progress": progress}
        values["failure"] = failure
        if state != self.state or now - self._clock_at >= CLOCK_EVERY:
            self._clock_at = now
            values |= self._clock(state)
        changed = {name: value for name, value in values.items() if getattr(self, name) != value}
        if changed:
            self.param.update(**changed)

    # The rest.

    def _clock(self, state: str) -> dict[str, float]:
        job = self._job
        return {
            "time_ms": self._shown_time(),
            "real_time_factor": job.pace.achieved if job and state == "running" else 0.0,
            "possible_factor": job.pace.possible if job else 0.0,
        }

    def _shown_time(self) -> float:
        return self._recording.time if self._recording is not None else 0.0

    def _tell_news(self) -> None:
        for callback in self._news:
            callback()

    def _show(self, state: str, message: str, progress: tuple[float, str] = (0.0, "")) -> None:
        """Set what is shown and publish it (on the page's thread)."""
        with self._lock:
            self._shown = (state, message, progress)
        self.publish()
        self._tell_news()

    def _clear(self, message: str) -> None:
        """As if nothing had been run."""
        self._job: RunJob | None = None
        self._ticket: compute.Ticket | None = None
        self._recording: LiveRecording | None = None
        self._wanted: float | None = None  # after a build: ms to run (0: stay), None: run on
        self._generation = object()  # who may report; what belongs to an ended run is ignored
        self._building = False
        self._epoch = getattr(self, "_epoch", 0) + 1
        self._failure = ""
        self.reasons = []
        self._show("ready" if self._session.document.nodes else "empty", message)

    def _end(self) -> None:
        """End the build or run there is."""
        self._generation = object()
        self._building = False
        if self._job is not None:
            self._job.end()
        if self._ticket is not None:
            self._ticket.wake()
        self._job = self._ticket = None

    def _go(self, ms: float | None) -> None:
        """Let the network there is run on for ``ms`` (None: until paused)."""
        assert self._job is not None
        assert self._ticket is not None
        self._job.pace.speed = self.speed
        self._job.go(ms)
        self._show("running", "")
        self._ticket.wake()

    @param.depends("speed", watch=True)
    def _speed_changed(self) -> None:
        job, ticket = self._job, self._ticket
        if job is not None and ticket is not None:
            job.pace.speed = self.speed
            job.pace.restart()
            ticket.wake()

    # Building, on a thread of its own.

    def _start(self, ms: float | None) -> None:
        """Build the network as it is drawn, then run ``ms`` (None: until paused)."""
        self._end()
        self._clear("")
        if not self._session.document.nodes:
            self._show("empty", text("run.empty"))
            return
        document = self._session.document
        self._built = self._seen = document
        self._wanted, self._building = ms, True
        self._edits: deque[Callable[[Any], None]] = deque()
        mine, edits = self._generation, self._edits
        folder = self._session.folder
        job = BuildJob(
            lambda: self._build(document, folder, mine, edits),
            lambda state, message: self._report(mine, state, message),
            document,
        )
        self._show("building", "", (0.0, text("run.building")))
        compute.builders().submit(job)

    def _build(
        self, document: Document, folder: Path | None, mine: object, edits: deque[Any]
    ) -> None:
        """On a builder thread: make the simulation and hand it to the compute threads."""
        require_valid(document)
        membranes = membranes_of(document)
        populations = {
            node.id: (node.size, membranes[node.id])
            for node in document.populations
            if node.id in membranes
        }
        monitors = wanted_monitors(populations, document.simulation.dt)
        simulation = Simulation(
            document,
            monitors=monitors,
            recorders=False,
            progress=lambda share, words: self._report_progress(mine, share, words),
            cancel=lambda: self._generation is not mine,
            folder=folder,
        )
        plan = simulation.plan
        recording = recording_of(plan, membranes, monitors)
        recording.learning = watch_of(simulation)
        recording.drawn = drawn_of(document, recording.members, membranes, plan.dt)
        job = RunJob(
            simulation,
            recording,
            Pace(plan.dt, self.speed),
            edits,
            lambda state, message: self._report(mine, state, message),
            self._tell_news,
            lambda: compute.pool().share,
        )
        self._adopt(mine, job)

    def _adopt(self, mine: object, job: RunJob) -> None:
        """The build is done: the run begins, unless it was ended meanwhile."""
        with self._lock:
            current = self._generation is mine
            if current:
                self._job, self._recording = job, job.recording
                self._ticket = compute.pool().submit(job)
                self._building = False
                self._epoch += 1
                wanted = self._wanted
                if wanted != 0:
                    job.go(wanted)
                self._shown = ("paused" if wanted == 0 else "running", "", (1.0, ""))
                self._ticket.wake()
        if not current:
            job.end()
            job.slice(0.0)
        self._tell_news()

    def _report(self, mine: object, state: str, message: str) -> None:
        """News of the run from a compute thread; "" keeps the state."""
        with self._lock:
            if self._generation is not mine:
                return
            if message == BUG:
                message = text("run.bug")
            if state in ("failed", "stopped"):
                self._building = False
                self._job = self._ticket = None
                self._failure = message
            old, words, progress = self._shown
            self._shown = (state or old, message or ("" if state else words), progress)
        self._tell_news()

    def _report_progress(self, mine: object, share: float, words: str) -> None:
        with self._lock:
            if self._generation is not mine:
                return
            words = words or text("run.building")
            self._shown = ("building", "", (min(float(share), BUILD_AHEAD), words))
        self._tell_news()

    # Edits while there is a network.

    def _document_changed(self, *_: Any) -> None:
        document = self._session.document
        before, self._seen = self._seen, document
        if not (self._session.can_undo or self._session.can_redo):
            # Not an edit: another document was opened, and nothing of this run is of it.
            self.reset()
            return
        if self._job is None and not self._building:
            if self.state in ("empty", "ready"):
                self._show("ready" if document.nodes else "empty", "")
            return
        assert self._built is not None
        self._pass_on(before, document)
        whole = what_changed(self._built, document)
        reasons = list(whole.reasons) if whole.rebuild else []
        if reasons != self.reasons:
            self.reasons = reasons
            words = text("run.rebuild", reasons="; ".join(reasons)) if reasons else ""
            self._show(self._shown[0], words, self._shown[2])

    def _pass_on(self, before: Document, document: Document) -> None:
        """Send parameters and weights that differ to the running network."""
        built = self._built
        assert built is not None
        change = what_changed(before, document)
        for node, name, value in change.parameters:
            if built.node(node) is not None:
                self._edits.append(_set_parameter(node, name, value))
        for edge_id in change.weights:
            edge = document.edge(edge_id)
            if edge is not None and built.edge(edge_id) is not None:
                self._edits.append(_set_weight(edge_id, edge.weight))
        for edge_id in change.learning:
            edge, former = document.edge(edge_id), built.edge(edge_id)
            if edge is not None and former is not None and former.plasticity is not None:
                if same_rule(former, edge):
                    self._edits.append(_set_learning(document, edge))
        if self._edits and self._ticket is not None:
            self._ticket.wake()


def _set_parameter(node: str, name: str, value: Any) -> Callable[[Any], None]:
    return lambda simulation: simulation.set_parameter(node, name, value)


def _set_learning(document: Document, edge: Edge) -> Callable[[Any], None]:
    """Learning as ``edge`` says: without a rule weights stay as they are at that moment."""
    on = learns_at_first(edge)
    if edge.plasticity is None:
        return lambda simulation: simulation.set_plasticity(edge.id, on=False)
    given = edge.plasticity["parameters"]
    # All of them, None for a default: what the network has may be older than the last edit.
    wanted = {name: given.get(name) for name in parameters_of_rule(document, edge)}
    return lambda simulation: simulation.set_plasticity(edge.id, on=on, **wanted)


def _set_weight(edge: str, weight: Any) -> Callable[[Any], None]:
    return lambda simulation: simulation.set_weight(edge, weight)
