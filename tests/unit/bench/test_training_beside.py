"""Training beside other libraries: asked in turn, one sentence for what is missing."""

from __future__ import annotations

import sys

import pytest

from engine.errors import BackendError
from workbench.bench.training_beside import (
    OURS,
    PLAIN,
    SPYX,
    TORCH,
    Library,
    in_turn,
    training_beside,
)
from workbench.cli import main


@pytest.fixture(autouse=True)
def no_peers(monkeypatch):
    for variable in (TORCH, SPYX):
        monkeypatch.delenv(variable, raising=False)


def test_without_a_library_the_sentence_names_the_variables():
    with pytest.raises(BackendError, match=f"{TORCH} .* or {SPYX}"):
        list(training_beside((), True, 1))


def test_a_variable_that_names_no_file_is_said(monkeypatch, capsys):
    monkeypatch.setenv(SPYX, "/no/such/python")
    assert main(["bench", "training-beside", "--quick"]) == 1
    said = capsys.readouterr().err
    assert f'{SPYX} names "/no/such/python", which is not a file' in said
    assert said.count("\n") == 1


def test_other_names_with_peers_leave_training_alone():
    assert list(training_beside(("cuba",), True, 1)) == []


def test_a_library_that_cannot_start_is_left_out_with_the_way_to_see_why(monkeypatch):
    monkeypatch.setenv(TORCH, sys.executable)
    failed: list[str] = []
    absent = Library("Absent", "training_absent.py", TORCH)
    figures = in_turn("a", [absent], 1, failed)
    assert [figure.name for figure in figures] == ["training a: plain loop, peak memory"]
    (said,) = failed
    assert "Absent could not run row a" in said
    assert f"run `${TORCH} workbench/bench/peers/training_absent.py a`" in said


@pytest.mark.slow
@pytest.mark.parametrize("row", ["a", "b", "c"])
def test_ours_and_the_plain_loop_compute_the_same(row):
    again = Library("again", PLAIN.script)
    failed: list[str] = []
    figures = {figure.name: figure for figure in in_turn(row, [OURS, again], 1, failed)}
    assert failed == []
    both = [figures[f"training {row}: {name}, forward and backward"] for name in ("ours", "again")]
    ours, plain = both
    assert ours.extra["rate"] == plain.extra["rate"] > 0
    assert ours.extra["gradient"] == pytest.approx(plain.extra["gradient"], rel=1e-4)
    assert figures[f"training {row}: ours, peak memory"].unit == "MB"
