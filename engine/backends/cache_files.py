"""Files of the kernel cache: where they are, how they are written, locked and cleared away.

An entry is every file whose name begins with the entry's, in the folder and in its `__pycache__`.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

FOLDER_VARIABLE = "WORKBENCH_CACHE"
LIMIT = 200_000_000  # bytes of all entries; the longest unused go first
MOST_DAYS = 90.0  # unused, until an entry goes whatever its size
DAY = 86_400.0  # s


def chosen_folder() -> Path:
    """Where entries belong: $WORKBENCH_CACHE or the user's cache folder, writable or not."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen) / "kernels"
    import platformdirs

    return Path(platformdirs.user_cache_dir("spiking-workbench")) / "kernels"


def private_folder() -> Path:
    """A folder for this process alone, gone at its end.  Raises OSError if there can be none."""
    return Path(_private().name)


@cache
def _private() -> tempfile.TemporaryDirectory[str]:
    prefix = "spiking-workbench-kernels-"
    return tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)


def is_writable(path: Path) -> bool:
    """Whether files can be made in ``path``, which is made if it is not there."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=path):
            return True
    except OSError:
        return False


def write(path: Path, content: bytes) -> None:
    """Write aside, then rename, so that no reader ever meets half a file."""
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(aside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(aside)
        raise


def remove(files: Collection[Path]) -> None:
    """Remove what is there of ``files``."""
    for file in files:
        with suppress(OSError):
            file.unlink()


def mark_used(path: Path) -> None:
    """Note once a day that the entry whose checksums are at ``path`` is in use."""
    with suppress(OSError):
        if time.time() - path.stat().st_mtime > DAY:
            os.utime(path)


def prune(folder: Path, keep: Collection[str], limit: int | None = None) -> None:
    """Remove entries that were not used for long, and the longest unused while all are too large.

    Those named in ``keep`` and those that another process is about to load stay.
    """
    entries = _entries(folder)
    sizes = {name: _size(files) for name, files in entries.items()}
    size = sum(sizes.values())
    oldest = time.time() - MOST_DAYS * DAY
    most = LIMIT if limit is None else limit
    by_use = sorted((_last_use(files), name) for name, files in entries.items())
    for used, name in by_use:
        if used >= oldest and size <= most:
            return
        if name not in keep and _remove_entry(folder, name, entries[name]):
            size -= sizes[name]


def _entries(folder: Path) -> dict[str, list[Path]]:
    """Name -> files; what was left half written begins with a dot and is an entry of its own."""
    found: dict[str, list[Path]] = {}
    for place in (folder, folder / "__pycache__"):
        with suppress(OSError):
            for file in place.iterdir():
                if file.is_file():
                    name = file.name if file.name.startswith(".") else file.name.split(".")[0]
                    found.setdefault(name, []).append(file)
    return found


def _size(files: list[Path]) -> int:
    total = 0
    for file in files:
        with suppress(OSError):
            total += file.stat().st_size
    return total


def _last_use(files: list[Path]) -> float:
    latest = 0.0
    for file in files:
        with suppress(OSError):
            latest = max(latest, file.stat().st_mtime)
    return latest


def _remove_entry(folder: Path, name: str, files: list[Path]) -> bool:
    """Remove an entry unless somebody holds its lock."""
    lock = folder / f"{name}.lock"
    with suppress(OSError), open(lock, "a+b") as held:
        if not _try_lock(held.fileno()):
            return False
        try:
            remove([file for file in files if file != lock])
            remove([lock])  # whoever waits for it sees that it is gone and makes another
        finally:
            _unlock(held.fileno())
        return True
    return False


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file at ``path``; other processes wait, and a dead one holds nothing."""
    while True:
        with open(path, "a+b") as file:
            _lock(file.fileno())
            try:
                if not _is_same(path, file.fileno()):
                    continue  # it was cleared away while this process waited
                yield
                return
            finally:
                _unlock(file.fileno())


def _is_same(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except OSError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _lock(descriptor: int) -> None:
        while not _try_lock(descriptor):  # the waiting form gives up after ten seconds
            time.sleep(0.05)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
