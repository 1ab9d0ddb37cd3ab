"""The learning rule of an edge: how it may be written, what can be wrong with it, its numbers.

``{"model": "stdp", "parameters": {"tau_plus": 20, "w_max": "2 nS"}, "delay": "axonal"}``, or the
bare name.  ``delay`` says on which side of the synapse the edge's delay lies.  With ``"on": false``
a run begins with the weights held as they are, and learning may be switched on later.  ``reward``
and ``teacher`` name nodes, see `heard.py`; ``normalise`` keeps sums of weights, see
`normalising.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from engine.document import lookup
from engine.document.check_values import extent, outside, value_problems
from engine.document.heard import HEARD, heard_problems
from engine.document.normalising import NORMALISE, normalising_problems
from engine.document.normalising import form_problems as normalise_form
from engine.document.structure import Document, Edge, Node
from engine.document.text import describe, near, one_of
from engine.document.values import is_distribution
from engine.equations.units import quantity
from engine.errors import DocumentError, Problem
from engine.models.declaration import Parameter, PlasticityModel
from engine.models.plastic import START, rule_parameters, rule_problems, rule_values
from engine.models.registry import plasticity_models

DELAYS = ("axonal", "dendritic")
FIELDS = ("model", "parameters", "delay", "on", *HEARD, NORMALISE)


def rule_of(edge: Edge) -> PlasticityModel | None:
    """The rule that an edge names; None if it has none or names one that is not there."""
    name = edge.plasticity.get("model") if isinstance(edge.plasticity, dict) else None
    return plasticity_models().get(name) if isinstance(name, str) else None


def learns_at_first(edge: Edge) -> bool:
    """Whether the rule of an edge is switched on when a run begins."""
    return isinstance(edge.plasticity, dict) and edge.plasticity.get("on", True) is not False


def releases(edge: Edge) -> bool:
    """Whether the rule of an edge leaves the weights alone and says what a spike releases."""
    model = rule_of(edge)
    return model is not None and bool(model.release)


def weights_change(edge: Edge) -> bool:
    """Whether a run changes the weights of an edge that names a rule."""
    return rule_of(edge) is not None and not releases(edge)


def bounds_of_rule(document: Document, edge: Edge) -> tuple[float, float] | None:
    """Between which the rule of an edge keeps its weights, in their unit; None if it does not say.

    The numbers of the rule must have been checked.
    """
    model = rule_of(edge)
    if model is None or not model.bounds:
        return None
    numbers = numbers_of_rule(document, edge)
    low, high = (numbers[name] for name in model.bounds)
    return low, high


def parameters_of_rule(document: Document, edge: Edge) -> Mapping[str, Parameter]:
    """The parameters of an edge's rule, weights in the unit of its port; empty without a rule."""
    model = rule_of(edge)
    return {} if model is None else rule_parameters(model, weight_unit(document, edge))


def numbers_of_rule(document: Document, edge: Edge) -> dict[str, float]:
    """Every parameter of the rule of an edge that has been checked, in its unit.

    ``w_0`` is among them: the mean weight at the start.
    """
    model, parameters = rule_of(edge), parameters_of_rule(document, edge)
    if model is None:
        return {}
    given = {
        name: quantity(value, parameters[name].unit or "1", name)
        for name, value in (edge.plasticity or {})["parameters"].items()
    }
    start = start_weight(edge, weight_unit(document, edge))
    return rule_values(model, given, start) | {START: start}


def start_weight(edge: Edge, unit: str) -> float:
    """The mean of the weights that an edge starts with."""
    if isinstance(edge.weight, list):
        return sum(edge.weight) / max(1, len(edge.weight))
    low, high = extent(edge.weight, unit)
    return 0.5 * (low + high)


def preset_of(model: str, preset: str | None) -> Mapping[str, float]:
    """The parameters that a preset of the rule ``model`` sets; DocumentError if it has none so."""
    known = plasticity_models().get(model) if isinstance(model, str) else None
    if preset is None or known is None:
        return {}
    if preset not in known.presets:
        message = f"{known.name} has no preset {describe(preset)}"
        remedy = near(str(preset), known.presets) or f"it has {one_of(known.presets) or 'none'}"
        raise DocumentError(Problem("plasticity/preset", "unknown-preset", message, remedy))
    return known.presets[preset]


def form_problems(value: object, path: str) -> list[Problem]:
    """What is wrong with the form of a rule, whatever the edge that it stands on."""
    if not isinstance(value, dict):
        message = f"`plasticity` must be the name of a rule or an object, not {describe(value)}"
        return [Problem(path, "type", message, "see engine.plasticity")]
    problems = []
    for name in value:
        if name not in FIELDS:
            remedy = near(str(name), FIELDS) or f"it has {one_of(FIELDS)}"
            message = f"{describe(name)} is not a field of a learning rule"
            problems.append(Problem(f"{path}/{str(name)[:64]}", "unknown-field", message, remedy))
    name, known = value.get("model"), plasticity_models()
    if not isinstance(name, str) or name not in known:
        remedy = near(str(name), known) or f"choose one of {one_of(known)}"
        message = f"there is no learning rule {describe(name)}"
        return [*problems, Problem(f"{path}/model", "unknown-rule", message, remedy)]
    if value.get("delay", DELAYS[0]) not in DELAYS:
        message = f"the delay of a learning synapse is axonal or dendritic, not {value['delay']!r}"
        problems.append(Problem(f"{path}/delay", "value", message, "choose one of them"))
    if not isinstance(value.get("on", True), bool):
        message = f"`on` of a learning rule is true or false, not {describe(value['on'])}"
        problems.append(Problem(f"{path}/on", "type", message, "choose one of them"))
    problems += _heard_form(value, path)
    problems += normalise_form(value.get(NORMALISE), f"{path}/{NORMALISE}")
    return problems + _names(known[name], value.get("parameters", {}), f"{path}/parameters")


def _heard_form(value: dict[Any, Any], path: str) -> list[Problem]:
    problems = []
    for name in HEARD:
        given = value.get(name)
        if given is not None and not isinstance(given, str):
            message = f"`{name}` of a learning rule is the id of a node, not {describe(given)}"
            problems.append(Problem(f"{path}/{name}", "type", message, "name a node"))
    return problems


def _names(model: PlasticityModel, parameters: object, path: str) -> list[Problem]:
    if not isinstance(parameters, dict):
        message = f"`parameters` must be an object of names and values, not {describe(parameters)}"
        return [Problem(path, "type", message)]
    problems = []
    for name in parameters:
        if name not in model.parameters:
            message = f"`{str(name)[:64]}` is not a parameter of {model.name}"
            remedy = near(str(name), model.parameters) or f"it has {one_of(model.parameters)}"
            where = f"{path}/{str(name)[:64]}"
            problems.append(Problem(where, "unknown-parameter", message, remedy))
    return problems


def plasticity_problems(
    document: Document, edge: Edge, source: Node, target: Node
) -> list[Problem]:
    """Every problem of the rule of an edge between two nodes that are there."""
    path = f"edges/{edge.id}/plasticity"
    problems = form_problems(edge.plasticity, path)
    if lookup.flows(document, source):
        sends = lookup.output_of(document, source)
        message = f'"{source.title}" gives a {sends}, and synapses learn from spikes'
        problems.append(Problem(path, "no-spikes", message, "leave the rule out"))
    elif lookup.joins(document, edge):
        message = "a gap junction passes no spikes, and synapses learn from spikes"
        problems.append(Problem(path, "no-spikes", message, "leave the rule out"))
    elif isinstance(edge.delay, list | dict) and not releases(edge):
        message = "synapses that learn share one delay, and here it differs between them"
        problems.append(Problem(path, "delays", message, "give one delay, or leave the rule out"))
    model, port = rule_of(edge), lookup.ports_of(document, target).get(edge.port)
    if model is not None and not problems:
        problems += heard_problems(document, edge, model, path)
    if _errors(problems) or model is None or port is None:
        return problems
    for name, parameter in parameters_of_rule(document, edge).items():
        if name in (edge.plasticity or {})["parameters"]:
            value = (edge.plasticity or {})["parameters"][name]
            problems += _value_problems(parameter, value, f"{path}/parameters/{name}", name)
    if _errors(problems) or value_problems(edge.weight, port.unit, path, "weight"):
        return problems
    return problems + _meaning(document, edge, port, path)


def _errors(problems: list[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def _value_problems(parameter: Parameter, value: Any, path: str, name: str) -> list[Problem]:
    if isinstance(value, list | dict):
        message = f"`{name}` of a learning rule is one number for all synapses"
        return [Problem(path, "value", message, "give a number")]
    return value_problems(value, parameter.unit or "1", path, name, None, parameter.bounds)


def _meaning(document: Document, edge: Edge, port: lookup.Port, path: str) -> list[Problem]:
    """Conditions between the numbers, and whether the weights start between the bounds."""
    model = rule_of(edge)
    if model is None:
        return []
    values = numbers_of_rule(document, edge)
    where = f"{path}/parameters"
    problems = [
        Problem(where, each.code, each.message, each.remedy or "change one of them")
        for each in rule_problems(model, values)
    ]
    if problems:
        return problems
    bounds = bounds_of_rule(document, edge)
    largest = None if model.release else max(map(abs, bounds or (math.inf,)))
    normalise = f"{path}/{NORMALISE}"
    problems = normalising_problems(document, edge, port.unit, largest, normalise)
    if problems or bounds is None:
        return problems
    low, high = bounds
    conductance = port.synapse is not None and lookup.is_conductance(port.synapse)
    if conductance and low < 0:
        message = f"`{model.bounds[0]}` is {low:g}, and a conductance cannot be negative"
        return [Problem(where, "negative-conductance", message, "use 0 or more")]
    # The tails of a distribution are moved to the bounds, but its mean must lie between them.
    spread, mean = is_distribution(edge.weight), values[START]
    for value in (mean,) if spread else extent(edge.weight, port.unit):
        if outside(value, low, high):
            which = "mean weight" if spread else "weight"
            message = f"the {which} {value:g} {port.unit} is outside of {low:g} to {high:g}"
            remedy = f"change the weight, `{model.bounds[0]}` or `{model.bounds[1]}`"
            return [Problem(where, "weight-bounds", message, remedy)]
    return []


def weight_unit(document: Document, edge: Edge) -> str:
    """The unit of the weights of an edge, "1" if it leads nowhere."""
    target = document.node(edge.target)
    port = lookup.ports_of(document, target).get(edge.port) if target is not None else None
    return port.unit if port is not None else "1"
