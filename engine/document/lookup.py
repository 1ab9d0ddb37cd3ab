"""What a node of a document is: its declaration, ports, states, parameters, and its sign.

The document names models; this is where the names meet the registry and the document's own models.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from engine.document.check_values import extent
from engine.document.memo import remembered
from engine.document.structure import Document, Edge, Node
from engine.equations.cable import extensive
from engine.equations.clamp import AMPLIFIER, CLAMP_PORT
from engine.equations.solvers import available_solvers, choose_solver
from engine.equations.system import System
from engine.errors import EquationError, WorkbenchError
from engine.models import registry
from engine.models.compose import CURRENT_PORT as CURRENT
from engine.models.compose import GAP, GAP_PORT, all_parameters, weight_unit
from engine.models.declaration import NeuronModel, Parameter, SourceModel, SynapseModel

COMMAND = "command"  # what a voltage clamp gives, and the port of a membrane that is held
POTENTIAL = "potential"  # what a gap junction takes, of another population
INHIBITORY = ("inh", "gaba", "GABA")  # how the names of ports that inhibit begin
_THRESHOLDS = ("v_th", "v_T")  # a synapse that pulls v below this inhibits


@dataclass(frozen=True)
class Port:
    """An input of a population: what it takes, and the unit of the weights onto it."""

    name: str
    takes: str  # "spikes" | "current" | "potential" | "command"
    unit: str
    synapse: str | None = None  # the synapse model behind a spike port


@dataclass(frozen=True)
class Anatomy:
    """A neuron model with its synapses in place."""

    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    ports: Mapping[str, Port] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)  # state -> unit
    system: System | None = None
    wrong: str = ""  # why it cannot be put together

    @cached_property
    def solvers(self) -> tuple[str, ...]:
        """The solver that the equations choose, then all that they can be stepped by.

        Kept: it takes longer to say than a form has time when a slider moves.
        """
        if self.system is None:
            return ()
        usable = [name for name, reason in available_solvers(self.system).items() if not reason]
        return choose_solver(self.system), *usable


def own_models(document: Document) -> dict[str, NeuronModel]:
    """The models that the document itself declares, by name; those with mistakes are left out."""
    return dict(_own_models(json.dumps(document.models))) if document.models else {}


@lru_cache(maxsize=32)
def _own_models(text: str) -> tuple[tuple[str, NeuronModel], ...]:
    from engine.models.serial import from_json

    found = []
    for data in json.loads(text):
        try:
            model = from_json(data)
        except WorkbenchError:
            continue
        found.append((model.name, model))
    return tuple(found)


def own_model_problems(data: dict[str, Any]) -> list[WorkbenchError]:
    """Why a declaration of the document cannot be used; empty if it can."""
    from engine.models.serial import from_json

    try:
        from_json(data)
    except WorkbenchError as error:
        return [error]
    return []


def model_of(document: Document, node: Node) -> NeuronModel | SourceModel | None:
    """The declaration behind a node, or None if its model is not known."""
    shipped = registry.neuron_models().get(node.model) or registry.source_models().get(node.model)
    return shipped or own_models(document).get(node.model)


def is_shipped(name: str) -> bool:
    """Whether a neuron, synapse or source of this name comes with the engine."""
    parts = (registry.neuron_models(), registry.source_models(), registry.synapse_models())
    return any(name in part for part in parts)


def is_source(document: Document, node: Node) -> bool:
    """Whether the node's model is that of a source."""
    return isinstance(model_of(document, node), SourceModel)


def known_models(document: Document) -> list[str]:
    """Names that a node's model may have."""
    return [*own_models(document), *registry.neuron_models(), *registry.source_models()]


def synapse_models() -> Mapping[str, SynapseModel]:
    """Every synapse model by name."""
    return registry.synapse_models()


def anatomy(document: Document, node: Node) -> Anatomy:
    """The node's model with its synapses; empty for a source or an unknown model."""
    model = model_of(document, node)
    if not isinstance(model, NeuronModel):
        return Anatomy()
    known = {port: name for port, name in node.ports.items() if name in synapse_models()}
    return _anatomy(Same(model), tuple(known.items()), node.is_cell)


class Same:
    """A declaration as a key: equal to itself only, and cheap to compare."""

    __slots__ = ("model",)

    def __init__(self, model: NeuronModel) -> None:
        self.model = model

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.model is self.model

    def __hash__(self) -> int:
        return id(self.model)


@lru_cache(maxsize=512)
def _anatomy(key: Same, ports: tuple[tuple[str, str], ...], cable: bool) -> Anatomy:
    model, chosen = key.model, {**key.model.ports, **dict(ports)}
    try:
        system = model.compose(chosen)
        parameters = all_parameters(model, chosen)
    except EquationError as error:
        return Anatomy(parameters=model.parameters, wrong=error.sentence())
    found = {
        entry.port: Port(
            entry.port,
            "spikes",
            (extensive(entry.unit) if cable else entry.unit) or "1",
            chosen[entry.port],
        )
        for entry in system.inputs
        if entry.port != CURRENT
    }
    found[CURRENT] = Port(CURRENT, "current", "1")
    # Every membrane can be joined to others, unless a port of its own has the name.
    joined = weight_unit(model, GAP)
    joined = (extensive(joined) if cable else joined) or "1"
    found.setdefault(GAP_PORT, Port(GAP_PORT, POTENTIAL, joined))
    found.setdefault(CLAMP_PORT, Port(CLAMP_PORT, COMMAND, "1"))
    states = {state: system.units.get(state) or "1" for state in system.derivatives}
    return Anatomy(parameters, found, states, system)


def ports_of(document: Document, node: Node) -> Mapping[str, Port]:
    """Input ports by name, those of a current and of gap junctions last; a source has none."""
    return anatomy(document, node).ports


def joins(document: Document, edge: Edge) -> bool:
    """Whether an edge is a gap junction: both its ends feel the other's potential."""
    target = document.node(edge.target)
    port = ports_of(document, target).get(edge.port) if target is not None else None
    return port is not None and port.takes == POTENTIAL


def holds(document: Document, edge: Edge) -> bool:
    """Whether an edge is a voltage clamp: it says what the potential of its target is."""
    target = document.node(edge.target)
    port = ports_of(document, target).get(edge.port) if target is not None else None
    return port is not None and port.takes == COMMAND


def is_clamped(document: Document, node: Node) -> bool:
    """Whether a voltage clamp holds the node."""
    return any(edge.target == node.id and holds(document, edge) for edge in document.edges)


def is_joined(document: Document, node: Node) -> bool:
    """Whether a gap junction ends at the node."""
    edges = (edge for edge in document.edges if node.id in (edge.source, edge.target))
    return any(joins(document, edge) for edge in edges)


def output_of(document: Document, node: Node) -> str | None:
    """What a node sends: "spikes", "current" or "command"; None if its model is not known."""
    model = model_of(document, node)
    if model is None:
        return None
    return model.outputs if isinstance(model, SourceModel) else "spikes"


def flows(document: Document, node: Node) -> bool:
    """Whether what a node sends acts during a step, without delay: a current, a command."""
    return output_of(document, node) in (CURRENT, COMMAND)


def state_units(document: Document, node: Node) -> Mapping[str, str]:
    """State -> unit, the states of the synapses included; none for a source."""
    return anatomy(document, node).states


def states_of(document: Document, node: Node) -> tuple[str, ...]:
    """The states of a population that can be recorded and initialised; none for a source."""
    return tuple(state_units(document, node))


def parameters_of(document: Document, node: Node) -> Mapping[str, Parameter]:
    """Every parameter that a node has, those of its ports' synapses included."""
    model = model_of(document, node)
    if isinstance(model, SourceModel):
        return model.parameters
    return anatomy(document, node).parameters


def recordable(document: Document, node: Node) -> tuple[str, ...]:
    """The variables of a node that a recorder can keep."""
    spikes = ("spikes", "rate") if output_of(document, node) == "spikes" else ()
    clamp = (AMPLIFIER,) if is_clamped(document, node) else ()
    return (*spikes, *states_of(document, node), *clamp)


def default_port(document: Document, source: Node, target: Node) -> str | None:
    """The port that a wire without one goes to; None where there is a choice to be made.

    A current has one port.  Spikes go to the only port that takes them; those of a source to
    `exc`, since a source drives.
    """
    sends, ports = output_of(document, source), ports_of(document, target)
    fitting = [name for name, port in ports.items() if port.takes == sends]
    if source.kind == "source" and "exc" in fitting:
        return "exc"
    return fitting[0] if len(fitting) == 1 else None


# Signs


def edge_sign(document: Document, edge: Edge) -> int:
    """+1 if the edge excites, -1 if it inhibits, 0 if that cannot be said."""
    context = (document.node(edge.source), document.node(edge.target), document.models)
    return remembered(edge, "sign", context, lambda: _edge_sign(document, edge))


def _edge_sign(document: Document, edge: Edge) -> int:
    source, target = document.node(edge.source), document.node(edge.target)
    port = ports_of(document, target).get(edge.port) if target is not None else None
    if source is None or target is None or port is None or port.takes == POTENTIAL:
        return 0
    if port.synapse is not None and is_conductance(port.synapse):
        return _pull(document, target, port)
    try:
        low, high = extent(edge.weight, port.unit)
    except (WorkbenchError, TypeError, KeyError, ValueError):
        return 0  # a broken weight is a problem of its own
    return 1 if low >= 0 < high else -1 if high <= 0 > low else 0


def node_sign(document: Document, node_id: str) -> int:
    """+1 if the node's wires excite, -1 if they inhibit, 0 if it has none or they disagree."""
    return node_signs(document).get(node_id, 0)


def node_signs(document: Document) -> dict[str, int]:
    """Of every node: +1 if its wires excite, -1 if they inhibit, 0 if none or they disagree."""
    return remembered(document, "signs", (), lambda: _node_signs(document))


def _node_signs(document: Document) -> dict[str, int]:
    found: dict[str, set[int]] = {node.id: set() for node in document.nodes}
    for edge in document.edges:
        found.get(edge.source, set()).add(edge_sign(document, edge))
    return {name: sum(signs) if len(signs - {0}) == 1 else 0 for name, signs in found.items()}


def is_conductance(synapse: str) -> bool:
    """Whether weights onto a port with this synapse are conductances."""
    model = synapse_models().get(synapse)
    return model is not None and model.weight == "conductance"


def _pull(document: Document, target: Node, port: Port) -> int:
    """The sign of a conductance: where its reversal potential lies against the threshold."""
    reversal = _number(document, target, f"E_{port.name}")
    for name in _THRESHOLDS:
        threshold = _number(document, target, name)
        if reversal is not None and threshold is not None:
            return 1 if reversal > threshold else -1
    return -1 if port.name.startswith(INHIBITORY) else 1


def _number(document: Document, node: Node, name: str) -> float | None:
    """A parameter as one number in its unit, or None if it is not one."""
    parameter = parameters_of(document, node).get(name)
    if parameter is None:
        return None
    value = node.parameters.get(name, parameter.default)
    try:
        return extent(value, parameter.unit)[0]
    except (WorkbenchError, TypeError, KeyError, ValueError):
        return None
