"""The training kernels of the CUDA backend as one differentiable function of torch.

Tensors are used where they lie, on torch's current stream; results are tensors of torch.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from engine.backends.cuda.device import Device
from engine.backends.cuda.training import CudaTraining, Kept
from engine.backends.cuda.training_printer import Kind
from engine.deep.work import Work, gradient_rows, of_constants
from engine.equations.adjoint import Adjoint
from engine.equations.stepmap import StepMap
from engine.errors import BackendError

# Type of the drive -> what is computed with, what rows are stored in.
KINDS = {
    torch.float64: Kind("float64", "float64"),
    torch.float32: Kind("float32", "float32"),
    torch.float16: Kind("float32", "float16"),
    torch.bfloat16: Kind("float32", "bfloat16"),
}


def training_kernels(
    step_map: StepMap,
    given: tuple[str, ...],
    found: Adjoint | None,
    traces: tuple[str, ...],
    like: Tensor,
    device: Device | None = None,
) -> CudaTraining:
    """Kernels for drives such as ``like``, on its GPU or on ``device``.

    Rows of 16 bits are computed with in float32.  Raises `BackendError` for another type, and
    where there is no GPU or no CuPy.
    """
    if like.dtype not in KINDS:
        names = ", ".join(str(kind).removeprefix("torch.") for kind in KINDS)
        raise BackendError(f"a drive of {like.dtype} cannot be trained on; use one of {names}")
    if device is None:
        from engine.backends.registry import require_device

        require_device("cuda")
        from engine.backends.cuda.gpu import GpuDevice

        device = GpuDevice()
    where = like.device

    def room(shape: tuple[int, ...], kind: str) -> Tensor:
        return torch.empty(shape, dtype=getattr(torch, kind), device=where)

    return CudaTraining(device, step_map, KINDS[like.dtype], given, found, traces, room)


class DevicePasses(torch.autograd.Function):
    """``work, drive [T, N], state [S, N], *constants -> spikes, last state, *traces``.

    ``constants`` are those that the adjoint has gradients for, in its order; their values are taken
    from ``work``.
    """

    @staticmethod
    def forward(
        ctx: Any, work: Work[CudaTraining], drive: Tensor, state: Tensor, *constants: Tensor
    ) -> Any:
        """Run the steps; keep what backward needs if anything is to be differentiated."""
        with torch.cuda.device_of(drive):
            done = work.kernels.forward(
                [drive.detach(), *work.draws],
                state.detach().contiguous(),
                work.constants,
                work.dt,
                work.keep,
            )
        ctx.set_materialize_grads(False)
        ctx.work, ctx.shapes = work, [constant.shape for constant in constants]
        if done.kept is not None:
            bits = [] if done.kept.bits is None else [done.kept.bits]
            ctx.save_for_backward(drive, done.kept.rows, *bits)
        return (done.spikes, done.state, *done.traces)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor | None) -> Any:
        """Gradients of the drive, the first state and the constants."""
        work, (drive, rows, *bits) = ctx.work, ctx.saved_tensors
        found, states = work.kernels.found, work.kernels.step_map.states
        on_spikes, on_state, *on_traces = gradients
        places = [states.index(name) for name in found.active]
        with torch.cuda.device_of(drive):
            back = work.kernels.backward(
                Kept(rows, bits[0] if bits else None, [drive, *work.draws]),
                work.constants,
                work.dt,
                gradient_rows(on_spikes, drive.shape, drive),
                [gradient_rows(one, drive.shape, drive) for one in on_traces],
                None if on_state is None or not places else on_state[places],
            )
        on_first = None
        if ctx.needs_input_grad[2]:
            on_first = torch.zeros(
                len(states), drive.shape[1], dtype=back.state.dtype, device=drive.device
            )
            on_first[places] = back.state
        on_drive = back.inputs[0] if back.inputs else None
        return None, on_drive, on_first, *of_constants(back.constants, ctx.shapes)
