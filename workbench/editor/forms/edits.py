"""What an edit in the inspector means: a path of the form and a value become commands.

Values come from the browser as numbers (a slider), texts (a field) or booleans (a switch); None
goes back to the default.  Raises DocumentError with the sentence that stands under the field.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from engine.document import Document, Edge, Node, replace
from engine.document.lookup import model_of, parameters_of, ports_of, state_units
from engine.document.plasticity import releases, rule_of
from engine.document.structure import AUTO
from engine.document.values import DISTRIBUTIONS, GAMMA, RULES, is_distribution, is_spatial
from engine.equations.units import quantity
from engine.errors import DocumentError, Problem
from workbench.commands import Command
from workbench.editor.forms.choose import selected
from workbench.editor.forms.code import size_after
from workbench.editor.forms.defaults import default_values, representative
from workbench.editor.forms.document import NUMBERS
from workbench.editor.forms.geometry import geometry_commands
from workbench.editor.forms.learning import other_rule
from workbench.editor.forms.rows import AUTOMATIC, ONE_VALUE
from workbench.editor.graph import kind_of_rule
from workbench.locale import text

MAX_TEXT = 20_000  # characters of a description or note
SCALE = 100  # um, of something new that falls with distance
SHAPE = 2  # of a new gamma profile


def commands_for(
    document: Document, selection: tuple[str, ...], path: str, value: Any
) -> list[Command]:
    """The commands that put ``value`` at ``path`` of everything selected, else of the document."""
    head, _, rest = path.partition("/")
    if head in _DOCUMENT:
        return _DOCUMENT[head](document, rest, value)
    nodes, edges = selected(document, selection)
    if head in _SELECTION:
        return _SELECTION[head]([each.id for each in (*nodes, *edges)])
    if nodes and head in _NODE:
        return [made for node in nodes for made in _NODE[head](document, node, rest, value)]
    if edges and not nodes and head in _EDGE:
        return [made for edge in edges for made in _EDGE[head](document, edge, rest, value)]
    raise _refused(path, text("refused.path"))


def clean(value: Any) -> Any:
    """A typed text without spaces between digits and with a plain minus; others as they are."""
    if not isinstance(value, str):
        return value
    plain = value.replace("\u2212", "-").replace("\u00a0", " ").replace("\u2009", " ").strip()
    return re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "", plain)


def _refused(path: str, message: str, remedy: str = "") -> DocumentError:
    return DocumentError(Problem(path, "refused", message, remedy))


def _number(value: Any, unit: str, what: str) -> float:
    """``value`` as a number in ``unit``; a whole number stays one, so that "20" is written 20."""
    number = quantity(clean(value), unit, what)
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _whole(value: Any, what: str) -> int:
    number = quantity(clean(value), "1", what)
    if not float(number).is_integer():
        raise _refused(
            what, text("refused.whole"), text("refused.whole.remedy", near=round(number))
        )
    return int(number)


def _quantity(old: Any, now: float | None, rest: str, value: Any, unit: str, what: str) -> Any:
    """A value that may be a distribution, after the edit of it or of one of its numbers.

    ``old`` is what the document says, ``now`` the number that it stands for (or the default).
    """
    if rest == "distribution":
        return _other_kind(old, now, str(value))
    if rest:
        if not is_distribution(old) or rest not in DISTRIBUTIONS[old["distribution"]]:
            raise _refused(what, text("refused.path"))
        kept = {key: entry for key, entry in old.items() if key != rest}
        field = DISTRIBUTIONS[old["distribution"]][rest]
        if value is None and field.optional:
            return kept
        name = f"{what} {text(f'spread.{rest}')}"
        return kept | {rest: _number(value, field.unit or unit, name)}
    return None if value is None else _number(value, unit, what)


def _other_kind(old: Any, now: float | None, kind: str) -> Any:
    """The same centre and width under another distribution, or one value at the centre."""
    centre, width = _centre_and_width(old, now)
    if kind == ONE_VALUE:
        return centre
    if kind not in DISTRIBUTIONS:
        raise _refused("", text("refused.distribution"))
    if kind == "uniform":
        return {"distribution": kind, "low": centre - width, "high": centre + width}
    if kind == "distance_linear":
        return {"distribution": kind, "offset": centre, "slope": width}
    if is_spatial({"distribution": kind}):
        return {"distribution": kind, "peak": centre, "scale": SCALE}
    if kind == "exponential":
        return {"distribution": kind, "mean": centre}
    mean = abs(centre) or 1.0 if kind == "lognormal" else centre
    return {"distribution": kind, "mean": mean, "std": width}


def _centre_and_width(old: Any, now: float | None) -> tuple[float, float]:
    if not is_distribution(old):
        centre = now if now is not None else 0.0
        return centre, float(f"{abs(centre) / 10 or 1.0:.3g}")
    if old["distribution"] == "uniform":
        low, high = float(old["low"]), float(old["high"])
        return (low + high) / 2, float(f"{(high - low) / 2 or 1.0:.6g}")
    if is_spatial(old):
        middle = float(old.get("offset", old.get("peak", 0.0)))
        return middle, float(f"{abs(middle) / 10 or 1.0:.3g}")
    mean = float(old["mean"])
    return mean, float(old.get("std", abs(mean) / 10 or 1.0))


# Nodes


def _parameter(document: Document, node: Node, rest: str, value: Any) -> list[Command]:
    name, _, field = rest.partition("/")
    known, model = parameters_of(document, node), model_of(document, node)
    if name not in known or model is None:
        raise _refused(f"nodes/{node.id}/parameters/{name}", text("refused.path"))
    parameter, old = known[name], node.parameters.get(name)
    if parameter.kind in ("text", "choice"):
        made: Any = str(value) if value else None
    elif parameter.kind == "numbers":
        made = numbers_of(value, parameter.unit, name)
    elif parameter.kind == "integer":
        made = None if value is None else _whole(value, name)
    else:
        value = int(value) if isinstance(value, bool) else value  # a switch of an option
        now = representative(old, parameter.unit)
        now = default_values(document, node).get(name) if now is None else now
        made = _quantity(old, now, field, value, parameter.unit, name)
    size = size_after(document, node, name, made)
    return [Command("set_parameter", {"node": node.id, "name": name, "value": made} | size)]


def numbers_of(value: Any, unit: str, name: str) -> list[float] | None:
    """Numbers as typed, with commas or spaces between them."""
    words = [word for word in re.split(r"[\s,;]+", str(value or "")[:MAX_TEXT]) if word]
    return [_number(word, unit, name) for word in words] or None


def _initial(document: Document, node: Node, rest: str, value: Any) -> list[Command]:
    name, _, field = rest.partition("/")
    units = state_units(document, node)
    if name not in units:
        raise _refused(f"nodes/{node.id}/initial/{name}", text("refused.path"))
    old = node.initial.get(name)
    made: Any = "rest"
    if not (isinstance(value, str) and clean(value) == "rest" and not field):
        now = representative(old, units[name])
        now = _start(name) if now is None else now
        made = _quantity(old, now, field, value, units[name], name)
    return [Command("set_initial", {"node": node.id, "state": name, "value": made})]


def _start(state: str) -> float:
    """The centre of a new distribution of a state that stood at its default."""
    return -65.0 if state == "v" else 0.0


def _size(document: Document, node: Node, rest: str, value: Any) -> list[Command]:
    size = _whole(1 if value is None else value, text("inspector.size"))
    return [_set_node(node, "size", size)]


def _label(document: Document, node: Node, rest: str, value: Any) -> list[Command]:
    return [_set_node(node, "label", str(value or "").strip()[:MAX_TEXT])]


def _geometry(document: Document, node: Node, rest: str, value: Any) -> list[Command]:
    return geometry_commands(node, rest, clean(value))


def _model(document: Document, node: Node, rest: str, value: Any) -> list[Command]:
    return [_set_node(node, "model", str(value))]


def _solver(document: Document, node: Node, rest: str, value: Any) -> list[Command]:
    return [_set_node(node, "solver", None if value in (None, AUTOMATIC) else str(value))]


def _set_node(node: Node, field: str, value: Any) -> Command:
    return Command("set_node", {"id": node.id, "field": field, "value": value})


def _port(document: Document, node: Node, rest: str, value: Any) -> list[Command]:
    model = model_of(document, node)
    own = getattr(model, "ports", {}).get(rest)
    synapse = None if value is None or value == own else str(value)
    return [Command("set_port", {"node": node.id, "port": rest, "synapse": synapse})]


def _preset(document: Document, node: Node, rest: str, value: Any) -> list[Command]:
    presets = getattr(model_of(document, node), "presets", {})
    if value not in presets:
        raise _refused(f"nodes/{node.id}", text("refused.path"))
    return [Command("set_parameters", {"node": node.id, "values": dict(presets[value])})]


def _colour(document: Document, node: Node, rest: str, value: Any) -> list[Command]:
    colour = None if value is None else str(value)
    return [Command("set_colour", {"id": node.id, "colour": colour})]


def _record(document: Document, node: Node | Edge, rest: str, value: Any) -> list[Command]:
    """Record a variable, or stop recording it."""
    kept = [
        each.id for each in document.recorders if each.node == node.id and each.variable == value
    ]
    if kept:
        return [Command("remove_recorder", {"id": each}) for each in kept]
    every = isinstance(node, Edge) or value in ("spikes", "rate")
    few = None if every else {"start": 0, "stop": min(5, node.size)}
    return [Command("add_recorder", {"node": node.id, "variable": str(value), "members": few})]


# Wires


def _rule(document: Document, edge: Edge, rest: str, value: Any) -> list[Command]:
    if rest == "kind":
        return [_set_edge(edge, "rule", _new_rule(document, edge, str(value)))]
    entry = RULES.get(kind_of_rule(edge.rule), {}).get(rest)
    if entry is None:
        raise _refused(f"edges/{edge.id}/rule", text("refused.path"))
    name = text(f"rule.{rest}")
    if entry.kind == "flag":
        made: Any = bool(value)
    elif value in (None, "") and entry.optional:
        made = None
    elif entry.kind == "count":
        made = _whole(value, name)
    elif entry.kind == "choice":
        made = str(value)
    elif entry.kind in ("length", "reach", "shape"):
        made = _number(value, entry.unit or "1", name)
    else:
        made = _share(value, name)
    rule = edge.rule | {rest: made}
    if made is None and entry.optional:
        del rule[rest]
    return [_set_edge(edge, "rule", _agreeing(rule, rest))]


def _agreeing(rule: dict[str, Any], edited: str) -> dict[str, Any]:
    """A rule by distance whose other fields have followed the one that was edited."""
    left_out = {"indegree": "outdegree", "outdegree": "indegree"}.get(edited)
    if edited == "profile":
        gamma = rule["profile"] == GAMMA
        rule = rule | {"shape": rule.get("shape", SHAPE)} if gamma else rule
        left_out = None if gamma else "shape"
    return {name: value for name, value in rule.items() if name != left_out}


def _share(value: Any, name: str) -> float:
    """A probability; "2 %" is understood as well as 0.02."""
    typed = clean(value)
    if isinstance(typed, str) and typed.endswith("%"):
        return quantity(typed[:-1], "1", name) / 100
    return quantity(typed, "1", name)


def _new_rule(document: Document, edge: Edge, kind: str) -> dict[str, Any]:
    """Another rule that makes about as many synapses as can be said, flags kept."""
    if kind not in RULES:
        raise _refused(f"edges/{edge.id}/rule", text("refused.path"))
    source, target = document.node(edge.source), document.node(edge.target)
    sizes = [node.size if node is not None else 1 for node in (source, target)]
    ends = {"fixed_indegree": sizes[0], "fixed_outdegree": sizes[1]}
    pool = ends.get(kind, sizes[0] * sizes[1])
    share = edge.rule.get("p", 0.1)
    numbers = {"p": share, "n": max(1, round(share * pool)), "scale": SCALE}
    # A number in all and one of each neuron are not of a kind.
    alike = "fixed_total" not in (kind, kind_of_rule(edge.rule))
    old = numbers | {key: value for key, value in edge.rule.items() if key != "n" or alike}
    return {"kind": kind} | {name: old[name] for name in RULES[kind] if name in old}


def _weight(document: Document, edge: Edge, rest: str, value: Any) -> list[Command]:
    target = document.node(edge.target)
    ports = ports_of(document, target) if target is not None else {}
    unit = ports[edge.port].unit if edge.port in ports else "1"
    return _edge_quantity(edge, "weight", edge.weight, rest, value, unit)


def _delay(document: Document, edge: Edge, rest: str, value: Any) -> list[Command]:
    return _edge_quantity(edge, "delay", edge.delay, rest, value, "ms")


def _edge_quantity(
    edge: Edge, field: str, old: Any, rest: str, value: Any, unit: str
) -> list[Command]:
    name = text(f"inspector.{field}")
    if value is None and not rest:
        raise _refused(f"edges/{edge.id}/{field}", text("refused.empty"))
    now = quantity(old, unit, name) if isinstance(old, int | float | str) else None
    return [_set_edge(edge, field, _quantity(old, now, rest, value, unit, name))]


def _edge_port(document: Document, edge: Edge, rest: str, value: Any) -> list[Command]:
    return [_set_edge(edge, "port", str(value))]


def _plasticity(document: Document, edge: Edge, rest: str, value: Any) -> list[Command]:
    made = _set_edge(edge, "plasticity", other_rule(document, edge, rest, clean(value)))
    changed = replace(edge, plasticity=made.arguments["value"])
    if rule_of(changed) is not None and not releases(changed):
        return [made]
    kept = (each.id for each in document.recorders if each.node == edge.id)
    return [made, *(Command("remove_recorder", {"id": each}) for each in kept)]


def _set_edge(edge: Edge, field: str, value: Any) -> Command:
    return Command("set_edge", {"id": edge.id, "field": field, "value": value})


# The document


def _words(document: Document, rest: str, value: Any) -> list[Command]:
    words = str(value or "")[:MAX_TEXT]
    if rest == "name":
        words = words.strip() or text("document.untitled")
    return [Command("set_document", {"field": rest, "value": words})]


def _simulation(document: Document, rest: str, value: Any) -> list[Command]:
    if value is None and rest in (*NUMBERS, "threads"):
        value = getattr(type(document.simulation), rest)
    elif rest == "threads" and value != AUTO:
        value = _whole(value, text("simulation.threads"))
    if rest in NUMBERS:
        unit, _, integer = NUMBERS[rest]
        name = text(f"simulation.{rest}")
        value = _whole(value, name) if integer else quantity(clean(value), unit, name)
    return [Command("set_simulation", {rest: value})]


def _recorder(document: Document, rest: str, value: Any) -> list[Command]:
    name, _, field = rest.partition("/")
    if field == "members":
        arguments = {"id": name, "field": field, "value": members_of(value)}
        return [Command("set_recorder", arguments)]
    if field == "interval":
        interval = None if value is None else quantity(clean(value), "ms", text("inspector.every"))
        return [Command("set_recorder", {"id": name, "field": field, "value": interval})]
    return [Command("remove_recorder", {"id": name})]


def members_of(value: Any) -> dict[str, int] | list[int] | None:
    """Members as typed: "" or "all", "0-4", or "1, 5, 9"."""
    typed = str(value or "").strip().lower()
    if typed in ("", text("inspector.all").lower()):
        return None
    between = re.fullmatch(r"(\d{1,9})\s*[-–:…]\s*(\d{1,9})", typed)
    if between:
        return {"start": int(between[1]), "stop": int(between[2]) + 1}
    if re.fullmatch(r"\d{1,9}(\s*,\s*\d{1,9})*", typed):
        return [int(member) for member in typed.split(",")]
    raise _refused(text("inspector.members", variable=""), text("refused.members"))


def _note(document: Document, rest: str, value: Any) -> list[Command]:
    notes = [dict(note) for note in document.layout.notes]
    place = int(rest) if rest.isdecimal() and len(rest) < 5 else len(notes)
    words = str(value or "")[:MAX_TEXT]
    if place < len(notes):
        notes[place]["text"] = words
    elif words:
        notes.append({"text": words, "position": [0, 0]})
    return [Command("set_notes", {"notes": [note for note in notes if note.get("text")]})]


def _remove(ids: list[str]) -> list[Command]:
    return [Command("remove", {"ids": ids})]


def _duplicate(ids: list[str]) -> list[Command]:
    return [Command("duplicate", {"ids": ids})]


_NODE: dict[str, Callable[[Document, Node, str, Any], list[Command]]] = {
    "parameters": _parameter,
    "initial": _initial,
    "size": _size,
    "geometry": _geometry,
    "label": _label,
    "model": _model,
    "solver": _solver,
    "ports": _port,
    "preset": _preset,
    "colour": _colour,
    "record": _record,
}
_EDGE: dict[str, Callable[[Document, Edge, str, Any], list[Command]]] = {
    "rule": _rule,
    "weight": _weight,
    "delay": _delay,
    "port": _edge_port,
    "plasticity": _plasticity,
    "record": _record,
}
_DOCUMENT: dict[str, Callable[[Document, str, Any], list[Command]]] = {
    "document": _words,
    "simulation": _simulation,
    "recorders": _recorder,
    "notes": _note,
}
_SELECTION: dict[str, Callable[[list[str]], list[Command]]] = {
    "remove": _remove,
    "duplicate": _duplicate,
}
