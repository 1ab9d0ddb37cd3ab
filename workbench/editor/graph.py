"""What the canvas draws of a document: nodes with their ports, wires with their labels.

Pure functions of the document; the browser gets plain data and does no thinking about models.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.document import Document, Edge, Node
from engine.document.lookup import model_of, output_of, ports_of
from engine.errors import Problem
from workbench.editor.placing import places_of
from workbench.locale import text

THIN_SPACE, MINUS = "\u2009", "\u2212"
OUTPUT = "out"  # the one output port of every node


def count(number: int) -> str:
    """A whole number with thin spaces between thousands."""
    return f"{number:,}".replace(",", THIN_SPACE)


def figure(value: float) -> str:
    """A number short enough for a label, with a real minus sign."""
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
    if "low" in value and "high" in value:
        return f"{figure(value['low'])} … {figure(value['high'])}{suffix}"
    return text("canvas.edge.distribution")


def rule_label(rule: Mapping[str, Any]) -> str:
    """A connection rule as a label: "2 %", "all", "80 in"."""
    kind = rule.get("kind", "")
    if kind == "probability":
        return f"{figure(100 * rule.get('p', 0))} %"
    number = len(rule["pairs"]) if kind == "explicit" else rule.get("n", 0)
    return text(f"canvas.rule.{kind}", n=count(number))


def edge_label(document: Document, edge: Edge) -> str:
    """Rule, weight and delay of a wire: "2 % · 6 nS · 1.5 ms"."""
    source, target = document.node(edge.source), document.node(edge.target)
    current = source is not None and output_of(document, source) == "current"
    port = ports_of(document, target).get(edge.port) if target is not None else None
    unit = port.unit if port is not None else ""
    parts = [rule_label(edge.rule), quantity_label(edge.weight, unit)]
    if current:  # acts without delay, and its weight is a factor
        parts[1] = "" if edge.weight == 1 else f"× {parts[1]}"
    else:
        parts.append(quantity_label(edge.delay, "ms"))
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


def _node_data(document: Document, node: Node, colour: str, sign: str) -> dict[str, Any]:
    model = model_of(document, node)
    title = model.title if model is not None else node.model
    sends = output_of(document, node) or "spikes"
    ports = ports_of(document, node).values()
    return {
        "label": node.title,
        "title": title,
        "size": count(node.size),
        "colour": colour,
        "shape": "round" if sign == "inhibitory" and node.kind == "population" else "square",
        "inputs": [_input(port.name, port.takes, port.unit) for port in ports],
        "output": {
            "id": OUTPUT,
            "label": text(f"canvas.port.{sends}"),
            "kind": sends,
            "unit": "",
            "aria": text("canvas.port.output"),
        },
    }


def nodes_of(
    document: Document,
    colour_of: Callable[[str], str],
    sign_of: Callable[[str], str],
    problems: Iterable[Problem] = (),
) -> list[dict[str, Any]]:
    """The nodes as the browser draws them, in the order of the document."""
    places, wrong = places_of(document), problems_by_item(problems)
    nodes = []
    for node in document.nodes:
        data = _node_data(document, node, colour_of(node.id), sign_of(node.id))
        data["problem"] = worst(wrong.get(("nodes", node.id), ()))
        x, y = places[node.id]
        aria = text("canvas.node", label=data["label"], size=data["size"], model=data["title"])
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


def edges_of(
    document: Document,
    colour_of: Callable[[str], str],
    sign_of: Callable[[str], str],
    problems: Iterable[Problem] = (),
) -> list[dict[str, Any]]:
    """The wires as the browser draws them; one without its two nodes is left out."""
    wrong = problems_by_item(problems)
    edges = []
    for edge in document.edges:
        source, target = document.node(edge.source), document.node(edge.target)
        if source is None or target is None:
            continue
        label = edge_label(document, edge)
        title = text(
            "canvas.edge", source=source.title, target=target.title, port=edge.port, label=label
        )
        data = {
            "label": label,
            "title": title,
            "colour": colour_of(source.id),
            "sign": sign_of(source.id),
            "problem": worst(wrong.get(("edges", edge.id), ())),
        }
        edges.append(
            {
                "id": edge.id,
                "type": "wire",
                "source": edge.source,
                "target": edge.target,
                "sourceHandle": OUTPUT,
                "targetHandle": edge.port,
                "ariaLabel": title,
                "data": data,
            }
        )
    return edges
