"""What the canvas draws of a document: nodes with their ports, wires with their labels.

Pure functions of the document; the browser gets plain data and does no thinking about models.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.document import Document, Edge, Node
from engine.document.lookup import (
    COMMAND,
    POTENTIAL,
    Port,
    flows,
    joins,
    model_of,
    output_of,
    ports_of,
)
from engine.document.plasticity import releases
from engine.document.values import RULES
from engine.errors import Problem
from workbench.editor.placing import places_of
from workbench.locale import text

THIN_SPACE, MINUS = "\u2009", "\u2212"
OUTPUT = "out"  # the one output port of every node


def count(number: int) -> str:
    """A whole number with thin spaces between thousands."""
    return f"{number:,}".replace(",", THIN_SPACE)


def figure(value: Any) -> str:
    """A number short enough for a label, with a real minus sign; "?" for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "?"
    return f"{value:.4g}".replace("-", MINUS)


def quantity_label(value: Any, unit: str) -> str:
    """A weight or delay as a label: "6 nS", "1.5 ms", "~ 6 nS" for a distribution."""
    suffix = "" if unit in ("", "1") else f" {unit}"
    if isinstance(value, str):
        return value.replace("-", MINUS)
    if isinstance(value, list):
        return text("canvas.edge.values", count=count(len(value)))
    if not isinstance(value, dict):
        return f"{figure(value)}{suffix}"
    if "mean" in value:
        return f"~ {figure(value['mean'])}{suffix}"
    if "peak" in value:
        return f"≤ {figure(value['peak'])}{suffix}"
    if "offset" in value:
        return f"≥ {figure(value['offset'])}{suffix}"
    if "low" in value and "high" in value:
        return f"{figure(value['low'])} … {figure(value['high'])}{suffix}"
    return text("canvas.edge.distribution")


def kind_of_rule(rule: Mapping[str, Any]) -> str:
    """The kind of a connection rule, or "" for one that is not known."""
    kind = rule.get("kind")
    return kind if isinstance(kind, str) and kind in RULES else ""


def rule_label(rule: Mapping[str, Any]) -> str:
    """A connection rule as a label: "2 %", "all", "80 in"; "?" for one that is not known."""
    kind = kind_of_rule(rule)
    if kind in ("probability", "distance"):
        p = rule.get("p")
        share = f"{figure(100 * p if isinstance(p, int | float) else p)} %"
        return share if kind == "probability" else text("canvas.rule.distance", p=share)
    if not kind:
        return "?"
    number = len(rule.get("pairs", ())) if kind == "explicit" else rule.get("n", 0)
    return text(f"canvas.rule.{kind}", n=count(number) if isinstance(number, int) else "?")


def edge_label(document: Document, edge: Edge) -> str:
    """Rule, weight and delay of a wire: "2 % · 6 nS · 1.5 ms"; after the rule, if it changes."""
    source, target = document.node(edge.source), document.node(edge.target)
    current = source is not None and flows(document, source)
    port = ports_of(document, target).get(edge.port) if target is not None else None
    unit = port.unit if port is not None else ""
    parts = [rule_label(edge.rule), quantity_label(edge.weight, unit)]
    if current:  # acts without delay, and its weight is a factor
        parts[1] = "" if edge.weight == 1 else f"× {parts[1]}"
    elif not joins(document, edge):
        parts.append(quantity_label(edge.delay, "ms"))
    if edge.plasticity is not None:
        parts.insert(1, text("canvas.short_term" if releases(edge) else "canvas.learns"))
    return " · ".join(part for part in parts if part)


def worst(problems: Iterable[Problem]) -> dict[str, str] | None:
    """What the triangle says of several problems: the gravest first, one sentence a line."""
    found = sorted(problems, key=lambda problem: problem.severity != "error")
    if not found:
        return None
    lines = [f"{p.message}; {p.remedy}" if p.remedy else p.message for p in found[:3]]
    if len(found) > 3:
        lines.append(text("canvas.problems.more", count=len(found) - 3))
    return {"severity": found[0].severity, "text": "\n".join(lines)}


def problems_by_item(problems: Iterable[Problem]) -> dict[tuple[str, str], list[Problem]]:
    """("nodes" | "edges", id) -> its problems."""
    found: dict[tuple[str, str], list[Problem]] = defaultdict(list)
    for problem in problems:
        parts = problem.path.split("/")
        if len(parts) >= 2 and parts[0] in ("nodes", "edges"):
            found[parts[0], parts[1]].append(problem)
    return found


def _input(name: str, takes: str, unit: str) -> dict[str, str]:
    shown = "" if unit == "1" else unit
    aria = text("canvas.port.input", port=name)
    return {"id": name, "label": name, "kind": takes, "unit": shown, "aria": aria}


@dataclass(frozen=True)
class Look:
    """What the session says of how nodes look, and what is wrong with the document."""

    colours: Mapping[str, str]  # node -> "#rrggbb"
    inhibitory: frozenset[str]  # nodes whose wires inhibit
    problems: Mapping[tuple[str, str], list[Problem]]

    def of_node(self, node_id: str) -> dict[str, Any]:
        """Colour and sign of a node and of the wires that leave it."""
        sign = "inhibitory" if node_id in self.inhibitory else "excitatory"
        return {"colour": self.colours[node_id], "sign": sign}

    def problem(self, section: str, item_id: str) -> dict[str, str] | None:
        """What the triangle of a node or wire says, if there is one."""
        return worst(self.problems.get((section, item_id), ()))


def _is_drawn(document: Document, node: Node, port: Port) -> bool:
    """Ports for spikes and currents always; those of gap junctions and clamps where one ends."""
    into = ((edge.target, edge.port) for edge in document.edges)
    return port.takes not in (POTENTIAL, COMMAND) or (node.id, port.name) in into


def _size(node: Node, words: str = "canvas.compartments") -> str:
    """How many members a node has: neurons, or compartments of one cell."""
    return text(words, count=count(node.size)) if node.is_cell else count(node.size)


def _node_data(document: Document, node: Node, look: Look) -> dict[str, Any]:
    model = model_of(document, node)
    sends = output_of(document, node) or "spikes"
    ports = [port for port in ports_of(document, node).values() if _is_drawn(document, node, port)]
    output = text("canvas.port.output")
    return {
        **look.of_node(node.id),
        "label": node.title,
        "title": model.title if model is not None else node.model,
        "size": _size(node),
        "kind": node.kind,
        "inputs": [_input(port.name, port.takes, port.unit) for port in ports],
        "output": {
            "id": OUTPUT,
            "label": text(f"canvas.port.{sends}"),
            "kind": sends,
            "unit": "",
            "aria": output,
        },
        "problem": look.problem("nodes", node.id),
    }


def nodes_of(document: Document, look: Look) -> list[dict[str, Any]]:
    """The nodes as the browser draws them, in the order of the document."""
    places, nodes = places_of(document), []
    for node in document.nodes:
        data, (x, y) = _node_data(document, node, look), places[node.id]
        size = _size(node, "canvas.compartments.spoken")
        aria = text("canvas.node", label=data["label"], size=size, model=data["title"])
        nodes.append(
            {
                "id": node.id,
                "type": "population",
                "position": {"x": x, "y": y},
                "ariaLabel": aria,
                "data": data,
            }
        )
    return nodes


def edges_of(document: Document, look: Look) -> list[dict[str, Any]]:
    """The wires as the browser draws them; one without its two nodes is left out."""
    edges = []
    for edge in document.edges:
        source, target = document.node(edge.source), document.node(edge.target)
        if source is None or target is None:
            continue
        label = edge_label(document, edge)
        title = text(
            "canvas.edge", source=source.title, target=target.title, port=edge.port, label=label
        )
        data = {"label": label, "title": title, "problem": look.problem("edges", edge.id)}
        edges.append(
            {
                "id": edge.id,
                "type": "wire",
                "source": edge.source,
                "target": edge.target,
                "sourceHandle": OUTPUT,
                "targetHandle": edge.port,
                "ariaLabel": title,
                "data": data | look.of_node(source.id),
            }
        )
    return edges
