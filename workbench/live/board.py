"""Which tiles a page has below the drawing: what the document says, or what has most to show."""

from __future__ import annotations

from engine.document import Document
from engine.document.lookup import output_of
from engine.document.memo import remembered
from engine.document.structure import TILES
from workbench.live.learning import learns
from workbench.live.shades import MOST

AT_FIRST = 4  # tiles that fit beside one another
PREFERRED = ("raster", "rates", "learning", "map", "traces")  # where more have something to show


def tiles_of(document: Document, wanted: list[str]) -> dict[str, list[str]]:
    """The tiles that ``document`` has something for (``there``) and those that are ``open``.

    ``wanted`` are those that its layout names, none of them if a person never chose.
    """
    there = [name for name in TILES if _has(document, name)]
    chosen = [name for name in wanted if name in there]
    if not chosen:
        first = [name for name in PREFERRED if name in there][:AT_FIRST]
        chosen = [name for name in there if name in first]
    return {"there": there, "open": chosen}


def _has(document: Document, tile: str) -> bool:
    if tile == "learning":
        return learns(document)
    return tile != "map" or has_places(document)


def has_places(document: Document) -> bool:
    """Whether a document has members with places that light up as they fire."""
    return remembered(document, "places", (), lambda: _has_places(document))


def _has_places(document: Document) -> bool:
    return any(
        node.is_placed and node.size <= MOST and output_of(document, node) == "spikes"
        for node in document.nodes
    )
