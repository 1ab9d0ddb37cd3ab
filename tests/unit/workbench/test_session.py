"""A session: edits, history, selection, files, and that nothing a user does raises."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.document import Document, dumps, load
from engine.document.validate import require_valid
from engine.errors import DocumentError
from workbench.session import Session


@pytest.fixture
def session():
    session = Session()
    session.do("add_node", model="lif", position=[0, 0])
    session.do("add_node", model="lif", position=[200, 0])
    return session


def test_it_needs_no_page():
    code = (
        "import workbench.session, sys; print([m for m in ('panel', 'bokeh') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_new_nodes_get_ids_of_their_own_and_are_selected(session):
    assert list(session.document.nodes_by_id) == ["lif", "lif_2"]
    assert session.selection == ("lif_2",)
    assert session.saved is False


def test_a_refused_edit_changes_nothing_and_says_why(session):
    before = session.document
    assert session.do("set_parameter", node="lif", name="tau_m", value="3 mV") is False
    assert session.document is before
    assert session.message.severity == "error"
    assert session.message.text.startswith("`tau_m`: it is given in mV")


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("fly", {}),
        ("add_node", {}),
        ("add_node", {"model": 3}),
        ("add_node", {"model": "lif", "wings": 2}),
        ("set_node", {"id": None, "field": [], "value": {}}),
        ("set_edge", {"id": {}, "field": "rule", "value": 1}),
        ("move", {"positions": [1, 2]}),
        ("move", {"positions": {"lif": "here"}}),
        ("remove", {"ids": 5}),
        ("remove", {"ids": ["nobody"]}),
        ("paste", {"part": "text"}),
        ("paste", {"part": {}}),
        ("set_simulation", {"dt": "fast"}),
        ("set_simulation", {"wind": 3}),
        ("connect", {"source": "lif", "target": "lif_2", "port": ["exc"]}),
    ],
)
def test_whatever_a_browser_sends_is_answered_by_a_sentence(session, command, arguments):
    before, number = session.document, session.message.number
    assert session.do(command, **arguments) is False
    assert session.document is before
    assert session.message.number == number + 1


def test_a_gesture_is_one_entry(session):
    start = session.document
    with session.gesture():
        session.do("set_node", id="lif", field="size", value=7)
        session.do("move", positions={"lif": [9, 9]})
    assert session.undo()
    assert session.document == start
    assert session.redo()
    assert session.document.nodes[0].size == 7


def test_a_slider_shows_every_step_and_undoes_as_one(session):
    start, seen = session.document, []
    session.param.watch(lambda event: seen.append(event.new.nodes[0].parameters), "document")
    session.begin_gesture()
    for value in (210, 220, 230):
        session.do("set_parameter", node="lif", name="C", value=value)
    session.end_gesture()
    assert [parameters["C"] for parameters in seen] == [210, 220, 230]
    (command,) = session.history.done[-1].commands
    assert command.arguments["value"] == 230
    session.undo()
    assert session.document == start


def test_undo_in_the_middle_of_a_drag_takes_the_drag_back(session):
    start = session.document
    session.begin_gesture()
    session.do("set_parameter", node="lif", name="C", value=210)
    assert session.undo()
    assert session.document == start
    session.end_gesture()
    assert session.can_redo


def test_a_gesture_that_came_to_nothing_leaves_no_entry(session):
    entries = len(session.history.done)
    with session.gesture():
        session.do("set_parameter", node="lif", name="C", value=210)
        session.do("set_parameter", node="lif", name="C", value=None)
    assert len(session.history.done) == entries


def test_history_is_bounded():
    session = Session()
    session.history.limit = 3
    for place in range(5):
        session.do("set_document", field="name", value=f"n{place}")
    while session.undo():
        pass
    assert session.document.name == "n1"


def test_removed_things_leave_the_selection(session):
    session.select(["lif", "lif_2", "nobody"])
    assert session.selection == ("lif", "lif_2")
    session.do("remove", ids=["lif"])
    assert session.selection == ("lif_2",)


def test_saved_says_whether_the_file_is_as_the_document(session, tmp_path):
    assert session.save(tmp_path / "net.json")
    assert session.saved is True
    session.do("set_document", field="name", value="other")
    assert session.saved is False
    session.undo()
    assert session.saved is True
    assert load(tmp_path / "net.json") == session.document


def test_saving_without_a_file_asks_for_a_name(session):
    assert session.save() is False
    assert "name" in session.message.text


def test_a_failed_save_keeps_the_document_unsaved(session, tmp_path):
    assert session.save(tmp_path / "absent" / "net.json") is False
    assert session.saved is False
    assert session.path is None
    assert "no such file or folder" in session.message.text


def test_a_file_that_is_no_document_leaves_the_present_one_open(session, tmp_path):
    before = session.document
    path = tmp_path / "bad.json"
    path.write_text('{"format": "spiking-workbench", "version": 9}')
    assert session.open(path) is False
    assert session.document is before
    assert session.message.text.startswith('"bad.json" was not opened: version: this document')


def test_an_opened_file_has_a_history_of_its_own(session, tmp_path):
    session.save(tmp_path / "net.json")
    other = Session()
    assert other.open(tmp_path / "net.json")
    assert (other.path, other.saved, other.can_undo) == (tmp_path / "net.json", True, False)
    assert other.document == session.document


def test_an_uploaded_text_has_no_file(session):
    other = Session()
    assert other.open_text(dumps(session.document), "net.json")
    assert (other.path, other.document) == (None, session.document)


def test_problems_follow_the_document(session):
    assert {problem.code for problem in session.problems} == {"no-input"}
    assert [problem.path for problem in session.problems_of("lif")] == ["nodes/lif"]
    session.new()
    assert [problem.code for problem in session.problems] == ["empty"]
    assert session.document == Document()


def test_copy_and_paste_work_between_documents(session):
    session.do("connect", source="lif", target="lif_2", port="exc")
    session.select(["lif", "lif_2"])
    assert session.copy_selection()
    session.new()
    assert session.paste()
    assert session.selection == ("lif", "lif_2")
    assert [edge.id for edge in session.document.edges] == ["lif-lif_2"]
    assert session.paste((80, 80))
    assert session.document.layout.positions["lif_3"] == [80, 80]


def test_colours_stay_when_another_population_goes(session):
    session.do("add_node", model="lif")
    red = session.colour_of("lif_2")
    session.do("remove", ids=["lif"])
    assert session.colour_of("lif_2") == red
    session.do("add_node", model="lif")
    assert len(set(session.colours().values())) == 3


def test_a_population_is_inhibitory_by_what_its_wires_do(session):
    assert session.sign_of("lif") == "excitatory"
    session.do("connect", source="lif", target="lif_2", port="inh")
    assert session.document.edges[0].weight < 0
    assert session.sign_of("lif") == "inhibitory"


def test_every_session_stands_alone():
    first, second = Session(), Session()
    first.do("add_node", model="lif")
    assert second.document == Document()
    assert not second.can_undo


def test_paths_may_be_texts(session, tmp_path):
    assert session.save(str(tmp_path / "net.json"))
    assert session.path == Path(tmp_path / "net.json")


@pytest.mark.parametrize(
    ("model", "heights"), [("poisson_table", "rates"), ("voltage_clamp", "levels")]
)
def test_lists_that_belong_together_change_one_by_one_and_are_checked(model, heights) -> None:
    session = Session()
    session.do("add_node", model=model, id="source")
    assert session.do("set_parameter", node="source", name="times", value=[0.0, 5.0])
    (problem,) = (each for each in session.problems if each.severity == "error")
    assert str(problem).endswith(
        f"/{heights}: 2 `times` stand beside 3 `{heights}`; give one value for each time"
    )
    with pytest.raises(DocumentError, match="stand beside"):
        require_valid(session.document)
    assert session.do("set_parameter", node="source", name=heights, value=[1.0, 2.0])
    assert all(each.severity == "hint" for each in session.problems)
