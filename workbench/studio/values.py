"""The numbers of a task, what is wrong with one, and whether the data that it reads is there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import DataError, near
from engine.models.declaration import Parameter
from engine.runtime.data_files import DATA_FOLDER
from workbench.locale import text
from workbench.studio.task import Task


def defaults(task: Task) -> dict[str, float]:
    """Every parameter at the number that it has unless somebody says otherwise."""
    return {name: float(each.default) for name, each in task.parameters.items()}  # type: ignore[arg-type]


def checked(task: Task, given: Mapping[str, Any]) -> dict[str, float]:
    """All parameters of ``task``, those that are ``given`` as they are given.

    Raises DataError for a name that it has not, or a value that it cannot take.
    """
    for name in given:
        if name not in task.parameters:
            listed = text("studio.refused.names", names=", ".join(task.parameters))
            remedy = near(name, task.parameters) or listed
            more = {"name": str(name)[:40], "task": task.name, "remedy": remedy}
            raise DataError(text("studio.refused.name", **more))
    return defaults(task) | {name: number(task, name, value) for name, value in given.items()}


def number(task: Task, name: str, value: Any) -> float:
    """``value`` as the number that parameter ``name`` would have; DataError if it may not be."""
    known = task.parameters[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused(known, "number", name, repr(str(value)[:40]))
    low, high = known.bounds
    shown = plain(value) if isinstance(value, float) else str(value)[:20]
    if not low <= value <= high:  # which what is no number is not either
        raise _refused(known, "range", name, shown)
    if _counts(known) and value != round(value):
        raise _refused(known, "whole", name, shown)
    return float(value)


def missing(task: Task) -> str:
    """The sentence that the data set of a task is not there; "" where it is, or needs to be none.

    A data set is a folder of that name in the folder that WORKBENCH_DATA names.
    """
    if not task.data:
        return ""
    folder = os.environ.get(DATA_FOLDER)
    if folder and (Path(folder) / task.data).is_dir():
        return ""
    return text("studio.missing", data=task.data, variable=DATA_FOLDER)


def _counts(known: Parameter) -> bool:
    return known.kind == "integer" or bool(known.choices)


def plain(value: float) -> str:
    """A number in full as the page writes it: thin spaces in groups, a real minus sign."""
    return f"{value:,.10g}".replace(",", "\u2009").replace("-", "\u2212")


def _refused(known: Parameter, why: str, name: str, value: str) -> DataError:
    low, high = map(plain, known.bounds)
    unit = f" {known.unit}" if known.unit not in ("", "1") else ""
    kind = "whole" if _counts(known) else "number"
    remedy = text(f"studio.refused.remedy.{kind}", low=low, high=f"{high}{unit}")
    return DataError(text(f"studio.refused.{why}", name=name, value=value, remedy=remedy))
