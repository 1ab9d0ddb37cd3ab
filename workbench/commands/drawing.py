"""Edits of how the network is drawn; none of them changes what it computes."""

from __future__ import annotations

from typing import Any

from engine.document import Document, replace
from engine.document.reading import form_problems
from engine.document.text import describe
from workbench.commands.registry import command, node_of, refusal, require, texts


@command
def move(document: Document, positions: dict[str, Any]) -> Document:
    """Put nodes at places [x, y] on the canvas, in pixels."""
    if not isinstance(positions, dict):
        raise refusal("layout", f"positions must be an object, not {describe(positions)}")
    for name in positions:
        node_of(document, name)
    placed = {n: list(at) if isinstance(at, tuple) else at for n, at in positions.items()}
    return _with(document, positions=document.layout.positions | placed)


@command
def set_colour(document: Document, id: str, colour: str | None = None) -> Document:
    """Choose a node's colour, "#rrggbb"; None goes back to the palette's."""
    node_of(document, id)
    chosen = {name: value for name, value in document.layout.colours.items() if name != id}
    return _with(document, colours=chosen if colour is None else chosen | {id: colour})


@command
def set_notes(document: Document, notes: list[dict[str, Any]]) -> Document:
    """Replace the notes: {"text": ..., "position": [x, y] or null} each."""
    return _with(document, notes=notes)


@command
def set_tiles(document: Document, tiles: list[str]) -> Document:
    """Choose the views of a run that are open, in this order; none: as the page thinks fit."""
    return _with(document, tiles=list(dict.fromkeys(texts(tiles))))


def _with(document: Document, **fields: Any) -> Document:
    layout = replace(document.layout, **fields)
    require(form_problems(layout))
    return replace(document, layout=layout)
