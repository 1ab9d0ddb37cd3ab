"""Processes of our own: modules of this program run by the Python that runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]  # where the packages are, installed or in a checkout


def spawn(
    module: str,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    **options: Any,
) -> subprocess.Popen[Any]:
    """Start ``module`` with ``arguments``; ``environment`` is added to ours.

    ``options`` are those of `subprocess.Popen`, which raises OSError where it cannot be started.
    """
    found = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    paths = {"PYTHONPATH": os.pathsep.join(filter(None, found))}
    # -P: what lies in the current folder is no part of the program.
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module, *arguments],
        env={**os.environ, **paths, **(environment or {})},
        **options,
    )
