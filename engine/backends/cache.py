"""The kernel cache: generated source and its compiled form, kept on disk.

An entry is one Python file named by a hash of its text, of the files it leans on, and of the
versions of everything that compiles it; beside it stand numba's compiled files and a list of their
checksums.  A file is written aside and renamed; an entry is loaded or compiled under a lock of the
operating system, which a dying process gives back; whatever fails its checksum is thrown away and
built again.  The text is made by printers from checked trees, never from anything a user typed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np

FOLDER_VARIABLE = "WORKBENCH_CACHE"
GENERATION = 1  # raise it when entries must be built anew for a reason that no hash sees
PACKAGE = "workbench_kernels"  # prefix of the names of generated modules

_loaded: dict[str, ModuleType] = {}
_loading = threading.RLock()


def folder() -> Path:
    """Where entries are kept: $WORKBENCH_CACHE, the user's cache folder, or a private one."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        path = Path(chosen) / "kernels"
    else:
        import platformdirs

        path = Path(platformdirs.user_cache_dir("spiking-workbench")) / "kernels"
    return path if _writable(path) else Path(_private().name)


def _writable(path: Path) -> bool:
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=path):
            return True
    except OSError:
        return False


@cache
def _private() -> tempfile.TemporaryDirectory[str]:
    """A folder for this process alone, gone at its end, where the user's own cannot be written."""
    prefix = "spiking-workbench-kernels-"
    return tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)


@cache
def _toolchain() -> str:
    """The versions and the processor that a compiled file belongs to."""
    import llvmlite.binding as llvm
    import numba

    features = llvm.get_host_cpu_features().flatten()
    parts = (
        str(GENERATION),
        numba.__version__,
        np.__version__,
        platform.python_version(),
        sys.implementation.cache_tag or "",
        platform.machine(),
        llvm.get_host_cpu_name(),
        features,
    )
    return "\n".join(parts)


@cache
def _text_of(path: Path) -> bytes:
    return path.read_bytes()


def key(source: str, support: Sequence[Path] = ()) -> str:
    """The name of an entry: a hash of its text, of the files it leans on and of the toolchain."""
    digest = hashlib.sha256(_toolchain().encode())
    for part in (source.encode(), *(_text_of(path) for path in support)):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()[:32]


def load(kind: str, source: str, support: Sequence[Path] = ()) -> ModuleType:
    """The module with text ``source``, compiled or taken from the cache.

    ``kind`` is a word for people that begins the name of the file.  The text must compile what it
    defines while it is imported (explicit signatures and ``cache=True``), since only then the
    checksums are taken.  Raises `OSError` only where not even a private folder can be written.
    """
    name = f"{kind}_{key(source, support)}"
    with _loading:
        if name not in _loaded:
            _loaded[name] = _enter(folder() / f"{name}.py", source)
        return _loaded[name]


def holds(kind: str, source: str, support: Sequence[Path] = ()) -> bool:
    """Whether `load` would find a compiled entry (or has it in memory)."""
    name = f"{kind}_{key(source, support)}"
    return name in _loaded or _checksums(folder() / f"{name}.py").exists()


def _enter(path: Path, source: str) -> ModuleType:
    with _locked(path.with_suffix(".lock")):
        if not _has_text(path, source):
            _remove_compiled(path)
            _write(path, source.encode())
        elif not _intact(path):
            _remove_compiled(path)
        try:
            module = _import(path)
        except Exception:
            # The checksums are right and yet it does not load: built anew it either does, or the
            # error is the generator's and must be seen.
            _remove_compiled(path)
            module = _import(path)
        _record_checksums(path)
    return module


def _import(path: Path) -> ModuleType:
    name = f"{PACKAGE}.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"no loader for {path.name}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # numba finds a cached function's module by its name
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _checksums(path: Path) -> Path:
    return path.with_suffix(".json")


def _compiled_files(path: Path) -> list[Path]:
    """Numba's files of the module at ``path``: they begin with its name, see numba's caching."""
    found = path.parent.glob(f"__pycache__/{path.stem}.*")
    return sorted(file for file in found if file.suffix in (".nbi", ".nbc"))


def _has_text(path: Path, source: str) -> bool:
    try:
        return path.read_bytes() == source.encode()
    except OSError:
        return False


def _intact(path: Path) -> bool:
    """Every compiled file is as it was written."""
    try:
        expected = json.loads(_checksums(path).read_text(encoding="utf-8"))
        return bool(expected) and expected == _digests(path)
    except (OSError, ValueError):
        return False


def _digests(path: Path) -> dict[str, str]:
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in _compiled_files(path)
    }


def _record_checksums(path: Path) -> None:
    if not _checksums(path).exists():
        with suppress(OSError):  # a full disk: the entry is built again next time
            _write(_checksums(path), json.dumps(_digests(path)).encode())


def _remove_compiled(path: Path) -> None:
    for file in (_checksums(path), *_compiled_files(path)):
        with suppress(OSError):
            file.unlink()


def _write(path: Path, content: bytes) -> None:
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


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock file at ``path``; other processes wait, and a dead one holds nothing."""
    with open(path, "a+b") as file:
        _lock(file.fileno())
        try:
            yield
        finally:
            _unlock(file.fileno())


if sys.platform == "win32":
    import msvcrt
    import time

    def _lock(descriptor: int) -> None:
        while True:
            try:
                return msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
            except OSError:  # it gives up after ten seconds; compiling may take longer
                time.sleep(0.05)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
