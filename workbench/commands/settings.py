"""Edits of the document as a whole and of how it is run."""

from __future__ import annotations

from typing import Any

from engine.document import Document, RunSettings, replace
from engine.document.reading import form_problems
from engine.document.structure import field_names
from engine.document.text import describe, near, one_of
from engine.document.validate import check_settings
from workbench.commands.registry import command, refusal, require


@command
def set_document(document: Document, field: str, value: str) -> Document:
    """Change the name or the description."""
    if field not in ("name", "description"):
        remedy = "it has name and description"
        raise refusal("", f"{describe(field)} of the document cannot be set", remedy)
    changed = replace(document, **{field: value})
    require(form_problems(changed))
    return changed


@command
def set_simulation(document: Document, **fields: Any) -> Document:
    """Change dt, seed, duration, device, precision or threads."""
    known = field_names(RunSettings)
    for name in fields:
        if name not in known:
            remedy = near(name, known) or f"it has {one_of(known)}"
            raise refusal("simulation", f"{describe(name)} is not a run setting", remedy)
    settings = replace(document.simulation, **fields)
    require(form_problems(settings))
    require(check_settings(settings))
    return replace(document, simulation=settings)
