"""Training written out twice, to compare kernels with: NumPy by the adjoint, torch by autograd."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from engine.backends.torch_reference import DTYPE, evaluate, torch_step
from engine.equations.adjoint import LATER, SPIKE, Adjoint, at_cut, before, carried, gradient
from engine.equations.evaluate import evaluate as by_numpy
from engine.equations.evaluate import execute
from engine.equations.stepmap import StepMap
from engine.equations.tree import Expr, Number

Arrays = dict[str, np.ndarray]


class Surrogate(torch.autograd.Function):
    """A function of the distance of which only the derivative, ``slope``, is of interest."""

    @staticmethod
    def forward(ctx: Any, distance: torch.Tensor, slope: Expr) -> torch.Tensor:
        ctx.save_for_backward(distance)
        ctx.slope = slope
        return torch.zeros_like(distance)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> Any:
        (distance,) = ctx.saved_tensors
        return gradients[0] * evaluate(ctx.slope, {"x": distance}), None


def by_autograd(
    step_map: StepMap,
    slope: Expr | None,
    constants: dict[str, torch.Tensor],
    state: torch.Tensor,
    drive: dict[str, torch.Tensor],
    dt: float,
    detach_reset: bool = False,
) -> tuple[torch.Tensor, dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Spikes [T, N], the last state, and every state after each step [T, N], differentiable."""
    surrogate = None if slope is None else lambda distance: Surrogate.apply(distance, slope)
    step = torch_step(step_map, surrogate, detach_reset)
    steps, size = next(iter(drive.values())).shape
    values = dict(zip(step_map.states, state, strict=True))
    spikes, traces = [], []
    for t in range(steps):
        given = {port.name: torch.zeros(size, dtype=DTYPE) for port in step_map.inputs}
        given |= {name: rows[t] for name, rows in drive.items()}
        given |= {"dt": torch.tensor(dt, dtype=DTYPE), **constants, **values}
        values, spike = step(given)
        spikes.append(spike.expand(size))
        traces.append(values)
    stacked = {
        name: torch.stack([found[name].expand(size) for found in traces])
        for name in step_map.states
    }
    return torch.stack(spikes), values, stacked


def forward(
    found: Adjoint, constants: Arrays, state: np.ndarray, drive: Arrays, dt: float
) -> tuple[np.ndarray, Arrays, list[Arrays]]:
    """Spikes [T, N], the last state, and what is kept at every cut, row 0 first."""
    step_map = found.step_map
    steps, size = next(iter(drive.values())).shape
    values: Arrays = dict(zip(step_map.states, state, strict=True))
    spikes, kept = [], [_kept(found, {**constants, **values, LATER: np.zeros(size, bool)})]
    for t in range(steps):
        names = {port.name: np.zeros(size) for port in step_map.inputs}
        names |= {name: rows[t] for name, rows in drive.items()}
        names |= {"dt": np.float64(dt), **constants, **values}
        execute((*step_map.update, *step_map.jumps), names)
        kept.append(_kept(found, names | {LATER: np.ones(size, bool)}))
        spike = np.zeros(size, bool)
        if step_map.threshold is not None:
            spike = np.broadcast_to(by_numpy(step_map.threshold, names), (size,))
        after = dict(names)
        execute(step_map.reset, after)
        values = {s: np.where(spike, after[s], names[s]) for s in step_map.states}
        spikes.append(spike.astype(float))
    return np.stack(spikes), values, kept


def _kept(found: Adjoint, names: Arrays) -> Arrays:
    names = dict(names)
    execute(found.bits, names)
    return {name: names[name] for name in (*found.keep, *(bit.target for bit in found.bits))}


def backward(
    found: Adjoint,
    constants: Arrays,
    drive: Arrays,
    dt: float,
    kept: list[Arrays],
    spike_gradient: np.ndarray,
    trace_gradients: Arrays,
    last: Arrays | None = None,
) -> tuple[Arrays, Arrays, Arrays]:
    """Gradients: of the first state, of the inputs [T, N], of the constants (summed over T)."""
    steps, size = spike_gradient.shape
    states = {state: np.zeros(size) for state in found.active} | (last or {})
    inputs = {name: np.zeros((steps, size)) for name, _ in found.inputs}
    on_constants = {name: np.zeros(size) for name, _ in found.constants}
    for t in reversed(range(steps)):
        names: Arrays = {"dt": np.float64(dt), LATER: np.full(size, t > 0), **constants}
        names |= {port.name: np.zeros(size) for port in found.step_map.inputs}
        names |= {name: rows[t] for name, rows in drive.items()}
        names |= {at_cut(name): row for name, row in kept[t + 1].items()}
        names |= {before(name): row for name, row in kept[t].items()}
        names |= {carried(state): row for state, row in states.items()}
        names |= {gradient(name): rows[t] for name, rows in trace_gradients.items()}
        names[SPIKE] = spike_gradient[t]
        names = {name: value for name, value in names.items() if name in found.reads}
        execute(found.body, names)
        states = {state: _row(atom, names, size) for state, atom in found.states}
        for name, atom in found.inputs:
            inputs[name][t] = _row(atom, names, size)
        for name, atom in found.constants:
            on_constants[name] += _row(atom, names, size)
    return states, inputs, on_constants


def _row(atom: Expr, names: Arrays, size: int) -> np.ndarray:
    value = atom.value if isinstance(atom, Number) else by_numpy(atom, names)
    return np.broadcast_to(value, (size,))
