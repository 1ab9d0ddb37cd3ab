"""The live tiles in a real browser: they move while the run goes on, at the browser's own pace."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import free_port

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A served page of tiles, in a process of its own."""
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("live_page.py")), str(port)]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)})
    address = f"http://127.0.0.1:{port}/"
    try:
        end = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(address, timeout=10).close()
                break
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def until(page: Any, condition: str, seconds: float = 60) -> None:
    page.wait_for_function(condition, timeout=seconds * 1000)


def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def picture(page: Any, tile: str) -> str:
    return page.locator(f".tile.{tile} canvas").evaluate("canvas => canvas.toDataURL()")


def drawn(page: Any, tile: str) -> int:
    """Pixels of a tile that are not empty."""
    return page.locator(f".tile.{tile} canvas").evaluate(
        """canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
            .filter((value, place) => place % 4 === 3 && value > 0).length"""
    )


def newest(page: Any) -> dict[str, Any]:
    return page.evaluate("window.frames_.at(-1)")


@pytest.fixture
def page(open_page: Callable[..., Any], url: str) -> Any:
    made = open_page(url, (1000, 420))
    made.wait_for_selector(".board")
    until(made, "window.frames_ && window.frames_.length > 0")
    return made


def press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def start(page: Any) -> None:
    press(page, "Run")
    until(page, "window.frames_.at(-1).time > 100")


def test_before_the_first_run_the_tiles_say_what_would_fill_them(page: Any) -> None:
    assert page.get_by_text("Press Run to see spikes").is_visible()
    assert drawn(page, "raster") == 0


def test_the_raster_moves_while_the_run_goes_on_and_no_task_is_long(page: Any) -> None:
    start(page)
    page.evaluate("window.long_.length = 0; window.frames_.length = 0")
    begin = time.monotonic()
    pictures = set()
    for _ in range(4):
        pictures.add(picture(page, "raster"))
        time.sleep(0.25)
    until(page, "window.frames_.length > 20")
    assert len(pictures) == 4
    assert page.evaluate("window.frames_.length") / (time.monotonic() - begin) > 5
    assert max(page.evaluate("window.long_"), default=0) < 200
    times = page.evaluate("window.frames_.map(frame => frame.time)")
    assert times == sorted(times)
    assert not page.get_by_text("Press Run to see spikes").is_visible()


def test_every_frame_carries_the_lines_and_rates_of_the_nodes(page: Any) -> None:
    start(page)
    until(page, "window.frames_.at(-1).time > 600")
    detail = page.evaluate(
        """() => Object.fromEntries(Object.entries(window.frames_.at(-1).nodes)
            .map(([id, node]) => [id, {...node, line: [...node.line]}]))"""
    )
    assert set(detail) == {"exc", "inh", "drive"}
    assert detail["drive"]["kind"] == "spikes"
    assert detail["drive"]["rate"] == pytest.approx(50, rel=0.2)
    assert detail["exc"]["kind"] == "trace"
    line = [value for value in detail["exc"]["line"] if value is not None]
    assert len(line) == len(detail["exc"]["line"]) == 80
    assert detail["exc"]["min"] <= min(line) < max(line) <= detail["exc"]["max"]
    assert newest(page)["state"] == "running"
    label = page.locator(".tile.rates canvas").get_attribute("aria-label")
    assert "Excitatory" in label
    assert "Hz" in label


def test_no_frame_is_sent_to_a_browser_that_does_not_draw(page: Any) -> None:
    start(page)
    page.evaluate(
        """() => {
            window.waiting_ = []
            window.raf_ = window.requestAnimationFrame
            window.requestAnimationFrame = draw => window.waiting_.push(draw)
        }"""
    )
    time.sleep(0.3)
    before = page.evaluate("window.frames_.length")
    time.sleep(1.0)
    assert page.evaluate("window.frames_.length") == before
    page.evaluate(
        """() => {
            window.requestAnimationFrame = window.raf_
            window.waiting_.forEach(draw => draw())
        }"""
    )
    until(page, f"window.frames_.length > {before + 10}", 20)
    # The one frame that was on its way is followed by the newest: nothing had queued.
    times = page.evaluate(f"window.frames_.slice({before - 1}).map(frame => frame.time)")
    steps = [after - earlier for earlier, after in pairwise(times)]
    assert max(steps) > 700
    assert sorted(steps)[-2] < 500


def test_pausing_keeps_what_is_shown_and_a_change_of_looks_redraws_it(page: Any) -> None:
    start(page)
    press(page, "Pause")
    until(page, "window.frames_.at(-1).state === 'paused'")
    time.sleep(0.3)
    before = {tile: picture(page, tile) for tile in ("raster", "traces", "rates")}
    time.sleep(0.3)
    assert {tile: picture(page, tile) for tile in before} == before
    spikes = drawn(page, "raster")
    assert spikes > 1000
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    time.sleep(0.3)
    assert all(picture(page, tile) != before[tile] for tile in before)
    assert drawn(page, "raster") == pytest.approx(spikes, rel=0.2)
    page.set_viewport_size({"width": 1300, "height": 420})
    until(page, "document.body.offsetWidth > 1200")
    page.locator(".window").select_option("1000")
    eventually(lambda: drawn(page, "raster") > 1000 and drawn(page, "traces") > 200)


def test_changing_the_time_shown_during_a_run_fails_nothing(page: Any) -> None:
    start(page)
    for window in ("100", "5000", "200", "2000", "1000", "500"):
        page.locator(".window").select_option(window)
        time.sleep(0.05)
    count = page.evaluate("window.frames_.length")
    until(page, f"window.frames_.length > {count + 15}")
    eventually(lambda: drawn(page, "raster") > 500)


def test_reset_empties_the_tiles(page: Any) -> None:
    start(page)
    press(page, "Reset")
    until(page, "window.frames_.at(-1).state === 'ready'")
    page.get_by_text("Press Run to see spikes").wait_for()
    assert drawn(page, "raster") == 0
    assert newest(page)["nodes"] == {}


def test_the_pointer_names_neuron_and_time(page: Any) -> None:
    start(page)
    press(page, "Pause")
    box = page.locator(".tile.raster canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    words = page.locator(".tile.raster .detail")
    page.wait_for_function(
        "e => /ms · Excitatory \\d/.test(e.textContent)", arg=words.element_handle()
    )


def test_tiles_are_resized_by_keyboard_and_reordered_by_drag(page: Any) -> None:
    start(page)
    raster = page.locator(".tile.raster")
    before = raster.bounding_box()["width"]
    page.locator(".tile.raster .divider").focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    assert raster.bounding_box()["width"] == pytest.approx(before - 48, abs=3)
    title, target = page.locator(".tile.rates .title").bounding_box(), raster.bounding_box()
    page.mouse.move(title["x"] + 20, title["y"] + 8)
    page.mouse.down()
    page.mouse.move(target["x"] + 10, title["y"] + 8, steps=5)
    page.mouse.up()
    assert page.locator(".tile.rates").bounding_box()["x"] < raster.bounding_box()["x"]
    eventually(lambda: drawn(page, "raster") > 500)
