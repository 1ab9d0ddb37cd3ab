"""Synaptic normalisation: the weights that end at a neuron keep their sum while they learn.

``"normalise": {"sum": 78, "every": 500}`` in a learning rule of an edge: when the network is built
and at the end of every ``every`` ms, the weights of the edge that end at one member of the target
are multiplied by one number, so that their sizes add up to ``sum``, and held to the rule's bounds.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from engine.document.check_values import value_problems
from engine.document.structure import Document, Edge
from engine.document.text import describe, near
from engine.equations.units import quantity
from engine.errors import Problem

NORMALISE = "normalise"
FIELDS = (SUM, EVERY) = ("sum", "every")
LARGEST = 1e9
_ONE_A_PAIR = ("all_to_all", "one_to_one", "distance")  # rules by which a pair has one synapse


class Normalising(NamedTuple):
    """What an edge asks for."""

    total: float  # sum of the sizes of the weights at a member of the target, in their unit
    every: float  # ms


def normalising_of(edge: Edge, unit: str) -> Normalising | None:
    """What an edge that has been checked asks for; None if it leaves its weights as they learn."""
    given = _given(edge)
    if not isinstance(given, dict):
        return None
    every = quantity(given[EVERY], "ms", EVERY)
    return Normalising(quantity(given[SUM], unit, SUM), every)


def form_problems(given: object, path: str) -> list[Problem]:
    """What is wrong with the form, whatever the edge."""
    if given is None:
        return []
    example = 'write {"sum": 78, "every": 500}'
    if not isinstance(given, dict):
        message = f"`{NORMALISE}` is an object, not {describe(given)}"
        return [Problem(path, "type", message, example)]
    problems = [
        Problem(
            f"{path}/{str(name)[:64]}",
            "unknown-field",
            f"{describe(name)} is not a field of `{NORMALISE}`",
            near(str(name), FIELDS) or "it has `sum` and `every`",
        )
        for name in given
        if name not in FIELDS
    ]
    if SUM not in given:
        message = f"`{NORMALISE}` does not say which sum the weights keep"
        problems.append(Problem(f"{path}/{SUM}", "missing-field", message, example))
    return problems


def normalising_problems(
    document: Document, edge: Edge, unit: str, largest: float | None, path: str
) -> list[Problem]:
    """What is wrong with the numbers.

    ``largest`` is the size that the rule's bounds allow a weight; None for a rule whose weights do
    not change.
    """
    given = _given(edge)
    if not isinstance(given, dict):
        return []
    if largest is None:
        message = "the rule leaves the weights as they are, so there is nothing to normalise"
        return [Problem(path, "unused", message, f"leave `{NORMALISE}` out")]
    step = document.simulation.dt
    problems = _number_problems(given[SUM], unit, f"{path}/{SUM}", SUM, 0.0)
    problems += _number_problems(given[EVERY], "ms", f"{path}/{EVERY}", EVERY, step)
    source = document.node(edge.source)
    if problems or source is None:
        return problems
    total = quantity(given[SUM], unit, SUM)
    if total <= 0.0:
        message = f"`{SUM}` is {total:g}, and no weights add up to it"
        return [Problem(f"{path}/{SUM}", "bounds", message, "give more than 0")]
    rule = edge.rule
    single = rule.get("kind") in _ONE_A_PAIR or rule.get("multapses") is False
    most = source.size * largest
    if single and math.isfinite(most) and total > most * (1.0 + 1e-9):
        message = (
            f"{source.size:,} synapses of {largest:g} {unit} at most cannot add up to {total:g}"
        )
        remedy = f"make `{SUM}` smaller or the bound of the weights wider"
        return [Problem(f"{path}/{SUM}", "bounds", message, remedy)]
    return []


def _given(edge: Edge) -> Any:
    return edge.plasticity.get(NORMALISE) if isinstance(edge.plasticity, dict) else None


def _number_problems(value: Any, unit: str, path: str, name: str, low: float) -> list[Problem]:
    if isinstance(value, list | dict):
        message = f"`{name}` is one number for all members"
        return [Problem(path, "value", message, "give a number")]
    return value_problems(value, unit, path, name, None, (low, LARGEST))
