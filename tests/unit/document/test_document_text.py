"""Documents as text: the canonical form, and a sentence for everything that is not a document."""

import json

import pytest

from engine.document import (
    Document,
    Edge,
    Layout,
    Node,
    Recorder,
    RunSettings,
    content_hash,
    dumps,
    loads,
    replace,
)
from engine.document.reading import MAX_BYTES, form_problems
from engine.errors import DocumentError

HEAD = {"format": "spiking-workbench", "version": 1}
BALANCED = Document(
    name="Balanced network",
    nodes=(
        Node("exc", "lif_cond_exp", 3200, parameters={"v_th": -50, "tau_m": "20 ms"}),
        Node("drive", "poisson", 100, "source", parameters={"rate": 10.0}),
    ),
    edges=(Edge("drive-exc", "drive", "exc", "exc", {"kind": "probability", "p": 0.02}, 6.0, 1.5),),
    recorders=(Recorder("rec-1", "exc", "v", {"start": 0, "stop": 5}),),
    simulation=RunSettings(seed=7),
    layout=Layout({"exc": [0.0, 12.5]}, {"exc": "#3d8bfd"}, [{"text": "look"}]),
)


def text(**fields) -> str:
    return json.dumps(HEAD | fields)


def problems(**fields) -> list:
    with pytest.raises(DocumentError) as caught:
        loads(text(**fields))
    return caught.value.problems


def test_a_document_comes_back_from_its_text():
    assert loads(dumps(BALANCED)) == BALANCED


def test_tiles_are_written_where_somebody_chose_them():
    assert "tiles" not in dumps(BALANCED)
    chosen = replace(BALANCED, layout=replace(BALANCED.layout, tiles=["map", "raster"]))
    assert loads(dumps(chosen)) == chosen
    assert content_hash(chosen) == content_hash(BALANCED)
    (problem,) = problems(layout={"tiles": ["rooster"]})
    assert problem.path == "layout/tiles"
    assert "`tiles` must be raster or traces" in problem.message


def test_text_is_the_same_whatever_the_order_and_kind_of_numbers():
    node = BALANCED.nodes[0]
    other = replace(node, size=3200, parameters={"tau_m": "20 ms", "v_th": -50.0})
    assert dumps(replace(BALANCED, nodes=(other, BALANCED.nodes[1]))) == dumps(BALANCED)


def test_text_is_indented_by_two_and_ends_with_a_newline():
    assert dumps(Document()).startswith('{\n  "format": "spiking-workbench",\n  "version": 1,\n')
    assert dumps(Document()).endswith("}\n")


def test_hash_changes_with_what_is_computed_and_not_with_the_drawing():
    drawn = replace(BALANCED, name="x", description="y", layout=Layout())
    reseeded = replace(BALANCED, simulation=RunSettings(seed=8))
    assert content_hash(drawn) == content_hash(BALANCED)
    assert content_hash(reseeded) != content_hash(BALANCED)


def test_a_rule_is_written_out_with_its_defaults():
    edge = Edge("e", "a", "b", "exc", {"kind": "fixed_indegree", "n": 3})
    wanted = {"kind": "fixed_indegree", "n": 3, "self_connections": True, "multapses": True}
    assert edge.rule == wanted


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("", "not JSON"),
        ("[1, 2", "not JSON: Expecting ',' delimiter at line 1, column 6"),
        ("[]", "a document is a JSON object"),
        ("{}", 'the field `format` must be "spiking-workbench"'),
        ('{"format": "spiking-workbench"}', "`version` must be 1"),
        ('{"format": "spiking-workbench", "version": true}', "`version` must be 1"),
        ('{"a": NaN}', "NaN is not a number"),
        ('{"a": -Infinity}', "-Infinity is not a number"),
        ('{"a": 1e999}', "1e999 is not a number"),
        ('{"a": ' + "9" * 5000 + "}", "is not a number"),
        ('{"a": 1, "a": 2}', "stands twice"),
        ("[" * 100_000, "nested more than"),
        ('{"a": ' * 40 + "1" + "}" * 40, "nested more than 32 levels"),
        (b"\xff\xfe{}", "not text (UTF-8)"),
        (" " * (MAX_BYTES + 1), "the limit is 8 MB"),
    ],
)
def test_what_is_not_a_document_is_refused_in_a_sentence(broken, said):
    with pytest.raises(DocumentError) as caught:
        loads(broken)
    assert said in str(caught.value)
    assert len(caught.value.problems) == 1


def test_a_newer_version_names_both_versions_and_the_remedy():
    (problem,) = problems(version=7)
    assert "newer Spiking Workbench (version 7, this one reads up to 1)" in problem.message
    assert problem.remedy.startswith("update")


def test_every_mistake_of_form_is_listed_with_its_place():
    found = problems(
        nodes=[{"id": "a", "modl": "lif"}, 4, {"id": "-b", "model": "lif"}, {"model": "lif"}],
        edgs=[],
        simulation={"dt": "slow", "threads": 1.5},
        layout={"positions": {"a": [1]}, "colours": {"a": "red"}},
    )
    paths = {problem.path for problem in found}
    assert paths == {
        "edgs",
        "nodes/a",
        "nodes/a/modl",
        "nodes/1",
        "nodes/2/id",
        "nodes/3",
        "simulation/dt",
        "simulation/threads",
        "layout/positions",
        "layout/colours",
    }


def test_an_unknown_field_suggests_the_nearest_known():
    (problem,) = problems(recordrs=[])
    assert problem.remedy == "did you mean `recorders`?"


def test_duplicate_ids_are_refused():
    node = {"id": "a", "model": "lif"}
    (problem,) = problems(nodes=[node, node])
    assert (problem.path, problem.code) == ("nodes/a", "duplicate-id")


@pytest.mark.parametrize("name", ["\ud800", "a\x00b", "x" * 201])
def test_texts_that_cannot_be_shown_are_refused(name):
    assert problems(name=name)


def test_parts_made_in_python_are_held_to_the_same_form():
    node = Node("a", 3, parameters={"rate": float("nan"), "C": {"mean": 1}})  # type: ignore[arg-type]
    paths = [problem.path for problem in form_problems(node)]
    assert paths == ["nodes/a/model", "nodes/a/parameters"]


def test_ids_and_plain_rules_may_be_left_out_by_a_person_who_writes_by_hand() -> None:
    edge = {"source": "a", "target": "a", "port": "exc", "rule": "all_to_all"}
    recorder = {"node": "a", "variable": "spikes"}
    data = {
        "format": "spiking-workbench",
        "version": 1,
        "nodes": [{"id": "a", "model": "lif"}],
        "edges": [edge, edge, {**edge, "id": "a-a"}],
        "recorders": [recorder],
    }
    document = loads(json.dumps(data))
    assert [each.id for each in document.edges] == ["a-a-2", "a-a-3", "a-a"]
    assert document.edges[0].rule["kind"] == "all_to_all"
    assert [each.id for each in document.recorders] == ["rec-a-spikes"]
