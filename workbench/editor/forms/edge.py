"""The form of a wire: its rule, weight, delay and port, and how many synapses it will make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.connectivity.expected import expected_synapses
from engine.document import Document, Edge
from engine.document.lookup import flows, holds, joins, ports_of
from engine.document.validate import port_reason
from engine.document.values import DEGREES, GAMMA, RULES, Field
from engine.runtime.places import between
from workbench.editor.forms.learning import learning_rows, weight_record_rows
from workbench.editor.forms.node import actions
from workbench.editor.forms.rows import (
    Form,
    Row,
    choice,
    help_of,
    number_of,
    quantity_rows,
    section,
    without_empty,
)
from workbench.editor.graph import count, kind_of_rule
from workbench.locale import counted, text
from workbench.naming import wire_name

Of = Callable[[str], str]


def edge_form(document: Document, edge: Edge, colour_of: Of, sign_of: Of) -> Form:
    """Everything about ``edge``."""
    swatch = {"colour": colour_of(edge.source), "round": sign_of(edge.source) == "inhibitory"}
    return {
        "key": f"edges:{edge.id}",
        "title": {"text": wire_name(document, edge), "swatch": swatch},
        "chips": [{"text": edge.port}, *_synapse_chip(document, edge)],
        "actions": [each for each in actions() if each["path"] == "remove"],
        "sections": without_empty(
            [
                section(text("inspector.connection"), _rule_rows(document, edge)),
                section(text("inspector.synapse"), _synapse_rows(document, edge)),
                section(text("inspector.learning"), learning_rows(document, edge)),
                section(text("inspector.record"), weight_record_rows(document, edge)),
            ]
        ),
    }


def edge_synapses(document: Document, edge: Edge) -> float | None:
    """How many synapses the rule is expected to make; None where an end is missing."""
    source, target = document.node(edge.source), document.node(edge.target)
    if source is None or target is None:
        return None
    try:
        apart = between(document, edge) if edge.rule.get("kind") == "distance" else None
        return expected_synapses(edge.rule, source.size, target.size, source is target, apart)
    except (KeyError, TypeError, ValueError):
        return None  # a rule that is not complete yet: the problem list says what is missing


def _synapse_chip(document: Document, edge: Edge) -> list[Row]:
    synapses = edge_synapses(document, edge)
    if synapses is None:
        return []
    number = round(synapses)
    return [{"text": counted("inspector.synapses", number, count(number))}]


def _rule_rows(document: Document, edge: Edge) -> list[Row]:
    kind = kind_of_rule(edge.rule)
    # A list of pairs comes from a script or a file; distances need places.
    left_out = {"explicit"} | (set() if _placed(document, edge) else {"distance"})
    names = [name for name in RULES if name == kind or name not in left_out]
    kinds = [{"value": name, "label": text(f"rule.{name}")} for name in names]
    note = help_of(text(f"help.rule.{kind}") if kind else "")
    name = text("inspector.rule")
    rows = [choice("rule/kind", name, kind or None, kinds, live=False, help=note)]
    for name, entry in RULES.get(kind, {}).items():
        value = edge.rule.get(name)
        if _goes_without(edge, name, entry):
            continue
        note = help_of(text(f"help.rule.{name}"))
        if entry.kind == "flag":
            row = {"kind": "switch", "path": f"rule/{name}", "name": text(f"rule.{name}")}
            rows.append(row | {"value": bool(value), "live": False, "help": note})
        elif entry.kind == "choice":
            options = [
                {"value": each, "label": text(f"rule.{name}.{each}")} for each in entry.choices
            ]
            rows.append(choice(f"rule/{name}", text(f"rule.{name}"), value, options,
                               live=False, help=note))  # fmt: skip
        elif entry.kind in ("length", "reach", "shape"):
            rows += quantity_rows(
                f"rule/{name}",
                text(f"rule.{name}"),
                value,
                entry.unit,
                default=number_of(value, entry.unit),
                bounds=(1 if entry.kind == "shape" else 0, None),
                live=False,
                spread=False,
                placeholder=text("inspector.none") if entry.optional else "",
                help=note,
            )
        elif entry.kind in ("share", "count"):
            left_out = text("inspector.none") if entry.optional else ""
            rows += _number_rows(document, edge, name, entry.kind, value, note, left_out)
    return rows


def _goes_without(edge: Edge, name: str, entry: Field) -> bool:
    """Whether a field of the rule says nothing: the shape of a profile that has none, a
    probability where the number of synapses is fixed."""
    if entry.kind == "shape":
        return edge.rule.get("profile") != GAMMA and name not in edge.rule
    fixed = any(edge.rule.get(degree) is not None for degree in DEGREES)
    return name == "p" and fixed and kind_of_rule(edge.rule) == "distance"


def _number_rows(
    document: Document, edge: Edge, name: str, kind: str, value: Any, note: Row, left_out: str
) -> list[Row]:
    whole = kind == "count"
    value = value if isinstance(value, int | float | str) else None  # numbers only; no distribution
    if not whole:
        bounds: tuple[float, float] = (0, 1)
    else:
        nodes = (document.node(edge.source), document.node(edge.target))
        sources, targets = (node.size if node is not None else 1 for node in nodes)
        pools = {"fixed_indegree": sources, "fixed_outdegree": targets,
                 "indegree": sources, "outdegree": targets}  # fmt: skip
        of = name if name in pools else kind_of_rule(edge.rule)
        bounds = (0, max(1, pools.get(of, sources * targets)))
    rows = quantity_rows(
        f"rule/{name}",
        text(f"rule.{name}"),
        value,
        "1",
        default=number_of(value, "1"),
        bounds=bounds,
        live=False,
        integer=whole,
        spread=False,
        placeholder=left_out,
        help=note,
    )
    for row in rows:
        row["slider"] = _share_slider(value) if not whole else row["slider"]
    return rows


def _share_slider(value: Any) -> Row:
    """Probabilities are mostly small: a logarithmic range from a tenth of a per mille to one."""
    low = min(1e-4, value) if isinstance(value, int | float) and value > 0 else 1e-4
    return {"low": low, "high": 1.0, "log": True, "step": 0.01}


def _synapse_rows(document: Document, edge: Edge) -> list[Row]:
    source, target = document.node(edge.source), document.node(edge.target)
    ports = ports_of(document, target) if target is not None else {}
    unit = ports[edge.port].unit if edge.port in ports else "1"
    current = source is not None and flows(document, source)
    others = _open_ports(document, edge, list(ports))
    name = text("inspector.port")
    note = help_of(text("help.edge.port"))
    rows = [choice("port", name, edge.port, others, live=False, help=note)]
    if not holds(document, edge):  # a command is followed as it is
        rows += _weight_rows(edge, unit, _placed(document, edge))
    if not (current or joins(document, edge)):
        rows += quantity_rows(
            "delay",
            text("inspector.delay"),
            edge.delay,
            "ms",
            default=number_of(edge.delay, "ms"),
            bounds=(document.simulation.dt, 100.0),
            live=False,
            spatial=_placed(document, edge),
            help=help_of(text("help.delay")),
        )
    return rows


def _placed(document: Document, edge: Edge) -> bool:
    """Whether both ends have places, so that values may go by distance."""
    ends = (document.node(edge.source), document.node(edge.target))
    return all(node is not None and node.is_placed for node in ends)


def _weight_rows(edge: Edge, unit: str, spatial: bool) -> list[Row]:
    """The weight; its slider keeps the sign: through zero it would turn into another synapse."""
    weight = number_of(edge.weight, unit)
    inhibits = weight is not None and weight < 0
    rows = quantity_rows(
        "weight",
        text("inspector.weight"),
        edge.weight,
        unit,
        default=weight if weight else 1.0,
        bounds=(None, 0.0) if inhibits else (0.0, None),
        spatial=spatial,
        help=help_of(text("help.weight")),
    )
    if inhibits and rows[0]["slider"]:
        rows[0]["slider"]["from_right"] = True
    return rows


def _open_ports(document: Document, edge: Edge, ports: list[str]) -> list[str]:
    """The ports that take what the source sends."""
    open_ports = [
        port for port in ports if port_reason(document, edge.source, edge.target, port) is None
    ]
    return open_ports or [edge.port]
