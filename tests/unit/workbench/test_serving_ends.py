"""A server that is told to end takes with it what it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

PATIENCE = 30.0  # s


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="children are found in /proc, on Linux only")
def test_no_compiler_outlives_the_server(tmp_path: Path) -> None:
    # With an empty cache it starts processes that compile ahead.
    environment = {**os.environ, "WORKBENCH_CACHE": str(tmp_path)}
    command = [sys.executable, "-m", "workbench.cli", "serve", "--no-show", "--port", "0"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) as server:
        _until(lambda: len(_children(server.pid)) > 1)
        children = _children(server.pid)
        server.send_signal(signal.SIGTERM)
        assert server.wait(PATIENCE) == 0
    _until(lambda: not any(map(_is_running, children)))


def _children(parent: int) -> list[int]:
    lists = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(child) for each in lists for child in each.read_text().split()]


def _is_running(process: int) -> bool:
    """Whether it is there and not only its exit status."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)
