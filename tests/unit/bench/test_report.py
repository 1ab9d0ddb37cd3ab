"""``workbench bench`` prints, writes and refuses as it says; nothing here measures anything."""

from __future__ import annotations

import json
import os
import sys
import types

import pytest

from engine.errors import BackendError
from workbench.bench import history, measures, report
from workbench.bench.measures import MEASURES, Figure, Measure
from workbench.cli import main


@pytest.fixture
def measuring(monkeypatch):
    """A register of measures that give what the test says, in a module of the test's own."""

    def make(**functions):
        module = types.ModuleType("workbench.bench.of_a_test")
        register = {}
        for name, function in functions.items():
            setattr(module, name, function)
            register[name] = Measure(name, f"about {name}", "how", "of_a_test", name)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        for place in (measures, report):
            monkeypatch.setattr(place, "MEASURES", register)

    return make


def fails(capsys, *arguments: object) -> str:
    assert main(["bench", *map(str, arguments)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("workbench: ")
    assert said.count("\n") == 1
    return said


def one(quick, repeats):
    return [Figure("one: run", "s", [0.5, 0.25, 1.0][:repeats], "a note")]


def lacking(quick, repeats):
    raise BackendError("measuring this needs a thing; install the thing")


def broken_off(quick, repeats):
    yield Figure("broken_off: first", "s", [2.0])
    raise KeyboardInterrupt


def test_a_row_tells_median_spread_unit_bound_and_note():
    said = report.row(Figure("cuba: run", "s", [0.5, 0.25, 1.0], "exc 5.6 Hz"))
    assert said.split(None, 2)[:2] == ["cuba:", "run"]
    assert "0.5 (0.25 to 1)" in said
    assert said.endswith("exc 5.6 Hz")
    assert "to" not in report.row(Figure("a", "s", [0.5]))
    judged = report.row(Figure("cuba: Brian2's time over ours (float32)", "times", [3.0]))
    assert "[≥ 2.5 ×]" in judged


def test_all_measures_are_made_and_what_is_missing_is_a_sentence(measuring, capsys):
    measuring(one=one, lacking=lacking)
    assert main(["bench"]) == 0
    said = capsys.readouterr().out
    assert "one: run" in said
    assert "lacking: measuring this needs a thing; install the thing" in said


def test_a_measure_named_alone_that_cannot_be_made_is_an_error(measuring, capsys):
    measuring(one=one, lacking=lacking)
    assert "needs a thing" in fails(capsys, "lacking")


def test_json_is_one_object_with_every_value(measuring, capsys):
    measuring(one=one, lacking=lacking)
    assert main(["bench", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said.keys() == {
        *("format", "version", "machine", "measures", "figures", "missing"),
    }
    (figure,) = said["figures"]
    assert figure == {
        "measure": "one",
        "name": "one: run",
        "unit": "s",
        "values": [0.5, 0.25, 1.0],
        "note": "a note",
        "extra": {},
        "median": 0.5,
    }
    assert said["missing"] == ["lacking: measuring this needs a thing; install the thing"]


def test_out_writes_a_record_and_a_page(measuring, capsys, tmp_path):
    measuring(one=one)
    folder = tmp_path / "new" / "results"
    assert main(["bench", "--out", str(folder)]) == 0
    assert {entry.name for entry in folder.iterdir()} == {history.FILE, report.PAGE}
    assert history.load(folder / history.FILE)["figures"][0]["name"] == "one: run"
    assert "one: run" in (folder / report.PAGE).read_text()
    assert str(folder / report.PAGE) in capsys.readouterr().out


def test_measuring_into_a_folder_again_keeps_the_other_measures(measuring, tmp_path):
    measuring(one=one, two=lambda quick, repeats: [Figure("two: run", "s", [3.0])])
    main(["bench", "one", "--out", str(tmp_path)])
    main(["bench", "two", "--out", str(tmp_path)])
    kept = history.load(tmp_path / history.FILE)["figures"]
    assert [figure["name"] for figure in kept] == ["one: run", "two: run"]


def test_an_interruption_keeps_what_was_measured(measuring, capsys, tmp_path):
    measuring(one=one, broken_off=broken_off, never=lacking)
    assert main(["bench", "--out", str(tmp_path)]) == 130
    said = capsys.readouterr()
    assert said.err == "workbench: interrupted; what was measured is kept\n"
    record = history.load(tmp_path / history.FILE)
    assert [figure["name"] for figure in record["figures"]] == ["one: run", "broken_off: first"]
    assert record["measures"][-1]["missing"] == "broken_off: interrupted"


def test_every_figure_is_in_the_file_before_the_next_is_measured(measuring, tmp_path):
    seen = []

    def slow(quick, repeats):
        yield Figure("slow: first", "s", [2.0])
        seen.extend(history.load(tmp_path / history.FILE)["figures"])
        yield Figure("slow: second", "s", [3.0])

    measuring(slow=slow)
    assert main(["bench", "--out", str(tmp_path)]) == 0
    assert [figure["name"] for figure in seen] == ["slow: first"]


def test_an_interruption_prints_json_too(measuring, capsys):
    measuring(one=one, broken_off=broken_off)
    assert main(["bench", "--json"]) == 130
    assert len(json.loads(capsys.readouterr().out)["figures"]) == 2


def test_a_measure_that_fails_keeps_its_figures_and_the_others(measuring, capsys):
    def failing(quick, repeats):
        yield Figure("failing: first", "s", [2.0])
        raise ChildProcessError("the peer ended with status 1")

    measuring(failing=failing, one=one)
    assert main(["bench"]) == 0
    said = capsys.readouterr().out
    assert "failing: first" in said
    assert "failing: failed, the peer ended with status 1" in said
    assert "one: run" in said


def test_a_quick_run_of_everything_stays_within_its_minute(measuring, capsys, monkeypatch):
    measuring(one=one, two=lambda quick, repeats: [Figure("two: run", "s", [3.0])])
    monkeypatch.setattr(report, "QUICK_S", -1.0)
    assert main(["bench", "--quick"]) == 0
    assert "one: left out" in capsys.readouterr().out
    assert main(["bench", "--quick", "one"]) == 0  # what is named is measured
    assert "one: run" in capsys.readouterr().out


def test_unknown_names_are_refused_before_anything_is_measured(measuring, capsys):
    measuring(one=broken_off)
    assert "did you mean `one`" in fails(capsys, "onee")
    assert "choose among one" in fails(capsys, "xyz")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_said_first(measuring, capsys, tmp_path):
    measuring(one=broken_off)
    tmp_path.chmod(0o500)
    assert "cannot be written to" in fails(capsys, "--out", tmp_path / "x")


def test_a_file_in_place_of_the_folder_is_said_first(measuring, capsys, tmp_path):
    measuring(one=broken_off)
    (tmp_path / "file").write_text("")
    assert "cannot be written to" in fails(capsys, "--out", tmp_path / "file")


def test_the_list_names_every_measure(capsys):
    assert main(["bench", "--list"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in said] == list(MEASURES)


def test_a_measure_whose_module_is_absent_is_a_sentence(monkeypatch):
    absent = Measure("soon", "", "", "not_written_yet", "soon")
    with pytest.raises(BackendError, match="soon is not part of this version"):
        list(absent.figures(True, 1))
    monkeypatch.setitem(sys.modules, "workbench.bench.live", None)
    with pytest.raises(BackendError):
        list(MEASURES["live"].figures(True, 1))
