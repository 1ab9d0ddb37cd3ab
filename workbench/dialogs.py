"""Dialogs and short messages, and the questions between a user and the loss of work."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from engine.errors import Problem, WorkbenchError
from workbench import gallery
from workbench.chrome import Part, source
from workbench.locale import text
from workbench.naming import place_name
from workbench.store import files
from workbench.svg import ON_A_PAGE as SVG

KEYS = {
    "run": (("Space", "run"), (".", "step")),
    "edit": (
        ("Ctrl Z", "undo"),
        ("Ctrl Shift Z", "redo"),
        ("Ctrl C", "copy"),
        ("Ctrl X", "cut"),
        ("Ctrl V", "paste"),
        ("Ctrl D", "duplicate"),
        ("Delete", "delete"),
        ("Ctrl A", "all"),
        ("Enter", "select"),
        ("Esc", "none"),
        ("← ↑ ↓ →", "move"),
    ),
    "view": (
        ("/", "search"),
        ("M", "models"),
        ("L", "learn"),
        ("F", "fit"),
        ("+ −", "zoom"),
        ("?", "keys"),
    ),
    "file": (("Ctrl S", "save"), ("Ctrl Shift S", "save_as"), ("Ctrl O", "open")),
}


class Dialogs(Part):
    """Shows one dialog at a time, and the session's messages as they come."""

    _esm = source("dom.js", "gallery.js", "dialogs.js")
    _look = f"{source('base.css', 'dialogs.css', 'gallery.css')}\n{SVG}"
    _text = ("dialog", "examples", "script", "open", "save_as", "unsaved", "problems", "keys")

    def __init__(self, session: Any, learn: Callable[[str], object], **params: Any) -> None:
        """``learn(name)`` shows the page on which that task is learnt."""
        # What was said before there was a page, such as a document that could not be opened.
        super().__init__(session, content=said(session.message), **params)
        self._after: Callable[[], object] | None = None
        self._answers: dict[str, Callable[[dict[str, Any]], None]] = {
            "closed": self._forget,
            "discard": lambda _: self._go_on(),
            "save_first": lambda _: self._save_first(),
            "save_file": self._save_file,
            "open_file": self._open_file,
            "open_text": self._open_text,
            "open_example": self._open_example,
            "open_script": self._open_script,
            "examples": lambda _: self.examples(),
            "learn": lambda message: learn(str(message.get("name"))),
            "go_to": self._go_to,
        }
        self.handlers = {"answer": self._answer}
        session.param.watch(self._toast, ["message"])

    # What opens a dialog

    def new(self) -> None:
        """An empty document, once the present one is safe."""
        self._when_safe(self.session.new)

    def open(self) -> None:
        """Choose a file of the project folder, or bring one."""
        listed = [
            {"name": file.name, "note": when(file.modified)} for file in files.project_files()
        ]
        self.send(dialog="open", files=listed, folder=str(files.project_folder()))

    def examples(self) -> None:
        """The gallery."""
        self.send(dialog="examples", **gallery.shown())

    def save(self) -> None:
        """Save where the document is; ask for a name if it is nowhere yet."""
        if self.session.path is None:
            self.save_as()
        else:
            self.session.save()

    def save_as(self) -> None:
        """Ask for a name and save there."""
        path = self.session.path
        name = path.stem if path is not None else self.session.document.name
        self.send(dialog="save_as", name=name, folder=str(files.project_folder()))

    def problems(self) -> None:
        """Everything that is wrong, and hints; a click goes to the place."""
        listed = [self._problem(problem) for problem in self.session.problems]
        self.send(dialog="problems", problems=listed)

    def keys(self) -> None:
        """What the keyboard does."""
        groups = [
            {
                "title": text(f"keys.{group}.title"),
                "keys": [
                    {"keys": combination.split(" "), "text": text(f"keys.{name}.does")}
                    for combination, name in rows
                ],
            }
            for group, rows in KEYS.items()
        ]
        self.send(dialog="keys", groups=groups)

    def open_dropped(self, name: str, content: str) -> None:
        """Open the text of a file that was dropped on the canvas."""
        self._when_safe(lambda: self.session.open_text(content, name))

    # What comes back

    def _answer(self, message: dict[str, Any]) -> None:
        answer = self._answers.get(str(message.get("action")))
        if answer is not None:
            answer(message)

    def _when_safe(self, action: Callable[[], object]) -> None:
        if self.session.saved:
            action()
            return
        self._after = action
        self.send(dialog="unsaved", name=self.session.document.name)

    def _go_on(self) -> None:
        action, self._after = self._after, None
        if action is not None:
            action()

    def _forget(self, _: dict[str, Any]) -> None:
        self._after = None

    def _save_first(self) -> None:
        if self.session.path is None:
            self.save_as()  # what waits goes on when that is done
        elif self.session.save():
            self._go_on()

    def _save_file(self, message: dict[str, Any]) -> None:
        """Save under a name; another document of that name is replaced only if that was said."""
        name = str(message.get("name", ""))
        try:
            path = files.path_for(name)
        except WorkbenchError as error:
            self.send(refused=str(error))
            return
        if path.exists() and path != self.session.path and message.get("replace") != name:
            self.send(refused=text("save_as.taken", name=path.stem), taken=name)
            return
        if not self.session.save(path):
            self.send(refused=self.session.message.text)
            return
        self.send(close=True)
        self._go_on()

    def _open_file(self, message: dict[str, Any]) -> None:
        named = {file.name: file.path for file in files.project_files()}
        path = named.get(str(message.get("name")))
        if path is not None:
            self._when_safe(lambda: self.session.open(path))

    def _open_text(self, message: dict[str, Any]) -> None:
        content, name = str(message.get("text", "")), str(message.get("name", ""))
        self._when_safe(lambda: self.session.open_text(content, name))

    def _open_example(self, message: dict[str, Any]) -> None:
        name = str(message.get("name"))
        self._when_safe(lambda: self.session.open_example(name))

    def _open_script(self, message: dict[str, Any]) -> None:
        """What a script of the gallery does, its command and its plot; it is not run."""
        found = gallery.script(str(message.get("name")))
        if found is not None:
            self.send(dialog="script", **found)

    def _go_to(self, message: dict[str, Any]) -> None:
        """Select what a problem is about."""
        kind, _, rest = str(message.get("path")).partition("/")
        name = rest.partition("/")[0]
        document = self.session.document
        if kind == "recorders":
            recorder = document.recorder(name)
            name = recorder.node if recorder is not None else ""
        self.session.select([name] if name else [])

    def _problem(self, problem: Problem) -> dict[str, str]:
        where = place_name(self.session.document, problem.path)
        words = {"message": problem.message, "remedy": problem.remedy, "path": problem.path}
        return {**words, "severity": problem.severity, "where": where}

    def _toast(self, event: Any) -> None:
        self.send(**said(event.new))


def said(message: Any) -> dict[str, Any]:
    """A message of the session for the browser; nothing if it is empty."""
    if not message.text:
        return {}
    return {"toast": {"text": message.text, "severity": message.severity}}


def when(moment: float) -> str:
    """The day of a file, and the time if it was today."""
    then, now = time.localtime(moment), time.localtime()
    today = then[:3] == now[:3]
    return time.strftime("%H:%M" if today else "%Y-%m-%d", then)
