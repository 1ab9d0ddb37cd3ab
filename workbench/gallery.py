"""The gallery: shipped documents and scripts as cards, in groups, with pictures and times.

What a card shows besides its document was measured by ``examples/make_gallery.py``; a document that
has changed since is shown by a drawing of its nodes and wires, and by estimates.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from engine.document import Document, content_hash
from engine.document.heard import heard_by
from engine.document.lookup import node_sign
from engine.document.plasticity import rule_of
from engine.models.registry import get
from engine.runtime.estimate import estimate
from workbench.colours import colours_of
from workbench.editor.graph import count, figure
from workbench.editor.placing import HEIGHT, WIDTH, places_of
from workbench.locale import counted, table, text
from workbench.store import files
from workbench.theme import POPULATIONS

# Groups in the order in which they are shown, and what stands in them; what is not listed is put
# where it belongs by what it holds, see `group_of`.
GROUPS: dict[str, tuple[str, ...]] = {
    "first": ("one_neuron", "poisson_lif", "currents", "recorded_spikes"),
    "timing": ("stdp", "stdp_nearest", "stdp_multiplicative", "stdp_van_rossum", "stdp_triplet",
               "tsodyks_markram", "digits", "diehl_cook"),
    "rates": ("bcm", "stdp_centred", "stdp_triplet_nearest", "two_thresholds", "oja",
              "rate_rules"),
    "reward": ("r_stdp", "mstdpet", "mstdp", "actor_critic"),
    "teacher": ("supervised_hebb", "resume", "spikeprop_xor", "tempotron_capacity", "eprop_pattern",
                "leabra_pairs", "evolving_digits", "hybrid_digits"),
    "codes": ("codes", "code_rate", "code_latency", "code_rank_order", "code_phase", "code_burst",
              "code_binary", "code_population", "codes_change", "code_bsa", "code_temporal"),
    "networks": ("izhikevich_1000", "vogels_abbott", "vogels_abbott_coba", "vogels_abbott_hh",
                 "brunel", "brunel_synchronous", "brunel_fast", "brunel_slow", "synfire",
                 "winner_takes_all", "rates_through_layers", "microcircuit",
                 "microcircuit_whole", "reservoir",
                 "liquid_memory", "spoken_digits"),
    "space": ("axon", "waves", "waves_ball", "liquid_column"),
}  # fmt: skip
SCRIPTS = "learning"  # folder of scripts beside the examples
SHARED = "showing"  # what these share
# The drawing of a network on a card: node centres inside this frame; see chrome/gallery.js.
LEFT, RIGHT, TOP, BOTTOM = 34.0, 206.0, 24.0, 76.0
LEAST = 0.001  # s: shorter times of a simulated second are said as "under" that


def shown() -> dict[str, Any]:
    """Everything that the dialog of examples shows, for the browser."""
    cards = [card(example) for example in files.examples()]
    cards += [script_card(path) for path in scripts().values()]
    order = {name: place for names in GROUPS.values() for place, name in enumerate(names)}
    cards.sort(key=lambda card: order.get(card["name"], len(order)))
    groups = [{"name": name, "title": text(f"examples.group.{name}")} for name in GROUPS]
    machines = sorted({each["machine"] for each in measurements().values() if "machine" in each})
    note = text("examples.machine", machine="; ".join(machines)) if machines else ""
    return {"examples": cards, "groups": groups, "note": note}


def card(example: files.Example) -> dict[str, Any]:
    """A document as a card: title, words, facts, a picture or a drawing of its network."""
    document = example.document
    measured = measured_of(example)
    needed = estimate(document)
    synapses = round(measured.get("synapses", needed.synapses))
    facts = [counted("examples.neurons", example.neurons, count(example.neurons))]
    if synapses:
        facts.append(counted("examples.synapses", synapses, count(_rounded(synapses))))
    facts.append(_time(measured.get("seconds"), needed.run_s, document.simulation.duration))
    group = group_of(example)
    return {
        "name": example.name,
        "kind": "document",
        "group": group,
        "title": example.title,
        "description": example.description,
        "facts": facts,
        "words": " ".join({text(f"examples.group.{group}"), example.name, *words(document)}),
        "picture": _coloured(document, measured.get("picture", [])),
        **drawing(document),
    }


def _time(seconds: float | None, run_s: float, duration: float) -> str:
    if seconds is None:
        share = max(LEAST, 1000.0 * run_s / duration)
        return text("examples.estimated", seconds=figure(float(f"{share:.1g}")))
    if seconds < LEAST:
        return text("examples.fast", seconds=figure(LEAST))
    return text("examples.time", seconds=figure(float(f"{seconds:.1g}")))


def _rounded(number: int) -> int:
    """A count to three digits, as nobody reads more."""
    return int(float(f"{number:.3g}"))


def _coloured(document: Document, parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Parts of a picture in the colour of their node, or of their place in the palette."""
    colours = colours_of(document)
    return [
        {
            "kind": part["kind"],
            "path": part["path"],
            "colour": colours[part["node"]]
            if "node" in part
            else POPULATIONS[part["place"] % len(POPULATIONS)],
        }
        for part in parts
    ]


def group_of(example: files.Example) -> str:
    """The group of a document: as listed, or by what it holds."""
    for group, names in GROUPS.items():
        if example.name in names:
            return group
    document = example.document
    heard = {field for edge in document.edges for field in heard_by(edge)}
    for field in ("reward", "teacher"):
        if field in heard:
            return field
    if any(edge.plasticity for edge in document.edges):
        return "timing"
    return "space" if any(node.geometry for node in document.nodes) else "networks"


def words(document: Document) -> set[str]:
    """What else a document may be searched by: titles of its models and rules, and their names."""
    found = set()
    for name in {node.model for node in document.nodes}:
        if not any(own.get("name") == name for own in document.models):
            found |= {name, get(name).title}
    for edge in document.edges:
        rule = rule_of(edge)
        if rule is not None:
            found |= {rule.name, rule.title, rule.source}
    return found


# -- what was measured ----------------------------------------------------------------------------


@cache
def measurements() -> dict[str, dict[str, Any]]:
    """What ``make_gallery.py`` wrote, by the name of the example."""
    found = (files.examples_folder() / files.MEASURED).glob("*.json")
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(found)}


def measured_of(example: files.Example) -> dict[str, Any]:
    """What was measured of an example as it stands; nothing where it was of another document."""
    found = measurements().get(example.name, {})
    return found if content_hash(example.document).startswith(found.get("document", "-")) else {}


# -- scripts --------------------------------------------------------------------------------------


def scripts() -> dict[str, Path]:
    """Scripts that learn a task, by name; they are only ever read here."""
    found = sorted((files.examples_folder() / SCRIPTS).glob("*.py"))
    return {path.stem: path for path in found if path.stem != SHARED}


def script_card(path: Path) -> dict[str, Any]:
    """A script as a card: what it shows, and its plot."""
    name = path.stem
    group = next((group for group, names in GROUPS.items() if name in names), "teacher")
    return {
        "name": name,
        "kind": "script",
        "group": group,
        "title": _script_title(name),
        "description": _about(path),
        "facts": [text("examples.script")],
        "words": f"{text(f'examples.group.{group}')} {name} {plot(name)[1]}",
        "plot": plot(name)[0],
    }


def script(name: str) -> dict[str, Any] | None:
    """What the dialog of one script shows; None if there is none of that name."""
    path = scripts().get(name)
    if path is None:
        return None
    drawn, result = plot(name)
    command = f"python examples/{SCRIPTS}/{name}.py"
    return {
        "title": _script_title(name),
        "description": _about(path),
        "command": command,
        "result": result,
        "plot": drawn,
    }


def _script_title(name: str) -> str:
    return table().get(f"script.title.{name}", name.replace("_", " ").capitalize())


@cache
def _about(path: Path) -> str:
    """The text at the head of a script, as one paragraph."""
    found = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(found.split())


@cache
def plot(name: str) -> tuple[str, str]:
    """The plot of a script as SVG for the page, and the sentence with its number; or nothing."""
    folder = files.examples_folder()
    for place in (folder / "plots", folder.parent / "docs/images/learning"):
        path = place / f"{name}.svg"
        if path.is_file():
            drawn = path.read_text(encoding="utf-8")
            said = re.search(r'aria-label="([^"]*)"', drawn)
            return drawn, said[1] if said else ""
    return "", ""


# -- drawings -------------------------------------------------------------------------------------


def drawing(document: Document) -> dict[str, list[Any]]:
    """Nodes and wires of a network, scaled into the frame of a card."""
    places, colours = places_of(document), colours_of(document)
    centres = {name: (x + WIDTH / 2, y + HEIGHT / 2) for name, (x, y) in places.items()}
    xs, ys = (
        _into([x for x, _ in centres.values()], LEFT, RIGHT),
        _into([y for _, y in centres.values()], TOP, BOTTOM),
    )
    order = {node.id: place for place, node in enumerate(document.nodes)}
    nodes = [
        {
            "x": xs(centres[node.id][0]),
            "y": ys(centres[node.id][1]),
            "colour": colours[node.id],
            "round": _inhibits(document, node.id),
        }
        for node in document.nodes
    ]
    return {"nodes": nodes, "wires": list(_wires(document, order))}


def _wires(document: Document, order: dict[str, int]) -> Iterator[list[int]]:
    for edge in document.edges:
        if edge.source in order and edge.target in order:
            yield [order[edge.source], order[edge.target]]


def _inhibits(document: Document, name: str) -> bool:
    node = document.nodes_by_id[name]
    return node.kind == "population" and node_sign(document, name) < 0


def _into(values: list[float], low: float, high: float) -> Callable[[float], float]:
    """A scale that puts ``values`` between ``low`` and ``high``, or in the middle if all alike."""
    least, most = min(values, default=0.0), max(values, default=0.0)
    if most - least < 1:
        return lambda _: (low + high) / 2
    return lambda value: round(low + (high - low) * (value - least) / (most - least), 1)
