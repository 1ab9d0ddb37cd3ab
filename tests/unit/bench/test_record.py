"""A record of measurements keeps everything, comes back as it was, and refuses what is none."""

from __future__ import annotations

import json
import math

import pytest

from engine.errors import DataError
from workbench.bench import history
from workbench.bench.measures import Figure


def record_with(*figures: Figure, measure: str = "cuba") -> dict:
    made = history.new_record()
    history.put(made, *history.measured(measure, figures, quick=True, repeats=3, seconds=1.0))
    return made


def test_a_record_comes_back_from_its_text(tmp_path):
    series = {"label": "80 each", "x": [1, 2], "y": [3.5, 4], "x_label": "n", "y_label": "s"}
    figure = Figure("cuba: run", "s", [0.5, 0.25, 1.0], "µ <b>", {"series": [series]})
    made = record_with(figure)
    path = tmp_path / history.FILE
    path.write_text(history.text(made))
    found = history.load(path)
    assert found == json.loads(json.dumps(made))
    (kept,) = found["figures"]
    assert kept["measure"] == "cuba"
    assert kept["values"] == [0.5, 0.25, 1.0]
    assert kept["median"] == 0.5
    assert kept["extra"]["series"] == [series]


def test_a_record_tells_the_machine_and_the_conditions():
    made = record_with(Figure("cuba: run", "s", [1.0]))
    assert made["machine"].keys() >= {"processor", "cores", "memory_gb", "system", "versions"}
    assert made["machine"]["versions"]["numpy"]
    (head,) = made["measures"]
    assert head.keys() >= {"date", "commit", "quick", "repeats", "seconds", "load"}


def test_measuring_again_replaces_a_measure_and_keeps_the_others():
    made = record_with(Figure("cuba: run", "s", [1.0]), Figure("cuba: build", "s", [1.0]))
    history.put(made, *history.measured("coba", [Figure("coba: run", "s", [2.0])]))
    history.put(made, *history.measured("cuba", [Figure("cuba: run", "s", [3.0])]))
    assert {one["name"]: one["values"] for one in made["figures"]} == {
        "coba: run": [2.0],
        "cuba: run": [3.0],
    }
    assert [head["name"] for head in made["measures"]] == ["coba", "cuba"]


def test_numbers_of_a_record_are_finite_and_short():
    made = record_with(
        Figure("cuba: run", "s", [1 / 3, math.nan, math.inf]), Figure("cuba: build", "s", [])
    )
    (kept,) = made["figures"]
    assert kept["values"] == [0.3333]
    json.dumps(made, allow_nan=False)


def test_one_figure_stands_on_one_line():
    made = record_with(Figure("cuba: run", "s", [1.0]), Figure("cuba: build", "s", [2.0]))
    lines = history.text(made).splitlines()
    assert sum('"cuba: ' in line for line in lines) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "other"}, "not a record"),
        ({"version": 9}, "version 9"),
        ({"figures": 3}, "figures"),
        ({"figures": [{"name": "x"}]}, "a figure lacks"),
        ({"measures": [{}]}, "a measure has no name"),
        ({"machine": {}}, "the machine is not described"),
    ],
)
def test_what_is_no_record_is_refused_with_a_sentence(tmp_path, change, said):
    path = tmp_path / history.FILE
    path.write_text(json.dumps(record_with(Figure("cuba: run", "s", [1.0])) | change))
    with pytest.raises(DataError, match=said) as caught:
        history.load(path)
    assert "\n" not in str(caught.value)


def test_series_of_unequal_length_are_refused(tmp_path):
    series = {"label": "", "x": [1, 2], "y": [3], "x_label": "", "y_label": ""}
    path = tmp_path / history.FILE
    made = record_with(Figure("cuba: run", "s", [1.0], "", {"series": [series]}))
    path.write_text(history.text(made))
    with pytest.raises(DataError, match="a figure lacks"):
        history.load(path)


@pytest.mark.parametrize("content", ["", "no JSON", "[1, 2]"])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / history.FILE
    path.write_text(content)
    with pytest.raises(DataError):
        history.load(path)
    with pytest.raises(DataError, match="cannot be read"):
        history.load(tmp_path / "absent.json")


def test_a_record_of_another_machine_is_not_added_to(tmp_path):
    made = record_with(Figure("cuba: run", "s", [1.0]))
    made["machine"]["processor"] = "something else"
    (tmp_path / history.FILE).write_text(history.text(made))
    with pytest.raises(DataError, match="another machine"):
        history.opened(tmp_path)
