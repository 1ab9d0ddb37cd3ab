"""The tile of learning: what a person sees of the weights of a wire, and how it is rewarded."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Server
from person import WAIT, Person
from playwright.sync_api import expect

COLOURS = """canvas => {
  const {width, height} = canvas
  const {data} = canvas.getContext("2d").getImageData(0, 0, width, height)
  return new Set(new Uint32Array(data.buffer)).size
}"""


@pytest.fixture
def person(server: Server, open_page: Callable[..., Any]) -> Person:
    """Before a neuron whose synapses learn."""
    made = Person(open_page(server.url))
    expect(tile(made)).to_be_hidden()  # nothing learns in the first example
    made.open_example("A neuron that learns")
    made.node("neuron").wait_for(timeout=WAIT)
    expect(tile(made)).to_contain_text("Press Run to see the weights", timeout=WAIT)
    return made


def tile(person: Person) -> Any:
    return person.page.locator(".tile.learning")


def show(person: Person, kind: str) -> None:
    tile(person).locator("select").select_option(kind)


def words(person: Person, across: float, down: float) -> str:
    """What the tile says of the point under the pointer, which rests at a share of its canvas."""
    box = tile(person).locator("canvas").bounding_box()
    person.page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
    person.page.wait_for_timeout(100)
    return tile(person).locator(".detail").text_content()


@pytest.mark.slow
def test_weights_are_seen_as_they_are_learnt(person: Person) -> None:
    said = {
        "histogram": r"to .* nS: [\d.]+ %, at the start [\d.]+ %",
        "matrix": r"Inputs \d+–\d+ · Neuron 0 · 0\.\d+ nS",
        "fields": r"Neuron 0 · 0\.\d+ nS",
        "window": r"\d ms · ",
    }
    person.press("Run")
    for kind, pattern in said.items():
        show(person, kind)
        words(person, 0.45, 0.5)
        detail = tile(person).locator(".detail")
        expect(detail).to_have_text(re.compile(pattern), timeout=WAIT)
    show(person, "fields")
    canvas = tile(person).locator("canvas")
    person.until(lambda: canvas.evaluate(COLOURS) > 100, "shades of a thousand weights")
    person.press("Pause")
    person.state("paused")
    show(person, "histogram")  # also while nothing moves
    person.until(lambda: "at the start" in words(person, 0.5, 0.5), "weights of a run that rests")


@pytest.mark.slow
def test_a_person_rewards_a_wire_and_sees_what_the_reward_leaves(person: Person) -> None:
    wire = person.page.locator(".react-flow__edge")
    wire.focus()
    person.page.keyboard.press("Enter")
    person.row("plasticity/model").locator("select").select_option("r_stdp")
    person.press("Run")
    person.until(lambda: person.rate("neuron") > 5, "spikes of the neuron")
    show(person, "rewards")

    def level() -> float:
        found = re.search(r"· d (\u2212?)([\d.]+)", words(person, 0.9, 0.5))
        return 0.0 if found is None else float(found[2]) * (-1 if found[1] else 1)

    assert level() == 0
    tile(person).get_by_role("spinbutton").fill("4")
    tile(person).get_by_role("button", name="Reward").click()
    person.until(lambda: level() > 0.5, "a level that the reward has raised")
    tile(person).get_by_role("spinbutton").fill("-20")
    tile(person).get_by_role("button", name="Reward").click()
    person.until(lambda: level() < -0.5, "a level that the punishment has lowered")


@pytest.mark.slow
def test_what_a_teacher_is_there_for_is_shown_by_itself(
    server: Server, open_page: Callable[..., Any]
) -> None:
    person = Person(open_page(server.url))
    person.open_example("Taught to spike on time")
    person.node("inputs").wait_for(timeout=WAIT)
    person.press("Run")
    expect(tile(person).locator("select")).to_have_value("errors", timeout=WAIT)
    canvas = tile(person).locator("canvas")
    drawn = "canvas => canvas.toDataURL()"
    first = canvas.evaluate(drawn)
    person.until(lambda: canvas.evaluate(drawn) != first, "an error that is drawn")
    said = re.compile(r"\d+\.\d–\d+\.\d s · \d+\.\d\d$")
    person.until(lambda: bool(said.search(words(person, 0.5, 0.5))), "the error of a window")
    assert canvas.evaluate(COLOURS) > 20
