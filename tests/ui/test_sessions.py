"""Pages that come and go: what they held comes back, and the log stays quiet."""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import Any

import pytest

from engine.runtime import Simulation
from workbench import server as serving
from workbench.live.run import LiveRun
from workbench.session import Session


@pytest.fixture
def lifetime() -> int:
    """How long a closed page is remembered, ms."""
    return 500


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch, lifetime: int) -> Iterator[str]:
    """The workbench served by this very process."""
    # A record of the log would keep alive what it speaks of.
    logging.disable(logging.INFO)
    monkeypatch.setattr(serving, "UNUSED_SESSION_MS", lifetime)
    monkeypatch.setattr(serving, "CHECK_SESSIONS_MS", 200)
    port = serving.free_port("127.0.0.1")
    ready, box = threading.Event(), {}

    def serve() -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        box["server"] = made = serving.make_server(port=port)
        made.start()
        made.io_loop.add_callback(ready.set)
        made.io_loop.start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert ready.wait(60)
    yield f"http://127.0.0.1:{port}/"
    logging.disable(logging.NOTSET)
    server = box["server"]
    server.io_loop.add_callback(server.stop)
    server.io_loop.add_callback(server.io_loop.stop)
    thread.join(10)


def alive(*kinds: type) -> dict[str, int]:
    gc.collect()
    found = gc.get_objects()
    return {kind.__name__: sum(type(item) is kind for item in found) for kind in kinds}


def simulating() -> list[str]:
    return [made.name for made in threading.enumerate() if made.name.startswith("simulate")]


def eventually(holds: Callable[[], bool], seconds: float = 15.0) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.1)
    return holds()


def visit(browser: Any, url: str, seconds: float) -> None:
    """Run at full speed and close the page while frames are on their way."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(
        "window.moved_ = 0; addEventListener('workbench:frame', e => { moved_ = e.detail.time })"
    )
    page.goto(url)
    page.wait_for_selector(".react-flow__node")
    slider = page.locator(".speed input[type=range]")
    slider.focus()
    slider.press("End")
    page.get_by_role("button", name="Run", exact=True).first.click()
    page.wait_for_function("moved_ > 0", timeout=60_000)
    page.wait_for_timeout(1000 * seconds)
    context.close()


def live_runs() -> list[LiveRun]:
    """Every live run of this process that something still holds."""
    gc.collect()
    return [item for item in gc.get_objects() if type(item) is LiveRun]


@pytest.mark.slow
def test_ten_pages_closed_while_they_run_leave_nothing_behind(
    browser: Any, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    kinds = (Session, LiveRun, Simulation)
    before = alive(*kinds)
    draw = random.Random(4)
    with caplog.at_level(logging.WARNING):
        for _ in range(10):
            visit(browser, url, draw.uniform(0.05, 0.4))
        assert eventually(lambda: alive(*kinds) == before), alive(*kinds)
    # The pool's threads end by themselves when nothing has been due for a while.
    assert eventually(lambda: not simulating()), simulating()
    assert not [record.getMessage() for record in caplog.records if record.exc_info]
    assert "Traceback" not in caplog.text
    assert "never retrieved" not in caplog.text


@pytest.mark.parametrize("lifetime", [60_000])
def test_a_run_that_nobody_sees_pauses(browser: Any, url: str) -> None:
    earlier = live_runs()  # of tests before this one, held here so that no id is used again
    visit(browser, url, 0.1)
    (run,) = [item for item in live_runs() if all(item is not other for other in earlier)]
    # The page is gone already, so it may have paused by now: that it ran is in its time.
    assert eventually(lambda: run.state == "paused")
    shown = run.time_ms
    time.sleep(0.5)
    assert run.time_ms == shown > 0


def test_small_packets_of_a_page_are_not_held_back(browser: Any, url: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(".react-flow__node")
    sockets = [item for item in gc.get_objects() if type(item) is serving.PromptSocket]
    (stream,) = [item.ws_connection.stream for item in sockets if item.ws_connection is not None]
    assert stream.socket.getsockopt(IPPROTO_TCP, TCP_NODELAY)
    context.close()
