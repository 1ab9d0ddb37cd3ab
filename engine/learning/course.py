"""How learning goes on: round after round, watched, told and stopped.

Long work here takes ``progress(share, text)`` and ``cancel()`` as a simulation does, looks at both
several times a second, and keeps what was learnt so far.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from engine.errors import RunStopped
from engine.learning.checked import Floats

Progress = Callable[[float, str], None]
Cancel = Callable[[], bool]
State = TypeVar("State")  # an array, or a tuple, list or mapping of arrays
# Told the state and the errors so far at the end of each round, and several times a second within;
# both are only lent: they change as learning goes on.
Watch = Callable[[Any, Sequence[float]], None]

LOOK_S = 0.1  # wall time between two looks
LARGEST = 1e9  # a weight beyond this has exploded: no quantity of these rules comes near


@dataclass(frozen=True)
class Trained(Generic[State]):
    """What was learnt, and how the error fell."""

    state: State
    error: Floats  # [rounds done]; what it measures is said by the function that trained
    complete: bool = True  # False: cancelled or stopped before it was done
    reached: bool = False  # the error came to the tolerance that was asked for

    @property
    def rounds(self) -> int:
        """Rounds that were done."""
        return len(self.error)


def follow(
    course: Iterable[tuple[State, float | None]],
    start: State,
    rounds: int,
    *,
    tolerance: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    watch: Watch | None = None,
    text: str = "learning",
    measure: str = "error",
) -> Trained[State]:
    """Go through ``course``, which gives the state and, at the end of a round, its error.

    Within a round it gives None for the error; a step between two should take less than 0.3 s.  It
    ends after ``rounds``, or where the error is at most ``tolerance``.  Raises RunStopped where
    numbers are no longer finite or above 1e9; its ``run`` is what had been learnt at the last look.
    """
    errors: list[float] = []
    good, looked = start, time.monotonic()
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for state, error in course:
            now = time.monotonic()
            if error is None and now - looked < LOOK_S:
                continue
            if not _in_hand(state) or (error is not None and not np.isfinite(error)):
                kept = Trained(good, np.array(errors), complete=False)
                message = (
                    f"{text}: the weights exploded in round {len(errors) + 1}; take a smaller "
                    "learning rate (the weights before it are kept)"
                )
                raise RunStopped(message, kept)
            good = state
            if error is not None:
                errors.append(float(error))
            if watch is not None:
                watch(state, errors)
            ended = tolerance is not None and bool(errors) and errors[-1] <= tolerance
            if ended or len(errors) >= rounds:
                return Trained(state, np.array(errors), reached=ended)
            if cancel is not None and cancel():
                return Trained(state, np.array(errors), complete=False)
            if progress is not None and now - looked >= LOOK_S:
                progress(len(errors) / rounds, _told(text, errors, measure))
            looked = now if now - looked >= LOOK_S else looked
    return Trained(good, np.array(errors))


def _told(text: str, errors: list[float], measure: str) -> str:
    return f"{text}: {measure} {errors[-1]:.3g}" if errors else text


def _in_hand(state: Any) -> bool:
    """Whether all numbers of a state are finite and of a reasonable size."""
    if isinstance(state, Mapping):
        return all(_in_hand(part) for part in state.values())
    if isinstance(state, tuple | list):
        return all(_in_hand(part) for part in state)
    values = np.asarray(state)
    return values.dtype.kind != "f" or bool(np.all(np.abs(values) <= LARGEST))
