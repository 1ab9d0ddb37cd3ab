"""Takes every picture in docs/images from the running workbench.

Needs Chromium and the ``test`` extra: ``python docs/take_screenshots.py``.  Pictures are named
screen-theme-width.webp; each is looked at by a person before it is committed.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "ui"))

from conftest import CHROMIUM, FLAGS, serving  # noqa: E402  (found through the line above)

IMAGES = ROOT / "docs" / "images"
SIZES = ((1440, 900), (1024, 768))
THEMES = ("dark", "light")
QUALITY = 74


def running(page: Any) -> None:
    """The first example, a few seconds into its run."""
    page.get_by_role("button", name="Run", exact=True).first.click()
    page.locator(".status .state", has_text="running").wait_for(timeout=120_000)
    page.wait_for_timeout(3500)


def node(page: Any) -> None:
    """A population selected while it runs: all its parameters at once."""
    running(page)
    page.locator('.react-flow__node[data-id="exc"] .name').click()
    page.wait_for_timeout(400)


def wire(page: Any) -> None:
    """A connection selected."""
    page.locator('.react-flow__edge[data-id="exc-inh"] .react-flow__edge-interaction').click(
        force=True
    )
    page.wait_for_timeout(400)


def gallery(page: Any) -> None:
    """The examples."""
    page.get_by_role("button", name="File").click()
    page.get_by_role("menuitem", name="Examples").click()
    page.locator("button.card").first.wait_for()
    page.wait_for_timeout(300)


def empty(page: Any) -> None:
    """A new document: what an empty page teaches."""
    page.get_by_role("button", name="File").click()
    page.get_by_role("menuitem", name="New").click()
    page.wait_for_timeout(600)


def keys(page: Any) -> None:
    """The keyboard sheet."""
    page.keyboard.press("?")
    page.wait_for_timeout(400)


def model(page: Any) -> None:
    """The model page: a neuron of four variables, two of them as a plane."""
    page.keyboard.press("m")
    page.locator('.entry[data-model="hodgkin_huxley"]').click()
    page.locator(".pane.plane path.line").first.wait_for(timeout=120_000)
    page.locator(".pane.curve path.line").wait_for(timeout=120_000)
    page.wait_for_timeout(600)


def learning(page: Any) -> None:
    """A task while it is learnt."""
    page.keyboard.press("l")
    page.locator(".pick-task").select_option("spikeprop_xor")
    page.get_by_role("button", name="Learn", exact=True).click()
    page.locator(".save").wait_for(timeout=60_000)
    page.wait_for_timeout(4000)


SCREENS: tuple[Callable[[Any], None], ...] = (
    running,
    node,
    wire,
    model,
    learning,
    gallery,
    empty,
    keys,
)


def take(browser: Any, url: str, screen: Callable[[Any], None], theme: str, size: tuple) -> Path:
    """One picture."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=theme
    )
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(".react-flow__node", timeout=60_000)
    page.wait_for_timeout(500)
    screen(page)
    picture = Image.open(io.BytesIO(page.screenshot()))
    path = IMAGES / f"{screen.__name__}-{theme}-{size[0]}.webp"
    picture.save(path, quality=QUALITY, method=6)
    context.close()
    return path


def main(names: list[str]) -> None:
    """All pictures, or those of the named screens."""
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for screen in SCREENS:
            if names and screen.__name__ not in names:
                continue
            for theme in THEMES:
                for size in SIZES:
                    path = take(browser, server.url, screen, theme, size)
                    print(path.relative_to(ROOT), f"{path.stat().st_size / 1000:.0f} kB")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
