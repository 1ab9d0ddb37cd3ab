"""Browser fixtures: a real server process, a real Chromium, and a page that tolerates no mishap."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
LOOPBACK = {"127.0.0.1", "localhost", "::1", ""}
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One headless Chromium for the tests of a file.

    While it is there Playwright's event loop runs in this thread, and other tests need their own.
    """
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install it (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Watch:
    """What a page did that it should not have done."""

    console: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def clean(self) -> None:
        """Fail if the page logged an error or asked another host for anything."""
        assert not self.console, f"console errors: {self.console}"
        assert not self.foreign, f"requests to other hosts: {self.foreign}"


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """``open_page(url, size=(1440, 900), theme="dark", script="")``: a page in a fresh context.

    ``script`` runs in the page before anything else.
    """
    opened: list[tuple[Any, Watch]] = []

    def open_(
        url: str, size: tuple[int, int] = (1440, 900), theme: str = "dark", script: str = ""
    ) -> Any:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=theme,
            accept_downloads=True,
        )
        page, watch = context.new_page(), Watch()
        page.on("console", lambda m: watch.console.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: watch.console.append(str(error)))

        def requested(request: Any) -> None:
            url = urlparse(request.url)
            if url.scheme not in ("data", "blob") and (url.hostname or "") not in LOOPBACK:
                watch.foreign.append(request.url)

        page.on("request", requested)
        if script:
            page.add_init_script(script)
        opened.append((context, watch))
        page.goto(url)
        return page

    yield open_
    for context, _ in opened:
        context.close()
    for _, watch in opened:
        watch.clean()


@dataclass
class Server:
    """A running ``workbench serve``; ``folder`` is its project folder."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]
    log: Path

    def errors(self) -> str:
        """What the log holds from the first traceback on; empty when there is none."""
        text = self.log.read_text(errors="replace")
        return text[text.find("Traceback") :] if "Traceback" in text else ""


@contextlib.contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[Server]:
    """``workbench serve`` in a process of its own, with ``folder`` as the current directory."""
    port, log = free_port(), folder / "server.log"
    command = [sys.executable, "-m", "workbench.cli", "serve", "--no-show", "--port", str(port)]
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [*command, *arguments], cwd=folder, stdout=sink, stderr=sink, env=os.environ.copy()
        )
        try:
            url = f"http://127.0.0.1:{port}/"
            deadline = time.monotonic() + 60
            while True:
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(url, timeout=10).close()
                    break
                assert process.poll() is None, log.read_text(errors="replace")
                assert time.monotonic() < deadline, "the server did not answer within a minute"
                time.sleep(0.1)
            yield Server(url, folder, process, log)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server shared by the tests that leave no trace on it."""
    with serving(tmp_path_factory.mktemp("project")) as running:
        yield running
        assert not running.errors(), running.errors()
