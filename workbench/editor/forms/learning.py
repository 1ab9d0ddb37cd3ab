"""The part of a wire's form that says how its synapses learn, and what an edit of it means."""

from __future__ import annotations

from typing import Any

from engine.document import Document, Edge
from engine.document.heard import HEARD, candidates, fields_of, heard_by
from engine.document.lookup import joins, output_of
from engine.document.normalising import EVERY, NORMALISE, SUM
from engine.document.plasticity import (
    DELAYS,
    learns_at_first,
    numbers_of_rule,
    parameters_of_rule,
    releases,
    rule_of,
    weight_unit,
    weights_change,
)
from engine.document.structure import WEIGHTS, WEIGHTS_EVERY
from engine.equations.units import quantity
from engine.errors import DocumentError, EquationError, Problem
from engine.models.declaration import PlasticityModel
from engine.models.registry import plasticity_models
from workbench.editor.forms.rows import (
    Row,
    choice,
    help_of,
    members_text,
    number_of,
    quantity_rows,
    shown_unit,
)
from workbench.editor.graph import figure
from workbench.locale import text

NOTHING = ""  # the choice of synapses that stay as they are


def learning_rows(document: Document, edge: Edge) -> list[Row]:
    """The rule, the side of its delay and its parameters; nothing for a current."""
    source, model = document.node(edge.source), rule_of(edge)
    if source is None or output_of(document, source) != "spikes" or joins(document, edge):
        return []
    rules = [{"value": name, "label": each.title} for name, each in plasticity_models().items()]
    none = {"value": NOTHING, "label": text("learning.none")}
    chosen = (edge.plasticity or {}).get("model", NOTHING)
    note = help_of(text("help.learning"))
    if model is not None:
        note = help_of(f"{model.doc} {text('help.learning.off')}", source=model.source)
    name = text("learning.rule")
    rows = [choice("plasticity/model", name, chosen, [none, *rules], live=False, help=note)]
    if model is None or edge.plasticity is None:
        return rows
    sides = [{"value": side, "label": text(f"learning.{side}")} for side in DELAYS]
    note = help_of(text("help.learning.delay"))
    name, side = text("learning.delay"), edge.plasticity.get("delay")
    if not releases(edge):  # what is released does not depend on the side of the delay
        rows.append(choice("plasticity/delay", name, side, sides, live=False, help=note))
    rows += [_heard_row(document, edge, field) for field in fields_of(model)]
    rows.append(_switch_row(edge))
    rows += _preset_rows(edge, model) + _parameter_rows(document, edge)
    return rows if releases(edge) else rows + _normalise_rows(document, edge)


def _switch_row(edge: Edge) -> Row:
    """Whether the rule acts now; a run takes a change at once."""
    note = help_of(text("help.learning.on"))
    row = {"kind": "switch", "path": "plasticity/on", "name": text("learning.on"), "help": note}
    return row | {"value": learns_at_first(edge), "live": True}


def weight_record_rows(document: Document, edge: Edge) -> list[Row]:
    """Whether the weights are recorded, and how often and of which synapses; nothing without."""
    if not weights_change(edge):
        return []
    kept = [each for each in document.recorders if each.node == edge.id]
    chip = {"value": WEIGHTS, "label": text("inspector.weights"), "active": bool(kept)}
    name = text("inspector.record")
    rows: list[Row] = [{"kind": "chips", "path": "record", "name": name, "items": [chip]}]
    for each in kept:
        rows += quantity_rows(
            f"recorders/{each.id}/interval",
            text("inspector.every"),
            each.interval,
            "ms",
            bounds=(document.simulation.dt, None),
            live=None,
            spread=False,
            placeholder=f"{WEIGHTS_EVERY:g}",
            help=help_of(text("help.every"), f"{WEIGHTS_EVERY:g} ms"),
        )
        row = {"kind": "text", "path": f"recorders/{each.id}/members"}
        row |= {"name": text("inspector.synapses.recorded"), "help": help_of(text("help.synapses"))}
        rows.append(
            row | {"value": members_text(each.members), "placeholder": text("inspector.all")}
        )
    return rows


def _heard_row(document: Document, edge: Edge, field: str) -> Row:
    """The choice of the node that rewards or teaches."""
    none = {"value": NOTHING, "label": text("learning.nobody")}
    nodes = candidates(document, edge, field)
    options = [none, *({"value": node.id, "label": node.title} for node in nodes)]
    note = help_of(text(f"help.learning.{field}"))
    name, value = text(f"learning.{field}"), heard_by(edge).get(field, NOTHING)
    return choice(f"plasticity/{field}", name, value, options, live=False, help=note)


def _preset_rows(edge: Edge, model: PlasticityModel) -> list[Row]:
    """The choice of a published set of parameters, if the rule has any."""
    if not model.presets:
        return []
    given = (edge.plasticity or {}).get("parameters", {})
    value = next((name for name, each in model.presets.items() if dict(each) == given), NOTHING)
    own = {"value": NOTHING, "label": text("learning.own")}
    options = [own, *({"value": name, "label": name} for name in model.presets)]
    note = help_of(text("help.learning.preset"))
    name = text("learning.preset")
    return [choice("plasticity/preset", name, value, options, live=True, help=note)]


def _parameter_rows(document: Document, edge: Edge) -> list[Row]:
    rows, model, given = [], rule_of(edge), (edge.plasticity or {}).get("parameters", {})
    numbers = _numbers(document, edge)
    for name, parameter in parameters_of_rule(document, edge).items():
        unit, value = parameter.unit or "1", given.get(name, numbers.get(name))
        words = parameter.default
        if not isinstance(words, str):
            words = f"{figure(words)} {shown_unit(unit)}".strip()  # type: ignore[arg-type]
        rows += quantity_rows(
            f"plasticity/{name}",
            name,
            value,
            unit,
            default=numbers.get(name, number_of(value, unit)),
            bounds=parameter.bounds,
            changed=name in given,
            spread=False,
            help=help_of(parameter.doc, words, model.source if model else "", parameter.bounds),
        )
    return rows


def _normalise_rows(document: Document, edge: Edge) -> list[Row]:
    """The sum that weights at a target keep, and how often; only the former while there is none."""
    given, rows = (edge.plasticity or {}).get(NORMALISE), []
    if not isinstance(given, dict):
        given = {SUM: None}
    for field, unit in ((SUM, weight_unit(document, edge)), (EVERY, "ms")):
        if field in given:
            rows += quantity_rows(
                f"plasticity/{NORMALISE}/{field}",
                text(f"learning.normalise.{field}"),
                given[field],
                unit,
                default=number_of(given[field], unit),
                bounds=(0, None),
                live=False,
                spread=False,
                indent=field == EVERY,
                help=help_of(text(f"help.learning.normalise.{field}")),
                placeholder=text("inspector.none") if field == SUM else "",
            )
    return rows


def _normalised(old: dict[str, Any], field: str, value: Any, unit: str) -> dict[str, Any]:
    """The rule ``old`` with another sum (None: weights are not normalised) or interval."""
    if field == SUM and value is None:
        return {**old, NORMALISE: None}
    found = old.get(NORMALISE)
    given = dict(found) if isinstance(found, dict) else {}  # a document may have been opened broken
    given.pop(field, None)
    if value is not None:
        given[field] = quantity(value, unit if field == SUM else "ms", field)
    return {**old, NORMALISE: given}


def _numbers(document: Document, edge: Edge) -> dict[str, float]:
    """All numbers of the rule; none while something is wrong with the edge."""
    try:
        return numbers_of_rule(document, edge)
    except (DocumentError, EquationError, KeyError, TypeError, ValueError):
        return {}  # the problem list says what is wrong


def _plain_field(field: str, value: Any) -> str | bool | None:
    """What ``value`` means at the side of the delay, at the switch, or at who is heard."""
    if field == "on":
        return bool(value)
    if field == "delay":
        return DELAYS[0] if value is None else str(value)
    return None if value in (None, NOTHING) else str(value)


def other_rule(document: Document, edge: Edge, field: str, value: Any) -> dict[str, Any] | None:
    """The rule of ``edge`` after ``value`` is put at ``field`` of its form."""
    path, old = f"edges/{edge.id}/plasticity/{field}", edge.plasticity or {}
    if field == "model":
        if value in (None, NOTHING):
            return None
        known = plasticity_models().get(str(value))
        kept = old.get("parameters", {})
        shared = {name: kept[name] for name in kept if known and name in known.parameters}
        used = fields_of(known) if known else ()
        if known is None or not known.release:
            used = (*used, NORMALISE)
        maybe = (*HEARD, NORMALISE)
        kept = {name: each for name, each in old.items() if name not in maybe or name in used}
        return {**kept, "model": str(value), "parameters": shared}
    if field in ("delay", "on", *HEARD) and old:
        return {**old, field: _plain_field(field, value)}
    part = field.removeprefix(f"{NORMALISE}/")
    if part in (SUM, EVERY) and part != field and old:
        return _normalised(old, part, value, weight_unit(document, edge))
    model = rule_of(edge)
    if field == "preset" and model is not None and value in model.presets:
        return {**old, "parameters": dict(model.presets[value])}
    parameter = parameters_of_rule(document, edge).get(field)
    if parameter is None:
        raise DocumentError(Problem(path, "refused", text("refused.path")))
    given = {name: kept for name, kept in old["parameters"].items() if name != field}
    if value is not None:
        given[field] = quantity(value, parameter.unit or "1", field)
    return {**old, "parameters": given}
