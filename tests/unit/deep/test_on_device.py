"""The layer with CUDA kernels: the CPU layer's values and gradients; the source runs on the CPU."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from engine.backends.cuda import shim
from engine.errors import BackendError, DataError

torch = pytest.importorskip("torch")

from engine.deep import Spiking  # noqa: E402

if shim.obstacle():
    pytest.skip(shim.obstacle(), allow_module_level=True)

LAYERS: dict[str, tuple[dict[str, Any], tuple[float, float]]] = {
    "lif_discrete": ({"tau": 3.0, "learn": ("tau", "v_th")}, (0.0, 2.5)),
    "lif": ({"learn": ("tau_m", "v_th"), "dt": 0.5, "E_L": np.linspace(-66, -60, 6)}, (300, 900)),
    "izhikevich": ({"learn": ("a", "b"), "solver": "izhikevich_2003"}, (5.0, 25.0)),
}


def pair(model: str, **more: Any) -> tuple[Spiking, Spiking]:
    """The same layer on the device and on the CPU."""
    made = [Spiking(model, **LAYERS[model][0], **more).double() for _ in range(2)]
    made[0].through = shim.ShimDevice()
    return made[0], made[1]


def drive(model: str, steps: int = 40) -> torch.Tensor:
    low, high = LAYERS[model][1]
    numbers = torch.rand(steps, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    return (low + (high - low) * numbers).requires_grad_()


def close(mine: Any, theirs: Any, tolerance: float = 1e-10) -> None:
    for one, other in zip(mine, theirs, strict=True):
        scale = float(other.detach().abs().max())
        np.testing.assert_allclose(
            one.detach().double().numpy(), other.detach().double().numpy(),
            rtol=tolerance, atol=tolerance * scale,
        )  # fmt: skip


@pytest.mark.parametrize("model", LAYERS)
def test_spikes_and_gradients_are_those_of_the_cpu(model: str) -> None:
    results = []
    for made in pair(model, traces=("v",)):
        x = drive(model)
        spikes, v = made(x)
        ((spikes * torch.linspace(-1, 1, 6)).sum() + 1e-3 * (v[3:] ** 2).sum()).backward()
        found = [x.grad, *(value.grad for value in made.learnt.values())]
        results.append([spikes, v, *found])
    assert 8 <= results[0][0].sum() < 200
    close(*results)


@pytest.mark.parametrize("model", LAYERS)
def test_one_step_at_a_time_goes_on_with_the_state_and_its_gradient(model: str) -> None:
    results = []
    for made in pair(model, step_mode="s"):
        x = drive(model)
        spikes = torch.stack([made(row) for row in x])
        (spikes * torch.linspace(-1, 1, 6)).sum().backward()
        results.append([spikes, made.state, x.grad, *(p.grad for p in made.learnt.values())])
    close(*results)


def test_learnt_parameters_of_every_neuron_get_their_own_gradients() -> None:
    results = []
    for through in (shim.ShimDevice(), None):
        made = Spiking("lif_discrete", tau=np.linspace(1.5, 4, 6), learn=("tau",)).double()
        made.through = through
        made(drive("lif_discrete")).sum().backward()
        results.append([made.learnt["tau"].grad])
    assert results[0][0].shape == (6,)
    close(*results)


@pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.bfloat16])
def test_narrow_rows_give_narrow_results_and_gradients_near_the_others(kind: Any) -> None:
    made, truth = pair("lif_discrete", step_mode="m")
    x = drive("lif_discrete", 12).detach().to(kind).requires_grad_()
    same = x.detach().double().requires_grad_()
    spikes, expected = made(x), truth(same)
    assert spikes.dtype == kind
    (spikes.double() * torch.linspace(-1, 1, 6)).sum().backward()
    (expected * torch.linspace(-1, 1, 6)).sum().backward()
    np.testing.assert_array_equal(spikes.detach().double(), expected.detach())
    assert x.grad.dtype == kind
    close([x.grad], [same.grad], 0.03)


def test_nothing_is_kept_without_gradients() -> None:
    made, truth = pair("lif_discrete")
    with torch.no_grad():
        spikes = made(drive("lif_discrete"))
        assert not spikes.requires_grad
        close([spikes], [truth(drive("lif_discrete"))])


def test_a_layer_is_copied_without_its_kernels() -> None:
    made, _ = pair("lif_discrete")
    before = made(drive("lif_discrete"))
    again = copy.deepcopy(made)
    assert not again._on_devices
    close([again(drive("lif_discrete"))], [before])


def test_what_is_on_no_gpu_and_what_is_no_number_is_refused() -> None:
    made, truth = pair("lif_discrete")
    with pytest.raises(DataError, match="give bfloat16 or float16 or float32 or float64 on cpu"):
        made(torch.zeros(3, 2, dtype=torch.int64))
    with pytest.raises(DataError, match=r"torch.float16; give float32 or float64 on cpu"):
        truth(torch.zeros(3, 2, dtype=torch.float16))
    with pytest.raises(BackendError, match="on meta; move it to the CPU or to a CUDA GPU"):
        truth(torch.zeros(3, 2, device="meta"))


def test_a_state_of_another_type_is_refused() -> None:
    made, _ = pair("lif_discrete", step_mode="s")
    made(torch.zeros(6, dtype=torch.float64))
    with pytest.raises(DataError, match=r"the state 6 of torch.float64 on cpu; call reset\(\)"):
        made(torch.zeros(6, dtype=torch.bfloat16))
