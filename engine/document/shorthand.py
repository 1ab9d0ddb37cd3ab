"""What a person who writes a document by hand may leave out, filled in before it is read.

Connections and recorders without an id get one from what they join or record, a rule that needs
no numbers may be written as its name alone, and a time such as "0.5 s" becomes a number of ms.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from engine.document.text import id_problem, unique_id
from engine.equations.units import quantity
from engine.errors import DocumentError


def written_out(data: dict[str, Any]) -> dict[str, Any]:
    """``data`` (plain JSON) with ids and rules written out; what is malformed is left as it is."""
    taken = {item["id"] for name in ("nodes", "edges", "recorders") for item in _named(data, name)}
    found = dict(data)
    for name, wanted in (("edges", _edge_id), ("recorders", _recorder_id)):
        if isinstance(data.get(name), list):
            found[name] = [_item(item, wanted, taken) for item in data[name]]
    if isinstance(data.get("simulation"), dict):
        found["simulation"] = _in_ms(data["simulation"], ("dt", "duration"))
    return found


def _named(data: dict[str, Any], name: str) -> list[dict[str, Any]]:
    items = data.get(name)
    if not isinstance(items, list):
        return []
    return [item for item in items if isinstance(item, dict) and isinstance(item.get("id"), str)]


def _item(item: Any, wanted: Any, taken: set[str]) -> Any:
    if not isinstance(item, dict):
        return item
    if isinstance(item.get("rule"), str):
        item = {**item, "rule": {"kind": item["rule"]}}
    item = _in_ms(item, ("interval",))
    if "id" in item:
        return item
    name = wanted(item)
    name = unique_id("unnamed" if id_problem(name) else name, taken, "-")
    taken.add(name)
    return {"id": name, **item}


def _in_ms(item: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """``item`` with the times called ``names`` as numbers; those that are no times stay."""
    found = dict(item)
    for name in names:
        if isinstance(item.get(name), str):
            with suppress(DocumentError):
                found[name] = quantity(item[name], "ms", name)
    return found


def _edge_id(item: dict[str, Any]) -> str:
    return f"{str(item.get('source'))[:30]}-{str(item.get('target'))[:30]}"


def _recorder_id(item: dict[str, Any]) -> str:
    return f"rec-{str(item.get('node'))[:30]}-{str(item.get('variable'))[:20]}"
