"""The rows by which a person says what drives the neuron of the model page, and what an edit means.

Raises DocumentError or EquationError with what stands under the field.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.document import Document
from engine.equations.units import quantity
from engine.errors import DocumentError, Problem
from engine.models import registry
from engine.models.declaration import NeuronModel
from workbench.editor.forms.edits import clean
from workbench.editor.forms.equation import solver_row
from workbench.editor.forms.rows import Row, choice, help_of, quantity_rows
from workbench.editor.graph import figure
from workbench.locale import text
from workbench.modelpage.arrivals import takes_spikes, two_digits, weight_unit
from workbench.modelpage.drive import (
    COARSEST,
    FINEST,
    KINDS,
    LONGEST,
    MOST_STEPS,
    RAMP,
    SHORTEST,
    STEP,
    TRAINS,
    Drive,
)
from workbench.modelpage.specimen import neuron

RATES = (0.1, 1000.0)  # Hz, of a train of spikes


def drive_rows(document: Document, drive: Drive) -> list[Row]:
    """What drives the neuron, the grid of time and the solver."""
    node, model = neuron(document)
    kinds = [STEP, RAMP, *(TRAINS if takes_spikes(document) else ())]
    listed = [{"value": kind, "label": text(f"model.kind.{kind}")} for kind in kinds]
    kind = drive.kind
    if drive.protocol is not None:
        kind = "protocol"
        listed.insert(0, {"value": kind, "label": text("model.kind.protocol")})
    about = help_of(text("model.kind.help"))
    rows = [choice("drive/kind", text("model.kind"), kind, listed, help=about)]
    rows += _spike_rows(document, drive) if drive.by_spikes else [_current_row(model, drive)]
    for name, value, low, high in (
        ("duration", drive.duration, SHORTEST, LONGEST),
        ("dt", drive.dt, FINEST, COARSEST),
    ):
        rows.append(_drive_row(name, text(f"simulation.{name}"), value, "ms", (low, high)))
    solver = solver_row(document, node) | {"live": None}
    return [*rows, solver]


def _drive_row(
    name: str, label: str, value: float | None, unit: str, bounds: Any, default: float | None = None
) -> Row:
    [row] = quantity_rows(
        f"drive/{name}",
        label,
        value,
        unit,
        default=value if default is None else default,
        bounds=bounds,
        spread=False,
        live=None,
        help=help_of(text(f"model.{name}.help")),
    )
    return row


def _current_row(model: NeuronModel, drive: Drive) -> Row:
    current = drive.current or 0.0
    reach = max(2.0 * abs(current), _reach(model.current_unit))
    bounds = (min(0.0, current), None)
    row = _drive_row(
        "current",
        text("model.current"),
        drive.current,
        model.current_unit,
        bounds,
        current or reach / 4,
    )
    row["placeholder"] = text("model.current.protocol") if drive.protocol is not None else ""
    if row["slider"]:
        row["slider"] |= {"low": min(0.0, current), "high": reach, "log": False}
        row["slider"]["step"] = float(f"{reach / 200:.1g}")
    return row


def _spike_rows(document: Document, drive: Drive) -> list[Row]:
    """Port and synapse, how many spikes arrive a second, and their weight."""
    ports = takes_spikes(document)
    synapses = [
        {"value": name, "label": found.title} for name, found in registry.synapse_models().items()
    ]
    about = help_of(text("model.port.help"))
    rows = [
        choice("drive/port", text("inspector.port"), drive.port, list(ports), help=about),
        choice(f"ports/{drive.port}", text("model.port.kind"), ports[drive.port], synapses),
        _drive_row("rate", text("model.rate"), drive.spike_rate, "Hz", RATES),
    ]
    unit, weight = weight_unit(document, drive.port), drive.weight
    row = _drive_row("weight", text("inspector.weight"), weight, unit, None, weight or 1.0)
    if row["slider"] and weight:
        reach = two_digits(4 * abs(weight))
        low, high = (0.0, reach) if weight > 0 else (-reach, 0.0)
        row["slider"] |= {"low": low, "high": high, "log": False, "from_right": weight < 0}
        row["slider"]["step"] = float(f"{reach / 200:.1g}")
    return [*rows, row]


def _reach(unit: str) -> float:
    """How far the slider of a current goes at least."""
    return {"pA": 100.0, "nA": 0.1}.get(unit, 1.0)


def driven(drive: Drive, document: Document, path: str, value: Any) -> Drive:
    """The drive after an edit of one of its fields; None goes back to what is usual."""
    name = path.partition("/")[2]
    change = _CHANGES.get(name)
    if change is None:
        raise DocumentError(Problem(path, "refused", "this cannot be set here", ""))
    return change(drive, document, path, value)


def _to_kind(drive: Drive, document: Document, path: str, value: Any) -> Drive:
    ports = takes_spikes(document)
    if value not in KINDS or (value in TRAINS and not ports):
        raise DocumentError(Problem(path, "refused", text("refused.path"), ""))
    port = drive.port if drive.port in ports else next(iter(ports), "")
    solver = drive.solver if drive.protocol is None else None
    return replace(drive, kind=value, port=port, protocol=None, solver=solver)


def _to_port(drive: Drive, document: Document, path: str, value: Any) -> Drive:
    if not isinstance(value, str) or value not in takes_spikes(document):
        raise DocumentError(Problem(path, "refused", text("refused.path"), ""))
    return replace(drive, port=value, weight=None)


def _to_current(drive: Drive, document: Document, path: str, value: Any) -> Drive:
    unit = neuron(document)[1].current_unit
    made = None if value is None else quantity(clean(value), unit, text("model.current"))
    kind = drive.kind if drive.kind in (STEP, RAMP) else STEP
    return replace(drive, current=made, chosen=made is not None, protocol=None, kind=kind)


def _to_weight(drive: Drive, document: Document, path: str, value: Any) -> Drive:
    unit = weight_unit(document, drive.port) if drive.port else "1"
    made = None if value is None else quantity(clean(value), unit, text("inspector.weight"))
    return replace(drive, weight=made)


def _to_rate(drive: Drive, document: Document, path: str, value: Any) -> Drive:
    made = None if value is None else quantity(clean(value), "Hz", text("model.rate"))
    return replace(drive, rate=None if made is None else _inside(path, made, RATES, "Hz"))


def _to_time(drive: Drive, document: Document, path: str, value: Any) -> Drive:
    """Another duration or dt, if the drawing does not become too long."""
    name = path.partition("/")[2]
    limits = (SHORTEST, LONGEST) if name == "duration" else (FINEST, COARSEST)
    usual = getattr(Drive(), name)
    made = usual if value is None else quantity(clean(value), "ms", name)
    changed = replace(drive, **{name: _inside(path, made, limits, "ms")})
    if changed.steps > MOST_STEPS:
        message = f"that would be {changed.steps:,} steps"
        remedy = f"at most {MOST_STEPS:,} are drawn: shorten the duration or lengthen dt"
        raise DocumentError(Problem(path, "steps", message, remedy))
    return changed


def _inside(path: str, made: float, limits: tuple[float, float], unit: str) -> float:
    low, high = limits
    if low <= made <= high:
        return made
    message = f"{figure(made)} {unit} is out of range"
    remedy = f"give {figure(low)} to {figure(high)} {unit}"
    raise DocumentError(Problem(path, "bounds", message, remedy))


_CHANGES: dict[str, Callable[[Drive, Document, str, Any], Drive]] = {
    "kind": _to_kind,
    "port": _to_port,
    "current": _to_current,
    "weight": _to_weight,
    "rate": _to_rate,
    "duration": _to_time,
    "dt": _to_time,
}
