"""What a person who writes a document by hand may leave out, filled in before it is read.

Connections and recorders without an id get one from what they join or record, and a rule that needs
no numbers may be written as its name alone.
"""

from __future__ import annotations

from typing import Any

from engine.document.text import id_problem, unique_id


def written_out(data: dict[str, Any]) -> dict[str, Any]:
    """``data`` (plain JSON) with ids and rules written out; what is malformed is left as it is."""
    taken = {item["id"] for name in ("nodes", "edges", "recorders") for item in _named(data, name)}
    found = dict(data)
    for name, wanted in (("edges", _edge_id), ("recorders", _recorder_id)):
        if isinstance(data.get(name), list):
            found[name] = [_item(item, wanted, taken) for item in data[name]]
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
    if "id" in item:
        return item
    name = wanted(item)
    name = unique_id("unnamed" if id_problem(name) else name, taken, "-")
    taken.add(name)
    return {"id": name, **item}


def _edge_id(item: dict[str, Any]) -> str:
    return f"{str(item.get('source'))[:30]}-{str(item.get('target'))[:30]}"


def _recorder_id(item: dict[str, Any]) -> str:
    return f"rec-{str(item.get('node'))[:30]}-{str(item.get('variable'))[:20]}"
