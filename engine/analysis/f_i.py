"""Rate against current, and the least current that makes a neuron fire.

All currents run as one population on the kernels that run networks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis.checked import numbers
from engine.analysis.runs import Copies
from engine.checked import Floats, at_least, positive, whole
from engine.equations.compile import initial_state
from engine.errors import DataError
from engine.models.declaration import NeuronModel
from engine.response import accurate_step_map, checked_parameters, initial_values, neuron_model

LONG_PAUSE = 2.0  # times the longest interval: what stands outside a burst
AT_ONCE = 31  # currents a run of the search for a rheobase: its interval shrinks 32 times
SMALLEST, GREATEST = -20, 24  # powers of 2 between which it lies, in the unit of the current


@dataclass(frozen=True)
class FICurve:
    """Firing against current; arrays are [currents], NaN where there is no such spike."""

    current: Floats  # in the model's unit
    rate: Floats  # Hz, 1 / mean interval after the transient; 0 with fewer than two spikes there
    onset_rate: Floats  # Hz, 1 / first interval; 0 with fewer than two spikes
    latency: Floats  # ms, time of the first spike
    count: NDArray[np.integer]  # spikes of the whole duration
    solver: str


def f_i_curve(
    model: str | NeuronModel,
    currents: ArrayLike,
    duration: float = 1000.0,
    dt: float = 0.05,
    transient: float | None = None,
    params: Mapping[str, Any] | None = None,
    initial: Mapping[str, Any] | None = None,
    solver: str | None = None,
) -> FICurve:
    """Steps of current of each of ``currents`` (the model's unit) for ``duration`` ms.

    The steady ``rate`` leaves out the first ``transient`` ms (half of the duration, if None).
    Spikes are stamped at ends of steps of ``dt`` ms, so an interval is too long by up to one step.
    ``params``, ``initial`` and ``solver`` as in ``engine.response``, which raises the same errors.
    """
    copies, solver_used = _copies(model, numbers(currents, "currents"), dt, params, initial, solver)
    duration = positive(duration, "duration", "ms")
    transient = duration / 2 if transient is None else at_least(transient, "transient", 0.0, "ms")
    if transient >= duration:
        raise DataError(
            f"a transient of {transient:g} ms leaves nothing of {duration:g} ms; shorten it"
        )
    times, cell = copies.spikes(copies.advance(duration))
    order = np.lexsort((times, cell))
    times, cell = times[order], cell[order]
    count = np.bincount(cell, minlength=copies.size)
    first = np.cumsum(count) - count
    latency = np.full(copies.size, np.nan)
    latency[count > 0] = times[first[count > 0]]
    onset = np.zeros(copies.size)
    twice = first[count > 1]
    onset[count > 1] = 1000.0 / (times[twice + 1] - times[twice])
    late = times > transient
    rate = _steady(times[late], cell[late], copies.size, (transient, duration))
    return FICurve(copies.currents, rate, onset, latency, count, solver_used)


def rheobase(
    model: str | NeuronModel,
    duration: float = 1000.0,
    spikes: int = 1,
    pulse: float | None = None,
    dt: float = 0.05,
    tolerance: float = 1e-6,
    params: Mapping[str, Any] | None = None,
    initial: Mapping[str, Any] | None = None,
    solver: str | None = None,
) -> float:
    """The least current (the model's unit) at which ``spikes`` spikes come within ``duration`` ms.

    The current is on throughout, or for the first ``pulse`` ms only: strength against duration.
    Found by bisection, many currents at a time, to a relative ``tolerance``.  A neuron that fires
    by itself has a negative rheobase.  DataError if nothing makes it fire, or nothing silences it.
    """
    duration = positive(duration, "duration", "ms")
    tolerance, spikes = positive(tolerance, "tolerance"), whole(spikes, "spikes")
    pulse = None if pulse is None else positive(pulse, "pulse", "ms")

    def fires(currents: Floats) -> NDArray[np.bool_]:
        copies, _ = _copies(model, currents, dt, params, initial, solver)
        _, cell = copies.spikes(copies.advance(duration if pulse is None else pulse))
        if pulse is not None and duration > pulse:
            more = copies.spikes(copies.advance(duration - pulse, on=False))[1]
            cell = np.concatenate([cell, more])
        return np.bincount(cell, minlength=len(currents)) >= spikes

    low, high = _bracket(fires, model)
    while high - low > tolerance * max(abs(low), abs(high)):
        between = np.linspace(low, high, AT_ONCE + 2)
        if not low < between[1] < high:
            break
        k = 1 + int(np.argmax(np.append(fires(between[1:-1]), True)))
        low, high = float(between[k - 1]), float(between[k])
    return 0.5 * (low + high)


def _bracket(
    fires: Callable[[Floats], NDArray[np.bool_]], model: str | NeuronModel
) -> tuple[float, float]:
    """Neighbouring currents of which the greater alone makes it fire, nearest to 0."""
    powers = 2.0 ** np.arange(SMALLEST, GREATEST + 1)
    name = neuron_model(model).name
    if not fires(np.zeros(1))[0]:
        above = fires(powers)
        if not above.any():
            raise DataError(f"no current up to {powers[-1]:g} makes {name} fire; try other values")
        k = int(np.argmax(above))
        return (float(powers[k - 1]) if k else 0.0), float(powers[k])
    below = ~fires(-powers)
    if not below.any():
        raise DataError(f"no current down to {-powers[-1]:g} silences {name}; try other values")
    k = int(np.argmax(below))
    return -float(powers[k]), (-float(powers[k - 1]) if k else 0.0)


def _copies(
    model: str | NeuronModel,
    currents: Floats,
    dt: float,
    params: Mapping[str, Any] | None,
    initial: Mapping[str, Any] | None,
    solver: str | None,
) -> tuple[Copies, str]:
    declaration = neuron_model(model)
    parameters = checked_parameters(declaration, params)
    options = declaration.chosen(parameters)
    step_map = accurate_step_map(declaration, solver, positive(dt, "dt", "ms"), options)
    start = initial_values(declaration, initial)
    state = initial_state(declaration, None, parameters, 1, start)
    return Copies(step_map, dict(parameters), state, currents, dt), step_map.solver


def _steady(
    times: Floats, cell: NDArray[np.integer], size: int, window: tuple[float, float]
) -> Floats:
    """1 / mean interval [Hz] of each cell within ``window``; spikes ordered by cell, then time.

    A cell that is silent at an end for much longer than between its spikes (a burst in a long
    pause) fires as often as it does in the whole window.
    """
    count = np.bincount(cell, minlength=size)
    twice = count > 1
    first = (np.cumsum(count) - count)[twice]
    last = first + count[twice] - 1
    rate = np.zeros(size)
    if not twice.any():
        return rate
    longest = np.zeros(size)
    same = cell[1:] == cell[:-1]
    np.maximum.at(longest, cell[1:][same], np.diff(times)[same])
    silent = np.maximum(times[first] - window[0], window[1] - times[last])
    intervals = 1000.0 * (count[twice] - 1) / (times[last] - times[first])
    whole = 1000.0 * count[twice] / (window[1] - window[0])
    rate[twice] = np.where(silent > LONG_PAUSE * longest[twice], whole, intervals)
    return rate
