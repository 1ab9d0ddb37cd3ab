"""A network with a layer of rates and one of spikes, trained on digits as one; torch alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.deep import Spiking
from engine.learning.course import Cancel, Progress, Trained, Watch, follow
from workbench.studio.digits import digits, halved

STEPS, HIDDEN, BATCH, TEST = 16, 100, 64, 2000
SLICE = 500  # test digits between two looks at whether to stop
Weights = dict[str, NDArray[np.float32]]


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

    def fired(self, number: int = 0) -> NDArray[np.float32]:
        """What the second layer does [steps, neurons] at test digit ``number``."""
        with torch.no_grad():
            return self.hidden(pixels("t10k", number + 1)[0][number:])[:, 0].numpy()


def spiking() -> Spiking:
    """Neurons with a memory of four steps, which lose v_th at a spike."""
    return Spiking("lif_discrete", tau=4.0, decay_input=0, soft_reset=1)


@cache
def pixels(part: str, count: int) -> tuple[Tensor, Tensor]:
    """Images [count, 196] of half the resolution, 0 to 1, and labels."""
    images, labels = digits(part, count)
    return torch.tensor(halved(images), dtype=torch.float32), torch.tensor(labels)


class Course:
    """A network that learns ``count`` digits again and again: `train` it."""

    def __init__(self, kind: str, count: int, seed: int, rate: float = 2e-3) -> None:
        torch.manual_seed(seed)
        self.kind, self.count, self.rate = kind, count, rate
        self.net = Digits(kind)
        # Orders go on from there, whatever others draw meanwhile.
        self.random = torch.Generator()
        self.random.set_state(torch.get_rng_state())
        self.losses: list[float] = []  # of each batch
        self.right: list[float] = []  # share of test digits after each epoch

    def train(
        self,
        epochs: int,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        watch: Watch | None = None,
    ) -> Trained[Weights]:
        """Learn ``epochs`` times; the error is the share of test digits read wrongly after each.

        Raises DataError where there are no digits, RunStopped where weights explode.
        """
        return follow(
            self._epochs(), self._weights(), epochs, progress=progress, cancel=cancel, watch=watch,
            text=f"network of {self.kind}", measure="share read wrongly",
        )  # fmt: skip

    def _weights(self) -> Weights:
        return {name: value.detach().numpy().copy() for name, value in self.net.named_parameters()}

    def _epochs(self) -> Iterator[tuple[Weights, float | None]]:
        images, labels = pixels("train", self.count)
        tests, answers = pixels("t10k", TEST)
        optimiser = torch.optim.Adam(self.net.parameters(), self.rate)
        while True:
            for batch in torch.randperm(self.count, generator=self.random).split(BATCH):
                optimiser.zero_grad()
                loss = nn.functional.cross_entropy(self.net(images[batch]), labels[batch])
                loss.backward()
                optimiser.step()
                self.losses.append(loss.item())
                yield self._weights(), None
            correct = 0
            for part in range(0, TEST, SLICE):
                with torch.no_grad():
                    found = self.net(tests[part : part + SLICE]).argmax(1)
                correct += int((found == answers[part : part + SLICE]).sum())
                yield self._weights(), None
            self.right.append(correct / TEST)
            yield self._weights(), 1.0 - self.right[-1]
