"""What a person does, on the real server, with the real engine, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Server, serving
from person import WAIT, Person
from playwright.sync_api import expect

import engine


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a project folder of its own."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_PROJECTS", str(folder))
        with serving(folder) as running:
            yield running
            assert not running.errors(), running.errors()


@pytest.fixture
def person(home: Server, open_page: Callable[..., Any]) -> Person:
    """At the page as it opens."""
    return Person(open_page(home.url))


def test_the_workbench_opens_on_a_network_that_runs_and_moves(
    home: Server, open_page: Callable[..., Any]
) -> None:
    """The address that `workbench serve` opens in the browser."""
    person = Person(open_page(f"{home.url}?run"))
    person.state("running")
    person.until(lambda: 3 < person.rate("exc") < 9, "the rate of the Vogels-Abbott network")
    canvas = person.page.locator(".tile.raster canvas")
    before = canvas.evaluate("canvas => canvas.toDataURL()")
    person.page.wait_for_timeout(400)
    assert canvas.evaluate("canvas => canvas.toDataURL()") != before


def test_a_slider_moved_during_a_run_changes_the_rate_at_once(person: Person) -> None:
    person.open_example("Poisson to LIF")
    person.node("drive").wait_for(timeout=WAIT)
    person.press("Run")
    person.until(lambda: 15 < person.rate("drive") < 25, "20 Hz from the drive")
    person.node("drive").click()
    slider = person.row("parameters/rate").locator("input[type=range]")
    slider.focus()
    for _ in range(150):
        person.page.keyboard.press("ArrowRight")
    person.until(lambda: person.rate("drive") > 40, "a faster drive")
    person.state("running")
    person.press("Pause")
    person.state("paused")
    shown = person.page.locator(".clock .time").inner_text()
    person.page.wait_for_timeout(300)
    assert person.page.locator(".clock .time").inner_text() == shown


def test_draw_connect_run_undo_everything_save_and_reopen(person: Person, home: Server) -> None:
    page = person.page
    person.open_example("Poisson to LIF")
    person.node("drive").wait_for(timeout=WAIT)
    person.save_as("before")
    option = page.locator(".models .item", has_text="Izhikevich")
    option.drag_to(page.locator(".react-flow__pane"), target_position={"x": 640, "y": 420})
    person.node("izhikevich").wait_for(timeout=WAIT)
    person.wire("cells", "izhikevich", "exc")
    expect(page.locator(".react-flow__edge")).to_have_count(2, timeout=WAIT)
    person.node("izhikevich").click()
    person.set("size", "50")
    page.locator(".react-flow__edge").last.click(force=True)
    person.set("weight", "12")
    person.press("Run")
    person.state("running")
    person.until(lambda: person.rate("izhikevich") > 0, "spikes of the new population")
    person.press("Stop and give back memory")
    person.save_as("after")
    drawn = engine.Network.load(home.folder / "after.json").document
    assert drawn.node("izhikevich").size == 50
    assert [edge.weight for edge in drawn.edges if edge.target == "izhikevich"] == [12]

    undo = page.get_by_role("button", name=re.compile("^Undo"))
    for _ in range(4):  # size, weight, wire, node
        undo.click()
    expect(undo).to_be_disabled(timeout=WAIT)
    expect(page.locator(".react-flow__node")).to_have_count(2)
    person.save_as("undone")
    before = engine.Network.load(home.folder / "before.json").document
    assert engine.Network.load(home.folder / "undone.json").document == before

    for _ in range(4):
        page.keyboard.press("Control+Shift+z")
    person.save_as("redone")
    assert engine.Network.load(home.folder / "redone.json").document == drawn

    page.keyboard.press("Control+o")
    page.get_by_role("dialog").locator("button.row", has_text="after").click()
    expect(page.locator(".react-flow__node")).to_have_count(3, timeout=WAIT)
    person.save_as("again")
    assert (home.folder / "again.json").read_text() == (home.folder / "after.json").read_text()


def test_a_document_saved_by_the_page_gives_the_command_line_and_a_script_the_same_spikes(
    person: Person, home: Server, tmp_path: Path
) -> None:
    """That the page runs these very spikes is shown in tests/unit/live/test_live_run.py."""
    from workbench.cli import main

    person.open_example("Poisson to LIF")
    person.node("drive").wait_for(timeout=WAIT)
    person.save_as("same")
    path = home.folder / "same.json"
    assert main(["run", str(path), "--duration", "500", "--out", str(tmp_path / "run.npz")]) == 0
    batch = engine.load_run(tmp_path / "run.npz")
    script = engine.Network.load(path).simulate(500.0)
    assert len(script["cells"].spikes.times) > 100
    assert batch["cells"].spikes.times.tolist() == script["cells"].spikes.times.tolist()
    assert batch["cells"].spikes.senders.tolist() == script["cells"].spikes.senders.tolist()


def test_a_clamp_dropped_on_a_neuron_holds_it_and_its_current_is_recorded(
    person: Person, home: Server
) -> None:
    page = person.page
    person.open_example("One neuron and a current")
    person.node("neuron").wait_for(timeout=WAIT)
    option = page.locator(".models .item", has_text="Voltage clamp")
    option.drag_to(page.locator(".react-flow__pane"), target_position={"x": 640, "y": 420})
    # A node that has not been measured yet is hidden, and nothing can be drawn from it.
    expect(person.node("voltage_clamp")).to_have_css("visibility", "visible", timeout=WAIT)
    start = person.node("voltage_clamp").locator(".port.source")
    port = person.node("neuron").locator('.port[data-handleid="clamp"]')
    page.mouse.move(*person.middle(start))
    page.mouse.down()
    x, y = person.middle(person.node("neuron").locator(".name"))
    page.mouse.move(x - 40, y + 5, steps=6)
    page.mouse.move(x, y, steps=6)
    page.mouse.up()
    expect(port).to_be_visible(timeout=WAIT)
    person.node("neuron").locator(".name").click()
    chip = page.get_by_role("button", name="I_clamp", exact=True)
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "true", timeout=WAIT)
    person.press("Run")
    person.state("running")
    person.press("Stop and give back memory")
    person.save_as("clamped")
    document = engine.Network.load(home.folder / "clamped.json").document
    [edge] = [edge for edge in document.edges if edge.port == "clamp"]
    assert (edge.source, edge.target, edge.weight) == ("voltage_clamp", "neuron", 1.0)
    assert "I_clamp" in [recorder.variable for recorder in document.recorders]
