"""What it costs a run to be watched while it learns: the network of 4,000 and views of weights."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from engine.child import spawn
from engine.document import save
from workbench.bench.browser import Server, Visit, visit
from workbench.bench.measures import Figure, Peer
from workbench.bench.plasticity import cuba
from workbench.live.learning import FIELDS, HISTOGRAM, MATRIX, WINDOW

SEEN = (HISTOGRAM, MATRIX, FIELDS, WINDOW)  # what the tile of learning shows, in turn
REST_MS = 300  # between two arms
NETWORK = "4,000 neurons, 204,800 synapses that learn, one thread, full speed"

Watch = Callable[[Visit, Server, float], dict[str, float]]


def watched_learning(browser: Any, pairs: int, seconds: float, watch: Watch) -> list[Figure]:
    """The network of Vogels and Abbott with synapses that learn: its views over none, in turn.

    Once with frames that are made and go nowhere, which is what views cost the run itself; once
    with a page, whose browser works on the same cores.  ``watch`` runs the page for a while and
    tells simulated ms and seconds.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "learning.json"
        save(cuba(), path)
        alone = Peer(spawn, "workbench.bench.unwatched", str(path))
        try:
            found = [_frames(alone, kind, pairs, seconds) for kind in SEEN]
            return [*found, _page(alone, browser, path, pairs, seconds, watch)]
        finally:
            alone.close()


def _frames(alone: Peer, kind: str, pairs: int, seconds: float) -> Figure:
    """Frames with this view of learning over no frames."""
    alone.ask(f"{seconds / 2} {kind}")  # buffers grow
    ratios = []
    for _ in range(pairs):
        without = alone.ask(str(seconds))
        ratios.append(_per_ms(alone.ask(f"{seconds} {kind}")) / _per_ms(without))
    name = f"live: learning, run time with frames of the {kind} over none"
    return Figure(name, "times", ratios, NETWORK)


def _page(
    alone: Peer, browser: Any, path: Path, pairs: int, seconds: float, watch: Watch
) -> Figure:
    """A page with the weight matrix over no page."""
    ratios, rates = [], []
    with Server(document=path) as server, visit(browser, server) as person:
        person.full_speed()
        person.press("Run")
        person.moving(0.0)
        person.page.locator(".tile.learning select").select_option(MATRIX)
        person.page.wait_for_timeout(1000)
        person.press("Pause")
        for turn in range(pairs + 1):
            person.page.wait_for_timeout(REST_MS)
            without = alone.ask(str(seconds))
            person.page.wait_for_timeout(REST_MS)
            with_view = watch(person, server, seconds)
            if turn:  # before, either may still be growing its buffers
                rates.append(with_view["frames_s"])
                ratios.append(_per_ms(with_view) / _per_ms(without))
    note = f"{NETWORK}, the browser on the same cores, {median(rates):.0f} frames a second"
    return Figure("live: learning, run time with a page over none", "times", ratios, note)


def _per_ms(run: dict[str, float]) -> float:
    return run["wall_s"] / run["ms"]
