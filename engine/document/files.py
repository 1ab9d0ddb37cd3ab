"""Documents on disk: read with a limit, written so that no crash or full disk loses the old one."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path

from engine.document.reading import MAX_BYTES, loads
from engine.document.structure import Document
from engine.document.writing import dumps
from engine.errors import DataError


def load(path: str | os.PathLike[str]) -> Document:
    """The document in the file at ``path``.

    Raises DataError if the file cannot be read, DocumentError if it is not a document.
    """
    return loads(read_bytes(path))


def save(document: Document, path: str | os.PathLike[str]) -> None:
    """Write the document to ``path``, whole or not at all.  Raises DataError if that fails."""
    write_atomically(path, dumps(document).encode())


def read_bytes(path: str | os.PathLike[str], limit: int = MAX_BYTES) -> bytes:
    """The content of a file of at most ``limit`` bytes.  Raises DataError if it cannot be read."""
    try:
        with open(path, "rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise DataError(_sentence("read", Path(path), error)) from None
    except ValueError:  # a NUL in the name
        raise DataError("the name of the file cannot be used; choose another") from None
    if len(content) > limit:
        size = f"{limit / 1e6:.0f} MB"
        raise DataError(f'"{Path(path).name}" is larger than {size}; choose a smaller file')
    return content


def write_atomically(path: str | os.PathLike[str], content: bytes) -> None:
    """Replace the file at ``path`` by ``content``; at every moment the old or the new is there.

    The new content is written beside the old, forced to the disk, and renamed over it; then the
    folder is forced to the disk as well.  Raises DataError, the old file intact.
    """
    target = Path(path)
    try:
        _replace(target.resolve(), content)  # through a link to what it points to
    except OSError as error:
        raise DataError(_sentence("save", target, error)) from None
    except ValueError:
        raise DataError("the name of the file cannot be used; choose another") from None


def _replace(target: Path, content: bytes) -> None:
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(
        prefix=f".{target.name[:40]}.", suffix=".new", dir=target.parent
    )
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):  # Windows: the rename is forced by the system
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


_REASONS = {
    errno.ENOSPC: ("the disk is full", "free some space or choose another disk"),
    errno.EDQUOT: ("your share of the disk is full", "free some space"),
    errno.EACCES: ("it is not permitted", "choose another folder"),
    errno.EPERM: ("it is not permitted", "choose another folder"),
    errno.EROFS: ("the disk cannot be written to", "choose another folder"),
    errno.ENOENT: ("there is no such file or folder", "check the name"),
    errno.ENOTDIR: ("there is no such folder", "check the name"),
    errno.EISDIR: ("it is a folder", "give the name of a file"),
    errno.EFBIG: ("the file would be too large for this disk", "choose another disk"),
    errno.ENAMETOOLONG: ("the name is too long", "choose a shorter one"),
}


def _sentence(verb: str, path: Path, error: OSError) -> str:
    reason, remedy = _REASONS.get(error.errno or 0, (error.strerror or "it failed", "try again"))
    kept = "; what was there before is unchanged" if verb == "save" else ""
    return f'cannot {verb} "{path.name}": {reason}; {remedy}{kept}'
