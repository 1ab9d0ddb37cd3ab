"""``define`` and JSON: a model of one's own is checked as strictly as a shipped one."""

import json

import pytest

from engine.equations.compile import compile_model, constants
from engine.errors import DocumentError, EquationError
from engine.models.declaration import Parameter, from_json, to_json
from engine.models.define import define
from engine.models.registry import neuron_models

EQUATIONS = "dv/dt = (E - v)/tau + I/C : mV"
PARAMETERS = {"E": "-65 mV", "tau": "20 ms", "C": "200 pF", "v_th": "-50 mV"}


def make(**changes):
    fields = {"name": "mine", "equations": EQUATIONS, "threshold": "v > v_th", "reset": "v = E"}
    return define(**{**fields, "parameters": PARAMETERS, **changes})


def test_a_model_is_made_from_text_and_runs_on_the_same_path():
    model = make()
    step_map = compile_model(model, {"exc": "exp_current"})
    assert step_map.solver == "exact"
    assert constants(step_map, {"tau": 10}, 0.1, 1)["v_th"] == -50.0


def test_a_parameter_that_follows_from_others_gets_its_unit_from_them():
    model = make(parameters={**PARAMETERS, "g": "10 nS", "tau": "C/g"})
    assert model.parameters["tau"].unit == "ms"


def test_a_model_without_units_is_not_checked_for_dimensions():
    model = define("plain", "dv/dt = v*v - u + I\ndu/dt = a*v", "v > 3", "v = 0", {"a": 0.1})
    assert model.current_unit == "1"
    assert compile_model(model).solver == "rk4"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"equations": "dv/dt = (E - v)/tau + I : mV"}, "cannot add mV/ms and pA"),
        ({"equations": "dv/dt = (E - v)*tau + I/C : mV"}, "cannot add"),
        ({"equations": "dv/dt = (E - x)/tau : mV"}, "`x` is not declared"),
        ({"equations": "dv/dt = (E - v)/tua : mV"}, "did you mean `tau`"),
        ({"equations": "dv/dt = (E - v)/tau : V"}, "cannot be kept in V"),
        ({"equations": "dv/dt = (E - v*sin(t))/tau : mV"}, "let time come in through a source"),
        ({"equations": "dv/dt = (E - v)/tau/(3 - 3) : mV"}, "divides by zero"),
        ({"threshold": "v"}, "not a condition"),
        ({"threshold": "v > tau"}, "cannot compare"),
        ({"reset": "x = 3"}, "`x` is not a variable"),
        ({"reset": "v = tau"}, "is in mV, but this is in ms"),
        ({"refractory": "E"}, "refractory period is in ms"),
        ({"ports": {"exc": "exp_curent"}}, "did you mean `exp_current`"),
        ({"ports": {"current": "delta"}}, "always there"),
        ({"initial": {"v": "tau"}}, "the initial `v` is in mV"),
        ({"parameters": {**PARAMETERS, "tau": "20 mx"}}, "is not a unit"),
        ({"parameters": {**PARAMETERS, "exp": 1}}, "meaning of its own"),
        ({"parameters": {**PARAMETERS, "tau": Parameter("E", "ms")}}, "default of `tau` is in ms"),
        ({"name": "my model"}, "cannot be used"),
        ({"solver": "exactly"}, "is not a solver"),
    ],
)
def test_a_mistake_in_a_definition_is_named(changes, word):
    with pytest.raises((DocumentError, EquationError), match=word):
        make(**changes)


def test_sub_expressions_that_go_in_a_circle_are_refused():
    with pytest.raises((DocumentError, EquationError), match="defined by one another"):
        define("circle", "dv/dt = x\nx = y\ny = x + v")


def test_all_problems_of_a_definition_are_reported_at_once():
    with pytest.raises(DocumentError) as caught:
        make(threshold="v > tau", reset="v = tau")
    assert {p.path.split("/")[-1] for p in caught.value.problems} == {"threshold", "reset"}


@pytest.mark.parametrize("name", list(neuron_models()))
def test_json_reads_back_as_the_same_model(name):
    model = neuron_models()[name]
    found = from_json(json.loads(json.dumps(to_json(model))))
    assert to_json(found) == to_json(model)
    assert compile_model(found) == compile_model(model)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, ["a model is an object"]),
        ([], ["a model is an object"]),
        ({}, ["`name` is missing", "`equations` is missing"]),
        ({"name": "x", "equations": 3}, ["must be a text"]),
        ({"name": "x", "equations": EQUATIONS, "thresold": "v > 1"}, ["did you mean `threshold`"]),
        ({"name": "x", "equations": "dv/dt = 1", "parameters": {"a": []}}, ["number or an object"]),
        (
            {"name": "x", "equations": "dv/dt = 1", "parameters": {"a": {"bounds": [2, 1]}}},
            ["lower"],
        ),
        ({"name": "x", "equations": "dv/dt = 1", "presets": {"a": 3}}, ["object of numbers"]),
        ({"name": "x", "equations": "dv/dt = 1", "initial": {"v": None}}, ["number or an express"]),
        ({"name": "x", "equations": "dv/dt = 1", "crossing": "yes"}, ["true or false"]),
        ({"name": "x", "equations": "dv/dt = 1", "checks": [1]}, ["condition, message"]),
        ({"name": "x", "equations": "v" * 5000}, ["at most 4,096"]),
    ],
)
def test_json_that_is_no_model_is_refused_with_all_problems(data, words):
    with pytest.raises(DocumentError) as caught:
        from_json(data)
    for word in words:
        assert word in str(caught.value)


def test_what_is_typed_is_never_executed(tmp_path):
    flag = tmp_path / "canary"
    hostile = f"__import__('pathlib').Path({str(flag)!r}).touch()"
    for field in ("equations", "threshold", "reset", "refractory"):
        with pytest.raises((DocumentError, EquationError)):
            make(**{field: hostile})
    for parameter in ("tau", "E"):
        with pytest.raises((DocumentError, EquationError)):
            make(parameters={**PARAMETERS, parameter: hostile})
    assert not flag.exists()


@pytest.mark.parametrize(
    "tau",
    [
        "20 ms",
        (20, "ms"),
        ("20 ms",),
        (20.0, "ms", (1, 100)),
        (20, "ms", (1, 100), "leak"),
        {"default": 20, "unit": "ms"},
        {"default": "0.02 s", "unit": "ms"},
        Parameter(20, "ms"),
    ],
)
def test_a_parameter_can_be_written_in_any_of_the_documented_forms(tau):
    parameter = make(parameters={**PARAMETERS, "tau": tau}).parameters["tau"]
    assert (parameter.default, parameter.unit) == (20, "ms")
    if isinstance(tau, tuple) and len(tau) > 2:
        assert parameter.bounds == (1, 100)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"parameters": ["tau"]}, "must be a dict of names and values, not list"),
        ({"parameters": {**PARAMETERS, "tau": None}}, "a finite number, a text, a tuple"),
        ({"parameters": {**PARAMETERS, "tau": float("nan")}}, "a finite number, a text, a tuple"),
        ({"parameters": {**PARAMETERS, "tau": {"unit": "ms"}}}, "`tau` has no default"),
        ({"parameters": {**PARAMETERS, "tau": {"default": 1, "min": 0}}}, "`min` is not a field"),
        ({"parameters": {**PARAMETERS, "tau": (20, "ms", 3)}}, "must be two numbers"),
        ({"parameters": {**PARAMETERS, "tau": (20, 3)}}, "`unit` must be a text"),
        ({"parameters": {**PARAMETERS, "tau": "0 ms"}}, "`tau` must not be 0"),
        ({"threshold": None}, "`threshold` must be a text, not NoneType; leave it out"),
        ({"reset": 3}, "`reset` must be a text"),
        ({"equations": b"dv/dt = -v"}, "an equation is a text, not bytes"),
        (
            {"equations": "dv/dt = (E - v)/(2*3 - 6)/ms : mV"},
            "this divides by zero; remove it\n.*\n.*\\^",
        ),
        ({"equations": "dv/dt = 2**2**2**2**2*v/ms : mV"}, "an exponent is at most 64"),
        ({"equations": "dv/dt = \N{MINUS SIGN}v/ms : mV"}, "write a plain -"),
        ({"parameters": {**PARAMETERS, "I": 3}}, "`I` is the current into the membrane"),
        (
            {"parameters": {**PARAMETERS, "x": (20, "ms", (30, 40))}},
            "default of `x` is 20 ms; give a",
        ),
        ({"thresold": "v > 1"}, "`thresold` is not a field of a model; did you mean `threshold`"),
        ({"holds": 3}, "`holds` must be a list of names"),
        ({"ports": {"exc": 3}}, "it must be a text"),
        ({"initial": [3]}, "`initial` must be an object"),
        ({"crossing": "yes"}, "`crossing` must be true or false"),
    ],
)
def test_the_wrong_type_or_a_zero_is_said_in_a_sentence(changes, word):
    with pytest.raises((DocumentError, EquationError), match=word):
        constants(compile_model(make(**changes)), {}, 0.1, 1)
