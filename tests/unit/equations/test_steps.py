"""Models in steps: ``v := ...`` in the language, the compiler, LaTeX, documents and networks."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.document import dumps, loads
from engine.equations.compile import available_solvers, compile_model
from engine.equations.language import parse_equations
from engine.equations.latex import equations_latex, equations_mathml
from engine.equations.printing import to_text
from engine.errors import DocumentError, EquationError
from engine.models.declaration import from_json, to_json
from engine.models.registry import get

TEXT = "drop = v/4 : 1\nv := v - drop + I : 1\nw := w + v : 1"


def own(**more):
    return engine.define("own", TEXT, "v >= 1", "v = 0", **more)


def test_an_update_is_parsed_as_an_equation_of_its_variable() -> None:
    found = parse_equations(TEXT)
    assert [(e.target, e.discrete, e.derivative, e.state, e.unit) for e in found] == [
        ("drop", False, False, False, "1"),
        ("v", True, False, True, "1"),
        ("w", True, False, True, "1"),
    ]


@pytest.mark.parametrize("text", ["v : = v + 1", "v =: v + 1", ":= v + 1", "dv/dt := v", "v :== 2"])
def test_what_is_no_update_is_a_sentence(text: str) -> None:
    with pytest.raises(EquationError):
        parse_equations(text)


def test_a_line_reads_the_newest_values_also_through_names() -> None:
    step_map = compile_model(own())
    assert step_map.solver == "map"
    written = [(a.target, to_text(a.value)) for a in step_map.update]
    assert written == [("v", "v - 0.25*v + in_current"), ("w", "w + v")]


def test_the_time_step_does_not_enter() -> None:
    x = np.array([0.3, 0.9, 0.1, 0.8, 0.0])
    fine = engine.response(own(), x, duration=0.5, dt=0.1)
    coarse = engine.response(own(), x, duration=5.0, dt=1.0)
    np.testing.assert_array_equal(fine.states["w"], coarse.states["w"])
    v, w = 0.0, 0.0
    for k, current in enumerate(x):
        v = 0.75 * v + current
        w = w + v
        v = 0.0 if v >= 1 else v
        assert coarse.states["v"][k + 1] == pytest.approx(v)
        assert coarse.states["w"][k + 1] == pytest.approx(w)


def test_only_the_map_can_advance_it_and_it_nothing_else() -> None:
    solvers = available_solvers(own().compose())
    assert [name for name, reason in solvers.items() if not reason] == ["map"]
    assert solvers["rk4"] == "its equations are steps"
    assert available_solvers(get("lif").compose())["map"] == "its equations are rates of change"
    with pytest.raises(EquationError, match="own has no solver `euler`: its equations are steps"):
        compile_model(own(), None, "euler")


def test_rates_and_steps_do_not_mix() -> None:
    with pytest.raises(DocumentError, match="mixes rates of change and steps"):
        engine.define("mixed", "v := v + I : 1\ndw/dt = -w/(5*ms) : 1")


def test_latex_and_mathml_have_an_arrow() -> None:
    assert equations_latex("v := v - v/tau + I", ["tau"]) == [
        r"v \leftarrow v - \frac{v}{\tau } + I"
    ]
    assert "<mo>←</mo>" in equations_mathml("v := v + I")[0]


def test_units_of_an_update_are_those_of_its_variable() -> None:
    made = engine.define("u", "v := v + R*I : mV", "v >= th", "v = 0*mV",
                         {"R": "0.1 mV/pA", "th": "10 mV"})  # fmt: skip
    assert made.current_unit == "pA"
    with pytest.raises(DocumentError, match="`v`"):
        engine.define("u", "v := v/(5*ms) : mV", parameters={"th": "10 mV"})


def test_it_stands_in_documents_and_comes_back_equal() -> None:
    made = own()
    assert from_json(to_json(made)) == made
    network = engine.Network(dt=1.0)
    network.population("n", 3, made)
    document = loads(dumps(network.document))
    assert document == network.document
    assert [problem for problem in engine.check(document) if problem.severity == "error"] == []


def test_refractoriness_holds_a_variable_in_steps() -> None:
    made = own(refractory="2*ms")
    found = engine.response(made, np.full(8, 0.6), duration=8, dt=1)
    # 0.6, then 1.05: a spike at 2 ms; held for two steps; again at 6 ms.
    np.testing.assert_array_equal(found.spike_times, [2.0, 6.0])
