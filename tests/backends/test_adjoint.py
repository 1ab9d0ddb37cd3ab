"""The adjoint of a step is autograd's, for every model, reset and solver; nothing here compiles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from plain_training import backward, by_autograd, forward

from engine.equations.adjoint import adjoint
from engine.equations.compile import compile_model
from engine.equations.constants import constants as numbers
from engine.equations.initial import initial_state
from engine.equations.language import parse_expression
from engine.models.registry import get, neuron_models

torch = pytest.importorskip("torch")

DT, STEPS, SIZE = 0.5, 60, 7
SLOPE = parse_expression("1/(1 + abs(x))**2")
# model -> solver, drive from which to which, traces that the loss reads
CASES = {
    "lif": (None, 150.0, 900.0),
    "lif euler": ("euler", 150.0, 900.0),
    "izhikevich 2003": ("izhikevich_2003", 4.0, 25.0),
    "izhikevich rk4": ("rk4", 4.0, 25.0),
    "adex euler": ("euler", 200.0, 1500.0),
    "adex rk4": ("rk4", 200.0, 1500.0),
    "hodgkin_huxley": (None, 2.0, 40.0),
    "traub_miles": (None, 50.0, 500.0),
    "pif": (None, 100.0, 900.0),
    "qif": (None, 100.0, 900.0),
    "eif euler": ("euler", 0.5, 8.0),
    "lif_adaptive_threshold": (None, 150.0, 900.0),
    "lif_adaptive_current": (None, 150.0, 900.0),
    "fitzhugh_nagumo": (None, 0.2, 1.5),
    "morris_lecar": (None, 80.0, 400.0),
    "hindmarsh_rose": (None, 10.0, 20.0),
}
UNIT = (None, 0.0, 8.0)  # of a neuron without dimensions
CASES |= {
    name: UNIT
    for name, model in neuron_models().items()
    if model.group in ("discrete", "NIR") and model.threshold
}


def test_every_model_with_a_threshold_has_a_case() -> None:
    models = {name for name, m in neuron_models().items() if m.threshold}
    same = {name for model in neuron_models().values() for name in model.variants}
    assert models - same <= {case.split()[0] for case in CASES}


@pytest.mark.parametrize("detach", [False, True], ids=["reset", "detached"])
@pytest.mark.parametrize("case", CASES)
def test_the_adjoint_is_autograd(case: str, detach: bool) -> None:
    solver, low, high = CASES[case]
    dt = 0.1 if case == "hindmarsh_rose" else DT  # it is stiff
    model = replace(get(case.split()[0]), ports={})
    step_map, v = compile_model(model, None, solver), model.membrane
    values = numbers(step_map, {}, dt, SIZE)
    state = initial_state(model, None, {}, SIZE)
    rng = np.random.default_rng(3)
    drive = {"in_current": rng.uniform(low, high, (STEPS, SIZE))}
    on_spikes, on_v = rng.normal(size=(2, STEPS, SIZE))
    wanted = [name for name in step_map.constants if name != "k_dt_t_ref"]
    found = adjoint(step_map, SLOPE, detach_reset=detach, constants=wanted, traces=(v,))

    arrays = {name: np.asarray(value) for name, value in values.items()}
    spikes, last, kept = forward(found, arrays, state, drive, dt)
    ours = backward(found, arrays, drive, dt, kept, on_spikes, {v: on_v})

    leaves = {name: torch.tensor(value).requires_grad_() for name, value in arrays.items()}
    start = torch.tensor(state).requires_grad_()
    given = {name: torch.tensor(rows).requires_grad_() for name, rows in drive.items()}
    emitted, end, traces = by_autograd(step_map, SLOPE, leaves, start, given, dt, detach)
    loss = (emitted * torch.tensor(on_spikes)).sum() + (traces[v] * torch.tensor(on_v)).sum()
    loss.backward()

    assert spikes.sum() > 3
    np.testing.assert_array_equal(spikes, emitted.detach().numpy())
    np.testing.assert_allclose(last[v], end[v].detach(), rtol=1e-12)
    close(ours[1]["in_current"], given["in_current"].grad)
    for row, name in enumerate(step_map.states):
        if name in found.active:
            close(ours[0][name], start.grad[row])
    for name in wanted:
        close(ours[2][name].sum(), leaves[name].grad)


def close(ours: np.ndarray, theirs: torch.Tensor | None) -> None:
    expected = np.zeros_like(ours) if theirs is None else theirs.numpy()
    assert np.isfinite(ours).all()
    scale = np.abs(expected).max()
    np.testing.assert_allclose(ours, expected, rtol=1e-8, atol=1e-9 * max(scale, 1e-12))
