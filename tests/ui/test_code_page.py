"""Codes at the page: a picture as spikes, changed and followed while the network runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import Server, serving
from person import Person
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_PROJECTS", str(folder))
        with serving(folder) as running:
            yield running
            assert not running.errors(), running.errors()


def test_a_picture_is_followed_through_its_code(
    home: Server, open_page: Callable[..., Any]
) -> None:
    person = Person(open_page(home.url))
    person.open_example("One picture, four codes")
    person.node("latency").click()
    drawn = person.page.locator(".picture svg.plot")
    expect(drawn).to_be_visible()
    expect(drawn.locator(".now")).to_have_attribute("visibility", "hidden")
    spikes = drawn.locator(".spike.up").get_attribute("d")
    person.press("Run")
    expect(drawn.locator(".now[visibility=visible]")).to_have_count(1, timeout=20_000)
    person.until(lambda: person.rate("latency-cells") > 1, "neurons that hand the code on")
    person.row("parameters/curve").locator("select").select_option("log")
    person.until(lambda: drawn.locator(".spike.up").get_attribute("d") != spikes, "another drawing")


def test_what_is_typed_decides_the_members_and_what_is_wrong_is_said(
    home: Server, open_page: Callable[..., Any]
) -> None:
    person = Person(open_page(home.url, theme="light"))
    person.open_example("One picture, four codes")
    node = person.node("rate")
    node.click()
    row = person.row("parameters/columns").locator("input.field")
    row.fill("0")
    row.press("Enter")
    values = person.row("parameters/values")
    values.locator("input.field").fill("0.2, 2")
    values.locator("input.field").press("Enter")
    expect(values.locator(".problem")).to_contain_text("outside of 0 to 1")
    expect(node.locator(".size")).to_have_text("64")
    values.locator("input.field").fill("0.2, 0.4, 0.9")
    values.locator("input.field").press("Enter")
    expect(node.locator(".size")).to_have_text("3")
    expect(person.row("size").locator("input.field")).to_have_value("3")
    person.page.keyboard.press("Control+z")
    expect(node.locator(".size")).to_have_text("64")
