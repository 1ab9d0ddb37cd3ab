"""Undo and redo: the documents before and after each gesture, bounded."""

from __future__ import annotations

from dataclasses import dataclass

from engine.document import Document
from workbench.commands import Command

LIMIT = 500  # gestures kept; documents share all that did not change


@dataclass(frozen=True)
class Entry:
    """One gesture: what was done, and the document before and after it."""

    commands: tuple[Command, ...]
    before: Document
    after: Document

    @property
    def name(self) -> str:
        """What the gesture did, as the name of its first command."""
        return self.commands[0].name if self.commands else ""


class History:
    """A list of gestures and a place in it."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._done: list[Entry] = []
        self._undone: list[Entry] = []

    def add(self, entry: Entry) -> None:
        """Remember a gesture; what was undone before it is gone."""
        self._done.append(entry)
        del self._done[: -self.limit]
        self._undone.clear()

    @property
    def done(self) -> tuple[Entry, ...]:
        """Gestures that can be undone, oldest first."""
        return tuple(self._done)

    @property
    def can_undo(self) -> bool:
        """Whether there is something to undo."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is something to redo."""
        return bool(self._undone)

    def undo(self) -> Document | None:
        """The document before the last gesture, or None."""
        if not self._done:
            return None
        entry = self._done.pop()
        self._undone.append(entry)
        return entry.before

    def redo(self) -> Document | None:
        """The document after the gesture undone last, or None."""
        if not self._undone:
            return None
        entry = self._undone.pop()
        self._done.append(entry)
        return entry.after
