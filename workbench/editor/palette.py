"""The palette: every model by group, found by words, added by a click or dragged to its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.models.declaration import NeuronModel
from workbench.chrome import Part, source
from workbench.locale import text

# Which drawing shows what a model does, by how its name begins; see frontend/chrome/dom.js.
ICONS = {
    "step_forward": "step_forward_code",
    "poisson_sine": "poisson_sine",  # before what it begins with
    "poisson_table": "poisson_table",
    "poisson": "poisson",
    "constant": "constant_current",
    "step": "step_current",
    "noise": "noise_current",
    "spike_times": "spike_times",
    "spike_file": "spike_file",
    "izhikevich": "izhikevich",
    "hodgkin": "hodgkin_huxley",
    "adex": "adex",
    "lif_psc_exp": "current_synapse",
    "lif_psc_delta": "delta_synapse",
    "lif_cond": "conductance_synapse",
    "lif": "lif",
}

# What stands for a model that has no drawing, by what it sends.
PLAIN = {"current": "step_current", "spikes": "spike_times"}

# Simple models first; groups that are not named here come after.
GROUPS = ("integrate-and-fire", "quadratic", "exponential", "conductance-based",
          "oscillator", "discrete", "NIR")  # fmt: skip
FIRST = ("lif", "poisson", "step")  # the first of their group


class Palette(Part):
    """Models to choose from; ``add(model)`` is called with the name of the one that was clicked.

    ``show(model)`` opens the page of a neuron model.
    """

    _esm = source("dom.js", "palette.js")
    _look = source("base.css", "palette.css")
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


def icon_of(model: str, symbol: str = "") -> str:
    """The name of the drawing that shows what ``model`` does: its own, by default its symbol."""
    own = (icon for start, icon in ICONS.items() if model.startswith(start))
    return next(own, symbol or "lif")


def groups(document: Any) -> list[dict[str, Any]]:
    """Sources, then neurons, then the document's own models, each by the order of the registry."""
    from engine.document.lookup import own_models
    from engine.models import registry

    parts = (
        ("sources", registry.source_models()),
        ("neurons", registry.neuron_models()),
        ("own", own_models(document)),
    )
    return [
        {"title": text(f"palette.{key}"), "items": [_item(model) for model in _sorted(found)]}
        for key, found in parts
        if found
    ]


def _sorted(models: Mapping[str, Any]) -> list[Any]:
    """Models from simple to rich, sources of spikes before those of current."""

    def place(model: Any) -> tuple[bool, int, bool, str]:
        rank = GROUPS.index(model.group) if model.group in GROUPS else len(GROUPS)
        current = getattr(model, "outputs", "spikes") == "current"
        return current, rank, not model.name.startswith(FIRST), model.symbol or model.name

    return sorted(models.values(), key=place)


def _item(model: Any) -> dict[str, Any]:
    summary = getattr(model, "doc", "") or getattr(model, "source", "")
    return {
        "name": model.name,
        "title": model.title,
        "summary": str(summary),
        "icon": icon_of(model.name, model.symbol or PLAIN.get(getattr(model, "outputs", ""), "")),
        "about": isinstance(model, NeuronModel),
    }
