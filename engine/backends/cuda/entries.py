"""Compiled files on disk: one a source, checked before use, made again if damaged."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.backends import cache


def entry(kind: str, parts: Sequence[str], suffix: str, make: Callable[[Path], None]) -> Path:
    """The file that ``make`` writes for ``parts`` (source, compiler, options), or wrote before.

    It is written aside and renamed, so processes may share the folder; a file that is not as it was
    written is made anew.
    """
    path = _place(kind, parts, suffix)
    if not _intact(path):
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            made, checked = Path(folder) / f"made{suffix}", Path(folder) / "made.sum"
            make(made)
            checked.write_text(_sum(made), encoding="ascii")
            made.replace(path)
            checked.replace(_checksum(path))
    return path


def holds(kind: str, parts: Sequence[str], suffix: str) -> bool:
    """Whether `entry` would make nothing."""
    return _intact(_place(kind, parts, suffix))


def _place(kind: str, parts: Sequence[str], suffix: str) -> Path:
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
    return cache.folder() / f"{kind}_{digest}{suffix}"


def _checksum(path: Path) -> Path:
    return path.with_suffix(f"{path.suffix}.sum")


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _intact(path: Path) -> bool:
    try:
        return _checksum(path).read_text(encoding="ascii") == _sum(path)
    except (OSError, UnicodeDecodeError):
        return False
