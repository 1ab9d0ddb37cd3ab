"""What the model page shows of a declaration: names, texts, mathematics, ports, mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.errors import EquationError
from engine.models import registry
from engine.models.declaration import NeuronModel
from workbench.editor.palette import groups
from workbench.modelpage.draft import Draft
from workbench.modelpage.lines import Mistake

CURRENT_UNITS = ("pA", "nA", "uA/cm^2", "1")


def catalogue(document: Any) -> list[dict[str, Any]]:
    """The palette's neurons, by group; the document's own first."""
    kept = (
        {**part, "items": [i for i in part["items"] if i["about"]]} for part in groups(document)
    )
    return [part for part in kept if part["items"]]


def sheet(model: NeuronModel, draft: Draft, own: bool) -> dict[str, Any]:
    """The head of the page and the fields of the editor."""
    return {
        "name": draft.name,
        "title": draft.title,
        "own": own,
        "group": model.group,
        "source": model.source,
        "doc": model.doc,
        "texts": dict(draft.texts),
        "crossing": draft.crossing,
        "current_unit": draft.current_unit,
        "units": list(dict.fromkeys([*CURRENT_UNITS, draft.current_unit])),
        "ports": dict(draft.ports),
        "synapses": {name: each.title for name, each in registry.synapse_models().items()},
    }


def marked(mistakes: Iterable[Mistake], texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """Mistakes as the browser shows them: a range, and the line with carets under it."""
    return [_marked(each, texts.get(each.field, "")) for each in mistakes]


def _marked(mistake: Mistake, whole: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "field": mistake.field,
        "message": mistake.message,
        "remedy": mistake.remedy,
    }
    if mistake.span is None:
        return shown
    start, stop = mistake.span
    error = EquationError("", whole, (start, max(stop, start + 1)))
    quoted = error.caret().split("\n")
    return shown | {
        "span": [start, max(stop, start + 1)],
        "line": whole.count("\n", 0, start) + 1,
        "quoted": [line.removeprefix("    ") for line in quoted],
    }
