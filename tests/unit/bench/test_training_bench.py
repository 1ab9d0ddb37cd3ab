"""The loops that training is measured against compute the same spikes and gradients as we do."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from engine.deep import Spiking  # noqa: E402
from workbench.bench import loops, training, training_models  # noqa: E402
from workbench.bench.targets import target_of  # noqa: E402

PAIRS = {
    "lif": (training.plain_lif, loops.LIFLoop, 0.0, 0.5, 30),
    "izhikevich": (
        lambda: Spiking("izhikevich", solver="izhikevich_2003"), loops.IzhikevichLoop, 4.0, 20.0, 60
    ),
    "adex": (lambda: Spiking("adex", solver="euler", dt=0.1), loops.AdExLoop, 500.0, 2e3, 100),
    "own": (
        lambda: Spiking(training.own_model(), solver="euler"), loops.OwnLoop, 0.0, 3.0, 60
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_the_loop_and_the_kernels_agree(name: str) -> None:
    ours, loop, low, width, steps = PAIRS[name]
    torch.manual_seed(3)
    x = low + width * torch.rand(steps, 40, dtype=torch.float64)
    weight = torch.rand_like(x)
    found = []
    for made in (ours(), loop()):
        asked = x.clone().requires_grad_()
        spikes = made(asked)
        spikes.backward(weight)
        found.append((spikes.detach(), asked.grad))
    assert found[0][0].sum() > 10
    torch.testing.assert_close(found[0][0], found[1][0], rtol=0, atol=0)
    torch.testing.assert_close(found[0][1], found[1][1])


def test_the_linear_layer_step_by_step_is_the_same_as_all_at_once() -> None:
    torch.manual_seed(2)
    linear = torch.nn.Linear(6, 5)
    x = torch.rand(9, 3, 6)
    at_once = training.plain_lif()(linear(x))
    torch.testing.assert_close(loops.LinearLIFLoop(linear)(x), at_once)


def test_the_convolutional_net_is_the_same_with_either_neurons() -> None:
    torch.manual_seed(1)
    nets = [training.convolutional(make) for make in (training.plain_lif, loops.LIFLoop)]
    nets[1].load_state_dict(nets[0].state_dict())
    x = torch.rand(3, 2, 1, 28, 28)
    one, other = (net(x) for net in nets)
    assert one.shape == (3, 2, 10)
    torch.testing.assert_close(one, other)


@pytest.mark.parametrize(
    "name",
    [
        name if name in ("lif", "qif", "snntorch_leaky", "nir_li")
        else pytest.param(name, marks=pytest.mark.slow)
        for name in training_models.trainable()
    ],
)  # fmt: skip
def test_the_loop_made_from_a_step_map_has_our_results_and_gradients(name: str) -> None:
    torch.manual_seed(3)
    pair = training_models.pair_of(name, 60, (20,), torch.float64)
    weight = torch.rand_like(pair.x)
    found = []
    for made in (pair.ours, pair.loop):
        asked = pair.x.clone().requires_grad_()
        result = made(asked)
        result.backward(weight)
        found.append((result.detach(), asked.grad))
    torch.testing.assert_close(found[0][0], found[1][0])
    torch.testing.assert_close(found[0][1], found[1][1])


def test_every_model_is_measured_and_the_slowest_is_judged(monkeypatch) -> None:
    monkeypatch.setattr(training_models, "SHAPE", (2, 8))
    monkeypatch.setattr(training_models, "QUICK", ("lif", "nir_li"))
    *found, last = training_models.training_models(True, 1)
    assert len(found) == 2
    assert last.name == training_models.ALL
    assert last.values == [max(figure.median for figure in found)]
    assert target_of(last.name)
