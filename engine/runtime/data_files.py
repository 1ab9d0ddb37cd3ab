"""Files that a document names, found where they may be.

A document names a file only by a path relative to the folder of the document or to the folder that
the environment variable WORKBENCH_DATA names; a path that leaves these folders is refused.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from engine.errors import DataError

DATA_FOLDER = "WORKBENCH_DATA"


MOST_LOOKED_AT = 5_000  # entries of the data folder


def first(suffixes: tuple[str, ...]) -> str | None:
    """The first file of a sort that the data folder has, as a document would name it."""
    data = os.environ.get(DATA_FOLDER)
    seen = 0
    for folder, inner, names in os.walk(data) if data else ():
        inner.sort()
        for name in sorted(names):
            if PurePosixPath(name).suffix.lower() in suffixes:
                return (Path(folder) / name).relative_to(str(data)).as_posix()
        seen += len(names) + len(inner)
        if seen > MOST_LOOKED_AT:
            break
    return None


def find(path: str, folder: Path | None, what: str, suffixes: tuple[str, ...]) -> Path:
    """The file that a relative ``path`` means; DataError if there is none that may be read.

    ``what`` names its sort in the error, such as "spike file".
    """
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\\" in path or ":" in path or "\0" in path:
        raise DataError(
            f'the {what} "{path}" must be given relative to the document or to the folder '
            f"that {DATA_FOLDER} names, without `..`"
        )
    if pure.suffix.lower() not in suffixes:
        raise DataError(f'the {what} "{path}" must end in one of {", ".join(suffixes)}')
    data = os.environ.get(DATA_FOLDER)
    for base in (folder, Path(data) if data else None):
        if base is None:
            continue
        base = base.resolve()
        candidate = (base / pure).resolve()
        # A link inside the folder must not lead out of it either.
        if candidate.is_relative_to(base) and candidate.is_file():
            return candidate
    raise DataError(
        f'the {what} "{path}" was not found beside the document nor in the folder that '
        f"{DATA_FOLDER} names; put it there or set {DATA_FOLDER}"
    )
