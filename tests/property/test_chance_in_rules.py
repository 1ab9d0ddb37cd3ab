"""Random numbers in the text of a rule: whatever is written with them means what it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.equations.chance import WORDS, draws
from engine.equations.evaluate import evaluate, execute
from engine.equations.language import parse_expression, parse_statements, to_text
from engine.equations.plastic import plastic_constants
from engine.equations.tree import names
from engine.models.declaration import Parameter, PlasticityModel
from engine.models.plastic import describe_rule, plastic_map

ATOMS = st.sampled_from(["normal", "uniform", "x", "y", "A", "B", "2", "0.3"])


def _joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        *(pair.map(lambda two, op=op: f"({two[0]} {op} {two[1]})") for op in ("+", "-", "*")),
        inner.map(lambda one: f"-{one}"),
        inner.map(lambda one: f"tanh({one})"),
        st.tuples(inner, inner, inner).map(
            lambda three: f"where({three[0]} < {three[1]}, {three[2]}, {three[0]})"
        ),
    )


TEXTS = st.recursive(ATOMS, _joined, max_leaves=12)
RULE = PlasticityModel(
    name="any",
    pre="dx/dt = -x/tau",
    post="dy/dt = -y/tau",
    pre_spike="x += 1",
    post_spike="y += 1",
    parameters={"tau": Parameter(20, "ms"), "A": Parameter(0.7), "B": Parameter(-1.3)},
    bounds=(),
)


@settings(max_examples=120, deadline=None)
@given(TEXTS)
def test_a_text_with_chance_is_written_read_and_compiled_to_the_same(text: str) -> None:
    rule = replace(RULE, on_pre=f"w = w*({text})", on_post=f"w *= {text}")
    for field in ("on_pre", "on_post"):
        (statement,) = parse_statements(describe_rule(rule)[field])
        assert parse_expression(to_text(statement.value)) == statement.value
    made = plastic_map(rule)
    given = {"x": 1.7, "y": 0.4, "normal": -1.1, "uniform": 0.6, "A": 0.7, "B": -1.3}
    expected = 2.5 * evaluate(parse_expression(text), given)
    moving = {name: value for name, value in given.items() if name not in ("A", "B")}
    constants = plastic_constants(made, {}, 0.1).programs
    for program in (made.on_pre, made.on_post):
        found = moving | constants | {"w": 2.5}
        execute(program, found)
        np.testing.assert_allclose(found["w"], expected, rtol=1e-9, atol=1e-9)
        assert set(draws(program)) <= names(parse_expression(text)) & set(WORDS)
