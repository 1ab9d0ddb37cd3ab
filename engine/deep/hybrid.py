"""Networks of a layer of rates and one of spikes, trained as one on what they should tell apart.

The rates (ReLU) are the currents of the spiking neurons; surrogate gradients go through the spikes
to the weights before them (Neftci, Mostafa & Zenke 2019, IEEE Signal Processing Magazine 36:51).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from engine.checked import array, choice, number, whole
from engine.deep.spiking import Spiking
from engine.errors import DataError
from engine.learning.checked import labels
from engine.learning.course import Cancel, Progress, Trained, Watch, follow

KINDS = ("rates", "hybrid", "spikes")  # which layers spike: none, the second, both
STEPS, HIDDEN, BATCH = 16, 100, 64
SLICE = 500  # samples of a test between two looks at whether to stop
Weights = dict[str, NDArray[np.float32]]


class Hybrid(nn.Module):
    """Two layers and a read-out; ``kind`` says which layers spike, see `KINDS`.

    Spiking layers see their input for `STEPS` steps; the read-out sees how often they fired.
    """

    def __init__(self, kind: str, inputs: int, classes: int, hidden: int = HIDDEN) -> None:
        super().__init__()
        choice(kind, "kind", KINDS)
        sizes = {"inputs": inputs, "classes": classes, "hidden": hidden}
        inputs, classes, hidden = (whole(size, name) for name, size in sizes.items())
        self.first, self.second = nn.Linear(inputs, hidden), nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, classes)
        self.early = _spiking() if kind == "spikes" else nn.ReLU()
        self.late = nn.ReLU() if kind == "rates" else _spiking()

    def hidden(self, samples: Tensor) -> Tensor:
        """What the second layer does [steps, N, neurons]; one step is enough without spikes."""
        steps = STEPS if isinstance(self.late, Spiking) else 1
        rates = self.early(self.first(samples).expand(steps, -1, -1))
        return self.late(self.second(rates))

    def forward(self, samples: Tensor) -> Tensor:
        """A number a class for each sample, the largest of which is the answer."""
        return self.out(self.hidden(samples).mean(0))

    def fired(self, sample: ArrayLike) -> NDArray[np.float32]:
        """What the second layer does [steps, neurons] at one sample [inputs]."""
        with torch.no_grad():
            return self.hidden(_samples(np.reshape(sample, (1, -1)), "sample"))[:, 0].numpy()


def _spiking() -> Spiking:
    """Neurons with a memory of four steps, which lose v_th at a spike."""
    return Spiking("lif_discrete", tau=4.0, decay_input=0, soft_reset=1)


@dataclass(frozen=True)
class Labelled:
    """Samples [N, inputs] and the class of each, from 0 on."""

    samples: ArrayLike
    classes: ArrayLike


class HybridCourse:
    """A network that learns ``given`` again and again and is asked for ``asked``: `train` it.

    The seed says its weights at the start and the orders in which it sees samples.  Raises
    DataError for samples and classes that do not fit.
    """

    def __init__(
        self, kind: str, given: Labelled, asked: Labelled, seed: int = 0, rate: float = 2e-3
    ) -> None:
        self.kind, self.rate = kind, number(rate, "rate", 0)
        self._given, self._asked = _tensors(given), _tensors(asked)
        inputs, tested = self._given[0].shape[1], self._asked[0].shape[1]
        if inputs != tested:
            raise DataError(
                f"samples to learn have {inputs:,} numbers, those to be asked for {tested:,}; "
                "give both alike"
            )
        torch.manual_seed(whole(seed, "seed", 0))
        classes = 1 + max(int(answers.max()) for _, answers in (self._given, self._asked))
        self.net = Hybrid(kind, inputs, classes)
        # Orders go on from there, whatever others draw meanwhile.
        self._random = torch.Generator()
        self._random.set_state(torch.get_rng_state())
        self.losses: list[float] = []  # of each batch
        self.right: list[float] = []  # share of what is asked that is right, after each epoch

    @property
    def batches(self) -> int:
        """Batches in an epoch."""
        return -(-len(self._given[0]) // BATCH)

    def train(
        self,
        epochs: int,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        watch: Watch | None = None,
    ) -> Trained[Weights]:
        """Learn ``epochs`` times; the error is the share of wrong answers after each.

        Raises DataError, or RunStopped where weights explode.
        """
        return follow(
            self._epochs(), self._weights(), whole(epochs, "epochs"), progress=progress,
            cancel=cancel, watch=watch, text=f"network of {self.kind}",
            measure="share read wrongly",
        )  # fmt: skip

    def _weights(self) -> Weights:
        return {name: value.detach().numpy().copy() for name, value in self.net.named_parameters()}

    def _epochs(self) -> Iterator[tuple[Weights, float | None]]:
        (samples, classes), (tests, answers) = self._given, self._asked
        optimiser = torch.optim.Adam(self.net.parameters(), self.rate)
        while True:
            for batch in torch.randperm(len(samples), generator=self._random).split(BATCH):
                optimiser.zero_grad()
                loss = nn.functional.cross_entropy(self.net(samples[batch]), classes[batch])
                loss.backward()
                optimiser.step()
                self.losses.append(loss.item())
                yield self._weights(), None
            correct = 0
            for part in range(0, len(tests), SLICE):
                with torch.no_grad():
                    found = self.net(tests[part : part + SLICE]).argmax(1)
                correct += int((found == answers[part : part + SLICE]).sum())
                yield self._weights(), None
            self.right.append(correct / len(tests))
            yield self._weights(), 1.0 - self.right[-1]


def _samples(given: Any, what: str) -> Tensor:
    return torch.tensor(array(given, what, (None, None)), dtype=torch.float32)


def _tensors(given: Labelled) -> tuple[Tensor, Tensor]:
    samples = _samples(given.samples, "samples")
    if not len(samples):
        raise DataError("`samples` is empty; give at least one")
    return samples, torch.from_numpy(labels(given.classes, "classes", len(samples)))
