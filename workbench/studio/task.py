"""What a task of learning is: numbers that a person may set, and a course that shows itself.

A task runs in a process of its own (`worker.py`); what it shows goes to the page as drawings, so
that a task needs to know nothing of pages, and a script can run it as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol

from engine.errors import DataError, near
from engine.models.declaration import Parameter
from workbench.curves import Panel, Wall

Panels = Sequence[Panel | Wall]
Values = Mapping[str, float]
BETWEEN_S = 0.2  # wall time between two drawings: curves that grow need no more


class Stage(Protocol):
    """To whom a course tells how it goes on, and who says whether it should end."""

    def progress(self, share: float, text: str) -> None:
        """How far it is, 0 to 1, and in words what it does."""

    def cancel(self) -> bool:
        """Whether the person has had enough; asked several times a second."""
        ...

    def show(self, draw: Callable[[], Panels], last: bool = False) -> None:
        """Show what ``draw`` makes, if a drawing is due; the ``last`` one always is."""


@dataclass(frozen=True)
class Task:
    """One task: what it is called, what may be set, and how it is learnt.

    ``run(values, stage)`` learns with every parameter given, shows itself all the while and returns
    the sentence with the number that was reached; cancelled, it says what it has.
    """

    name: str  # that of the script in ``examples/learning`` which has the whole figure
    title: str
    doc: str  # what is learnt, and what to look at
    source: str
    run: Callable[[Values, Stage], str]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    data: str = ""  # folder of the data set that it reads, if any


@dataclass
class Throttled:
    """A part of a `Stage`: draws at most every `BETWEEN_S`, as drawing takes from learning."""

    send: Callable[[Panels], None]
    _drawn: float = float("-inf")

    def show(self, draw: Callable[[], Panels], last: bool = False) -> None:
        """See `Stage`."""
        now = time.monotonic()
        if last or now - self._drawn >= BETWEEN_S:
            self.send(draw())
            # From when it was done: a drawing that takes long does not hold learning up for ever.
            self._drawn = time.monotonic()


@cache
def all_tasks() -> dict[str, Task]:
    """Every task by name, in alphabetical order."""
    package = import_module("workbench.studio.tasks")
    names = sorted(module.name for module in iter_modules(package.__path__))
    found = [import_module(f"{package.__name__}.{name}").TASK for name in names]
    return {task.name: task for task in found}


def get(name: str) -> Task:
    """The task called ``name``; DataError with near names."""
    known = all_tasks()
    if not isinstance(name, str) or name not in known:
        remedy = near(name, known) or f"there are {', '.join(known)}"
        raise DataError(f"`{name}` is not a task; {remedy}")
    return known[name]
