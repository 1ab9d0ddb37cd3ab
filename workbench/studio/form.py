"""The rows by which a person sets the numbers of a task, and what an edit of one means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.equations.units import quantity
from engine.errors import DataError
from engine.models.declaration import Parameter
from workbench.editor.forms.edits import clean
from workbench.editor.forms.rows import Row, choice, help_of, quantity_rows, section
from workbench.locale import text
from workbench.studio.task import Task
from workbench.studio.values import defaults, number, plain

VALUES = "values/"  # what the path of each row begins with


def sections(task: Task, values: Mapping[str, float]) -> list[Row]:
    """A row for every parameter of ``task``, at ``values``."""
    usual = defaults(task)
    rows = [_row(name, known, values[name], usual[name]) for name, known in task.parameters.items()]
    return [section(text("studio.parameters"), rows)]


def _row(name: str, known: Parameter, value: float, usual: float) -> Row:
    path, label, changed = f"{VALUES}{name}", name.replace("_", " "), value != usual
    if known.choices:
        options = [{"value": str(k), "label": words} for k, words in enumerate(known.choices)]
        about = help_of("", known.choices[int(usual)])
        more = {"changed": changed, "live": None, "help": about}
        return choice(path, label, str(int(value)), options, **more)
    [row] = quantity_rows(
        path,
        label,
        value,
        known.unit,
        default=usual,
        bounds=known.bounds,
        changed=changed,
        live=None,
        integer=known.kind == "integer",
        spread=False,
        help=help_of(known.doc, plain(usual), "", known.bounds),
    )
    return row


def edited(task: Task, values: Mapping[str, float], path: str, value: Any) -> dict[str, float]:
    """The numbers after an edit of a row; None goes back to the default.

    Raises DataError, or DocumentError where a text is no such quantity, for beneath the field.
    """
    name = path.removeprefix(VALUES)
    if name not in task.parameters or not path.startswith(VALUES):
        raise DataError(text("studio.refused.path", name=name[:40]))
    if value is None:
        made = defaults(task)[name]
    elif isinstance(value, str):
        made = quantity(clean(value[:100]), task.parameters[name].unit or "1", name)
    else:
        made = value
    return {**values, name: number(task, name, made)}
