"""Documents of the project folder and of the gallery.

Files are written whole or not at all (``engine.document.files``).  A name that comes from a page is
only ever a flat name inside the project folder.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from engine.document import Document, load, save
from engine.document.files import write_atomically
from engine.document.text import near
from engine.errors import DataError, WorkbenchError

__all__ = [
    "Example",
    "ProjectFile",
    "examples",
    "load",
    "load_example",
    "path_for",
    "project_files",
    "project_folder",
    "save",
    "write_atomically",
]

MEASURED = "gallery/measured.json"  # beside the examples: pictures, sizes and times of their cards
FIRST_EXAMPLE = "vogels_abbott"  # what a page opens when no document is named
SUFFIX = ".json"
MAX_NAME = 100
MAX_LISTED = 1_000
# Forbidden in file names somewhere: on Windows, or because a shell or a URL would take them amiss.
_FORBIDDEN = set('/\\:*?"<>|')
_RESERVED = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), "lpt1", "lpt2", "lpt3"}


@dataclass(frozen=True)
class ProjectFile:
    """A document in the project folder."""

    name: str  # without the suffix
    path: Path
    size: int  # bytes
    modified: float  # seconds since 1970


@dataclass(frozen=True)
class Example:
    """A document of the gallery."""

    name: str  # file name without the suffix, such as "vogels_abbott"
    title: str
    description: str
    neurons: int
    document: Document


def project_folder() -> Path:
    """Where documents are saved: $WORKBENCH_PROJECTS, or a folder among the user's documents."""
    given = os.environ.get("WORKBENCH_PROJECTS")
    if given:
        return Path(given)
    import platformdirs  # only where it is needed: starting reads nothing from the user's folders

    return platformdirs.user_documents_path() / "Spiking Workbench"


def project_files(folder: Path | None = None) -> list[ProjectFile]:
    """The documents of a folder, the newest first; an absent folder holds none.

    Raises DataError if the folder cannot be read.
    """
    folder = project_folder() if folder is None else folder
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if _is_document(entry)]
            listed = [
                ProjectFile(
                    entry.name.removesuffix(SUFFIX),
                    Path(entry.path),
                    entry.stat().st_size,
                    entry.stat().st_mtime,
                )
                for entry in found
            ]
    except FileNotFoundError:
        return []
    except OSError as error:
        reason = error.strerror or "it failed"
        raise DataError(
            f'cannot list the folder "{folder.name}": {reason}; choose another'
        ) from None
    return sorted(listed, key=lambda file: file.modified, reverse=True)[:MAX_LISTED]


def _is_document(entry: os.DirEntry[str]) -> bool:
    hidden = entry.name.startswith(".")
    return entry.name.endswith(SUFFIX) and not hidden and entry.is_file(follow_symlinks=False)


def path_for(name: str, folder: Path | None = None) -> Path:
    """The file that a document called ``name`` has in the project folder, which is made if absent.

    Raises DataError if the name cannot be a file's or the folder cannot be made.
    """
    folder = project_folder() if folder is None else folder
    stem = name.strip().removesuffix(SUFFIX).strip()
    wrong = _name_problem(stem)
    if wrong:
        raise DataError(f"{wrong}; choose another name")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or "it failed"
        raise DataError(
            f'cannot make the folder "{folder.name}": {reason}; choose another'
        ) from None
    return folder / f"{stem}{SUFFIX}"


def _name_problem(stem: str) -> str | None:
    if not stem:
        return "a document needs a name to be saved"
    if len(stem.encode(errors="replace")) > MAX_NAME:
        return f"the name is longer than {MAX_NAME} characters"
    wrong = sorted(
        letter for letter in set(stem) if letter in _FORBIDDEN or not letter.isprintable()
    )
    if wrong:
        return f"the name holds {wrong[0]!r}, which a file name cannot"
    if stem.startswith(".") or stem.endswith(".") or stem.lower() in _RESERVED:
        return f'"{stem}" cannot be the name of a file'
    return None


def examples_folder() -> Path:
    """Where the shipped examples are: inside the installed package, or at the top of the source."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "examples"
    return installed if installed.is_dir() else package.parent / "examples"


def examples(folder: Path | None = None) -> list[Example]:
    """The gallery: every shipped document, the smallest network first."""
    folder = examples_folder() if folder is None else folder
    found = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        document = load(path)
        neurons = sum(node.size for node in document.populations)
        found.append(Example(path.stem, document.name, document.description, neurons, document))
    return sorted(found, key=lambda example: (example.neurons, example.name))


def load_example(name: str, folder: Path | None = None) -> Document:
    """A document of the gallery by its name.  Raises DataError if there is none of that name."""
    folder = examples_folder() if folder is None else folder
    names = [path.stem for path in folder.glob(f"*{SUFFIX}")]
    if name not in names:
        remedy = near(str(name), names) or "choose one of the gallery"
        raise DataError(f'there is no example "{str(name)[:64]}"; {remedy}')
    try:
        return load(folder / f"{name}{SUFFIX}")
    except WorkbenchError as error:
        raise DataError(f'the example "{name}" cannot be opened: {error}') from None
