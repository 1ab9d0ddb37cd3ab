"""Documents of older versions, brought up to the present one step at a time.

``MIGRATIONS[n]`` takes the plain data of a document of version n and returns it as version n + 1.
A migration is never changed once it was released; each has a test with a document of its time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.document.structure import FORMAT, VERSION
from engine.document.text import describe
from engine.errors import DocumentError, Problem

Migration = Callable[[dict[str, Any]], dict[str, Any]]

MIGRATIONS: Mapping[int, Migration] = {}  # version 1 is the first


def migrate(
    data: Any, migrations: Mapping[int, Migration] = MIGRATIONS, current: int = VERSION
) -> dict[str, Any]:
    """``data`` as a document of version ``current``.

    Raises DocumentError if it is not a document, of a version that never was, or of a newer one.
    """
    version = _version(data, current)
    while version < current:
        data = migrations[version](data) | {"version": version + 1}
        version += 1
    return data


def _version(data: Any, current: int) -> int:
    if not isinstance(data, dict):
        message = f"a document is a JSON object, not {describe(data)}"
        raise DocumentError(Problem("", "not-a-document", message, _REMEDY))
    if data.get("format") != FORMAT:
        message = f'the field `format` must be "{FORMAT}", not {describe(data.get("format"))}'
        raise DocumentError(Problem("format", "not-a-document", message, _REMEDY))
    version = data.get("version")
    if type(version) is not int or version < 1:
        known = "1" if current == 1 else f"a whole number from 1 to {current}"
        message = f"`version` must be {known}, not {describe(version)}"
        raise DocumentError(Problem("version", "unknown-version", message, _REMEDY))
    if version > current:
        message = (
            "this document was made by a newer Spiking Workbench "
            f"(version {version}, this one reads up to {current})"
        )
        remedy = "update Spiking Workbench, or save the document from there in the older form"
        raise DocumentError(Problem("version", "newer-version", message, remedy))
    return version


_REMEDY = "choose a document saved by Spiking Workbench"
