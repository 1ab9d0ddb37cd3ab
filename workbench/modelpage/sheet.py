"""What the model page shows of a declaration: names, texts, mathematics, ports, mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.equations.language import parse_equations
from engine.equations.latex import condition_mathml, equations_mathml, statements_mathml
from engine.equations.options import with_options
from engine.equations.printing import to_text
from engine.errors import EquationError
from engine.models import registry
from engine.models.declaration import NeuronModel
from workbench.editor.palette import groups
from workbench.locale import text
from workbench.modelpage.draft import Draft
from workbench.modelpage.lines import Mistake

CURRENT_UNITS = ("pA", "nA", "uA/cm^2", "1")


def catalogue(document: Any) -> list[dict[str, Any]]:
    """The neurons to choose from, by group; the document's own first."""
    parts = [part for part in groups(document) if part["title"] != text("palette.sources")]
    neurons = [part for part in parts if part["title"] == text("palette.neurons")]
    own = [part for part in parts if part not in neurons]
    models = registry.neuron_models()
    by_group: dict[str, list[Any]] = {}
    for part in neurons:
        for item in part["items"]:
            by_group.setdefault(models[item["name"]].group, []).append(item)
    return [*own, *({"title": name, "items": items} for name, items in by_group.items())]


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


def mathematics(model: NeuronModel, values: Mapping[str, float]) -> list[dict[str, str]]:
    """The model as rendered lines: its equations, then when it spikes and what that does.

    Each is {"part", "mathml"}; a text that cannot be read gives no line.  Options stand decided
    where the model spikes, as ``values`` or the defaults have them.
    """
    parts = (
        ("equations", lambda names: equations_mathml(model.equations, names)),
        ("threshold", lambda names: [condition_mathml(_threshold(model, values), names)]),
        ("hazard", lambda names: [condition_mathml(model.hazard, names)]),
        ("reset", lambda names: statements_mathml(model.reset, names)),
        ("refractory", lambda names: [condition_mathml(model.refractory, names)]),
    )
    declared = _declared(model)
    lines: list[dict[str, str]] = []
    for part, printed in parts:
        try:
            found = printed(declared)
        except EquationError:
            continue
        lines += [{"part": part, "mathml": markup} for markup in found if markup]
    return lines


def _threshold(model: NeuronModel, values: Mapping[str, float]) -> str:
    if not model.options:
        return model.threshold
    tree = with_options(model.compose(), model.chosen(values)).threshold
    return "" if tree is None else to_text(tree)


def _declared(model: NeuronModel) -> list[str]:
    try:
        targets = [equation.target for equation in parse_equations(model.equations)]
    except EquationError:
        targets = []
    return [*model.parameters, *targets, "I"]


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
