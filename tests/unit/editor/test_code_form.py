"""Sources that encode, in the inspector: drawn, and as large as what they encode."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import engine
from engine.coding.nodes import source_models
from engine.errors import DocumentError
from engine.runtime.sources import encoded_by
from workbench.changes import what_changed
from workbench.editor.forms import form_of
from workbench.editor.forms.edits import commands_for
from workbench.session import Session


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A latency code, in a project folder with a picture."""
    np.save(tmp_path / "picture.npy", np.arange(12, dtype=np.uint8).reshape(3, 4) * 20)
    monkeypatch.setenv("WORKBENCH_PROJECTS", str(tmp_path))
    made = Session()
    assert made.do("add_node", model="latency_code", id="code")
    return made


def form(session: Session) -> dict[str, Any]:
    return form_of(session.document, ["code"], session.colour_of, session.sign_of, session.folder)


def rows(session: Session) -> list[dict[str, Any]]:
    return [row for part in form(session)["sections"] for row in part["rows"]]


def picture(session: Session) -> dict[str, Any]:
    return next(row for row in rows(session) if row["kind"] == "picture")


def edit(session: Session, path: str, value: Any) -> None:
    for command in commands_for(session.document, ("code",), path, value, session.folder):
        assert session.do(command.name, **command.arguments), session.message.text


def size(session: Session) -> int:
    return session.document.nodes_by_id["code"].size


def test_members_follow_from_what_is_encoded_and_undo_takes_both_back(session: Session) -> None:
    assert size(session) == 5
    edit(session, "parameters/values", "0.2 0.4, 0.6")
    assert size(session) == 3
    edit(session, "parameters/path", "picture.npy")
    assert size(session) == 12
    edit(session, "model", "population_code")
    session.undo()
    session.undo()
    assert size(session) == 3
    assert "path" not in session.document.nodes_by_id["code"].parameters
    assert next(row for row in rows(session) if row.get("path") == "size")["locked"]


def test_another_code_has_the_members_that_it_needs(session: Session) -> None:
    edit(session, "model", "population_code")
    assert size(session) == 40
    edit(session, "parameters/fields", 4)
    assert size(session) == 20
    edit(session, "model", "step_forward_code")
    assert size(session) == 2


@pytest.mark.parametrize("model", [each.name for each in source_models()])
def test_every_code_is_drawn_as_it_is_added(model: str) -> None:
    session = Session()
    assert session.do("add_node", model=model, id="code")
    drawn = picture(session)
    root = ElementTree.fromstring(drawn["svgs"][0])
    kinds = {part.tag for part in root.iter()}
    assert {"path", "text", "rect"} <= kinds
    node = session.document.nodes_by_id["code"]
    spikes = encoded_by(session.document, node, None).spikes(0)
    left, _, width, _ = drawn["time"][0]
    marks: dict[str, list[float]] = {"spike up": [], "spike down": []}
    for path in root.iter("path"):
        for x in re.findall(r"M([\d.]+) [\d.]+v", path.get("d", "")):
            marks.setdefault(path.get("class", ""), []).append(float(x))
    signs = np.ones(len(spikes)) if spikes.signs is None else spikes.signs
    assert len(marks["spike up"]) == np.count_nonzero(signs > 0) > 0
    assert len(marks["spike down"]) == np.count_nonzero(signs < 0)
    assert all(left <= x <= left + width for x in marks["spike up"] + marks["spike down"])


def test_many_values_are_drawn_in_little_room(session: Session, tmp_path: Path) -> None:
    np.save(tmp_path / "long.npy", np.linspace(0, 1, 5000))
    np.save(tmp_path / "thin.npy", np.full((900, 2), 0.5))
    for name, members in (("long.npy", 5000), ("thin.npy", 1800)):
        edit(session, "parameters/path", name)
        assert size(session) == members
        drawn = picture(session)["svgs"][0]
        assert len(drawn) < 120_000
        height = float(re.findall(r'viewBox="0 0 268 (\d+)"', drawn)[0])
        assert height < 420


def test_a_page_can_follow_a_run_in_the_drawing(session: Session) -> None:
    edit(session, "parameters/pause", 5)
    shown = picture(session)
    assert shown["lengths"] == [pytest.approx(15.0)]
    assert shown["spans"] == [10.0]
    assert shown["repeats"] == 0


def test_what_cannot_be_encoded_is_refused_under_its_field(session: Session) -> None:
    for path, value, said in (
        ("parameters/values", "0.5, 1.5", "outside of 0 to 1"),
        ("parameters/path", "none.npy", "was not found"),
        ("parameters/path", "../picture.npy", "without `..`"),
        ("parameters/columns", 2, "make no rows of 2"),
        ("parameters/threshold", 5, "outside of its bounds"),
    ):
        with pytest.raises(DocumentError, match=said):
            commands_for(session.document, ("code",), path, value, session.folder)
    assert size(session) == 5


def test_a_file_that_went_away_is_told_in_place_of_the_drawing(
    session: Session, tmp_path: Path
) -> None:
    edit(session, "parameters/path", "picture.npy")
    (tmp_path / "picture.npy").unlink()
    said = [row["text"] for row in rows(session) if row["kind"] == "sentence"]
    assert any("was not found" in each for each in said)


def test_numbers_of_a_code_change_while_it_runs_and_its_members_do_not(session: Session) -> None:
    before = session.document
    edit(session, "parameters/tau", 8)
    assert what_changed(before, session.document).parameters == [("code", "tau", 8)]
    before = session.document
    edit(session, "parameters/values", "0.2 0.4")
    assert what_changed(before, session.document).rebuild


def test_files_are_looked_for_beside_the_document_that_is_open(session, tmp_path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    np.save(elsewhere / "own.npy", np.arange(6, dtype=np.uint8) * 40)
    network = engine.Network("elsewhere")
    network.save(elsewhere / "mine.json")
    network.source("code", "latency_code", path="own.npy")
    network.save(elsewhere / "mine.json")
    assert session.open(elsewhere / "mine.json")
    assert picture(session)["label"].startswith("6 members")
    assert {each.code for each in session.problems} == {"unconnected"}
    edit(session, "model", "rate_code")
    assert size(session) == 6
    np.save(elsewhere / "other.npy", np.arange(4, dtype=np.uint8) * 60)
    edit(session, "parameters/path", "other.npy")
    assert size(session) == 4
    assert session.undo()
    assert session.undo()
    assert size(session) == 6
    with pytest.raises(DocumentError, match="was not found beside the document"):
        edit(session, "parameters/path", "picture.npy")


def test_a_command_finds_the_files_itself_and_takes_no_folder(session, tmp_path) -> None:
    assert not session.do("set_node", id="code", field="label", value="x", folder=str(tmp_path))
    assert "cannot be called so" in session.message.text
