"""snnTorch, a step at a time as its tutorials do; it resets one step later than the others.

Its reset is not differentiated (it is detached, and there is no choice).
"""

from __future__ import annotations

import sys

import snntorch
import torch
import torch.nn.functional as F
from snntorch import surrogate
from training_torch import run
from training_work import DECAY, SLOPE, THRESHOLD, numbers


def lif() -> snntorch.Leaky:
    """v <- 0.9 v + x, reset by subtraction."""
    spike = surrogate.atan(alpha=SLOPE)
    return snntorch.Leaky(
        beta=DECAY, threshold=THRESHOLD, spike_grad=spike, reset_mechanism="subtract"
    )


def main() -> None:
    """Serve a row."""
    given = numbers(sys.argv[1])
    layers = [lif() for _ in range(max(1, len(given.weights)))]

    def step(x: torch.Tensor, weights: list[torch.Tensor], v: list[torch.Tensor]) -> torch.Tensor:
        for place, weight in enumerate(weights or [None]):
            if weight is not None and weight.ndim == 4:
                x = F.conv2d(x, weight, padding=1)
            elif weight is not None:
                x = F.linear(x.flatten(1), weight)
            x, v[place] = layers[place](x, v[place])
            if weight is not None and weight.ndim == 4:
                x = F.avg_pool2d(x, 2)
        return x

    def forward(x: torch.Tensor, weights: list[torch.Tensor]) -> torch.Tensor:
        v = [layer.reset_mem() for layer in layers]
        # unbind, not x[t]: the gradient of a slice would make the backward pass quadratic
        return torch.stack([step(xt, weights, v) for xt in x.unbind()])

    run(given, forward)


if __name__ == "__main__":
    main()
