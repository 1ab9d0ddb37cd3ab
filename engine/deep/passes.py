"""The training kernels as one differentiable function of torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from engine.backends.numba_cpu.training import Kept, Passed, TrainingKernels
from engine.deep.work import Work, gradient_rows, of_constants


def passed(
    work: Work[TrainingKernels], drive: Tensor, state: Tensor, constants: Sequence[Tensor]
) -> tuple[Tensor, ...]:
    """Spikes, last state and traces, as `Passes` gives them; past autograd where nothing is to be
    differentiated."""
    if work.keep:
        return Passes.apply(work, drive, state, *constants)
    return _tensors(_forward(work, drive, state))


def _forward(work: Work[TrainingKernels], drive: Tensor, state: Tensor) -> Passed:
    rows = [drive.detach().numpy(), *(draw.numpy() for draw in work.draws)]
    start = state.detach().numpy()
    return work.kernels.forward(rows, start, work.constants, work.dt, work.keep)


def _tensors(done: Passed) -> tuple[Tensor, ...]:
    return tuple(torch.from_numpy(result) for result in (done.spikes, done.state, *done.traces))


class Passes(torch.autograd.Function):
    """``work, drive [T, N], state [S, N], *constants -> spikes, last state, *traces``.

    ``constants`` are those that the adjoint has gradients for, in its order; their values are taken
    from ``work``, which has them as the simulation does.
    """

    @staticmethod
    def forward(
        ctx: Any, work: Work[TrainingKernels], drive: Tensor, state: Tensor, *constants: Tensor
    ) -> Any:
        """Run the steps, and keep what backward needs."""
        done = _forward(work, drive, state)
        ctx.set_materialize_grads(False)
        ctx.work, ctx.shapes = work, [constant.shape for constant in constants]
        if done.kept is not None:
            # Saved as tensors, so that torch frees them after backward and refuses a second one.
            kept = torch.from_numpy(done.kept.rows), torch.from_numpy(done.kept.bits)
            rows = [drive, *work.draws] if work.kernels.reads_drive else []
            ctx.save_for_backward(*kept, *rows)
        return _tensors(done)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor | None) -> Any:
        """Gradients of the drive, the first state and the constants."""
        work, (rows, bits, *drive) = ctx.work, ctx.saved_tensors
        kernels, found = work.kernels, work.kernels.found
        shape = (rows.shape[0] - 1, rows.shape[2])
        on_spikes, on_state, *on_traces = gradients
        states = kernels.step_map.states
        on_last = {}
        if on_state is not None:
            on_last = {name: on_state[states.index(name)].numpy() for name in found.active}
        back = kernels.backward(
            Kept(rows.numpy(), bits.numpy(), [one.numpy() for one in drive]),
            work.constants,
            work.dt,
            gradient_rows(on_spikes, shape, rows).numpy(),
            [gradient_rows(one, shape, rows).numpy() for one in on_traces],
            on_last,
        )
        on_first = None
        if ctx.needs_input_grad[2]:
            on_first = torch.zeros(len(states), shape[1], dtype=rows.dtype)
            for state, row in back.state.items():
                on_first[states.index(state)] = torch.from_numpy(row)
        on_drive = torch.from_numpy(back.inputs[0]) if back.inputs else None
        on_constants = map(torch.from_numpy, back.constants.values())
        return None, on_drive, on_first, *of_constants(on_constants, ctx.shapes)
