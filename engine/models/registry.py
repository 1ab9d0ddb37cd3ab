"""Models by name: whatever lies in ``neurons/``, ``synapses/`` and ``sources/``."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from engine.errors import DocumentError, Problem, near
from engine.models.declaration import NeuronModel, SourceModel, SynapseModel

_HERE = Path(__file__).parent


@cache
def neuron_models() -> dict[str, NeuronModel]:
    """Every shipped neuron model, variants included, by name."""
    found: dict[str, NeuronModel] = {}
    for model in _listed("neurons"):
        found[model.name] = model
        for name, changes in model.variants.items():
            found[name] = variant(model, name, changes)
    return found


@cache
def synapse_models() -> dict[str, SynapseModel]:
    """Every shipped synapse model by name."""
    return {model.name: model for model in _listed("synapses")}


@cache
def source_models() -> dict[str, SourceModel]:
    """Every shipped source by name."""
    return {model.name: model for model in _listed("sources")}


def get(name: str) -> NeuronModel | SourceModel:
    """The neuron or source called ``name``.  Raises ``DocumentError`` with near names."""
    known = {**neuron_models(), **source_models()}
    if name in known:
        return known[name]
    remedy = near(name, known) or f"there are {', '.join(known)}"
    raise DocumentError(Problem("", "unknown-model", f"`{name}` is not a model", remedy))


def variant(model: NeuronModel, name: str, changes: Any) -> NeuronModel:
    """``model`` under another name with some fields changed; parameters change by default only."""
    changes = dict(changes)
    parameters = dict(model.parameters)
    for parameter, default in changes.pop("parameters", {}).items():
        parameters[parameter] = replace(parameters[parameter], default=default)
    return replace(model, name=name, parameters=parameters, variants={}, **changes)


def _listed(folder: str) -> list[Any]:
    names = sorted(path.stem for path in (_HERE / folder).glob("*.py") if path.stem != "__init__")
    return [import_module(f"engine.models.{folder}.{name}").MODEL for name in names]
