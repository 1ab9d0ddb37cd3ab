"""docs/reproductions.md is what its generator makes of the record, and no row is left open."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def generator() -> Any:
    before = sys.path.copy()
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        import make_reproductions

        yield make_reproductions
    finally:
        sys.path[:] = before


def test_the_page_is_what_the_generator_makes_of_the_record(generator: Any) -> None:
    made = generator.page(generator.record())
    assert generator.PAGE.read_text("utf-8") == made, "run python docs/make_reproductions.py"


def test_every_row_has_been_measured_over_its_seeds(generator: Any) -> None:
    rows = [row for section in generator.SECTIONS for row in section.rows]
    assert len({row.id for row in rows}) == len(rows)
    measured = generator.record()
    assert set(measured) == {row.id for row in rows}
    assert {row.id: len(measured[row.id]) for row in rows} == {row.id: row.seeds for row in rows}


def test_ours_is_where_theirs_is(generator: Any) -> None:
    measured = generator.record()
    for section in generator.SECTIONS:
        for row in section.rows:
            said = generator.apart(row, measured[row.id])
            assert said != "outside", row.id
            if said.endswith("%") and len(measured[row.id]) == 1:
                assert float(said.split()[0]) < 0.5, row.id


@pytest.mark.parametrize("name", ["stdp-0", "phase", "tempotron"])
def test_what_the_record_says_is_what_comes_out(generator: Any, name: str) -> None:
    (row,) = [row for section in generator.SECTIONS for row in section.rows if row.id == name]
    assert generator.measure(row) == pytest.approx(generator.record()[name], rel=1e-8)
