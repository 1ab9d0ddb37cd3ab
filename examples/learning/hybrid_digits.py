"""A hybrid network: a layer of rates, a layer of spiking neurons and a read-out, trained as one.

The rates (ReLU) are the currents of the spiking neurons; surrogate gradients go through the spikes
to the weights before them.  Beside it the same network without spikes, and with spikes alone.
MNIST is read from the folder that WORKBENCH_DATA names (a data set).  From above: the share of test
digits that are read rightly, and the spikes of the hybrid for one of them.
"""

from functools import cache

import numpy as np
import torch
from showing import digits, progress, show
from torch import Tensor, nn

from engine.deep import Spiking
from workbench.curves import Curve, Panel

STEPS, HIDDEN, BATCH, TEST = 16, 100, 64, 2000
SHOWN = 24  # neurons in the raster
KINDS = ("rates", "hybrid", "spikes")


class Digits(nn.Module):
    """196 pixels, two layers, ten read-outs; ``kind`` says which layers spike.

    Spiking layers see their input for `STEPS` steps; the read-out sees how often they fired.
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(196, HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.out = nn.Linear(HIDDEN, 10)
        self.early = spiking() if kind == "spikes" else nn.ReLU()
        self.late = nn.ReLU() if kind == "rates" else spiking()

    def hidden(self, images: Tensor) -> Tensor:
        """What the second layer does [steps, N, neurons]; one step is enough without spikes."""
        steps = STEPS if isinstance(self.late, Spiking) else 1
        rates = self.early(self.first(images).expand(steps, -1, -1))
        return self.late(self.second(rates))

    def forward(self, images: Tensor) -> Tensor:
        """Ten numbers an image, the largest of which is the answer."""
        return self.out(self.hidden(images).mean(0))


def spiking() -> Spiking:
    """Neurons with a memory of four steps, which lose v_th at a spike."""
    return Spiking("lif_discrete", tau=4.0, decay_input=0, soft_reset=1)


@cache
def pixels(part: str, count: int) -> tuple[Tensor, Tensor]:
    """Images [count, 196] of half the resolution, 0 to 1, and labels."""
    images, labels = digits(part, count)
    small = images.reshape(-1, 14, 2, 14, 2).mean((2, 4)).reshape(-1, 196) / 255
    return torch.tensor(small, dtype=torch.float32), torch.tensor(labels)


def trained(kind: str, count: int, epochs: int, seed: int) -> tuple[Digits, list[float]]:
    """The network after ``epochs`` over ``count`` digits, and its share of right tests by epoch."""
    torch.manual_seed(seed)
    net, (images, labels) = Digits(kind), pixels("train", count)
    tests, answers = pixels("t10k", TEST)
    optimiser, right = torch.optim.Adam(net.parameters(), 2e-3), []
    for epoch in range(epochs):
        for batch in torch.randperm(count).split(BATCH):
            optimiser.zero_grad()
            nn.functional.cross_entropy(net(images[batch]), labels[batch]).backward()
            optimiser.step()
        with torch.no_grad():
            right.append(float((net(tests).argmax(1) == answers).float().mean()))
        progress((epoch + 1) / epochs, f"{kind}, seed {seed}: {right[-1]:.1%}")
    return net, right


def run(quick: bool) -> tuple[str, list[Panel]]:
    """All three kinds on the same digits."""
    count, epochs, seeds = (1000, 2, 1) if quick else (4000, 5, 2)
    curves, ends, hybrid = [], {}, None
    for kind in KINDS:
        runs = [trained(kind, count, epochs, seed) for seed in range(seeds)]
        right = np.mean([shares for _, shares in runs], axis=0)
        hybrid = runs[0][0] if kind == "hybrid" else hybrid
        curves.append(Curve(np.arange(1, epochs + 1), right, kind))
        ends[kind] = right[-1]
    assert hybrid is not None
    with torch.no_grad():
        spikes = hybrid.hidden(pixels("t10k", 1)[0])[:, 0]
    at, who = np.nonzero(spikes[:, :SHOWN].numpy())
    words = (
        f"Hybrid network on MNIST: {ends['hybrid']:.1%} of {TEST} test digits after {count} digits "
        f"{epochs} times; with rates alone {ends['rates']:.1%}, with spikes alone "
        f"{ends['spikes']:.1%}; a neuron fires {spikes.mean():.2f} spikes a step"
    )
    return words, [
        Panel(curves, "epoch", "share read rightly"),
        Panel([Curve(at + 1, who, "", "ticks")], "step", "spiking neuron"),
    ]


if __name__ == "__main__":
    show("hybrid_digits", __doc__ or "", run)
