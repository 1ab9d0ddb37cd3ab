"""The page as a person meets it: a server process and a headless Chromium, for measuring."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engine.child import spawn
from engine.errors import BackendError

SIZE = {"width": 1440, "height": 900}
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
HERE = {"127.0.0.1", "localhost"}
START = 60.0  # s that a server may take before it counts as failed
READY_MS = 60_000
# Runs in the page before anything else: notes clicks, frames and long tasks, all on one clock.
NOTES = """
window.notes_ = {clicks: [], frames: [], long: []}
addEventListener("click", () => notes_.clicks.push(performance.now()), true)
addEventListener("workbench:frame", ({detail}) =>
  notes_.frames.push([performance.now(), detail.time]))
new PerformanceObserver(list => {
  for (const task of list.getEntries()) notes_.long.push([task.startTime, task.duration])
}).observe({entryTypes: ["longtask"]})
"""
USABLE = """() => {
  const find = (root, chosen) => root.querySelector(chosen) ?? [...root.querySelectorAll("*")]
    .filter(element => element.shadowRoot)
    .reduce((found, element) => found ?? find(element.shadowRoot, chosen), null)
  return find(document, ".react-flow__node") && find(document, ".runner .main:not([disabled])")
}"""


@contextmanager
def chromium() -> Iterator[Any]:
    """A headless Chromium.  Raises BackendError that says what is missing."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        message = "measuring the page needs Playwright; install it with `pip install playwright`"
        raise BackendError(message) from None
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, NAMES)), None)
        try:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        except Error:
            raise BackendError(
                "measuring the page needs Chromium; install it with `playwright install chromium`"
            ) from None
        try:
            yield browser
        finally:
            browser.close()


class Server:
    """``workbench serve`` in a process and an empty folder of its own, with ``document`` or the
    first example."""

    def __init__(
        self, environment: Mapping[str, str] | None = None, document: Path | None = None
    ) -> None:
        self._folder = tempfile.TemporaryDirectory()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/"
        self.log = Path(self._folder.name) / "server.log"
        self.started = time.perf_counter()
        with self.log.open("wb") as sink:
            self.process = spawn(
                "workbench",
                *("serve", "--no-show", "--port", str(port)),
                *([] if document is None else [str(document)]),
                environment={"WORKBENCH_PROJECTS": self._folder.name, **(environment or {})},
                cwd=self._folder.name,
                stdout=sink,
                stderr=sink,
            )
        self._wait_for(port)

    def _wait_for(self, port: int) -> None:
        while time.perf_counter() < self.started + START:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        self.close()
        raise BackendError("the server to be measured did not start; try `workbench serve`")

    def cpu_s(self) -> float | None:
        """Seconds of processor time used so far; None where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the server and remove its folder."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._folder.cleanup()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass
class Visit:
    """A browser at the page of ``server``, usable from ``usable_s`` after the server's start."""

    page: Any
    usable_s: float = 0.0
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def press(self, name: str) -> None:
        """Click on a button of the run group."""
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def full_speed(self) -> None:
        """Move the slider of the speed to its end: as fast as possible."""
        slider = self.page.locator(".speed input[type=range]")
        slider.focus()
        slider.press("End")

    def notes(self) -> dict[str, list[Any]]:
        """Clicks, frames (when, simulated ms) and long tasks (when, how long) in ms since load."""
        return self.page.evaluate("notes_")

    def moving(self, since: float, seconds: float = READY_MS / 1000) -> None:
        """Wait for a frame later than ``since`` simulated ms."""
        condition = f"notes_.frames.some(([_, time]) => time > {since})"
        self.page.wait_for_function(condition, timeout=1000 * seconds)


@contextmanager
def visit(browser: Any, server: Server) -> Iterator[Visit]:
    """Open the page in a fresh context and wait until its nodes stand and Run can be pressed."""
    context = browser.new_context(viewport=SIZE, color_scheme="dark")
    try:
        page = context.new_page()
        made = Visit(page)
        page.on("console", lambda m: made.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: made.errors.append(str(error)))
        page.on("request", lambda request: _note_foreign(request.url, made.foreign))
        page.add_init_script(NOTES)
        page.goto(server.url)
        page.wait_for_function(USABLE, timeout=READY_MS)
        made.usable_s = time.perf_counter() - server.started
        yield made
    finally:
        context.close()


def _note_foreign(url: str, foreign: list[str]) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("data", "blob") and parts.hostname not in HERE:
        foreign.append(url)
