"""What the libraries on PyTorch share: one thread, tensors, and a pass with or without gradient."""

from __future__ import annotations

from collections.abc import Callable

import torch
from training_work import Answer, Numbers, serve


def run(
    given: Numbers, forward: Callable[[torch.Tensor, list[torch.Tensor]], torch.Tensor]
) -> None:
    """Serve ``forward(x, weights) -> spikes``; gradients are those of weights, else of x."""
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    x, factors = torch.from_numpy(given.x), torch.from_numpy(given.factors)
    weights = [torch.nn.Parameter(torch.from_numpy(weight)) for weight in given.weights]
    wanted = weights or [x.requires_grad_()]

    def without() -> Answer:
        with torch.no_grad():
            return Answer(float(forward(x, weights).mean()))

    def both() -> Answer:
        for one in wanted:
            one.grad = None
        spikes = forward(x, weights)
        spikes.backward(factors)
        sizes = [float(one.grad.abs().sum()) for one in wanted if one.grad is not None]
        return Answer(float(spikes.detach().mean()), sum(sizes))

    serve(without, both)
