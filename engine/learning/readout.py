"""Linear read-outs by ridge regression, in closed form, with a penalty that is cross-validated.

    W, b = argmin sum_n |y_n - x_n W - b|^2 + penalty s |W|^2

Hoerl & Kennard 1970, Technometrics 12:55; s is the mean over features of sum_n (x_n - mean)^2, so
that a penalty is a plain number whatever the unit of the states is.  With the singular values of
the centred states all penalties cost little more than one, and errors on samples that were left out
need no further fits: with the matrix H that makes fitted values of targets, those of a group g are
(I - H_gg)^-1 (y_g - fitted_g) (Allen 1974, Technometrics 16:125, PRESS, for groups of one).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.checked import Whole, number, whole
from engine.errors import DataError
from engine.learning.checked import Floats, array, labels, require_room

PENALTIES = tuple(10.0 ** (k / 2) for k in range(-16, 9))  # 1e-8 to 1e4
RANK = 1e-6  # of the largest singular value: what is smaller is noise
LEAST = 1e-12  # of a target that must not come from itself, for a sample left out to tell anything


@dataclass(frozen=True)
class Readout:
    """A linear read-out, the penalty it was found with, and how each penalty did."""

    weights: Floats  # [features, outputs]
    bias: Floats  # [outputs]
    penalty: float
    penalties: Floats  # those tried
    errors: Floats  # of each: mean squared error on samples left out; empty where one was given

    def predict(self, states: ArrayLike) -> Floats:
        """Outputs [samples, outputs] for ``states`` [samples, features].  Raises DataError."""
        return array(states, "states", (None, len(self.weights))) @ self.weights + self.bias

    def classify(self, states: ArrayLike) -> Whole:
        """The output that is largest, [samples], for ``states`` [samples, features]."""
        return self.predict(states).argmax(1)


class _Spectrum(NamedTuple):
    """Centred states as left (a row a sample), size, right; centred targets seen from the left."""

    left: Floats  # [samples, rank]
    size: Floats  # [rank]
    right: Floats  # [rank, features]
    seen: Floats  # [rank, outputs]
    scale: float  # s of the module's equation


def ridge(
    states: ArrayLike,
    targets: ArrayLike,
    penalties: float | Iterable[float] = PENALTIES,
    groups: ArrayLike | None = None,
) -> Readout:
    """The read-out of ``targets`` [samples, outputs] from ``states`` [samples, features].

    Of several ``penalties`` that is taken whose squared error is smallest on samples left out of
    the fit: one after the other, or all that have the same number in ``groups`` [samples] together
    (speakers, sessions).  A single penalty, also 0, is taken as it is.  Its unit is the mean over
    features of their summed squared deviations.  Raises DataError.
    """
    given = array(states, "states", (None, None))
    wanted = array(targets, "targets", (len(given), None))
    if len(given) < 2:
        raise DataError("a read-out needs at least 2 samples; record more states")
    tried = _tried(penalties)
    middle, mean = given.mean(0), wanted.mean(0)
    spectrum = _spectrum(given - middle, wanted - mean)
    errors = np.zeros(0)
    if len(tried) > 1:
        parts = _parts(groups, len(given))
        errors = np.array([_left_out(spectrum, wanted - mean, one, parts) for one in tried])
        if not np.isfinite(errors).any():
            raise DataError(
                "no penalty can be told from another by samples left out; give more samples, or "
                "one penalty"
            )
    penalty = float(tried[int(np.nanargmin(errors)) if len(errors) else 0])
    size = spectrum.size
    shrunk = size / (size**2 + penalty * spectrum.scale)
    weights = spectrum.right.T @ (shrunk[:, None] * spectrum.seen)
    return Readout(weights, mean - middle @ weights, penalty, tried, errors)


def one_hot(classes: ArrayLike, count: int | None = None) -> Floats:
    """Targets [samples, count]: 1 for the class of a sample, 0 for the others.

    ``classes`` [samples] are whole numbers from 0; ``count`` None is one more than the largest.
    Raises DataError, also where all are of one class: nothing could be told apart.
    """
    found = labels(classes, "classes")
    known = int(found.max(initial=-1)) + 1
    total = known if count is None else whole(count, "count")
    require_room(total * len(found), "targets")
    if known > total:
        raise DataError(f"`classes` holds {known - 1}, with {total} classes; count them from 0")
    if len(np.unique(found)) < 2:
        raise DataError("`classes` must hold at least 2 classes; give samples of each")
    return (found[:, None] == np.arange(total)).astype(np.float64)


def _tried(penalties: float | Iterable[float]) -> Floats:
    if not isinstance(penalties, Iterable):
        return np.array([number(penalties, "penalties", 0, open_low=False)])
    found = [number(one, "penalties", 0, open_low=False) for one in penalties]
    if not found:
        raise DataError("`penalties` is empty; give at least one")
    if len(found) > 1 and min(found) == 0:
        raise DataError("`penalties` to choose from must be more than 0; give 0 by itself")
    return np.array(found)


def _spectrum(states: Floats, targets: Floats) -> _Spectrum:
    wide = states.shape[1] > states.shape[0]
    # By squares: four times as fast as the singular values themselves, and exact enough.
    square, axes = np.linalg.eigh(states @ states.T if wide else states.T @ states)
    kept = square > RANK**2 * square[-1]
    size, axes = np.sqrt(square[kept]), axes[:, kept]
    left = axes if wide else states @ axes / size
    right = (axes.T @ states) / size[:, None] if wide else axes.T
    scale = float(np.sum(size**2)) / states.shape[1]
    return _Spectrum(left, size, right, left.T @ targets, scale or 1.0)


def _parts(groups: ArrayLike | None, samples: int) -> list[NDArray[np.int64]]:
    """The samples that are left out together; none for one by one."""
    if groups is None:
        return []
    found = labels(groups, "groups", samples)
    parts = [np.flatnonzero(found == one) for one in np.unique(found)]
    if len(parts) < 2:
        raise DataError("`groups` must hold at least 2 groups; leave it out to leave out samples")
    return parts


def _left_out(
    spectrum: _Spectrum, targets: Floats, penalty: float, parts: list[NDArray[np.int64]]
) -> float:
    """Mean squared error of samples left out; infinite where the fit depends on them alone."""
    share = spectrum.size**2 / (spectrum.size**2 + penalty * spectrum.scale)
    rest = targets - spectrum.left @ (share[:, None] * spectrum.seen)
    known = 1.0 / len(targets)  # of each target in its own fitted value, through the bias
    if not parts:
        free = 1.0 - known - spectrum.left**2 @ share
        if free.min() < LEAST:
            return np.inf
        return float(np.mean((rest / free[:, None]) ** 2))
    total = 0.0
    for part in parts:
        left = spectrum.left[part]
        own = np.eye(len(part)) - known - (left * share) @ left.T
        try:
            total += float(np.sum(np.linalg.solve(own, rest[part]) ** 2))
        except np.linalg.LinAlgError:
            return np.inf
    return total / targets.size
