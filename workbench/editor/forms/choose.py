"""Which form the inspector shows: of the selection, or of the document when nothing is selected."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from engine.document import Document, Edge, Node
from workbench.editor.forms.document import document_form
from workbench.editor.forms.edge import edge_form
from workbench.editor.forms.node import node_form
from workbench.editor.forms.rows import Form
from workbench.editor.forms.several import common_form
from workbench.locale import text

Of = Callable[[str], str]


def form_of(
    document: Document,
    selection: Iterable[str],
    colour_of: Of,
    sign_of: Of,
    folder: Path | None = None,
) -> Form:
    """The form of the selected nodes, else of the selected wires, else of the document.

    ``folder`` is where the files lie that the document names.
    """
    nodes, edges = selected(document, selection)
    if nodes:
        forms = [node_form(document, node, colour_of, sign_of, folder) for node in nodes]
        key = f"nodes:{','.join(node.id for node in nodes)}"
        return _joined(key, forms, text("inspector.nodes", count=len(forms)))
    if edges:
        forms = [edge_form(document, edge, colour_of, sign_of) for edge in edges]
        key = f"edges:{','.join(edge.id for edge in edges)}"
        return _joined(key, forms, text("inspector.edges", count=len(forms)))
    return document_form(document)


def selected(document: Document, selection: Iterable[str]) -> tuple[list[Node], list[Edge]]:
    """The nodes and the wires that the ids of a selection name; unknown ids are left out."""
    ids = list(selection)
    nodes = [node for name in ids if (node := document.node(name)) is not None]
    edges = [edge for name in ids if (edge := document.edge(name)) is not None]
    return nodes, edges


def _joined(key: str, forms: list[Form], title: str) -> Form:
    if len(forms) == 1:
        return forms[0] | {"key": key}
    return common_form(key, forms, title)
