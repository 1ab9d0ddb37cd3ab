"""What each edit makes of a document, and what a new part looks like."""

import pytest

import engine
from engine.document import Document, loads
from engine.document.validate import check
from engine.errors import DocumentError
from workbench.commands import Command, apply, copy


def done(document, name, /, **arguments):
    return apply(document, Command(name, arguments))


@pytest.fixture
def pair():
    document = done(Document(), "add_node", model="lif_cond_exp", position=(0, 0), id="exc")
    document = done(document, "add_node", model="lif", position=(9, 9), id="inh", size=20)
    document = done(document, "add_node", model="poisson", id="drive")
    return done(document, "add_recorder", node="exc", variable="v", members=[0, 1])


def errors(document):
    return [problem for problem in check(document) if problem.severity == "error"]


def test_new_nodes_are_of_the_models_kind(pair):
    assert [(n.id, n.kind, n.size) for n in pair.nodes] == [
        ("exc", "population", 100),
        ("inh", "population", 20),
        ("drive", "source", 100),
    ]
    assert errors(pair) == []


@pytest.mark.parametrize("model", ["constant_current", "spike_file", "spike_times"])
def test_every_source_of_the_palette_can_be_added(model):
    (node,) = done(Document(), "add_node", model=model).nodes
    assert (node.kind, node.size) == ("source", 1)


def test_a_spike_file_without_a_name_is_said_before_the_run():
    document = done(Document(), "add_node", model="spike_file")
    assert "nodes/spike_file/parameters/path" in [problem.path for problem in errors(document)]


@pytest.mark.parametrize(
    ("source", "target", "port", "kind", "weight"),
    [
        ("exc", "inh", "exc", "probability", 20.0),
        ("exc", "inh", "inh", "probability", -20.0),
        ("inh", "exc", "inh", "probability", 60.0),
        ("drive", "exc", "exc", "one_to_one", 6.0),
        ("drive", "inh", None, "probability", 20.0),
    ],
)
def test_a_new_wire_suits_its_port(pair, source, target, port, kind, weight):
    document = done(pair, "connect", source=source, target=target, port=port)
    (edge,) = document.edges
    assert (edge.rule["kind"], edge.weight, edge.delay) == (kind, weight, 1.5)
    assert errors(document) == []


def test_a_new_wire_keeps_to_the_grid_of_time(pair):
    document = done(pair, "set_simulation", dt=1.0)
    (edge,) = done(document, "connect", source="exc", target="inh", port="exc").edges
    assert edge.delay == 2.0


def test_a_current_goes_to_the_current_port_and_to_all(pair):
    document = done(pair, "add_node", model="step_current")
    (edge,) = done(document, "connect", source="step_current", target="exc").edges
    assert (edge.port, edge.rule["kind"], edge.weight) == ("current", "all_to_all", 1.0)


def test_a_wrong_wire_is_refused_with_its_reason(pair):
    with pytest.raises(DocumentError, match=r'"exc" sends spikes, the port `current` takes'):
        done(pair, "connect", source="exc", target="inh", port="current")
    with pytest.raises(DocumentError, match='"drive" is a source and takes no input'):
        done(pair, "connect", source="exc", target="drive", port="exc")
    with pytest.raises(DocumentError, match='"drive" is a source and takes no input'):
        done(pair, "connect", source="exc", target="drive")
    with pytest.raises(DocumentError, match=r"say which port of .inh."):
        done(pair, "connect", source="exc", target="inh")


def test_removing_a_node_takes_wires_recorders_and_place_with_it(pair):
    document = done(pair, "connect", source="exc", target="inh", port="exc")
    document = done(document, "remove", ids=["exc"])
    assert (document.edges, document.recorders) == ((), ())
    assert set(document.layout.positions) == {"inh"}


def test_another_model_keeps_what_both_understand(pair):
    for name, value in {"C": 150, "tau_m": "10 ms", "E_exc": 5}.items():
        pair = done(pair, "set_parameter", node="exc", name=name, value=value)
    lif = done(pair, "set_node", id="exc", field="model", value="lif")
    axon = done(pair, "set_node", id="exc", field="model", value="hodgkin_huxley")
    assert lif.nodes[0].parameters == {"C": 150, "tau_m": "10 ms"}
    assert axon.nodes[0].parameters == {"E_exc": 5}  # C of the axon is per area
    assert errors(lif) == errors(axon) == []


def test_another_synapse_brings_its_own_parameters(pair):
    pair = done(pair, "set_parameter", node="inh", name="tau_exc", value=3)
    jumps = done(pair, "set_port", node="inh", port="exc", synapse="delta")
    assert jumps.nodes[1].ports == {"exc": "delta"}
    assert jumps.nodes[1].parameters == {}
    assert done(jumps, "set_port", node="inh", port="exc").nodes[1].ports == {}


def test_a_parameter_goes_back_to_its_default(pair):
    changed = done(pair, "set_parameter", node="inh", name="C", value="0.3 nF")
    assert changed.nodes[1].parameters == {"C": "0.3 nF"}
    assert done(changed, "set_parameter", node="inh", name="C").nodes[1].parameters == {}


def test_a_preset_is_one_edit(pair):
    values = {"C": 250, "g_L": 25, "v_reset": -70}
    document = done(pair, "set_parameters", node="inh", values=values)
    assert document.nodes[1].parameters == values


def test_mistakes_in_an_opened_document_can_be_put_right_one_by_one(pair):
    text = (
        '{"format": "spiking-workbench", "version": 1, "nodes": '
        '[{"id": "a", "model": "lif", "size": -1, "parameters": {"tua": 1, "C": -5}}]}'
    )
    document = loads(text)
    document = done(document, "set_node", id="a", field="size", value=10)
    document = done(document, "set_parameter", node="a", name="tua", value=None)
    document = done(document, "set_parameter", node="a", name="C", value=200)
    assert errors(document) == []


def test_a_copy_has_the_wires_between_its_nodes_only(pair):
    document = done(pair, "connect", source="exc", target="inh", port="exc")
    document = done(document, "connect", source="drive", target="exc", port="exc")
    part = copy(document, ["exc", "inh"])
    assert [edge["id"] for edge in part["edges"]] == ["exc-inh"]
    pasted = done(document, "paste", part=part)
    assert [edge.id for edge in pasted.edges] == ["exc-inh", "drive-exc", "exc-inh-2"]
    assert (pasted.edges[2].source, pasted.edges[2].target) == ("exc_2", "inh_2")
    assert pasted.recorders[1].node == "exc_2"
    assert pasted.layout.positions["exc_2"] == [40, 40]


def test_a_pasted_part_with_mistakes_is_refused(pair):
    part = copy(pair, ["exc"])
    part["nodes"][0]["model"] = "nothing"
    with pytest.raises(DocumentError, match="there is no model"):
        done(pair, "paste", part=part)


def test_a_command_that_does_not_exist_suggests_the_nearest(pair):
    with pytest.raises(DocumentError, match="did you mean `add_node`"):
        done(pair, "add_nod")


def rewarded() -> Document:
    """A wire whose rule hears of a node that is not at its ends."""
    net = engine.Network()
    drive, cells = net.source("drive", "poisson", size=5), net.population("cells", 3, "lif")
    net.source("critic", "poisson", size=1)
    net.connect(drive, cells, weight=2, id="e", port="exc", plasticity="r_stdp", reward="critic")
    return net.document


def test_removing_a_node_that_rewards_leaves_the_rule_without_one():
    after = done(rewarded(), "remove", ids=["critic"])
    assert after.edges_by_id["e"].plasticity == engine.plasticity("r_stdp")


def test_a_copy_is_rewarded_by_the_copy_of_the_node_or_by_nobody():
    whole = done(rewarded(), "duplicate", ids=["drive", "cells", "critic"])
    (copied,) = [edge for edge in whole.edges if edge.id != "e"]
    assert copied.plasticity["reward"] not in ("critic", None)
    assert copied.plasticity["reward"] in whole.nodes_by_id
    part = done(rewarded(), "duplicate", ids=["drive", "cells"])
    (copied,) = [edge for edge in part.edges if edge.id != "e"]
    assert copied.plasticity == engine.plasticity("r_stdp")
