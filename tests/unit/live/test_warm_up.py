"""Warming up beside a server: nothing is loaded before the first page, and it can be ended."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from engine.backends import cache
from engine.child import spawn
from engine.runtime.warm import note_shipped, warm_up
from workbench.live import warm
from workbench.store.files import FIRST_EXAMPLE, load_example


def test_with_all_in_the_cache_no_process_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    warm_up(load_example(FIRST_EXAMPLE))
    note_shipped()
    monkeypatch.setattr(warm, "spawn", None)  # calling it would fail and be logged
    made = warm.WarmUp()
    made.page_shown()
    made.start()
    assert made.wait(60)
    made.stop()


def test_kernels_are_loaded_only_after_the_first_page(monkeypatch: pytest.MonkeyPatch) -> None:
    warm_up(load_example(FIRST_EXAMPLE))
    note_shipped()
    monkeypatch.setattr(cache, "_loaded", {})
    made = warm.WarmUp()
    made.start()
    time.sleep(0.3)
    assert not cache._loaded
    made.page_shown()
    assert made.wait(60)
    assert any(name.startswith("driver") for name in cache._loaded)


def test_ending_the_server_ends_what_compiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setattr(cache, "_loaded", {})
    made = warm.WarmUp()
    made.start()
    end = time.monotonic() + 30
    while len(made._processes) < len(warm.PARTS):
        assert time.monotonic() < end
        time.sleep(0.01)
    made.stop()
    assert made.wait(30)
    assert all(process.poll() is not None for process in made._processes)


def test_the_rest_is_compiled_with_low_priority_and_can_be_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm_up(load_example(FIRST_EXAMPLE))
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path))  # nothing there but what is loaded
    made = warm.WarmUp()
    made.page_shown()
    made.start()
    assert made.wait(60)
    [process] = made._processes
    assert warm.REST in process.args
    made.stop()
    assert process.wait(30) != 0
    assert not any(cache.folder().glob("shipped_*"))


def test_pieces_begin_with_the_document_that_opens() -> None:
    assert next(warm.pieces(warm.MODELS))[0] == load_example(FIRST_EXAMPLE).name
    titles = [title for title, _ in warm.pieces(warm.REST)]
    assert titles[0] == "the network driver (float32)"
    assert {"adex (float32)", "adex (float64)", "probability (float32)"} <= set(titles)


def test_what_lies_in_the_current_folder_is_no_part_of_the_program(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit(7)")
    process = spawn("workbench", "--version", cwd=tmp_path, stdout=-3)
    assert process.wait(60) == 0
    assert sys.executable
