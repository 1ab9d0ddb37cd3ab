"""What the page calls the parts of a document: by their labels, never by paths or ids."""

from __future__ import annotations

from engine.document import Document, Edge
from workbench.locale import text


def wire_name(document: Document, edge: Edge) -> str:
    """A wire by its ends, as they are labelled: "Inputs → Neuron"."""
    source, target = document.node(edge.source), document.node(edge.target)
    return text(
        "inspector.edge",
        source=source.title if source else edge.source,
        target=target.title if target else edge.target,
    )


def place_name(document: Document, path: str) -> str:
    """What the path of a problem, such as "nodes/exc/size", is about: "Excitatory"."""
    kind, _, rest = path.partition("/")
    name = rest.partition("/")[0]
    if kind == "nodes" and name in document.nodes_by_id:
        return document.nodes_by_id[name].title
    if kind == "edges" and name in document.edges_by_id:
        return wire_name(document, document.edges_by_id[name])
    return name or text(f"problems.where.{kind or 'all'}")
