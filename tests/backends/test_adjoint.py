"""The adjoint of a step is autograd's, for every model, reset and solver; nothing here compiles."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from gradient_cases import CASES, SLOPE, Task, close
from plain_training import backward, by_autograd, forward

from engine.models.registry import get, neuron_models

torch = pytest.importorskip("torch")


def test_every_model_with_a_threshold_has_a_case() -> None:
    models = {name for name, m in neuron_models().items() if m.threshold}
    same = {name for model in neuron_models().values() for name in model.variants}
    assert models - same <= {case.split()[0] for case in CASES}


def either_way() -> list:
    """Every case with its reset differentiated and detached; the fast tests take turns."""
    return [
        pytest.param(
            case,
            detach,
            id=f"{case}-{'detached' if detach else 'reset'}",
            marks=[] if detach == bool(place % 2) else [pytest.mark.slow],
        )
        for place, case in enumerate(CASES)
        for detach in (False, True)
    ]


@pytest.mark.parametrize(("case", "detach"), either_way())
def test_the_adjoint_is_autograd(case: str, detach: bool) -> None:
    assert_is_autograd(Task(case, detach), detach)


def assert_is_autograd(task: Task, detach: bool = False) -> None:
    found, drive, v = task.found, {"in_current": task.drive}, task.membrane
    arrays = {name: np.asarray(value) for name, value in task.values.items()}
    spikes, last, kept = forward(found, arrays, task.state, drive, task.dt)
    ours = backward(found, arrays, drive, task.dt, kept, task.on_spikes, {v: task.on_v})

    leaves = {name: torch.tensor(value).requires_grad_() for name, value in arrays.items()}
    start = torch.tensor(task.state).requires_grad_()
    given = {name: torch.tensor(rows).requires_grad_() for name, rows in drive.items()}
    emitted, end, traces = by_autograd(task.step_map, SLOPE, leaves, start, given, task.dt, detach)
    loss = (emitted * torch.tensor(task.on_spikes)).sum()
    (loss + (traces[v] * torch.tensor(task.on_v)).sum()).backward()

    assert spikes.sum() > 3
    np.testing.assert_array_equal(spikes, emitted.detach().numpy())
    np.testing.assert_allclose(last[v], end[v].detach(), rtol=1e-12)
    close(ours[1]["in_current"], given["in_current"].grad)
    for row, name in enumerate(task.step_map.states):
        if name in found.active:
            close(ours[0][name], start.grad[row])
    for name in task.wanted:
        close(ours[2][name].sum(), leaves[name].grad)


def choices() -> list[tuple[str, dict[str, float]]]:
    """Every model with switches, each of them either way."""
    found = []
    for case in CASES:
        switches = [
            name
            for name in get(case.split()[0]).options
            if get(case.split()[0]).parameters[name].bounds == (0, 1)
        ]
        if switches:
            values = itertools.product((0.0, 1.0), repeat=len(switches))
            found += [(case, dict(zip(switches, each, strict=True))) for each in values]
    return found


@pytest.mark.parametrize(("case", "options"), choices(), ids=str)
def test_it_is_with_every_choice_of_options(case: str, options: dict[str, float]) -> None:
    assert_is_autograd(Task(case, options=options))
