"""What the tiles and nodes show besides data: names, colours, units and thresholds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.document import Document, Edge, Node
from engine.document.heard import heard_by
from engine.document.lookup import model_of, parameters_of
from engine.equations.units import quantity
from engine.errors import WorkbenchError
from engine.models.declaration import NeuronModel
from workbench.editor.forms.rows import shown_unit
from workbench.live.learning import kinds_of
from workbench.live.node_lines import kind
from workbench.live.recording import LiveRecording
from workbench.locale import text

SHORT = 5  # letters of a label beside a plot
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
    """Up to ``SHORT`` letters that tell titles apart: "E" and "I" for Excitatory and Inhibitory,
    "L4e" and "L4i" for "Layer 4 exc" and "Layer 4 inh", otherwise the shortest beginnings.

    Titles alike in all of these keep their first letters.
    """
    initials = {  # numbers stay whole: "G1" and "G10" for Group 1 and Group 10
        node: "".join(word if word.isdigit() else word[0] for word in title.split())
        for node, title in titles.items()
    }
    beginnings = [
        {node: title[:length].strip() for node, title in titles.items()}
        for length in range(1, SHORT + 1)
    ]
    for short in (beginnings[0], initials, *beginnings[1:]):
        words = list(short.values())
        if len(set(words)) == len(words) and all(len(word) <= SHORT for word in words):
            return short
    return beginnings[-1]


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
    recording: LiveRecording,
    document: Document,
    nodes: Mapping[str, Node],
    colours: Mapping[str, str],
    traced: str | None,
) -> dict[str, Any]:
    """Everything the tiles need to know of the network that runs, as plain data.

    ``nodes`` and ``colours`` have an entry for every member of ``recording``; ``traced`` is the
    population whose membrane potentials are shown.
    """
    short = short_labels({item.id: nodes[item.id].title for item in recording.populations})
    return {
        "populations": [
            {
                "id": member.id,
                "label": nodes[member.id].title,
                "short": short[member.id],
                "size": member.size,
                "colour": colours[member.id],
            }
            for member in recording.populations
        ],
        "nodes": [{"id": member.id, "kind": kind(member)} for member in recording.members],
        "traced": None
        if traced is None
        else _traced(recording, document, nodes[traced], colours[traced]),
        "learning": _learning(recording, nodes, colours),
        "maps": _maps(recording, nodes, colours),
    }


def _maps(
    recording: LiveRecording, nodes: Mapping[str, Node], colours: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The nodes whose members light up in their places as they fire."""
    return [
        {"id": name, "label": nodes[name].title, "colour": colours[name]} for name in recording.maps
    ]


def _learning(
    recording: LiveRecording, nodes: Mapping[str, Node], colours: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The connections that learn: their names, units, ends and the views that there are."""
    if recording.learning is None:
        return []
    return [
        {
            "id": name,
            "label": text("inspector.edge", source=source.title, target=target.title),
            "source": source.title,
            "target": target.title,
            "sources": source.size,
            "targets": target.size,
            "synapses": each.connections.synapses,
            "unit": shown_unit(each.unit),
            "colour": colours[source.id],
            "kinds": kinds_of(each),
            "teacher": _teacher(each.edge, nodes),
        }
        for name, each in recording.learning.learners.items()
        for source, target in [(nodes[each.edge.source], nodes[each.edge.target])]
    ]


def _teacher(edge: Edge, nodes: Mapping[str, Node]) -> str:
    """What the teacher of a connection is called, "" where there is none."""
    node = nodes.get(heard_by(edge).get("teacher", ""))
    return "" if node is None else node.title


def _traced(
    recording: LiveRecording, document: Document, node: Node, colour: str
) -> dict[str, Any]:
    membrane = next(item.membrane for item in recording.members if item.id == node.id)
    model = model_of(document, node)
    return {
        "id": node.id,
        "label": node.title,
        "count": recording.traces[node.id].history.width,
        "unit": membrane_unit(document, node, membrane),
        "threshold": threshold_of(document, node, membrane),
        "colour": colour,
        # A model without a reset draws its own spikes.
        "bars": isinstance(model, NeuronModel) and bool(model.reset),
    }
