"""The page around the canvas: inspector, palette, keyboard, dialogs, theme, narrow windows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import Server, serving
from playwright.sync_api import expect

from engine.document import Document, dumps, loads
from workbench.commands import Command, apply

WAIT = 20_000  # ms, on a machine that does other things as well
NASTY = '<img src="x" onerror="document.title=\'hacked\'">'


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that opens a small document, with a project folder of its own."""
    folder = tmp_path_factory.mktemp("page")
    document = Document(name="Small", description=NASTY)
    for command in (
        Command("add_node", {"model": "poisson", "id": "drive", "position": [0, 0]}),
        Command("add_node", {"model": "lif_cond_exp", "id": "cells", "position": [320, 0]}),
        Command("set_node", {"id": "drive", "field": "label", "value": NASTY}),
        Command("connect", {"source": "drive", "target": "cells", "port": "exc"}),
    ):
        document = apply(document, command)
    path = folder / "small.json"
    path.write_text(dumps(document))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_PROJECTS", str(folder))
        with serving(folder, str(path)) as running:
            yield running
            assert not running.errors(), running.errors()


class Page:
    """The page and the words for its places."""

    def __init__(self, page: Any) -> None:
        self.page = page
        page.wait_for_selector(".react-flow__node", timeout=WAIT)
        page.wait_for_selector(".row", timeout=WAIT, state="attached")

    def row(self, path: str) -> Any:
        return self.page.locator(f'.row[data-path="{path}"]')

    def field(self, path: str) -> Any:
        return self.row(path).locator("input.field")

    def select(self, node: str) -> None:
        self.page.locator(f'.react-flow__node[data-id="{node}"]').click(position={"x": 60, "y": 14})
        expect(self.row("size")).to_be_visible(timeout=WAIT)

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something is true."""
        for _ in range(WAIT // 50):
            if holds():
                return
            self.page.wait_for_timeout(50)
        pytest.fail("it did not become true")

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name)

    @property
    def undo(self) -> Any:
        return self.button("Undo (Ctrl Z)")

    @property
    def dialog(self) -> Any:
        return self.page.get_by_role("dialog")


@pytest.fixture
def at(home: Server, open_page: Callable[..., Any]) -> Callable[..., Page]:
    """``at(size=(1440, 900), theme="dark")``: the page, opened afresh."""
    return lambda **options: Page(open_page(home.url, **options))


def test_selecting_a_node_shows_every_parameter_at_once(at: Callable[..., Page]) -> None:
    seen = at()
    seen.select("cells")
    for name in ("C", "g_L", "tau_m", "E_L", "v_th", "v_reset", "t_ref", "tau_exc", "E_inh"):
        expect(seen.field(f"parameters/{name}")).to_have_count(1)
        expect(seen.row(f"parameters/{name}").locator("input[type=range]")).to_have_count(1)
    seen.row("parameters/v_th").locator(".name").hover()
    tip = seen.page.get_by_role("tooltip")
    expect(tip).to_contain_text("spike threshold")
    expect(tip).to_contain_text("−50 mV")
    expect(tip).to_contain_text("at once")
    assert seen.page.locator("math").count() >= 5


def test_a_wrong_number_is_explained_under_its_field_and_stays(at: Callable[..., Page]) -> None:
    seen = at()
    seen.select("cells")
    field = seen.field("parameters/v_th")
    field.fill("0.5 nA")
    field.press("Enter")
    problem = seen.row("parameters/v_th").locator(".problem")
    expect(problem).to_contain_text("mV")
    assert field.input_value() == "0.5 nA"
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(seen.undo).to_be_disabled()
    field.fill("-52000 uV")
    field.press("Enter")
    expect(problem).to_be_hidden()
    expect(field).to_have_value("−52")
    expect(seen.row("parameters/v_th").locator(".name")).to_have_attribute("data-changed", "true")


def test_escape_in_a_field_takes_back_what_was_typed(at: Callable[..., Page]) -> None:
    seen = at()
    seen.select("cells")
    field = seen.field("parameters/v_th")
    field.fill("99")
    field.press("Escape")
    assert field.input_value() == "−50"
    expect(seen.undo).to_be_disabled()


def test_a_drag_of_a_slider_is_one_undo(at: Callable[..., Page]) -> None:
    seen = at()
    seen.select("cells")
    slider = seen.row("parameters/v_th").locator("input[type=range]")
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    seen.page.mouse.move(box["x"] + box["width"] / 2, middle)
    seen.page.mouse.down()
    seen.page.mouse.move(box["x"] + box["width"] * 0.9, middle, steps=20)
    seen.page.mouse.up()
    field = seen.field("parameters/v_th")
    expect(field).not_to_have_value("−50")
    expect(seen.undo).to_be_enabled()
    seen.undo.click()
    expect(field).to_have_value("−50")
    expect(seen.undo).to_be_disabled()


def test_a_double_click_on_a_name_goes_back_to_the_default(at: Callable[..., Page]) -> None:
    seen = at()
    seen.select("cells")
    field = seen.field("parameters/t_ref")
    field.fill("7")
    field.press("Enter")
    name = seen.row("parameters/t_ref").locator(".name")
    expect(name).to_have_attribute("data-changed", "true")
    name.dblclick()
    expect(field).to_have_value("2")


def test_a_parameter_may_vary_over_the_members(at: Callable[..., Page]) -> None:
    seen = at()
    seen.select("cells")
    seen.row("parameters/v_th").locator("select").select_option("normal")
    expect(seen.field("parameters/v_th/std")).to_have_value("5")
    seen.row("parameters/v_th/distribution").locator("select").select_option("one")
    expect(seen.field("parameters/v_th")).to_have_value("−50")


def test_a_wire_shows_its_rule_weight_and_delay(at: Callable[..., Page]) -> None:
    seen = at()
    seen.page.locator(".react-flow__edge").first.click(force=True)
    expect(seen.field("weight")).to_be_visible(timeout=WAIT)
    seen.row("rule/kind").locator("select").select_option("probability")
    probability = seen.field("rule/p")
    probability.fill("2 %")
    probability.press("Enter")
    expect(probability).to_have_value("0.02")
    expect(seen.page.locator(".head .chip", has_text="200 synapses")).to_be_visible()
    expect(seen.field("delay")).to_be_visible()


def test_search_finds_adds_and_explains_nothing_found(at: Callable[..., Page]) -> None:
    seen = at()
    seen.page.keyboard.press("/")
    seen.page.keyboard.type("zebra")
    expect(seen.page.locator(".models .empty")).to_contain_text("zebra")
    search = seen.page.get_by_role("combobox", name="Search models")
    search.fill("izhi")
    expect(seen.page.locator(".models .item")).to_have_count(1)
    search.press("Enter")
    expect(seen.page.locator(".react-flow__node")).to_have_count(3)
    seen.page.keyboard.press("Escape")
    seen.page.keyboard.press("Control+z")
    expect(seen.page.locator(".react-flow__node")).to_have_count(2)
    seen.page.keyboard.press("Control+Shift+z")
    expect(seen.page.locator(".react-flow__node")).to_have_count(3)


def test_keys_typed_into_a_field_are_no_shortcuts(at: Callable[..., Page]) -> None:
    seen = at()
    name = seen.page.get_by_label("Name of the document")
    name.click()
    name.fill("a / b ? c")
    name.press("Enter")
    expect(seen.page).to_have_title("a / b ? c · Spiking Workbench")
    expect(seen.dialog).to_have_count(0)
    expect(seen.page.locator(".saved")).to_have_text("not saved")


def test_the_sheet_of_keys_opens_and_escape_closes_it(at: Callable[..., Page]) -> None:
    seen = at()
    button = seen.button("Keyboard (?)")
    button.focus()
    seen.page.keyboard.press("?")
    expect(seen.dialog).to_contain_text("Run or pause")
    seen.page.keyboard.press("Escape")
    expect(seen.dialog).to_have_count(0)
    expect(button).to_be_focused()


def test_a_key_right_after_a_dialog_has_closed_is_heard(at: Callable[..., Page]) -> None:
    """The focus leaves a closed dialog only in the next frame."""
    seen = at()
    seen.page.keyboard.press("Control+o")
    seen.dialog.get_by_role("button", name="Choose").wait_for()
    seen.dialog.evaluate(
        """(dialog) => {
            const held = dialog.getRootNode().activeElement
            dialog.close()
            const key = {key: "?", bubbles: true, composed: true}
            held.dispatchEvent(new KeyboardEvent("keydown", key))
        }"""
    )
    expect(seen.dialog).to_contain_text("Run or pause")


def test_a_theme_is_chosen_at_once_and_remembered(at: Callable[..., Page]) -> None:
    seen = at(theme="dark")
    root = seen.page.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    button = seen.button("Theme:")
    for _ in range(2):  # as the system, dark, light
        button.click()
    expect(root).to_have_attribute("data-theme", "light")
    seen.page.reload()
    expect(root).to_have_attribute("data-theme", "light")
    background = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(246, 247, 249)"


def test_unsaved_work_is_asked_about_and_kept_on_cancel(at: Callable[..., Page]) -> None:
    seen = at()
    seen.select("cells")
    seen.field("size").fill("7")
    seen.field("size").press("Enter")
    expect(seen.page.locator(".saved")).to_have_text("not saved")
    seen.button("Examples").click()
    seen.page.locator("button.card").first.click()
    expect(seen.dialog).to_contain_text("Save the changes")
    seen.button("Cancel").click()
    expect(seen.field("size")).to_have_value("7")
    seen.button("Examples").click()
    seen.page.locator("button.card").first.click()
    seen.button("Discard changes").click()
    expect(seen.page.locator(".saved")).to_have_text("saved")
    expect(seen.page).not_to_have_title("Small · Spiking Workbench")


def test_saving_under_a_taken_name_is_refused_and_another_is_not(
    at: Callable[..., Page], home: Server
) -> None:
    seen = at()
    (home.folder / "taken.json").write_text(dumps(Document(name="Other")))
    seen.page.keyboard.press("Control+Shift+S")
    field = seen.dialog.locator("input.field")
    field.fill("taken")
    field.press("Enter")
    expect(seen.dialog).to_contain_text("already")
    assert loads((home.folder / "taken.json").read_text()).name == "Other"
    field.fill("fresh")
    field.press("Enter")
    expect(seen.dialog).to_have_count(0)
    assert loads((home.folder / "fresh.json").read_text()).name == "Small"


def test_a_taken_name_is_replaced_only_by_the_button_that_says_so(
    at: Callable[..., Page], home: Server
) -> None:
    seen = at()
    other = home.folder / "other.json"
    other.write_text(dumps(Document(name="Other")))
    seen.page.keyboard.press("Control+Shift+S")
    field = seen.dialog.locator("input.field")
    field.fill("other")
    field.press("Enter")
    replace = seen.button("Replace it")
    expect(replace).to_be_visible()
    field.press("Enter")
    field.fill("others")
    expect(replace).to_have_count(0)
    field.fill("other")
    field.press("Enter")
    expect(replace).to_be_visible()
    assert loads(other.read_text()).name == "Other"
    replace.click()
    expect(seen.dialog).to_have_count(0)
    assert loads(other.read_text()).name == "Small"


def test_an_example_is_shown_whole_whatever_was_seen_before(at: Callable[..., Page]) -> None:
    seen = at()
    for title in ("Izhikevich", "Vogels-Abbott network, conductances"):  # both with "exc", "inh"
        seen.button("Examples").click()
        seen.page.locator("button.card", has_text=title).click()
        expect(seen.page).to_have_title(re.compile(title))
        canvas = seen.page.locator(".wb-canvas").bounding_box()
        middle = canvas["x"] + canvas["width"] / 2
        nodes = seen.page.locator(".react-flow__node")

        def centre(nodes: Any = nodes) -> float:
            boxes = [node.bounding_box() for node in nodes.all()]
            left, right = min(b["x"] for b in boxes), max(b["x"] + b["width"] for b in boxes)
            return (left + right) / 2

        seen.until(lambda middle=middle: abs(centre() - middle) < 2)


def test_a_file_that_is_no_document_changes_nothing(
    at: Callable[..., Page], tmp_path: Path
) -> None:
    seen = at()
    broken = tmp_path / "broken.json"
    broken.write_text('{"format": "spiking-workbench", "version": 7}')
    seen.page.keyboard.press("Control+o")
    seen.dialog.locator("input[type=file]").set_input_files(broken)
    expect(seen.page.locator(".toast.is-error")).to_contain_text("newer")
    expect(seen.page).to_have_title("Small · Spiking Workbench")


def test_a_problem_leads_to_its_node(at: Callable[..., Page]) -> None:
    seen = at()
    seen.page.keyboard.press("/")
    seen.page.keyboard.type("adex")
    seen.page.keyboard.press("Enter")
    expect(seen.page.locator(".react-flow__node")).to_have_count(3)
    seen.page.keyboard.press("Escape")
    seen.page.locator("button.problems").click()
    seen.dialog.locator("button.row", has_text="adex").first.click()
    expect(seen.dialog).to_have_count(0)
    expect(seen.page.locator(".head .rename")).to_have_value("adex")


def test_what_a_user_wrote_is_shown_as_text_everywhere(at: Callable[..., Page]) -> None:
    seen = at()
    seen.select("drive")
    expect(seen.page.locator(".head .rename")).to_have_value(NASTY)
    seen.page.keyboard.press("Escape")
    expect(seen.page.locator(".panel h2")).to_have_text("Document")
    seen.page.get_by_label("Name of the document").fill(NASTY)
    seen.page.keyboard.press("Enter")
    seen.page.locator(".react-flow__edge").first.click(force=True)
    expect(seen.page.locator(".panel h2")).to_contain_text("<img")
    expect(seen.page).to_have_title(f"{NASTY} · Spiking Workbench")
    assert seen.page.locator("img").count() == 0


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_at_1024_the_palette_folds_and_nothing_overflows(
    at: Callable[..., Page], theme: str
) -> None:
    seen = at(size=(1024, 768), theme=theme)
    assert seen.page.locator(".models").bounding_box()["width"] < 60
    seen.page.keyboard.press("/")
    assert seen.page.locator(".models").bounding_box()["width"] > 200
    seen.page.keyboard.press("Escape")
    for place in (".bar", ".line", ".panel"):
        over = seen.page.locator(place).evaluate("place => place.scrollWidth - place.clientWidth")
        assert over <= 0, place
    names = seen.page.locator(".bar button:visible, .bar input:visible")
    boxes = [names.nth(index).bounding_box() for index in range(names.count())]
    for left, right in pairwise(boxes):
        assert left["x"] + left["width"] <= right["x"] + 1


def test_on_a_small_screen_the_inspector_slides_over(at: Callable[..., Page]) -> None:
    seen = at(size=(900, 700))
    panel = seen.page.locator(".slot.inspector")
    expect(panel).to_be_hidden()
    opener = seen.button("Inspector")
    opener.click()
    expect(panel).to_be_visible()
    expect(opener).to_have_attribute("aria-expanded", "true")
    opener.click()
    expect(panel).to_be_hidden()


def test_the_tiles_are_resized_by_the_keyboard_and_stay_so(at: Callable[..., Page]) -> None:
    seen = at()
    splitter, tiles = seen.page.get_by_role("separator").first, seen.page.locator(".slot.tiles")
    before = tiles.bounding_box()["height"]
    splitter.focus()
    splitter.press("ArrowUp")
    splitter.press("ArrowUp")
    assert tiles.bounding_box()["height"] == before + 48
    seen.page.reload()
    seen.page.wait_for_selector(".react-flow__node", timeout=WAIT)
    assert tiles.bounding_box()["height"] == before + 48


def test_every_control_of_the_frame_has_a_name_and_room_for_a_finger(
    at: Callable[..., Page],
) -> None:
    seen = at()
    seen.select("cells")
    wanting = seen.page.evaluate(
        """() => {
        const found = []
        const walk = (root) => {
          for (const element of root.querySelectorAll("*")) {
            if (element.shadowRoot) walk(element.shadowRoot)
            if (!element.closest(".bar, .models, .panel, .line")) continue
            if (!element.matches("button, input, select, textarea")) continue
            const visible = { visibilityProperty: true, opacityProperty: true }
            if (!element.checkVisibility(visible)) continue
            const label = element.getAttribute("aria-label") || element.textContent.trim()
            const box = element.getBoundingClientRect()
            if (!label) found.push("no name: " + element.outerHTML.slice(0, 80))
            if (box.height < 27.5 && element.type !== "range") found.push(box.height + ": " + label)
          }
        }
        walk(document)
        return found
      }"""
    )
    assert wanting == []


def test_a_page_is_only_for_who_has_the_password(
    tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    users = tmp_path / "users.json"
    users.write_text(json.dumps({"ada": "a long password"}))
    with serving(tmp_path, "--auth", str(users)) as closed:
        page = open_page(closed.url)
        page.get_by_label("Name").fill("ada")
        page.get_by_label("Password").fill("wrong one")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("alert")).to_contain_text("wrong")
        page.get_by_label("Name").fill("ada")
        page.get_by_label("Password").fill("a long password")
        page.get_by_role("button", name="Log in").click()
        page.wait_for_selector(".react-flow__node", timeout=WAIT)
        assert not closed.errors(), closed.errors()


def test_a_server_that_ends_is_said_in_the_page(tmp_path: Path, browser: Any) -> None:
    with serving(tmp_path) as short:
        page = browser.new_page()
        page.goto(short.url)
        page.wait_for_selector(".react-flow__node", timeout=WAIT)
    expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("server")
    page.close()


def test_answers_carry_a_policy_and_strange_sessions_are_refused(home: Server) -> None:
    import urllib.error
    import urllib.request

    with urllib.request.urlopen(home.url, timeout=10) as answer:
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{home.url}?bokeh-session-id=chosen", timeout=10)
