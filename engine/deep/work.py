"""What a pass over [T, N] is called with, and how gradients go in and out, on any device."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch
from torch import Tensor

from engine.runtime.plan import Constant

Kernels = TypeVar("Kernels")


@dataclass
class Work(Generic[Kernels]):
    """One call of a layer: its kernels, its numbers, and whether it is to be differentiated."""

    kernels: Kernels
    constants: Mapping[str, Constant]
    dt: float
    keep: bool
    draws: tuple[Tensor, ...] = ()  # [T, N], random numbers that are inputs beside the drive


def gradient_rows(gradient: Tensor | None, shape: Sequence[int], like: Tensor) -> Tensor:
    """A gradient [T, N] as the kernels read it: neurons side by side, steps at any distance."""
    if gradient is None:
        return torch.zeros((1, shape[1]), dtype=like.dtype, device=like.device).expand(*shape)
    if gradient.stride(1) != 1 and gradient.shape[1] > 1:
        if gradient.stride(0) == 0:
            return gradient[:1].contiguous().expand(*shape)
        return gradient.contiguous()
    return gradient


def of_constants(rows: Iterable[Tensor], shapes: Iterable[Sequence[int]]) -> list[Tensor]:
    """Gradients of constants, one value a neuron, as those of constants of ``shapes``."""
    return [row if shape else row.sum() for row, shape in zip(rows, shapes, strict=True)]
