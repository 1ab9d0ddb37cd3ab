"""Neurons, synapses and sources, declared as data and described for people and tools."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

from engine.models.declaration import NeuronModel, Parameter, SourceModel
from engine.models.protocol import to_json

# ``models`` and ``describe`` are what the rest of the workbench reads; modules below hold the rest.
__all__ = [
    "NeuronModel",
    "Parameter",
    "SourceModel",
    "describe",
    "models",
    "plasticity_models",
    "synapse_models",
]


def models() -> dict[str, dict[str, Any]]:
    """Every shipped neuron and source by name, as plain data.

    ``{name: {title, group, kind, parameters: {name: {unit, default, formula, bounds, doc}}, states,
    ports, presets, protocols, options, source, current_unit, equations, threshold, hazard, reset,
    initial, doc, symbol, synonyms}}``.
    """
    return deepcopy(_descriptions())


def synapse_models() -> dict[str, dict[str, Any]]:
    """Every shipped synapse by name, as plain data: what may stand on a port that takes spikes.

    ``{name: {title, source, doc, weight, equations, on_spike, current, parameters: {name: {unit,
    default, formula, bounds, doc, kind, choices}}}}``; on port ``exc`` a parameter ``tau`` is
    called ``tau_exc``, and the units "current", "voltage" and "conductance" are the neuron's own.
    """
    from engine.models import registry

    texts = ("name", "title", "source", "doc", "weight", "equations", "on_spike", "current")
    return {
        name: {text: getattr(model, text) for text in texts}
        | {"parameters": {key: _parameter(p, p.default) for key, p in model.parameters.items()}}
        for name, model in registry.synapse_models().items()
    }


def plasticity_models() -> dict[str, dict[str, Any]]:
    """Every shipped learning rule by name, as plain data.

    ``{name: {title, source, doc, pre, post, on_pre, on_post, pre_spike, post_spike, release,
    parameters: {name: {unit, default, formula, bounds, doc}}}}``; the unit "weight" is that of the
    connection's weights, and ``w_0`` in a formula the mean weight at the start.
    """
    from engine.models import registry
    from engine.models.plastic import describe_rule

    return {name: describe_rule(model) for name, model in registry.plasticity_models().items()}


def describe(
    model: NeuronModel | SourceModel, ports: dict[str, str] | None = None
) -> dict[str, Any]:
    """One model as plain data, with these synapses on its ports."""
    if isinstance(model, SourceModel):
        return _describe_source(model)
    return _describe_neuron(model, ports)


@cache
def _descriptions() -> dict[str, dict[str, Any]]:
    from engine.models.registry import neuron_models, source_models

    found = {name: describe(model) for name, model in neuron_models().items()}
    return found | {name: describe(model) for name, model in source_models().items()}


def _describe_neuron(model: NeuronModel, ports: dict[str, str] | None) -> dict[str, Any]:
    from engine.equations.constants import resolve
    from engine.models.compose import (
        CURRENT_PORT,
        all_parameters,
        compose,
        port_synapses,
        weight_unit,
    )

    system = compose(model, ports)
    values = resolve(system.parameters.values(), {}, 1)
    parameters = {
        name: _parameter(parameter, values[name])
        for name, parameter in all_parameters(model, ports).items()
    }
    plugs: dict[str, dict[str, str]] = {
        port: {"synapse": synapse.name, "unit": weight_unit(model, synapse), "kind": "spikes"}
        for port, synapse in port_synapses(model, ports).items()
    }
    plugs[CURRENT_PORT] = {"synapse": "", "unit": model.current_unit, "kind": "current"}
    return {
        "name": model.name,
        "title": model.title,
        "group": model.group,
        "kind": "population",
        "outputs": "spikes",
        "parameters": parameters,
        "states": {state: system.units[state] for state in system.derivatives},
        "membrane": model.membrane,
        "ports": plugs,
        "presets": {name: dict(values) for name, values in model.presets.items()},
        "protocols": {name: to_json(found) for name, found in model.protocols.items()},
        "options": list(model.options),
        "source": model.source,
        "doc": model.doc,
        "current_unit": model.current_unit,
        "equations": model.equations,
        "threshold": model.threshold,
        "hazard": model.hazard,
        "reset": model.reset,
        "refractory": model.refractory,
        "initial": dict(model.initial),
        "symbol": model.symbol,
        "synonyms": list(model.synonyms),
    }


def _describe_source(model: SourceModel) -> dict[str, Any]:
    parameters = {n: _parameter(p, p.default) for n, p in model.parameters.items()}
    return {
        "name": model.name,
        "title": model.title,
        "group": model.group,
        "kind": "source",
        "outputs": model.outputs,
        "parameters": parameters,
        "states": {},
        "membrane": "",
        "ports": {},
        "presets": {},
        "protocols": {},
        "options": [],
        "source": model.source,
        "doc": model.doc,
        "current_unit": "",
        "equations": "",
        "threshold": "",
        "hazard": "",
        "reset": "",
        "refractory": "",
        "initial": {},
        "symbol": model.symbol,
        "synonyms": list(model.synonyms),
    }


def _parameter(parameter: Parameter, value: Any) -> dict[str, Any]:
    """``default`` is a number also where it follows from others by ``formula``."""
    formula = parameter.kind == "number" and isinstance(parameter.default, str)
    return {
        "unit": parameter.unit,
        "default": list(value) if isinstance(value, tuple) else value,
        "formula": parameter.default if formula else "",
        "bounds": list(parameter.bounds),
        "doc": parameter.doc,
        "kind": parameter.kind,
        "choices": list(parameter.choices),
    }
