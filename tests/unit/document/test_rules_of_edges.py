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
        times = {key: each["unit"] for key, each in rule["parameters"].items() if key[:3] == "tau"}
        assert set(times.values()) == {"ms"}
        formula = "max(0, 4*w_0)" if name in ("bcm", "oja") else "max(0, 2*w_0)"
        assert rule["parameters"]["w_max"] == {
            "unit": "weight",
            "default": None,
            "formula": formula,
            "bounds": [-1e12, 1e12],
            "doc": "no weight rises above this",
        }
        assert any(rule[part] for part in ("on_pre", "on_post", "on_teacher"))
        assert bool(rule["modulator"]) == bool(rule["on_reward"])


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


# -- who rewards and who teaches ------------------------------------------------------------------


def heard(rule: str, **named: Any) -> Document:
    """A drive onto ten cells whose synapses learn, a critic of one cell, a teacher of ten, a
    current."""
    net = engine.Network()
    drive = net.source("drive", "poisson", size=20)
    cells = net.population("cells", 10, "lif_psc_exp")
    net.source("teacher", "poisson", size=10)
    net.source("step", "step_current")
    net.connect(drive, net.population("critic", 1, "lif_psc_exp"), weight=2, port="exc")
    net.connect(drive, cells, weight=2, port="exc", id="e")
    edges = (*net.document.edges[:-1], replace(net.document.edges[-1], plasticity=None))
    learns = replace(edges[-1], plasticity={"model": rule, **named})
    return replace(net.document, edges=(*edges[:-1], learns))


def test_a_node_that_rewards_or_teaches_is_written_and_read() -> None:
    for made in (heard("r_stdp", reward="critic"), heard("resume", teacher="teacher")):
        assert loads(dumps(made)) == made
        assert [str(p) for p in engine.check(made) if p.path.startswith("edges/e")] == []
    plain = heard("r_stdp", reward=None)
    assert plain.edges[-1].plasticity == engine.plasticity("r_stdp")


@pytest.mark.parametrize(
    ("rule", "named", "path", "said"),
    [
        ("stdp", {"reward": "critic"}, "/reward", "stdp has no use for a reward; leave it out"),
        ("r_stdp", {"teacher": "teacher"}, "/teacher", "r_stdp has no use for a teacher"),
        ("r_stdp", {"reward": "critics"}, "/reward", 'no node "critics"; did you mean `critic`?'),
        ("r_stdp", {"reward": "step"}, "/reward", '"step" gives a current, and a reward needs'),
        ("r_stdp", {"reward": 3}, "/reward", "is the id of a node, not 3; name a node"),
        (
            "resume",
            {"teacher": "critic"},
            "/teacher",
            'the teacher "critic" has 1 members, "cells" has 10; make them equally many',
        ),
        ("resume", {"teacher": ["a"]}, "/teacher", "is the id of a node, not"),
    ],
)
def test_a_wrong_reward_or_teacher_is_one_sentence(rule: str, named, path: str, said: str) -> None:
    found = engine.check(heard(rule, **named))
    (problem,) = [str(each) for each in found if each.severity == "error"]
    assert problem.startswith(f"edges/e/plasticity{path}: ")
    assert said in problem


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("r_stdp", "no node gives any; name one, or give rewards while it runs"),
        ("resume", "learns from a teacher, and there is none; name a node of the size"),
    ],
)
def test_a_reward_that_never_comes_is_a_hint(rule: str, said: str) -> None:
    found = [each for each in engine.check(heard(rule)) if each.path.startswith("edges/e")]
    assert [each.severity for each in found] == ["hint"]
    assert said in str(found[0])


def test_a_node_that_only_rewards_or_teaches_is_not_lonely() -> None:
    codes = {p.path: p.code for p in engine.check(heard("resume", teacher="teacher"))}
    assert "nodes/teacher" not in codes
    assert codes["nodes/step"] == "unconnected"


def test_a_script_names_them_by_handle_or_id() -> None:
    net = engine.Network()
    drive, cells = net.source("drive", "poisson", size=5), net.population("cells", 3, "lif")
    teacher = net.source("teacher", "poisson", size=3)
    net.connect(drive, cells, weight=2, port="exc", id="a", plasticity="resume", teacher=teacher)
    rule = engine.plasticity("r_stdp", eta=2)
    net.connect(drive, cells, weight=2, port="exc", id="b", plasticity=rule, reward="cells")
    first, second = (edge.plasticity or {} for edge in net.document.edges)
    assert (first["teacher"], second["reward"]) == ("teacher", "cells")
    assert second["parameters"] == {"eta": 2}
    with pytest.raises(DocumentError, match="a reward needs synapses that learn; give plasticity"):
        net.connect(drive, cells, weight=2, port="exc", reward=teacher)
    with pytest.raises(DocumentError, match="there is no node 'nobody'"):
        net.connect(drive, cells, weight=2, port="exc", plasticity="r_stdp", reward="nobody")


def test_presets_of_a_rule_are_written_out() -> None:
    rule = engine.plasticity("stdp_triplet", preset="hippocampus, full", tau_y=30)
    assert rule["parameters"]["tau_x"] == 946
    assert rule["parameters"]["tau_y"] == 30
    with pytest.raises(DocumentError, match=r"has no preset 'hippo.*did you mean"):
        engine.plasticity("stdp_triplet", preset="hippocampus")
    assert "hippocampus, full" in engine.plasticity_models()["stdp_triplet"]["presets"]
