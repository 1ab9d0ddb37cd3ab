"""A source that encodes, in the inspector: what it shows, its spikes, and what they are read as."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.coding.declaration import SIGNAL
from engine.coding.nodes import code_of
from engine.document import Document, Node, replace
from engine.document.validate import parameter_problems
from engine.errors import DocumentError, WorkbenchError
from engine.runtime.encoded import Encoded
from engine.runtime.sources import encoded_by, members_of
from workbench.code_drawing import Drawn, Shown, Words, code_drawing
from workbench.editor.forms.rows import Row
from workbench.editor.graph import count, figure
from workbench.locale import text

WIDE = 268.0  # px
MOST_DRAWN = 400_000  # values of one item
MOST_ITEMS = 4  # drawings that are sent; of more items the first


def encodes(node: Node) -> bool:
    """Whether the node is a source that encodes: its members follow from what it is given."""
    return code_of(node.model) is not None


def code_rows(document: Document, node: Node, folder: Path | None) -> list[Row]:
    """The first item that the source shows, as a drawing, or why there is none."""
    try:
        found = encoded_by(document, node, folder)
    except WorkbenchError as error:
        return [{"kind": "sentence", "text": str(error)}]
    if found.items[0].size > MOST_DRAWN:
        return [{"kind": "sentence", "text": text("code.large")}]
    first = found.spikes(0)
    words = text(
        "code.figures",
        members=count(found.size),
        spikes=count(len(first)),
        length=figure(first.duration),
    )
    return [
        {"kind": "picture", "label": words, **_pictures(found), "repeats": _repeats(found)},
        {"kind": "sentence", "text": words},
    ]


def _pictures(found: Encoded) -> Row:
    """Drawings of the first items, and what a page needs to follow a run in them.

    ``lengths`` [ms] are those of these items with their pauses, ``round`` that of all, ``spans``
    those of what is drawn; ``time`` is where a drawing has it: left, top, width, height.
    """
    shown = range(min(len(found.items), MOST_ITEMS))
    drawn = [drawing_of(found, WIDE, place=place) for place in shown]
    return {
        "svgs": [each.svg for each in drawn],
        "time": [[box.left, box.top, box.width, box.height] for box in (d.time for d in drawn)],
        "spans": [found.spikes(place).duration for place in shown],
        "lengths": (found.lengths[: len(shown)] * found.dt).tolist(),
        "round": float(found.lengths.sum() * found.dt),
    }


def _repeats(found: Encoded) -> int:
    return int(found.values["repeats"])


def drawing_of(found: Encoded, width: float, standalone: bool = False, place: int = 0) -> Drawn:
    """What a source shows as item ``place``, its spikes and what they are read as."""
    spikes, signal = found.spikes(place), found.code.takes == SIGNAL
    values = found.item(place)
    # A spike of a step is drawn in the middle of it, a latency where it is.
    middle = 0.5 * spikes.dt if spikes.clock == "steps" else 0.0
    shown = Shown(
        values,
        np.asarray(found.decoded(spikes, place), np.float64).reshape(values.shape),
        spikes.latencies + middle,
        spikes.senders,
        spikes.signs,
        spikes.size,
        spikes.duration,
        signal,
    )
    words = Words(text("code.values"), text("code.spikes"), text("code.decoded"))
    return code_drawing(shown, words, width, standalone)


def size_after(
    document: Document, node: Node, name: str, value: object, folder: Path | None
) -> dict[str, int]:
    """``{"size": members}`` of a source that encodes once parameter ``name`` is ``value``.

    Empty for any other node, and where the number stays.  Raises DocumentError, with the sentence
    that stands under the field, if it could not encode.
    """
    if not encodes(node):
        return {}
    if value is not None:
        wrong = parameter_problems(document, node, name, value)
        if wrong:
            raise DocumentError(wrong)
    kept = {key: entry for key, entry in node.parameters.items() if key != name}
    parameters = kept if value is None else kept | {name: value}
    needed = members_of(document, replace(node, parameters=parameters), folder)
    return {} if needed in (None, node.size) else {"size": needed}
