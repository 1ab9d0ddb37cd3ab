"""The reference's step is differentiable: autograd against differences of the map itself."""

from __future__ import annotations

import numpy as np
import pytest
from small_networks import current_lif, lif_constants

torch = pytest.importorskip("torch")

from engine.backends.torch_reference import DTYPE, torch_step  # noqa: E402


def run(parameter: torch.Tensor, surrogate=None, steps: int = 80) -> torch.Tensor:
    """Mean v and spikes of a neuron under ``parameter`` pA, which acts through the held port."""
    step_map = current_lif()
    step = torch_step(step_map, surrogate)
    constants = lif_constants(step_map)
    values = {name: torch.tensor(float(value), dtype=DTYPE) for name, value in constants.items()}
    state = {name: torch.zeros(1, dtype=DTYPE) for name in step_map.states}
    state["v"] = torch.full((1,), -55.0, dtype=DTYPE)
    drive = {"in_exc": torch.zeros(1, dtype=DTYPE), "in_inh": torch.zeros(1, dtype=DTYPE)}
    total = torch.zeros(1, dtype=DTYPE)
    for _ in range(steps):
        state, spike = step({**values, **state, **drive, "in_current": parameter.reshape(1)})
        total = total + state["v"] / steps + 100.0 * spike
    return total.sum()


def test_the_derivative_below_threshold_is_that_of_the_map() -> None:
    current = torch.tensor(20.0, dtype=DTYPE, requires_grad=True)
    (slope,) = torch.autograd.grad(run(current), current)
    change = run(torch.tensor(20.5, dtype=DTYPE)) - run(torch.tensor(19.5, dtype=DTYPE))
    assert slope.item() == pytest.approx(change.item(), rel=1e-9)
    assert slope.item() > 0


def test_a_surrogate_changes_the_derivative_and_no_value() -> None:
    def sigmoid(distance: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(distance)

    current = torch.tensor(400.0, dtype=DTYPE, requires_grad=True)
    plain, soft = run(current, None), run(current, sigmoid)
    assert plain.item() == soft.item()
    (slope,) = torch.autograd.grad(soft, current)
    (without,) = torch.autograd.grad(plain, current)
    assert plain.item() > 0  # it spikes, or the mean of v would be all there is
    assert np.isfinite(slope.item())
    assert slope.item() > without.item()
