"""Layers of spiking neurons: the reference's values and gradients, errors in one sentence."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest

import engine
from engine.errors import BackendError, DataError, DocumentError, EquationError, WorkbenchError

torch = pytest.importorskip("torch")

from engine.backends.cuda import shim  # noqa: E402
from engine.backends.torch_reference import evaluate, torch_step  # noqa: E402
from engine.deep import Spiking  # noqa: E402
from engine.deep.chain import constants as differentiable  # noqa: E402
from engine.equations.constants import constants  # noqa: E402

LAYERS: dict[str, dict[str, Any]] = {
    "lif_discrete": {"tau": 3.0, "learn": ("tau", "v_th"), "decay_input": 0},
    "lif": {"learn": ("tau_m", "v_th", "v_reset"), "dt": 0.5},
    "izhikevich": {"learn": ("a", "b", "d"), "solver": "izhikevich_2003"},
    "hodgkin_huxley": {"learn": ("g_Na", "C"), "dt": 0.1},
}
DRIVES = {"lif_discrete": (0, 1.5), "lif": (300, 900), "izhikevich": (5, 25)}
DRIVES["hodgkin_huxley"] = (0, 60)


def drive(model: str, *shape: int) -> torch.Tensor:
    torch.manual_seed(4)
    low, high = DRIVES[model]
    return low + (high - low) * torch.rand(*shape, dtype=torch.float64)


def layer(model: str, **more: Any) -> Spiking:
    return Spiking(model, **{**LAYERS[model], **more}).double()


def gradients(made: Spiking, x: torch.Tensor, result: torch.Tensor) -> list[torch.Tensor]:
    torch.manual_seed(5)
    loss = (result * torch.rand_like(result)).sum()
    return list(torch.autograd.grad(loss, [x, *made.learnt.values()]))


def by_reference(made: Spiking, x: torch.Tensor, detach: bool) -> torch.Tensor:
    """The layer's spikes by `torch_step`, one step after the other."""

    class Soft(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, distance: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(distance)
            return torch.zeros_like(distance)

        @staticmethod
        def backward(ctx: Any, *given: torch.Tensor) -> Any:
            slope = made.surrogate.expression()
            return given[0] * evaluate(slope, {"x": ctx.saved_tensors[0]})

    step = torch_step(made.step_map, Soft.apply, detach)
    known = {**{n: torch.tensor(float(v)) for n, v in made.given.items()}, **made.learnt}
    chain = differentiable(made.step_map, known, made.dt)
    state = dict(zip(made.step_map.states, made._numbers(x.shape[1:])[1], strict=True))
    spikes = []
    for current in x:
        given = {"dt": torch.tensor(made.dt, dtype=torch.float64), "in_current": current}
        state, spike = step({**given, **chain, **state})
        spikes.append(spike.expand(current.shape))
    return torch.stack(spikes)


@pytest.mark.parametrize("detach", [False, True], ids=["reset", "detached"])
@pytest.mark.parametrize("model", LAYERS)
def test_spikes_and_gradients_are_the_reference_s(model: str, detach: bool) -> None:
    made = layer(model, detach_reset=detach)
    x = drive(model, 40, 6).requires_grad_()
    ours, theirs = made(x), by_reference(made, x, detach)
    assert ours.sum() > 4
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
    for mine, expected in zip(gradients(made, x, ours), gradients(made, x, theirs), strict=True):
        torch.testing.assert_close(mine, expected, rtol=1e-6, atol=1e-8 * expected.abs().max())


@pytest.mark.parametrize("model", LAYERS)
def test_step_by_step_equals_all_steps_at_once(model: str) -> None:
    whole, single = layer(model), layer(model, step_mode="s")
    x = drive(model, 25, 2, 3).requires_grad_()
    at_once = whole(x)
    one_by_one = torch.stack([single(current) for current in x])
    torch.testing.assert_close(at_once, one_by_one, rtol=0, atol=0)
    mine, theirs = gradients(whole, x, at_once), gradients(single, x, one_by_one)
    for one, other in zip(mine, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


def test_every_call_starts_anew_and_a_reset_does_in_single_steps() -> None:
    whole, single = layer("lif_discrete"), layer("lif_discrete", step_mode="s")
    x = drive("lif_discrete", 10, 4)
    torch.testing.assert_close(whole(x), whole(x), rtol=0, atol=0)
    first = [single(current) for current in x]
    single.reset()
    again = [single(current) for current in x]
    torch.testing.assert_close(torch.stack(first), torch.stack(again), rtol=0, atol=0)


@pytest.mark.parametrize("surrogate", ["atan", "erf", "sigmoid"])
def test_below_threshold_the_gradient_is_that_of_the_surrogate_s_own_integral(surrogate) -> None:
    """No neuron is reset, so with soft spikes the loss is smooth: differences tell its slope."""
    made = Spiking(
        "lif_discrete", tau=4.0, learn=("tau",), surrogate=surrogate, detach_reset=True
    ).double()
    x = 0.7 * torch.rand(20, 3, dtype=torch.float64)
    slope = made.surrogate.expression()
    grid = np.linspace(-2.0, 2.0, 400_001)
    values = np.asarray(engine_evaluate(slope, grid))
    table = np.concatenate([[0.0], np.cumsum((values[1:] + values[:-1]) / 2)]) * (grid[1] - grid[0])

    def soft(given: np.ndarray, tau: float) -> float:
        v, total = np.zeros(given.shape[1]), 0.0
        for current in given:
            v = v - v / tau + current / tau
            total += np.interp(v - 1.0, grid, table).sum()
        return total

    asked = x.clone().requires_grad_()
    spikes = made(asked)
    assert spikes.sum() == 0
    spikes.sum().backward()
    assert asked.grad is not None
    plain, step = x.numpy(), 1e-4
    for place in ((0, 0), (7, 1), (19, 2)):
        up, down = plain.copy(), plain.copy()
        up[place] += step
        down[place] -= step
        expected = (soft(up, 4.0) - soft(down, 4.0)) / (2 * step)
        assert asked.grad[place].item() == pytest.approx(expected, rel=1e-5)
    on_tau = (soft(plain, 4.0 + step) - soft(plain, 4.0 - step)) / (2 * step)
    assert made.learnt["tau"].grad.item() == pytest.approx(on_tau, rel=1e-5)


def engine_evaluate(slope: Any, x: np.ndarray) -> Any:
    from engine.equations.evaluate import evaluate as by_numpy

    return by_numpy(slope, {"x": x})


@pytest.mark.parametrize("model", ["lif", "adex", "hodgkin_huxley"])
def test_the_differentiable_constants_are_the_simulation_s(model: str) -> None:
    made = Spiking(model, port="exc" if model == "adex" else "current")
    ours = differentiable(made.step_map, {}, 0.1)
    for name, value in constants(made.step_map, {}, 0.1, 1).items():
        assert ours[name].item() == pytest.approx(float(value), rel=1e-13)


def test_a_parameter_for_each_channel_is_learnt_as_such() -> None:
    tau = np.array([2.0, 4.0, 8.0]).reshape(3, 1)
    made = Spiking("lif_discrete", tau=tau, learn=("tau",)).double()
    x = drive("lif_discrete", 12, 2, 3, 5)
    spikes = made(x)
    spikes.sum().backward()
    grad = made.learnt["tau"].grad
    assert grad.shape == (3, 1)
    for channel in range(3):
        alone = Spiking("lif_discrete", tau=float(tau[channel, 0]), learn=("tau",)).double()
        part = alone(x[:, :, channel])
        torch.testing.assert_close(part, spikes[:, :, channel], rtol=0, atol=0)
        part.sum().backward()
        torch.testing.assert_close(alone.learnt["tau"].grad, grad[channel, 0])


def test_a_time_constant_can_be_found_from_spikes() -> None:
    torch.manual_seed(0)
    x = torch.rand(30, 200)
    target = Spiking("lif_discrete", tau=6.0, decay_input=0, soft_reset=1)(x).mean()
    made = Spiking("lif_discrete", tau=2.0, decay_input=0, soft_reset=1, learn=("tau",))
    optimiser = torch.optim.Adam(made.parameters(), lr=0.2)
    losses = []
    for _ in range(60):
        optimiser.zero_grad()
        loss = (made(x).mean() - target) ** 2
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.02 * losses[0]


def test_what_is_learnt_stays_within_the_model_s_bounds() -> None:
    made = Spiking("lif_discrete", learn=("tau",))
    with torch.no_grad():
        made.learnt["tau"].fill_(-5.0)
    made(torch.rand(3, 2))
    assert made.learnt["tau"].item() == 1.0


def test_input_on_a_spike_port_arrives_at_the_end_of_a_step() -> None:
    made = Spiking("if_discrete", port="exc", traces=("v",))
    spikes, v = made(torch.tensor([[0.5], [0.5], [0.5]]))
    assert spikes.ravel().tolist() == [0, 1, 0]
    assert v.ravel().tolist() == [0.5, 0, 0.5]


def test_traces_carry_gradients_too() -> None:
    made = Spiking("lif_discrete", tau=2.0, detach_reset=True, traces=("v",)).double()
    x = drive("lif_discrete", 3, 1).requires_grad_()
    _, v = made(x)
    (grad,) = torch.autograd.grad(v[-1].sum(), x)
    torch.testing.assert_close(grad.ravel(), torch.tensor([0.125, 0.25, 0.5]).double())


def test_a_model_of_one_s_own_trains() -> None:
    own = engine.define(
        "own", "v := 0.9*v + I - 0.1*w : 1\nw := 0.8*w + 0.2*v : 1", "v >= 1", "v -= 1; w += 0.5",
        {"gain": 1.0},
    )  # fmt: skip
    made = Spiking(own).double()
    x = drive("lif_discrete", 20, 5).requires_grad_()
    ours, theirs = made(x), by_reference(made, x, False)
    assert ours.sum() > 3
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
    (mine,), (expected,) = gradients(made, x, ours), gradients(made, x, theirs)
    torch.testing.assert_close(mine, expected)


def test_without_gradients_nothing_is_kept() -> None:
    made = Spiking("lif_discrete")
    assert not made(torch.rand(4, 3)).requires_grad
    with torch.no_grad():
        assert not made(torch.rand(4, 3).requires_grad_()).requires_grad


def test_a_second_backward_is_refused_by_torch_and_a_copy_is_independent() -> None:
    made = Spiking("lif_discrete", learn=("tau",))
    x = torch.rand(4, 3, requires_grad=True)
    loss = made(x).sum()
    loss.backward()
    with pytest.raises(RuntimeError, match="second time"):
        loss.backward()
    other = copy.deepcopy(made)
    with torch.no_grad():
        other.learnt["tau"].fill_(5.0)
    assert made.learnt["tau"].item() == 2.0
    other.load_state_dict(made.state_dict())
    torch.testing.assert_close(other(x), made(x))


def test_any_layout_of_input_and_gradient_will_do() -> None:
    made = layer("lif_discrete")
    x = drive("lif_discrete", 3, 4, 6).permute(2, 0, 1)  # not contiguous
    asked = x.detach().clone(memory_format=torch.contiguous_format).requires_grad_()
    strided = x.detach().requires_grad_()
    for one, other in ((made(asked), made(strided)),):
        torch.testing.assert_close(one, other)
        weight = torch.rand(4, 3, dtype=torch.float64).T  # the same for all steps, strided
        (one * weight).sum().backward()
        (other * weight).sum().backward()
    torch.testing.assert_close(asked.grad, strided.grad)
    plain = drive("lif_discrete", 6, 3, 4).requires_grad_()
    made(plain).sum().backward()  # the gradient is one number, expanded
    ones = drive("lif_discrete", 6, 3, 4).requires_grad_()
    result = made(ones)
    result.backward(torch.ones_like(result))
    torch.testing.assert_close(plain.grad, ones.grad)


def test_the_printed_layer_names_model_and_training() -> None:
    assert (
        repr(Spiking("lif_discrete"))
        == "Spiking(\n  lif_discrete, surrogate=atan, 'm'\n  (learnt): ParameterDict()\n)"
    )


WRONG: list[tuple[type[WorkbenchError], str, dict[str, Any]]] = [
    (DocumentError, "`lifs` is not a model; did you mean `lif`", {"model": "lifs"}),
    (DataError, "`poisson` has no neurons", {"model": "poisson"}),
    (DocumentError, "`ta` is not a parameter; did you mean `tau`", {"ta": 2}),
    (DocumentError, "`tau` is -3; give a value from 1", {"tau": -3}),
    (DataError, "`tua` of lif_discrete cannot be learnt", {"learn": ("tua",)}),
    (DataError, "`atn` is not a surrogate; did you mean `atan`", {"surrogate": "atn"}),
    (DataError, "`n` is not a step mode", {"step_mode": "n"}),
    (DataError, "`ex` is not a port of lif_discrete; did you mean `exc`", {"port": "ex"}),
    (EquationError, "`w` of lif_discrete has no gradient", {"traces": ("w",)}),
    (EquationError, "`exakt` is not a solver", {"solver": "exakt"}),
    (EquationError, "has no solver `rk4`: its equations are steps", {"solver": "rk4"}),
]


@pytest.mark.parametrize(("error", "message", "arguments"), WRONG)
def test_a_wrong_layer_is_one_sentence(error, message, arguments) -> None:
    with pytest.raises(error, match=message) as caught:
        Spiking(**{"model": "lif_discrete", **arguments})
    assert "\n" not in str(caught.value)


def test_a_wrong_input_is_one_sentence() -> None:
    made = Spiking("lif_discrete")
    with pytest.raises(DataError, match=r"torch.int64; give float32 or float64"):
        made(torch.zeros(3, 2, dtype=torch.int64))
    with pytest.raises(DataError, match=r"shape \(3,\); give \[T, ...\]"):
        made(torch.zeros(3))
    with pytest.raises(DataError, match="not empty"):
        made(torch.zeros(3, 0))
    with pytest.raises(BackendError, match="move it to the CPU"):
        made(torch.zeros(3, 2, device="meta"))
    single = Spiking("lif_discrete", step_mode="s")
    single(torch.zeros(3))
    with pytest.raises(DataError, match=r"call reset\(\) first"):
        single(torch.zeros(4))


def test_neurons_that_fire_by_chance_draw_from_the_generator_of_torch() -> None:
    layer = Spiking("gif", dt=1.0)
    x = torch.full((200, 30), 150.0)
    runs = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        runs.append(layer(x))
    assert runs[0].sum() > 30
    assert torch.equal(runs[0], runs[1])
    assert not torch.equal(runs[0], runs[2])


@pytest.mark.parametrize("how", ["numba", "CUDA source"])
def test_backward_of_chance_sees_the_numbers_of_forward(how: str) -> None:
    """Gradients of the kernels and of autograd through the reference, from the same draws."""
    if how != "numba" and shim.obstacle():
        pytest.skip(shim.obstacle())
    layer = Spiking("gif", dt=1.0, learn=("delta_V", "b1"), traces=("v",)).double()
    layer.through = None if how == "numba" else shim.ShimDevice()
    x = (150.0 + 30.0 * torch.randn(60, 7, dtype=torch.float64)).requires_grad_()
    weights = torch.randn(2, 60, 7, dtype=torch.float64)
    torch.manual_seed(5)
    spikes, v = layer(x)
    (weights[0] * spikes + weights[1] * v).sum().backward()
    torch.manual_seed(5)
    draws = torch.empty_like(x).exponential_().log_()
    drive = x.detach().clone().requires_grad_()
    numbers = {
        n: torch.tensor(np.asarray(value)) for n, value in layer._numbers(x.shape[1:])[0].items()
    }
    state = dict(zip(layer.step_map.states, layer._numbers(x.shape[1:])[1], strict=True))
    step = torch_step(layer.step_map, lambda far: torch.atan(math.pi * far) / math.pi)
    total = torch.zeros((), dtype=torch.float64)
    for t in range(60):
        given = {"in_current": drive[t], "in_escape": draws[t], "dt": torch.tensor(1.0)}
        state, spike = step({**numbers, **state, **given})
        assert torch.equal(spike, spikes[t])
        total = total + (weights[0, t] * spike + weights[1, t] * state["v"]).sum()
    total.backward()
    assert spikes.sum() > 5
    torch.testing.assert_close(x.grad, drive.grad, rtol=1e-9, atol=1e-12)
    assert all(float(value.grad.abs()) > 0 for value in layer.learnt.values())
