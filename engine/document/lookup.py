"""What a node of a document is: its declaration, ports, states, parameters, and its sign.

The document names models; this is where the names meet the registry and the document's own models.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.document.structure import Document, Edge, Node, Value
from engine.document.values import is_distribution
from engine.equations.units import quantity
from engine.errors import WorkbenchError
from engine.models import registry
from engine.models.compose import port_parameters
from engine.models.declaration import NeuronModel, Parameter, SourceModel, SynapseModel, from_json

CURRENT = "current"  # the port that every neuron with an input current has


@dataclass(frozen=True)
class Port:
    """An input of a population: what it takes, and the unit of the weights onto it."""

    name: str
    takes: str  # "spikes" | "current"
    unit: str
    synapse: str | None = None  # the synapse model behind a spike port


def own_models(document: Document) -> dict[str, NeuronModel]:
    """The models that the document itself declares, by name; those with mistakes are left out."""
    return dict(_own_models(json.dumps(document.models))) if document.models else {}


@lru_cache(maxsize=32)
def _own_models(text: str) -> tuple[tuple[str, NeuronModel], ...]:
    found = []
    for data in json.loads(text):
        try:
            model = from_json(data)
        except WorkbenchError:
            continue
        found.append((model.name, model))
    return tuple(found)


def model_of(document: Document, node: Node) -> NeuronModel | SourceModel | None:
    """The declaration behind a node, or None if its model is not known."""
    own = own_models(document)
    return (
        own.get(node.model)
        or registry.neuron_models().get(node.model)
        or registry.source_models().get(node.model)
    )


def known_models(document: Document) -> list[str]:
    """Names that a node's model may have."""
    return [*own_models(document), *registry.neuron_models(), *registry.source_models()]


def synapse_model(name: str) -> SynapseModel | None:
    """A synapse model by name."""
    return registry.synapse_models().get(name)


def ports_of(document: Document, node: Node) -> dict[str, Port]:
    """Input ports by name; a source has none.  Ports with an unknown synapse are left out."""
    model = model_of(document, node)
    if not isinstance(model, NeuronModel):
        return {}
    ports = {}
    for name, synapse_name in {**model.ports, **node.ports}.items():
        synapse = synapse_model(synapse_name)
        if synapse is not None:
            unit = weight_unit(synapse, model)
            ports[name] = Port(name, "spikes", unit, synapse_name)
    ports[CURRENT] = Port(CURRENT, "current", "1")
    return ports


def weight_unit(synapse: SynapseModel, model: NeuronModel) -> str:
    """The unit of weights onto a port with this synapse of this neuron."""
    return synapse.weight_unit_for(model)


def output_of(document: Document, node: Node) -> str | None:
    """What a node sends: "spikes" or "current"; None if its model is not known."""
    model = model_of(document, node)
    if model is None:
        return None
    return model.outputs if isinstance(model, SourceModel) else "spikes"


def states_of(document: Document, node: Node) -> tuple[str, ...]:
    """The states of a population that can be recorded and initialised; none for a source."""
    model = model_of(document, node)
    if not isinstance(model, NeuronModel):
        return ()
    return model.states_with({**model.ports, **node.ports})


def parameters_of(document: Document, node: Node) -> dict[str, Parameter]:
    """Every parameter that a node has, those of its ports' synapses included."""
    model = model_of(document, node)
    if model is None:
        return {}
    if isinstance(model, SourceModel):
        return dict(model.parameters)
    ports = {name: port for name, port in {**model.ports, **node.ports}.items()}
    return {**model.parameters, **port_parameters(model, ports)}
