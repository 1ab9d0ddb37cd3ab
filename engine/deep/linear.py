"""A linear layer whose products are made by the library that is fast on this processor.

PyTorch multiplies matrices with MKL, which uses 512-bit instructions on its maker's processors
only; oneDNN, which PyTorch carries for convolutions, asks the processor.  On others that have
them it takes half the time.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WORTH_IT = 1_000_000  # multiplications from which oneDNN's longer way to the product pays


class Linear(nn.Linear):
    """`torch.nn.Linear`, the same weights and results but for rounding, on CPUs often faster."""

    def forward(self, input: Tensor) -> Tensor:
        """``input [..., in_features] -> [..., out_features]``."""
        return linear(input, self.weight, self.bias)


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``x @ weight.T + bias`` of x [..., in], weight [out, in], bias [out]."""
    if not _is_ours(x, weight):
        return F.linear(x, weight, bias)
    found = _Product.apply(x.reshape(-1, x.shape[-1]), weight, bias)
    return found.reshape(*x.shape[:-1], len(weight))


class _Product(torch.autograd.Function):
    """``x [M, K], weight [N, K], bias [N] or None -> x @ weight.T + bias``, any times derivable."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """One product for all rows."""
        ctx.save_for_backward(x, weight)
        return _multiplied(x, weight, bias)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        """Two products at most."""
        (on_result,), (x, weight) = gradients, ctx.saved_tensors
        wants_x, wants_weight, wants_bias = ctx.needs_input_grad
        return (
            _Product.apply(on_result, weight.t(), None) if wants_x else None,
            _Product.apply(on_result.t(), x.t(), None) if wants_weight else None,
            on_result.sum(0) if wants_bias else None,
        )


def _multiplied(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    if x.numel() * len(weight) < WORTH_IT:
        return F.linear(x, weight, bias)
    return torch.ops.mkldnn._linear_pointwise(_dense(x), _dense(weight), bias, "none", [], "")


def _dense(matrix: Tensor) -> Tensor:
    """A matrix or its transpose without gaps: with gaps oneDNN takes a hundred times as long."""
    whole = matrix.is_contiguous() or matrix.t().is_contiguous()
    return matrix if whole else matrix.contiguous()


def _is_ours(x: Tensor, weight: Tensor) -> bool:
    """Whether oneDNN is to multiply: plain float32 on a CPU where that is worth it."""
    plain = type(x) is Tensor and type(weight) in (Tensor, nn.Parameter)
    kinds = x.dtype == weight.dtype == torch.float32 and x.device == weight.device
    whole = x.dim() > 1 and x.numel() > 0 and weight.dim() == 2 and x.shape[-1] == weight.shape[1]
    return (
        (plain and kinds and whole and x.device.type == "cpu")
        and _is_fast()
        and not torch.is_autocast_enabled("cpu")
        and not torch.compiler.is_compiling()
    )


@cache
def _is_fast() -> bool:
    """Whether the processor has 512-bit instructions, and PyTorch a product that uses them."""
    has_them = torch.backends.cpu.get_cpu_capability() == "AVX512"
    return has_them and hasattr(torch.ops.mkldnn, "_linear_pointwise")
