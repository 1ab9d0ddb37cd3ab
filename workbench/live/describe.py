"""What the tiles and nodes show besides data: names, colours, units and thresholds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.document import Document, Node
from engine.document.lookup import model_of, parameters_of
from engine.equations.units import quantity
from engine.errors import WorkbenchError
from engine.models.declaration import NeuronModel
from workbench.live.node_lines import kind
from workbench.live.recording import LiveRecording

SHORT = 4  # letters of a label beside a plot
NAME = re.compile(r"[A-Za-z_]\w*")


def membranes_of(document: Document) -> dict[str, str]:
    """Population -> the state drawn as its membrane potential, for those that have one."""
    found: dict[str, str] = {}
    for node in document.populations:
        model = model_of(document, node)
        if isinstance(model, NeuronModel) and model.membrane:
            found[node.id] = model.membrane
    return found


def short_labels(titles: Mapping[str, str]) -> dict[str, str]:
    """The shortest beginnings that tell the titles apart: "E" and "I" for Excitatory, Inhibitory.

    Titles that share their first letters get up to ``SHORT`` letters.
    """
    for length in range(1, SHORT):
        short = {node: title[:length].strip() for node, title in titles.items()}
        if len(set(short.values())) == len(short):
            return short
    return {node: title[:SHORT].strip() for node, title in titles.items()}


def threshold_of(document: Document, node: Node, membrane: str) -> float | None:
    """The number that the membrane is compared with, where it is one number for all neurons."""
    model = model_of(document, node)
    if not isinstance(model, NeuronModel) or membrane not in NAME.findall(model.threshold or ""):
        return None
    parameters = parameters_of(document, node)
    for name in NAME.findall(model.threshold):
        if name in parameters:
            value = node.parameters.get(name, parameters[name].default)
            return _number(value, parameters[name].unit, name)
    return None


def _number(value: Any, unit: str, name: str) -> float | None:
    if not isinstance(value, int | float | str):
        return None
    try:
        return quantity(value, unit, name)
    except WorkbenchError:
        return None


def membrane_unit(document: Document, node: Node, membrane: str) -> str:
    """The unit of the membrane state, "" where the model declares none."""
    model = model_of(document, node)
    if not isinstance(model, NeuronModel):
        return ""
    match = re.search(rf"d{re.escape(membrane)}/dt\s*=[^\n]*:\s*(\S+)", model.equations)
    return "" if match is None or match.group(1) == "1" else match.group(1)


def layout_of(
    recording: LiveRecording, document: Document, colours: Mapping[str, str], traced: str | None
) -> dict[str, Any]:
    """Everything the tiles need to know of the network that runs, as plain data."""
    titles = {member.id: _title(document, member.id) for member in recording.members}
    short = short_labels({member.id: titles[member.id] for member in recording.populations})
    return {
        "populations": [
            {
                "id": member.id,
                "label": titles[member.id],
                "short": short[member.id],
                "size": member.size,
                "colour": colours[member.id],
            }
            for member in recording.populations
        ],
        "nodes": [{"id": member.id, "kind": kind(member)} for member in recording.members],
        "traced": _traced(recording, document, colours, traced),
    }


def _title(document: Document, node_id: str) -> str:
    node = document.node(node_id)
    return node_id if node is None else node.title


def _traced(
    recording: LiveRecording, document: Document, colours: Mapping[str, str], traced: str | None
) -> dict[str, Any] | None:
    node = None if traced is None else document.node(traced)
    if node is None or node.id not in recording.traces:
        return None
    membrane = next(item.membrane for item in recording.members if item.id == node.id)
    model = model_of(document, node)
    return {
        "id": node.id,
        "label": node.title,
        "count": min(node.size, recording.traces[node.id].history.width),
        "unit": membrane_unit(document, node, membrane),
        "threshold": threshold_of(document, node, membrane),
        "colour": colours[node.id],
        # A model without a reset draws its own spikes.
        "bars": isinstance(model, NeuronModel) and bool(model.reset),
    }
