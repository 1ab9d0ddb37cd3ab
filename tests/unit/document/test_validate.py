"""What a document can be wrong about, each said with place and remedy, all at once."""

import pytest

import engine
from engine.document import Document, Edge, Layout, Node, Recorder, RunSettings, replace
from engine.document.validate import check, check_text, port_reason, require_valid
from engine.errors import DocumentError

SOUND = Document(
    nodes=(
        Node("exc", "lif_cond_exp", 80, parameters={"v_th": -50, "tau_m": "20 ms"}),
        Node("inh", "lif_psc_exp", 20),
        Node("drive", "poisson", 80, "source", parameters={"rate": 10}),
        Node("step", "step_current", 1, "source"),
    ),
    edges=(
        Edge("e1", "exc", "inh", "exc", {"kind": "probability", "p": 0.1}, 20.0, 1.5),
        Edge("e2", "inh", "exc", "inh", {"kind": "fixed_indegree", "n": 3}, 6.0, 1.5),
        Edge("e3", "drive", "exc", "exc", {"kind": "one_to_one"}, "6 nS", 1.0),
        Edge("e4", "step", "inh", "current"),
    ),
    recorders=(Recorder("r1", "exc", "spikes"), Recorder("r2", "inh", "v", [0, 19], 0.5)),
)


def errors(document):
    return [problem for problem in check(document) if problem.severity == "error"]


def hints(document):
    return {problem.code for problem in check(document) if problem.severity == "hint"}


def with_node(**fields):
    return replace(SOUND, nodes=(replace(SOUND.nodes[0], **fields), *SOUND.nodes[1:]))


def with_edge(place, **fields):
    edges = list(SOUND.edges)
    edges[place] = replace(edges[place], **fields)
    return replace(SOUND, edges=tuple(edges))


def with_recorder(**fields):
    return replace(SOUND, recorders=(replace(SOUND.recorders[1], **fields),))


def test_a_sound_network_has_nothing_to_say():
    assert check(SOUND) == []


@pytest.mark.parametrize(
    ("fields", "path", "said"),
    [
        ({"model": "lif_cond_exq"}, "nodes/exc/model", "did you mean `lif_cond_exp`?"),
        ({"model": "exp_current"}, "nodes/exc/model", "is a synapse"),
        ({"kind": "source"}, "nodes/exc/kind", "is a population"),
        ({"size": -3}, "nodes/exc/size", "at least 1, not -3"),
        ({"size": 2**40}, "nodes/exc/size", "the limit is"),
        ({"geometry": {}}, "nodes/exc/geometry/kind", "must be one of `cable`, `morphology`"),
        ({"parameters": {"tua": 1}}, "nodes/exc/parameters/tua", "did you mean `tau_m`?"),
        ({"parameters": {"C": "3 mV"}}, "nodes/exc/parameters/C", "given in mV"),
        ({"parameters": {"C": -200}}, "nodes/exc/parameters/C", "outside of its bounds"),
        ({"parameters": {"C": [1.0, 2.0]}}, "nodes/exc/parameters/C", "2 values for 80 members"),
        ({"parameters": {"tau_exc": 0}}, "nodes/exc/parameters/tau_exc", "outside of its bounds"),
        ({"parameters": {"v_reset": -40}}, "nodes/exc/parameters", "v_reset must lie below v_th"),
        ({"initial": {"x": 1}}, "nodes/exc/initial/x", "is not a state of lif_cond_exp"),
        ({"initial": {"v": "1 nS"}}, "nodes/exc/initial/v", "given in nS"),
        ({"ports": {"exc": "exp"}}, "nodes/exc/ports/exc", "there is no synapse model 'exp'"),
        ({"ports": {"current": "delta"}}, "nodes/exc/ports/current", "cannot be the name"),
        ({"ports": {"1 2": "delta"}}, "nodes/exc/ports/1 2", "cannot be the name"),
        (
            {"parameters": {"C": {"distribution": "normal", "mean": 200, "std": -1}}},
            "nodes/exc/parameters",
            "`C`: `std` must not be negative",
        ),
        ({"solver": "rk9"}, "nodes/exc/solver", "did you mean `rk4`?"),
    ],
)
def test_a_wrong_node_is_told_by_its_place(fields, path, said):
    found = [problem for problem in errors(with_node(**fields)) if problem.path == path]
    assert [said in str(problem) for problem in found] == [True]


@pytest.mark.parametrize(
    ("place", "fields", "path", "said"),
    [
        (0, {"target": "ihn"}, "edges/e1/target", "did you mean `inh`?"),
        (0, {"target": "drive"}, "edges/e1/port", '"drive" is a source and takes no input'),
        (0, {"port": "ampa"}, "edges/e1/port", "has no port `ampa`"),
        (0, {"port": "current"}, "edges/e1/port", "the port `current` takes a current; use `exc`"),
        (3, {"port": "exc"}, "edges/e4/port", "gives a current, the port `exc` takes spikes"),
        (0, {"rule": {"kind": "probability", "p": 2}}, "edges/e1/rule/p", "between 0 and 1"),
        (0, {"rule": {"kind": "one_to_one"}}, "edges/e1/rule", "needs equal sizes"),
        (0, {"rule": {"kind": "explicit", "pairs": [[80, 0]]}}, "edges/e1/rule", "member 80"),
        (0, {"weight": "6 nS"}, "edges/e1/weight", "a value in pA"),
        (1, {"weight": -6.0}, "edges/e2/weight", "cannot be negative"),
        (0, {"weight": [1.0]}, "edges/e1/weight", "a list of weights needs the rule explicit"),
        (2, {"weight": [1.0]}, "edges/e3/weight", "1 weights for 80 synapses"),
        (0, {"delay": -1}, "edges/e1/delay", "cannot be negative"),
        (0, {"delay": 7000}, "edges/e1/delay", "65,535 steps"),
        (0, {"synapse": {}}, "edges/e1/synapse", "cannot be used by this version"),
    ],
)
def test_a_wrong_connection_is_told_by_its_place(place, fields, path, said):
    found = [problem for problem in errors(with_edge(place, **fields)) if problem.path == path]
    assert [said in str(problem) for problem in found] == [True]


def test_a_degree_must_fit_the_pool_unless_multapses_are_allowed():
    rule = {"kind": "fixed_indegree", "n": 21, "multapses": False}
    assert "different partners" in str(errors(with_edge(1, rule=rule))[0])
    assert errors(with_edge(1, rule=rule | {"multapses": True})) == []
    loop = {"kind": "fixed_outdegree", "n": 80, "multapses": False, "self_connections": False}
    assert "has 79" in str(errors(with_edge(0, target="exc", weight=1, rule=loop))[0])


@pytest.mark.parametrize(
    ("fields", "path", "said"),
    [
        ({"node": "nobody"}, "recorders/r2/node", "which is not a node"),
        ({"variable": "w"}, "recorders/r2/variable", "has no `w` to record"),
        ({"members": [20]}, "recorders/r2/members", "member 20 does not exist"),
        ({"members": []}, "recorders/r2/members", "is empty"),
        ({"members": {"start": 5, "stop": 5}}, "recorders/r2/members", "5 to 5"),
        ({"interval": 0}, "recorders/r2/interval", "must be more than 0"),
        ({"node": "step", "variable": "spikes"}, "recorders/r2/variable", "record a population"),
    ],
)
def test_a_wrong_recorder_is_told_by_its_place(fields, path, said):
    found = [problem for problem in errors(with_recorder(**fields)) if problem.path == path]
    assert [said in str(problem) for problem in found] == [True]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"dt": 0}, "dt must be more than 0"),
        ({"dt": 11}, "from 1e-06 to 10 ms, it is 11"),
        ({"duration": 0}, "the duration must be more than 0 ms"),
        ({"duration": 1e300}, "too many steps"),
        ({"seed": -1}, "`seed` must be a whole number from 0"),
        ({"threads": 0}, "`threads` must be a whole number from 1"),
        ({"device": "abacus"}, "choose `cpu`, `cuda`"),
    ],
)
def test_wrong_run_settings_are_told(fields, said):
    (problem,) = errors(replace(SOUND, simulation=RunSettings(**fields)))
    assert said in str(problem)


def test_an_empty_network_teaches():
    (problem,) = errors(Document())
    assert str(problem) == "nodes: the network is empty; add a population of neurons"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (Document(nodes=(5,)), "nodes/0: must be an object, not 5"),
        (Document(nodes=None), "nodes: `nodes` must be a list"),
        (Document(nodes=({"id": "a", "model": "lif"},)), "its parts are plain data"),
        (Document(edges=("a",)), "edges/0: must be an object"),
        (Document(recorders=(None,)), "recorders/0: must be an object"),
        (Document(models=(5,)), "models/0: must be an object"),
        (Document(layout=5), "layout: `layout` must be an object"),
        (Document(simulation="fast"), "simulation: `simulation` must be an object"),
        (Document(nodes=(Node("a", "lif", geometry="cable"),)), "`geometry` must be an object"),
        ({"nodes": []}, "a document is needed, not"),
    ],
)
def test_a_document_made_of_other_things_is_told_in_one_sentence(document, said):
    (problem,) = (each for each in engine.check(document) if each.severity == "error")
    assert said in str(problem)


def test_everything_wrong_is_listed_at_once():
    document = replace(with_node(size=0, model="lif"), simulation=RunSettings(dt=-1))
    document = replace(document, edges=(replace(SOUND.edges[0], target="gone"),))
    assert {problem.path for problem in errors(document)} == {
        "simulation/dt",
        "nodes/exc/size",
        "edges/e1/target",
    }
    with pytest.raises(DocumentError) as caught:
        require_valid(document)
    assert len(caught.value.problems) == 3


def test_form_and_meaning_are_listed_together():
    text = (
        '{"format": "spiking-workbench", "version": 1, "nods": [],'
        ' "nodes": [{"id": "a", "model": "lif", "size": -1}], "simulation": {"dt": "x"}}'
    )
    assert {problem.path for problem in check_text(text) if problem.severity == "error"} == {
        "nods",
        "nodes/a/size",
        "simulation/dt",
    }


def test_a_source_keeps_its_own_conditions():
    step = Node("step", "step_current", 1, "source", parameters={"start": 900})
    (problem,) = errors(replace(SOUND, nodes=(*SOUND.nodes[:3], step)))
    said = "the step must start before it stops; now start = 900, stop = 600"
    assert str(problem) == f"nodes/step/parameters: {said}"


def test_a_rule_that_is_no_object_is_a_problem():
    (problem,) = errors(with_edge(0, rule=3))
    assert (problem.path, "must be an object" in problem.message) == ("edges/e1/rule", True)


def test_ids_are_shared_by_nothing():
    document = replace(SOUND, recorders=(Recorder("exc", "exc", "spikes"),))
    assert [problem.code for problem in errors(document)] == ["duplicate-id"]


def test_broken_parts_made_in_python_are_problems():
    node = Node("a", "lif", "many", parameters={"C": object()})  # type: ignore[arg-type]
    document = Document(nodes=(node,), simulation=RunSettings(dt="x"))  # type: ignore[arg-type]
    paths = {problem.path for problem in errors(document)}
    assert {"nodes/a/size", "nodes/a/parameters", "simulation/dt"} <= paths


@pytest.mark.parametrize(
    ("delay", "becomes"), [(0.01, "0.1 ms"), (1.23, "1.2 ms"), ("0.25 ms", "0.3 ms"), (0, "0.1 ms")]
)
def test_delays_off_the_grid_are_rounded_with_a_hint(delay, becomes):
    document = with_edge(0, delay=delay)
    assert errors(document) == []
    (hint,) = check(document)
    assert (hint.code, becomes in hint.message) == ("delay-rounded", True)


def test_what_is_rarely_meant_is_hinted():
    assert hints(replace(SOUND, edges=())) == {"no-input", "unconnected"}
    assert hints(with_edge(0, port="inh")) == {"sign"}
    assert hints(with_edge(0, source="inh", target="inh", weight=-20.0)) == set()
    mixed = with_edge(1, source="exc", target="inh", port="inh", weight=-6.0)
    assert "mixed-signs" in hints(mixed)
    assert hints(replace(SOUND, layout=Layout({"gone": [0, 0]}))) == {"unknown-node"}


def test_a_wire_is_refused_with_the_reason():
    assert port_reason(SOUND, "exc", "inh", "exc") is None
    assert port_reason(SOUND, "exc", "inh", "current") == (
        '"exc" sends spikes, the port `current` takes a current; use `exc`, `inh`'
    )
    assert port_reason(SOUND, "exc", "step", "exc").startswith('"step" is a source')
    assert port_reason(SOUND, "nobody", "exc", "exc") == 'there is no node "nobody"'


def test_a_list_of_weights_beside_pairs_that_are_no_list_is_a_problem():
    edge = replace(SOUND.edges[0], rule={"kind": "explicit", "pairs": False}, weight=[1, 2])
    found = errors(replace(SOUND, edges=(edge,)))
    assert any(problem.path.startswith("edges/e1/rule") for problem in found)
