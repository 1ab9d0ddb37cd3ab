"""docs/performance.md is what its generator makes of the record that is checked in."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from workbench.bench import history
from workbench.bench.targets import judge

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def generator():
    spec = importlib.util.spec_from_file_location("make_performance", DOCS / "make_performance.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def record(generator):
    return history.load(generator.RECORD)


def test_the_files_are_what_the_generator_makes_of_the_record(generator, record):
    made = generator.written(record)
    for path, text in made.items():
        assert path.read_text("utf-8") == text, f"run python docs/make_performance.py ({path.name})"
    plots = set(generator.IMAGES.iterdir())
    assert plots == {path for path in made if path.suffix == ".svg"}


def test_record_page_and_plots_are_small(generator):
    for path in (generator.RECORD, *generator.IMAGES.iterdir()):
        assert path.stat().st_size < 100_000, path.name
    assert generator.RECORD.with_name("page.html").stat().st_size < 250_000


def test_the_record_holds_no_path_of_a_machine(generator):
    text = generator.RECORD.read_text("utf-8")
    for folder in ("/home/", "/work/", "/tmp/", "/root/", "/Users/"):
        assert folder not in text


def test_the_page_says_how_many_figures_are_reached(record):
    verdicts = judge(record["figures"])
    reached = sum(verdict.word == "reached" for verdict in verdicts)
    measured = sum(verdict.value is not None for verdict in verdicts)
    assert measured > 0
    assert f"{reached} of {measured} are reached" in (DOCS / "performance.md").read_text("utf-8")


def test_words_of_a_record_stay_inside_their_cell(generator):
    assert generator._plain("a | b\n<i>c</i> & d") == "a \\| b &lt;i>c&lt;/i> &amp; d"
