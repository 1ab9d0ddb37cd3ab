"""The gallery: every example on a card, in a group, with what was measured of it as it stands."""

from __future__ import annotations

import pytest

import engine
from engine.document import Document, Node, replace
from workbench import gallery
from workbench.store import files
from workbench.studio.task import all_tasks


@pytest.fixture(scope="module")
def shown() -> dict:
    return gallery.shown()


def test_every_document_and_every_script_has_one_card_in_a_group(shown: dict) -> None:
    names = [card["name"] for card in shown["examples"]]
    expected = {example.name for example in files.examples()} | set(gallery.scripts())
    assert len(names) == len(set(names))
    assert set(names) == expected
    groups = [group["name"] for group in shown["groups"]]
    assert {card["group"] for card in shown["examples"]} == set(groups)


def test_no_name_stands_in_two_groups() -> None:
    listed = [name for names in gallery.GROUPS.values() for name in names]
    assert len(listed) == len(set(listed))


def test_pictures_sizes_and_times_are_those_of_the_documents_as_they_stand() -> None:
    stale = [
        example.name
        for example in files.examples()
        if not all(gallery.measured_of(example).get(k) for k in ("picture", "seconds", "synapses"))
    ]
    assert not stale, f"run examples/make_gallery.py, and with --times, for {', '.join(stale)}"


def test_every_rule_on_a_projection_is_learnt_by_in_some_example() -> None:
    used = {
        edge.plasticity["model"]
        for example in files.examples()
        for edge in example.document.edges
        if edge.plasticity
    }
    # stdp_diehl_cook learns only beside a normalisation of weights.
    assert set(engine.plasticity_models()) - used <= {"stdp_diehl_cook"}


def test_every_code_that_makes_spikes_of_values_is_in_some_example() -> None:
    used = {node.model for example in files.examples() for node in example.document.nodes}
    codes = {f"{name}_code" for name, code in engine.coding.codes().items() if name != "temporal"}
    assert codes <= used


@pytest.mark.parametrize(
    ("words", "expected"),
    [("reward", "r_stdp"), ("izhikevich 2007", "r_stdp"), ("latency", "code_latency"),
     ("spikeprop", "spikeprop_xor"), ("hodgkin", "axon"), ("pfister", "stdp_triplet")],
)  # fmt: skip
def test_an_example_is_found_by_its_model_rule_code_or_author(
    shown: dict, words: str, expected: str
) -> None:
    found = [
        card["name"]
        for card in shown["examples"]
        if all(w in f"{card['title']} {card['description']} {card['words']}".lower()
               for w in words.split())
    ]  # fmt: skip
    assert expected in found


def test_a_document_that_changed_is_drawn_by_its_network_and_estimated() -> None:
    example = next(each for each in files.examples() if each.name == "stdp")
    nodes = (replace(example.document.nodes[0], size=999), *example.document.nodes[1:])
    changed = replace(example, document=replace(example.document, nodes=nodes))
    card = gallery.card(changed)
    assert card["picture"] == []
    assert len(card["nodes"]) == 2
    assert card["facts"][-1].startswith("perhaps ")
    assert gallery.card(example)["picture"]


def test_what_is_not_listed_stands_where_it_belongs() -> None:
    def group(document: Document) -> str:
        return gallery.group_of(files.Example("new", "", "", 1, document))

    assert group(Document(nodes=(Node("a", "lif", 1),))) == "networks"
    assert group(Document(nodes=(Node("a", "lif", 1, geometry={"kind": "line"}),))) == "space"
    for name, expected in (("r_stdp", "reward"), ("resume", "teacher"), ("stdp", "timing")):
        assert group(files.load_example(name)) == expected


def test_a_script_is_shown_with_its_command_and_its_plot_and_only_if_it_is_shipped() -> None:
    found = gallery.script("spikeprop_xor")
    assert found is not None
    assert found["command"] == "python examples/learning/spikeprop_xor.py"
    assert "XOR" in found["result"]
    assert found["plot"].startswith("<svg")
    for name in ("../make_examples", "showing", ""):
        assert gallery.script(name) is None


def test_every_task_that_is_learnt_in_the_page_is_the_script_of_a_card(shown: dict) -> None:
    cards = {card["name"]: card for card in shown["examples"] if card["kind"] == "script"}
    assert gallery.task_names() == set(all_tasks())
    assert gallery.task_names() <= set(cards)
    for name in gallery.task_names():
        assert cards[name]["facts"] == ["learns here, live"]
        assert gallery.script(name)["task"] == name
