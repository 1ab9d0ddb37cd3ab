"""The model page as a person uses it: look at a model, try it, write one, put it to work."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import Server, serving
from person import WAIT, Person
from playwright.sync_api import expect

import engine


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a project folder of its own."""
    folder = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_PROJECTS", str(folder))
        with serving(folder) as running:
            yield running
            assert not running.errors(), running.errors()


class Reader(Person):
    """Someone at the model page."""

    @property
    def models(self) -> Any:
        return self.page.locator(".modelpage")

    def look_at(self, name: str) -> None:
        """Open a model from the list."""
        self.models.locator(f'.entry[data-model="{name}"]').click()
        expect(self.models.locator(f'.entry[data-model="{name}"]')).to_have_attribute(
            "aria-current", "true", timeout=WAIT
        )
        self.line().wait_for(timeout=WAIT)

    def line(self) -> Any:
        return self.models.locator(".pane.trace path.line").first

    def note(self) -> str:
        """What stands above the response: spikes, rate, solver."""
        return self.models.locator(".pane.trace .detail").inner_text()

    def try_(self, path: str, text: str) -> None:
        field = self.models.locator(f'.row[data-path="{path}"] input.field')
        field.fill(text)
        field.press("Enter")

    def editor(self, field: str) -> Any:
        return self.models.locator(f'.editor[data-field="{field}"]')

    def write(self, field: str, text: str) -> None:
        self.editor(field).locator("textarea").fill(text)

    def text(self, field: str) -> str:
        return self.editor(field).locator("textarea").input_value()

    def leave(self) -> None:
        """Leave the field that is being written in."""
        self.models.locator(".sheet .crown").click(position={"x": 2, "y": 2})


@pytest.fixture
def reader(home: Server, open_page: Callable[..., Any]) -> Reader:
    """At the model page, opened by its key from a network of one neuron."""
    person = Reader(open_page(home.url))
    person.open_example("One neuron and a current")
    person.node("neuron").wait_for(timeout=WAIT)
    person.page.keyboard.press("m")
    person.models.wait_for(timeout=WAIT)
    return person


def test_a_shipped_model_shows_equations_sliders_response_curve_and_plane(reader: Reader) -> None:
    reader.look_at("adex")
    models = reader.models
    expect(models.locator(".formulas math")).to_have_count(7, timeout=WAIT)
    expect(models.locator(".formulas")).to_contain_text("Brette & Gerstner 2005")
    assert models.locator('.row[data-path^="parameters/"] input[type=range]').count() == 11
    expect(models.locator(".pane.trace .detail")).to_contain_text("Runge-Kutta", timeout=WAIT)
    models.locator(".pane.curve path.line").wait_for(timeout=WAIT)
    expect(models.locator(".pane.plane path.line")).not_to_have_count(0, timeout=WAIT)
    assert "I)/C : mV" in reader.text("equations")
    assert reader.editor("equations").locator("textarea").get_attribute("readonly") is not None
    reader.look_at("if_discrete")
    expect(models.locator(".pane.plane")).to_be_hidden(timeout=WAIT)  # steps have no plane


def test_a_slider_a_preset_and_the_current_each_draw_another_response(reader: Reader) -> None:
    reader.look_at("adex")
    reader.until(lambda: "spikes" in reader.note(), "the response")

    def changed(act: Callable[[], None]) -> None:
        before = reader.line().get_attribute("d")
        act()
        reader.until(lambda: reader.line().get_attribute("d") != before, "another response")

    chip = reader.models.get_by_role("button", name="regular bursting", exact=True)
    changed(chip.click)
    expect(chip).to_have_attribute("aria-pressed", "true")
    slider = reader.models.locator('.row[data-path="parameters/b"] input[type=range]')
    changed(lambda: slider.press("PageDown"))
    changed(lambda: reader.try_("drive/current", "0.5 nA"))
    changed(lambda: reader.try_("drive/duration", "200"))
    reader.try_("parameters/v_reset", "10")
    expect(reader.models.locator('.row[data-path="parameters/v_reset"] .problem')).to_contain_text(
        "v_reset must lie below v_peak", timeout=WAIT
    )


def test_a_mistake_is_shown_at_its_place_with_a_remedy_and_loses_nothing(reader: Reader) -> None:
    reader.look_at("lif")
    reader.press("Make it mine")
    expect(reader.editor("equations").locator("textarea")).to_be_editable(timeout=WAIT)
    right = reader.text("equations")
    wrong = right.replace("tau_m", "tau")
    reader.write("equations", wrong)
    mistake = reader.editor("equations").locator(".mistake")
    expect(mistake).to_contain_text("`tau` is not declared", timeout=WAIT)
    expect(mistake).to_contain_text("did you mean `tau_m`?")
    quoted, carets = mistake.locator(".quoted").inner_text().split("\n")
    assert quoted[carets.index("^") :].startswith("tau ")
    expect(reader.editor("equations").locator(".marks mark")).to_have_text("tau")
    reader.press("Put on canvas")
    expect(reader.page.locator(".toast").last).to_contain_text("mistakes", timeout=WAIT)
    reader.look_at("adex")  # and back: what was typed is still there
    reader.look_at("my_lif")
    assert reader.text("equations") == wrong
    reader.write("equations", right.replace("tau_m", "(2*tau_m)"))
    expect(reader.editor("equations").locator(".mistake")).to_have_count(0, timeout=WAIT)
    expect(reader.models.locator(".formulas .math").first).to_contain_text("2", timeout=WAIT)
    reader.until(lambda: reader.line().is_visible(), "the response of what was written")


def test_a_neuron_that_fires_by_chance_is_shown_and_written(reader: Reader) -> None:
    reader.look_at("gif")
    spike = reader.models.locator(".formulas .line.spike")
    expect(spike).to_contain_text("spikes by chance at the rate", timeout=WAIT)
    assert reader.text("hazard").startswith("lambda0*exp(")
    reader.press("Make it mine")
    expect(reader.editor("hazard").locator("textarea")).to_be_editable(timeout=WAIT)
    reader.write("hazard", "lambda0*exp((v - v_T)/delta)")
    mistake = reader.editor("hazard").locator(".mistake")
    expect(mistake).to_contain_text("did you mean `delta_V`?", timeout=WAIT)
    reader.write("hazard", "lambda0*exp((v - v_T)/delta_V)")
    reader.write("threshold", "v >= v_T")
    expect(mistake).to_contain_text("from a threshold or from a hazard", timeout=WAIT)
    reader.write("threshold", "")
    expect(reader.models.locator(".mistake")).to_have_count(0, timeout=WAIT)
    reader.until(lambda: "spikes" in reader.note(), "the response of what was written")


def test_a_model_is_written_put_on_the_canvas_run_undone_saved_and_read_again(
    reader: Reader, home: Server
) -> None:
    page = reader.page
    reader.press("New model")
    expect(reader.editor("equations").locator("textarea")).to_be_focused(timeout=WAIT)
    reader.write("equations", "dv/dt = (E_L - v - R*a)/tau_m + I/C : mV\nda/dt = -a/tau_a : pA")
    reader.write("reset", "v = v_reset; a += b")
    more = "\nR = 0.1 GOhm\ntau_a = 100 ms [1, 1000]  # of adaptation\nb = 20 pA [0, 200]"
    reader.write("parameters", reader.text("parameters") + more)
    reader.leave()
    expect(reader.models.locator(".mistake")).to_have_count(0, timeout=WAIT)
    expect(reader.models.locator('.row[data-path="parameters/tau_a"]')).to_be_visible(timeout=WAIT)
    title = reader.models.get_by_role("textbox", name="Title of the model")
    title.fill("Tired <b>neuron</b>")
    title.press("Enter")
    expect(reader.models.locator('.entry[data-model="my_neuron"]')).to_have_text(
        "Tired <b>neuron</b>", timeout=WAIT
    )
    reader.try_("parameters/b", "50 pA")
    reader.press("Put on canvas")
    expect(reader.models).to_be_hidden(timeout=WAIT)
    reader.node("my_neuron").wait_for(timeout=WAIT)
    expect(page.locator(".models .item", has_text="Tired <b>neuron</b>")).to_be_visible()
    reader.press("Run")
    reader.state("running")
    reader.press("Stop and give back memory")
    reader.save_as("tired")
    document = engine.Network.load(home.folder / "tired.json").document
    assert document.node("my_neuron").parameters == {"b": 50}
    [declared] = document.models
    assert declared["title"] == "Tired <b>neuron</b>"
    assert "da/dt" in declared["equations"]

    undo = page.get_by_role("button", name=re.compile("^Undo"))
    undo.click()
    expect(reader.node("my_neuron")).to_have_count(0, timeout=WAIT)
    page.keyboard.press("Control+Shift+z")
    reader.node("my_neuron").wait_for(timeout=WAIT)

    page.keyboard.press("Control+o")
    page.get_by_role("dialog").locator("button.row", has_text="tired").click()
    expect(page.locator(".saved")).to_have_text("saved", timeout=WAIT)
    reader.node("my_neuron").click()
    page.locator(".chip.leads").click()
    expect(reader.models).to_be_visible(timeout=WAIT)
    field = reader.models.locator('.row[data-path="parameters/b"] input.field')
    expect(field).to_have_value("50", timeout=WAIT)
    reader.press("Delete")
    expect(page.locator(".toast").last).to_contain_text("is used by", timeout=WAIT)


def test_the_page_is_opened_and_left_by_keys_and_the_canvas_behind_it_hears_none(
    reader: Reader,
) -> None:
    page = reader.page
    page.keyboard.press("Escape")
    expect(reader.models).to_be_hidden(timeout=WAIT)
    nodes = page.locator(".react-flow__node")
    before = nodes.count()
    page.keyboard.press("Control+a")
    page.keyboard.press("m")
    expect(reader.models).to_be_visible(timeout=WAIT)
    page.keyboard.press("Delete")
    page.keyboard.press("/")
    search = reader.models.get_by_role("textbox", name="Search models")
    expect(search).to_be_focused(timeout=WAIT)
    search.fill("hodg")
    page.keyboard.press("Enter")
    expect(reader.models.locator('.entry[data-model="hodgkin_huxley"]')).to_have_attribute(
        "aria-current", "true", timeout=WAIT
    )
    page.keyboard.press("Escape")  # out of the field
    page.keyboard.press("Escape")
    expect(reader.models).to_be_hidden(timeout=WAIT)
    expect(nodes).to_have_count(before)
    about = page.get_by_role("button", name="Open the model AdEx")
    about.focus()
    page.keyboard.press("Enter")
    expect(reader.models.locator(".sheet .rename").first).to_have_value("AdEx", timeout=WAIT)
