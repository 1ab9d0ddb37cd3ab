"""What the user means: populations, projections, recorders and run settings as pure data.

``loads`` and ``dumps`` turn text into a ``Document`` and back, ``check`` lists all that is wrong
with its meaning.  Nothing here knows how a network is run.
"""

from engine.document.files import load, save
from engine.document.reading import from_json, loads, parse, read
from engine.document.structure import (
    FORMAT,
    VERSION,
    Document,
    Edge,
    Layout,
    Members,
    Node,
    Recorder,
    Rule,
    RunSettings,
    Value,
    replace,
)
from engine.document.writing import content_hash, dumps, to_json

__all__ = [
    "FORMAT",
    "VERSION",
    "Document",
    "Edge",
    "Layout",
    "Members",
    "Node",
    "Recorder",
    "Rule",
    "RunSettings",
    "Value",
    "content_hash",
    "dumps",
    "from_json",
    "load",
    "loads",
    "parse",
    "read",
    "replace",
    "save",
    "to_json",
]
