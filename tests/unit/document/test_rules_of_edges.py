"""Learning rules in documents: how they are written, and every mistake a sentence at its place."""

from __future__ import annotations

from typing import Any

import pytest

import engine
from engine.document import Document, dumps, loads, replace
from engine.document.plasticity import numbers_of_rule
from engine.document.validate import check_text
from engine.errors import DocumentError


def network(**connection: Any) -> Document:
    """A drive onto conductances whose synapses learn."""
    net = engine.Network()
    drive = net.source("drive", "poisson", size=20)
    cells = net.population("cells", 10, "lif_cond_exp")
    net.connect(drive, cells, weight=2, delay=1, port="exc", id="e")
    edge = replace(net.document.edges[0], **({"plasticity": "stdp"} | connection))
    return replace(net.document, edges=(edge,))


def problems(**connection: Any) -> list[str]:
    found = engine.check(network(**connection))
    return [str(problem) for problem in found if problem.severity == "error"]


def with_parameters(**parameters: Any) -> dict[str, Any]:
    return {"plasticity": {"model": "stdp", "parameters": parameters}}


def test_a_bare_name_is_a_rule_with_its_defaults_written_out() -> None:
    document = network()
    assert document.edges[0].plasticity == engine.plasticity("stdp")
    assert engine.check(document) == []
    text = dumps(document).replace("\n", " ")
    assert loads(text) == document
    bare = loads(
        dumps(network(plasticity=None)).replace('"plasticity": null', '"plasticity": "stdp"')
    )
    assert bare == document


def test_defaults_follow_from_the_weight_and_from_one_another() -> None:
    found = numbers_of_rule(network(), network().edges[0])
    assert found["w_max"] == 4.0
    assert found["A_minus"] == pytest.approx(1.05 * found["A_plus"])
    spread = network(weight=engine.uniform(0, 6))
    assert numbers_of_rule(spread, spread.edges[0])["w_max"] == 6.0
    found = numbers_of_rule(network(weight=-3), network(weight=-3).edges[0])
    assert (found["w_min"], found["w_max"]) == (-6.0, 0.0)
    units = network(**with_parameters(tau_plus="0.02 s", w_max="9000 pS"))
    found = numbers_of_rule(units, units.edges[0])
    assert (found["tau_plus"], found["w_max"]) == (20.0, pytest.approx(9.0))


@pytest.mark.parametrize(
    ("connection", "path", "said"),
    [
        ({"plasticity": "sdtp"}, "/model", "did you mean `stdp`?"),
        ({"plasticity": {}}, "/model", "there is no learning rule nothing"),
        ({"plasticity": {"model": 3}}, "/model", "there is no learning rule 3"),
        ({"plasticity": {"model": "stdp", "kind": 1}}, "/kind", "not a field of a learning rule"),
        ({"plasticity": {"model": "stdp", "delay": "near"}}, "/delay", "axonal or dendritic"),
        (
            {"plasticity": {"model": "stdp", "parameters": [1]}},
            "/parameters",
            "must be an object of names and values",
        ),
        (with_parameters(tau=3), "/parameters/tau", "not a parameter of stdp; did you mean"),
        (with_parameters(tau_plus="3 mV"), "/parameters/tau_plus", "a value in ms"),
        (with_parameters(tau_plus=-3), "/parameters/tau_plus", "outside of its bounds"),
        (with_parameters(A_plus=[0.1]), "/parameters/A_plus", "one number for all synapses"),
        (with_parameters(w_max="1 pA"), "/parameters/w_max", "a value in nS"),
        (with_parameters(w_min=5), "/parameters", "w_min must lie below w_max"),
        (with_parameters(w_max=1), "/parameters", "the weight 2 nS is outside of 0 to 1"),
        (
            with_parameters(w_max=3) | {"weight": engine.normal(4, 1)},
            "/parameters",
            "the mean weight 4 nS is outside of 0 to 3",
        ),
        (with_parameters(w_min=-1), "/parameters", "a conductance cannot be negative"),
        (with_parameters(A_plus=0.99), "/parameters", "`A_minus` is 1.0395, outside 0 to 1"),
        ({"delay": engine.uniform(1, 2)}, "", "synapses that learn share one delay"),
    ],
)
def test_a_wrong_rule_is_told_by_its_place(connection, path: str, said: str) -> None:
    (found,) = problems(**connection)
    assert found.startswith(f"edges/e/plasticity{path}: ")
    assert said in found


def test_all_mistakes_are_told_at_once() -> None:
    rule = {"model": "stdp", "delay": "x", "speed": 1, "parameters": {"tua": 1, "B": 2}}
    assert len(problems(plasticity=rule, weight=-1)) == 5


def test_a_current_has_nothing_to_learn_from() -> None:
    net = engine.Network()
    step = net.source("step", "step_current")
    cells = net.population("cells", 3, "lif")
    with pytest.raises(DocumentError, match="synapses learn from spikes"):
        net.connect(step, cells, weight=1, plasticity="stdp")


def test_synapses_learn_on_every_device() -> None:
    made = network()
    for device in ("cpu", "cuda"):
        settings = replace(made.simulation, device=device)
        assert engine.check(replace(made, simulation=settings)) == []


def test_a_rule_that_is_neither_name_nor_object_is_refused_where_it_is_read() -> None:
    for wrong in ("7", "true", "[1]"):
        text = dumps(network(plasticity=None)).replace(
            '"plasticity": null', f'"plasticity": {wrong}'
        )
        found = [str(problem) for problem in check_text(text)]
        assert any("`plasticity` must be" in problem for problem in found), found


def test_a_rule_made_by_a_call_is_checked_at_once() -> None:
    with pytest.raises(DocumentError, match="did you mean `tau_plus`"):
        engine.plasticity("stdp", tau_pluss=3)
    with pytest.raises(DocumentError, match="axonal or dendritic"):
        engine.plasticity("stdp", delay="both")
    assert engine.plasticity("stdp", w_max="2 nS")["parameters"] == {"w_max": "2 nS"}


def test_weights_of_nothing_leave_no_room_to_learn() -> None:
    (found,) = problems(weight=0)
    assert "w_min must lie below w_max" in found


def test_every_rule_describes_itself_with_units() -> None:
    for name, rule in engine.plasticity_models().items():
        assert rule["name"] == name
        assert all(rule[part] for part in ("title", "doc", "source"))
        if rule["release"]:
            assert not rule["on_pre"]
            continue
        assert rule["parameters"]["tau_plus"]["unit"] == "ms"
        assert rule["parameters"]["w_max"] == {
            "unit": "weight",
            "default": None,
            "formula": "max(0, 2*w_0)",
            "bounds": [-1e12, 1e12],
            "doc": "no weight rises above this",
        }
        assert all(rule[part] for part in ("on_pre", "on_post"))


def tires(**parameters: Any) -> dict[str, Any]:
    return {"plasticity": {"model": "tsodyks_markram", "parameters": parameters}}


def test_synapses_that_tire_may_have_any_delays_and_weights() -> None:
    for weight, delay in ((2, engine.uniform(1, 2)), (engine.uniform(1, 3), 1), (0, 1)):
        assert problems(**tires(U=0.3), weight=weight, delay=delay) == []
    made = network(**tires(U=0.3, tau_facil="0.5 s"))
    assert numbers_of_rule(made, made.edges[0])["tau_facil"] == 500.0
    assert loads(dumps(made)) == made


@pytest.mark.parametrize(
    ("parameters", "path", "said"),
    [
        ({"U": 1.5}, "/parameters/U", "outside of its bounds"),
        ({"tau_rec": 0}, "/parameters/tau_rec", "outside of its bounds"),
        ({"tau_rec": "3 mV"}, "/parameters/tau_rec", "a value in ms"),
        ({"tau_fac": 3}, "/parameters/tau_fac", "did you mean `tau_facil`?"),
    ],
)
def test_a_wrong_number_of_a_rule_of_release_is_told_by_its_place(parameters, path, said) -> None:
    (found,) = problems(**tires(**parameters))
    assert found.startswith(f"edges/e/plasticity{path}: ")
    assert said in found
