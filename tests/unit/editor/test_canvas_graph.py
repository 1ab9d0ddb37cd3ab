"""What the canvas says of a document: labels, ports, signs and problems."""

from __future__ import annotations

from typing import Any

import pytest

from engine.document import Document, Edge, Node, replace
from engine.errors import Problem
from workbench.editor.graph import (
    Look,
    count,
    edge_label,
    edges_of,
    nodes_of,
    problems_by_item,
    quantity_label,
    rule_label,
    worst,
)

THIN = "\u2009"


def network(**edge: Any) -> Document:
    """Poisson spikes and a current onto a population with conductances."""
    nodes = (
        Node("drive", "poisson", 4000, "source", "Drive"),
        Node("step", "step_current", 1, "source"),
        Node("exc", "lif_cond_exp", 3200, label="Excitatory"),
    )
    rule = {"kind": "probability", "p": 0.02, "self_connections": True, "multapses": False}
    wire = Edge("drive-exc", "drive", "exc", "exc", rule, 6.0, 1.5)
    current = Edge("step-exc", "step", "exc", "current", {"kind": "all_to_all"}, 1.0, 1.0)
    return Document(nodes=nodes, edges=(replace(wire, **edge), current))


def look(document: Document, *problems: Problem, inhibitory: tuple[str, ...] = ()) -> Look:
    colours = {node.id: "#123456" for node in document.nodes}
    return Look(colours, frozenset(inhibitory), problems_by_item(problems))


def test_a_wire_says_rule_weight_and_delay_with_their_units() -> None:
    document = network()
    assert edge_label(document, document.edges[0]) == "2 % · 6 nS · 1.5 ms"


def test_a_wire_says_whether_it_learns_or_only_tires() -> None:
    for rule, word in (("stdp", "learns"), ("tsodyks_markram", "short-term")):
        document = network(plasticity={"model": rule})
        assert edge_label(document, document.edges[0]) == f"2 % · {word} · 6 nS · 1.5 ms"


def test_a_current_has_no_delay_and_no_weight_of_one() -> None:
    document = network()
    assert edge_label(document, document.edges[1]) == "all"
    assert edge_label(document, replace(document.edges[1], weight=-2.5)) == "all · × −2.5"


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (6.0, "6 nS"),
        (-0.25, "−0.25 nS"),
        ("500 pS", "500 pS"),
        ({"distribution": "normal", "mean": 6, "std": 1}, "~ 6 nS"),
        ({"distribution": "uniform", "low": 0, "high": 0.5}, "0 … 0.5 nS"),
        ([1.0] * 1200, f"1{THIN}200 values"),
    ],
)
def test_every_kind_of_weight_has_a_short_label(value: Any, label: str) -> None:
    assert quantity_label(value, "nS") == label


@pytest.mark.parametrize(
    ("rule", "label"),
    [
        ({"kind": "probability", "p": 0.125}, "12.5 %"),
        ({"kind": "all_to_all"}, "all"),
        ({"kind": "one_to_one"}, "1 : 1"),
        ({"kind": "fixed_indegree", "n": 1250}, f"1{THIN}250 in"),
        ({"kind": "fixed_outdegree", "n": 80}, "80 out"),
        ({"kind": "explicit", "pairs": [[0, 1], [2, 3]]}, "2 pairs"),
        ({"kind": "nonsense"}, "?"),
        ({"kind": "probability", "p": "half"}, "? %"),
    ],
)
def test_every_rule_has_a_short_label_even_a_wrong_one(rule: Any, label: str) -> None:
    assert rule_label(rule) == label


def test_thousands_are_set_apart_by_thin_spaces() -> None:
    assert count(1234567) == f"1{THIN}234{THIN}567"


def test_a_population_shows_one_port_an_input_and_a_source_none() -> None:
    document = network()
    drive, _, exc = nodes_of(document, look(document))
    assert drive["data"]["inputs"] == []
    assert [(p["id"], p["kind"], p["unit"]) for p in exc["data"]["inputs"]] == [
        ("exc", "spikes", "nS"),
        ("inh", "spikes", "nS"),
        ("current", "current", ""),
    ]
    assert (exc["data"]["label"], exc["data"]["size"]) == ("Excitatory", f"3{THIN}200")


def test_a_node_without_a_label_is_called_by_its_id() -> None:
    document = network()
    assert nodes_of(document, look(document))[1]["data"]["label"] == "step"


def test_wires_have_colour_and_sign_of_their_source() -> None:
    document = network()
    drawn = edges_of(document, look(document, inhibitory=("drive",)))
    assert [edge["data"]["sign"] for edge in drawn] == ["inhibitory", "excitatory"]


def test_a_wire_to_nowhere_is_not_drawn() -> None:
    document = network(target="gone")
    assert [edge["id"] for edge in edges_of(document, look(document))] == ["step-exc"]


def test_an_unknown_model_is_drawn_under_its_name() -> None:
    document = Document(nodes=(Node("a", "liff", 3),))
    data = nodes_of(document, look(document))[0]["data"]
    assert (data["title"], data["inputs"]) == ("liff", [])


def test_a_problem_stands_at_its_node_or_wire_the_gravest_first() -> None:
    document = network()
    hint = Problem("nodes/exc/size", "x", "it is small", severity="hint")
    error = Problem("nodes/exc/parameters/tau", "x", "`tau` is unknown", "use `tau_m`")
    wire = Problem("edges/drive-exc/delay", "x", "the delay is rounded", severity="hint")
    seen = look(document, hint, error, wire, Problem("simulation/dt", "x", "dt is 0"))
    nodes, edges = nodes_of(document, seen), edges_of(document, seen)
    assert nodes[2]["data"]["problem"] == {
        "severity": "error",
        "text": "`tau` is unknown; use `tau_m`\nit is small",
    }
    assert nodes[0]["data"]["problem"] is None
    assert edges[0]["data"]["problem"]["severity"] == "hint"


def test_many_problems_of_one_node_are_counted_not_listed() -> None:
    said = worst(Problem("nodes/a", "x", f"wrong {k}") for k in range(9))
    assert said is not None
    assert said["text"].splitlines()[-1] == "and 6 more"
