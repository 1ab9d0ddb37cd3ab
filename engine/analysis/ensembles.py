"""What cells do together: how far they agree at every moment, and the volleys they fire."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.analysis.checked import train
from engine.checked import array, positive, sized
from engine.errors import DataError


@dataclass(frozen=True)
class Volley:
    """Spikes that come almost at once: a pulse packet (a, sigma) of Diesmann et al. 1999."""

    size: int  # spikes
    centre: float  # mean time [ms]; NaN without spikes
    std: float  # ms, how widely they are scattered; NaN with fewer than two


def synchrony(signals: ArrayLike) -> float:
    """chi of Golomb & Rinzel 1994, Physica D 72:259: do all cells do the same at the same time?

    ``signals`` [samples, cells]: potentials, or spike counts in bins.  The standard deviation in
    time of their mean over that of a single one (root of the mean variance): 1 if all are equal,
    1/sqrt(cells) if they have nothing to do with one another.  NaN if no signal ever changes.
    DataError unless ``signals`` has two samples and a cell at least and holds finite numbers.
    """
    values = array(signals, "signals")
    if values.ndim != 2 or len(values) < 2 or not values.shape[1]:
        shown = sized(values.shape)
        raise DataError(f"`signals` must be samples x cells, not {shown}; give an array of both")
    single = float(values.var(axis=0).mean())
    return float(np.sqrt(values.mean(axis=1).var() / single)) if single > 0 else float("nan")


def volley(times: ArrayLike, width: float = 5.0) -> Volley:
    """The volley in spikes at ``times`` [ms]: those in the ``width`` ms that hold most of them.

    The first such window where several hold as many.  Background spikes within it count, so the
    window should be little wider than the volley.
    """
    found, width = train(times), positive(width, "width", "ms")
    if not len(found):
        return Volley(0, float("nan"), float("nan"))
    # Times on a grid must not fall either side of the window's end by rounding.
    held = np.searchsorted(found, found + width * (1.0 + 1e-9), "right") - np.arange(len(found))
    first = int(np.argmax(held))
    inside = found[first : first + int(held[first])]
    std = float(inside.std()) if len(inside) > 1 else float("nan")
    return Volley(len(inside), float(inside.mean()), std)
