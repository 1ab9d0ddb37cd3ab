"""Synapses that learn and the settings of a run, as a person chooses them on the real server."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Server
from person import WAIT, Person
from playwright.sync_api import expect

from engine.backends.registry import devices


@pytest.fixture
def person(server: Server, open_page: Callable[..., Any]) -> Person:
    """At the page as it opens."""
    return Person(open_page(server.url))


def choose(person: Person, path: str, value: str) -> None:
    person.row(path).locator("select").select_option(value)


def says(person: Person) -> str:
    """The line at the bottom of the page."""
    return person.page.locator("footer.line").inner_text()


def select_wire(person: Person) -> None:
    wire = person.page.locator(".react-flow__edge")
    expect(wire).to_have_count(1, timeout=WAIT)
    wire.focus()
    person.page.keyboard.press("Enter")
    person.row("plasticity/model").wait_for(timeout=WAIT)


def test_learning_is_chosen_changed_and_switched_off_while_it_runs(person: Person) -> None:
    person.open_example("Poisson to LIF")
    person.node("drive").wait_for(timeout=WAIT)
    select_wire(person)
    choose(person, "plasticity/model", "stdp")
    expect(person.page.locator(".wire-label")).to_contain_text("learns", timeout=WAIT)
    for name in ("A_plus", "A_minus"):
        person.set(f"plasticity/{name}", "0")
    person.press("Run")
    person.until(lambda: person.rate("cells") > 5, "spikes of the neurons")
    person.set("plasticity/A_minus", "0.5")
    person.steadily(lambda: person.rate("cells") < 0.5, "synapses that have become weak")

    choose(person, "plasticity/model", "")
    expect(person.row("plasticity/A_minus")).to_have_count(0, timeout=WAIT)
    expect(person.page.get_by_role("button", name="Rebuild")).to_be_hidden()
    person.state("running")
    # The weights are what they have become.
    person.steadily(lambda: person.rate("cells") < 0.5, "a rate that is still low")

    person.press("Stop and give back memory")
    person.press("Run")
    person.until(lambda: person.rate("cells") > 5, "the weights of the document")


def test_another_rule_while_it_runs_asks_for_a_rebuild_and_learns_after_it(person: Person) -> None:
    person.open_example("A neuron that learns")
    person.node("neuron").wait_for(timeout=WAIT)
    person.press("Run")
    person.until(lambda: person.rate("neuron") > 5, "spikes of the neuron that learns")
    select_wire(person)
    choose(person, "plasticity/model", "stdp_multiplicative")
    person.press("Rebuild")
    expect(person.page.locator("button.rebuild")).to_be_hidden(timeout=WAIT)
    person.state("running")
    person.until(lambda: person.rate("neuron") > 5, "spikes after the rebuild")


def test_a_wire_is_rewarded_by_a_node_and_taught_by_another(person: Person) -> None:
    person.open_example("A neuron that learns")
    person.node("neuron").wait_for(timeout=WAIT)
    select_wire(person)
    choose(person, "plasticity/model", "r_stdp")
    reward = person.row("plasticity/reward").locator("select")
    expect(reward).to_have_value("", timeout=WAIT)
    choose(person, "plasticity/reward", "neuron")
    expect(reward).to_have_value("neuron", timeout=WAIT)
    person.press("Run")
    person.until(lambda: person.rate("neuron") > 5, "spikes of the neuron that is rewarded")

    choose(person, "plasticity/model", "resume")
    expect(person.row("plasticity/reward")).to_have_count(0, timeout=WAIT)
    choose(person, "plasticity/teacher", "neuron")
    expect(person.row("plasticity/teacher").locator("select")).to_have_value("neuron", timeout=WAIT)
    person.press("Rebuild")
    expect(person.page.locator("button.rebuild")).to_be_hidden(timeout=WAIT)
    person.state("running")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("A_plus", "7", "from 0 to 1"),
        ("w_max", "-3 nS", "w_min must lie below w_max"),
        ("tau_plus", "2 mV", "a value in ms"),
        ("A_minus", "much", "not a quantity"),
    ],
)
def test_a_wrong_number_of_a_rule_is_kept_and_explained_below_it(
    person: Person, name: str, text: str, sentence: str
) -> None:
    person.open_example("A neuron that learns")
    person.node("neuron").wait_for(timeout=WAIT)
    select_wire(person)
    person.set(f"plasticity/{name}", text)
    row = person.row(f"plasticity/{name}")
    expect(row).to_contain_text(sentence, timeout=WAIT)
    expect(row.locator("input.field")).to_have_value(text)


def test_the_number_of_threads_is_chosen_or_left_to_the_run(person: Person) -> None:
    threads = person.row("simulation/threads")
    expect(threads.locator("select")).to_have_value("auto", timeout=WAIT)
    assert "threads automatic" in says(person)
    choose(person, "simulation/threads", "1")
    expect(person.page.locator("footer.line")).to_contain_text("1 thread", timeout=WAIT)
    person.press("Run")
    person.until(lambda: 3 < person.rate("exc") < 9, "the rate of the Vogels-Abbott network")
    choose(person, "simulation/threads", "auto")
    person.press("Rebuild")
    person.until(lambda: "Rebuild" not in says(person), "the network is built anew")
    person.until(lambda: 3 < person.rate("exc") < 9, "the same rate")


@pytest.mark.skipif("cuda" in devices(), reason="this machine has an NVIDIA GPU")
def test_a_gpu_that_is_not_there_is_one_sentence_and_the_cpu_runs_on(person: Person) -> None:
    person.press("Run")
    person.state("running")
    choose(person, "simulation/device", "cuda")
    person.press("Rebuild")
    person.state("failed")
    toast = person.page.locator(".toast").last
    expect(toast).to_contain_text(re.compile("NVIDIA .* device cpu"), timeout=WAIT)
    expect(person.node("exc").locator(".rate")).to_have_text("", timeout=WAIT)
    choose(person, "simulation/device", "cpu")
    person.press("Run")
    person.until(lambda: 3 < person.rate("exc") < 9, "the network on the CPU")
