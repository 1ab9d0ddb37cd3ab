"""What the panes of the model page draw: one neuron computed, and its numbers cut to pixels.

Each function is a generator for the compute threads (see ``newest.py``) and returns plain data.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analysis import FixedPoint, PhaseLine, PhasePlane, f_i_curve, phase_line, phase_plane
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
from workbench.modelpage.drive import LEAST, Case

COLUMNS = 600  # of a drawing; each shows the least and the greatest value in it
MOST_SPIKES = 1000  # that are drawn
CURRENTS = 61  # of an f-I curve
CURVE_DURATION = 2000.0  # ms, of which the last half is counted
ARROWS_APART = 2  # of the field that is computed every second arrow is drawn
LONGEST_PATH = 300.0  # ms of a trajectory in the phase plane
MOST_STRETCH = 4  # times its height that a phase plane is stretched to hold the trajectory

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
        "arrivals": _figures(drive.arrivals) if drive.by_spikes else None,
        "lanes": [*_lanes(model, found, threshold), *_synapse_lanes(case, found)],
        "spikes": _figures(found.spike_times[:MOST_SPIKES]),
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
        lane["lines"].append(_named(state) | _columns(samples))
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
        lane["lines"].append(_named(state) | _columns(found.states[state]))
    if current is not None:
        unit, name = shown_unit(case.model.current_unit), f"I_{case.drive.port}"
        lanes[name] = {"unit": unit, "lines": [_named(name) | _columns(current)]}
    return list(lanes.values())


def _named(name: str) -> Drawing:
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
    reach = max(2 * abs(current), 10 * LEAST.get(model.current_unit, 0.1))
    currents = np.linspace(-reach if current <= 0 else 0.0, reach, CURRENTS)
    length = drive.dt * round(CURVE_DURATION / drive.dt)
    found = f_i_curve(model, currents, length, drive.dt, params=case.values, solver=drive.solver)
    return {
        "unit": shown_unit(model.current_unit),
        "current": _figures(currents),
        "rate": _figures(found.rate),
        "at": current,
    }


def plane(case: Case) -> Generator[None, None, Drawing]:
    """The phase plane of a model of two variables, the phase line of one; else nothing."""
    yield
    model, current = case.model, case.drive.level
    system = model.compose()
    own = system.own
    if system.updates or len(own) not in (1, 2):
        return {"kind": "none"}
    if len(own) == 1:
        return _line(phase_line(model, current, params=case.values), system.units)
    found = phase_plane(model, current, params=case.values)
    yield
    path = _path(case, (found.x, found.y))
    span = _with_path(found.y_range, np.concatenate(path)[:, 1])
    if span != found.y_range:
        found = phase_plane(model, current, found.x_range, span, params=case.values)
    return _plane(found, path, system.units)


def _path(case: Case, names: tuple[str, str]) -> list[NDArray[Any]]:
    """Where the neuron goes while it is driven: [points, 2] from reset to reset."""
    drive, model = case.drive, case.model
    waveform: Any = drive.level
    length = min(drive.duration, LONGEST_PATH)
    if drive.protocol is not None:
        waveform, length = drive.waveform(), drive.duration
    found = case.respond(waveform, length, names)
    whole = np.column_stack([found.states[name] for name in names])
    whole = whole[: round(length / drive.dt) + 1]
    resets = np.rint(found.spike_times / found.t[1]).astype(np.int64) if model.reset else []
    resets = [step for step in resets if step < len(whole)]
    threshold = threshold_value(case)
    parts = np.split(whole, resets)
    if threshold is not None and names[0] == model.membrane:
        for part in parts[: len(resets)]:
            part[-1:, 0] = np.maximum(part[-1:, 0], threshold)
    step = max(1, len(whole) // (4 * COLUMNS))
    return [np.concatenate([part[:-1:step], part[-1:]]) for part in parts if len(part)]


def _with_path(span: tuple[float, float], values: NDArray[Any]) -> tuple[float, float]:
    """The range of an axis, wide enough for where the trajectory goes."""
    seen = values[np.isfinite(values)]
    low, high = min(span[0], float(seen.min())), max(span[1], float(seen.max()))
    return (low, high) if high - low < MOST_STRETCH * (span[1] - span[0]) else span


def _plane(found: PhasePlane, path: list[NDArray[Any]], units: Mapping[str, str]) -> Drawing:
    spans = {found.x: found.x_range, found.y: found.y_range}
    every = (slice(None, None, ARROWS_APART),) * 2
    width, height = (high - low for low, high in spans.values())
    across, up = found.rate_x[every] / width, found.rate_y[every] / height
    length = np.hypot(across, up)
    good = np.isfinite(length) & (length > 0)
    arrows = np.stack(
        [found.grid_x[every], found.grid_y[every], across / length, up / length], axis=-1
    )[good]
    return {
        "kind": "plane",
        "x": _axis(found.x, spans, units),
        "y": _axis(found.y, spans, units),
        "arrows": [_figures(arrow) for arrow in arrows],
        "nullclines": [
            [_pairs(line) for line in found.nullclines[name]] for name in (found.x, found.y)
        ],
        "points": [_point(each, found.x, found.y) for each in found.fixed_points],
        "path": [_pairs(part) for part in path],
    }


def _line(found: PhaseLine, units: Mapping[str, str]) -> Drawing:
    rate, x = found.rate, found.x
    seen = rate[np.isfinite(rate)]
    # A flow that grows without bounds is shown where it is near its fixed points.
    low, high = np.percentile(seen, [1, 99])
    span = {found.variable: (float(x[0]), float(x[-1])), "": (float(low), float(high))}
    return {
        "kind": "line",
        "x": _axis(found.variable, span, units),
        "y": {"name": f"d{found.variable}/dt", "unit": "", "range": _figures(np.array(span[""]))},
        "values": _pairs(np.column_stack([x, rate])),
        "points": [_point(each, found.variable, "") for each in found.fixed_points],
    }


def _axis(name: str, spans: Mapping[str, tuple[float, float]], units: Mapping[str, str]) -> Drawing:
    unit = shown_unit(units.get(name) or "1")
    return _named(name) | {"unit": unit, "range": list(spans[name])}


def _point(point: FixedPoint, x: str, y: str) -> Drawing:
    place = _figures(np.array([point.values[x], point.values.get(y, 0.0)]))
    return {"at": place, "stable": point.stable, "kind": point.kind}


def _pairs(points: NDArray[Any]) -> list[list[float]]:
    return [_figures(pair) for pair in points if np.isfinite(pair).all()]


_COMPILED: set[int] = set()  # kernels that this process has asked for


def is_compiled(case: Case) -> bool:
    """Whether the equations were asked for before; from now on they were."""
    options = case.model.chosen(case.values)
    key = hash(canonical(compile_model(case.model, None, case.drive.solver, options)))
    known = key in _COMPILED
    _COMPILED.add(key)
    return known
