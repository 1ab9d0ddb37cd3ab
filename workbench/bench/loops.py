"""Spiking layers as plain PyTorch loops: what the training kernels are measured against."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn


def atan_slope(distance: Tensor) -> Tensor:
    """The arctangent surrogate, alpha = 2, of a distance x to the threshold: 1/(1 + (pi x)^2)."""
    return 1.0 / (1.0 + (math.pi * distance) ** 2)


class ATan(torch.autograd.Function):
    """A step forward; backward the arctangent surrogate with alpha = 2."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """1 where x >= 0."""
        ctx.save_for_backward(x)
        return (x >= 0).to(x.dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        """The gradient times the slope."""
        return gradients[0] * atan_slope(*ctx.saved_tensors)


class LIFLoop(nn.Module):
    """v <- 0.9 v + x, threshold 1, subtractive reset; [T, ...] -> spikes."""

    def forward(self, x: Tensor) -> Tensor:
        """Spikes of every step."""
        v, spikes = torch.zeros_like(x[0]), []
        for current in x:
            v = 0.9 * v + current
            spike = ATan.apply(v - 1.0)
            v = v - spike
            spikes.append(spike)
        return torch.stack(spikes)


class LinearLIFLoop(nn.Module):
    """A linear layer and `LIFLoop`'s neurons, step by step."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.linear = linear

    def forward(self, x: Tensor) -> Tensor:
        """Spikes of every step."""
        v: Tensor | float = 0.0
        spikes = []
        for current in x:
            v = 0.9 * v + self.linear(current)
            spike = ATan.apply(v - 1.0)
            v = v - spike
            spikes.append(spike)
        return torch.stack(spikes)


class IzhikevichLoop(nn.Module):
    """Izhikevich 2003, regular spiking, by the published scheme with steps of 1 ms."""

    def forward(self, x: Tensor) -> Tensor:
        """Spikes of every step."""
        v, spikes = torch.full_like(x[0], -65.0), []
        u = 0.2 * v
        for current in x:
            for _ in range(2):
                v = v + 0.5 * (0.04 * v * v + 5.0 * v + 140.0 - u + current)
            u = u + 0.02 * (0.2 * v - u)
            spike = ATan.apply(v - 30.0)
            v = v + spike * (-65.0 - v)
            u = u + 8.0 * spike
            spikes.append(spike)
        return torch.stack(spikes)


class AdExLoop(nn.Module):
    """AdEx of Brette & Gerstner 2005 by forward Euler with steps of 0.1 ms."""

    def forward(self, x: Tensor) -> Tensor:
        """Spikes of every step."""
        v, spikes = torch.full_like(x[0], -70.6), []
        w = torch.zeros_like(v)
        for current in x:
            at = v.clamp(max=0.0)
            leak = 30.0 * (-70.6 - at) + 60.0 * torch.exp((at + 50.4) / 2.0)
            rise = 4.0 * (at + 70.6) - w
            v = v + 0.1 / 281.0 * (leak - w + current)
            w = w + 0.1 / 144.0 * rise
            spike = ATan.apply(v - 0.0)
            v = v + spike * (-70.6 - v)
            w = w + 80.5 * spike
            spikes.append(spike)
        return torch.stack(spikes)


class OwnLoop(nn.Module):
    """A quadratic neuron with adaptation that somebody might have made up, by forward Euler."""

    def forward(self, x: Tensor) -> Tensor:
        """Spikes of every step."""
        v, spikes = torch.zeros_like(x[0]), []
        w = torch.zeros_like(v)
        for current in x:
            change = (v * v + 0.5 * v - w + current) / 10.0
            w = w + (0.3 * v - w) / 50.0
            v = v + change
            spike = ATan.apply(v - 1.0)
            v = v + spike * (0.0 - v)
            w = w + 0.2 * spike
            spikes.append(spike)
        return torch.stack(spikes)


class Folded(nn.Module):
    """A layer without memory, applied to all steps at once: [T, B, ...] as one batch."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        """The layer's result, the steps apart again."""
        found = self.layer(x.flatten(0, 1))
        return found.view(*x.shape[:2], *found.shape[1:])
