"""The inspector: every parameter of the selection at once, edited while the network runs.

A field that is refused keeps what was typed and says why below it, so an edit is tried first on a
copy of nothing (documents are values) and only then done in the session.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.errors import DocumentError, EquationError, WorkbenchError
from workbench.chrome import Part, source
from workbench.code_drawing import STYLE as CODE
from workbench.commands import Command, apply
from workbench.editor.forms import form_of
from workbench.editor.forms.edits import commands_for
from workbench.editor.forms.node import OPEN_MODEL
from workbench.svg import STYLE as SVG


class Inspector(Part):
    """The form of what is selected; of the document when nothing is."""

    _esm = source(
        "dom.js",
        "slider.js",
        "../live/projection.js",
        "../live/places.js",
        "placed.js",
        "rows.js",
        "form.js",
        "inspector.js",
    )
    _look = source("base.css", "inspector.css") + SVG + CODE
    _text = ("inspector", "equation", "tip")

    def __init__(
        self, session: Any, show_model: Callable[[], None] | None = None, **params: Any
    ) -> None:
        """``show_model()`` opens the page of the selected population's model."""
        super().__init__(session, content=self._form(session) | {"answered": 0}, **params)
        self._show_model = show_model
        self._answered = 0  # number of the newest edit that was heard
        self._editing = False
        self._dragging = False
        self.handlers = {"edit": self._edit, "gesture": self._gesture}
        session.param.watch(self._refresh, ["document", "selection", "path"])

    @staticmethod
    def _form(session: Any) -> dict[str, Any]:
        looks = session.colour_of, session.sign_of
        return form_of(session.document, session.selection, *looks, session.folder)

    def _refresh(self, *_: Any) -> None:
        if self._editing:
            return  # one edit of several nodes is several commands: it is shown when it is whole
        form = self._form(self.session) | {"answered": self._answered}
        if form != self.content:
            self.content = form

    def _edit(self, message: dict[str, Any]) -> None:
        """One edit; its number comes back with what the form then shows, or with the refusal.

        Until then the browser shows what was typed or dragged, however late older answers come.
        """
        path, number = str(message.get("path")), message.get("number")
        if message.get("form") != self.content["key"]:
            return  # of a selection that is no more: a blur that came after a click elsewhere
        if isinstance(number, int):
            self._answered = number
        if path == OPEN_MODEL:
            if self._show_model is not None:
                self._show_model()
            return
        try:
            commands = self._tried(path, message.get("value"))
        except WorkbenchError as error:
            self.send(path=path, error=sentence(error), number=number)
            return
        self.send(path=path, error=None, number=number)
        self._editing = True
        try:
            with self.session.gesture():
                for command in commands:
                    self.session.do(command.name, **command.arguments)
        finally:
            self._editing = False
            self._refresh()  # with the new number, also where nothing changed

    def _tried(self, path: str, value: Any) -> list[Command]:
        document, folder = self.session.document, self.session.folder
        commands = commands_for(document, self.session.selection, path, value, folder)
        for command in commands:
            document = apply(document, command, folder)
        return commands

    def _gesture(self, message: dict[str, Any]) -> None:
        """A slider was taken or let go: all between is one undo."""
        begins = message.get("phase") == "begin"
        if begins == self._dragging:
            return
        self._dragging = begins
        if begins:
            self.session.begin_gesture()
        else:
            self.session.end_gesture()


def sentence(error: WorkbenchError) -> str:
    """An error without the path of the document: the field itself says where."""
    if isinstance(error, DocumentError):
        return "\n".join(
            f"{each.message}; {each.remedy}" if each.remedy else each.message
            for each in error.problems
        )
    return error.sentence() if isinstance(error, EquationError) else str(error)
