"""The page of codes is what their declarations say, and its pictures are drawn from them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def make() -> Iterator[ModuleType]:
    sys.path.insert(0, str(DOCS))
    yield importlib.import_module("make_codes")
    sys.path.remove(str(DOCS))


def test_the_page_is_what_the_declarations_say(make: ModuleType) -> None:
    """If it is not: python docs/make_codes.py."""
    assert (DOCS / "codes.md").read_text("utf-8") == make.page()


def test_pictures_are_those_of_the_codes_and_small(make: ModuleType) -> None:
    names = {f"{name}.svg" for name in make.pictures().values()}
    assert {path.name for path in (DOCS / "images/codes").iterdir()} == names
    for path in (DOCS / "images/codes").iterdir():
        assert path.stat().st_size < 20_000, path.name
    drawn = make.picture("latency_code")
    stored = (DOCS / "images/codes/latency.svg").read_text("utf-8")
    for part in ("<rect", "<path", "<text"):
        assert drawn.count(part) == stored.count(part)
