"""Inputs that do nothing but add to a state at the end of a step are found, and no others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.equations.added import added
from engine.equations.compile import compile_model
from engine.equations.language import parse_expression
from engine.equations.stepmap import StepMap
from engine.equations.tree import Assign
from engine.models.registry import get


def lif() -> StepMap:
    return compile_model(get("lif_psc_exp"))


def assign(target: str, text: str) -> Assign:
    return Assign(target, parse_expression(text))


@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("lif_psc_exp", {"exc": "I_exc", "inh": "I_inh"}),
        ("lif_cond_exp", {"exc": "g_exc", "inh": "g_inh"}),
        ("lif_psc_delta", {}),  # the threshold looks at v
        ("izhikevich", {}),  # a pulse acts during the step
    ],
)
def test_synapses_of_shipped_models(name: str, states: dict[str, str]) -> None:
    assert added(compile_model(get(name))) == states


@pytest.mark.parametrize(
    "changed",
    [
        {"threshold": "v >= v_th and I_exc > 0"},
        {"threshold": "v + in_exc >= v_th"},
        {"reset": ("I_exc", "0")},
        {"reset": ("v", "v_reset + I_exc")},
        {"jumps": ("v", "v + I_exc")},
        {"jumps": ("I_exc", "min(I_exc, 100)")},
        {"jumps": ("v", "v + in_exc")},
        {"update": ("v", "v + in_exc")},
    ],
    ids=str,
)
def test_a_state_that_is_looked_at_afterwards_takes_its_input_before(changed: dict) -> None:
    whole = lif()
    for name, made in changed.items():
        value = parse_expression(made) if name == "threshold" else (
            *getattr(whole, name), assign(*made)
        )  # fmt: skip
        whole = replace(whole, **{name: value})
    assert added(whole) == {"inh": "I_inh"}
