"""The frame of the page: the grid of places, the top bar and the status line.

The run's clock moves many times a second, so it does not travel as content: ``RunStatus`` reads the
run ten times a second at most and sends one message when something that is shown has changed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any

from panel.custom import Child

from engine.errors import Problem
from workbench.chrome import Part, source
from workbench.locale import counted, text

log = logging.getLogger("workbench")

STATUS_INTERVAL = 0.1  # s between messages about the run, at least
RUN_FIELDS = ("state", "time_ms", "real_time_factor", "possible_factor", "speed", "message")


class Shell(Part):
    """The grid: top bar, palette, canvas over tiles, inspector, status line; and the keyboard."""

    top = Child(doc="The top bar.")
    palette = Child(doc="The palette.")
    canvas = Child(doc="The graph canvas.")
    tiles = Child(doc="The live views.")
    inspector = Child(doc="The inspector.")
    model_page = Child(doc="The model page, in front of canvas and inspector while it is open.")
    studio = Child(doc="The page of learning tasks, in front in the same way.")
    status = Child(doc="The status line.")
    dialogs = Child(doc="Dialogs and short messages.")

    _esm = source("dom.js", "shell.js")
    _look = source("base.css", "shell.css")
    _text = ("shell",)

    def __init__(self, session: Any, shortcut: Callable[[str], None], **params: Any) -> None:
        super().__init__(session, **params)
        self.handlers = {
            "shortcut": lambda message: shortcut(str(message.get("action"))),
            "browser_error": self._log_browser_error,
        }

    def _log_browser_error(self, message: dict[str, Any]) -> None:
        log.error("in the browser: %.500s", message.get("message"))


class TopBar(Part):
    """Name and saved state, history, run group, clock, speed, theme."""

    _esm = source("dom.js", "topbar.js")
    _look = source("base.css", "topbar.css")
    _text = ("top", "runner", "clock", "theme", "keys")

    def __init__(
        self, session: Any, run: Any, shortcut: Callable[[str], None], **params: Any
    ) -> None:
        super().__init__(session, content=self._content(session, run), **params)
        self.run = run
        self.handlers = {
            "shortcut": lambda message: shortcut(str(message.get("action"))),
            "rename": self._set_name,
            "run": lambda message: act(run, str(message.get("action"))),
            "speed": self._set_speed,
            "theme": self._set_theme,
        }
        session.param.watch(self._refresh, ["document", "saved", "can_undo", "can_redo"])

    @staticmethod
    def _content(session: Any, run: Any) -> dict[str, Any]:
        return {
            "name": session.document.name,
            "saved": session.saved,
            "can_undo": session.can_undo,
            "can_redo": session.can_redo,
            "run": run_status(run),
        }

    def _refresh(self, *_: Any) -> None:
        content = self._content(self.session, self.run)
        # The clock has its own message: content must change only with the document.
        content["run"] = self.content["run"]
        if content != self.content:
            self.content = content

    def _set_name(self, message: dict[str, Any]) -> None:
        name = str(message.get("name", "")).strip() or text("document.untitled")
        if not self.session.do("set_document", field="name", value=name):
            self.param.trigger("content")

    def _set_speed(self, message: dict[str, Any]) -> None:
        speed = message.get("speed")
        if isinstance(speed, int | float) and 0 <= speed <= 1e6:
            self.run.speed = float(speed)

    def _set_theme(self, message: dict[str, Any]) -> None:
        if message.get("theme") in ("dark", "light"):
            self.session.theme = message["theme"]


def act(run: Any, action: str) -> None:
    """Press a button of the run group by its name; unknown names do nothing."""
    actions = {"run": run.run, "pause": run.pause, "step": run.step}
    actions |= {"reset": run.reset, "stop": run.stop}
    if action in actions:
        actions[action]()


class StatusBar(Part):
    """State, size, settings, and what is wrong: one line at the bottom."""

    _esm = source("dom.js", "status.js")
    _look = source("base.css", "status.css")
    _text = ("state", "status")

    def __init__(
        self,
        session: Any,
        run: Any,
        facts: Callable[[Any, list[Problem]], list[dict[str, str]]],
        show_problems: Callable[[], None],
        **params: Any,
    ) -> None:
        self._facts = facts
        self._run = run
        super().__init__(session, content=self._content(session), **params)
        self.handlers = {"problems": lambda _: show_problems()}
        session.param.watch(self._refresh, ["document", "problems"])

    def _content(self, session: Any) -> dict[str, Any]:
        return {
            "facts": self._facts(session.document, session.problems),
            "problems": summary(session.problems),
            "run": run_status(self._run),
        }

    def _refresh(self, *_: Any) -> None:
        content = self._content(self.session)
        if {**content, "run": 0} != {**self.content, "run": 0}:
            self.content = content


def summary(problems: Iterable[Problem]) -> dict[str, str]:
    """How many problems there are, and the first of the gravest in words."""
    found = list(problems)
    errors = [problem for problem in found if problem.severity != "hint"]
    first = (errors or found)[:1]
    if not first:
        return {"severity": "hint", "text": ""}
    kind = "errors" if errors else "hints"
    number = len(errors or found)
    # That nothing is drawn yet is no mistake of anybody.
    severity = "hint" if first[0].code == "empty" else kind[:-1]
    words = counted(f"status.{kind}", number, str(number), first=first[0].message)
    return {"severity": severity, "text": words}


def run_status(run: Any) -> dict[str, Any]:
    """What the top bar and the status line show of a run, as plain data."""
    status = {name: getattr(run, name) for name in RUN_FIELDS}
    progress = run.progress
    share, words = progress if isinstance(progress, tuple | list) else (progress, "")
    status["progress"] = float(share or 0.0)
    status["rebuild"] = bool(run.reasons)
    message = status["message"]
    status["message"] = str(words if status["state"] == "building" else message or "")
    return status


class RunStatus:
    """Tells parts about the run, at most ten times a second and only what has changed."""

    def __init__(self, run: Any, parts: Iterable[Part]) -> None:
        self._run, self._parts = run, tuple(parts)
        self._sent: dict[str, Any] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to watch; called when the page has loaded."""
        self._task = asyncio.current_task()
        while True:
            self.update()
            await asyncio.sleep(STATUS_INTERVAL)

    def update(self) -> None:
        """Send the state of the run if it is not what was sent last."""
        status = run_status(self._run)
        if status == self._sent:
            return
        self._sent = status
        for part in self._parts:
            part.send(**status)

    def stop(self) -> None:
        """End; called when the session is destroyed."""
        if self._task is not None:
            self._task.cancel()
