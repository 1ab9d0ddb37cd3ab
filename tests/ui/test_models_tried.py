"""Models found, tried and put to work as a teacher does it: palette, options, spikes, planes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import Server, serving
from person import WAIT
from playwright.sync_api import expect
from test_model_page import Reader

import engine


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a project folder of its own."""
    folder = tmp_path_factory.mktemp("tried")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_PROJECTS", str(folder))
        with serving(folder) as running:
            yield running
            assert not running.errors(), running.errors()


@pytest.fixture
def seen(home: Server, open_page: Callable[..., Any]) -> Reader:
    """In front of a network of one neuron."""
    person = Reader(open_page(home.url))
    person.open_example("One neuron and a current")
    person.node("neuron").wait_for(timeout=WAIT)
    return person


@pytest.fixture
def reader(seen: Reader) -> Reader:
    """At the model page."""
    seen.page.keyboard.press("m")
    seen.models.wait_for(timeout=WAIT)
    return seen


def items(person: Reader) -> Any:
    return person.page.locator("nav.models .item:visible")


def choose(person: Reader, path: str, value: str) -> None:
    person.models.locator(f'.row[data-path="{path}"] select').select_option(value)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("hh", "Hodgkin-Huxley"),
        ("adex", "AdEx"),
        ("cfr", "IF, in steps"),
        ("snntorch syn", "Synaptic, in steps (snnTorch)"),
        ("squid", "Hodgkin-Huxley"),
        ("lif", "Leaky integrate-and-fire"),
    ],
)
def test_a_model_is_found_by_what_people_call_it(seen: Reader, typed: str, first: str) -> None:
    seen.page.keyboard.press("/")
    seen.page.keyboard.type(typed)
    expect(items(seen).first).to_have_text(first)
    expect(items(seen).first).to_have_attribute("aria-selected", "true")


def test_groups_fold_and_stay_so_and_what_was_used_comes_first(seen: Reader) -> None:
    page = seen.page
    fold = page.get_by_role("button", name="conductance-based, 3 models")
    expect(fold).to_have_attribute("aria-expanded", "true")
    before = items(seen).count()
    fold.focus()
    page.keyboard.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(items(seen)).to_have_count(before - 3)
    page.keyboard.press("/")
    page.keyboard.type("morris")
    page.keyboard.press("Enter")  # a folded group hides nothing from a search
    seen.node("morris_lecar").wait_for(timeout=WAIT)
    recent = page.get_by_role("group", name="Recently used")
    expect(recent.get_by_role("option")).to_have_text(["Morris-Lecar"])
    page.reload()
    page.locator(".react-flow__node").first.wait_for(timeout=WAIT)
    expect(fold).to_have_attribute("aria-expanded", "false", timeout=WAIT)
    expect(recent.get_by_role("option")).to_have_text(["Morris-Lecar"])


def test_an_option_says_the_same_in_the_form_the_mathematics_and_the_text(reader: Reader) -> None:
    reader.look_at("plif")
    formulas = reader.models.locator(".formulas .math")
    expect(formulas).to_contain_text("reset", timeout=WAIT)
    choose(reader, "parameters/soft_reset", "1")
    expect(formulas.locator(".spike")).to_contain_text("v←v−vth", timeout=WAIT)
    reader.press("Make it mine")
    reader.press("Keep these values")
    reader.until(lambda: "soft_reset = 1 {hard" in reader.text("parameters"), "the text")
    text = reader.text("parameters").replace("strict = 0", "strict = 1")
    reader.write("parameters", text)
    reader.leave()
    row = reader.models.locator('.row[data-path="parameters/strict"] select')
    expect(row).to_have_value("1", timeout=WAIT)
    expect(formulas.locator(".spike")).to_contain_text("v>vth")
    reader.write("parameters", text.replace("strict = 1", "strict = 2"))
    mistake = reader.editor("parameters").locator(".mistake")
    expect(mistake).to_contain_text("none of the choices; write a whole number", timeout=WAIT)


def test_spikes_at_a_port_show_the_conductance_and_the_synapse_goes_to_the_canvas(
    reader: Reader,
) -> None:
    reader.look_at("lif_cond_exp")
    choose(reader, "drive/kind", "regular")
    trace = reader.models.locator(".pane.trace")
    expect(trace).to_contain_text("12 spikes arrive", timeout=WAIT)
    expect(trace.locator("text.name").nth(1)).to_contain_text("gexc")
    choose(reader, "drive/port", "inh")
    expect(trace.locator("text.name").nth(1)).to_contain_text("ginh", timeout=WAIT)
    choose(reader, "drive/port", "exc")
    choose(reader, "ports/exc", "alpha_conductance")
    reader.try_("parameters/tau_exc", "8")
    choose(reader, "drive/kind", "poisson")
    reader.try_("drive/rate", "80 Hz")
    reader.until(lambda: "spikes" in reader.note(), "the response")
    reader.try_("drive/weight", "5 mV")
    problem = reader.models.locator('.row[data-path="drive/weight"] .problem')
    expect(problem).to_contain_text("nS", timeout=WAIT)
    reader.press("Put on canvas")
    reader.node("lif_cond_exp").wait_for(timeout=WAIT)
    field = reader.page.locator('.panel .row[data-path="ports/exc"] select')
    expect(field).to_have_value("alpha_conductance", timeout=WAIT)
    expect(reader.row("parameters/tau_exc").locator(".panel input.field").or_(
        reader.page.locator('.panel .row[data-path="parameters/tau_exc"] input.field')
    )).to_have_value("8")  # fmt: skip


def test_a_plane_of_four_variables_says_what_is_held_and_lets_it_be_changed(
    reader: Reader,
) -> None:
    reader.look_at("hodgkin_huxley")
    plane = reader.models.locator(".pane.plane")
    expect(plane.locator(".caption")).to_contain_text("m at steady state; h = 0.8", timeout=WAIT)
    expect(plane.locator(".caption")).to_contain_text("The run itself moves in all 4 variables.")
    expect(plane.locator("path.line")).not_to_have_count(0)
    held = plane.get_by_role("combobox", name="h", exact=True)
    held.fill("0.8 - q")
    held.press("Enter")
    expect(plane.locator(".problem:visible")).to_contain_text("`q`", timeout=WAIT)
    held.fill("0.8 - n")
    held.press("Enter")
    expect(plane.locator(".caption")).to_contain_text("h = 0.8 − n", timeout=WAIT)
    choose(reader, "plane/y", "h")
    expect(plane.locator(".caption")).to_contain_text("n =", timeout=WAIT)


def test_a_teachers_way_from_a_model_to_a_shared_network(
    reader: Reader, home: Server, open_page: Callable[..., Any]
) -> None:
    page = reader.page
    reader.look_at("adex")
    reader.press("regular bursting")
    reader.until(lambda: "spikes" in reader.note(), "the response")
    before = reader.line().get_attribute("d")
    slider = reader.models.locator('.row[data-path="parameters/b"] input[type=range]')
    slider.press("PageUp")
    reader.until(lambda: reader.line().get_attribute("d") != before, "another response")
    reader.press("Make it mine")
    right = reader.text("equations")
    reader.write("equations", right.replace("- w + I", "- w + I*"))
    expect(reader.editor("equations").locator(".mistake")).to_be_visible(timeout=WAIT)
    reader.write("equations", right.replace("- w + I", "- 2*w + I"))
    reader.leave()
    expect(reader.editor("equations").locator(".mistake")).to_have_count(0, timeout=WAIT)
    reader.press("Put on canvas")
    reader.node("my_adex").wait_for(timeout=WAIT)
    reader.wire("step", "my_adex", "current")
    reader.press("Run")
    reader.state("running")
    reader.press("Stop and give back memory")
    reader.save_as("shared")
    saved = engine.Network.load(home.folder / "shared.json").document
    assert "2*w" in saved.models[0]["equations"]

    other = Reader(open_page(home.url, theme="light"))
    other.page.keyboard.press("Control+o")
    other.page.get_by_role("dialog").locator("button.row", has_text="shared").click()
    other.node("my_adex").click(timeout=WAIT)
    other.page.locator(".chip.leads").click()
    expect(other.models).to_be_visible(timeout=WAIT)
    other.until(lambda: "2*w" in other.text("equations"), "the equations that were written")
    chip = other.models.get_by_role("button", name="regular bursting", exact=True)
    expect(chip).to_be_visible()
    page.keyboard.press("m")
    expect(reader.models).to_be_visible(timeout=WAIT)


def test_every_control_of_the_page_has_a_name_and_escape_leads_back(reader: Reader) -> None:
    reader.look_at("hodgkin_huxley")
    choose(reader, "drive/kind", "regular")
    expect(reader.models.locator(".pane.trace")).to_contain_text("arrive", timeout=WAIT)
    controls = reader.models.locator(
        "button:visible, input:visible, select:visible, textarea:visible"
    )
    nameless = [
        control.evaluate("each => each.outerHTML")
        for control in controls.all()
        if not control.evaluate(
            "each => (each.getAttribute('aria-label') || each.textContent || '').trim()"
        )
    ]
    assert not nameless
    field = reader.models.get_by_role("textbox", name="Search models")
    field.focus()
    reader.page.keyboard.press("Escape")
    reader.page.keyboard.press("Escape")
    expect(reader.models).to_be_hidden(timeout=WAIT)
    reader.node("neuron").click()
    chip = reader.page.locator(".chip.leads")
    chip.focus()
    reader.page.keyboard.press("Enter")
    expect(reader.models).to_be_visible(timeout=WAIT)
    reader.page.keyboard.press("Escape")
    expect(reader.models).to_be_hidden(timeout=WAIT)
    expect(chip).to_be_focused(timeout=WAIT)
