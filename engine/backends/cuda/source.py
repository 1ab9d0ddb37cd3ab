"""CUDA C source put together: numbers printed from their one place, the shared text, kernels.

The texts stand beside this file; a generated kernel (printer.py) follows them in one translation
unit without an include, so that a compiler at run time needs no header.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from engine.backends import philox
from engine.errors import BackendError

_HERE = Path(__file__).parent
MEAN_PARTS = 256  # partial sums of a mean over a population; fixed, since it decides the rounding
REAL = {"float64": "double", "float32": "float"}

# What every compiler is told.  Without contraction an fma stands only where one is written, so a
# GPU rounds as the CPU backend does and equal equations give equal spikes.
# Nor are small numbers flushed to 0.
OPTIONS = ("--fmad=false", "--ftz=false", "--prec-div=true", "--prec-sqrt=true", "--std=c++17")


@cache
def text(name: str) -> str:
    """One of the texts beside this file."""
    return (_HERE / name).read_text(encoding="utf-8")


@cache
def preamble(dtype: str) -> str:
    """What precedes every kernel for the float type ``dtype`` ("float64" or "float32")."""
    if dtype not in REAL:
        raise BackendError(f"the float type {dtype} has no CUDA kernels; use float32 or float64")
    parts = (_numbers(dtype), text("random.cuh"), text("elementary.cuh"), text("network.cuh"))
    return "\n".join(parts)


@cache
def fixed_source(dtype: str) -> str:
    """The kernels that all networks share."""
    return preamble(dtype) + "\n" + text("kernels.cu")


def _numbers(dtype: str) -> str:
    """The numbers of `philox` and of `mathematics` as macros, exact to the last bit."""
    from engine.backends.numba_cpu import mathematics as m

    wide = dtype == "float64"
    series = m.Q64 if wide else m.Q32
    rounding, low, high = (
        (m.ROUND64, m.LOWEST64, m.HIGHEST64) if wide else (m.ROUND32, m.LOWEST32, m.HIGHEST32)
    )
    ln2 = (philox.LN2_HIGH, philox.LN2_LOW) if wide else (m.LN2_HIGH_32, m.LN2_LOW_32)
    singles = {"F_ATANH": philox.F_ATANH, "F_SINE": philox.F_SINE, "F_COSINE": philox.F_COSINE}
    values = {
        "REAL_BYTES": str(np.dtype(dtype).itemsize),
        "REDUCE_LOG2_E": _real(m.LOG2_E),
        "REDUCE_LN2_HIGH": _real(ln2[0]),
        "REDUCE_LN2_LOW": _real(ln2[1]),
        "ROUND": _real(rounding),
        "LOWEST": _real(low),
        "HIGHEST": _real(high),
        **{f"Q{k}": _real(coefficient) for k, coefficient in enumerate(series)},
        "LN2_54": repr(54.0 * math.log(2.0)),
        "LN2_HIGH": repr(philox.LN2_HIGH),
        "LN2_LOW": repr(philox.LN2_LOW),
        "SQRT_HALF": repr(philox.SQRT_HALF),
        "STEP_32": repr(philox.STEP_32),
        "PI": repr(math.pi),
        "PHILOX_ROUNDS": str(philox.ROUNDS),
        **{f"PHILOX_{name}": f"{int(getattr(philox, name))}u" for name in ("M0", "M1", "W0", "W1")},
        "POISSON_PURPOSE": f"{philox.POISSON}u",
        "POISSON_LOW_PURPOSE": f"{philox.POISSON_LOW}u",
        **{
            f"F_{name}": f"((float){float(getattr(philox, f'F_{name}'))!r})"
            for name in ("STEP_32", "ANGLE", "SQRT_2", "LN2_HIGH", "LN2_LOW")
        },
        **{
            f"{name}_{k}": f"((float){float(coefficient)!r})"
            for name, coefficients in singles.items()
            for k, coefficient in enumerate(coefficients)
        },
        "MEAN_PARTS": str(MEAN_PARTS),
    }
    lines = [f"typedef {REAL[dtype]} real;"]
    lines += [f"#define {name} {value}" for name, value in values.items()]
    return "\n".join(lines) + "\n"


def _real(value: float | np.floating) -> str:
    """A number of type real; a double literal rounds to the float that it was made from."""
    return f"real({float(value)!r})"


@dataclass(frozen=True)
class Signature:
    """A kernel's name and the C types of its parameters; every pointer is "pointer"."""

    name: str
    types: tuple[str, ...]
    parameters: str


_KERNEL = re.compile(r'^extern "C" __global__ void (\w+)\(([^)]*)\)', re.MULTILINE)
_ROWS_KERNEL = re.compile(r"^ROWS_KERNEL\((\w+),", re.MULTILINE)
_ROWS_PARAMETERS = re.compile(r'extern "C" __global__ void name\(\s*\\\n(.*?)\)', re.DOTALL)


@cache
def signatures(source: str) -> dict[str, Signature]:
    """The kernels of a text that this package wrote, by name."""
    found = {}
    for name, parameters in _KERNEL.findall(source):
        found[name] = _signature(name, parameters)
    shared = _ROWS_PARAMETERS.search(source)
    if shared:
        for name in _ROWS_KERNEL.findall(source):
            found[name] = _signature(name, shared.group(1).replace("\\\n", " "))
    return found


def _signature(name: str, parameters: str) -> Signature:
    parameters = " ".join(parameters.split())
    types = []
    for parameter in parameters.split(","):
        kind = parameter.rsplit(None, 1)[0].replace("const", "").strip()
        types.append("pointer" if "*" in parameter else kind)
    return Signature(name, tuple(types), parameters)
