"""Every error a user can meet: one small tree, one form of message.

The form is *what is wrong, where, what to do*.  The browser shows ``str(error)``; the command line
prints it on stderr; nothing else of an error is meant for a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

WIDEST = 88  # characters of a line that an error quotes


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a document: where, a stable code, a sentence, and the remedy."""

    path: str  # such as "nodes/exc/parameters/tau_m"
    code: str  # such as "unknown-parameter"
    message: str
    remedy: str = ""
    severity: str = "error"  # or "hint": worth saying, the run may go on

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{where}{self.message}{remedy}"


class WorkbenchError(Exception):
    """Base of all errors whose message is written for the user."""

    code = "error"


class DocumentError(WorkbenchError):
    """A document, or a call that would make one, cannot be what the user means."""

    code = "document"

    def __init__(self, problems: list[Problem] | Problem | str) -> None:
        if isinstance(problems, str):
            problems = Problem("", "document", problems)
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class EquationError(WorkbenchError):
    """A text in the equation language is wrong; ``span`` is the offending range in ``text``."""

    code = "equation"

    def __init__(
        self, message: str, text: str = "", span: tuple[int, int] = (0, 0), remedy: str = ""
    ) -> None:
        self.message, self.text, self.span, self.remedy = message, text, span, remedy
        super().__init__("\n".join(filter(None, [self.sentence(), self.caret()])))

    def sentence(self) -> str:
        """What is wrong and what to do, without the quoted text."""
        return f"{self.message}; {self.remedy}" if self.remedy else self.message

    def caret(self) -> str:
        """The offending line with carets under the offending range; empty without a text."""
        if not self.text:
            return ""
        start, stop = self.span
        first = self.text.rfind("\n", 0, start) + 1
        last = self.text.find("\n", start)
        line = self.text[first : last if last >= 0 else len(self.text)]
        width = max(1, min(stop, first + len(line)) - start)
        if len(line) > WIDEST:  # a window of the line, with the beginning of the range inside
            shift = max(0, min(start - first - WIDEST // 3, len(line) - WIDEST))
            line, first = line[shift : shift + WIDEST], first + shift
            width = min(width, len(line) - (start - first)) or 1
        shown = "".join(
            letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line
        )
        return f"    {shown}\n    {' ' * (start - first)}{'^' * width}"


class BackendError(WorkbenchError):
    """A backend is missing, or cannot do what it was asked."""

    code = "backend"


class DataError(WorkbenchError):
    """A file or an array a user gave cannot be used."""

    code = "data"


class LimitError(WorkbenchError):
    """What was asked would not fit in memory, time or a stated limit."""

    code = "limit"


class RunStopped(WorkbenchError):
    """The watchdog stopped a run (NaN, blow-up, runaway rate); ``run`` keeps what was computed."""

    code = "stopped"

    def __init__(self, message: str, run: object | None = None) -> None:
        self.run = run
        super().__init__(message)


def near(word: object, known: Iterable[str]) -> str:
    """ "did you mean `x`?" for the nearest known name, or nothing; nothing is near to no text."""
    if not isinstance(word, str):
        return ""
    names, wanted = list(known), word[:100]
    matches = get_close_matches(wanted, names, n=1, cutoff=0.5)
    alike = [name for name in names if str(name).casefold() == wanted.casefold()]
    matches = alike or matches
    return f"did you mean `{matches[0]}`?" if matches else ""
