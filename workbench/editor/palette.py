"""The palette: every model by group, found by words, added by a click or dragged to its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.document.lookup import own_models
from engine.models import registry
from engine.models.declaration import NeuronModel, SourceModel
from workbench.chrome import Part, source
from workbench.locale import text

# Simple models first; groups that are not named here come after.
GROUPS = ("integrate-and-fire", "quadratic", "conductance-based", "oscillator", "cables",
          "discrete", "NIR")  # fmt: skip
PLAIN = "model"  # the drawing of a model that names none; see frontend/chrome/icons.js


class Palette(Part):
    """Models to choose from; ``add(model)`` is called with the name of the one that was clicked.

    ``show(model)`` opens the page of a neuron model.
    """

    _esm = source("dom.js", "icons.js", "catalogue.js", "palette.js")
    _look = source("base.css", "catalogue.css", "palette.css")
    _text = ("palette",)

    def __init__(
        self,
        session: Any,
        add: Callable[[str], None],
        show: Callable[[str], None],
        **params: Any,
    ) -> None:
        content = {"groups": groups(session.document)}
        super().__init__(session, content=content, **params)
        self.handlers = {
            "add": lambda message: add(str(message.get("model"))),
            "open": lambda message: show(str(message.get("model"))),
        }
        session.param.watch(self._refresh, ["document"])

    def _refresh(self, event: Any) -> None:
        if event.old.models != event.new.models:
            self.content = {"groups": groups(event.new)}


def groups(document: Any) -> list[dict[str, Any]]:
    """The document's own models, sources by what they give, neurons by group, as they declare."""
    own, neurons = own_models(document).values(), registry.neuron_models().values()
    parts: dict[str, list[Any]] = {text("palette.own"): list(own)} if own else {}
    sources = registry.source_models().values()
    for source_model in sorted(sources, key=lambda each: each.outputs != "spikes"):
        parts.setdefault(text(f"palette.{source_model.outputs}"), []).append(source_model)
    for model in sorted(neurons, key=_simplest_first):
        parts.setdefault(model.group, []).append(model)
    return [
        {"title": title, "items": [_item(model) for model in found]}
        for title, found in parts.items()
    ]


def _simplest_first(model: NeuronModel) -> tuple[int, str, int]:
    """Groups in their order, then by how long the equations are."""
    rank = GROUPS.index(model.group) if model.group in GROUPS else len(GROUPS)
    return rank, model.group, len(model.equations)


def _item(model: NeuronModel | SourceModel) -> dict[str, Any]:
    return {
        "name": model.name,
        "title": model.title,
        "summary": str(model.doc or model.source),
        "words": [*model.synonyms, model.group],
        "icon": model.symbol or PLAIN,
        "about": isinstance(model, NeuronModel),
    }
