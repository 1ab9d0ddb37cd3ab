"""The kernel cache: generated source and its compiled form, kept on disk.

An entry is one Python file named by a hash of its text, of the files it leans on, and of the
versions of everything that compiles it; beside it stand numba's compiled files and a list of their
checksums.  A file is written aside and renamed; an entry is loaded or compiled under a lock of the
operating system, which a dying process gives back; whatever fails its checksum is thrown away and
built again.  The text is made by printers from checked trees, never from anything a user typed.

A folder that can be read but not written still serves what it holds; where nothing can be written
at all, code is compiled into memory.  Entries that nobody uses are cleared away when one is added.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import platform
import shutil
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from importlib.abc import InspectLoader
from importlib.machinery import ModuleSpec
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import numpy as np

from engine.backends.cache_files import (
    FOLDER_VARIABLE,
    chosen_folder,
    is_writable,
    locked,
    mark_used,
    private_folder,
    prune,
    remove,
    write,
)

__all__ = ["FOLDER_VARIABLE", "folder", "holds", "key", "load", "machine_code", "note"]

GENERATION = 1  # raise it when entries must be built anew for a reason that no hash sees
PACKAGE = "workbench_kernels"  # prefix of the names of generated modules
CACHED = ", cache=True"  # what a text says where its compiled form is to be kept

log = logging.getLogger(__name__)

_loaded: dict[str, ModuleType] = {}
_loading = threading.RLock()


def folder() -> Path:
    """Where entries are written: $WORKBENCH_CACHE, the user's cache folder, or a private one.

    Raises OSError where not even a private one can be had.
    """
    path = chosen_folder()
    if is_writable(path):
        return path
    _say_once(str(path), "cannot be written")
    return private_folder()


@cache
def _say_once(path: str, why: str) -> None:
    log.warning(
        "the folder for compiled code %s; until it can, every start compiles anew: %s", why, path
    )


@cache
def _toolchain() -> str:
    """The versions and the processor that a compiled file belongs to."""
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features().flatten()
    parts = (
        str(GENERATION),
        version("numba"),  # importing it would take longer than what follows
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
    checksums are taken.
    """
    name = f"{kind}_{key(source, support)}"
    with _loading:
        if name not in _loaded:
            _loaded[name] = _load(name, source)
        return _loaded[name]


def machine_code(
    kind: str, source: str, support: Sequence[Path], make: Callable[[ModuleType], bytes]
) -> bytes:
    """What ``make`` gives for the module with text ``source``, or gave before.

    It is kept and checked as what `load` keeps; the text is imported only where it must be made.
    """
    name = f"{kind}_{key(source, support)}"
    with _loading:
        try:
            path = _own(name)
            return _code_of(path, source, make)
        except OSError as error:
            _say_full(error)
        return make(_in_memory(name, source))


def holds(kind: str, source: str, support: Sequence[Path] = ()) -> bool:
    """Whether `load` would find a compiled entry (or has it in memory)."""
    name = f"{kind}_{key(source, support)}"
    return name in _loaded or _checksums(chosen_folder() / f"{name}.py").exists()


def note(kind: str, source: str, support: Sequence[Path] = ()) -> None:
    """Remember something, so that `holds` says yes; forgotten where nothing can be written."""
    with suppress(OSError):
        write(_checksums(folder() / f"{kind}_{key(source, support)}.py"), b"{}")


def _load(name: str, source: str) -> ModuleType:
    try:
        return _enter(_own(name), source)
    except OSError as error:
        _say_full(error)
    return _in_memory(name, source)


def _own(name: str) -> Path:
    """The text of an entry, in a folder that can be written."""
    place = folder()
    if place != chosen_folder():
        _borrow(chosen_folder() / f"{name}.py", place)
    return place / f"{name}.py"


def _say_full(error: OSError) -> None:
    """A full disk, as a rule."""
    _say_once(str(chosen_folder()), f"cannot take what is written ({error.strerror or error})")


def _borrow(path: Path, place: Path) -> None:
    """Copy the entry at ``path`` to ``place``: numba loads nothing from where it cannot write."""
    with suppress(OSError):
        if _intact(path):
            (place / "__pycache__").mkdir(exist_ok=True)
            for file in (path, _checksums(path), *_compiled_files(path)):
                shutil.copy2(file, place / file.relative_to(path.parent))


def _enter(path: Path, source: str) -> ModuleType:
    with locked(path.with_suffix(".lock")):
        if not _has_text(path, source):
            _remove_compiled(path)
            write(path, source.encode())
        elif not _intact(path):
            _remove_compiled(path)
        else:
            mark_used(_checksums(path))
        try:
            module = _import(path)
        except OSError:
            _remove_compiled(path)
            raise
        except Exception:
            # The checksums are right and yet it does not load: built anew it either does, or the
            # error is the generator's and must be seen.
            _remove_compiled(path)
            module = _import(path)
        added = _record_checksums(path)
    if added:
        prune(path.parent, keep={path.stem, *_loaded})
    return module


def _code_of(path: Path, source: str, make: Callable[[ModuleType], bytes]) -> bytes:
    kept = path.parent / "__pycache__" / f"{path.stem}.code"
    with locked(path.with_suffix(".lock")):
        if _has_text(path, source) and _intact(path):
            mark_used(_checksums(path))
            return kept.read_bytes()
        _remove_compiled(path)
        write(path, source.encode())
        code = make(_in_memory(path.stem, source))
        kept.parent.mkdir(exist_ok=True)
        write(kept, code)
        added = _record_checksums(path)
    if added:
        prune(path.parent, keep={path.stem, *_loaded})
    return code


class _Text(InspectLoader):
    """Loads a module from a text, for want of a file."""

    def __init__(self, source: str) -> None:
        self._source = source

    def get_source(self, fullname: str) -> str:
        """The text of the one module there is."""
        return self._source

    def is_package(self, fullname: str) -> bool:
        """It has no modules inside."""
        return False


def _in_memory(name: str, source: str) -> ModuleType:
    """Compile into this process, keeping nothing."""
    loader = _Text(source.replace(CACHED, ""))
    return _run(ModuleSpec(f"{PACKAGE}.{name}", loader))


def _import(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{PACKAGE}.{path.stem}", path)
    if spec is None:
        raise ImportError(f"no loader for {path.name}")
    return _run(spec)


def _run(spec: ModuleSpec) -> ModuleType:
    if spec.loader is None:
        raise ImportError(f"no loader for {spec.name}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # numba finds a cached function's module by its name
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(spec.name, None)
        raise
    return module


def _checksums(path: Path) -> Path:
    return path.with_suffix(".json")


def _compiled_files(path: Path) -> list[Path]:
    """The compiled files of the module at ``path``: numba's begin with its name, and so do ours."""
    found = path.parent.glob(f"__pycache__/{path.stem}.*")
    return sorted(file for file in found if file.suffix in (".nbi", ".nbc", ".code"))


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


def _record_checksums(path: Path) -> bool:
    """Note the checksums of what was compiled just now; False if it was not."""
    if _checksums(path).exists():
        return False
    with suppress(OSError):  # a full disk: the entry is built again next time
        write(_checksums(path), json.dumps(_digests(path)).encode())
    return True


def _remove_compiled(path: Path) -> None:
    remove([_checksums(path), *_compiled_files(path)])
