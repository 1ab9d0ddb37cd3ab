"""The geometry of a population in the inspector, and the drawing of a cell."""

from __future__ import annotations

import xml.etree.ElementTree as xml
from typing import Any

import numpy as np
import pytest

from engine.cable import compartments
from engine.document import Document, Node
from engine.errors import DocumentError
from workbench.cell_drawing import CLASSES, cell_svg, colour, dots, outline
from workbench.commands import apply
from workbench.editor.forms import form_of
from workbench.editor.forms.edits import commands_for
from workbench.editor.graph import Look, nodes_of
from workbench.session import Session

TREE = """1 1 0 0 0 8 -1
2 3 0 8 0 1 1
3 3 0 108 0 1 2
4 3 60 160 0 0.5 3
5 3 -60 160 5 0.5 3
"""


@pytest.fixture
def session(tmp_path, monkeypatch) -> Session:
    """An axon and a population of neurons that reset; a measured cell in the data folder."""
    (tmp_path / "cells").mkdir()
    (tmp_path / "cells" / "tree.swc").write_text(TREE)
    (tmp_path / "cells" / "notes.txt").write_text("no cell")
    monkeypatch.setenv("WORKBENCH_DATA", str(tmp_path))
    made = Session()
    assert made.do("add_node", model="hodgkin_huxley", id="axon", size=1)
    assert made.do("add_node", model="lif", id="lif", size=5)
    return made


def rows(session: Session, node: str) -> dict[str, dict[str, Any]]:
    form = form_of(session.document, (node,), session.colour_of, session.sign_of, session.folder)
    listed = [row for part in form["sections"] for row in part["rows"]]
    return {row.get("path", row["kind"]): row for row in listed}


def edit(session: Session, path: str, value: Any, node: str = "axon") -> None:
    for command in commands_for(session.document, (node,), path, value, session.folder):
        assert session.do(command.name, **command.arguments), session.message.text


def attempt(session: Session, path: str, value: Any) -> None:
    """What the inspector tries before it does anything."""
    for command in commands_for(session.document, ("axon",), path, value, session.folder):
        apply(session.document, command)


def test_a_neuron_becomes_a_cable_and_back(session: Session) -> None:
    assert rows(session, "axon")["geometry/kind"]["value"] == "neurons"
    assert "geometry/length" not in rows(session, "axon")
    edit(session, "geometry/kind", "cable")
    node = session.document.node("axon")
    assert (node.size, node.geometry) == (51, {"kind": "cable", "length": 1000, "diameter": 2})
    shown = rows(session, "axon")
    assert shown["geometry/length"]["value"] == 1000
    assert shown["size"]["name"] == "compartments"
    assert "solver" not in shown
    edit(session, "geometry/length", "3 mm")
    edit(session, "geometry/end/1", "killed")
    node = session.document.node("axon")
    assert node.geometry["length"] == 3000
    assert node.geometry["ends"] == ["sealed", "killed"]
    assert rows(session, "axon")["geometry/end/1"]["value"] == "killed"
    edit(session, "geometry/kind", "neurons")
    assert session.document.node("axon").geometry is None


def test_a_wrong_number_is_refused_under_its_field(session: Session) -> None:
    edit(session, "geometry/kind", "cable")
    for path, value, said in [
        ("geometry/length", "-3", "outside of its bounds"),
        ("geometry/diameter", "3 mV", "given in mV"),
        ("geometry/diameter", "thick", "is not a quantity"),
    ]:
        before = session.document
        with pytest.raises(DocumentError, match=said):
            attempt(session, path, value)
        assert session.document is before


def test_a_measured_cell_brings_its_size_and_its_drawing(session: Session) -> None:
    edit(session, "geometry/kind", "morphology")
    node = session.document.node("axon")
    assert node.geometry == {"kind": "morphology", "path": "cells/tree.swc"}
    assert node.size == len(compartments(node.geometry)) > 10
    shown = rows(session, "axon")
    assert shown["size"]["locked"] is True
    assert len(shown["drawing"]["points"]) == 2 * node.size
    edit(session, "geometry/longest", "5")
    assert session.document.node("axon").size > 2 * node.size
    with pytest.raises(DocumentError, match=r"was not found beside the document"):
        commands_for(session.document, ("axon",), "geometry/path", "cells/none.swc", session.folder)


def test_a_cell_beside_the_saved_documents_is_found(session, tmp_path, monkeypatch) -> None:
    (tmp_path / "projects").mkdir()
    (tmp_path / "projects" / "mine.swc").write_text(TREE)
    monkeypatch.setenv("WORKBENCH_PROJECTS", str(tmp_path / "projects"))
    edit(session, "geometry/kind", "morphology")
    edit(session, "geometry/path", "mine.swc")
    assert "drawing" in rows(session, "axon")


def test_a_cell_too_large_to_draw_says_so(session: Session) -> None:
    edit(session, "geometry/kind", "cable")
    assert "drawing" in rows(session, "axon")
    edit(session, "size", 30_000)
    assert "drawing" not in rows(session, "axon")


def test_a_cell_that_is_gone_is_told_where_its_drawing_would_be(session, monkeypatch) -> None:
    edit(session, "geometry/kind", "morphology")
    monkeypatch.delenv("WORKBENCH_DATA")
    shown = rows(session, "axon")
    assert "drawing" not in shown
    texts = [
        row["text"]
        for part in form_of(
            session.document, ("axon",), session.colour_of, session.sign_of, session.folder
        )["sections"]
        for row in part["rows"]
        if row["kind"] == "sentence"
    ]
    assert any("was not found" in text for text in texts)


def kinds(session: Session, node: str) -> list[str]:
    return [each["value"] for each in rows(session, node)["geometry/kind"]["options"]]


PLACES = ["without places", "on a line", "on a ring", "in a grid", "scattered in a field"]


def test_models_that_reset_may_have_places_but_are_no_cables(session: Session) -> None:
    names = [each["label"] for each in rows(session, "lif")["geometry/kind"]["options"]]
    assert names == PLACES
    assert kinds(session, "axon")[-2:] == ["cable", "morphology"]


def test_neurons_get_places_which_are_drawn(session: Session) -> None:
    assert session.do("set_node", id="lif", field="size", value=30)
    edit(session, "geometry/kind", "grid", "lif")
    shown = rows(session, "lif")
    assert shown["geometry/width"]["value"] == 1000
    assert shown["geometry/columns"]["placeholder"] == "6"
    assert len(shown["drawing"]["places"]["at"]) == 60
    edit(session, "geometry/columns", "15", "lif")
    edit(session, "geometry/width", "0.5 mm", "lif")
    edit(session, "geometry/periodic/x", True, "lif")
    assert session.document.node("lif").geometry["periodic"] == ["x"]
    edit(session, "geometry/periodic/y", True, "lif")
    assert session.document.node("lif").geometry == {
        "kind": "grid", "columns": 15, "width": 500, "periodic": True,
    }  # fmt: skip
    edit(session, "geometry/periodic/x", False, "lif")
    edit(session, "geometry/periodic/y", False, "lif")
    edit(session, "geometry/from_top", True, "lif")
    assert rows(session, "lif")["geometry/from_top"]["value"] is True
    assert session.document.node("lif").geometry == {
        "kind": "grid", "columns": 15, "width": 500, "from_top": True,
    }  # fmt: skip
    edit(session, "geometry/kind", "random", "lif")  # what both have is kept
    assert session.document.node("lif").geometry == {"kind": "random", "width": 500}
    edit(session, "geometry/kind", "ring", "lif")
    at = np.reshape(rows(session, "lif")["drawing"]["places"]["at"], (30, 2))
    np.testing.assert_allclose(np.hypot(*at.T), 1000 / (2 * np.pi), rtol=1e-3)  # round
    edit(session, "geometry/kind", "neurons", "lif")
    assert session.document.node("lif").geometry is None
    assert "drawing" not in rows(session, "lif")


def test_a_grid_gets_layers_and_a_spacing_which_says_its_extent(session: Session) -> None:
    assert session.do("set_node", id="lif", field="size", value=135)
    edit(session, "geometry/kind", "grid", "lif")
    assert "geometry/z" not in rows(session, "lif")
    for path, value in (("columns", 15), ("layers", 3), ("spacing", "0.1 mm")):
        edit(session, f"geometry/{path}", value, "lif")
    shown = rows(session, "lif")
    assert [shown[f"geometry/{side}"]["placeholder"] for side in ("rows", "width", "depth")] == [
        "3", "1500", "300",
    ]  # fmt: skip
    assert shown["geometry/width"]["value"] is None
    assert shown["drawing"]["places"]["axes"] == 3
    assert len(shown["drawing"]["places"]["at"]) == 3 * 135
    edit(session, "geometry/periodic/z", True, "lif")
    assert session.document.node("lif").geometry["periodic"] == ["z"]
    edit(session, "geometry/width", "300", "lif")  # an extent instead of the spacing
    assert session.document.node("lif").geometry == {
        "kind": "grid", "columns": 15, "layers": 3, "width": 300, "periodic": ["z"],
    }  # fmt: skip
    for axis in "xy":
        edit(session, f"geometry/periodic/{axis}", True, "lif")
    assert session.document.node("lif").geometry["periodic"] is True
    assert not [each for each in session.problems if each.severity == "error"]


def test_what_is_round_offers_no_periods_and_listed_places_no_extent(session: Session) -> None:
    edit(session, "geometry/kind", "random", "lif")
    edit(session, "geometry/depth", 50, "lif")
    assert {"geometry/periodic/x", "geometry/periodic/z"} < set(rows(session, "lif"))
    edit(session, "geometry/round", True, "lif")
    assert not [path for path in rows(session, "lif") if path.startswith("geometry/periodic")]
    listed = {"kind": "positions", "positions": [[k, 0, 1] for k in range(5)]}
    assert session.do("set_geometry", node="lif", geometry=listed, size=5)
    assert {path for path in rows(session, "lif") if "geometry" in path} == {"geometry/kind"}


def test_a_source_of_spikes_has_places_and_one_of_current_has_none(session: Session) -> None:
    assert session.do("add_node", model="poisson", id="dots", size=4)
    assert session.do("add_node", model="step_current", id="step")
    assert kinds(session, "dots") == ["neurons", "line", "ring", "grid", "random"]
    assert "geometry/kind" not in rows(session, "step")
    with pytest.raises(DocumentError):
        commands_for(session.document, ("dots",), "geometry/kind", "cable", session.folder)


def test_so_many_members_are_not_drawn(session: Session) -> None:
    assert session.do("set_node", id="lif", field="size", value=20_001)
    edit(session, "geometry/kind", "random", "lif")
    form = form_of(session.document, ("lif",), session.colour_of, session.sign_of, session.folder)
    listed = [row for part in form["sections"] for row in part["rows"]]
    assert any("too many to be drawn" in row.get("text", "") for row in listed)
    assert "drawing" not in rows(session, "lif")


def test_a_wire_between_places_may_go_by_distance(session: Session) -> None:
    assert session.do("add_node", model="lif_psc_exp", id="sheet", size=100)
    assert session.do("connect", source="sheet", target="sheet", port="exc", id="near")

    def wire() -> dict[str, dict[str, Any]]:
        form = form_of(
            session.document, ("near",), session.colour_of, session.sign_of, session.folder
        )
        listed = [row for part in form["sections"] for row in part["rows"]]
        return {row.get("path", row["kind"]): row for row in listed}

    def options(row: dict[str, Any]) -> list[str]:
        return [each["value"] for each in row["options"]]

    assert "distance" not in options(wire()["rule/kind"])
    assert "distance_linear" not in options(wire()["delay"]["spread"])
    edit(session, "geometry/kind", "grid", "sheet")
    before = session.document.edge("near")
    for path, value in (
        ("rule/kind", "distance"), ("rule/scale", "0.05 mm"), ("rule/profile", "box"),
        ("rule/reach", 40), ("delay/distribution", "distance_linear"), ("delay/slope", 4),
        ("weight/distribution", "distance_gaussian"), ("weight/scale", "30 um"),
    ):  # fmt: skip
        edit(session, path, value, "near")
    edge = session.document.edge("near")
    assert edge.rule == {"kind": "distance", "profile": "box", "p": 0.1, "scale": 50,
                         "reach": 40, "self_connections": False}  # fmt: skip
    assert edge.delay == {"distribution": "distance_linear", "offset": before.delay, "slope": 4}
    assert edge.weight == {"distribution": "distance_gaussian", "peak": before.weight,
                           "scale": 30}  # fmt: skip
    assert wire()["weight/scale"]["unit"] == "µm"
    assert not [each for each in session.problems if each.severity == "error"]
    edit(session, "rule/reach", None, "near")
    assert "reach" not in session.document.edge("near").rule
    edit(session, "rule/profile", "gamma", "near")
    assert session.document.edge("near").rule["shape"] == 2
    edit(session, "rule/shape", "3", "near")
    edit(session, "rule/profile", "linear", "near")
    assert "rule/shape" not in wire()
    edit(session, "rule/outdegree", "4", "near")
    assert "rule/p" not in wire()  # it would say nothing
    edit(session, "rule/indegree", "5", "near")
    rule = session.document.edge("near").rule
    assert (rule["indegree"], "outdegree" in rule, "shape" in rule) == (5, False, False)
    assert not [each for each in session.problems if each.severity == "error"]
    edit(session, "rule/indegree", None, "near")
    assert "rule/p" in wire()
    edit(session, "geometry/kind", "neurons", "sheet")
    assert any('"sheet" has no places' in str(each) for each in session.problems)
    assert "distance" in options(wire()["rule/kind"])  # what stands there is shown


def test_a_node_on_the_canvas_tells_how_many_compartments_it_has(session: Session) -> None:
    edit(session, "geometry/kind", "cable")
    look = Look({"axon": "#000000", "lif": "#000000"}, frozenset(), {})
    data = {node["id"]: node["data"] for node in nodes_of(session.document, look)}
    assert data["axon"]["size"] == "51 comp."
    assert data["lif"]["size"] == "5"


def test_an_outline_stays_in_its_box(session: Session) -> None:
    edit(session, "geometry/kind", "morphology")
    cell = compartments(session.document.node("axon").geometry)
    drawn = outline(cell.position, cell.parent, cell.radius, 200.0, 150.0)
    points = np.array(drawn["points"]).reshape(-1, 2)
    assert points.min() >= 0
    assert points[:, 0].max() <= 200
    assert points[:, 1].max() <= drawn["height"] <= 150
    assert drawn["height"] > 100  # drawn upright: its length is along y


def test_a_drawing_is_coloured_by_potential_and_well_formed(session: Session) -> None:
    edit(session, "geometry/kind", "morphology")
    cell = compartments(session.document.node("axon").geometry)
    values = np.linspace(-70, -50, len(cell))
    tree = xml.fromstring(
        cell_svg(cell.position, cell.parent, cell.radius, values, title="<v>", standalone=True)
    )
    strokes = [each.get("stroke") for each in tree.iter() if each.tag.endswith("path")]
    assert {colour(0), colour(CLASSES - 1)} <= {*strokes, colour(0)}
    assert len(set(strokes)) > CLASSES // 2
    words = "".join(tree.itertext())
    assert "-70.0 mV" in words
    assert "-50.0 mV" in words
    flat = cell_svg(cell.position, cell.parent, cell.radius, np.zeros(len(cell)))
    assert "0.00 mV" in flat


def test_a_straight_cable_and_a_single_compartment_can_be_drawn() -> None:
    cable = compartments({"kind": "cable", "length": 100, "diameter": 2}, 5)
    assert outline(cable.position, cable.parent, cable.radius, 100.0, 50.0)["height"] == 1.0
    one = compartments({"kind": "cable", "length": 100, "diameter": 2}, 1)
    assert outline(one.position, one.parent, one.radius, 100.0, 50.0)["parent"] == [-1]
    assert "<svg" in cell_svg(one.position, one.parent, one.radius, [1.0])


@pytest.mark.parametrize(
    ("size", "geometry"),
    [
        (0, {"kind": "grid"}),
        (0, {"kind": "line"}),
        (-3, {"kind": "ring", "periodic": True}),
        (2, {"kind": ["grid"]}),
        (2, {"kind": 7}),
        (2, {"kind": "positions", "positions": [[1e308, 0], [-1e308, 0]]}),
    ],
)
def test_a_node_of_a_wrong_document_can_be_selected(size: int, geometry: dict[str, Any]) -> None:
    wrong = Document(nodes=(Node("one", size=size, model="lif", geometry=geometry),))
    form = form_of(wrong, ("one",), lambda _: "#123456", lambda _: 1, None)
    assert not [row for part in form["sections"] for row in part["rows"] if "places" in row]


@pytest.mark.parametrize("apart", [5e-324, 1e-320, 1e-9, 1e9])
def test_places_near_and_far_are_finite_numbers(apart: float) -> None:
    drawn = dots([[0, 0], [apart, 0]], "#123456", 200.0, 100.0)
    assert drawn["places"]["at"] == pytest.approx([0, 0, apart, 0], rel=1e-3, abs=1e-12)
