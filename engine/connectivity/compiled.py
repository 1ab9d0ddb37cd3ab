"""The loops of this folder, compiled for one type by way of the kernel cache.

Not numba's own cache beside the source: that one fails where neither the package nor the home
folder can be written, and does not see changes in the files that a loop leans on.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from engine.backends import cache as kernel_cache
from engine.backends.numba_cpu import kernels as backend

_HERE = Path(__file__).parent
_SUPPORT = (
    *backend.RANDOM_SUPPORT,
    _HERE / "draws.py",
    _HERE / "kernels.py",
    _HERE / "indegree.py",
    _HERE / "distributions.py",
    _HERE / "between.py",
    _HERE / "boxes.py",
    _HERE / "spatial.py",
    _HERE / "chosen.py",
)

_SOURCE = '''\
"""{name} for {dtypes}, compiled; see engine/connectivity/{module}.py."""

from numba import njit

from engine.connectivity import {module}


@njit({module}.SIGNATURES["{dtypes}"]["{name}"], cache=True, nogil=True, error_model="numpy")
def {name}({arguments}):
    return {module}.{name}({arguments})
'''


@cache
def _source(module: str, name: str, dtypes: str) -> str:
    written = getattr(import_module(f"engine.connectivity.{module}"), name).py_func
    arguments = ", ".join(inspect.signature(written).parameters)
    return _SOURCE.format(name=name, dtypes=dtypes, module=module, arguments=arguments)


def loop(module: str, name: str, *dtypes: np.dtype | type) -> Callable[..., Any]:
    """The loop ``name`` of ``module`` for arrays (targets, values, delays) of ``dtypes``.

    The first use on a machine compiles (up to a second); later ones read the cache.
    """
    source = _source(module, name, "_".join(np.dtype(dtype).name for dtype in dtypes))
    return getattr(kernel_cache.load("connect", source, _SUPPORT), name)
