"""What a contract suite found, check by check."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from engine.errors import WorkbenchError

KEPT, BROKEN, IDLE = "kept", "broken", "not applicable"


@dataclass(frozen=True)
class Check:
    """One promise: whether it is kept, and a sentence with what was seen."""

    name: str
    outcome: str  # KEPT | BROKEN | IDLE
    sentence: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.outcome}" + (f", {self.sentence}" if self.sentence else "")


class NotApplicable(Exception):
    """Raised by a check that has nothing to look at in this model; says why."""


class ContractError(WorkbenchError, AssertionError):
    """A model does not keep a promise; ``report`` has every check."""

    code = "contract"

    def __init__(self, report: Report) -> None:
        self.report = report
        broken = "; ".join(f"{each.name}: {each.sentence}" for each in report.broken)
        super().__init__(f"{report.model} breaks its contract: {broken}")


@dataclass(frozen=True)
class Report:
    """All checks of one model, in the order in which they were made."""

    model: str
    checks: tuple[Check, ...]

    @property
    def broken(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.outcome == BROKEN)

    def __getitem__(self, name: str) -> Check:
        for check in self.checks:
            if check.name == name:
                return check
        raise KeyError(name)

    def __str__(self) -> str:
        return "\n".join((self.model, *(f"  {check}" for check in self.checks)))


def carried_out(model: str, checks: Iterable[tuple[str, Callable[[], str]]]) -> Report:
    """Make every check; one that raises AssertionError or an error for users is broken."""
    made = []
    for name, act in checks:
        try:
            made.append(Check(name, KEPT, act()))
        except NotApplicable as reason:
            made.append(Check(name, IDLE, str(reason)))
        except (AssertionError, WorkbenchError) as error:
            made.append(Check(name, BROKEN, " ".join(str(error).split())))
    return Report(model, tuple(made))
