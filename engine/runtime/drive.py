"""What a single neuron gets: a current (a number, one value a step, or a function of the time), and
spikes that arrive at its ports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.document.text import describe, near, one_of
from engine.document.values import plain
from engine.equations.units import quantity
from engine.errors import DocumentError, Problem
from engine.models.compose import port_synapses, weight_unit
from engine.models.declaration import NeuronModel

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


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Spikes that arrive at one port, each with a weight of its own."""

    port: str
    rows: NDArray[np.int64]  # steps at whose end (or, of a current, during which) each arrives
    weights: Floats  # in the unit of the port


def arrivals(
    declaration: NeuronModel, spikes: Mapping[str, Any] | None, steps: int, dt: float
) -> tuple[Arrivals, ...]:
    """Port -> (time [ms], weight) pairs as arrivals within ``steps`` steps of ``dt`` ms.

    A spike arrives at the end of the step that ends nearest to its time, the second one at the
    earliest.  Raises DocumentError.
    """
    if spikes is None:
        return ()
    if not isinstance(spikes, Mapping):
        message = f"they must be a dict of ports, not {describe(spikes)}"
        raise _spikes("", message, 'write for example {"exc": [(10.0, 100.0)]}')
    synapses, found = port_synapses(declaration), []
    for port, pairs in spikes.items():
        if port not in synapses:
            remedy = near(port, synapses) or f"it has {one_of(synapses)}"
            raise _spikes(f"/{port}", f"{declaration.name} has no port {describe(port)}", remedy)
        unit = weight_unit(declaration, synapses[port])
        read = sorted(_pair(pair, port, unit, steps, dt) for pair in _listed(pairs, port))
        rows, weights = zip(*read, strict=True) if read else ((), ())
        found.append(Arrivals(port, np.array(rows, np.int64), np.array(weights, np.float64)))
    return tuple(found)


def _listed(pairs: Any, port: str) -> list[Any]:
    pairs = plain(pairs)
    if isinstance(pairs, list):
        return pairs
    message = f"they must be a list of (time, weight), not {describe(pairs)}"
    raise _spikes(f"/{port}", message, "write for example [(10.0, 100.0)]")


def _pair(pair: Any, port: str, unit: str, steps: int, dt: float) -> tuple[int, float]:
    if not (isinstance(pair, list) and len(pair) == 2):
        message = f"{describe(pair)} is no pair of a time and a weight"
        raise _spikes(f"/{port}", message, "write for example (10.0, 100.0)")
    time, weight = quantity(pair[0], "ms", "time"), quantity(pair[1], unit, "weight")
    if not 1.5 * dt <= time <= (steps + 0.5) * dt:
        message = f"no spike can arrive at {time:g} ms"
        remedy = f"choose a time from {2 * dt:g} ms, two steps, to {steps * dt:g} ms"
        raise _spikes(f"/{port}", message, remedy)
    return min(steps, int(time / dt + 0.5)) - 1, weight


def _spikes(where: str, message: str, remedy: str) -> DocumentError:
    return DocumentError(Problem(f"spikes{where}", "spikes", message, remedy))
