"""The linear layer multiplies as PyTorch's own does, whichever library it asks."""

from __future__ import annotations

from functools import partial

import pytest

torch = pytest.importorskip("torch")

from engine.deep import Linear  # noqa: E402
from engine.deep import linear as module  # noqa: E402


@pytest.fixture(params=[0, module.WORTH_IT])
def least(request, monkeypatch) -> None:
    """Small products too go the way of large ones, where there is another way."""
    monkeypatch.setattr(module, "WORTH_IT", request.param)


def pair(shape: tuple[int, ...], out: int, bias: bool, dtype=torch.float32):
    torch.manual_seed(4)
    ours = Linear(shape[-1], out, bias=bias, dtype=dtype)
    theirs = torch.nn.Linear(shape[-1], out, bias=bias, dtype=torch.float64)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs, torch.rand(shape, dtype=dtype)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(7, 3, 33), (5, 64), (33,), (2, 0, 4)])
def test_results_and_gradients_are_those_of_pytorch_s_layer(least, shape, bias: bool) -> None:
    ours, theirs, x = pair(shape, 10, bias)
    results = []
    for layer, given in ((ours, x), (theirs, x.double())):
        asked = given.clone().requires_grad_()
        result = layer(asked)
        (result * result).sum().backward()
        grads = [asked.grad, *(value.grad for value in layer.parameters())]
        results.append([result.detach(), *grads])
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one.double(), other, rtol=2e-5, atol=2e-5)


def test_any_layout_will_do(least) -> None:
    ours, theirs, x = pair((6, 8, 20), 9, True)
    close = partial(torch.testing.assert_close, rtol=1e-5, atol=1e-5)
    for given in (x.transpose(0, 1), x[:, ::2], x[..., :1].expand_as(x)):
        close(ours(given).double(), theirs(given.double()))
        part = ours(given)[..., :5]
        (found,) = torch.autograd.grad(part.sum(), ours.weight)
        asked = theirs(given.double())[..., :5].sum()
        close(found.double(), torch.autograd.grad(asked, theirs.weight)[0])


def test_gradients_have_gradients(least) -> None:
    ours, theirs, x = pair((4, 12), 6, True)
    found = []
    for layer, given in ((ours, x), (theirs, x.double())):
        asked = given.clone().requires_grad_()
        (first,) = torch.autograd.grad((layer(asked) ** 3).sum(), asked, create_graph=True)
        (second,) = torch.autograd.grad((first**2).sum(), layer.weight)
        found.append(second.double())
    torch.testing.assert_close(*found, rtol=1e-4, atol=1e-5)


def test_other_types_and_wrong_shapes_are_pytorch_s() -> None:
    ours, theirs, x = pair((4, 12), 6, True, torch.float64)
    assert torch.equal(ours(x), theirs(x))
    with torch.autocast("cpu", torch.bfloat16):
        assert pair((64, 512), 512, True)[0](torch.rand(64, 512)).dtype == torch.bfloat16
    with pytest.raises(RuntimeError):
        ours(x[:, :5])
