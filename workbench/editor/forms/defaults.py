"""The number that each parameter of a node stands at by default, expressions worked out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.document import Document, Node
from engine.document.lookup import anatomy, model_of
from engine.document.values import is_distribution
from engine.equations.constants import resolve
from engine.equations.stepmap import Slot
from engine.equations.units import quantity
from engine.errors import WorkbenchError
from engine.models.declaration import SourceModel

_MIDDLES = ("mean", "offset", "peak")  # of the distributions


def default_values(document: Document, node: Node) -> dict[str, Any]:
    """Parameter -> what it would be if the node did not set it, with all that it does set.

    A source's defaults stand as they are declared.  A neuron's may follow from one another (tau_m
    from C and g_L); where that cannot be worked out the parameter is left out.
    """
    model = model_of(document, node)
    if isinstance(model, SourceModel):
        return {name: parameter.default for name, parameter in model.parameters.items()}
    system = anatomy(document, node).system
    if system is None:
        return {}
    slots = tuple(system.parameters.values())
    given = _numbers(slots, node.parameters)
    found = _resolved(slots, given)
    for name in given:
        others = {key: value for key, value in given.items() if key != name}
        found[name] = _resolved(slots, others).get(name)
    return {name: value for name, value in found.items() if value is not None}


def _resolved(slots: tuple[Slot, ...], given: Mapping[str, float]) -> dict[str, Any]:
    try:
        found = resolve(slots, given, 1)
    except WorkbenchError:
        return {}
    # Fifteen digits: what a division left behind in the sixteenth is not worth showing.
    return {name: float(f"{float(value):.15g}") for name, value in found.items()}


def _numbers(slots: tuple[Slot, ...], values: Mapping[str, Any]) -> dict[str, float]:
    """The set parameters as one number each: a distribution by its centre."""
    units = {slot.name: slot.unit for slot in slots}
    found = {}
    for name, value in values.items():
        if name in units:
            number = representative(value, units[name])
            if number is not None:
                found[name] = number
    return found


def representative(value: Any, unit: str) -> float | None:
    """One number for a value: itself, the centre of a distribution, the first of a list."""
    if is_distribution(value):
        middle = next((value[name] for name in _MIDDLES if value.get(name) is not None), None)
        if middle is not None:
            value = middle
        else:
            value = (value.get("low", 0.0) + value.get("high", 0.0)) / 2
    if isinstance(value, list):
        value = value[0] if value else None
    try:
        return quantity(value, unit, "value") if isinstance(value, int | float | str) else None
    except WorkbenchError:
        return None
