"""Where nodes stand that nobody has placed."""

from __future__ import annotations

from engine.document import Document, Edge, Layout, Node
from workbench.editor.placing import COLUMN, GRID, free_place, places_of, snap


def chain(**positions: list[float]) -> Document:
    """A source that drives a population, which drives another and itself."""
    nodes = (
        Node("drive", "poisson", 10, "source"),
        Node("first", "lif", 10),
        Node("second", "lif", 10),
    )
    wires = (("drive", "first"), ("first", "second"), ("first", "first"))
    edges = tuple(Edge(f"{a}-{b}", a, b, "exc") for a, b in wires)
    return Document(nodes=nodes, edges=edges, layout=Layout(positions))


def test_a_place_in_the_layout_stands() -> None:
    assert places_of(chain(first=[13, -7.5]))["first"] == (13, -7.5)


def test_nodes_without_a_place_stand_in_the_order_of_the_wires() -> None:
    places = places_of(chain())
    assert [places[name][0] for name in ("drive", "first", "second")] == [0, COLUMN, 2 * COLUMN]


def test_no_two_nodes_stand_on_one_another() -> None:
    nodes = tuple(Node(f"n{k}", "lif", 1) for k in range(40))
    places = places_of(Document(nodes=nodes, layout=Layout({"n3": [COLUMN, 0]})))
    assert len(set(places.values())) == len(nodes)


def test_a_ring_without_a_source_is_placed_once() -> None:
    nodes = tuple(Node(name, "lif", 1) for name in "abc")
    edges = tuple(Edge(a + b, a, b, "exc") for a, b in ("ab", "bc", "ca"))
    places = places_of(Document(nodes=nodes, edges=edges))
    assert [places[name][0] for name in "abc"] == [0, COLUMN, 2 * COLUMN]


def test_a_new_node_does_not_cover_another() -> None:
    taken = [(0.0, 0.0), (24.0, 24.0)]
    assert free_place((3, 2), taken) == (48, 48)


def test_places_snap_to_the_grid() -> None:
    assert all(value % GRID == 0 for value in snap((13.2, -41)))
