"""What is wrong is said in one sentence with its remedy, and nothing that was there is lost."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from conftest import Server, serving
from person import WAIT, Person
from playwright.sync_api import expect

from workbench.store.files import examples_folder

GOOD = json.loads((examples_folder() / "poisson_lif.json").read_text())
NASTY = """<img src=x onerror="window.hacked_=1">'"><script>window.hacked_=2</script>&amp;"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("bad")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_PROJECTS", str(folder))
        patch.delenv("WORKBENCH_DATA", raising=False)
        (folder / "good.json").write_text(json.dumps(GOOD))
        with serving(folder, str(folder / "good.json")) as running:
            yield running
            assert not running.errors(), running.errors()


@pytest.fixture
def person(home: Server, open_page: Callable[..., Any]) -> Person:
    return Person(open_page(home.url))


def changed(*path: Any, value: Any) -> str:
    """The good document with another value at a place, as text."""
    document = deepcopy(GOOD)
    part = document
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return json.dumps(document)


def bring(person: Person, folder: Path, name: str, content: str | bytes) -> None:
    """Open a file from the desktop."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    person.page.keyboard.press("Control+o")
    person.page.get_by_role("dialog").locator("input[type=file]").set_input_files(path)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("words.json", "hello", "this is not JSON"),
        ("bytes.json", bytes(range(256)), "this is not JSON"),
        ("list.json", "[]", "a document is a JSON object"),
        ("newer.json", changed("version", value=9), "newer Spiking Workbench"),
        ("field.json", changed("nodes", 0, "colour", value=1), "`colour` is not a field"),
        ("deep.json", "[" * 50_000, "nested"),
        ("large.json", " " * 8_400_000 + "{}", "8 MB"),
    ],
)
def test_a_file_that_cannot_be_opened_is_explained_and_the_work_stays(
    person: Person, tmp_path: Path, name: str, content: str | bytes, reason: str
) -> None:
    page = person.page
    person.node("cells").click()
    person.set("size", "33")
    bring(person, tmp_path, name, content)
    if "8 MB" not in reason:  # what is too large is not even sent
        page.get_by_role("button", name="Discard changes").click()
    said = page.locator(".toast.is-error, .refusal")
    expect(said).to_contain_text(reason, timeout=WAIT)
    expect(said).to_contain_text(name)
    page.keyboard.press("Escape")
    expect(person.row("size").locator("input.field")).to_have_value("33")
    expect(page.locator(".saved")).to_have_text("not saved")


def test_a_question_stays_when_the_browser_tells_late_that_the_dialog_before_closed(
    person: Person, tmp_path: Path
) -> None:
    """A browser tells so with its next frame; the answer of the server may come before it."""
    page = person.page
    person.node("cells").click()
    person.set("size", "33")
    bring(person, tmp_path, "list.json", "[]")
    discard = page.get_by_role("button", name="Discard changes")
    discard.wait_for(timeout=WAIT)
    page.get_by_role("dialog").evaluate("dialog => dialog.dispatchEvent(new Event('close'))")
    discard.click()
    expect(page.locator(".toast.is-error")).to_contain_text("a document is", timeout=WAIT)


def test_a_document_with_mistakes_opens_and_lists_them(person: Person, tmp_path: Path) -> None:
    document = json.loads(changed("simulation", "dt", value=0))
    document["nodes"][0]["size"] = -3
    document["edges"][0]["rule"] = {"kind": "some"}
    bring(person, tmp_path, "mistakes.json", json.dumps(document))
    page = person.page
    problems = page.locator("button.problems")
    expect(problems).to_contain_text("problems", timeout=WAIT)
    person.press("Run")
    toast = page.locator(".toast.is-error")
    expect(toast).to_contain_text("and 2 more", timeout=WAIT)
    problems.click()
    expect(page.get_by_role("dialog").locator("button.row.is-error")).to_have_count(3)


def test_a_network_too_large_for_the_machine_says_how_large_it_is(person: Person) -> None:
    person.node("cells").click()
    person.set("size", "1000000000")
    person.press("Run")
    person.state("failed")
    toast = person.page.locator(".toast.is-error")
    expect(toast).to_contain_text("1,000,000,000 neurons")
    expect(toast).to_contain_text("smaller")
    person.set("size", "20")
    person.press("Run")
    person.state("running")


def test_a_recording_that_is_not_there_says_how_to_get_it(person: Person) -> None:
    person.open_example("A recorded spike train as the input")
    person.page.wait_for_timeout(300)
    person.press("Run")
    person.state("failed")
    expect(person.page.locator(".toast.is-error")).to_contain_text("WORKBENCH_DATA")


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on another process is Linux's")
def test_a_full_disk_loses_neither_the_file_nor_the_work(person: Person, home: Server) -> None:
    page = person.page
    person.save_as("kept")
    before = (home.folder / "kept.json").read_bytes()
    person.node("cells").click()
    person.set("size", "44")
    limits = resource.prlimit(home.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(home.process.pid, resource.RLIMIT_FSIZE, (len(before) // 2, limits[1]))
    try:
        page.keyboard.press("Control+s")
        toast = page.locator(".toast.is-error")
        expect(toast).to_contain_text('cannot save "kept.json"', timeout=WAIT)
    finally:
        resource.prlimit(home.process.pid, resource.RLIMIT_FSIZE, limits)
    assert (home.folder / "kept.json").read_bytes() == before
    assert not list(home.folder.glob(".kept*"))
    expect(page.locator(".saved")).to_have_text("not saved")
    page.keyboard.press("Control+s")
    expect(page.locator(".saved")).to_have_text("saved", timeout=WAIT)
    assert json.loads((home.folder / "kept.json").read_text())["nodes"]


def nasty_document() -> dict[str, Any]:
    """A document whose every text tries to be markup."""
    document = deepcopy(GOOD)
    document["name"] = document["description"] = NASTY
    for node in document["nodes"]:
        node["label"] = NASTY
    spikes = {"path": NASTY, "column": NASTY}
    document["nodes"].append(
        {
            "id": "file",
            "kind": "source",
            "model": "spike_file",
            "label": NASTY,
            "parameters": spikes,
        }
    )
    document["nodes"].append({"id": "own", "kind": "population", "model": NASTY, "size": 2})
    document["edges"][0]["rule"] = {"kind": NASTY}
    document["layout"]["notes"] = [{"text": NASTY, "position": [0, 0]}]
    parameters = {"tau": {"default": 10, "unit": "ms", "doc": NASTY}}
    model = {"name": "mine", "title": NASTY, "source": NASTY, "equations": "dv/dt = -v/tau"}
    model |= {"threshold": "v > 1", "reset": "v = 0", "parameters": parameters}
    document["models"] = [model]
    return document


def test_what_a_loaded_document_says_is_never_markup(person: Person, tmp_path: Path) -> None:
    page = person.page
    bring(person, tmp_path, "nasty & <b>.json", json.dumps(nasty_document()))
    person.node("own").wait_for(timeout=WAIT)
    for item in page.locator(".react-flow__node, .react-flow__edge").all():
        item.click(force=True)
        page.wait_for_timeout(150)
        for name in page.locator(".panel .row .name").all()[:3]:
            name.hover()
            page.wait_for_timeout(280)  # until the tooltip is there
    page.locator("button.problems").click()
    expect(page.get_by_role("dialog").locator("button.row").first).to_be_visible()
    page.keyboard.press("Escape")
    person.press("Run")
    expect(page.locator(".toast.is-error")).to_be_visible(timeout=WAIT)
    page.keyboard.press("/")
    page.keyboard.type("<img")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Shift+s")
    page.get_by_role("dialog").locator("input.field").fill(NASTY)
    page.keyboard.press("Enter")
    expect(page.locator(".refusal")).to_contain_text("file name")
    assert page.evaluate("window.hacked_") is None
    assert page.locator("img, iframe").count() == 0
    expect(page).to_have_title(f"{NASTY} · Spiking Workbench")
