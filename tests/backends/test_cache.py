"""The kernel cache: hit, damaged, contended, unwritable."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import pytest

from engine.backends import cache, cache_files

ROOT = Path(__file__).parents[2]
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


def run_together(programs: list[str]) -> list[tuple[str, int, str]]:
    """Run programs at once, each with SOURCE as its input: what they print, status, errors."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        )
        for program in programs
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
    return results


def test_processes_at_once_share_an_entry(home) -> None:
    program = """
        import sys
        from engine.backends import cache
        print(cache.load("k", sys.stdin.read()).twice(3))
        """
    results = run_together([program] * 3)
    assert [(out, code) for out, code, _ in results] == [("6", 0)] * 3, results
    assert len(compiled(home)) == 2
    assert not list(home.glob(".k_*"))


def test_processes_that_clear_away_what_others_load_do_no_harm(home) -> None:
    program = """
        import sys
        from engine.backends import cache, cache_files
        cache_files.LIMIT = 0
        text, found = sys.stdin.read(), []
        for k in range(12):
            cache._loaded.clear()
            found.append(cache.load("k", text.replace("x + x", f"x + {k % 3}")).twice(1))
        print(found == [1, 2, 3] * 4)
        """
    results = run_together([program] * 2)
    assert [(out, code) for out, code, _ in results] == [("True", 0)] * 2, results
    assert all("compiled code" not in errors for _, _, errors in results)


def entry(home: Path, name: str, size: int, days: float) -> list[Path]:
    """An entry of another version, last used so many days ago."""
    files = [home / f"{name}.py", home / f"{name}.json", home / "__pycache__" / f"{name}.f.nbc"]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(size // len(files)))
        os.utime(file, (time.time() - 86_400 * days,) * 2)
    return files


def test_the_longest_unused_entries_go_when_the_folder_is_full(home, monkeypatch) -> None:
    old, newer = entry(home, "k_old", 6000, 20), entry(home, "k_newer", 3000, 10)
    ancient = entry(home, "k_ancient", 3, 200)
    half = home / ".k_half-x"
    half.write_bytes(b"")
    os.utime(half, (0, 0))
    cache_files.prune(home, keep=(), limit=5000)
    assert not [file for file in (*old, *ancient, half) if file.exists()]
    assert all(file.exists() for file in newer)
    monkeypatch.setattr(cache_files, "LIMIT", 0)
    cache.load("k", SOURCE)  # what is added now stays, whatever its size
    assert not any(file.exists() for file in newer)
    forget(monkeypatch)
    assert cache.holds("k", SOURCE)


def test_an_entry_in_use_is_noted_as_such(home, monkeypatch) -> None:
    cache.load("k", SOURCE)
    note = next(home.glob("k_*.json"))
    os.utime(note, (1e9, 1e9))
    forget(monkeypatch)
    cache.load("k", SOURCE)
    assert time.time() - note.stat().st_mtime < 3600


def test_a_folder_that_cannot_be_written_is_replaced(tmp_path, monkeypatch, caplog) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where a folder should be")
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(blocked))
    monkeypatch.setattr(cache, "_loaded", {})
    cache._say_once.cache_clear()
    folder = cache.folder()
    assert os.access(folder, os.W_OK)
    assert tmp_path not in folder.parents
    assert cache.load("k", SOURCE).twice(1) == 2
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1
    assert "the folder for compiled code cannot be written" in said[0]


READ_ONLY = """
    import os, sys
    from engine.backends import cache
    text = sys.stdin.read()
    cache.load("k", text.replace("x + x", "x"))  # so that all of numba is imported
    if os.geteuid() == 0:
        os.seteuid(65534)  # nobody: nothing holds up the superuser
    module = cache.load("k", text)
    print(module.twice(4), bool(module.twice.stats.cache_hits), "private" in str(cache.folder()))
    """


@pytest.mark.skipif(sys.platform == "win32", reason="folders have other rights there")
def test_a_folder_that_can_only_be_read_serves_what_it_holds(monkeypatch) -> None:
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "kernels"
        monkeypatch.setenv(cache.FOLDER_VARIABLE, name)
        forget(monkeypatch)
        cache.load("k", SOURCE)
        cache.load("k", SOURCE.replace("x + x", "x"))
        folders = [home / "__pycache__", home, Path(name)]
        for folder in folders:
            folder.chmod(0o555)
        for file in home.rglob("*.*"):
            if file.is_file():
                file.chmod(0o444)
        [(out, code, errors)] = run_together([READ_ONLY])
        for folder in folders:
            folder.chmod(0o755)
    assert (out, code) == ("8 True False", 0), errors
    assert errors.count("the folder for compiled code cannot be written") == 1


FULL = """
    import resource, signal, sys
    from engine.backends import cache
    text = sys.stdin.read()
    cache.load("k", text.replace("x + x", "x"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST, MOST))  # as a full disk, for this process
    print(cache.load("k", text).twice(4), cache.load("k", text.replace("x + x", "x - 1")).twice(4))
    """


@pytest.mark.skipif(sys.platform == "win32", reason="a disk cannot be made full there")
@pytest.mark.parametrize("size", [10, 1500], ids=["no text fits", "no compiled file fits"])
def test_with_a_full_disk_code_is_compiled_into_memory(home, size: int) -> None:
    [(out, code, errors)] = run_together([FULL.replace("MOST", str(size))])
    assert (out, code) == ("8 3", 0), errors
    assert errors.count("the folder for compiled code cannot take what is written") == 1
    assert "Traceback" not in errors


def test_an_error_in_a_generated_text_is_not_hidden(home) -> None:
    with pytest.raises(ZeroDivisionError):
        cache.load("k", "1 / 0\n")
    assert not cache.holds("k", "1 / 0\n")
