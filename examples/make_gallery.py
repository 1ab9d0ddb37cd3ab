"""Writes what the cards of the gallery show: a picture of each example, its size, its time.

    python examples/make_gallery.py [NAME ...]           pictures and sizes: of these, or of all
    python examples/make_gallery.py --times [NAME ...]   times alone; let nothing else run then

A picture is a few hundred dots or some lines in a frame of 480 by 200, of what a short run did:
weights that learn, as lines over time; a sheet in space, as three moments; spikes of every
population otherwise, or membranes where there are hardly any neurons.  Run it after changing an
example: what was measured of another document is not shown.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import engine
from engine.document import Document, Recorder, content_hash
from engine.document.plasticity import releases
from workbench.bench.history import machine
from workbench.store.files import MEASURED, examples

LEFT, RIGHT, TOP, BOTTOM = 16, 464, 14, 186  # the frame within 480 by 200
MOST_DOTS, LINES, MOMENTS = 360, 14, 28
SEED = 5
# How long the run of a picture is [ms of simulated time]; the beginning is left out of spikes.
DEFAULT, LEARNING, SETTLING = 500.0, 20_000.0, 100.0
SPANS = {
    "axon": 60.0, "bcm": 40_000.0, "brunel": 150.0, "microcircuit": 300.0, "r_stdp": 30_000.0,
    "code_bsa": 1000.0, "code_temporal": 1000.0, "codes_change": 500.0, "code_rank_order": 300.0,
    "code_binary": 300.0, "code_latency": 300.0, "codes": 200.0, "code_population": 300.0,
    "code_burst": 300.0, "code_phase": 300.0, "izhikevich_1000": 1000.0, "stdp": 100_000.0,
    "digits": 10_000.0,
    "stdp_nearest": 10_000.0, "stdp_triplet": 6000.0, "stdp_triplet_nearest": 10_000.0,
    "supervised_hebb": 12_000.0, "two_thresholds": 6000.0, "tsodyks_markram": 3000.0,
    "vogels_abbott": 400.0, "waves": 900.0, "waves_ball": 700.0, "brunel_synchronous": 12.0,
    "brunel_fast": 25.0, "brunel_slow": 300.0, "microcircuit_whole": 300.0, "synfire": 450.0,
    "winner_takes_all": 3000.0, "rates_through_layers": 1100.0,
}  # fmt: skip
SHEET_EVERY, SHEET_SHOWN = 12.0, 5.0  # ms from one moment of a sheet to the next; spikes of these

Part = dict[str, str | int]  # node or place in the palette, kind, SVG path


def picture(name: str, document: Document) -> list[Part]:
    """The parts of a picture; kinds are "dots" and "line"."""
    learns = [edge for edge in document.edges if edge.plasticity and not releases(edge)]
    span = SPANS.get(name, LEARNING if learns else DEFAULT)
    if learns:
        return weights(document, span)
    placed = [node for node in document.populations if node.is_placed]
    if len(placed) == len(document.populations) == 1:
        return sheet(document, placed[0].id, span)
    if sum(node.size for node in document.populations) <= 3:
        return membranes(document, span)
    return spikes(document, span)


def weights(document: Document, span: float) -> list[Part]:
    """Some weights of every edge that learns, over time, in the colour of what differs."""
    edges = [edge for edge in document.edges if edge.plasticity and not releases(edge)]
    seen: dict[str, list[np.ndarray]] = {edge.id: [] for edge in edges}
    with engine.Simulation(document, recorders=False) as simulation:
        for moment in range(MOMENTS):
            for edge in edges:
                seen[edge.id].append(simulation.weights(edge.id))
            if moment + 1 < MOMENTS:
                simulation.run(span / (MOMENTS - 1))
    most = max(float(np.abs(table).max()) for table in seen.values())
    across = np.linspace(LEFT, RIGHT, MOMENTS)
    one_target = len({edge.target for edge in edges}) == 1 < len(edges)
    parts: list[Part] = []
    for place, edge in enumerate(edges):
        table = np.array(seen[edge.id])  # [moments, synapses]
        order = np.argsort(table[-1], kind="stable")
        lines = max(4, LINES // len(edges))
        chosen = order[np.linspace(0, len(order) - 1, min(lines, len(order))).astype(int)]
        for synapse in chosen:
            up = BOTTOM - (BOTTOM - TOP) * np.abs(table[:, synapse]) / most
            colour: Part = {"place": place} if one_target else {"node": edge.target}
            parts.append({**colour, "kind": "line", "path": line(across, up)})
    return parts


def spikes(document: Document, span: float) -> list[Part]:
    """A raster of the populations, one above the other; some of all spikes, evenly chosen."""
    nodes = document.populations
    run = watched(document, [(node.id, "spikes", None) for node in nodes], SETTLING + span)
    rows = {node.id: min(node.size, 40 + 40 * node.size / 1000) ** 0.7 for node in nodes}
    unit = (BOTTOM - TOP - 8 * (len(nodes) - 1)) / sum(rows.values())
    total = sum(int((run[node.id].spikes.times >= SETTLING).sum()) for node in nodes)
    rng, top, parts = np.random.default_rng(SEED), float(TOP), []
    for node in nodes:
        found, height = run[node.id].spikes, unit * rows[node.id]
        after = np.flatnonzero(found.times >= SETTLING)
        share = min(1.0, MOST_DOTS / max(1, total))
        keep = np.sort(rng.choice(after, min(len(after), round(share * len(after)) or 1), False))
        x = LEFT + (RIGHT - LEFT) * (found.times[keep] - SETTLING) / span
        y = top + height * (found.senders[keep] + 0.5) / node.size
        parts.append({"node": node.id, "kind": "dots", "path": dots(x, y)})
        top += height + 8
    return [part for part in parts if part["path"]]


def sheet(document: Document, name: str, span: float) -> list[Part]:
    """Three moments of neurons in their places, seen from before: who has just fired."""
    run = watched(document, [(name, "spikes", None)], span)
    position = engine.Network.of(document).positions(name)[:, :2]
    low, extent = position.min(axis=0), np.ptp(position, axis=0)
    share = (position - low) / extent.max()
    found, size, parts = run[name].spikes, BOTTOM - TOP, []
    left = (480 - 3 * size) / 4
    for place in range(3):
        at = span - SHEET_EVERY * (2 - place)
        fired = found.senders[(found.times > at - SHEET_SHOWN) & (found.times <= at)]
        fired = np.random.default_rng(SEED).permutation(fired)[: 2 * MOST_DOTS // 3]
        x = left + place * (size + left / 2) + size * share[fired, 0]
        y = BOTTOM - size * share[fired, 1]
        parts.append({"node": name, "kind": "dots", "path": dots(x, y)})
    return parts


def membranes(document: Document, span: float) -> list[Part]:
    """Membranes over time, one above the other; a spike is drawn to the top."""
    nodes = document.populations
    wanted = [(node.id, kind, 1) for node in nodes for kind in ("v", "spikes")]
    run = watched(document, wanted, SETTLING + span)
    height, parts = (BOTTOM - TOP) / len(nodes), []
    for place, node in enumerate(nodes):
        times, values = run[node.id].trace("v")
        volts = values[:, 0].astype(float)
        for at in run[node.id].spikes.times:
            volts[np.searchsorted(times, at - 1e-6)] = np.nan
        low, high = np.nanmin(volts), np.nanmax(volts)
        share = np.nan_to_num((volts - low) / max(high - low, 1e-9) * 0.75, nan=1.0)
        bins = np.array_split(np.flatnonzero(times >= SETTLING), 220)
        x = [LEFT + (RIGHT - LEFT) * (times[each].mean() - SETTLING) / span for each in bins]
        y = [TOP + (place + 0.95) * height - 0.9 * height * share[each].max() for each in bins]
        parts.append({"node": node.id, "kind": "line", "path": line(np.array(x), np.array(y))})
    return parts


def watched(
    document: Document, wanted: Sequence[tuple[str, str, int | None]], span: float
) -> engine.Run:
    """A run with other recorders: (node, variable, how many members)."""
    recorders = tuple(
        Recorder(f"r{k}", node, variable, members and {"start": 0, "stop": members})
        for k, (node, variable, members) in enumerate(wanted)
    )
    return engine.simulate(replace(document, recorders=recorders), span)


def dots(x: np.ndarray, y: np.ndarray) -> str:
    """Dots as a path of strokes without length."""
    return "".join(f"M{a:.0f} {b:.0f}h0" for a, b in zip(x, y, strict=True))


def line(x: np.ndarray, y: np.ndarray) -> str:
    """One line."""
    return "M" + "L".join(f"{a:.0f} {b:.0f}" for a, b in zip(x, y, strict=True))


def seconds(document: Document) -> float:
    """Wall seconds for a simulated second, the median of three runs after a first one."""
    with engine.Simulation(document, recorders=False) as simulation:
        span = 50.0
        while True:
            began = time.perf_counter()
            simulation.run(span)
            if (taken := time.perf_counter() - began) > 0.15 or span > 20_000.0:
                break
            span *= 2
        found = [taken]
        while len(found) < 3 and sum(found) < 1.5:
            began = time.perf_counter()
            simulation.run(span)
            found.append(time.perf_counter() - began)
    return 1000.0 * float(np.median(found)) / span


def drawn(name: str, document: Document, before: dict[str, Any]) -> dict[str, Any]:
    """Size and picture of an example, and its time if that has been measured before."""
    with engine.Simulation(document, recorders=False) as simulation:
        synapses = simulation.run(document.simulation.dt).summary()["synapses"]
    parts = picture(name, document)
    return {**before, "document": key(document), "synapses": synapses, "picture": parts}


def timed(document: Document, before: dict[str, Any]) -> dict[str, Any]:
    """What was drawn, with the time and the machine it was taken on."""
    here = machine()
    name = f"{here['cores_allowed']} cores of {here['processor']}"
    found = float(f"{seconds(document):.2g}")
    return {**before, "document": key(document), "seconds": found, "machine": name}


def key(document: Document) -> str:
    """By which a card knows that this is what was measured."""
    return content_hash(document)[:16]


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="*")
    parser.add_argument("--times", action="store_true")
    options = parser.parse_args()
    folder = Path(__file__).parent / MEASURED
    folder.mkdir(exist_ok=True)
    shipped = {example.name: example.document for example in examples()}
    for name, document in shipped.items():
        path = folder / f"{name}.json"
        if options.names and name not in options.names:
            continue
        before = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        before = before if before.get("document") == key(document) else {}
        found = timed(document, before) if options.times else drawn(name, document, before)
        path.write_text(written(found), "utf-8")
        print(f"{name:<24} {found.get('synapses')} synapses, {found.get('seconds')} s a second")
    for path in folder.glob("*.json"):
        if path.stem not in shipped:
            path.unlink()


def written(found: dict[str, Any]) -> str:
    """JSON with a line for every part of the picture."""
    parts = ",\n".join(json.dumps(part) for part in found.get("picture", []))
    head = json.dumps({name: value for name, value in found.items() if name != "picture"})
    return f'{head[:-1]}, "picture": [\n{parts}\n]}}\n'


if __name__ == "__main__":
    main()
