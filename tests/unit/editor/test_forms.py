"""The inspector's forms: what is shown of a document, and what an edit of a field means."""

from __future__ import annotations

import re
from typing import Any

import pytest

import engine
from engine.backends.registry import devices
from engine.document import Document, dumps, loads, replace
from engine.errors import DocumentError
from workbench.commands import apply
from workbench.editor.forms import form_of
from workbench.editor.forms.edits import clean, commands_for, members_of
from workbench.editor.forms.equation import equation_rows
from workbench.editor.forms.rows import slider
from workbench.session import Session


@pytest.fixture
def session() -> Session:
    """An excitatory and an inhibitory population, a drive, and two wires."""
    made = Session()
    assert made.do("add_node", model="lif_cond_exp", id="exc", label="Excitatory", size=80)
    assert made.do("add_node", model="lif_cond_exp", id="inh", size=20)
    assert made.do("add_node", model="poisson", id="drive")
    assert made.do("connect", source="drive", target="exc", port="exc")
    assert made.do("connect", source="inh", target="exc", port="inh", weight=67.0)
    return made


def shown(session: Session, *ids: str) -> dict[str, Any]:
    return form_of(session.document, ids, session.colour_of, session.sign_of)


def rows(form: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["path"]: row for part in form["sections"] for row in part["rows"] if "path" in row}


def edit(session: Session, ids: tuple[str, ...], path: str, value: Any) -> None:
    """Do what the inspector does with an edit."""
    for command in commands_for(session.document, ids, path, value):
        assert session.do(command.name, **command.arguments), session.message.text


def try_edit(document: Document, path: str, value: Any, selected: str = "exc") -> None:
    """What the inspector tries before it does anything."""
    for command in commands_for(document, (selected,), path, value):
        apply(document, command)


def test_every_parameter_of_a_node_and_of_its_synapses_is_shown(session: Session) -> None:
    from engine.document.lookup import parameters_of, state_units

    node = session.document.nodes_by_id["exc"]
    paths = rows(shown(session, "exc"))
    assert {f"parameters/{name}" for name in parameters_of(session.document, node)} <= set(paths)
    assert {f"initial/{state}" for state in state_units(session.document, node)} <= set(paths)
    assert {"size", "model", "ports/exc", "ports/inh", "solver", "record"} <= set(paths)


def test_a_default_that_follows_from_other_parameters_is_worked_out(session: Session) -> None:
    assert rows(shown(session, "exc"))["parameters/tau_m"]["value"] == 20
    edit(session, ("exc",), "parameters/C", 400)
    row = rows(shown(session, "exc"))["parameters/tau_m"]
    assert row["value"] == 40
    assert not row["changed"]


def test_what_differs_from_the_default_is_marked_and_taken_back_by_none(session: Session) -> None:
    edit(session, ("exc",), "parameters/v_th", "-0.052 V")
    row = rows(shown(session, "exc"))["parameters/v_th"]
    assert (row["value"], row["changed"]) == (-52, True)
    edit(session, ("exc",), "parameters/v_th", None)
    assert not rows(shown(session, "exc"))["parameters/v_th"]["changed"]


def test_a_value_equal_to_the_default_is_not_marked(session: Session) -> None:
    edit(session, ("exc",), "parameters/v_th", -50)
    assert not rows(shown(session, "exc"))["parameters/v_th"]["changed"]


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("parameters/v_th", "0.5 nA", "mV"),
        ("parameters/v_th", "fast", "not a quantity"),
        ("parameters/v_th", -300, "v_th"),
        ("size", "2.5", "whole number"),
        ("size", 0, "size"),
        ("parameters/nothing", 1, "select it again"),
        ("ports/exc", "gap", "synapse"),
        ("recorders/x/members", "some", "write all"),
    ],
)
def test_a_wrong_value_is_refused_in_one_sentence(
    session: Session, path: str, value: Any, words: str
) -> None:
    with pytest.raises(DocumentError, match=words):
        try_edit(session.document, path, value)


def test_typed_numbers_may_have_thin_spaces_and_real_minus_signs() -> None:
    assert clean("3\u2009200") == "3200"
    assert clean("1 000 000") == "1000000"
    assert clean("\u221260 mV") == "-60 mV"
    assert clean(0.5) == 0.5


def test_a_distribution_keeps_the_value_as_its_centre_and_goes_back_to_it(
    session: Session,
) -> None:
    edit(session, ("exc",), "parameters/v_th/distribution", "normal")
    value = session.document.nodes_by_id["exc"].parameters["v_th"]
    assert value == {"distribution": "normal", "mean": -50, "std": 5}
    edit(session, ("exc",), "parameters/v_th/std", 2)
    edit(session, ("exc",), "parameters/v_th/distribution", "uniform")
    value = session.document.nodes_by_id["exc"].parameters["v_th"]
    assert value == {"distribution": "uniform", "low": -52, "high": -48}
    edit(session, ("exc",), "parameters/v_th/distribution", "one")
    assert session.document.nodes_by_id["exc"].parameters["v_th"] == -50


def test_an_edge_shows_its_rule_and_expected_synapses(session: Session) -> None:
    edit(session, ("inh-exc",), "rule/kind", "fixed_indegree")
    edit(session, ("inh-exc",), "rule/n", 5)
    form = shown(session, "inh-exc")
    assert form["chips"][1]["text"] == "400 synapses"
    assert rows(form)["weight"]["unit"] == "nS"
    edit(session, ("inh-exc",), "rule/kind", "probability")
    edit(session, ("inh-exc",), "rule/p", "2 %")
    assert session.document.edges_by_id["inh-exc"].rule["p"] == 0.02


def test_a_current_has_no_delay(session: Session) -> None:
    assert session.do("add_node", model="step_current", id="step")
    assert session.do("connect", source="step", target="exc")
    paths = rows(shown(session, "step-exc"))
    assert "weight" in paths
    assert "delay" not in paths


def test_several_nodes_show_what_they_have_in_common(session: Session) -> None:
    form = rows(shown(session, "exc", "inh"))
    assert form["parameters/tau_m"]["value"] == 20
    assert form["size"]["value"] is None
    assert form["size"]["placeholder"] == "mixed"
    edit(session, ("exc", "inh"), "parameters/tau_m", 15)
    values = {node.parameters.get("tau_m") for node in session.document.populations}
    assert values == {15}


def test_nothing_selected_shows_the_document(session: Session) -> None:
    paths = rows(shown(session))
    for name in ("dt", "seed", "duration", "device", "threads", "precision"):
        assert f"simulation/{name}" in paths
    edit(session, (), "simulation/dt", "50 us")
    assert session.document.simulation.dt == 0.05
    edit(session, (), "notes/0", "Try v_th = -52")
    assert session.document.layout.notes[0]["text"] == "Try v_th = -52"


def test_a_device_that_is_not_here_can_be_chosen_and_is_marked(session: Session) -> None:
    options = rows(shown(session))["simulation/device"]["options"]
    labels = {option["value"]: option["label"] for option in options}
    missing = "" if "cuda" in devices() else " (absent)"
    assert labels == {"cpu": "CPU", "cuda": f"NVIDIA GPU{missing}"}
    edit(session, (), "simulation/device", "cuda")
    assert session.document.simulation.device == "cuda"


def test_recording_is_a_toggle_and_members_are_typed(session: Session) -> None:
    edit(session, ("exc",), "record", "v")
    (recorder,) = session.document.recorders
    assert recorder.members == {"start": 0, "stop": 5}
    edit(session, ("exc",), f"recorders/{recorder.id}/members", "2, 7")
    assert session.document.recorders[0].members == [2, 7]
    edit(session, ("exc",), "record", "v")
    assert not session.document.recorders


@pytest.mark.parametrize(
    ("typed", "members"),
    [("", None), ("all", None), ("0-4", {"start": 0, "stop": 5}), ("1, 5", [1, 5])],
)
def test_members_are_read_as_people_write_them(typed: str, members: Any) -> None:
    assert members_of(typed) == members


def test_a_preset_sets_its_parameters_as_one_command(session: Session) -> None:
    commands = commands_for(session.document, ("exc",), "preset", "LIF-B")
    assert len(commands) == 1
    edit(session, ("exc",), "preset", "LIF-B")
    items = rows(shown(session, "exc"))["preset"]["items"]
    assert [item["value"] for item in items if item["active"]] == ["LIF-B"]


@pytest.mark.parametrize("value", [0.1, 5, 2000])
def test_the_slider_reaches_the_value_and_stays_inside_the_bounds(value: float) -> None:
    made = slider(value, 20.0, (0.01, 1e5), "ms")
    assert made is not None
    assert made["low"] <= value <= made["high"]
    assert made["low"] >= 0.01


def said_of(lines: list[dict[str, str]], part: str) -> list[str]:
    """The text of the rendered lines of a part, without their marks."""
    found = [re.sub(r"<[^>]*>", "", line["mathml"]) for line in lines if line["part"] == part]
    return [line.replace("&gt;", ">") for line in found]


@pytest.mark.parametrize(("strict", "comparison"), [(0, "v≥vth"), (1, "v>vth")])
def test_threshold_and_reset_stand_with_the_option_that_is_chosen(
    session: Session, strict: int, comparison: str
) -> None:
    session.do("set_parameter", node="exc", name="strict", value=strict)
    lines = equation_rows(session.document, session.document.nodes_by_id["exc"])[0]["lines"]
    assert said_of(lines, "threshold") == [comparison]
    assert said_of(lines, "reset") == ["v←vreset"]
    assert (said_of(lines, "held"), said_of(lines, "refractory")) == (["v"], ["tref"])


def test_an_option_is_chosen_by_words_and_not_by_a_slider(session: Session) -> None:
    row = rows(shown(session, "exc"))["parameters/strict"]
    assert (row["kind"], row["value"], row["live"]) == ("choice", "0", False)
    assert [option["label"] for option in row["options"]][1] == "fires above v_th only"
    edit(session, ("exc",), "parameters/strict", "1")
    assert session.document.nodes_by_id["exc"].parameters["strict"] == 1
    row = rows(shown(session, "exc"))["parameters/strict"]
    assert (row["value"], row["changed"]) == ("1", True)
    edit(session, ("exc",), "parameters/strict", None)
    assert "strict" not in session.document.nodes_by_id["exc"].parameters


def test_names_stand_as_in_the_equations_and_keep_the_one_of_scripts(session: Session) -> None:
    found = rows(shown(session, "exc"))
    assert found["parameters/tau_m"]["name"] == "tau_m"
    assert "<mi>τ</mi>" in found["parameters/tau_m"]["symbol"]
    assert found["parameters/tau_exc"]["before"] == "exc · "


def test_every_model_has_a_form(session: Session) -> None:
    from engine.models import registry

    for name in (*registry.neuron_models(), *registry.source_models()):
        assert session.do("add_node", model=name, id=f"one_{name}"), session.message.text
        form = shown(session, f"one_{name}")
        assert form["sections"], name
        for row in rows(form).values():
            assert row.get("value", "") is not None or row.get("placeholder"), (name, row["path"])


def test_an_unknown_model_still_shows_what_is_known() -> None:
    from engine.document import Node

    document = Document(nodes=(Node(id="x", model="nothing"),))
    form = form_of(document, ("x",), lambda _: "#000000", lambda _: "excitatory")
    assert form["chips"][0]["text"] == "nothing"


def test_a_wire_learns_by_the_rule_that_is_chosen(session: Session) -> None:
    assert rows(shown(session, "drive-exc"))["plasticity/model"]["value"] == ""
    edit(session, ("drive-exc",), "plasticity/model", "stdp")
    edge = session.document.edges_by_id["drive-exc"]
    assert edge.plasticity == {"model": "stdp", "parameters": {}, "delay": "axonal"}
    found = rows(shown(session, "drive-exc"))
    assert found["plasticity/w_max"]["value"] == 2 * found["weight"]["value"]
    assert found["plasticity/w_max"]["unit"] == "nS"
    assert found["plasticity/w_max"]["help"]["default"] == "max(0, 2*w_0)"
    edit(session, ("drive-exc",), "plasticity/tau_plus", "0.03 s")
    edit(session, ("drive-exc",), "plasticity/delay", "dendritic")
    edit(session, ("drive-exc",), "plasticity/model", "stdp_nearest")
    edge = session.document.edges_by_id["drive-exc"]
    assert edge.plasticity == engine.plasticity("stdp_nearest", "dendritic", tau_plus=30)
    assert rows(shown(session, "drive-exc"))["plasticity/tau_plus"]["changed"]
    edit(session, ("drive-exc",), "plasticity/tau_plus", None)
    edit(session, ("drive-exc",), "plasticity/model", "")
    assert session.document.edges_by_id["drive-exc"].plasticity is None


def test_weights_are_recorded_and_learning_switched_off_from_the_form_of_a_wire(session) -> None:
    wire = ("drive-exc",)
    assert "record" not in rows(shown(session, *wire))  # nothing changes there
    edit(session, wire, "plasticity/model", "stdp")
    edit(session, wire, "record", "weights")
    (kept,) = session.document.recorders
    assert (kept.node, kept.variable, kept.members, kept.interval) == (*wire, "weights", None, None)
    edit(session, wire, f"recorders/{kept.id}/interval", "0.5 s")
    edit(session, wire, f"recorders/{kept.id}/members", "0-4")
    edit(session, wire, "plasticity/on", False)
    found = rows(shown(session, *wire))
    assert found[f"recorders/{kept.id}/interval"]["value"] == 500
    assert found[f"recorders/{kept.id}/members"]["value"] == "0-4"
    assert found["plasticity/on"]["value"] is False
    assert rows(shown(session))[f"recorders/{kept.id}"]["text"].endswith("· weights")
    edit(session, wire, "plasticity/model", "")
    assert session.document.recorders == ()


def test_copies_of_a_wire_are_recorded_too_and_a_removed_one_is_not(session: Session) -> None:
    edit(session, ("drive-exc",), "plasticity/model", "stdp")
    edit(session, ("drive-exc",), "record", "weights")
    assert session.do("duplicate", ids=["drive", "exc"])
    assert [each.node for each in session.document.recorders] == ["drive-exc", "drive-exc-2"]
    assert session.do("remove", ids=["exc"])
    assert [each.node for each in session.document.recorders] == ["drive-exc-2"]


def test_a_wire_is_rewarded_or_taught_by_a_node_that_can(session: Session) -> None:
    def wire() -> dict:
        return session.document.edges_by_id["drive-exc"].plasticity or {}

    edit(session, ("drive-exc",), "plasticity/model", "r_stdp")
    row = rows(shown(session, "drive-exc"))["plasticity/reward"]
    assert row["value"] == ""
    assert {option["value"] for option in row["options"]} == {"", *session.document.nodes_by_id}
    assert "plasticity/teacher" not in rows(shown(session, "drive-exc"))
    edit(session, ("drive-exc",), "plasticity/reward", "exc")
    assert wire()["reward"] == "exc"
    edit(session, ("drive-exc",), "plasticity/model", "mstdpet")  # rewarded by the same node
    assert wire()["reward"] == "exc"
    edit(session, ("drive-exc",), "plasticity/model", "resume")
    assert "reward" not in wire()
    found = rows(shown(session, "drive-exc"))
    size = session.document.nodes_by_id["exc"].size
    fitting = {n.id for n in session.document.nodes if n.size == size}
    assert {o["value"] for o in found["plasticity/teacher"]["options"]} == {"", *fitting}
    edit(session, ("drive-exc",), "plasticity/teacher", "exc")
    edit(session, ("drive-exc",), "plasticity/teacher", "")
    assert wire() == engine.plasticity("resume")


def test_a_sum_that_was_opened_broken_is_put_right(session: Session) -> None:
    edge = session.document.edges_by_id["drive-exc"]
    broken = {"model": "stdp", "parameters": {}, "delay": "axonal", "normalise": 78}
    edges = tuple(
        replace(each, plasticity=broken) if each is edge else each
        for each in session.document.edges
    )
    session.open_document(replace(session.document, edges=edges))
    assert any("`normalise` is an object" in problem.message for problem in session.problems)
    edit(session, ("drive-exc",), "plasticity/normalise/sum", 50)
    assert session.document.edges_by_id["drive-exc"].plasticity["normalise"]["sum"] == 50


def test_the_weights_of_a_wire_can_be_told_to_keep_their_sum(session: Session) -> None:
    def wire() -> dict:
        return session.document.edges_by_id["drive-exc"].plasticity or {}

    edit(session, ("drive-exc",), "plasticity/model", "stdp")
    found = rows(shown(session, "drive-exc"))
    assert found["plasticity/normalise/sum"]["value"] is None
    assert found["plasticity/normalise/sum"]["unit"] == "nS"
    assert "plasticity/normalise/every" not in found
    edit(session, ("drive-exc",), "plasticity/normalise/sum", "0.05 uS")
    assert wire()["normalise"] == {"sum": 50, "every": 500}
    edit(session, ("drive-exc",), "plasticity/normalise/every", "0.2 s")
    assert rows(shown(session, "drive-exc"))["plasticity/normalise/every"]["value"] == 200
    for command in commands_for(session.document, ("drive-exc",), "plasticity/normalise/sum", "0"):
        assert not session.do(command.name, **command.arguments)
    assert "no weights add up to it" in session.message.text
    edit(session, ("drive-exc",), "plasticity/model", "stdp_nearest")
    assert wire()["normalise"] == {"sum": 50, "every": 200}
    edit(session, ("drive-exc",), "plasticity/normalise/sum", None)
    assert "normalise" not in wire()
    edit(session, ("drive-exc",), "plasticity/normalise/sum", 50)
    edit(session, ("drive-exc",), "plasticity/model", "tsodyks_markram")
    assert "normalise" not in wire()
    assert "plasticity/normalise/sum" not in rows(shown(session, "drive-exc"))


def test_a_wire_takes_a_published_set_of_parameters(session: Session) -> None:
    edit(session, ("drive-exc",), "plasticity/model", "stdp_triplet")
    assert rows(shown(session, "drive-exc"))["plasticity/preset"]["value"] == "visual cortex"
    edit(session, ("drive-exc",), "plasticity/preset", "hippocampus, full")
    found = rows(shown(session, "drive-exc"))
    assert found["plasticity/preset"]["value"] == "hippocampus, full"
    assert found["plasticity/tau_x"]["value"] == 946
    edit(session, ("drive-exc",), "plasticity/tau_x", 900)
    assert rows(shown(session, "drive-exc"))["plasticity/preset"]["value"] == ""


def test_the_noise_of_a_rule_is_set_like_any_number_and_kept_in_the_document(
    session: Session,
) -> None:
    edit(session, ("drive-exc",), "plasticity/model", "stdp_van_rossum")
    found = rows(shown(session, "drive-exc"))
    assert found["plasticity/sigma"]["value"] == 0.015
    assert found["plasticity/preset"]["value"] == "published"
    edit(session, ("drive-exc",), "plasticity/sigma", 0.04)
    edge = loads(dumps(session.document)).edges_by_id["drive-exc"]
    assert edge.plasticity == session.document.edges_by_id["drive-exc"].plasticity
    assert edge.plasticity["parameters"] == {"sigma": 0.04}
    edit(session, ("drive-exc",), "plasticity/preset", "without noise")
    assert rows(shown(session, "drive-exc"))["plasticity/sigma"]["value"] == 0
    with pytest.raises(DocumentError, match="sigma"):
        try_edit(session.document, "plasticity/sigma", "-1", "drive-exc")


def test_a_wrong_number_of_a_rule_is_refused_in_one_sentence(session: Session) -> None:
    edit(session, ("drive-exc",), "plasticity/model", "stdp")
    for path, value, words in (
        ("plasticity/tau_plus", "3 mV", "ms"),
        ("plasticity/tau", 3, "select it again"),
        ("plasticity/w_max", -1, "w_min must lie below w_max"),
        ("plasticity/model", "sdtp", "did you mean"),
    ):
        with pytest.raises(DocumentError, match=words):
            try_edit(session.document, path, value, "drive-exc")


def test_a_current_cannot_learn_and_shows_no_rule(session: Session) -> None:
    assert session.do("add_node", model="step_current", id="step")
    assert session.do("connect", source="step", target="exc")
    assert "plasticity/model" not in rows(shown(session, "step-exc"))


def test_every_synapse_of_the_registry_can_be_chosen_and_shows_its_parameters(
    session: Session,
) -> None:
    from engine.models.registry import synapse_models

    offered = {each["value"] for each in rows(shown(session, "exc"))["ports/exc"]["options"]}
    assert offered == set(synapse_models())
    for name, model in synapse_models().items():
        edit(session, ("exc",), "ports/exc", name)
        found = rows(shown(session, "exc"))
        assert found["ports/exc"]["value"] == name
        shown_of_port = {path for path in found if path.endswith("_exc") and "parameters/" in path}
        assert shown_of_port == {f"parameters/{key}_exc" for key in model.parameters}


def test_a_wire_that_tires_shows_its_numbers_and_no_side_of_the_delay(session: Session) -> None:
    edit(session, ("drive-exc",), "plasticity/model", "tsodyks_markram")
    found = rows(shown(session, "drive-exc"))
    assert {"plasticity/U", "plasticity/tau_rec", "plasticity/tau_facil"} <= set(found)
    assert "plasticity/delay" not in found
    edit(session, ("drive-exc",), "plasticity/tau_facil", "0.5 s")
    edge = session.document.edges_by_id["drive-exc"]
    assert edge.plasticity == engine.plasticity("tsodyks_markram", tau_facil=500)


def test_a_wire_between_populations_can_be_made_a_gap_junction(session: Session) -> None:
    from workbench.editor.graph import Look, edge_label, nodes_of

    def handles() -> set[str]:
        look = Look({node.id: "#000000" for node in session.document.nodes}, frozenset(), {})
        (node,) = [each for each in nodes_of(session.document, look) if each["id"] == "exc"]
        return {port["id"] for port in node["data"]["inputs"]}

    assert "gap" in rows(shown(session, "inh-exc"))["port"]["options"][-1].values()
    offered = [each["value"] for each in rows(shown(session, "drive-exc"))["port"]["options"]]
    assert "gap" not in offered
    assert "gap" not in handles()
    edit(session, ("inh-exc",), "port", "gap")
    found = rows(shown(session, "inh-exc"))
    assert found["weight"]["unit"] == "nS"
    assert not {"delay", "plasticity/model"} & set(found)
    assert "ms" not in edge_label(session.document, session.document.edges_by_id["inh-exc"])
    assert "gap" in handles()
