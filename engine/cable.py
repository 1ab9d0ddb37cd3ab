"""Cables: what theory says of them, and the shapes of cells.

A population with a geometry is one cell, its members are compartments:

    net.population("axon", 201, "hodgkin_huxley",
                   geometry={"kind": "cable", "length": "3 mm", "diameter": 1.0})
    net.population("cell", None, "passive", R_m=20,
                   geometry={"kind": "morphology", "path": "cell.swc", "longest": 20})

Lengths are in um, R_m in kOhm cm^2, R_i in Ohm cm, C in uF/cm^2; capital X, T and L are lengths and
times in units of the length and the time constant.  Formulas: Rall 1977, Handbook of Physiology,
The Nervous System I, 39; Jack, Noble & Tsien 1975, Electric Current Flow in Excitable Cells.
"""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.equations.units import quantity
from engine.errors import DataError, DocumentError, near
from engine.geometry import Compartments as Compartments
from engine.geometry import Morphology as Morphology
from engine.geometry import load_swc as load_swc

Floats = NDArray[np.float64]
SEMI_INFINITE, INFINITE, SEALED, KILLED = ENDS = ("semi_infinite", "infinite", "sealed", "killed")
_FARTHEST = 600.0  # length constants, beyond which nothing is felt


def length_constant(diameter: float | str, R_m: float | str, R_i: float | str) -> float:
    """sqrt(d R_m / (4 R_i)) [um], the way over which a steady potential falls to 1/e."""
    d, membrane, inside = _cylinder(diameter, R_m, R_i)
    return math.sqrt(d / 4 * membrane * 1e3 / inside * 1e4)


def time_constant(R_m: float | str, C: float | str = 1.0) -> float:
    """R_m C [ms]."""
    return _above_zero(R_m, "R_m", "kOhm cm^2") * _above_zero(C, "C", "uF/cm^2")


def input_resistance(
    diameter: float | str,
    R_m: float | str,
    R_i: float | str,
    length: float | str | None = None,
    end: str = SEMI_INFINITE,
) -> float:
    """Resistance [MOhm] at the beginning of a cable, or anywhere on one that is infinite both ways.

    ``end`` is semi_infinite, infinite, or that of a cable of ``length``: sealed or killed.
    """
    d, membrane, inside = _cylinder(diameter, R_m, R_i)
    half = 2 / math.pi * math.sqrt(membrane * 1e3 * inside) * (d * 1e-4) ** -1.5 * 1e-6
    _check_end(end, ENDS)
    if end in (SEMI_INFINITE, INFINITE):
        return half if end == SEMI_INFINITE else half / 2
    if length is None:
        raise DataError(f"a cable with a {end} end needs its length; give it in um")
    ratio = _above_zero(length, "length", "um") / length_constant(diameter, R_m, R_i)
    return half / math.tanh(ratio) if end == SEALED else half * math.tanh(ratio)


def steady_state(X: ArrayLike, L: float | None = None, end: str = SEALED) -> Floats:
    """V(X)/V(0) of a steady current at X = 0, on a cable of length ``L`` or a semi-infinite one."""
    x = np.asarray(X, np.float64)
    if L is None:
        return np.exp(-x)
    _check_end(end, (SEALED, KILLED))
    length = _above_zero(L, "L", "1")
    # cosh(L - X)/cosh(L) and the same of sinh, without numbers beyond all bounds.
    back, whole = np.exp(x - 2 * length), math.exp(-2 * length)
    if end == SEALED:
        return (np.exp(-x) + back) / (1 + whole)
    return (np.exp(-x) - back) / (1 - whole)


def step_response(X: ArrayLike, T: ArrayLike) -> Floats:
    """V(X, T)/V(0, infinity) of a current switched on at T = 0 and X = 0, on an endless cable.

    Jack, Noble & Tsien 1975, chapter 3.
    """
    from scipy.special import erfc  # loaded when used: `import engine` stays light

    x, t = (np.asarray(entry, np.float64) for entry in np.broadcast_arrays(np.abs(X), T))
    root = np.sqrt(np.where(t > 0, t, 1.0))
    far = x > _FARTHEST
    here = np.where(far, 0.0, x)
    falling = np.exp(-here) * erfc(here / (2 * root) - root)
    rising = np.exp(here) * erfc(here / (2 * root) + root)
    return np.where((t > 0) & ~far, 0.5 * (falling - rising), 0.0)


def equalising_time_constant(L: float, order: int = 1) -> float:
    """tau_n/tau of a cable of length ``L`` with sealed ends: how fast its parts become equal.

    Rall 1969, Biophys. J. 9:1483.
    """
    return 1.0 / (1.0 + (order * math.pi / _above_zero(L, "L", "1")) ** 2)


def conduction_velocity(
    times: ArrayLike,
    compartments: ArrayLike,
    distance: ArrayLike,
    between: tuple[float, float] | None = None,
) -> float:
    """Velocity [m/s] at which the first spike travels.

    ``times`` [ms] and ``compartments`` are those of spikes, such as ``run["axon"].spikes`` has;
    ``distance`` [um] says where each compartment lies.  A straight line is laid through the first
    spikes of all compartments ``between`` two distances (all, if None).  Raises DataError where
    fewer than two places fire, or all at one time.
    """
    when, who = np.asarray(times, np.float64), np.asarray(compartments, np.int64)
    where = np.asarray(distance, np.float64)
    if who.size and not 0 <= who.min() <= who.max() < len(where):
        raise DataError(f"a spike is of a compartment that is none of {len(where):,}; give all")
    first = np.full(len(where), np.inf)
    np.minimum.at(first, who, when)
    low, high = between if between is not None else (-math.inf, math.inf)
    chosen = np.isfinite(first) & (where >= low) & (where <= high)
    if chosen.sum() < 2 or not np.ptp(first[chosen]) * np.ptp(where[chosen]):
        raise DataError(
            "no velocity follows from spikes at fewer than two places and times; "
            "drive the axon harder, or look at a longer part of it"
        )
    x, t = where[chosen] - where[chosen].mean(), first[chosen] - first[chosen].mean()
    slope = float((x * t).sum() / (x * x).sum())  # ms/um
    if abs(slope) * np.ptp(x) < 1e-6 * np.ptp(t):
        raise DataError("the spikes travel both ways alike; look at one side with `between`")
    return 1e-3 / slope


def compartments(
    geometry: dict[str, Any], size: int = 1, folder: str | os.PathLike[str] | None = None
) -> Compartments:
    """The compartments of a population with this geometry, to know where its members lie.

    ``size`` counts for a cable; the file of a morphology lies in ``folder`` or the data folder.
    Raises DocumentError, DataError or LimitError.
    """
    from engine.document import Node
    from engine.document.geometry import form_problems
    from engine.runtime.cables import compartments_of

    problems = form_problems(Node("cell", "passive", size, geometry=geometry))
    if problems:
        raise DocumentError(problems)
    return compartments_of(geometry, size, None if folder is None else Path(folder))


def _cylinder(
    diameter: float | str, R_m: float | str, R_i: float | str
) -> tuple[float, float, float]:
    return (
        _above_zero(diameter, "diameter", "um"),
        _above_zero(R_m, "R_m", "kOhm cm^2"),
        _above_zero(R_i, "R_i", "Ohm cm"),
    )


def _above_zero(value: float | str, name: str, unit: str) -> float:
    found = quantity(value, unit, name)
    if found <= 0:
        raise DataError(f"`{name}` is {found:g}; give a number above 0")
    return found


def _check_end(end: str, known: tuple[str, ...]) -> None:
    if end not in known:
        remedy = near(end, known) or f"there are {', '.join(known)}"
        raise DataError(f"`{end}` is no end of a cable; {remedy}")
