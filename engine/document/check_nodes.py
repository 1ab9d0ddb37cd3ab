"""What can be wrong with a node: its model, its size, its parameters, ports and initial values."""

from __future__ import annotations

from engine.document import lookup
from engine.document.check_values import value_problems
from engine.document.structure import Document, Node
from engine.document.text import describe, id_problem, near, one_of
from engine.errors import Problem, WorkbenchError
from engine.models.declaration import NeuronModel, SourceModel

MAX_SIZE = 2**32 - 1  # members are counted in 32 bits; memory ends earlier


def check_node(document: Document, node: Node) -> list[Problem]:
    """Every problem of ``node``, whether or not it stands in the document already."""
    path = f"nodes/{node.id}"
    problems = _identity(node, path)
    model = lookup.model_of(document, node)
    if model is None:
        return [*problems, _unknown_model(document, node, path)]
    wanted = "source" if isinstance(model, SourceModel) else "population"
    if node.kind != wanted:
        message = f"{node.model} is a {wanted}, the node says {node.kind}"
        problems.append(Problem(f"{path}/kind", "kind", message, f'set kind to "{wanted}"'))
        return problems
    if isinstance(model, NeuronModel):
        problems += _ports(node, model, path) + _initial(document, node, path)
    elif node.ports or node.initial:
        message = f'"{node.title}" is a source, which has neither ports nor initial values'
        problems.append(Problem(path, "source-fields", message, "leave them out"))
    return problems + _parameters(document, node, path)


def _identity(node: Node, path: str) -> list[Problem]:
    problems = []
    wrong = id_problem(node.id)
    if wrong:
        problems.append(Problem(path, "id", wrong))
    size = node.size
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        message = f'the size of "{node.title}" must be a whole number of at least 1, not '
        problems.append(
            Problem(f"{path}/size", "size", message + describe(size), "give the number of members")
        )
    elif size > MAX_SIZE:
        message = f'"{node.title}" has {size:,} members, the limit is {MAX_SIZE:,}'
        problems.append(Problem(f"{path}/size", "size", message, "make it smaller"))
    if node.geometry is not None:
        message = "positions of neurons in space cannot be used by this version"
        problems.append(Problem(f"{path}/geometry", "unsupported", message, "leave geometry out"))
    return problems


def _unknown_model(document: Document, node: Node, path: str) -> Problem:
    known = lookup.known_models(document)
    if lookup.synapse_model(node.model) is not None:
        message = f"{node.model} is a synapse, not a neuron or a source"
        return Problem(f"{path}/model", "unknown-model", message, "use it for a port of a neuron")
    message = f"there is no model {describe(node.model)}"
    remedy = near(node.model, known) or f"choose one of {one_of(known)}"
    return Problem(f"{path}/model", "unknown-model", message, remedy)


def _ports(node: Node, model: NeuronModel, path: str) -> list[Problem]:
    problems, synapses = [], lookup.synapse_names()
    for port, synapse in node.ports.items():
        where = f"{path}/ports/{port}"
        if port == lookup.CURRENT or not port.isidentifier():
            message = f"{describe(port)} cannot be the name of a spike port"
            problems.append(Problem(where, "port-name", message, "use letters, digits and `_`"))
        if synapse not in synapses:
            message = f"there is no synapse model {describe(synapse)}"
            remedy = near(synapse, synapses) or f"choose one of {one_of(synapses)}"
            problems.append(Problem(where, "unknown-synapse", message, remedy))
    return problems


def _initial(document: Document, node: Node, path: str) -> list[Problem]:
    problems, states = [], lookup.state_units(document, node)
    for state, value in node.initial.items():
        where = f"{path}/initial/{state}"
        if state not in states:
            message = f"`{state}` is not a state of {node.model}"
            remedy = near(state, states) or f"it has {one_of(states)}"
            problems.append(Problem(where, "unknown-state", message, remedy))
        elif value != "rest":
            problems += value_problems(value, states[state], where, state, node.size)
    return problems


def _parameters(document: Document, node: Node, path: str) -> list[Problem]:
    problems, known = [], lookup.parameters_of(document, node)
    for name, value in node.parameters.items():
        problems += parameter_problems(document, node, name, value)
    return problems


def parameter_problems(document: Document, node: Node, name: str, value: object) -> list[Problem]:
    """Problems of giving ``node`` the parameter ``name`` with this value."""
    known, where = lookup.parameters_of(document, node), f"nodes/{node.id}/parameters/{name}"
    if name not in known:
        message = f"`{name}` is not a parameter of {node.model}"
        remedy = near(name, known) or (f"it has {one_of(known)}" if known else "it has none")
        return [Problem(where, "unknown-parameter", message, remedy)]
    parameter = known[name]
    return value_problems(value, parameter.unit, where, name, node.size, parameter.bounds)
