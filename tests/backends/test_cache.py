"""The kernel cache: hit, damaged, contended, unwritable."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from engine.backends import cache

SOURCE = '''\
"""A generated module."""
from numba import int64, njit


@njit(int64(int64), cache=True)
def twice(x):
    return x + x
'''


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(cache, "_loaded", {})
    return tmp_path / "kernels"


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a new process would begin."""
    monkeypatch.setattr(cache, "_loaded", {})


def compiled(home: Path) -> list[Path]:
    return sorted(home.glob("__pycache__/*.nb?"))


def test_an_entry_is_compiled_once_and_then_loaded(home, monkeypatch) -> None:
    assert not cache.holds("k", SOURCE)
    assert cache.load("k", SOURCE).twice(4) == 8
    assert cache.holds("k", SOURCE)
    before = {path: path.stat().st_mtime_ns for path in compiled(home)}
    assert len(before) == 2
    forget(monkeypatch)
    module = cache.load("k", SOURCE)
    assert module.twice(5) == 10
    assert module.twice.stats.cache_hits
    assert {path: path.stat().st_mtime_ns for path in compiled(home)} == before


def test_another_text_or_support_file_is_another_entry(home, tmp_path) -> None:
    support = tmp_path / "support.py"
    support.write_text("1")
    names = {cache.key(SOURCE), cache.key(SOURCE + "\n"), cache.key(SOURCE, [support])}
    other = tmp_path / "other.py"
    other.write_text("2")
    names.add(cache.key(SOURCE, [other]))
    assert len(names) == 4
    assert cache.key(SOURCE, [support]) == cache.key(SOURCE, [support])


@pytest.mark.parametrize("content", [b"", b"half", None])
@pytest.mark.parametrize("suffix", [".nbc", ".nbi", ".json", ".py"])
def test_a_damaged_entry_is_built_again(home, monkeypatch, suffix: str, content) -> None:
    cache.load("k", SOURCE)
    found = [p for p in home.rglob("k_*") if p.suffix == suffix]
    assert found
    for path in found:
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
    forget(monkeypatch)
    assert cache.load("k", SOURCE).twice(21) == 42
    name = next(home.glob("k_*.py"))
    recorded = json.loads(name.with_suffix(".json").read_text())
    assert set(recorded) == {path.name for path in compiled(home)}


def test_a_swapped_compiled_file_is_not_trusted(home, monkeypatch) -> None:
    cache.load("k", SOURCE)
    cache.load("k", SOURCE.replace("x + x", "x * x"))
    first, second = (p for p in compiled(home) if p.suffix == ".nbc")
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    forget(monkeypatch)
    assert cache.load("k", SOURCE).twice(7) == 14
    assert cache.load("k", SOURCE.replace("x + x", "x * x")).twice(7) == 49


def test_processes_at_once_share_an_entry(home) -> None:
    program = textwrap.dedent(
        """
        import sys
        from engine.backends import cache
        print(cache.load("k", sys.stdin.read()).twice(3))
        """
    )
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        )
        for _ in range(3)
    ]  # fmt: skip
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write(SOURCE)
        worker.stdin.close()
    results = []
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stderr is not None
        results.append((worker.stdout.read().strip(), worker.wait(), worker.stderr.read()))
        worker.stdout.close()
        worker.stderr.close()
    assert [(out, code) for out, code, _ in results] == [("6", 0)] * 3, results
    assert len(compiled(home)) == 2
    assert not list(home.glob(".k_*"))


def test_a_folder_that_cannot_be_written_is_replaced(tmp_path, monkeypatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where a folder should be")
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(blocked))
    monkeypatch.setattr(cache, "_loaded", {})
    folder = cache.folder()
    assert os.access(folder, os.W_OK)
    assert tmp_path not in folder.parents
    assert cache.load("k", SOURCE).twice(1) == 2


def test_an_error_in_a_generated_text_is_not_hidden(home) -> None:
    with pytest.raises(ZeroDivisionError):
        cache.load("k", "1 / 0\n")
    assert not cache.holds("k", "1 / 0\n")
