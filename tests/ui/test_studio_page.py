"""A task of learning in the browser: found in the gallery, learnt, stopped, come back to."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Server, serving
from person import WAIT, Person
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("studio")) as running:
        yield running
        assert not running.errors(), running.errors()


class Learner(Person):
    """Someone at the page of tasks."""

    @property
    def studio(self) -> Any:
        return self.page.locator("main.studio")

    @property
    def curve(self) -> Any:
        """The error, as it is drawn."""
        return self.studio.locator("svg.plot polyline").first

    def press_here(self, name: str) -> None:
        self.studio.get_by_role("button", name=name, exact=True).click()

    def from_gallery(self, words: str) -> None:
        """Find a task in the gallery, and open its page."""
        self.press("Examples")
        dialog = self.page.locator("dialog")
        dialog.get_by_role("searchbox").fill(words)
        card = dialog.locator("button.card.is-script:visible")
        expect(card).to_contain_text("learns here, live")
        card.click()
        dialog.get_by_role("button", name="Learn it here").click()
        expect(self.studio).to_be_visible(timeout=WAIT)

    def learn(self) -> None:
        """Learn until there is a curve of this run."""
        self.press_here("Learn")
        expect(self.studio.locator(".finished")).to_be_hidden(timeout=WAIT)
        expect(self.studio.locator(".controls .share")).to_have_text(
            re.compile(r"\d+ %"), timeout=WAIT
        )


@pytest.mark.slow
def test_xor_is_learnt_from_the_gallery_stopped_and_come_back_to(
    home: Server, open_page: Callable[..., Any]
) -> None:
    person = Learner(open_page(home.url))
    person.from_gallery("spikeprop")
    studio, keyboard = person.studio, person.page.keyboard
    expect(studio.locator(".finished")).to_contain_text("examples/learning/spikeprop_xor.py")
    expect(person.curve).to_be_visible()  # the finished plot
    expect(studio.locator(".words")).to_have_text("Not learnt yet")
    person.set("values/epochs", "20000")
    person.set("values/rate", "0.0001")
    person.learn()
    drawn = person.curve.get_attribute("points")
    person.until(lambda: person.curve.get_attribute("points") != drawn, "the curve grows")
    person.set("values/hidden", "6")
    note, share = studio.locator(".note"), studio.locator(".controls .share")
    expect(note).to_contain_text("for the next run")
    # What is said once is not said again with every step of learning.
    note.evaluate("note => { note.firstChild.kept = true }")
    before = share.inner_text()
    person.until(lambda: share.inner_text() != before, "learning goes on")
    assert note.evaluate("note => note.firstChild.kept")
    # It goes on behind the canvas, where the status line leads back to it.
    keyboard.press("Escape")  # leaves the field
    keyboard.press("Escape")
    expect(studio).to_be_hidden()
    learning = person.page.locator(".status .learning")
    expect(learning).to_contain_text("learning: XOR by spike times")
    learning.click()
    expect(studio).to_be_visible()
    person.press_here("Stop")
    result = studio.locator(".result")
    expect(result).to_contain_text(re.compile(r"Stopped after [\d,]+ epochs"), timeout=WAIT)
    expect(studio.locator(".words")).to_have_text(re.compile(r"Stopped at \d+ %"))
    expect(learning).to_be_hidden()
    assert person.row("values/hidden").locator("input.field").input_value() == "6"
    with person.page.expect_download() as download:
        person.press_here("Save picture")
    assert download.value.suggested_filename == "spikeprop_xor.svg"
    saved = Path(download.value.path()).read_text()
    assert saved.count("<polyline") == studio.locator("svg.plot polyline").count()
    # The next run has the numbers that were set meanwhile, and reaches its end.
    person.set("values/rate", "0.01")
    person.set("values/pace", "1000")
    person.press_here("Learn")
    expect(result).to_contain_text("XOR is learnt after", timeout=WAIT)
    expect(studio.locator(".words")).to_have_text("Learnt")
    keyboard.press("Escape")
    keyboard.press("Escape")
    keyboard.press("l")
    expect(result).to_contain_text("XOR is learnt after")


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc").is_dir(), reason="the worker is found in /proc, on Linux only"
)
def test_what_is_wrong_is_one_sentence_and_what_was_drawn_stays(
    home: Server, open_page: Callable[..., Any]
) -> None:
    person = Learner(open_page(home.url))
    person.page.keyboard.press("l")
    studio = person.studio
    expect(studio).to_be_visible(timeout=WAIT)
    studio.get_by_role("combobox", name="Task").select_option("spikeprop_xor")
    person.set("values/epochs", "0")
    expect(person.row("values/epochs").locator(".problem")).to_contain_text("from 1 to 20\u2009000")
    person.set("values/epochs", "20000")
    expect(person.row("values/epochs").locator(".problem")).to_be_hidden()
    person.set("values/rate", "0.0001")
    person.learn()
    [worker] = [each for each in children(home.process.pid) if is_worker(each)]
    os.kill(worker, signal.SIGKILL)
    expect(studio.locator(".result.wrong")).to_contain_text("ended unexpectedly", timeout=WAIT)
    expect(person.curve).to_be_visible()
    expect(studio.locator(".save")).to_be_visible()
    # One that has no last word can be ended at once.
    person.learn()
    [worker] = [each for each in children(home.process.pid) if is_worker(each)]
    os.kill(worker, signal.SIGSTOP)
    person.press_here("Stop")
    expect(studio.locator(".words")).to_have_text("Stopping…", timeout=500)
    person.press_here("End at once")
    expect(studio.locator(".result")).to_contain_text("Stopped before it could say", timeout=WAIT)
    # No key is for the document that the page covers.
    state = person.page.locator(".status .state").inner_text()
    studio.focus()
    for key in (" ", ".", "Control+z", "Control+y"):
        person.page.keyboard.press(key)
    person.page.wait_for_timeout(300)
    assert person.page.locator(".status .state").inner_text() == state
    # The model page takes its place and the focus, and gives them back.
    studio.locator(".crown .ghost").focus()
    person.page.keyboard.press("m")
    expect(person.page.locator("main.modelpage")).to_be_visible(timeout=WAIT)
    expect(studio).to_be_hidden()
    expect(person.page.locator("main.modelpage")).to_be_focused()
    person.page.keyboard.press("l")
    expect(studio.locator(".result")).to_contain_text("Stopped before", timeout=WAIT)
    expect(person.page.locator("main.modelpage")).to_be_hidden()


def children(parent: int) -> list[int]:
    lists = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(child) for each in lists for child in each.read_text().split()]


def is_worker(process: int) -> bool:
    return b"workbench.studio.worker" in Path(f"/proc/{process}/cmdline").read_bytes()
