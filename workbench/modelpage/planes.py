"""The phase plane of the model page: what is chosen of it, and the drawing.

A model of more than two variables is shown in two; what the others are held at is said.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analysis import (
    FixedPoint,
    PhaseLine,
    PhasePlane,
    flow,
    phase_line,
    phase_plane,
    reduction,
)
from engine.document.text import one_of
from engine.equations.latex import name_mathml
from engine.errors import DocumentError, Problem
from engine.models.declaration import NeuronModel
from engine.response import Response
from workbench.editor.forms.edits import clean
from workbench.editor.forms.rows import Row, choice, help_of, shown_unit
from workbench.locale import text
from workbench.modelpage.drawings import COLUMNS, Drawing, figures, named, threshold_value
from workbench.modelpage.drive import STEP, Case

ARROWS_APART = 2  # of the field that is computed every second arrow is drawn
LONGEST_PATH = 300.0  # ms of a trajectory in the phase plane
MOST_STRETCH = 4  # times its height that a phase plane is stretched to hold the trajectory
STEADY = "steady"  # a variable at its steady state; nothing chosen: as in the run, or steady
LONGEST_HELD = 200  # letters


@dataclass(frozen=True)
class Shown:
    """The variables of the plane ("" for the usual ones), and what was chosen for the others."""

    x: str = ""
    y: str = ""
    held: Mapping[str, float | str] = field(default_factory=dict)

    def axes(self, model: NeuronModel) -> tuple[str, str]:
        """The membrane and the variable that is declared last, unless others are chosen."""
        own = variables(model)
        x = self.x if self.x in own else model.membrane
        others = [name for name in own if name != x]
        return x, self.y if self.y in others else others[-1]


def variables(model: NeuronModel) -> list[str]:
    """What the model has to show in a plane: nothing if it advances in steps."""
    system = model.compose()
    return [] if system.updates else list(system.own)


def plane(case: Case, shown: Shown) -> Generator[None, None, Drawing]:
    """The phase plane of two variables of a model, the phase line of one; else nothing."""
    yield
    model, current = case.model, case.drive.level
    units, own = model.compose().units, variables(model)
    if not own:
        return {"kind": "none"}
    if len(own) == 1:
        return _line(phase_line(model, current, params=case.values), units)
    axes = shown.axes(model)
    run = _run(case, own)
    yield
    held = _held(case, shown, run)
    given = {name: value for name, value in held.items() if value != STEADY}
    found = phase_plane(model, current, None, None, case.values, axes, given)
    path = _path(case, run, axes)
    yield
    span = _with_path(found.y_range, np.concatenate(path)[:, 1])
    if span != found.y_range:
        found = phase_plane(model, current, found.x_range, span, case.values, axes, given)
    rows = plane_rows(model, shown, held) if len(own) > 2 else []
    return _plane(found, path, units) | {"rows": rows, "held": _sentence(model, held)}


def _held(case: Case, shown: Shown, run: Response) -> dict[str, float | str]:
    """What every other variable is held at: as chosen, as it follows in the run, or steady."""
    model = case.model
    axes = shown.axes(model)
    others = [name for name in variables(model) if name not in axes]
    follows = reduction(model, axes, run.states, case.drive.level, case.values) if others else {}
    usual = {name: follows.get(name, STEADY) for name in others}
    return {name: shown.held.get(name, usual[name]) for name in others}


def _sentence(model: NeuronModel, held: Mapping[str, float | str]) -> str:
    """Plainly, what is held and that the run itself is not."""
    if not held:
        return ""
    steady = [name for name, value in held.items() if value == STEADY]
    parts = [text("model.plane.steady", names=", ".join(steady))] if steady else []
    for name, value in held.items():
        if value == "rest":
            parts.append(text("model.plane.rest", name=name))
        elif value != STEADY:
            parts.append(f"{name} = {value}".replace("-", "\u2212").replace("*", "\u2009"))
    return text("model.plane.held", parts="; ".join(parts), count=len(held) + 2)


def plane_rows(model: NeuronModel, shown: Shown, held: Mapping[str, float | str]) -> list[Row]:
    """The two variables to choose, and for each other one what it is held at."""
    own, axes = variables(model), shown.axes(model)
    rows = [
        choice(f"plane/{axis}", text(f"model.plane.{axis}"), name, own)
        for axis, name in zip(("x", "y"), axes, strict=True)
    ]
    about = help_of(text("model.plane.help"))
    for name, value in held.items():
        row = {
            "kind": "text",
            "path": f"plane/{name}",
            "name": name,
            "symbol": name_mathml(name),
            "value": text("model.plane.at.steady") if value == STEADY else str(value),
            "suggestions": [text("model.plane.at.steady"), "rest"],
            "changed": name in shown.held,
            "help": about,
        }
        rows.append(row)
    return rows


def shown_after(shown: Shown, case: Case, path: str, value: Any) -> Shown:
    """The choice after an edit; None, or nothing typed, is what is usual.

    Raises DataError or EquationError for what a variable cannot be held at."""
    name, model = path.partition("/")[2], case.model
    own = variables(model)
    if len(own) < 2:
        remedy = "choose a model of two variables or more"
        raise DocumentError(Problem(path, "refused", f"{model.name} has no phase plane", remedy))
    x, y = shown.axes(model)
    if name in ("x", "y") and value in own:
        other = y if name == "x" else x
        pair = {"x": x, "y": y} | {name: value}
        if value == other:  # they change places
            pair = {"x": y, "y": x}
        return replace(shown, **pair)
    if name not in own or name in (x, y):
        message = f"{str(name)[:40]} cannot be held"
        raise DocumentError(Problem(path, "refused", message, f"choose one of {one_of(own)}"))
    typed = clean(value)
    kept = {key: each for key, each in shown.held.items() if key != name}
    if isinstance(typed, str) and typed == text("model.plane.at.steady"):
        typed = STEADY
    if typed in (None, ""):
        return replace(shown, held=kept)
    typed = _number_or_text(str(typed)[:LONGEST_HELD])
    held = {name: typed} if typed != STEADY else {}
    flow(model, case.drive.level, case.values, (x, y), held)
    return replace(shown, held=kept | {name: typed})


def _number_or_text(typed: str) -> float | str:
    try:
        return float(typed)
    except ValueError:
        return typed


def _run(case: Case, names: list[str]) -> Response:
    """The neuron while it is driven; of a constant current as long as a plane shows."""
    drive = case.drive
    if drive.protocol is not None or drive.by_spikes or drive.kind != STEP:
        return case.respond(drive.waveform(), drive.duration, names)
    return case.respond(drive.level, min(drive.duration, LONGEST_PATH), names)


def _path(case: Case, found: Response, names: tuple[str, str]) -> list[NDArray[Any]]:
    """Where the neuron goes while it is driven: [points, 2] from reset to reset."""
    whole = np.column_stack([found.states[name] for name in names])
    resets = np.rint(found.spike_times / found.t[1]).astype(np.int64) if case.model.reset else []
    threshold = threshold_value(case)
    parts = np.split(whole, resets)
    if threshold is not None and names[0] == case.model.membrane:
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
        "arrows": [figures(arrow) for arrow in arrows],
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
        "y": {"name": f"d{found.variable}/dt", "unit": "", "range": figures(np.array(span[""]))},
        "values": _pairs(np.column_stack([x, rate])),
        "points": [_point(each, found.variable, "") for each in found.fixed_points],
    }


def _axis(name: str, spans: Mapping[str, tuple[float, float]], units: Mapping[str, str]) -> Drawing:
    unit = shown_unit(units.get(name) or "1")
    return named(name) | {"unit": unit, "range": list(spans[name])}


def _point(point: FixedPoint, x: str, y: str) -> Drawing:
    place = figures(np.array([point.values[x], point.values.get(y, 0.0)]))
    return {"at": place, "stable": point.stable, "kind": point.kind}


def _pairs(points: NDArray[Any]) -> list[list[float]]:
    return [figures(pair) for pair in points if np.isfinite(pair).all()]
