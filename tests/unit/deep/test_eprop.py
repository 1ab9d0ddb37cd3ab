"""e-prop beyond the equality with BPTT: losses, rates, recurrence, trouble and stop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from engine.deep import EProp, fit_eprop
from engine.errors import DataError, RunStopped
from engine.learning.draws import Draws


def spikes(steps: int, batch: int, inputs: int, share: float = 0.1) -> torch.Tensor:
    """Random spikes of inputs."""
    return torch.tensor(Draws(0, "spikes").uniform(steps, batch, inputs) < share).float()


def test_a_network_learns_to_tell_two_inputs_apart_at_the_end() -> None:
    x = spikes(40, 16, 10, 0.15)
    label = torch.arange(16) % 2
    x[:, label == 0, :5] = 0.0
    x[:, label == 1, 5:] = 0.0
    classes = label.expand(40, 16)
    when = torch.zeros(40, 16)
    when[30:] = 1.0
    net = EProp(10, 20, 2, beta=0.07, seed=1)
    run = fit_eprop(net, lambda step: (x, classes, when), 40, rate=0.01, loss="cross_entropy")
    out, _ = net(x)
    assert run.error[-1] < 0.2 < run.error[0]
    assert torch.equal(out[30:].mean(0).argmax(1), label)


def test_a_network_without_errors_goes_to_the_rate_it_is_asked_for() -> None:
    x = spikes(100, 2, 10, 0.2)
    net = EProp(10, 20, 1, rate_cost=20.0, rate_target=0.02, seed=2)
    with torch.no_grad():
        net.w_in += 0.3
    nothing = torch.zeros(100, 2), torch.zeros(100, 2, 1)
    before = float(net(x)[1].mean())
    fit_eprop(net, lambda step: (x, nothing[1], nothing[0]), 60, rate=0.01)
    after = float(net(x)[1].mean())
    assert before > 0.06
    assert abs(after - 0.02) < 0.5 * abs(before - 0.02)


def test_no_neuron_gets_a_synapse_onto_itself() -> None:
    net = EProp(4, 6, 1, seed=3)
    x = spikes(30, 2, 4, 0.5)
    fit_eprop(net, lambda step: (x, torch.ones(30, 2, 1), None), 3)
    assert (net.w_rec.diagonal() == 0).all()
    assert (net.w_rec != 0).sum() == 30


def test_the_gradient_of_the_read_out_is_exact_also_with_recurrence() -> None:
    net = EProp(4, 6, 2, seed=3, dtype=torch.float64)
    x, y = spikes(30, 2, 4, 0.5).double(), torch.ones(30, 2, 2).double()
    net.gradients(x, y)
    found = net.w_out.grad
    assert found is not None
    losses = []
    for sign in (1.0, -1.0):
        with torch.no_grad():
            net.w_out[1, 2] += sign * 1e-6
        losses.append(net.gradients(x, y))
        with torch.no_grad():
            net.w_out[1, 2] -= sign * 1e-6
    assert float(found[1, 2]) == pytest.approx((losses[0] - losses[1]) / 2e-6, rel=1e-6)


def eligible(net: EProp, x: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Bellec et al. 2020, eqs. 13 to 25, of one sample [T, inputs], by the gradients of the loss
    [T, outputs]: what e-prop says of input and recurrent weights, [neurons, inputs + neurons]."""
    weights = [getattr(net, name).detach().numpy() for name in ("w_in", "w_rec", "w_out", "fixed")]
    w_in, w_rec, w_out, fixed = weights
    signal = errors @ (w_out if net.feedback == "symmetric" else fixed)
    beta, neurons = net.beta.numpy(), len(w_rec)
    v, a, z, slope = np.zeros((4, neurons))
    came = np.zeros(w_in.shape[1] + neurons)
    adapted, filtered, found = np.zeros((3, neurons, came.size))
    for now, learning in zip(x, signal, strict=True):
        adapted = slope[:, None] * came + (net.rho - slope * beta)[:, None] * adapted
        came = net.alpha * came + np.concatenate([now, z])
        a = net.rho * a + z
        v = net.alpha * v + w_in @ now + w_rec @ z - net.v_th * z
        distance = v - net.v_th - beta * a
        z = (distance >= 0) * 1.0
        slope = 0.3 / net.v_th * np.maximum(0, 1 - np.abs(distance) / net.v_th)
        eligibility = slope[:, None] * (came - beta[:, None] * adapted)
        filtered = net.kappa * filtered + eligibility
        found += learning[:, None] * filtered
    return found


@pytest.mark.parametrize("feedback", ["symmetric", "random"])
@pytest.mark.parametrize(("beta", "v_th"), [(0.0, 1.0), (0.2, 1.0), (0.2, 0.6)])
def test_with_recurrence_gradients_are_those_of_the_traces_of_the_paper(
    beta: float, v_th: float, feedback: str
) -> None:
    net = EProp(6, 7, 3, beta=beta, v_th=v_th, tau=15, tau_a=120, tau_out=25, feedback=feedback,
                seed=4, dtype=torch.float64)  # fmt: skip
    with torch.no_grad():
        net.w_in.mul_(2.5)
        net.w_rec.mul_(2.5)
    x, y = spikes(50, 2, 6, 0.25).double(), torch.tensor(Draws(1, "y").normal(50, 2, 3))
    net.gradients(x, y)
    out, fired = net(x)
    assert 30 < float(fired.sum()) < 600
    errors = (out - y).detach().numpy() / (50 * 2)
    by_hand = sum(eligible(net, x[:, b].numpy(), errors[:, b]) for b in range(2))
    assert isinstance(by_hand, np.ndarray)
    by_hand[:, 6:][np.diag_indices(7)] = 0.0
    assert net.w_in.grad is not None
    assert net.w_rec.grad is not None
    found = torch.cat([net.w_in.grad, net.w_rec.grad], 1).numpy()
    np.testing.assert_allclose(found, by_hand, atol=1e-10 * np.abs(by_hand).max())


def test_training_stops_when_asked_and_keeps_its_weights() -> None:
    net, asked = EProp(4, 6, 1), []
    x = spikes(30, 1, 4)

    def cancel() -> bool:
        asked.append(1)
        return len(asked) > 2

    run = fit_eprop(net, lambda step: (x, torch.ones(30, 1, 1), None), 50, cancel=cancel)
    assert not run.complete
    assert 1 <= run.rounds <= 3
    assert np.array_equal(run.state["w_in"], net.w_in.detach().numpy())


def test_weights_that_explode_are_taken_back() -> None:
    net = EProp(4, 6, 1)
    x = spikes(30, 1, 4, 0.5)
    with pytest.raises(RunStopped, match="smaller learning rate"):
        fit_eprop(net, lambda step: (x, torch.ones(30, 1, 1), None), 50, rate=1e10)
    assert all(torch.isfinite(p).all() and p.abs().max() < 1e9 for p in net.parameters())


BAD: dict[str, tuple[Any, str]] = {
    "feedback": (lambda: EProp(1, 2, 1, feedback="none"), "choose one of symmetric, random"),
    "feedback array": (lambda: EProp(1, 2, 1, feedback=np.zeros(2)), "`feedback` is array"),
    "beta": (lambda: EProp(1, 3, 1, beta=np.ones(2)), "`beta` must be"),
    "beta text": (lambda: EProp(1, 3, 1, beta="a"), "`beta` must be an array"),
    "beta None": (lambda: EProp(1, 3, 1, beta=None), "`beta` must be an array"),
    "dtype": (lambda: EProp(1, 3, 1, dtype="a"), "`dtype` must be torch"),
    "net": (lambda: fit_eprop(5, lambda _: None, 3), "`net` must be an EProp, not 5"),
    "batch": (lambda: fit_eprop(EProp(2, 3, 1), 5, 3), "`batch` must be a function"),
    "no batch": (lambda: fit_eprop(EProp(2, 3, 1), lambda _: None, 3), "must give inputs, targets"),
    "no tensor": (lambda: EProp(2, 3, 1)([[[0.0, 1.0]]]), "must be a tensor or an array"),
    "no target": (lambda: EProp(2, 3, 1).gradients(torch.zeros(5, 1, 2), None), "`target` must be"),
    "tau": (lambda: EProp(1, 3, 1, tau=0.0), "`tau` must be more than 0"),
    "shape": (lambda: EProp(2, 3, 1)(torch.zeros(5, 1, 3)), "steps x samples x 2"),
    "type": (lambda: EProp(2, 3, 1)(torch.zeros(5, 1, 2).double()), "must be torch.float32"),
    "NaN": (lambda: EProp(2, 3, 1)(torch.full((5, 1, 2), torch.nan)), "NaN or infinity"),
    "target": (
        lambda: EProp(2, 3, 1).gradients(torch.zeros(5, 1, 2), torch.zeros(5, 1)),
        "it must be 5 x 1 x 1",
    ),
    "classes": (
        lambda: EProp(2, 3, 2).gradients(
            torch.zeros(5, 1, 2), torch.full((5, 1), 2), loss="cross_entropy"
        ),
        "classes 0 to 1",
    ),
    "loss": (
        lambda: EProp(2, 3, 1).gradients(torch.zeros(5, 1, 2), torch.zeros(5, 1, 1), loss="sum"),
        "choose one of squared, cross_entropy",
    ),
    "size": (
        lambda: EProp(100, 300, 1).gradients(
            torch.zeros(1, 10_000, 100), torch.zeros(1, 10_000, 1)
        ),
        "eligibilities of 10000 samples",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_said_in_one_sentence(name: str) -> None:
    call, words = BAD[name]
    with pytest.raises(DataError, match=words) as error:
        call()
    assert "\n" not in str(error.value)


def test_arrays_are_taken_as_tensors_are() -> None:
    net, x = EProp(2, 3, 1, seed=1), (np.arange(20).reshape(10, 1, 2) % 3 == 0).astype(np.float32)
    for found, same in zip(net(x), net(torch.from_numpy(x)), strict=True):
        assert torch.equal(found, same)
    y = np.zeros((10, 1, 1), np.float32)
    assert fit_eprop(net, lambda _: (x, y, None), 2).rounds == 2
