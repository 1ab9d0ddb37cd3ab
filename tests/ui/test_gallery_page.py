"""Finding an example: by group, by words, and a script that is shown and not run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import Server, serving
from person import Person
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("gallery")) as running:
        yield running
        assert not running.errors(), running.errors()


def test_reward_is_found_in_two_moves(home: Server, open_page: Callable[..., Any]) -> None:
    page = open_page(home.url)
    person = Person(page)
    person.press("Examples")
    dialog = page.locator("dialog")
    cards = dialog.locator("button.card:visible")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    assert cards.count() > 35
    dialog.get_by_role("button", name="Learning: reward").click()
    expect(cards).to_have_count(4)
    expect(dialog.locator("section:visible")).to_have_count(1)
    page.keyboard.press("Escape")
    person.press("Examples")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("izhikevich 2007")
    expect(cards).to_have_count(1)
    expect(cards.first).to_contain_text("A late reward")
    expect(cards.first.locator("svg.thumbnail path").first).to_be_attached()
    expect(cards.first).to_contain_text("a simulated second")
    dialog.get_by_role("searchbox").fill("nobody wrote this")
    expect(cards).to_have_count(0)
    expect(dialog.locator(".empty")).to_contain_text("Nothing here is about “nobody wrote this”")
    dialog.get_by_role("searchbox").fill("late reward")
    cards.first.click()
    expect(person.node("dopamine")).to_be_visible()
    expect(page.locator("dialog")).not_to_be_visible()


def test_a_script_is_shown_with_its_command_its_number_and_its_plot(
    home: Server, open_page: Callable[..., Any]
) -> None:
    page = open_page(home.url)
    Person(page).press("Examples")
    dialog = page.locator("dialog")
    dialog.get_by_role("searchbox").fill("tempotron")
    dialog.locator("button.card.is-script:visible").click()
    expect(dialog.get_by_role("heading", name="What a tempotron can hold")).to_be_visible()
    expect(dialog.locator("code")).to_have_text("python examples/learning/tempotron_capacity.py")
    expect(dialog.locator(".result")).to_contain_text("2 patterns an input")
    shown = dialog.locator("img.plot")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.naturalWidth") == 880
    dialog.get_by_role("button", name="All examples").click()
    expect(dialog.get_by_role("heading", name=re.compile("^Examples"))).to_be_visible()
