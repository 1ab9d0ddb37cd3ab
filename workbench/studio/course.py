"""What tasks have in common: a pace to look at, parts of a course, a last drawing, words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from engine.learning.course import Progress, Trained
from engine.models.declaration import Parameter
from workbench.studio.task import Panels, Stage

SLOWEST = 4.0  # Hz: a course that sleeps longer would not hear that it should end


class Pace:
    """At most ``rate`` rounds a second: what would be over at once can be watched."""

    def __init__(self, rate: float) -> None:
        self.between, self.next = 1.0 / max(rate, SLOWEST), 0.0

    def keep(self) -> None:
        """At the end of a round: wait until the next may begin."""
        now = time.monotonic()
        if now < self.next:
            time.sleep(self.next - now)
        self.next = max(self.next, now) + self.between


def pace(default: float, rounds: str) -> Parameter:
    """A parameter for a `Pace`."""
    return Parameter(default, "Hz", (SLOWEST, 1e5), f"{rounds} a second at most, to be watched")


def seed(what: str) -> Parameter:
    """The parameter ``seed``, with what it draws."""
    return Parameter(0, "", (0, 1e6), f"of {what}", kind="integer")


def part(progress: Progress, begin: float, end: float) -> Progress:
    """``progress`` for a part of a course that goes from ``begin`` to ``end`` of the whole."""
    return lambda share, text: progress(begin + share * (end - begin), text)


@contextmanager
def shown_last(stage: Stage, draw: Callable[[], Panels]) -> Iterator[None]:
    """Show ``draw`` when the course ends, whether it is done, was cancelled or exploded."""
    try:
        yield
    finally:
        stage.show(draw, last=True)


def after(found: Trained[Any], unit: str, planned: int, done: int | None = None) -> str:
    """How a sentence on what was reached begins; ``done`` where rounds are not what is counted."""
    done = found.rounds if done is None else done
    whole = f"{done:,} {unit}{'' if done == 1 else 's'}"
    if found.complete:
        return f"After {whole}"
    return f"Stopped after {whole} of {planned:,}:"
