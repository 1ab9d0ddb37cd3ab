"""Document to JSON: one stable form, so that equal documents have equal text and equal hashes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass
from typing import Any

from engine.document.structure import FORMAT, VERSION, Document

_FREE = ("parameters", "initial", "ports", "positions", "colours")  # written in the order of names

_IF_ANY = ("tiles",)  # left out where there is nothing to say


def to_json(document: Document) -> dict[str, Any]:
    """The document as plain JSON data, every field written out but the tiles nobody chose."""
    return {"format": FORMAT, "version": VERSION, **_data(document)}


def dumps(document: Document) -> str:
    """The document as JSON text: fixed order of fields, indented by two, whole numbers bare."""
    return json.dumps(to_json(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def content_hash(document: Document) -> str:
    """A SHA-256 of all that a run depends on: no names for people, no drawing."""
    data = to_json(document)
    for name in ("name", "description", "layout"):
        del data[name]
    for node in data["nodes"]:
        del node["label"]
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _data(value: Any, name: str = "") -> Any:
    if is_dataclass(value):
        found = {item.name: _data(getattr(value, item.name), item.name) for item in fields(value)}
        return {key: each for key, each in found.items() if each or key not in _IF_ANY}
    if isinstance(value, dict):
        names = sorted(value) if name in _FREE else value
        return {key: _data(value[key]) for key in names}
    if isinstance(value, list | tuple):
        return [_data(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value
