"""What the panes of the model page draw: one neuron computed, and its numbers cut to pixels.

Each function is a generator for the compute threads (see ``newest.py``) and returns plain data.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.equations.compile import canonical, compile_model
from engine.equations.constants import resolve
from engine.equations.evaluate import evaluate
from engine.equations.language import parse_expression
from engine.equations.solvers import SOLVERS
from engine.equations.tree import Binary, Name
from engine.errors import EquationError
from engine.models.declaration import NeuronModel
from engine.response import Response, response
from workbench.modelpage.drive import Drive

COLUMNS = 600  # of a drawing; each shows the least and the greatest value in it
MOST_SPIKES = 1000  # that are drawn
CURRENTS = 31  # of an f-I curve
CURVE_DURATION = 1000.0  # ms, of which the last half is counted

Drawing = dict[str, Any]
Values = Mapping[str, float]


def trace(model: NeuronModel, values: Values, drive: Drive) -> Generator[None, None, Drawing]:
    """The model's variables and spikes during a step of current."""
    yield
    found = response(model, drive.waveform(), drive.duration, drive.dt, values, solver=drive.solver)
    return {
        "duration": drive.duration,
        "current": drive.current or 0.0,
        "unit": model.current_unit,
        "window": list(drive.window),
        "lanes": _lanes(model, found),
        "spikes": _figures(found.spike_times[:MOST_SPIKES]),
        "count": len(found.spike_times),
        "rate": _rate(found.spike_times, drive.window),
        "threshold": threshold_value(model, values),
        "solver": SOLVERS[found.solver],
    }


def _lanes(model: NeuronModel, found: Response) -> list[Drawing]:
    """The membrane, then the other variables of the model, those of one unit together."""
    units = model.compose().units
    own = [state for state in found.states if state not in _port_states(model)]
    own.sort(key=lambda state: state != model.membrane)
    lanes: dict[str, Drawing] = {}
    for state in own:
        unit = units.get(state) or "1"
        key = state if state == model.membrane else unit
        lane = lanes.setdefault(key, {"unit": unit, "lines": []})
        lane["lines"].append({"name": state, **_columns(found.states[state])})
    return list(lanes.values())


def _port_states(model: NeuronModel) -> tuple[str, ...]:
    return model.compose().port_states


def _columns(samples: NDArray[Any]) -> Drawing:
    """Least and greatest value of each column; the samples themselves where they are few."""
    if len(samples) <= 2 * COLUMNS:
        return {"values": _figures(samples)}
    edges = np.linspace(0, len(samples), COLUMNS + 1).astype(np.int64)[:-1]
    low, high = np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges)
    return {"low": _figures(low), "high": _figures(high)}


def _figures(values: NDArray[Any]) -> list[float]:
    """Numbers with as many digits as a drawing can show."""
    return [float(f"{value:.5g}") for value in np.asarray(values, np.float64).tolist()]


def _rate(spikes: NDArray[Any], window: tuple[float, float]) -> float:
    """Spikes a second while the current flows."""
    start, stop = window
    inside = np.count_nonzero((spikes > start) & (spikes <= stop))
    return 1000.0 * float(inside) / (stop - start)


def threshold_value(model: NeuronModel, values: Values) -> float | None:
    """The membrane potential at which the model spikes, where that is one number."""
    if not model.threshold.strip():
        return None
    tree = parse_expression(model.threshold)
    if not (isinstance(tree, Binary) and tree.left == Name(model.membrane)):
        return None
    slots = model.compose().parameters
    try:
        found = float(evaluate(tree.right, resolve(slots.values(), values, 1)))
    except (EquationError, TypeError, ValueError):
        return None
    return found if np.isfinite(found) else None


def curve(model: NeuronModel, values: Values, drive: Drive) -> Generator[None, None, Drawing]:
    """The rate of firing at each of a range of constant currents."""
    top = 2 * abs(drive.current) if drive.current else 10.0
    currents = np.linspace(0.0, top, CURRENTS)
    length = drive.dt * round(CURVE_DURATION / drive.dt)
    rates = []
    for current in currents:
        yield
        found = response(model, current, length, drive.dt, values, record=(), solver=drive.solver)
        rates.append(_rate(found.spike_times, (length / 2, length)))
    return {
        "unit": model.current_unit,
        "current": _figures(currents),
        "rate": _figures(np.array(rates)),
        "at": drive.current or 0.0,
    }


_COMPILED: set[int] = set()  # kernels that this process has asked for


def is_compiled(model: NeuronModel, solver: str | None) -> bool:
    """Whether the model's equations were asked for before; from now on they were."""
    key = hash(canonical(compile_model(model, None, solver)))
    known = key in _COMPILED
    _COMPILED.add(key)
    return known
