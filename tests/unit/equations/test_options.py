"""Options: parameters that choose among equations leave nothing of themselves in a kernel."""

import numpy as np
import pytest
from interpreter import run

import engine
from engine.equations.compile import canonical, compile_model
from engine.equations.language import parse_expression
from engine.equations.options import decided
from engine.errors import DocumentError
from engine.models.registry import neuron_models

WITH_OPTIONS = [name for name, model in neuron_models().items() if model.options]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("where(1 > 0.5, a, b)", "a"),
        ("where(0 > 0.5 or a > b, 1, 2)", "where(a > b, 1, 2)"),
        ("where(a > b and 0 > 0.5, 1, 2)", "2"),
        ("where(not 0 > 0.5, exp(where(1 == 1, a, b)), -b)", "exp(a)"),
        ("where(a > b or (a == b and 0 < 0.5), 1, 2)", "where(a >= b, 1, 2)"),
        ("where(a > b or (a == b and 1 < 0.5), 1, 2)", "where(a > b, 1, 2)"),
        ("where(a < b or a == b, 1, 2)", "where(a <= b, 1, 2)"),
        ("where(a > b or a == c, 1, 2)", "where(a > b or a == c, 1, 2)"),
    ],
)
def test_what_is_decided_is_left_out(text, left):
    assert decided(parse_expression(text)) == parse_expression(left)


@pytest.mark.parametrize("name", WITH_OPTIONS)
def test_no_option_is_read_by_the_kernel_that_has_it_built_in(name):
    model = neuron_models()[name]
    step_map = compile_model(model, None, None, model.chosen({}))
    assert not set(model.options) & set(step_map.constants)
    assert len(canonical(step_map)) < len(canonical(compile_model(model)))


@pytest.mark.parametrize("name", WITH_OPTIONS)
def test_the_numbers_are_those_of_the_kernel_that_reads_them(name):
    """`run` compiles with all options as parameters; `response` builds them in."""
    model, currents = neuron_models()[name], np.full(200, 300.0)
    dt = 0.1 if model.current_unit == "pA" else 1.0
    currents = currents if model.current_unit == "pA" else np.linspace(0, 3, 200)
    for option in model.options:
        low, high = (float(v) for v in model.parameters[option].bounds)
        for value in (max(low, 0.0), min(high, 1.0)):
            trial = run(model, 200 * dt, dt, currents, {option: value})
            answer = engine.response(model, currents, 200 * dt, dt, params={option: value})
            np.testing.assert_allclose(answer.spike_times, trial.spikes[0], atol=1e-9)


def test_neurons_that_differ_in_an_option_keep_it_as_a_parameter():
    net = engine.Network(dt=1.0)
    net.population("cells", 2, "if_discrete", soft_reset=[0, 1])
    net.source("level", "constant_current", amplitude=0.6)
    net.connect("level", "cells")
    net.record("cells", "v")
    _, v = net.simulate(2.0)["cells"].trace("v")
    assert v[-1] == pytest.approx([0.0, 0.2])


def test_a_network_that_runs_refuses_another_choice_and_takes_the_same():
    from engine.runtime.simulation import Simulation

    net = engine.Network(dt=1.0)
    net.population("cells", 2, "if_discrete")
    with Simulation(net.document) as running:
        running.set_parameter("cells", "soft_reset", 0)
        running.set_parameter("cells", "v_th", 2)
        with pytest.raises(DocumentError, match="`soft_reset` chooses among equations"):
            running.set_parameter("cells", "soft_reset", 1)


def test_an_option_must_be_a_parameter_with_a_number():
    from dataclasses import replace

    from engine.models.check import check_model

    for options in (("nope",), ("tau_m",)):
        (problem,) = check_model(replace(neuron_models()["lif"], options=options))
        assert "is not a parameter with a number" in str(problem)
