"""Ours: layers of `engine.deep`, run by an interpreter that has this program."""

from __future__ import annotations

import sys

import torch
from training_loop import forward
from training_torch import run
from training_work import SLOPE, TAU, THRESHOLD, numbers

from engine.deep import InSlices, Spiking
from engine.deep.linear import linear

SLICE = 16  # samples of the convolutional net that are worked through together


def lif() -> Spiking:
    """v <- v - v/tau + x, reset by subtraction."""
    return Spiking(
        "lif_discrete",
        surrogate=("atan", {"alpha": SLOPE}),
        tau=TAU,
        v_th=THRESHOLD,
        decay_input=0,
        soft_reset=1,
    )


class Network(torch.nn.Module):
    """The layers of a row with the weights of a request."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = lif()
        self.weights: list[torch.Tensor] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The spikes of the last layer."""
        return forward(x, self.weights, self.layer, linear)


def main() -> None:
    """Serve a row."""
    network = Network()
    whole = InSlices(network, SLICE) if sys.argv[1] == "c" else network

    def forward_of(x: torch.Tensor, weights: list[torch.Tensor]) -> torch.Tensor:
        network.weights = weights
        return whole(x)

    run(numbers(sys.argv[1]), forward_of)


if __name__ == "__main__":
    main()
