"""A step map for neurons at some of whose ports nothing ever arrives.

Every model has a port for a current and most have two for spikes; few networks use all of them.  A
kernel that does not read an empty row moves a tenth less memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from engine.equations.algebra import ZERO, simplify
from engine.equations.stepmap import StepMap
from engine.equations.tree import Assign, Expr, Name, names, substitute


def without(step_map: StepMap, ports: Collection[str]) -> StepMap:
    """``step_map`` with 0 for the input at each of ``ports``; inputs, states and constants stay."""
    zero: dict[str, Expr] = {port.name: ZERO for port in step_map.inputs if port.port in ports}
    if not zero:
        return step_map
    return replace(
        step_map,
        update=tuple(_without(step_map.update, zero)),
        jumps=tuple(_without(step_map.jumps, zero)),
    )


def _without(program: Iterable[Assign], zero: dict[str, Expr]) -> Iterable[Assign]:
    for assign in program:
        value = assign.value
        if names(value) & zero.keys():
            value = simplify(substitute(value, zero))
        if value != Name(assign.target):
            yield Assign(assign.target, value)
