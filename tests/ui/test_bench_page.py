"""The page of a measurement in a browser: both themes, wide and narrow, and on paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "data" / "page.html"
GROUND = "getComputedStyle(document.documentElement).backgroundColor"
# Text of a plot that leaves its plot, or stands on text beside it in the same line.
COLLISIONS = """() => [...document.querySelectorAll("svg.plot")].flatMap(plot => {
  const frame = plot.getBoundingClientRect()
  const boxes = [...plot.querySelectorAll("text")].map(text => [text, text.getBoundingClientRect()])
  const outside = boxes.filter(([, box]) =>
    box.left < frame.left - 1 || box.right > frame.right + 1)
  const touching = boxes.flatMap(([first, a], place) => boxes.slice(place + 1)
    .filter(([, b]) => a.left < b.right && b.left < a.right && a.top + 4 < b.bottom - 4
      && b.top + 4 < a.bottom - 4)
    .map(([second]) => [first, second]))
  return [...outside.map(([text]) => `outside: ${text.textContent}`),
    ...touching.map(pair => pair.map(text => text.textContent).join(" on "))]
})"""


@pytest.mark.parametrize("size", [(1440, 900), (1024, 768)], ids=["wide", "narrow"])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_page_fits_in_both_themes_and_nothing_overlaps(
    open_page: Callable[..., Any], theme: str, size: tuple[int, int]
) -> None:
    page = open_page(PAGE.as_uri(), size=size, theme=theme)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert (
        page.evaluate(GROUND) == {"dark": "rgb(15, 18, 22)", "light": "rgb(246, 247, 249)"}[theme]
    )
    assert page.locator("svg.plot").count() > 0
    assert page.evaluate(COLLISIONS) == []


def test_paper_is_light_whatever_the_theme(open_page: Callable[..., Any]) -> None:
    page = open_page(PAGE.as_uri(), theme="dark")
    page.emulate_media(media="print")
    assert page.evaluate(GROUND) == "rgb(246, 247, 249)"
    assert not page.locator("nav").is_visible()
