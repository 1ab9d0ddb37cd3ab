"""Reverse sweeps over expressions: right, shared, and safe in branches that are not taken."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.equations.adjoint import adjoint, distance, other_conditions
from engine.equations.algebra import derivative
from engine.equations.compile import compile_model
from engine.equations.evaluate import evaluate, execute
from engine.equations.language import parse_expression
from engine.equations.printing import to_text
from engine.equations.stepmap import Input, StepMap
from engine.equations.tape import Tape
from engine.equations.tree import Assign, Binary, Call, Expr, Name, Number, Unary, names
from engine.errors import EquationError
from engine.models.registry import get

X = np.linspace(-2.0, 2.0, 41)
Y = np.random.default_rng(1).uniform(0.3, 2.0, X.size)


def slopes(expr: Expr) -> dict[str, np.ndarray]:
    """d expr/dx and d expr/dy by a tape, at X and Y."""
    tape = Tape()
    result = tape.put(expr)
    found = tape.backward({}, ())
    tape.grow(found, result, Name("seed"))
    tape.backward(found, tape.nodes)
    wanted = [found.get(name, Number(0.0)) for name in ("x", "y")]
    values = {"x": X, "y": Y, "seed": np.ones_like(X)}
    execute(tape.program(wanted), values)
    return {
        name: np.broadcast_to(evaluate(atom, values), X.shape)
        for name, atom in zip(("x", "y"), wanted, strict=True)
    }


LEAVES = st.one_of(
    st.sampled_from([Name("x"), Name("y")]),
    st.floats(0.3, 3.0).map(lambda value: Number(round(value, 2))),
)


def _grow(parts: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    condition = st.builds(Binary, st.sampled_from(["<", ">="]), parts, parts)
    return st.one_of(
        st.builds(Binary, st.sampled_from(["+", "-", "*", "/"]), parts, parts),
        st.builds(Binary, st.just("**"), parts, st.sampled_from([Number(2.0), Number(3.0)])),
        st.builds(Unary, st.just("-"), parts),
        st.builds(Call, st.sampled_from(["tanh", "exp", "exprel", "abs", "sin"]), st.tuples(parts)),
        st.builds(Call, st.sampled_from(["min", "max"]), st.tuples(parts, parts)),
        st.builds(Call, st.just("where"), st.tuples(condition, parts, parts)),
        st.builds(Call, st.just("clip"), st.tuples(parts, st.just(Number(0.3)), parts)),
    )


@settings(max_examples=150, deadline=None)
@given(st.recursive(LEAVES, _grow, max_leaves=10))
def test_a_reverse_sweep_equals_the_symbolic_derivative(expr: Expr) -> None:
    found = slopes(expr)
    for name in ("x", "y"):
        expected = np.broadcast_to(evaluate(derivative(expr, name), {"x": X, "y": Y}), X.shape)
        tame = np.isfinite(expected) & (np.abs(expected) < 1e8)
        tame &= np.abs(np.broadcast_to(evaluate(expr, {"x": X, "y": Y}), X.shape)) < 1e8
        np.testing.assert_allclose(found[name][tame], expected[tame], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    "text",
    [
        "where(x > 0, sqrt(x), 0)",
        "where(x > 0, log(x), x)",
        "where(x > 0, 1/x, 0)",
        "where(x != 0, y/x, y)",
        "where(x < -1.5, exp(-1/(x + 1.5)), x)",
        "max(where(x > 0, x**0.5, 0), y)",
        "where(x > 0, where(y > 1, sqrt(x)*log(y - 1), x), 0)",
        "where(x > 0, sqrt(x), where(x < 0, sqrt(-x), 0))",
        "min(where(x > 0, sqrt(x), 0) + where(y > 1, sqrt(y - 1), 0), 3)*sqrt(y)",
    ],
)
def test_a_branch_that_is_not_taken_leaks_no_nan(text: str) -> None:
    for slope in slopes(parse_expression(text)).values():
        assert np.isfinite(slope).all()


def test_what_is_computed_twice_is_one_operation() -> None:
    tape = Tape()
    one = tape.put(parse_expression("exp(x*y) + 1"))
    two = tape.put(parse_expression("2*exp(x*y)"))
    assert sum(isinstance(node, Call) for node in tape.nodes.values()) == 1
    text = "; ".join(to_text(assign.value) for assign in tape.program([one, two]))
    assert text.count("exp") == 1


def test_nothing_is_computed_that_no_result_needs() -> None:
    tape = Tape()
    tape.put(parse_expression("exp(x)"))
    result = tape.put(parse_expression("x*y"))
    assert [to_text(assign.value) for assign in tape.program([result])] == ["x*y"]


@pytest.mark.parametrize(
    ("text", "expected", "others"),
    [
        ("v >= v_th", "v - v_th", []),
        ("v < v_th and r <= 0 and w > 1", "v_th - v", ["r <= 0", "w > 1"]),
    ],
)
def test_the_distance_is_that_of_the_first_comparison(text, expected, others) -> None:
    threshold = parse_expression(text)
    assert to_text(distance(threshold)) == expected
    assert [to_text(condition) for condition in other_conditions(threshold)] == others


def test_a_threshold_without_a_distance_is_a_sentence() -> None:
    with pytest.raises(EquationError, match="has no distance that a surrogate could take"):
        distance(parse_expression("not v < v_th"))


def test_only_what_reaches_a_result_is_carried_back() -> None:
    """The rows for refractoriness and late spikes carry no gradient from step to step."""
    for model in ("lif", "izhikevich", "adex", "hodgkin_huxley"):
        found = adjoint(compile_model(get(model)), parse_expression("1/(1 + x*x)"))
        assert not {"refractory", "above", "before", "rise", "late"} & set(found.active)


def test_without_a_surrogate_and_without_traces_nothing_is_left() -> None:
    found = adjoint(compile_model(get("lif_discrete")))
    assert found.active == ()
    assert found.keep == ()
    assert all(atom == Number(0.0) for _, atom in found.inputs)


def test_every_name_that_is_read_is_announced() -> None:
    found = adjoint(compile_model(get("lif")), parse_expression("1/(1 + x*x)"))
    known = set(found.reads)
    for assign in found.body:
        assert names(assign.value) <= known
        assert assign.target not in known
        known.add(assign.target)


def step_map(**changes: object) -> StepMap:
    given = {
        "model": "m", "solver": "none", "states": ("v",), "constants": (),
        "inputs": (Input("current", "in_current", "hold"),),
        "update": (Assign("v", parse_expression("v + in_current")),),
        "threshold": parse_expression("v >= 1"),
    }  # fmt: skip
    return StepMap(**{**given, **changes})  # pyright: ignore


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"normals": ("xi",)}, "m has noise"),
        ({"reset": (Assign("v", Name("in_current")),)}, "reads an input"),
        ({"threshold": parse_expression("v >= in_current")}, "reads an input"),
    ],
)
def test_what_cannot_be_differentiated_is_a_sentence(changes, message) -> None:
    with pytest.raises(EquationError, match=message):
        adjoint(step_map(**changes), Number(1.0))


def test_an_unknown_name_is_a_sentence() -> None:
    for wrong in ({"inputs": ["in_x"]}, {"constants": ["x"]}, {"traces": ["x"]}):
        with pytest.raises(EquationError, match="has no gradient"):
            adjoint(step_map(), None, **wrong)  # pyright: ignore


def test_a_temporary_that_the_reset_reads_is_kept() -> None:
    update = (Assign("gain", parse_expression("v*v")), *step_map().update)
    found = adjoint(
        step_map(update=update, reset=(Assign("v", Name("gain")),)), parse_expression("1/(1 + x*x)")
    )
    assert found.keep == ("v", "gain")
