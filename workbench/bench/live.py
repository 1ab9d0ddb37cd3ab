"""The live path, from `workbench serve` to moving pictures, measured in a real browser."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from statistics import median
from typing import Any

from engine.child import spawn
from workbench.bench.browser import Server, Visit, chromium, visit
from workbench.bench.live_learning import watched_learning
from workbench.bench.measures import Figure, Peer
from workbench.store.files import FIRST_EXAMPLE

WATCHED_S = 5.0  # of moving pictures, for frames a second and the longest block
PART_S = 3.0  # of every arm of the comparison with and without a view
REST_MS = 300  # between two arms
CACHE = "WORKBENCH_CACHE"


def live(quick: bool, repeats: int) -> list[Figure]:
    """All figures of the live path; a quick run leaves out the first Run ever, which compiles.

    Raises BackendError where there is no browser to measure.
    """
    with chromium() as browser:
        starts = [_start(browser) for _ in range(1 if quick else repeats)]
        first = [] if quick else [_first_ever(browser)]
        watched, strangers, errors = _watched(browser, 1 if quick else 3, _share(quick))
        tax = _beside_no_view(browser, 2 if quick else 2 * repeats, PART_S * _share(quick))
        seconds = PART_S * _share(quick)
        tax += watched_learning(browser, 1 if quick else repeats, seconds, _watch)
    clean = [
        Figure("live: requests to other hosts", "", [float(len(strangers))], "; ".join(strangers)),
        Figure("live: console errors", "", [float(len(errors))], "; ".join(errors)),
    ]
    started = Figure("live: serve to a usable page", "s", starts, "kernels in the cache")
    return [started, *first, *watched, *tax, *clean]


def _share(quick: bool) -> float:
    """How much of the full time a quick run watches."""
    return 0.4 if quick else 1.0


def _start(browser: Any) -> float:
    with Server() as server, visit(browser, server) as person:
        return person.usable_s


def _first_ever(browser: Any) -> Figure:
    """Run pressed at once on a server that has never compiled anything."""
    with tempfile.TemporaryDirectory() as empty:
        with Server({CACHE: empty}) as server, visit(browser, server) as person:
            seconds = _first_frame(person)
            note = f"{_said(person)}; page usable after {person.usable_s:.2f} s"
    return Figure("live: first Run ever to first moving frame", "s", [seconds], note)


def _first_frame(person: Visit) -> float:
    """Press Run; seconds from the click to the first frame in which time has passed.

    The words beside the run while it is built are noted in the page.
    """
    person.page.evaluate(WORDS)
    person.press("Run")
    person.moving(0.0)
    notes = person.notes()
    click = notes["clicks"][-1]
    first = next(when for when, time in notes["frames"] if when > click and time > 0)
    return (first - click) / 1000


WORDS = """() => {
  window.words_ = []
  const find = (root, chosen) => root.querySelector(chosen) ?? [...root.querySelectorAll("*")]
    .filter(element => element.shadowRoot)
    .reduce((found, element) => found ?? find(element.shadowRoot, chosen), null)
  const words = find(document, "footer .message")
  new MutationObserver(() => words.textContent && words_.push(words.textContent))
    .observe(words, {childList: true, characterData: true, subtree: true})
}"""


def _said(person: Visit) -> str:
    words = dict.fromkeys(person.page.evaluate("words_"))
    return f"said: {'; '.join(words)}" if words else "said nothing"


def _watched(browser: Any, repeats: int, share: float) -> tuple[list[Figure], list[str], list[str]]:
    """Runs watched for a while: the first frame, frames a second, the longest block."""
    firsts, rates, blocks, strangers, errors = [], [], [], [], []
    with Server() as server:
        for _ in range(repeats):
            with visit(browser, server) as person:
                firsts.append(_first_frame(person))
                person.page.wait_for_timeout(1000 * WATCHED_S * share)
                notes = person.notes()
            click = notes["clicks"][-1]
            rates.append(_rate(notes["frames"], click))
            blocks.append(max((how for when, how in notes["long"] if when >= click), default=0.0))
            strangers += person.foreign
            errors += person.errors
    figures = [
        Figure("live: Run to first moving frame", "s", firsts, "kernels in the cache"),
        Figure("live: frames a second", "1/s", rates, "all 4,000 neurons, at real time"),
        Figure("live: longest block of the page", "ms", blocks, "0: none above 50 ms"),
    ]
    return figures, strangers, errors


def _rate(frames: list[Any], click: float) -> float:
    """Frames a second that show something new."""
    moved = [after for before, after in pairwise(frames) if after[1] > before[1] > 0]
    moved = [when for when, _ in moved if when > click]
    return 1000 * (len(moved) - 1) / (moved[-1] - moved[0])


def _beside_no_view(browser: Any, pairs: int, seconds: float) -> list[Figure]:
    """The same live run at full speed with the page and with none, in turn."""
    alone = Peer(spawn, "workbench.bench.unwatched", FIRST_EXAMPLE)
    ratios, cpu, rates = [], [], []
    try:
        with Server() as server, visit(browser, server) as person:
            person.full_speed()
            _first_frame(person)
            person.page.wait_for_timeout(1000)
            person.press("Pause")
            for turn in range(pairs + 1):
                person.page.wait_for_timeout(REST_MS)
                without = alone.ask(str(seconds))
                person.page.wait_for_timeout(REST_MS)
                with_view = _watch(person, server, seconds)
                if turn == 0:
                    continue  # either may still be growing its buffers
                ratios.append(_per_ms(with_view, "wall_s") / _per_ms(without, "wall_s"))
                rates.append(with_view["frames_s"])
                if "cpu_s" in with_view:
                    cpu.append(_per_ms(with_view, "cpu_s") / _per_ms(without, "cpu_s"))
    finally:
        alone.close()
    note = f"full speed, {median(rates):.0f} frames a second"
    found = [Figure("live: run time with the view over without", "times", ratios, note)]
    if cpu:
        note = "processor time of the server for the same simulated time"
        found.append(Figure("live: server's work with the view over without", "times", cpu, note))
    return found


def _watch(person: Visit, server: Server, seconds: float) -> dict[str, float]:
    """Run for a while at full speed and pause; simulated ms, seconds, processor seconds."""
    person.page.evaluate("notes_.frames.length = 0")
    person.press("Run")
    person.page.wait_for_function("notes_.frames.length > 5")
    before = server.cpu_s()
    count = len(person.notes()["frames"])
    person.page.wait_for_timeout(1000 * seconds)
    frames = person.notes()["frames"][count - 1 :]
    after = server.cpu_s()
    person.press("Pause")
    (begin, first), (end, last) = frames[0], frames[-1]
    found = {"ms": last - first, "wall_s": (end - begin) / 1000}
    found["frames_s"] = (len(frames) - 1) / found["wall_s"]
    if before is not None and after is not None:
        found["cpu_s"] = after - before
    return found


def _per_ms(run: dict[str, float], what: str) -> float:
    return run[what] / run["ms"]
