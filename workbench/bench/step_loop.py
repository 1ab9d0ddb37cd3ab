"""Any model as a plain PyTorch loop, made from its step map: what its training is measured by.

It is what a person writes who uses no library: every assignment of a step is an expression of
tensors, the spike has the arctangent surrogate, a reset is v + spike (v_reset - v), and autograd
does the rest.  Constants are plain numbers, as a person would have them.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from engine.backends.torch_reference import FUNCTIONS, OPERATORS
from engine.equations.adjoint import distance, other_conditions
from engine.equations.stepmap import StepMap
from engine.equations.tree import Assign, Binary, Call, Expr, Name, Number, Unary
from workbench.bench.loops import atan_slope

Value = Any  # a tensor, a number, or a condition
Scope = dict[str, Value]
Compute = Callable[[Scope], Value]


class Fired(torch.autograd.Function):
    """``distance, fired, free -> fired``; backward the arctangent surrogate of the distance, where
    the other conditions of the threshold leave the neuron ``free``."""

    @staticmethod
    def forward(ctx: Any, distance: Tensor, fired: Tensor, free: Tensor | None) -> Tensor:
        """The spikes as they are."""
        ctx.save_for_backward(distance, *([] if free is None else [free]))
        return fired.to(distance.dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        """The gradient times the slope."""
        x, *free = ctx.saved_tensors
        found = gradients[0] * atan_slope(x)
        return found * free[0] if free else found, None, None


class StepLoop(nn.Module):
    """The neurons of ``step_map``; [T, ...] of their current -> spikes, or the state ``trace``.

    ``constants`` and the first state, ``start``, are numbers that all neurons share; ``dt`` in ms.
    """

    def __init__(
        self,
        step_map: StepMap,
        constants: Mapping[str, float],
        start: Mapping[str, float],
        dt: float,
        trace: str = "",
    ) -> None:
        super().__init__()
        self.trace, self.start = trace, dict(start)
        self.fixed: Scope = {port.name: 0.0 for port in step_map.inputs} | {**constants, "dt": dt}
        self.update = _program((*step_map.update, *step_map.jumps))
        self.threshold = step_map.threshold and _compute(step_map.threshold)
        if step_map.threshold is not None:
            self.distance = _compute(distance(step_map.threshold))
            self.others = [_compute(other) for other in other_conditions(step_map.threshold)]
        self.reset = _program(step_map.reset)

    def forward(self, x: Tensor) -> Tensor:
        """Spikes, or the trace, of every step."""
        state = {name: torch.full_like(x[0], value) for name, value in self.start.items()}
        found = []
        for step, current in enumerate(x):
            scope = {**self.fixed, **state, "in_current": current, "t": step * self.fixed["dt"]}
            for target, value in self.update:
                scope[target] = value(scope)
            spike = self._spike(scope, current)
            self._reset(scope, spike)
            state = {name: scope[name] for name in state}
            found.append(state[self.trace] if self.trace else spike)
        return torch.stack(found)

    def _spike(self, scope: Scope, like: Tensor) -> Tensor:
        if self.threshold is None:
            return torch.zeros_like(like)
        free = None
        for other in self.others:
            free = other(scope) if free is None else free & other(scope)
        return Fired.apply(self.distance(scope), self.threshold(scope), free)

    def _reset(self, scope: Scope, spike: Tensor) -> None:
        after = dict(scope)
        for target, value in self.reset:
            after[target] = value(after)
        for target in dict(self.reset):
            if target in self.start:
                scope[target] = scope[target] + spike * (after[target] - scope[target])


def _program(assigns: tuple[Assign, ...]) -> list[tuple[str, Compute]]:
    return [(assign.target, _compute(assign.value)) for assign in assigns]


def _compute(expr: Expr) -> Compute:
    """``expr`` as a function of the values of its names."""
    match expr:
        case Number(value=value):
            return lambda scope: value
        case Name(name=name):
            return operator.itemgetter(name)
        case Unary():
            inner = _compute(expr.operand)
            if expr.op == "-":
                return lambda scope: -inner(scope)
            return lambda scope: _negated(inner(scope))
        case Binary():
            left, right, act = _compute(expr.left), _compute(expr.right), OPERATORS[expr.op]
            return lambda scope: act(left(scope), right(scope))
        case Call():
            parts, act = [_compute(part) for part in expr.arguments], _FUNCTIONS[expr.function]
            return lambda scope: act(*(part(scope) for part in parts))


def _negated(condition: Value) -> Value:
    return ~condition if isinstance(condition, Tensor) else not condition


def _either(of_tensors: Callable[..., Tensor], of_numbers: Callable[..., float]) -> Compute:
    """The one for tensors where there is any, else the one for numbers."""

    def act(*arguments: Value) -> Value:
        some = any(isinstance(argument, Tensor) for argument in arguments)
        return of_tensors(*arguments) if some else of_numbers(*arguments)

    return act


def _of_tensors(act: Callable[..., Tensor]) -> Callable[[Value, Value], Tensor]:
    """``act`` of two values of which one is a tensor."""

    def made(a: Value, b: Value) -> Tensor:
        like = a if isinstance(a, Tensor) else b
        return act(*(torch.as_tensor(value, dtype=like.dtype) for value in (a, b)))

    return made


def _chosen(condition: Value, then: Value, other: Value) -> Value:
    if isinstance(condition, Tensor):
        return torch.where(condition, then, other)
    return then if condition else other


# What a function of plain numbers is; of tensors it is that of the reference.
_NUMBERS: dict[str, Callable[..., float]] = {
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "exprel": lambda x: math.expm1(x) / x if x else 1.0,
    "sin": math.sin,
    "cos": math.cos,
    "tanh": math.tanh,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "abs": abs,
    "floor": math.floor,
}
_FUNCTIONS: dict[str, Callable[..., Value]] = {
    **{name: _either(FUNCTIONS[name], act) for name, act in _NUMBERS.items()},
    "min": _either(_of_tensors(FUNCTIONS["min"]), min),
    "max": _either(_of_tensors(FUNCTIONS["max"]), max),
    "clip": lambda x, low, high: _FUNCTIONS["min"](_FUNCTIONS["max"](x, low), high),
    "where": _chosen,
}
