"""What oscillates along a parameter: extrema and period of the motion that is left in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.analysis.checked import numbers, text
from engine.analysis.runs import Copies, require_work
from engine.analysis.vector_field import CURRENT
from engine.checked import Floats, at_least, finite, positive
from engine.document.text import one_of
from engine.equations.compile import initial_state
from engine.errors import DataError, near
from engine.models.declaration import NeuronModel
from engine.response import accurate_step_map, checked_parameters, initial_values, neuron_model

STILL = 1e-6  # an amplitude this small beside the size of the variable is none


@dataclass(frozen=True)
class Cycles:
    """The end of a run for each value of a parameter; arrays are [values]."""

    parameter: str
    values: Floats
    low: dict[str, Floats]  # least value of each variable
    high: dict[str, Floats]
    period: Floats  # ms between upward passes of the middle of the membrane; NaN at rest


def cycles(
    model: str | NeuronModel,
    values: ArrayLike,
    parameter: str = CURRENT,
    current: float = 0.0,
    transient: float = 500.0,
    duration: float = 200.0,
    dt: float = 0.05,
    params: Mapping[str, Any] | None = None,
    initial: Mapping[str, Any] | None = None,
    solver: str | None = None,
) -> Cycles:
    """Run the model for each of ``values`` of a parameter (or "current") at once, all from one
    state; after ``transient`` ms keep least and greatest values and the period for ``duration`` ms.

    Where a fixed point and a cycle are both stable the start decides: give it as ``initial``.
    Raises DataError for an unknown parameter, else as ``engine.response`` does.
    """
    declaration = neuron_model(model)
    values = numbers(values, "values")
    given: dict[str, Any] = dict(checked_parameters(declaration, params))
    system = declaration.compose()
    currents = np.full(len(values), finite(current, "current"))
    if text(parameter, "parameter") == CURRENT:
        currents = values
    elif parameter in system.parameters:
        for value in values:
            checked_parameters(declaration, {**given, parameter: float(value)})
        given[parameter] = values
    else:
        remedy = near(parameter, system.parameters) or f"it has {one_of(system.parameters)}"
        raise DataError(f"`{parameter}` is not a parameter of {declaration.name}; {remedy}")
    options = declaration.chosen(given)
    step_map = accurate_step_map(declaration, solver, positive(dt, "dt", "ms"), options)
    start = initial_values(declaration, initial)
    state = initial_state(declaration, None, given, len(values), start)
    own = system.own
    # Recorded from the beginning; the transient goes by in pieces that are let go.
    copies = Copies(step_map, given, state, currents, dt, own)
    left, duration = at_least(transient, "transient", 0.0, "ms"), positive(duration, "duration")
    require_work(left + duration, copies.dt, copies.size)
    while left > 0:
        copies.advance(min(left, duration))
        left -= duration
    chunk = copies.advance(duration)
    traces = dict(zip(own, chunk.monitors, strict=True))
    return Cycles(
        parameter,
        values,
        {name: trace.min(0) for name, trace in traces.items()},
        {name: trace.max(0) for name, trace in traces.items()},
        _periods(np.asarray(traces[system.membrane], np.float64), dt),
    )


def _periods(trace: Floats, dt: float) -> Floats:
    """Mean time between upward passes of the middle, of each column of [samples, values]."""
    middle = 0.5 * (trace.max(0) + trace.min(0))
    large = np.ptp(trace, 0) > STILL * np.maximum(np.abs(middle), 1.0)
    found = np.full(trace.shape[1], np.nan)
    for k in np.flatnonzero(large):
        v = trace[:, k] - middle[k]
        up = np.flatnonzero((v[:-1] < 0) & (v[1:] >= 0))
        if len(up) > 1:
            passes = up + v[up] / (v[up] - v[up + 1])
            found[k] = dt * (passes[-1] - passes[0]) / (len(up) - 1)
    return found
