"""A batch taken in slices gives what it gives as a whole."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from engine.deep import InSlices, Linear, Spiking  # noqa: E402
from engine.errors import DataError  # noqa: E402


def network() -> torch.nn.Sequential:
    torch.manual_seed(6)
    return torch.nn.Sequential(Linear(12, 9), Spiking("lif_discrete", learn=("tau",)), Linear(9, 4))


@pytest.mark.parametrize("size", [1, 3, 4, 7, 100])
def test_results_and_gradients_are_those_of_the_whole(size: int) -> None:
    x = 4 * torch.rand(8, 7, 12)
    found = []
    for wrapped in (False, True):
        net = network()
        asked = x.clone().requires_grad_()
        result = (InSlices(net, size) if wrapped else net)(asked)
        assert result.shape == (8, 7, 4)
        result.square().sum().backward()
        found.append([result.detach(), asked.grad, *(value.grad for value in net.parameters())])
    assert float(found[0][1].abs().sum()) > 0
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def test_the_module_never_sees_more_than_a_slice() -> None:
    seen = []

    class Seeing(torch.nn.Module):
        def forward(self, x):
            seen.append(tuple(x.shape))
            return x

    x = torch.rand(2, 10, 3)
    assert torch.equal(InSlices(Seeing(), 4)(x), x)
    assert seen == [(2, 4, 3), (2, 4, 3), (2, 2, 3)]


def test_what_mixes_samples_or_calls_is_refused() -> None:
    mixing = InSlices(torch.nn.Sequential(torch.nn.BatchNorm1d(5)), 5)
    x = torch.rand(4, 5, 8)
    with pytest.raises(DataError, match="layer `0` mixes the samples of a batch; take whole"):
        mixing(x)
    assert mixing.eval()(x).shape == x.shape
    with pytest.raises(DataError, match="goes on from call to call"):
        InSlices(torch.nn.Sequential(Spiking("lif_discrete", step_mode="s")), 2)(x)
    with pytest.raises(DataError, match="a slice cannot have 0 samples"):
        InSlices(torch.nn.Identity(), 0)
