"""Things that are allowed but rarely meant."""

from __future__ import annotations

from engine.document import lookup
from engine.document.heard import heard_by
from engine.document.structure import Document, Edge
from engine.errors import Problem


def hints(document: Document) -> list[Problem]:
    """What is worth saying about a document that may well run."""
    return _lonely(document) + _signs(document)


def _hint(path: str, code: str, message: str, remedy: str) -> Problem:
    return Problem(path, code, message, remedy, "hint")


def _lonely(document: Document) -> list[Problem]:
    senders = {edge.source for edge in document.edges}
    senders |= {node for edge in document.edges for node in heard_by(edge).values()}
    receivers = {edge.target for edge in document.edges}
    found = []
    for node in document.nodes:
        path = f"nodes/{node.id}"
        if node.kind == "source" and node.id not in senders:
            message = f'"{node.title}" is connected to nothing'
            found.append(_hint(path, "unconnected", message, "draw a wire to a population"))
        if node.kind == "population" and node.id not in receivers:
            message = f'nothing drives "{node.title}"'
            found.append(_hint(path, "no-input", message, "connect a source or a population to it"))
    return found


def _signs(document: Document) -> list[Problem]:
    found = []
    by_source: dict[str, dict[int, Edge]] = {}
    for edge in document.edges:
        source = document.node(edge.source)
        sign = lookup.edge_sign(document, edge)
        if source is None or sign == 0:
            continue
        if edge.port.startswith(lookup.INHIBITORY) and sign > 0:
            message = f"the port `{edge.port}` of a current gets a positive weight, which excites"
            remedy = "make the weight negative to inhibit"
            found.append(_hint(f"edges/{edge.id}/weight", "sign", message, remedy))
        if source.kind == "population":
            by_source.setdefault(source.id, {}).setdefault(sign, edge)
    for name, signs in by_source.items():
        if len(signs) == 2:
            message = (
                f'"{name}" excites through "{signs[1].id}" and inhibits through "{signs[-1].id}"'
            )
            remedy = "neurons usually do one of the two; check weights and ports"
            found.append(_hint(f"nodes/{name}", "mixed-signs", message, remedy))
    return found
