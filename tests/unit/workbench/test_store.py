"""The project folder and the gallery."""

import pytest

from engine.document import Document, Node, save
from engine.document.validate import check
from engine.errors import DataError
from workbench.store import files


@pytest.mark.parametrize("name", ["net", " net ", "net.json", "Réseau 2", "网络"])
def test_a_name_becomes_a_file_in_the_folder(tmp_path, name):
    path = files.path_for(name, tmp_path / "new")
    assert path.parent == tmp_path / "new"
    assert path.suffix == ".json"
    save(Document(), path)
    assert [file.path for file in files.project_files(tmp_path / "new")] == [path]


@pytest.mark.parametrize(
    "name",
    ["", ".json", "..", "../net", "a/b", "a\\b", "/etc", ".a", "con", "a\nb", "x" * 101, "\ud800"],
)
def test_a_name_cannot_leave_the_folder(tmp_path, name):
    with pytest.raises(DataError, match="choose another name"):
        files.path_for(name, tmp_path)


def test_only_documents_are_listed_and_the_newest_first(tmp_path):
    import os

    for number, name in enumerate(["old.json", "new.json", ".half.json.new", "notes.txt"]):
        (tmp_path / name).write_text("{}")
        os.utime(tmp_path / name, (number, number))
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "link.json").symlink_to("/etc/hostname")
    assert [file.name for file in files.project_files(tmp_path)] == ["new", "old"]


def test_an_absent_folder_holds_nothing(tmp_path):
    assert files.project_files(tmp_path / "absent") == []


def test_the_folder_can_be_chosen(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_PROJECTS", str(tmp_path))
    assert files.project_folder() == tmp_path


def test_the_gallery_lists_small_networks_first(tmp_path):
    save(Document(name="Large", nodes=(Node("a", "lif", 1000),)), tmp_path / "large.json")
    save(Document(name="Small", nodes=(Node("a", "lif", 1),)), tmp_path / "small.json")
    found = files.examples(tmp_path)
    assert [(example.name, example.title, example.neurons) for example in found] == [
        ("small", "Small", 1),
        ("large", "Large", 1000),
    ]
    assert files.load_example("large", tmp_path).name == "Large"


@pytest.mark.parametrize("name", ["../small", "smal", "", None])
def test_only_an_example_of_the_list_can_be_opened(tmp_path, name):
    save(Document(), tmp_path / "gallery.json")
    with pytest.raises(DataError, match="there is no example"):
        files.load_example(name, tmp_path)


def test_shipped_examples_have_no_errors():
    found = {example.name: check(example.document) for example in files.examples()}
    assert {name: [p for p in ps if p.severity == "error"] for name, ps in found.items()} == {
        name: [] for name in found
    }
