"""A line to the server that takes a while: what a person does meanwhile is never taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Server, serving
from person import WAIT, Person
from playwright.sync_api import expect

DELAY = 250  # ms until an answer of the server arrives
# Every message of the server is handed on later, in order; those of the browser go at once.
SLOW = """
  const Fast = window.WebSocket
  window.late_ = 0
  window.WebSocket = class extends Fast {
    set onmessage(take) { super.onmessage = event => setTimeout(() => take(event), window.late_) }
  }
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("slow")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_PROJECTS", str(folder))
        with serving(folder, str(example("poisson_lif"))) as running:
            yield running
            assert not running.errors(), running.errors()


def example(name: str) -> Path:
    from workbench.store.files import examples_folder

    return examples_folder() / f"{name}.json"


@pytest.fixture
def person(home: Server, open_page: Callable[..., Any]) -> Person:
    """At a page whose answers are late from now on."""
    page = open_page(home.url, script=SLOW)
    someone = Person(page)
    page.wait_for_selector(".row", timeout=WAIT, state="attached")
    page.evaluate(f"window.late_ = {DELAY}")
    return someone


def numbers_shown(person: Person, path: str) -> None:
    """Remember every number that the field of a row shows from now on, in window.shown_."""
    field = person.row(path).locator("input.field")
    field.evaluate(
        """field => {
          window.shown_ = [field.value]
          const look = () => {
            if (window.shown_.at(-1) !== field.value) window.shown_.push(field.value)
            requestAnimationFrame(look)
          }
          look()
        }"""
    )


def test_a_slider_under_fast_keys_never_goes_back(person: Person) -> None:
    page = person.page
    person.node("drive").click()
    slider = person.row("parameters/rate").locator("input[type=range]")
    slider.focus()
    numbers_shown(person, "parameters/rate")
    for _ in range(12):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(45)
    page.wait_for_timeout(4 * DELAY)
    shown = [float(number) for number in page.evaluate("window.shown_")]
    assert shown == sorted(shown)
    assert shown[-1] == 26  # 12 steps of 0.5 Hz
    assert slider.get_attribute("aria-valuetext") == "26 Hz"
    page.get_by_role("button", name="Undo (Ctrl Z)").click()
    expect(person.row("parameters/rate").locator("input.field")).to_have_value("20")


def test_arrow_keys_in_a_field_count_every_press(person: Person) -> None:
    person.node("cells").click()
    field = person.row("parameters/t_ref").locator("input.field")
    assert field.input_value() == "2"
    field.focus()
    numbers_shown(person, "parameters/t_ref")
    for _ in range(5):
        person.page.keyboard.press("ArrowUp")
    person.page.wait_for_timeout(4 * DELAY)
    shown = [float(number) for number in person.page.evaluate("window.shown_")]
    assert shown == sorted(shown)
    assert shown[-1] == 2.5  # 5 steps of 0.1 ms


def test_what_is_typed_stays_while_the_form_is_made_anew(person: Person) -> None:
    person.node("cells").click()
    expect(person.row("ports/exc")).to_be_visible(timeout=WAIT)
    field = person.row("parameters/t_ref").locator("input.field")
    person.row("ports/exc").locator("select").select_option("biexp_current")
    field.fill("3")  # typed before the answer, and not sent
    expect(person.row("parameters/tau_rise_exc")).to_be_visible(timeout=WAIT)
    expect(field).to_have_value("3")
    expect(field).to_be_focused()
    person.row("ports/exc").locator("select").select_option("alpha_current")
    field.fill("3 mV")
    field.press("Enter")  # the answer to this one comes after the form's
    expect(person.row("parameters/tau_rise_exc")).to_have_count(0, timeout=WAIT)
    expect(person.row("parameters/t_ref").locator(".problem")).to_contain_text("ms", timeout=WAIT)
    expect(field).to_have_value("3 mV")
    field.fill("3")
    field.press("Enter")
    expect(person.row("parameters/t_ref").locator(".problem")).to_be_hidden(timeout=WAIT)


def test_a_new_speed_survives_the_news_of_the_run(person: Person) -> None:
    page = person.page
    person.press("Run")
    person.state("running")
    speed = page.get_by_role("slider", name="speed")
    speed.focus()
    page.keyboard.press("End")
    for _ in range(20):
        page.wait_for_timeout(50)
        assert speed.get_attribute("aria-valuetext") == "max"
    person.until(lambda: person.factor() > 3, "a run faster than real time")


def test_of_two_quick_selections_the_second_stays(person: Person) -> None:
    page = person.page
    person.node("drive").click()
    expect(page.locator(".head .rename")).to_have_value("Drive", timeout=WAIT)
    page.keyboard.press("Escape")
    page.wait_for_timeout(40)
    page.locator(".react-flow__edge").first.click(force=True)
    page.wait_for_timeout(4 * DELAY)
    expect(page.locator(".react-flow__edge.selected")).to_have_count(1)
    expect(page.locator(".panel h2")).to_contain_text("Drive → Neurons")
    for node in ("drive", "cells", "drive", "cells"):
        person.node(node).click(position={"x": 60, "y": 14})
    page.wait_for_timeout(4 * DELAY)
    expect(page.locator(".react-flow__node.selected")).to_have_count(1)
    expect(page.locator(".head .rename")).to_have_value("Neurons")


def test_a_wire_that_is_refused_late_says_so_at_the_pointer_only(person: Person) -> None:
    page = person.page
    page.keyboard.press("/")
    page.keyboard.type("step cur")
    page.keyboard.press("Enter")
    person.node("step_current").wait_for(timeout=WAIT)
    page.keyboard.press("Escape")
    page.wait_for_timeout(2 * DELAY)  # for the view to settle
    person.wire("step_current", "cells", "exc")
    refusal = page.locator(".refusal")
    expect(refusal).to_contain_text("current", timeout=WAIT)
    assert page.locator(".toast").count() == 0
    expect(page.locator(".react-flow__edge")).to_have_count(1)
