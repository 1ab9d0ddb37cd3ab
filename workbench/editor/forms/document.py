"""The form of the document: what it is, how it runs, what it keeps, and notes."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from engine.backends.registry import devices
from engine.cores import allowed_cores
from engine.document import Document, RunSettings
from engine.document.structure import AUTO, PRECISIONS
from engine.document.validate import DEVICES, MAX_DT
from workbench.editor.forms.rows import (
    Form,
    Row,
    choice,
    help_of,
    members_text,
    quantity_rows,
    section,
    without_empty,
)
from workbench.editor.graph import count, figure
from workbench.locale import text
from workbench.naming import wire_name

# field -> (unit, range of the slider, whole numbers only)
NUMBERS: dict[str, tuple[str, tuple[float, float], bool]] = {
    "dt": ("ms", (0.01, MAX_DT), False),
    "duration": ("ms", (10.0, 100_000.0), False),
    "seed": ("1", (0, 100), True),
}
UNSEEN = ("duration",)  # a live run goes on until it is paused
CHOICES = {"device": DEVICES, "precision": PRECISIONS}
MOST_THREADS = 8  # that are offered; more can be typed into a document


def document_form(document: Document) -> Form:
    """Everything about the document as a whole."""
    return {
        "key": "document",
        "title": {"text": text("inspector.document")},
        "chips": [],
        "actions": [],
        "sections": without_empty(
            [
                section(text("inspector.description"), _description_rows(document)),
                section(text("inspector.simulation"), _simulation_rows(document.simulation)),
                section(text("inspector.recorders"), _recorder_rows(document)),
                section(text("inspector.notes"), _note_rows(document)),
            ]
        ),
    }


def _description_rows(document: Document) -> list[Row]:
    name = {"kind": "text", "path": "document/name", "name": text("inspector.name")}
    about = {
        "kind": "text",
        "path": "document/description",
        "label": text("inspector.description"),
        "multiline": True,
        "placeholder": text("inspector.description.placeholder"),
    }
    return [name | {"value": document.name}, about | {"value": document.description}]


def _simulation_rows(settings: RunSettings) -> list[Row]:
    defaults = {each.name: each.default for each in fields(RunSettings)}
    rows: list[Row] = []
    for name, (unit, bounds, integer) in NUMBERS.items():
        value, default = getattr(settings, name), defaults[name]
        rows += quantity_rows(
            f"simulation/{name}",
            text(f"simulation.{name}"),
            value,
            unit,
            default=default,
            bounds=bounds,
            changed=value != default,
            live=None if name in UNSEEN else False,
            integer=integer,
            spread=False,
            help=help_of(text(f"help.{name}"), f"{figure(default)} {unit}".removesuffix(" 1")),
        )
    for name, options in CHOICES.items():
        value, default = getattr(settings, name), defaults[name]
        note = help_of(text(f"help.{name}"), text(f"{name}.{default}"))
        labels = [{"value": each, "label": _label(name, each)} for each in options]
        label = text(f"simulation.{name}")
        more: dict[str, Any] = {"changed": value != default, "live": False, "help": note}
        rows.append(choice(f"simulation/{name}", label, value, labels, **more))
    return [*rows, _threads_row(settings)]


def _threads_row(settings: RunSettings) -> Row:
    numbers = range(1, max(2, min(allowed_cores(), MOST_THREADS)) + 1)
    options = [{"value": AUTO, "label": text("threads.auto")}]
    options += [{"value": str(number), "label": count(number)} for number in numbers]
    value = str(settings.threads)
    more: dict[str, Any] = {"changed": settings.threads != AUTO, "live": False}
    more["help"] = help_of(text("help.threads"), text("threads.auto"))
    return choice("simulation/threads", text("simulation.threads"), value, options, **more)


def _label(name: str, option: str) -> str:
    label = text(f"{name}.{option}")
    if name == "device" and option not in devices():
        return text("device.absent", device=label)
    return label


def _recorder_rows(document: Document) -> list[Row]:
    rows: list[Row] = []
    for each in document.recorders:
        node = document.node(each.node)
        wire = document.edge(each.node)
        title = node.title if node is not None else each.node
        title = title if wire is None else wire_name(document, wire)
        note = members_text(each.members) or text("inspector.all")
        row = {"kind": "item", "path": f"recorders/{each.id}", "text": f"{title} · {each.variable}"}
        rows.append(row | {"note": note})
    if not rows:
        rows.append({"kind": "sentence", "text": text("inspector.recorders.none")})
    return rows


def _note_rows(document: Document) -> list[Row]:
    notes = [str(note.get("text", "")) for note in document.layout.notes]
    return [
        {
            "kind": "text",
            "path": f"notes/{place}",
            "label": text("inspector.note", number=count(place + 1)),
            "multiline": True,
            "value": note,
            "placeholder": text("inspector.notes.placeholder"),
        }
        for place, note in enumerate([*notes, ""] if not notes or notes[-1] else notes)
    ]
