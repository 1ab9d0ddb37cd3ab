"""Training of every neuron that is shipped, beside a plain PyTorch loop of the same step map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workbench.bench.measures import Figure
from workbench.bench.training import Pair

if TYPE_CHECKING:
    from torch import Tensor

STEPS, SHAPE = 50, (16, 1024)
QUICK = "lif", "hodgkin_huxley", "synaptic"  # with few steps
ALL = "training: every model: the slowest, forward + backward"


def training_models(quick: bool, _repeats: int) -> Iterator[Figure]:
    """Ratios of every model, forward and backward, then the largest of them."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    try:
        most: dict[str, float] = {}
        for name in QUICK if quick else trainable():
            pair = pair_of(name, STEPS // 2 if quick else STEPS, SHAPE)
            _, both = pair.figures(3, f"[T, B, N] = {list(pair.x.shape)}")
            most[name] = both.median
            yield both
        slowest = max(most, key=lambda name: most[name])
        note = f"{slowest}, of {len(most)} models"
        yield Figure(ALL, "of the loop's time", [most[slowest]], note)
    finally:
        torch.set_num_threads(threads)


def trainable() -> list[str]:
    """The models without random numbers, each under one of its names."""
    from engine.equations.compile import compile_model
    from engine.models.registry import neuron_models

    models = neuron_models()
    other_names = {name for model in models.values() for name in model.variants}
    own = [model for name, model in models.items() if name not in other_names]
    return [model.name for model in own if not compile_model(model).draws]


def pair_of(name: str, steps: int, shape: tuple[int, ...], dtype: Any = None) -> Pair:
    """Our layer and the loop of a model as it is shipped, under a current that makes it fire.

    A model without a threshold is trained by its potential.
    """
    import torch

    from engine.deep import Spiking
    from engine.equations.constants import constants
    from engine.equations.initial import initial_state
    from engine.models.registry import get
    from engine.testing.driving import driven
    from workbench.bench.step_loop import StepLoop

    case = driven(get(name))  # pyright: ignore[reportArgumentType]
    step_map, trace = case.step_map, "" if case.step_map.threshold else case.model.membrane
    numbers = {key: float(value) for key, value in constants(step_map, {}, case.dt, 1).items()}
    first = initial_state(case.model, None, {}, 1)[:, 0]
    start = dict(zip(step_map.states, map(float, first), strict=True))
    loop = StepLoop(step_map, numbers, start, case.dt, trace)
    ours: Any = Spiking(case.model, dt=case.dt, traces=(trace,) if trace else ())
    x = case.strength * (0.5 + 2.5 * torch.rand(steps, *shape, dtype=dtype))
    return Pair(f"every model: {name}", _Trace(ours) if trace else ours, loop, x)


class _Trace:
    """A layer's first trace, without its spikes."""

    def __init__(self, layer: Any) -> None:
        self.layer = layer

    def __call__(self, x: Tensor) -> Tensor:
        return self.layer(x)[1]
