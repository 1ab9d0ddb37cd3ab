"""The plain loop: fifteen lines of PyTorch, no library.  What all others are compared with."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from training_torch import run
from training_work import numbers

from workbench.bench.loops import LIFLoop


def each(layer, x: torch.Tensor) -> torch.Tensor:
    """A layer without state over [T, B, ...], time and batch as one."""
    return layer(x.flatten(0, 1)).unflatten(0, x.shape[:2])


def forward(
    x: torch.Tensor,
    weights: list[torch.Tensor],
    layer: torch.nn.Module,
    linear: Callable[..., torch.Tensor] = F.linear,
) -> torch.Tensor:
    """The spikes of the last layer; ``layer`` makes spikes of the input of neurons."""
    if len(weights) < 3:
        return layer(each(lambda part: linear(part, weights[0]), x) if weights else x)
    for weight in weights[:2]:
        x = layer(each(lambda part, weight=weight: F.conv2d(part, weight, padding=1), x))
        x = each(lambda part: F.avg_pool2d(part, 2), x)
    return layer(each(lambda part: linear(part.flatten(1), weights[2]), x))


if __name__ == "__main__":
    run(numbers(sys.argv[1]), partial(forward, layer=LIFLoop()))
