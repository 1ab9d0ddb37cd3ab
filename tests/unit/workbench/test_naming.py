"""Parts of a document are called as the page labels them."""

import pytest

from engine.document import Document, Edge, Node
from workbench.naming import place_name, wire_name

DOCUMENT = Document(
    nodes=(Node("exc", "lif", 80, label="Excitatory"), Node("drive", "poisson", 80, "source")),
    edges=(
        Edge("e", "drive", "exc", "exc", {"kind": "one_to_one"}, 6.0, 1.5),
        Edge("loose", "gone", "exc", "exc", {"kind": "one_to_one"}, 6.0, 1.5),
    ),
)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("nodes/exc/parameters/tau_m", "Excitatory"),
        ("edges/e/plasticity", "drive → Excitatory"),
        ("recorders/r-1", "r-1"),
        ("nodes/gone", "gone"),
        ("simulation/dt", "dt"),
        ("simulation", "simulation"),
        ("", "document"),
    ],
)
def test_the_place_of_a_problem_is_named_by_labels(path: str, name: str) -> None:
    assert place_name(DOCUMENT, path) == name


def test_a_wire_without_its_source_is_named_by_the_id_that_is_missing() -> None:
    assert wire_name(DOCUMENT, DOCUMENT.edges[1]) == "gone → Excitatory"
