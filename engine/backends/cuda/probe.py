"""What stands between this machine and a run on a GPU, without importing CuPy."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any

_DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"


@cache
def obstacle() -> str:
    """Why there is no GPU to use, a sentence with a remedy; empty if there is one."""
    driver = _driver()
    if driver is None:
        return (
            "no NVIDIA driver was found on this machine; "
            "install the driver of your GPU, or choose the device cpu"
        )
    count = ctypes.c_int()
    if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)) or not count.value:
        return "the NVIDIA driver finds no GPU that can be used; choose the device cpu"
    return ""


def _driver() -> Any:
    """The driver's library, or None."""
    try:
        return ctypes.CDLL(_DRIVER)
    except OSError:
        return None
