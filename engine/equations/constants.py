"""The numbers a kernel needs, worked out on the host from parameters and the time step."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.equations.evaluate import evaluate
from engine.equations.stepmap import Derived, Propagator, Slot, StepMap
from engine.equations.tree import Expr, names
from engine.errors import EquationError, near

Value = float | NDArray[np.float64]


def constants(
    step_map: StepMap, parameters: Mapping[str, ArrayLike], dt: float | ArrayLike, size: int
) -> dict[str, Value]:
    """The value of every name in ``step_map.constants``: a float, or [size] where neurons differ.

    ``parameters`` are numbers (or arrays [size]) in their declared units; those left out take
    their defaults.  ``dt`` in ms, an array [size] for steps of different lengths.  Raises
    ``EquationError`` for an unknown name, a wrong length or a constant that is not finite.
    """
    environment: dict[str, Value] = coherent(step_map.parameters, parameters, size)
    environment["dt"] = _plain(dt)
    for recipe in step_map.recipes:
        if isinstance(recipe, Derived):
            environment[recipe.name] = _plain(evaluate(recipe.value, environment))
        else:
            environment.update(_propagated(recipe, environment))
    for name in step_map.constants:
        if not np.all(np.isfinite(environment[name])):
            raise _not_finite(step_map, name, environment)
    return {name: environment[name] for name in step_map.constants}


def varying(step_map: StepMap, values: Mapping[str, ArrayLike]) -> tuple[str, ...]:
    """The constants of ``step_map`` that differ between neurons, in its order."""
    return tuple(name for name in step_map.constants if np.ndim(values[name]))


def as_rows(
    step_map: StepMap, values: Mapping[str, ArrayLike], size: int, dtype: np.dtype | str
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Constants as kernels read them: numbers that all share [fixed], rows [varying, size]."""
    rows = varying(step_map, values)
    fixed = np.array([values[name] for name in step_map.constants if name not in rows], dtype)
    varied = np.empty((len(rows), size), dtype)
    for row, name in zip(varied, rows, strict=True):
        row[:] = values[name]
    return fixed, varied


def resolve(slots: Iterable[Slot], given: Mapping[str, ArrayLike], size: int) -> dict[str, Value]:
    """Every parameter in its declared unit: what is given, else the default it follows from."""
    slots = tuple(slots)
    found = coherent(slots, given, size)
    return {slot.name: _plain(np.divide(found[slot.name], slot.factor)) for slot in slots}


def coherent(slots: Iterable[Slot], given: Mapping[str, ArrayLike], size: int) -> dict[str, Value]:
    """Every parameter in coherent units.  Raises ``EquationError`` as ``constants`` does."""
    found: dict[str, Value] = {}
    for slot, default in in_order(slots, given):
        if default is None:
            value = _checked(slot.name, given[slot.name], size) * slot.factor
            found[slot.name] = _plain(value)
        else:
            found[slot.name] = _plain(evaluate(default, found))
    return found


def in_order(slots: Iterable[Slot], given: Collection[str]) -> list[tuple[Slot, Expr | None]]:
    """Parameters after those they follow from: with None for those given, else with the default.

    Raises ``EquationError`` for an unknown name or defaults that go round in a circle.
    """
    waiting = {slot.name: slot for slot in slots}
    if unknown := [name for name in given if name not in waiting]:
        remedy = near(unknown[0], waiting) or f"there are {', '.join(waiting)}"
        raise EquationError(f"`{unknown[0]}` is not a parameter", remedy=remedy)
    found: list[tuple[Slot, Expr | None]] = [(waiting.pop(name), None) for name in given]
    known = set(given)
    while waiting:
        ready = [
            (slot, default)
            for slot in waiting.values()
            if names(default := _default(slot, given)) <= known
        ]
        if not ready:
            raise EquationError(f"the defaults of {', '.join(waiting)} depend on one another")
        for slot, default in ready:
            found.append((slot, default))
            known.add(slot.name)
            del waiting[slot.name]
    return found


def increment_of_exponential(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """expm(matrix) - 1 for a stack of small matrices [..., n, n], accurate where it is small.

    Scaling and squaring of the Taylor series of the increment E itself: doubling the step turns E
    into 2 E + E E, so the 1 that would swallow small entries is never added.
    """
    norm = float(np.max(np.sum(np.abs(matrix), axis=-1), initial=0.0))
    doublings = max(0, int(np.ceil(np.log2(norm / 0.25)))) if norm > 0 else 0
    scaled = matrix / 2.0**doublings
    found = term = scaled
    for degree in range(2, 15):  # 0.25^15 / 15! is far below rounding
        term = term @ scaled / degree
        found = found + term
    for _ in range(doublings):
        found = 2 * found + found @ found
    return found


def _default(slot: Slot, given: Collection[str]) -> Expr:
    return next((expr for name, expr in slot.given if name in given), slot.default)


def _checked(name: str, value: ArrayLike, size: int) -> NDArray[np.float64]:
    array = np.asarray(value, dtype=float)
    if array.shape not in ((), (size,)):
        shape = "x".join(map(str, array.shape))
        raise EquationError(f"`{name}` has {shape} values for {size} neurons", remedy="give one")
    if not np.all(np.isfinite(array)):
        raise EquationError(f"`{name}` is not a finite number")
    return array


def _propagated(recipe: Propagator, environment: dict[str, Value]) -> dict[str, Value]:
    size = len(recipe.matrix)
    step = evaluate(recipe.step, environment)
    entries = [
        np.asarray(evaluate(entry, environment) * step, dtype=float)
        for row in recipe.matrix
        for entry in row
    ]
    shape = np.broadcast_shapes(*(entry.shape for entry in entries))
    stacked = np.stack([np.broadcast_to(entry, shape) for entry in entries], axis=-1)
    if not np.all(np.isfinite(stacked)):
        return {name: np.float64("nan") for name, *_ in recipe.outputs}
    found = increment_of_exponential(stacked.reshape(*shape, size, size))
    return {
        name: _plain(found[..., row, column] + (1.0 if whole else 0.0))
        for name, row, column, whole in recipe.outputs
    }


def _plain(value: ArrayLike) -> Value:
    array = np.asarray(value, dtype=float)
    return float(array) if array.ndim == 0 else array


def _not_finite(step_map: StepMap, name: str, environment: Mapping[str, Value]) -> EquationError:
    """The parameters to blame: those that ``name`` follows from, the zeros among them first."""
    parts = _parts_of(step_map)
    found, waiting = {name}, [name]
    while waiting:
        for part in parts.get(waiting.pop(), set()) - found:
            found.add(part)
            waiting.append(part)
    used = [slot.name for slot in step_map.parameters if slot.name in found]
    zeros = [part for part in used if np.any(np.equal(environment[part], 0.0))]
    listed = ", ".join(f"`{part}`" for part in (zeros or used)[:6])
    remedy = "look for a division by zero or an overflow"
    if listed:
        remedy = f"{listed} must not be 0" if zeros else f"change {listed}"
    return EquationError(f"a constant of {step_map.model} is not a finite number", remedy=remedy)


def _parts_of(step_map: StepMap) -> dict[str, set[str]]:
    """Constant -> the names that its recipe reads."""
    found: dict[str, set[str]] = {}
    for recipe in step_map.recipes:
        if isinstance(recipe, Derived):
            found[recipe.name] = names(recipe.value)
        else:
            read = {name for row in recipe.matrix for entry in row for name in names(entry)}
            found |= {output[0]: read | names(recipe.step) for output in recipe.outputs}
    return found
