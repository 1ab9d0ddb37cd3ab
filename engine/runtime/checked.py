"""``engine.check``: all that is wrong with a document, the files that it names included."""

from __future__ import annotations

import os
from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path

from engine.coding.nodes import code_of
from engine.document import Document, Node
from engine.document.geometry_fields import MORPHOLOGY
from engine.document.lookup import parameters_of
from engine.document.validate import check as check_document
from engine.errors import DataError, DocumentError, LimitError, Problem
from engine.runtime.cables import compartments_of, found_file
from engine.runtime.data_files import find
from engine.runtime.sources import encoded_by, size_problem
from engine.runtime.spike_files import SUFFIXES, spike_times

SPIKE_FILE = "spike_file"


def check(document: Document, folder: str | os.PathLike[str] | None = None) -> list[Problem]:
    """Every problem of ``document``, errors first, then hints; empty if there is nothing to say.

    Files that it names are looked for in ``folder``, where the document lies, and in the data
    folder, and are read.
    """
    found = check_document(document)
    broken = tuple(problem.path for problem in found if problem.severity == "error")
    found += file_problems(document, None if folder is None else Path(folder), broken)
    return sorted(found, key=lambda problem: problem.severity != "error")


def names_files(document: Document) -> bool:
    """Whether any node of ``document`` reads a file."""
    return any(
        _is_morphology(node) or _is_spike_file(node) or code_of(node.model) is not None
        for node in document.nodes
    )


def file_problems(
    document: Document, folder: Path | None, broken: tuple[str, ...] = ()
) -> list[Problem]:
    """What is wrong with the files that a document names: missing, broken, too large, or not what
    it says.  Nodes with one of the problems at ``broken`` are left out.  A file is read again only
    when it has changed."""
    found = []
    for node in document.nodes:
        place = f"nodes/{node.id}/"
        if any(path.startswith(place) for path in broken):
            continue
        if _is_morphology(node):
            found += _morphology(node, folder)
        elif _is_spike_file(node):
            found += _spikes(document, node, folder)
        elif code_of(node.model) is not None:
            found += _encoding(document, node, folder)
    return found


def _encoding(document: Document, node: Node, folder: Path | None) -> list[Problem]:
    """Whether a source can encode what it is given, and has the members for it."""
    try:
        wrong = size_problem(node, encoded_by(document, node, folder))
    except DocumentError as error:
        return error.problems
    return [] if wrong is None else [wrong]


def _is_morphology(node: Node) -> bool:
    return (node.geometry or {}).get("kind") == MORPHOLOGY


def _is_spike_file(node: Node) -> bool:
    return node.model == SPIKE_FILE and node.kind == "source"


def _morphology(node: Node, folder: Path | None) -> list[Problem]:
    geometry, path = node.geometry or {}, f"nodes/{node.id}/geometry"
    key = tuple(sorted((name, value) for name, value in geometry.items()))
    try:
        file = found_file(geometry, folder)
        wrong, size = _cell(key, file, _state(file), folder)
    except (DataError, OSError) as error:
        wrong, size = str(error), 0
    if wrong:
        message, _, remedy = wrong.rpartition("; ")
        return [Problem(path, "morphology", message or wrong, remedy if message else "")]
    if size != node.size:
        message = f'"{node.title}" has {size:,} compartments, its size says {node.size:,}'
        return [Problem(f"nodes/{node.id}/size", "size", message, f"set the size to {size}")]
    return []


@lru_cache(maxsize=32)
def _cell(
    geometry: tuple[tuple[str, Hashable], ...],
    file: Path,
    state: tuple[int, int],
    folder: Path | None,
) -> tuple[str, int]:
    """What is wrong with a morphology, or how many compartments it has."""
    try:
        return "", len(compartments_of(dict(geometry), 1, folder))
    except (DataError, LimitError) as error:
        return str(error), 0


def _spikes(document: Document, node: Node, folder: Path | None) -> list[Problem]:
    declared = parameters_of(document, node)
    path, column, unit = (
        node.parameters.get(name, declared[name].default) for name in ("path", "column", "unit")
    )
    try:
        file = find(str(path), folder, "spike file", SUFFIXES)
        place = column if isinstance(column, int | str) else 0
        wrong = _train(str(path), place, str(unit), file, _state(file), folder)
    except (DataError, OSError) as error:
        wrong = str(error)
    if not wrong:
        return []
    message, _, remedy = wrong.rpartition("; ")
    where = f"nodes/{node.id}/parameters/path"
    return [Problem(where, "spike-file", message or wrong, remedy if message else "")]


@lru_cache(maxsize=32)
def _train(
    path: str,
    column: int | str,
    unit: str,
    file: Path,
    state: tuple[int, int],
    folder: Path | None,
) -> str:
    """What is wrong with a spike file."""
    try:
        spike_times(path, column, unit, folder)
    except DataError as error:
        return str(error)
    return ""


def _state(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_mtime_ns, found.st_size
