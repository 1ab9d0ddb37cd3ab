"""A source that encodes, in the inspector: what it shows, its spikes, and what they are read as."""

from __future__ import annotations

import numpy as np

from engine.coding.declaration import SIGNAL
from engine.coding.nodes import code_of
from engine.document import Document, Node, replace
from engine.errors import WorkbenchError
from engine.runtime.encoded import Encoded
from engine.runtime.sources import encoded_by, members_of
from workbench.code_drawing import Shown, Words, code_svg
from workbench.commands import Command
from workbench.editor.forms.rows import Row
from workbench.editor.graph import count
from workbench.locale import text
from workbench.store.files import project_folder

WIDE = 268.0  # px
MOST_DRAWN = 400_000  # values of one item


def encodes(node: Node) -> bool:
    """Whether the node is a source that encodes: its members follow from what it is given."""
    return code_of(node.model) is not None


def code_rows(document: Document, node: Node) -> list[Row]:
    """The first item that the source shows, as a drawing, or why there is none."""
    try:
        found = encoded_by(document, node, project_folder())
    except WorkbenchError as error:
        return [{"kind": "sentence", "text": str(error)}]
    if found.items[0].size > MOST_DRAWN:
        return [{"kind": "sentence", "text": text("code.large")}]
    drawn = drawing_of(found, WIDE)
    words = text("code.figures", members=count(found.size), spikes=count(len(found.spikes(0))))
    return [
        {"kind": "picture", "svg": drawn, "label": words},
        {"kind": "sentence", "text": words},
    ]


def drawing_of(found: Encoded, width: float, standalone: bool = False, place: int = 0) -> str:
    """What a source shows as item ``place``, its spikes and what they are read as, as SVG text."""
    spikes, signal = found.spikes(place), found.code.takes == SIGNAL
    values = found.items[place] if signal else found.items[place].reshape(found.shape)
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
    return code_svg(shown, words, width, standalone)


def size_commands(document: Document, node: Node, name: str, value: object) -> list[Command]:
    """What gives a source the members that it needs once parameter ``name`` is ``value``.

    Raises DocumentError, with the sentence that stands under the field, if it cannot encode.
    """
    kept = {key: entry for key, entry in node.parameters.items() if key != name}
    parameters = kept if value is None else kept | {name: value}
    needed = members_of(document, replace(node, parameters=parameters), project_folder())
    if needed is None or needed == node.size:
        return []
    return [Command("set_node", {"id": node.id, "field": "size", "value": needed})]
