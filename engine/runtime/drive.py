"""The current that a single neuron gets: a number, one value a step, or a function of the time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.document.text import describe
from engine.equations.units import quantity
from engine.errors import DocumentError, Problem

Floats = NDArray[np.floating]
Current = float | str | ArrayLike | Callable[[float], float]
FORMS = "give a number, one number a step, or a function of the time that gives numbers"


def current_trace(current: Current, steps: int, dt: float, unit: str) -> Floats:
    """The current of every step, [steps], in ``unit``; a function is asked for the middle of each
    step of ``dt`` ms.  Raises DocumentError."""
    if isinstance(current, str):
        current = quantity(current, unit, "current")
    called = callable(current)
    values = _asked(current, steps, dt) if called else current
    trace = _numbers(values)
    if not called and trace.ndim == 0:
        trace = np.full(steps, float(trace))
    if trace.shape != (steps,):
        shape = " x ".join(map(str, trace.shape))
        raise _refused(
            "length", f"{shape} values stand for {steps:,} steps", "give one value a step"
        )
    if not np.isfinite(trace).all():
        place = int(np.argmin(np.isfinite(trace)))
        message = f"its value in step {place:,} is not a finite number"
        raise _refused("value", message, "give finite numbers")
    return trace


def _asked(current: Callable[[float], float], steps: int, dt: float) -> list[float]:
    t, values = 0.0, []
    try:
        for n in range(steps):
            t = (n + 0.5) * dt
            values.append(current(t))
    except Exception as error:  # whatever a function of a user's own may raise
        message = f"the function failed at {t:g} ms: {error or type(error).__name__}"
        remedy = "it is called with the time in ms and gives a number"
        raise _refused("function", message, remedy) from error
    return values


def _numbers(values: Any) -> Floats:
    if isinstance(values, bool):
        raise _refused("value", f"{describe(values)} is not a current", FORMS)
    try:
        return np.asarray(values, np.float64)
    except OverflowError:
        raise _refused("value", "it is too large a number", "give a weaker current") from None
    except (TypeError, ValueError):
        raise _refused("value", f"{describe(values)} is not a current", FORMS) from None


def _refused(code: str, message: str, remedy: str) -> DocumentError:
    return DocumentError(Problem("current", code, message, remedy))
