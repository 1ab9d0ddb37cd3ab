"""Someone at the page: sees and does what a person can see and do."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

WAIT = 20_000  # ms; a first run compiles its kernels


class Person:
    """Someone at the page: sees and does what a person can see and do."""

    def __init__(self, page: Any) -> None:
        self.page = page
        page.wait_for_selector(".react-flow__node", timeout=WAIT)

    def node(self, id: str) -> Any:
        return self.page.locator(f'.react-flow__node[data-id="{id}"]')

    def rate(self, id: str) -> float:
        """The rate written on a node, Hz; NaN, which is neither high nor low, while none is."""
        found = re.search(r"([\d.]+) Hz", self.node(id).locator(".rate").inner_text())
        return float(found[1]) if found else math.nan

    def factor(self) -> float:
        """How many times as fast as real time the run goes, as the top bar says; 0 without one."""
        found = re.search(r"× ([\d.]+)", self.page.locator(".clock .factor").inner_text())
        return float(found[1]) if found else 0.0

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def open_example(self, title: str) -> None:
        self.press("Examples")
        self.page.locator("button.card").filter(
            has=self.page.get_by_text(title, exact=True)
        ).click()
        unsaved = self.page.get_by_role("button", name="Discard")
        expect(self.page.locator(".react-flow__node").first).to_be_visible(timeout=WAIT)
        if unsaved.count():
            unsaved.click()

    def state(self, word: str) -> None:
        """Wait until the status line says ``word``."""
        expect(self.page.locator(".status .state")).to_have_text(word, timeout=WAIT)

    def until(self, holds: Callable[[], bool], what: str) -> None:
        for _ in range(400):
            if holds():
                return
            self.page.wait_for_timeout(50)
        pytest.fail(f"waited 20 s for: {what}")

    def steadily(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until it holds at each look of a second: what dips once does not."""
        held = [0]

        def long_enough() -> bool:
            held[0] = held[0] + 1 if holds() else 0
            return held[0] >= 20

        self.until(long_enough, what)

    def row(self, path: str) -> Any:
        return self.page.locator(f'.row[data-path="{path}"]')

    def set(self, path: str, text: str) -> None:
        """Type into a field of the inspector."""
        field = self.row(path).locator("input.field")
        field.fill(text)
        field.press("Enter")

    def middle(self, locator: Any) -> tuple[float, float]:
        """The middle of something, once it has come to rest: the canvas may still be fitting."""
        box, before = locator.bounding_box(), None
        while box != before:
            self.page.wait_for_timeout(60)
            box, before = locator.bounding_box(), box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def wire(self, source: str, target: str, port: str) -> None:
        """Drag from the output of one node to a port of another."""
        start = self.node(source).locator(".port.source")
        end = self.node(target).locator(f'.port[data-handleid="{port}"]')
        self.page.mouse.move(*self.middle(start))
        self.page.mouse.down()
        x, y = self.middle(end)
        self.page.mouse.move(x - 40, y + 5, steps=6)
        self.page.mouse.move(x, y, steps=6)
        self.page.mouse.up()

    def save_as(self, name: str) -> None:
        """Save under a new name; done when the page says that it is."""
        dialog = self.page.get_by_role("dialog")
        # Under an open dialog no key reaches the page.
        expect(dialog).to_have_count(0, timeout=WAIT)
        self.page.keyboard.press("Control+Shift+s")
        field = dialog.locator("input.field")
        field.fill(name)
        field.press("Enter")
        expect(dialog).to_have_count(0, timeout=WAIT)
        expect(self.page.locator(".toast").last).to_contain_text(f"{name}.json", timeout=WAIT)
        expect(self.page.locator(".saved")).to_have_text("saved", timeout=WAIT)
