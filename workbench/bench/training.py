"""Training against a plain PyTorch loop: LIF layers, a convolutional net, other models.

Each figure is a ratio, our time over that of the loop: processor time of this process, one thread,
taking turns.  The loop is what a person writes who uses no library: the same update, threshold,
subtractive reset and ATan surrogate.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.bench.measures import Figure

if TYPE_CHECKING:
    from torch import Tensor


def training(quick: bool, repeats: int) -> list[Figure]:
    """All ratios; ``quick`` takes a quarter of the neurons and few turns."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    try:
        turns = max(3, repeats) * (1 if quick else 2)
        found = [*_lif(quick, turns), *_linear(quick, turns), *_convolution(quick, turns)]
        for name in ("izhikevich", "adex", "own"):
            found += _model(name, quick, turns)
        return found
    finally:
        torch.set_num_threads(threads)


IN_A_ROW = 3  # runs of one contender in its turn


@dataclass
class Pair:
    """The same computation twice: ours and the plain loop, as modules of an input."""

    name: str
    ours: Any
    loop: Any
    x: Tensor
    weight: Tensor | None = None  # of the result in the loss; made where it is None

    def figures(self, turns: int, note: str = "") -> list[Figure]:
        """Ratios of forward without gradients, and of forward with backward."""
        forward = self._ratios(turns, self._forward)
        both = self._ratios(turns, self._both)
        return [
            Figure(f"training: {self.name}, forward", "of the loop's time", forward, note),
            Figure(f"training: {self.name}, forward + backward", "of the loop's time", both, note),
        ]

    def _ratios(self, turns: int, run: Callable[[Any], None]) -> list[float]:
        """One ratio a turn; in a turn each runs several times in a row, and its best counts.

        What runs after something else finds the caches cold, as no layer of a network does.
        """
        found = []
        for turn in range(turns + 1):
            loop, ours = (
                min(_seconds(run, one) for _ in range(IN_A_ROW)) for one in (self.loop, self.ours)
            )
            if turn:  # the first one compiles and warms up
                found.append(ours / loop)
        return found

    def _forward(self, layer: Any) -> None:
        import torch

        with torch.no_grad():
            layer(self.x)

    def _both(self, layer: Any) -> None:
        import torch

        x = self.x.detach().requires_grad_()
        result = layer(x)
        if self.weight is None:
            self.weight = torch.rand_like(result)
        result.backward(self.weight)


def _seconds(run: Callable[[Any], None], layer: Any) -> float:
    began = time.process_time()
    run(layer)
    return time.process_time() - began


def plain_lif() -> Any:
    """v <- 0.9 v + x, threshold 1, subtractive reset, as a layer of ours."""
    from engine.deep import Spiking

    return Spiking("lif_discrete", tau=10.0, decay_input=0, soft_reset=1)


def _lif(quick: bool, turns: int) -> list[Figure]:
    import torch

    from workbench.bench.loops import LIFLoop

    x = 0.5 * torch.rand(32, 16, 1024 if quick else 4096)
    pair = Pair("LIF, 32 steps", plain_lif(), LIFLoop(), x)
    return pair.figures(turns, f"[T, B, N] = {list(x.shape)}")


def _linear(quick: bool, turns: int) -> list[Figure]:
    import torch

    from engine.deep import Linear
    from workbench.bench.loops import LIFLoop, LinearLIFLoop

    linear, own = torch.nn.Linear(512, 512), Linear(512, 512)
    own.load_state_dict(linear.state_dict())
    x = (torch.rand(125 if quick else 500, 16, 512) < 0.2).float()
    ours = torch.nn.Sequential(own, plain_lif())
    folded = torch.nn.Sequential(linear, LIFLoop())
    shape = f"[T, B, N] = {list(x.shape)}"
    found = Pair("linear 512 + LIF", ours, LinearLIFLoop(linear), x).figures(turns, shape)
    # The matrix product is most of our time: against a loop that does it for all steps at once,
    # too, less can be won.
    name = "linear 512 + LIF, the loop's product at once"
    return found + Pair(name, ours, folded, x).figures(turns, shape)


def _convolution(quick: bool, turns: int) -> list[Figure]:
    import torch

    from workbench.bench.loops import LIFLoop

    x = torch.rand(8, 16 if quick else 64, 1, 28, 28)
    torch.manual_seed(2)
    ours = convolutional(plain_lif)
    loop = convolutional(LIFLoop)
    loop.load_state_dict(ours.state_dict())
    note = f"[T, B, C, H, W] = {list(x.shape)}: conv 32, pool, conv 64, pool, linear 10"
    return [
        *Pair("convolutional net", ours, loop, x).figures(turns, note),
        *([] if quick or sys.platform == "win32" else _memory()),
    ]


def _memory() -> list[Figure]:
    """Peak memory of a process that trains the convolutional net, ours over the loop's."""
    peaks = {}
    for kind in ("ours", "loop"):
        code = f"from workbench.bench.training import peak; print(peak({kind!r}))"
        done = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        )
        peaks[kind] = float(done.stdout)
    note = f"{peaks['ours']:.0f} MB against {peaks['loop']:.0f} MB, libraries included"
    ratio = peaks["ours"] / peaks["loop"]
    return [Figure("training: convolutional net, peak memory", "of the loop's", [ratio], note)]


def peak(kind: str) -> float:
    """Peak memory of this process in MB, as peers tell theirs, after training this net thrice."""
    import torch

    from workbench.bench.loops import LIFLoop
    from workbench.bench.peers.training_work import peak_mb

    torch.set_num_threads(1)
    net = convolutional(plain_lif if kind == "ours" else LIFLoop)
    x = torch.rand(8, 64, 1, 28, 28)
    for _ in range(3):
        net(x).mean().backward()
    return peak_mb()


def convolutional(neurons: Callable[[], Any]) -> Any:
    """The convolutional net that is measured, with these neurons."""
    from torch import nn

    from workbench.bench.loops import Folded

    return nn.Sequential(
        Folded(nn.Conv2d(1, 32, 3, padding=1)),
        neurons(),
        Folded(nn.MaxPool2d(2)),
        Folded(nn.Conv2d(32, 64, 3, padding=1)),
        neurons(),
        Folded(nn.MaxPool2d(2)),
        Folded(nn.Flatten()),
        Folded(nn.Linear(64 * 7 * 7, 10)),
        neurons(),
    )


def _model(name: str, quick: bool, turns: int) -> list[Figure]:
    import torch

    from engine.deep import Spiking
    from workbench.bench import loops

    size = (16, 256 if quick else 1024)
    if name == "izhikevich":
        x, loop = 4.0 + 20.0 * torch.rand(100, *size), loops.IzhikevichLoop()
        ours = Spiking(name, solver="izhikevich_2003")
        title = "Izhikevich, published scheme"
    elif name == "adex":
        x, loop = 500.0 + 2000.0 * torch.rand(100, *size), loops.AdExLoop()
        ours, title = Spiking(name, solver="euler", dt=0.1), "AdEx, Euler"
    else:
        x, loop = 3.0 * torch.rand(100, *size), loops.OwnLoop()
        ours, title = Spiking(own_model(), solver="euler"), "a model of one's own, Euler"
    return Pair(title, ours, loop, x).figures(turns, f"[T, B, N] = {list(x.shape)}")


def own_model() -> Any:
    """The made-up neuron of `loops.OwnLoop`, from its equations."""
    import engine

    return engine.define(
        "own",
        "dv/dt = (v*v + 0.5*v - w + I)/(10*ms) : 1\ndw/dt = (0.3*v - w)/(50*ms) : 1",
        threshold="v >= 1",
        reset="v = 0; w += 0.2",
        initial={"v": 0, "w": 0},
        current_unit="1",
    )
