"""What the panes of the model page draw: one neuron computed, and its numbers cut to pixels.

Each function is a generator for the compute threads (see ``newest.py``) and returns plain data.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analysis import f_i_curve
from engine.document.lookup import state_units
from engine.equations.compile import canonical, compile_model
from engine.equations.constants import resolve
from engine.equations.evaluate import evaluate
from engine.equations.latex import name_parts
from engine.equations.options import with_options
from engine.equations.solvers import SOLVERS
from engine.equations.tree import Binary, Name
from engine.errors import EquationError
from engine.models.declaration import NeuronModel
from engine.response import Response
from workbench.editor.forms.rows import shown_unit
from workbench.modelpage.arrivals import synapse_of
from workbench.modelpage.drive import LEAST, STEP, Case, rousing_current

COLUMNS = 600  # of a drawing; each shows the least and the greatest value in it
MOST_SPIKES = 1000  # that are drawn
CURRENTS = 61  # of an f-I curve
CURVE_DURATION = 2000.0  # ms, of which the last half is counted

Drawing = dict[str, Any]


def trace(case: Case) -> Generator[None, None, Drawing]:
    """The model's variables and spikes while it is driven."""
    yield
    model, drive = case.model, case.drive
    waveform = drive.waveform()
    found = case.respond(waveform, drive.duration, None)
    threshold = threshold_value(case)
    return {
        "duration": drive.duration,
        "current": {"unit": shown_unit(model.current_unit), **_columns(waveform)},
        "arrivals": figures(drive.arrivals) if drive.by_spikes else None,
        "lanes": [*_lanes(model, found, threshold), *_synapse_lanes(case, found)],
        "spikes": figures(found.spike_times[:MOST_SPIKES]),
        "count": len(found.spike_times),
        "rate": _rate(found.spike_times, drive.window),
        "threshold": threshold,
        "solver": SOLVERS[found.solver],
    }


def _lanes(model: NeuronModel, found: Response, threshold: float | None) -> list[Drawing]:
    """The membrane, then the other variables of the model, those of one unit together."""
    system = model.compose()
    units = system.units
    own = list(system.own)
    own.sort(key=lambda state: state != model.membrane)
    lanes: dict[str, Drawing] = {}
    for state in own:
        unit = units.get(state) or "1"
        key = state if state == model.membrane else unit
        lane = lanes.setdefault(key, {"unit": shown_unit(unit), "lines": []})
        samples = found.states[state]
        if state == model.membrane and model.reset.strip():
            samples = _with_peaks(samples, found, threshold)
        lane["lines"].append(named(state) | _columns(samples))
    return list(lanes.values())


def _synapse_lanes(case: Case, found: Response) -> list[Drawing]:
    """What spikes do at their port: the conductance, and the current that it lets in."""
    if not case.drive.by_spikes:
        return []
    states, current = synapse_of(case, found.states)
    units = state_units(case.document, case.document.nodes[0])
    lanes: dict[str, Drawing] = {}
    for state in states:
        unit = shown_unit(units[state])
        lane = lanes.setdefault(unit, {"unit": unit, "lines": []})
        lane["lines"].append(named(state) | _columns(found.states[state]))
    if current is not None:
        unit, name = shown_unit(case.model.current_unit), f"I_{case.drive.port}"
        lanes[name] = {"unit": unit, "lines": [named(name) | _columns(current)]}
    return list(lanes.values())


def named(name: str) -> Drawing:
    """A name, and the same as it is written: a letter and what stands below it."""
    return {"name": name, "written": name_parts(name)}


def _with_peaks(samples: NDArray[Any], found: Response, threshold: float | None) -> NDArray[Any]:
    """The membrane up to its threshold at each spike: a sample there is that after the reset."""
    if threshold is None or not len(found.spike_times):
        return samples
    peaked, steps = samples.copy(), np.rint(found.spike_times / found.t[1]).astype(np.int64)
    peaked[steps] = np.maximum(peaked[steps], threshold)
    return peaked


def _columns(samples: NDArray[Any]) -> Drawing:
    """Least and greatest value of each column; the samples themselves where they are few."""
    if len(samples) <= 2 * COLUMNS:
        return {"values": figures(samples)}
    edges = np.linspace(0, len(samples), COLUMNS + 1).astype(np.int64)[:-1]
    low, high = np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges)
    return {"low": figures(low), "high": figures(high)}


def figures(values: NDArray[Any]) -> list[float]:
    """Numbers with as many digits as a drawing can show."""
    return [float(f"{value:.5g}") for value in np.asarray(values, np.float64).tolist()]


def _rate(spikes: NDArray[Any], window: tuple[float, float]) -> float:
    """Spikes a second while the current flows."""
    start, stop = window
    inside = np.count_nonzero((spikes > start) & (spikes <= stop))
    return 1000.0 * float(inside) / (stop - start)


def threshold_value(case: Case) -> float | None:
    """The membrane potential at which the model spikes, where that is one number."""
    model = case.model
    system = with_options(model.compose(), model.chosen(case.values))
    tree = system.threshold
    if not (isinstance(tree, Binary) and tree.left == Name(model.membrane)):
        return None
    try:
        scope = resolve(system.parameters.values(), case.values, 1)
        found = float(evaluate(tree.right, scope))
    except (EquationError, TypeError, ValueError):
        return None
    return found if np.isfinite(found) else None


def curve(case: Case) -> Generator[None, None, Drawing]:
    """The rate of firing at each of a range of constant currents."""
    yield
    model, drive = case.model, case.drive
    current = drive.level
    if drive.by_spikes:  # no current flows: as far as one at which the model fires
        step = replace(case, drive=replace(drive, kind=STEP))
        current = yield from rousing_current(step)
    reach = max(2 * abs(current), 10 * LEAST.get(model.current_unit, 0.1))
    currents = np.linspace(-reach if current <= 0 else 0.0, reach, CURRENTS)
    length = drive.dt * round(CURVE_DURATION / drive.dt)
    found = f_i_curve(model, currents, length, drive.dt, params=case.values, solver=drive.solver)
    return {
        "unit": shown_unit(model.current_unit),
        "current": figures(currents),
        "rate": figures(found.rate),
        "at": None if drive.by_spikes else current,
    }


_COMPILED: set[int] = set()  # kernels that this process has asked for


def is_compiled(case: Case) -> bool:
    """Whether the equations were asked for before; from now on they were."""
    options = case.model.chosen(case.values)
    key = hash(canonical(compile_model(case.model, None, case.drive.solver, options)))
    known = key in _COMPILED
    _COMPILED.add(key)
    return known
