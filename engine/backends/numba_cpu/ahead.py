"""Compiling the driver in a process of its own, while this one compiles what else a run needs.

Numba compiles one thing at a time in a process, and the driver takes longer than all the rest.  The
lock of its cache entry keeps two processes from doing the same, so nothing is lost where the other
one fails: whoever needs the driver then compiles it.
``python -m engine.backends.numba_cpu.ahead DTYPE`` is such a process.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any

import numpy as np

from engine.backends.cache_files import chosen_folder, is_writable
from engine.backends.numba_cpu import kernels
from engine.child import spawn
from engine.cores import allowed_cores

_MODULE = "engine.backends.numba_cpu.ahead"
_begun: dict[str, subprocess.Popen[Any]] = {}


def begin(dtype: np.dtype | str) -> bool:
    """Begin to compile the driver for ``dtype`` unless it is there; whether a process does now."""
    name = np.dtype(dtype).name
    if name not in _begun and not kernels.holds_driver(name) and _worth_it():
        with suppress(OSError):
            quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
            _begun[name] = spawn(_MODULE, name, **quiet)
            # Waiting for it gives its process number back to the system when it ends.
            threading.Thread(target=_begun[name].wait, daemon=True, name="compiling").start()
    return is_busy(name)


def is_busy(dtype: np.dtype | str) -> bool:
    """Whether a process that `begin` has started is still at work."""
    process = _begun.get(np.dtype(dtype).name)
    return process is not None and process.returncode is None


def _worth_it() -> bool:
    return bool(sys.executable) and allowed_cores() > 1 and is_writable(chosen_folder())


if __name__ == "__main__":
    kernels.driver(sys.argv[1])
