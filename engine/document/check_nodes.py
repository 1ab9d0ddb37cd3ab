"""What can be wrong with a node: its model, its size, its parameters, ports and initial values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.document import lookup
from engine.document.check_values import extent, value_problems
from engine.document.geometry import geometry_problems
from engine.document.structure import Document, Node, replace
from engine.document.text import describe, id_problem, near, one_of
from engine.equations.constants import resolve
from engine.equations.solvers import check_solver
from engine.equations.units import is_number
from engine.errors import EquationError, Problem
from engine.models.check import cross_problems
from engine.models.commands import LEVELS, TIMES, command_fault
from engine.models.course import table_fault
from engine.models.declaration import NeuronModel, Parameter, SourceModel

MAX_NUMBERS = 1_000_000  # of a list; a document is at most 8 MB anyhow
MAX_SIZE = 2**32 - 1  # members are counted in 32 bits; memory ends earlier


def check_node(document: Document, node: Node) -> list[Problem]:
    """Every problem of ``node``, whether or not it stands in the document already."""
    path = f"nodes/{node.id}"
    problems = [*_identity(node, path), *geometry_problems(document, node)]
    model = lookup.model_of(document, node)
    if model is None:
        return [*problems, _unknown_model(document, node, path)]
    wanted = "source" if isinstance(model, SourceModel) else "population"
    if node.kind != wanted:
        message = f"{node.model} is a {wanted}, the node says {node.kind}"
        problems.append(Problem(f"{path}/kind", "kind", message, f'set kind to "{wanted}"'))
        return problems
    if isinstance(model, NeuronModel):
        problems += _ports(node, path) + _build(document, node, path)
        problems += _initial(document, node, path)
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
    return problems


def _unknown_model(document: Document, node: Node, path: str) -> Problem:
    known = lookup.known_models(document)
    if node.model in lookup.synapse_models():
        message = f"{node.model} is a synapse, not a neuron or a source"
        return Problem(f"{path}/model", "unknown-model", message, "use it for a port of a neuron")
    message = f"there is no model {describe(node.model)}"
    remedy = near(node.model, known) or f"choose one of {one_of(known)}"
    return Problem(f"{path}/model", "unknown-model", message, remedy)


def _build(document: Document, node: Node, path: str) -> list[Problem]:
    """Whether the model can be put together with its synapses, and its solver used."""
    found = lookup.anatomy(document, node)
    if found.system is None:
        return [Problem(f"{path}/model", "model", found.wrong)]
    if node.solver is None:
        return []
    try:
        check_solver(found.system, node.solver)
    except EquationError as error:
        return [Problem(f"{path}/solver", "solver", error.message, error.remedy)]
    return []


def _ports(node: Node, path: str) -> list[Problem]:
    problems, synapses = [], lookup.synapse_models()
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
    problems = []
    for name, value in node.parameters.items():
        problems += parameter_problems(document, node, name, value)
    return problems or conditions_problems(document, node, f"{path}/parameters")


def table_problems(document: Document, node: Node) -> list[Problem]:
    """Whether the lists that a source reads together fit, where each of them may stand.

    They are edited one by one, so a document may hold such a source while it cannot run.
    """
    model, dt = lookup.model_of(document, node), document.simulation.dt
    if not isinstance(model, SourceModel):
        return []
    defaults = {name: parameter.default for name, parameter in model.parameters.items()}
    values: dict[str, Any] = defaults | node.parameters
    fault = table_fault(model, values)
    if model.outputs == lookup.COMMAND and is_number(dt) and dt > 0.0:
        fault = command_fault(values[LEVELS], values[TIMES], dt)
    where = f"nodes/{node.id}/parameters"
    return [] if fault is None else [Problem(f"{where}/{fault[0]}", "table", *fault[1:])]


def parameter_problems(document: Document, node: Node, name: str, value: object) -> list[Problem]:
    """Problems of giving ``node`` the parameter ``name`` with this value."""
    known, where = lookup.parameters_of(document, node), f"nodes/{node.id}/parameters/{name}"
    if name not in known:
        return [_unknown_parameter(node, known, name, where)]
    parameter = known[name]
    unit = parameter.unit or "1"
    if parameter.kind == "number":
        return value_problems(value, unit, where, name, node.size, parameter.bounds)
    wrong = _kind_problem(parameter, value, name)
    if wrong:
        return [Problem(where, "value", *wrong)]
    if parameter.kind in ("numbers", "integer"):
        return value_problems(value, unit, where, name, None, parameter.bounds)
    return []


def _unknown_parameter(
    node: Node, known: Mapping[str, Parameter], name: str, where: str
) -> Problem:
    message = f"`{name}` is not a parameter of {node.model}"
    remedy = near(name, known) or (f"it has {one_of(known)}" if known else "it has none")
    return Problem(where, "unknown-parameter", message, remedy)


def _kind_problem(parameter: Parameter, value: object, name: str) -> tuple[str, str] | None:
    match parameter.kind:
        case "integer" if type(value) is not int:
            return f"`{name}` must be a whole number, not {describe(value)}", "give a whole number"
        case "numbers" if not isinstance(value, list):
            return f"`{name}` must be a list of numbers, not {describe(value)}", "give a list"
        case "numbers" if isinstance(value, list) and len(value) > MAX_NUMBERS:
            message = f"`{name}` has {len(value):,} entries, more than {MAX_NUMBERS:,}"
            return message, "give fewer, or put spikes in a file"
        case "text" if not isinstance(value, str):
            return f"`{name}` must be a text, not {describe(value)}", "give a text"
        case "choice" if value not in parameter.choices:
            remedy = f"choose {one_of(parameter.choices)}"
            return f"`{name}` is {describe(value)}, which it cannot be", remedy
    return None


def conditions_problems(document: Document, node: Node, path: str) -> list[Problem]:
    """Which of the model's own conditions, such as v_reset < v_th, the parameters break.

    A distribution is judged by its mean.
    """
    model, system = lookup.model_of(document, node), lookup.anatomy(document, node).system
    if model is None or not model.checks or (system is None and node.kind == "population"):
        return []  # a model that cannot be put together is the problem, and is said there
    declared = lookup.parameters_of(document, node)
    given = {
        name: value if isinstance(value, list) else extent(value, declared[name].unit)[0]
        for name, value in node.parameters.items()
        if declared[name].kind == "number"
    }
    if system is None:  # a source, whose defaults are plain numbers
        values = {name: parameter.default for name, parameter in declared.items()} | given
        return _at(path, cross_problems(model.checks, values))
    try:
        values = resolve(system.parameters.values(), given, node.size)
    except EquationError as error:
        return [Problem(path, "condition", error.message, error.remedy)]
    return _at(path, cross_problems(model.checks, values))


def _at(path: str, problems: list[Problem]) -> list[Problem]:
    return [replace(problem, path=path) for problem in problems]
