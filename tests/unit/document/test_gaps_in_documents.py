"""Gap junctions in documents: between membranes, both ways, at once; what cannot be joined."""

from __future__ import annotations

from typing import Any

import pytest

import engine
from engine.document import Document, dumps, loads, replace
from engine.document.lookup import edge_sign, joins
from engine.errors import DocumentError
from engine.runtime.build import build


def network(model: str = "lif", ports: dict[str, str] | None = None, **wire: Any) -> Document:
    """Two populations, a source that spikes and one that gives a current; a junction."""
    net = engine.Network()
    net.population("one", 4, "lif", ports=ports or {})
    net.population("two", 4, model)
    net.source("spikes", "poisson", size=4)
    net.source("current", "step_current")
    net.connect("one", "two", weight=1, port="exc", id="e")
    edge = replace(net.document.edges[0], **({"port": "gap", "plasticity": None} | wire))
    return replace(net.document, edges=(edge,))


def problems(document: Document) -> list[str]:
    found = engine.check(document)
    return [str(problem) for problem in found if problem.severity == "error"]


def test_a_junction_joins_any_two_membranes_of_the_same_units() -> None:
    for model in ("lif", "lif_cond_exp", "adex"):
        document = network(model)
        assert problems(document) == []
        assert joins(document, document.edges[0])
        assert loads(dumps(document)) == document
    assert problems(network(target="one", source="two")) == []
    assert edge_sign(network(), network().edges[0]) == 0


def test_a_junction_acts_at_once_whatever_its_delay() -> None:
    for delay in (0.0, 1e9, engine.uniform(1, 2)):
        assert not [each for each in engine.check(network(delay=delay)) if "edges" in each.path]


@pytest.mark.parametrize(
    ("wire", "path", "said"),
    [
        ({"source": "spikes"}, "/port", "is a source and has no membrane to join"),
        ({"source": "current"}, "/port", "is a source and has no membrane to join"),
        ({"target": "spikes"}, "/port", "is a source and takes no input"),
        ({"weight": -1}, "/weight", "cannot be negative; use a positive weight"),
        ({"weight": engine.normal(-1, 1)}, "/weight", "cannot be negative"),
        ({"weight": "1 pA"}, "/weight", "a value in nS"),
        ({"plasticity": "stdp"}, "/plasticity", "a gap junction passes no spikes"),
        ({"plasticity": "tsodyks_markram"}, "/plasticity", "a gap junction passes no spikes"),
    ],
)
def test_what_cannot_be_joined_is_told_by_its_place(wire, path: str, said: str) -> None:
    (found,) = problems(network(**wire))
    assert found.startswith(f"edges/e{path}: ")
    assert said in found


def test_membranes_of_other_units_are_not_joined() -> None:
    (found,) = problems(network("hodgkin_huxley"))
    assert 'is in nS at "one" and in mS/cm^2 at "two"' in found


def test_a_port_for_spikes_may_have_the_name() -> None:
    document = network(ports={"gap": "exp_current"})
    (found,) = problems(document)
    assert "has a port `gap` of its own, which takes spikes" in found
    inward = replace(document.edges[0], source="two", target="one")
    assert problems(replace(document, edges=(inward,))) == []
    assert not joins(document, inward)


def test_two_wires_between_the_same_populations_are_a_hint() -> None:
    document = network()
    back = replace(document.edges[0], id="f", source="two", target="one")
    both = engine.check(replace(document, edges=(document.edges[0], back)))
    told = [(each.severity, each.path) for each in both if "edges" in each.path]
    assert told == [("hint", "edges/e"), ("hint", "edges/f")]


def test_a_junction_counts_once() -> None:
    built = build(network(rule={"kind": "one_to_one"}))
    assert built.synapses == 4
    assert len(built.plan.projections) == 2
    inputs = [[entry.port for entry in p.step_map.inputs] for p in built.plan.populations]
    assert all("gap" in ports for ports in inputs)


def test_a_junction_takes_another_number_while_running_and_no_distribution() -> None:
    with engine.Simulation(network()) as running:
        running.set_weight("e", 2)
        assert set(running.weights("e").tolist()) == {2.0}
        with pytest.raises(DocumentError, match="take another number"):
            running.set_weight("e", engine.uniform(1, 2))
        with pytest.raises(DocumentError, match="cannot be negative"):
            running.set_weight("e", -2)
