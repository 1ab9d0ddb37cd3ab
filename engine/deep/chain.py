"""From parameters to the constants of a step map, as torch differentiates it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from engine.backends.torch_reference import DTYPE, evaluate
from engine.equations.constants import in_order
from engine.equations.stepmap import Derived, Propagator, StepMap


def constants(step_map: StepMap, parameters: Mapping[str, Tensor], dt: float) -> dict[str, Tensor]:
    """The constants of ``step_map`` as `engine.equations.constants` has them, in float64.

    ``parameters`` are in their declared units, numbers or [N] each, and may require gradients.
    """
    known: dict[str, Tensor] = {"dt": torch.tensor(dt, dtype=DTYPE)}
    for slot, default in in_order(step_map.parameters, parameters.keys()):
        if default is None:
            known[slot.name] = parameters[slot.name].to(DTYPE) * slot.factor
        else:
            known[slot.name] = evaluate(default, known)
    for recipe in step_map.recipes:
        if isinstance(recipe, Derived):
            known[recipe.name] = evaluate(recipe.value, known)
        else:
            known |= _propagated(recipe, known)
    return {name: known[name] for name in step_map.constants}


def _propagated(recipe: Propagator, known: Mapping[str, Tensor]) -> dict[str, Tensor]:
    step = evaluate(recipe.step, known)
    entries = [[evaluate(entry, known) * step for entry in row] for row in recipe.matrix]
    flat = torch.broadcast_tensors(*(entry for row in entries for entry in row))
    size = len(entries)
    matrix = torch.stack(flat, dim=-1).reshape(*flat[0].shape, size, size)
    found = _increment_of_exponential(matrix)
    return {
        name: found[..., row, column] + (1.0 if whole else 0.0)
        for name, row, column, whole in recipe.outputs
    }


def _increment_of_exponential(matrix: Tensor) -> Tensor:
    """expm(matrix) - 1, by the same scaling and squaring as on the host (`constants.py`)."""
    norm = float(matrix.detach().abs().sum(dim=-1).max())
    doublings = max(0, math.ceil(math.log2(norm / 0.25))) if norm > 0 else 0
    found = term = scaled = matrix / 2.0**doublings
    for degree in range(2, 15):
        term = term @ scaled / degree
        found = found + term
    for _ in range(doublings):
        found = 2 * found + found @ found
    return found
