"""Models by name: what lies in ``neurons/``, ``synapses/``, ``sources/`` and ``plasticity/``."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, TypeVar

from engine.errors import DocumentError, Problem, near
from engine.models.declaration import NeuronModel, PlasticityModel, SourceModel, SynapseModel

_Declared = TypeVar("_Declared", NeuronModel, PlasticityModel)


@cache
def neuron_models() -> dict[str, NeuronModel]:
    """Every shipped neuron model, variants included, by name."""
    return _with_variants(_listed("neurons"))


@cache
def synapse_models() -> dict[str, SynapseModel]:
    """Every shipped synapse model by name."""
    return {model.name: model for model in _listed("synapses")}


@cache
def source_models() -> dict[str, SourceModel]:
    """Every shipped source by name, those that encode included."""
    # The codes are read by name: they know of models, models do not know of them.
    codes = import_module("engine.coding.nodes").source_models()
    return {model.name: model for model in (*_listed("sources"), *codes)}


@cache
def plasticity_models() -> dict[str, PlasticityModel]:
    """Every shipped learning rule, variants included, by name."""
    return _with_variants(_listed("plasticity"))


def get(name: str) -> NeuronModel | SourceModel:
    """The neuron or source called ``name``.  Raises ``DocumentError`` with near names."""
    known = {**neuron_models(), **source_models()}
    if name in known:
        return known[name]
    remedy = near(name, known) or f"there are {', '.join(known)}"
    raise DocumentError(Problem("", "unknown-model", f"`{name}` is not a model", remedy))


def variant(model: _Declared, name: str, changes: Any) -> _Declared:
    """``model`` under another name with some fields changed; parameters change by default only."""
    changes = dict(changes)
    parameters = dict(model.parameters)
    for parameter, default in changes.pop("parameters", {}).items():
        parameters[parameter] = replace(parameters[parameter], default=default)
    return replace(model, name=name, parameters=parameters, variants={}, **changes)


def _with_variants(models: list[_Declared]) -> dict[str, _Declared]:
    found: dict[str, _Declared] = {}
    for model in models:
        found[model.name] = model
        for name, changes in model.variants.items():
            found[name] = variant(model, name, changes)
    return found


def _listed(folder: str) -> list[Any]:
    package = import_module(f"engine.models.{folder}")
    names = sorted(module.name for module in iter_modules(package.__path__))
    return [import_module(f"{package.__name__}.{name}").MODEL for name in names]
