"""SpikingJelly, all steps at once ('m'), PyTorch backend."""

from __future__ import annotations

import sys

import torch
from spikingjelly.activation_based import functional, layer, neuron, surrogate
from training_torch import run
from training_work import SLOPE, TAU, THRESHOLD, Numbers, numbers


def lif() -> torch.nn.Module:
    """v <- v - v/tau + x, reset by subtraction."""
    return neuron.LIFNode(
        tau=TAU,
        decay_input=False,
        v_threshold=THRESHOLD,
        v_reset=None,
        surrogate_function=surrogate.ATan(SLOPE),
        step_mode="m",
    )


def network(given: Numbers) -> torch.nn.Sequential:
    """The layers of a row, as the library's own."""
    if not given.weights:
        return torch.nn.Sequential(lif())
    if len(given.weights) == 1:
        return torch.nn.Sequential(layer.Linear(512, 512, bias=False, step_mode="m"), lif())
    return torch.nn.Sequential(
        layer.Conv2d(1, 32, 3, padding=1, bias=False, step_mode="m"),
        lif(),
        layer.AvgPool2d(2, step_mode="m"),
        layer.Conv2d(32, 64, 3, padding=1, bias=False, step_mode="m"),
        lif(),
        layer.AvgPool2d(2, step_mode="m"),
        layer.Flatten(step_mode="m"),
        layer.Linear(64 * 7 * 7, 10, bias=False, step_mode="m"),
        lif(),
    )


def main() -> None:
    """Serve a row."""
    given = numbers(sys.argv[1])
    made = network(given)

    def forward(x: torch.Tensor, weights: list[torch.Tensor]) -> torch.Tensor:
        if made_weights != weights:
            adopt(weights)
        functional.reset_net(made)
        return made(x)

    made_weights: list[torch.Tensor] = []
    holders = [part for part in made if hasattr(part, "weight")]

    def adopt(weights: list[torch.Tensor]) -> None:
        made_weights[:] = weights
        for part, weight in zip(holders, weights, strict=True):
            part.weight = weight

    run(given, forward)


if __name__ == "__main__":
    main()
