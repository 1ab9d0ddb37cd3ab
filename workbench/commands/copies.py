"""Copy, paste and duplicate: parts of a network with the wires between them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.document import Document, Layout, from_json, replace, to_json
from engine.document.heard import with_heard
from engine.document.reading import form_problems
from engine.document.text import describe, number_problem, unique_id
from engine.document.validate import check_edge, check_node
from workbench.commands.registry import command, refusal, require, texts

OFFSET = (40.0, 40.0)  # pixels from the original to its copy


def copy(document: Document, ids: Iterable[str]) -> dict[str, Any]:
    """The named nodes, the wires between them and their recorders, as JSON for ``paste``."""
    chosen = set(ids) & set(document.nodes_by_id)
    used = {node.model for node in document.nodes if node.id in chosen}
    positions = document.layout.positions
    inner = (edge for edge in document.edges if {edge.source, edge.target} <= chosen)
    recorded = {*chosen, *(edge.id for edge in inner)}
    part = replace(
        document,
        nodes=tuple(node for node in document.nodes if node.id in chosen),
        edges=tuple(
            with_heard(edge, lambda node: node if node in chosen else None)
            for edge in document.edges
            if {edge.source, edge.target} <= chosen
        ),
        recorders=tuple(item for item in document.recorders if item.node in recorded),
        models=tuple(model for model in document.models if model.get("name") in used),
        layout=Layout({name: at for name, at in positions.items() if name in chosen}),
    )
    return to_json(part)


@command
def duplicate(document: Document, ids: Iterable[str], offset: Any = OFFSET) -> Document:
    """Copy nodes, with the wires between them, beside the originals."""
    return paste(document, copy(document, texts(ids)), offset)


@command
def paste(document: Document, part: dict[str, Any], offset: Any = OFFSET) -> Document:
    """Add what ``copy`` gave, here or in another document, under ids that are free."""
    if not isinstance(part, dict):
        raise refusal("", f"the clipboard holds no part of a network but {describe(part)}")
    added = from_json(part)
    renamed = _new_ids(document, added)
    nodes = tuple(replace(node, id=renamed["nodes", node.id]) for node in added.nodes)
    edges = tuple(
        replace(
            with_heard(edge, lambda node: renamed.get(("nodes", node))),
            id=renamed["edges", edge.id],
            source=renamed.get(("nodes", edge.source), edge.source),
            target=renamed.get(("nodes", edge.target), edge.target),
        )
        for edge in added.edges
    )
    recorders = tuple(
        replace(item, id=renamed["recorders", item.id], node=_recorded(renamed, item.node))
        for item in added.recorders
    )
    models = _new_models(document, added)
    merged = replace(
        document,
        nodes=document.nodes + nodes,
        edges=document.edges + edges,
        recorders=document.recorders + recorders,
        models=document.models + models,
        layout=_placed(document, added, renamed, offset),
    )
    for node in nodes:
        require(check_node(merged, node))
    for edge in edges:
        require(check_edge(merged, edge))
    return merged


def _recorded(renamed: dict[tuple[str, str], str], name: str) -> str:
    """The new name of a node or a wire that a recorder records."""
    return renamed.get(("nodes", name)) or renamed.get(("edges", name), "")


def _new_ids(document: Document, added: Document) -> dict[tuple[str, str], str]:
    """(section, id in the clipboard) -> an id that is free in the document."""
    taken = document.ids
    renamed = {}
    for section, separator in (("nodes", "_"), ("edges", "-"), ("recorders", "-")):
        for item in getattr(added, section):
            name = unique_id(item.id, taken, separator)
            renamed[section, item.id] = name
            taken.add(name)
    return renamed


def _new_models(document: Document, added: Document) -> tuple[dict[str, Any], ...]:
    known = {model.get("name"): model for model in document.models}
    for model in added.models:
        name = model.get("name")
        if name in known and known[name] != model:
            message = f"this document has another model called {describe(name)}"
            raise refusal("models", message, "rename one of them before pasting")
    return tuple(model for model in added.models if model.get("name") not in known)


def _placed(
    document: Document, added: Document, renamed: dict[tuple[str, str], str], offset: Any
) -> Layout:
    pair = isinstance(offset, list | tuple) and len(offset) == 2
    if not pair or any(number_problem(part, "offset") for part in offset):
        raise refusal("layout", f"an offset is two numbers [x, y], not {describe(offset)}")
    dx, dy = offset
    positions = {
        renamed["nodes", name]: [x + dx, y + dy]
        for name, (x, y) in added.layout.positions.items()
        if ("nodes", name) in renamed
    }
    layout = replace(document.layout, positions=document.layout.positions | positions)
    require(form_problems(layout))
    return layout
