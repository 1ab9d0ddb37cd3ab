"""The contract suite: every shipped neuron keeps it, and it sees what is broken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from marks import OF_EACH_KIND, slow_but

import engine
from engine.backends.numba_cpu.training import TrainingKernels
from engine.models.registry import get, neuron_models
from engine.testing import Check, ContractError, check_neuron, driving
from engine.testing.report import BROKEN, IDLE, KEPT

CHECKS = ("declaration", "units", "rest", "determinism", "backends", "precision", "gradient",
          "speed", "refinement")  # fmt: skip


def outcome(model, name: str) -> Check:
    return check_neuron(model, strict=False)[name]


# Variants have the equations of their model, and the contract is without synapses.
OWN = [
    name
    for name in neuron_models()
    if not any(name in model.variants for model in neuron_models().values())
]


@pytest.mark.parametrize("name", slow_but(OF_EACH_KIND, OWN))
def test_a_shipped_neuron_keeps_the_contract(name: str) -> None:
    report = check_neuron(name)
    assert tuple(check.name for check in report.checks) == CHECKS
    kept = {check.name for check in report.checks if check.outcome == KEPT}
    assert kept >= {"declaration", "determinism", "backends", "precision", "gradient", "speed"}


def other_options() -> list[tuple[str, dict[str, float]]]:
    """Every option of every model at every value that is not its default; what is no switch, at
    the values that presets have."""
    found = []
    for model in map(get, OWN):
        for option in model.options:
            declared = model.parameters[option]
            presets = {values[option] for values in model.presets.values() if option in values}
            values = {0, 1} if declared.bounds == (0, 1) else presets
            found += [(model.name, {option: value}) for value in values - {declared.default}]
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("name", "options"), other_options(), ids=str)
def test_a_shipped_neuron_keeps_it_with_every_option(name: str, options: dict) -> None:
    report = check_neuron(name, options=options)
    assert report["gradient"].outcome == KEPT
    assert report["speed"].outcome == KEPT


def test_an_option_that_there_is_not_is_refused() -> None:
    with pytest.raises(engine.DocumentError, match=r"`soft` is not an option .*`soft_reset`"):
        check_neuron("if_discrete", options={"soft": 1})


def own(**changes):
    declared = {
        "equations": "dv/dt = (E_L - v)/tau + I/C : mV",
        "threshold": "v >= v_th",
        "reset": "v = E_L",
        "parameters": {"E_L": "-65 mV", "v_th": "-50 mV", "tau": "20 ms", "C": "200 pF"},
    }
    return engine.define("mine", **{**declared, **changes})


def test_a_model_of_ones_own_is_put_to_the_same() -> None:
    report = check_neuron(own())
    assert not report.broken
    assert report["rest"].outcome == KEPT
    assert report["gradient"].outcome == KEPT


def test_what_has_no_bounds_is_named() -> None:
    model = own()
    endless = replace(model.parameters["tau"], bounds=(0.1, np.inf))
    model = replace(model, parameters={**model.parameters, "tau": endless})
    found = outcome(model, "declaration")
    assert found.outcome == BROKEN
    assert "tau" in found.sentence


def test_a_preset_out_of_bounds_is_named() -> None:
    model = replace(get("lif"), presets={"slow": {"C": -3.0}})
    found = outcome(model, "declaration")
    assert found.outcome == BROKEN
    assert 'preset "slow"' in found.sentence
    assert "C" in found.sentence


def test_a_model_that_cannot_be_compiled_is_not_run() -> None:
    report = check_neuron(replace(own(), equations="dv/dt = q/ms : mV"), strict=False)
    assert [check.outcome for check in report.checks] == [BROKEN, BROKEN]
    assert "`q`" in report["declaration"].sentence


def test_a_rest_that_is_none_is_seen() -> None:
    """The oscillator of FitzHugh and Nagumo under a current of its own has no stable rest."""
    model = engine.define(
        "oscillator",
        "dv/dt = (v - v**3/3 - w + 0.5 + I)/ms : 1\ndw/dt = 0.08*(v + 0.7 - 0.8*w)/ms : 1",
        initial={"v": "rest", "w": 0.1},
        current_unit="1",
    )
    found = outcome(model, "rest")
    assert found.outcome == BROKEN
    assert "`v`" in found.sentence


def test_a_wrong_gradient_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    true = TrainingKernels.backward

    def wrong(self, *arguments, **named):
        found = true(self, *arguments, **named)
        found.constants["v_th"] *= 1.001
        return found

    monkeypatch.setattr(TrainingKernels, "backward", wrong)
    found = outcome("lif", "gradient")
    assert found.outcome == BROKEN
    assert "`v_th`" in found.sentence


def test_an_executor_that_differs_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    true = driving.make_executor

    def noisy(plan, threads=1, backend=None):
        if backend == "torch_reference":
            plan.populations[0].constants["v_th"] = -50.1
        return true(plan, threads=threads, backend=backend)

    monkeypatch.setattr(driving, "make_executor", noisy)
    assert outcome("lif", "backends").outcome == BROKEN


def test_an_answer_that_smaller_steps_do_not_approach_is_seen() -> None:
    """Lorenz' equations: after a hundred units of time no step is small enough."""
    model = engine.define(
        "lorenz",
        "dx/dt = (10*(y - x) + I)/ms : 1\n"
        "dy/dt = (x*(28 - z) - y)/ms : 1\n"
        "dz/dt = (x*y - 8*z/3)/ms : 1",
        initial={"x": 1, "y": 1, "z": 20},
        membrane="x",
        current_unit="1",
        solver="rk4",
    )
    assert outcome(model, "refinement").outcome == BROKEN


def test_a_broken_contract_is_one_error_with_every_sentence() -> None:
    model = replace(get("lif"), presets={"slow": {"C": -3.0}})
    with pytest.raises(
        ContractError, match=r'lif breaks its contract: declaration: .*"slow"'
    ) as raised:
        check_neuron(model)
    assert [check.name for check in raised.value.report.broken] == ["declaration"]


def test_what_does_not_apply_says_why() -> None:
    found = outcome("lif_discrete", "refinement")
    assert found.outcome == IDLE
    assert "map" in found.sentence


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(engine.DocumentError, match="no neuron model"):
        check_neuron("liff")
