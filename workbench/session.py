"""One open document with its history and its selection: what every view of a page watches.

A session has no widgets and knows no view.  Its methods never raise for what a user did: they
answer whether it was done, and say why not in ``message``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import param

from engine.document import Document, load, loads, lookup, replace
from engine.errors import DocumentError, Problem, WorkbenchError
from engine.runtime.checked import check, names_files
from workbench.changes import LiveChange, what_changed
from workbench.colours import colours_of
from workbench.commands import Command, apply, copy
from workbench.history import Entry, History
from workbench.locale import text
from workbench.naming import place_name
from workbench.store import files
from workbench.theme import SOURCE_COLOUR

__all__ = ["LiveChange", "Message", "Session", "what_changed"]


@dataclass(frozen=True)
class Message:
    """A sentence to show; ``number`` tells two alike apart."""

    text: str = ""
    severity: str = "info"  # "info" | "error"
    number: int = 0


class Session(param.Parameterized):
    """An open document: edited by ``do``, watched through its parameters."""

    document = param.ClassSelector(class_=Document, doc="What is open; never changed in place.")
    selection = param.Parameter(default=(), doc="Ids of selected nodes and connections, a tuple.")
    opened = param.Integer(default=0, doc="How many documents were opened; an edit keeps it.")
    saved = param.Boolean(default=True, doc="Whether the document is as it is on disk.")
    path = param.ClassSelector(class_=Path, allow_None=True, doc="The file, once there is one.")
    problems = param.List(default=[], item_type=Problem, doc="All that is wrong, and hints.")
    can_undo = param.Boolean(default=False)
    can_redo = param.Boolean(default=False)
    message = param.ClassSelector(class_=Message, doc="The last sentence to show.")
    theme = param.Selector(default="dark", objects=["dark", "light"])

    def __init__(self, document: Document | None = None, **params: Any) -> None:
        document = Document() if document is None else document
        super().__init__(document=document, message=Message(), **params)
        self.problems = self._problems(document)
        self.history = History()
        self.clipboard: dict[str, Any] | None = None
        self._on_disk = document
        self._gestures = 0
        self._gesture: list[Command] = []
        self._gesture_start = document

    # Editing

    def do(self, command: str, /, **arguments: Any) -> bool:
        """Do one edit; whether it was done.  A refused edit changes nothing but ``message``."""
        refusal = self.attempt(command, **arguments)
        if refusal:
            self.say(refusal, "error")
        return not refusal

    def attempt(self, command: str, /, **arguments: Any) -> str:
        """Do one edit; "" or the sentence why not, for a view that shows it in its own place."""
        done = Command(command, arguments)
        before = self.document
        try:
            after = apply(before, done, self.folder)
        except WorkbenchError as error:
            return sentence(error, place=False)
        if after is before or after == before:
            return ""
        if self._gestures:
            self._gesture.append(done)
        else:
            self.history.add(Entry((done,), before, after))
        self._show(after, self._selection_after(before, after, command))
        return ""

    @contextlib.contextmanager
    def gesture(self) -> Iterator[None]:
        """Edits inside the block are one entry of the history."""
        self.begin_gesture()
        try:
            yield
        finally:
            self.end_gesture()

    def begin_gesture(self) -> None:
        """From here to the matching ``end_gesture`` all edits undo as one (a slider's drag)."""
        if self._gestures == 0:
            self._gesture, self._gesture_start = [], self.document
        self._gestures += 1

    def end_gesture(self) -> None:
        """End a gesture; one that changed nothing leaves no entry."""
        if self._gestures == 0:
            return
        self._gestures -= 1
        if self._gestures:
            return
        commands, before = _merged(self._gesture), self._gesture_start
        self._gesture = []
        if commands and before != self.document:
            self.history.add(Entry(commands, before, self.document))
        self._show(self.document)

    def undo(self) -> bool:
        """Take back the last gesture; whether there was one."""
        return self._travel(self.history.undo)

    def redo(self) -> bool:
        """Do again what was undone last; whether there was something."""
        return self._travel(self.history.redo)

    def _travel(self, step: Any) -> bool:
        while self._gestures:  # an undo in the middle of a drag ends the drag first
            self.end_gesture()
        document = step()
        if document is None:
            return False
        self._show(document)
        return True

    # Selection and clipboard

    def select(self, ids: Iterable[str] = ()) -> None:
        """Select nodes and connections; what does not exist is left out."""
        self.selection = self._existing(tuple(ids), self.document)

    def remove_selection(self) -> bool:
        """Remove what is selected, with its wires, as one gesture."""
        return bool(self.selection) and self.do("remove", ids=list(self.selection))

    def copy_selection(self) -> bool:
        """Put the selected nodes and the wires between them on the clipboard."""
        nodes = [name for name in self.selection if name in self.document.nodes_by_id]
        if nodes:
            self.clipboard = copy(self.document, nodes)
        return bool(nodes)

    def paste(self, offset: tuple[float, float] | None = None) -> bool:
        """Add what is on the clipboard and select it."""
        if self.clipboard is None:
            return False
        extra = {} if offset is None else {"offset": list(offset)}
        return self.do("paste", part=self.clipboard, **extra)

    def duplicate_selection(self) -> bool:
        """Copy the selected nodes beside themselves and select the copies."""
        nodes = [name for name in self.selection if name in self.document.nodes_by_id]
        return bool(nodes) and self.do("duplicate", ids=nodes)

    @staticmethod
    def _existing(ids: tuple[str, ...], document: Document) -> tuple[str, ...]:
        known = {*document.nodes_by_id, *document.edges_by_id}
        return tuple(name for name in dict.fromkeys(ids) if name in known)

    def _selection_after(self, before: Document, after: Document, command: str) -> tuple[str, ...]:
        """What a command made is selected; otherwise the selection stays."""
        if command in ("add_node", "paste", "duplicate"):
            return tuple(name for name in after.nodes_by_id if name not in before.nodes_by_id)
        if command == "connect":
            return tuple(name for name in after.edges_by_id if name not in before.edges_by_id)
        return self.selection

    # Files

    def new(self) -> bool:
        """Begin an empty document."""
        return self.open_document(Document())

    def open_document(self, document: Document, path: Path | None = None) -> bool:
        """Show another document; the history of the former one is gone."""
        self.history.clear()
        self._gestures, self._gesture = 0, []
        self._on_disk = document
        self.param.update(path=path, selection=())
        self._show(document)
        self.opened += 1
        return True

    def open(self, path: str | Path) -> bool:
        """Open a file; whether it could be opened.  Otherwise the present document stays."""
        try:
            document = load(path)
        except WorkbenchError as error:
            self.say(_not_opened(error, Path(path).name), "error")
            return False
        return self.open_document(document, Path(path))

    def open_text(self, content: str | bytes, name: str | None = None) -> bool:
        """Open a document that came as text (an upload); it has no file yet."""
        try:
            document = loads(content)
        except WorkbenchError as error:
            self.say(_not_opened(error, name or text("session.text")), "error")
            return False
        return self.open_document(document)

    def open_example(self, name: str) -> bool:
        """Open a document of the gallery; saving it asks for a name."""
        try:
            document = files.load_example(name)
        except WorkbenchError as error:
            self.say(str(error), "error")
            return False
        return self.open_document(document)

    def save(self, path: str | Path | None = None) -> bool:
        """Write the document to ``path`` or to where it came from; whether it was written."""
        target = Path(path) if path is not None else self.path
        if target is None:
            self.say(text("session.nameless"), "error")
            return False
        document = self.document
        try:
            files.save(document, target)
        except WorkbenchError as error:
            self.say(str(error), "error")
            return False
        self._on_disk = document
        self.param.update(path=target, saved=self.document is document)
        self.problems = self._problems(self.document)  # its files are looked for beside it now
        self.say(text("session.saved", file=target.name))
        return True

    # What the views ask

    @property
    def folder(self) -> Path:
        """Where files lie that the document names: beside it; where it will be saved, till then."""
        return files.project_folder() if self.path is None else self.path.parent

    def _problems(self, document: Document) -> list[Problem]:
        return check(document, self.folder if names_files(document) else None)

    def colour_of(self, node_id: str) -> str:
        """The colour of a node, "#rrggbb", the same wherever it is drawn; grey if it is unknown."""
        return self.colours().get(node_id, SOURCE_COLOUR)

    def colours(self) -> dict[str, str]:
        """The colour of every node."""
        return colours_of(self.document)

    def sign_of(self, node_id: str) -> str:
        """ "inhibitory" where a population's wires inhibit, otherwise "excitatory"."""
        return "inhibitory" if lookup.node_sign(self.document, node_id) < 0 else "excitatory"

    def problems_of(self, item_id: str) -> list[Problem]:
        """Problems and hints of one node, connection or recorder."""
        places = (f"nodes/{item_id}", f"edges/{item_id}", f"recorders/{item_id}")
        return [
            problem
            for problem in self.problems
            if problem.path.startswith(tuple(f"{place}/" for place in places))
            or problem.path in places
        ]

    def say(self, sentence: str, severity: str = "info") -> None:
        """Show a sentence."""
        self.message = Message(sentence, severity, self.message.number + 1)

    def _show(self, document: Document, selection: tuple[str, ...] | None = None) -> None:
        wanted = self.selection if selection is None else selection
        changes: dict[str, Any] = {
            "selection": self._existing(wanted, document),
            "saved": document is self._on_disk or document == self._on_disk,
            "can_undo": self.history.can_undo or bool(self._gesture),
            "can_redo": self.history.can_redo and not self._gesture,
        }
        if document is not self.document:
            changes |= {"document": document, "problems": self._problems(document)}
        self.param.update(**changes)


def sentence(error: WorkbenchError, document: Document | None = None, place: bool = True) -> str:
    """One sentence for the page: the first problem, and how many more there are.

    ``place``: with what it is about, as the page calls it if the ``document`` is open.
    """
    if not isinstance(error, DocumentError):
        return str(error)
    first, *others = error.problems
    path = first.path if place else ""
    if path and document is not None:
        path = place_name(document, path)
    reason = str(replace(first, path=path))
    return text("session.more", reason=reason, count=len(others)) if others else reason


def _not_opened(error: WorkbenchError, file: str) -> str:
    return text("session.refused", file=file, reason=sentence(error))


def _merged(commands: list[Command]) -> tuple[Command, ...]:
    """A slider's way as its last step: of neighbours that set the same thing the last stays."""
    kept: list[Command] = []
    for command in commands:
        if kept and _sets(command) is not None and _sets(kept[-1]) == _sets(command):
            kept.pop()
        kept.append(command)
    return tuple(kept)


def _sets(command: Command) -> tuple[str, dict[str, Any]] | None:
    """What a command gives a value to, or None if it is not that kind of command."""
    if "value" not in command.arguments:
        return None
    where = {name: entry for name, entry in command.arguments.items() if name != "value"}
    return command.name, where
