"""Which colour a node has: one rule for the canvas, the plots and every exported figure."""

from __future__ import annotations

from collections import Counter

from engine.document import Document
from engine.document.memo import remembered
from workbench.theme import POPULATIONS, SOURCE_COLOUR


def colours_of(document: Document) -> dict[str, str]:
    """The colour of every node, "#rrggbb".

    A colour the user chose stands; sources are grey; each other population gets, in order, the
    colour of the palette that fewest use so far.
    """
    return dict(remembered(document, "colours", (), lambda: _colours_of(document)))


def _colours_of(document: Document) -> dict[str, str]:
    chosen = document.layout.colours
    used = Counter(chosen[node.id] for node in document.populations if node.id in chosen)
    colours = {}
    for node in document.nodes:
        if node.id in chosen:
            colours[node.id] = chosen[node.id]
        elif node.kind == "source":
            colours[node.id] = SOURCE_COLOUR
        else:
            colours[node.id] = min(POPULATIONS, key=lambda colour: used[colour])
            used[colours[node.id]] += 1
    return colours
