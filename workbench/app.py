"""The page of one session: a document, its canvas, its run, its live views, and the frame."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import panel as pn

from engine.document import Document, Node
from engine.document.structure import AUTO
from engine.document.validate import DEVICES
from engine.errors import Problem
from workbench.chrome import guarded
from workbench.dialogs import Dialogs
from workbench.editor.canvas import GraphCanvas
from workbench.editor.forms.edge import edge_synapses
from workbench.editor.graph import count, figure
from workbench.editor.inspector import Inspector
from workbench.editor.palette import Palette
from workbench.live.run import LiveRun
from workbench.live.tiles import LiveTiles
from workbench.locale import counted, text
from workbench.modelpage.page import ModelPage
from workbench.session import Session
from workbench.shell import RunStatus, Shell, StatusBar, TopBar, act
from workbench.store.files import FIRST_EXAMPLE
from workbench.studio.page import Studio

log = logging.getLogger("workbench")

MEGABYTE = 1e6


class App:
    """Builds the page and answers its keyboard and menus."""

    def __init__(self, path: Path | None = None) -> None:
        self.session = Session()
        if path is not None:
            self.session.open(path)
        else:
            self.session.open_example(FIRST_EXAMPLE)
        self.run = LiveRun(self.session)
        self.canvas = GraphCanvas(self.session)
        self.tiles = LiveTiles(self.session, self.run)
        self.models = ModelPage(self.session, self._place)
        self.studio = Studio(self.session)
        self.dialogs = Dialogs(self.session, self.studio.show)
        top = TopBar(self.session, self.run, self.shortcut)
        status = StatusBar(self.session, self.run, facts, self.dialogs.problems)
        self.status = RunStatus(self.run, (top, status))
        self.shell = Shell(
            self.session,
            self.shortcut,
            top=top,
            palette=Palette(self.session, self._add, self.models.show),
            canvas=self.canvas,
            tiles=self.tiles,
            inspector=Inspector(self.session, self.models.show_selected),
            model_page=self.models,
            studio=self.studio,
            status=status,
            dialogs=self.dialogs,
        )
        self.run.param.watch(self._tell_failure, "failure")
        self.models.param.watch(lambda _: _one_in_front(self.models, self.studio), "content")
        self.studio.param.watch(lambda _: _one_in_front(self.studio, self.models), "content")
        self.canvas.on("examples", self.dialogs.examples)
        self.canvas.on("file", self.dialogs.open_dropped)
        self._shortcuts = {
            "undo": self.session.undo,
            "redo": self.session.redo,
            "save": self.dialogs.save,
            "save_as": self.dialogs.save_as,
            "open": self.dialogs.open,
            "new": self.dialogs.new,
            "examples": self.dialogs.examples,
            "keys": self.dialogs.keys,
            "models": self._toggle_models,
            "learn": self._toggle_learning,
            "run": self._toggle,
            "step": self.run.step,
        }

    def shortcut(self, action: str) -> None:
        """What a key or a menu entry does; unknown names do nothing."""
        if action in self._shortcuts:
            guarded(self.session, self._shortcuts[action])

    def _toggle(self) -> None:
        act(self.run, "pause" if self.run.state == "running" else "run")

    def _add(self, model: str) -> None:
        self.canvas.add_at_centre(model)

    def _toggle_models(self) -> None:
        if self.models.is_open:
            self.models.hide()
        else:
            self.models.show_selected()

    def _toggle_learning(self) -> None:
        if self.studio.is_open:
            self.studio.hide()
        else:
            self.studio.show()

    def _place(self, model: str, like: Node) -> bool:
        """A population like the neuron on the model page, as one undo."""
        session = self.session
        with session.gesture():
            if not self.canvas.add_at_centre(model):
                return False
            node = session.selection[0]
            for port, synapse in like.ports.items():
                session.do("set_port", node=node, port=port, synapse=synapse)
            session.do("set_parameters", node=node, values=dict(like.parameters))
            for state, value in like.initial.items():
                session.do("set_initial", node=node, state=state, value=value)
            if like.solver is not None:
                session.do("set_node", id=node, field="solver", value=like.solver)
        return True

    def _tell_failure(self, event: Any) -> None:
        if event.new:  # the status line has no room for a sentence with its remedy
            self.session.say(event.new, "error")

    def close(self, *_: Any) -> None:
        """Give back what the session holds: the run and its threads' work, the clock."""
        self.status.stop()
        self.models.close()
        self.studio.close()
        self.run.close()
        # A session leads to the served document by what watches it, so the entry would keep both.
        for served in [key for key, session in _sessions.items() if session is self.session]:
            del _sessions[served]


def _one_in_front(page: ModelPage | Studio, other: ModelPage | Studio) -> None:
    """A page that opens takes the place of the other."""
    if page.is_open and other.is_open:
        other.hide()


# The session of each served page, for whoever has a sentence to say in it.
_sessions: WeakKeyDictionary[Any, Session] = WeakKeyDictionary()


def page(path: Path | None = None, run: bool = False) -> Shell:
    """The page for the session that is being served; cleaned up when the session ends.

    With ``run`` the network begins to run as soon as the page is complete.
    """
    app = App(path)
    if pn.state.curdoc is not None:
        _sessions[pn.state.curdoc] = app.session
    pn.state.onload(app.status.start)
    if run:
        pn.state.onload(lambda: app.shortcut("run"))
    pn.state.on_session_destroyed(app.close)
    return app.shell


def session_of(served: Any) -> Session | None:
    """The session behind a served (Bokeh) document, or None."""
    return None if served is None else _sessions.get(served)


def facts(document: Document, problems: list[Problem]) -> list[dict[str, str]]:
    """The status line's facts of a document: size, memory, dt, seed, device.

    What memory a document with mistakes would need is not known.
    """
    neurons = sum(node.size for node in document.populations)
    synapses = round(sum(edge_synapses(document, edge) or 0.0 for edge in document.edges))
    settings = document.simulation
    wrong = any(problem.severity == "error" for problem in problems)
    shown = [
        ("neurons", counted("status.neurons", neurons, count(neurons))),
        ("synapses", counted("status.synapses", synapses, count(synapses))),
        ("memory", text("status.memory", amount="–" if wrong else memory(document))),
        ("dt", text("status.dt", dt=figure(settings.dt))),
        ("seed", text("status.seed", seed=settings.seed)),
        ("device", device(settings)),
    ]
    return [{"text": words, "title": text(f"status.{key}.title")} for key, words in shown]


def device(settings: Any) -> str:
    """Where the network runs: "CPU, 1 thread"."""
    known = settings.device in DEVICES
    name = text(f"device.{settings.device}") if known else settings.device
    if settings.device == "cuda":
        return name
    if settings.threads == AUTO:
        return text("status.device.auto", device=name)
    if settings.threads == 1:
        return text("status.device.one", device=name)
    return text("status.device", device=name, threads=settings.threads)


def memory(document: Document) -> str:
    """What a run of ``document`` is expected to hold, in MB or GB."""
    from engine.runtime.estimate import estimate

    amount = estimate(document).bytes
    if amount < 1000 * MEGABYTE:
        return f"{max(1, round(amount / MEGABYTE))} MB"
    return f"{figure(amount / MEGABYTE / 1000)} GB"
