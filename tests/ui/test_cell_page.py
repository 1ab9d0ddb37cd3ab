"""Cables and measured cells at the page: chosen in the inspector, drawn, and run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import Server, serving
from person import Person
from playwright.sync_api import expect

TREE = "1 1 0 0 0 8 -1\n2 3 0 8 0 1 1\n3 3 0 208 0 1 2\n4 3 90 260 0 0.5 3\n5 3 -90 260 0 0.5 3\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose data folder has one measured cell."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "tree.swc").write_text(TREE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_PROJECTS", str(folder))
        patch.setenv("WORKBENCH_DATA", str(folder))
        with serving(folder) as running:
            yield running
            assert not running.errors(), running.errors()


def test_an_axon_runs_and_becomes_a_measured_cell(
    home: Server, open_page: Callable[..., Any]
) -> None:
    person = Person(open_page(home.url))
    person.open_example("Action potential along an axon")
    axon = person.node("axon")
    expect(axon.locator(".size")).to_have_text("151 comp.")
    person.press("Run")
    person.until(lambda: person.rate("axon") > 30, "action potentials along the axon")
    axon.click()
    expect(person.page.locator(".shape + .sentence")).to_contain_text("mV")
    picture = "canvas => [canvas.width > 0, canvas.toDataURL()]"
    before = person.page.locator("canvas.shape").evaluate(picture)
    person.until(
        lambda: person.page.locator("canvas.shape").evaluate(picture) != before,
        "action potentials that travel in the drawing",
    )
    members = person.row("geometry/kind").locator("select")
    expect(members).to_have_value("cable")
    members.select_option("morphology")
    expect(axon.locator(".size")).to_have_text("23 comp.")
    expect(person.page.locator("canvas.shape")).to_be_visible()
    person.page.keyboard.press("Control+z")
    expect(axon.locator(".size")).to_have_text("151 comp.")


def test_a_wrong_length_is_told_under_its_field(
    home: Server, open_page: Callable[..., Any]
) -> None:
    person = Person(open_page(home.url))
    person.open_example("Action potential along an axon")
    person.node("axon").click()
    row = person.row("geometry/length")
    row.locator("input.field").fill("3 mV")
    row.locator("input.field").press("Enter")
    expect(row.locator(".problem")).to_contain_text("given in mV")
    row.locator("input.field").fill("2 mm")
    row.locator("input.field").press("Enter")
    expect(row.locator(".problem")).to_be_hidden()
    expect(row.locator("input.field")).to_have_value(re.compile(r"^2\s000$"))


def test_waves_run_over_a_sheet_and_are_seen_where_they_are(
    home: Server, open_page: Callable[..., Any]
) -> None:
    person = Person(open_page(home.url))
    person.open_example("Waves on a sheet")
    person.node("sheet").click()
    shape = person.page.locator("canvas.shape")
    expect(shape).to_be_visible()
    person.press("Run")
    person.until(lambda: person.rate("sheet") > 3, "spikes on the sheet")
    picture = "canvas => canvas.toDataURL()"
    chart = person.page.locator(".tile.map canvas")  # the document opens it
    before = shape.evaluate(picture), chart.evaluate(picture)
    person.until(lambda: shape.evaluate(picture) != before[0], "spikes that light up in places")
    person.until(lambda: chart.evaluate(picture) != before[1], "and on the map")
    box = chart.bounding_box()
    person.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    detail = person.page.locator(".tile.map .detail")
    expect(detail).to_contain_text(re.compile(r"Sheet [\d\s]+ · \S+, \S+ µm"))
    tiles = person.page.get_by_role("button", name="Views shown below the drawing")
    tiles.click()
    person.page.get_by_role("menuitemcheckbox", name="Raster").click()  # the clock goes on without
    person.page.get_by_role("menuitemcheckbox", name="Membrane potential").click()
    expect(person.page.locator(".tile.raster")).to_be_hidden()
    traces = person.page.locator(".tile.traces canvas")
    person.until(lambda: len(traces.evaluate(picture)) > 3000, "potentials in a tile just opened")
    tiles.press("Escape")
    person.row("geometry/kind").locator("select").select_option("ring")
    expect(person.row("geometry/length").locator("input.field")).to_have_value(re.compile("1"))
    expect(shape).to_be_visible()


def test_a_column_is_turned_by_hand_and_lights_up_in_its_places(
    home: Server, open_page: Callable[..., Any]
) -> None:
    person = Person(open_page(home.url))
    person.open_example("Liquid column")
    person.node("exc").click()
    shape = person.page.locator("canvas.shape")
    expect(person.page.locator(".shape + .sentence")).to_contain_text("Drag to turn")
    picture = "canvas => canvas.toDataURL()"
    x, y = person.middle(shape)
    before = shape.evaluate(picture)
    person.page.mouse.move(x, y)
    person.page.mouse.down()
    person.page.mouse.move(x + 60, y + 30, steps=4)
    person.page.mouse.up()
    person.until(lambda: shape.evaluate(picture) != before, "the column seen from another side")
    turned = shape.evaluate(picture)
    shape.dblclick()
    person.until(lambda: shape.evaluate(picture) == before, "the column turned back")
    shape.press("ArrowLeft")
    person.until(lambda: shape.evaluate(picture) not in (before, turned), "turned by a key")
    resting = shape.evaluate(picture)
    person.press("Run")
    person.until(lambda: shape.evaluate(picture) != resting, "spikes that light up in the column")
