"""Parameters that choose among equations, built into them: a kernel computes only what is chosen.

A neuron with a soft and a hard reset has one declaration; a population has one of the two, and its
kernel neither tests which nor loads the other's numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.equations.algebra import simplify
from engine.equations.evaluate import evaluate
from engine.equations.language import is_condition
from engine.equations.system import System
from engine.equations.tree import Binary, Call, Expr, Name, Number, Unary, names, substitute

_SWAPPED = {">": ">=", "<": "<="}


def with_options(system: System, values: Mapping[str, float]) -> System:
    """``system`` with the parameters in ``values`` (in their declared units) as plain numbers."""
    numbers: dict[str, Expr] = {
        name: Number(value * system.parameters[name].factor) for name, value in values.items()
    }
    if not numbers:
        return system

    def built_in(expr: Expr) -> Expr:
        if not names(expr) & numbers.keys():
            return expr
        return simplify(decided(substitute(expr, numbers)))

    reset = [(state, built_in(value)) for state, value in system.reset]

    def of(trees: Mapping[str, Expr]) -> dict[str, Expr]:
        return {name: built_in(tree) for name, tree in trees.items()}

    return replace(
        system,
        derivatives=of(system.derivatives),
        aliases=of(system.aliases),
        updates=of(system.updates),
        jumps=of(system.jumps),
        caps=of(system.caps),
        threshold=built_in(system.threshold) if system.threshold is not None else None,
        hazard=built_in(system.hazard) if system.hazard is not None else None,
        clamp=built_in(system.clamp) if system.clamp is not None else None,
        refractory=built_in(system.refractory) if system.refractory is not None else None,
        reset=tuple((state, value) for state, value in reset if value != Name(state)),
    )


def decided(expr: Expr) -> Expr:
    """``expr`` without the conditions that hold or fail whatever happens."""
    match expr:
        case Unary():
            return Unary(expr.op, decided(expr.operand), expr.span)
        case Binary(op="and" | "or"):
            return _joined(expr.op, decided(expr.left), decided(expr.right))
        case Binary():
            return Binary(expr.op, decided(expr.left), decided(expr.right), expr.span)
        case Call(function="where"):
            condition, then, other = (decided(argument) for argument in expr.arguments)
            held = _truth(condition)
            if held is None:
                return Call("where", (condition, then, other), expr.span)
            return then if held else other
        case Call():
            arguments = tuple(decided(argument) for argument in expr.arguments)
            return Call(expr.function, arguments, expr.span)
    return expr


def _joined(op: str, left: Expr, right: Expr) -> Expr:
    """``left and right`` or ``left or right``; ``a > b or a == b`` is ``a >= b``."""
    weak = op == "and"  # the truth of one side that leaves the other to decide
    for one, other in ((left, right), (right, left)):
        truth = _truth(one)
        if truth is not None:
            return other if truth is weak else one
    if op == "or" and isinstance(left, Binary) and left.op in _SWAPPED:
        equal = Binary("==", left.left, left.right)
        if right == equal:
            return Binary(_SWAPPED[left.op], left.left, left.right, left.span)
    return Binary(op, left, right)


def _truth(expr: Expr) -> bool | None:
    """Whether the condition ``expr`` holds, None if that depends on something."""
    return bool(evaluate(expr, {})) if is_condition(expr) and not names(expr) else None
